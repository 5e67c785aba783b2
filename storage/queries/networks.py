"""What links sellers: traits as they are kept, looked up and made into networks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from storage.prepared import at_most
from storage.records.listings import Seller
from storage.records.seller_sheets import SharedTrait
from storage.records.sellers import SellerTrait, TraitKind

_TRAIT = SQLModel.metadata.tables[str(SellerTrait.__tablename__)]
_SELLER = SQLModel.metadata.tables[str(Seller.__tablename__)]
_KEEP: Mapping[str, Any] = {
    name: dialect.insert(_TRAIT).inline().on_conflict_do_nothing(index_elements=["value_hash", "seller_id"])
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7307)")
_MANY: Any = bindparam("many", expanding=True)
_UNLINKED = (
    select(_TRAIT.c.id, _TRAIT.c.value_hash)
    .where(text("linked_at IS NULL"))  # literal, as in the partial index
    .order_by(_TRAIT.c.seen_at)
    .limit(at_most("most"))
)
_COMMON = (
    select(_TRAIT.c.value_hash)
    .where(_TRAIT.c.value_hash.in_(_MANY))
    .group_by(_TRAIT.c.value_hash)
    .having(func.count() > bindparam("most"))
)
_SHARING = (
    select(_TRAIT.c.value_hash, _TRAIT.c.seller_id, _SELLER.c.network_id)
    .join(_SELLER, _SELLER.c.id == _TRAIT.c.seller_id)
    .where(_TRAIT.c.value_hash.in_(_MANY))
)
_SIZES = (
    select(_SELLER.c.network_id, func.count().label("number"))
    .where(_SELLER.c.network_id.in_(_MANY))
    .group_by(_SELLER.c.network_id)
)
_MEMBERS = (
    select(_SELLER.c.id, _SELLER.c.name, _SELLER.c.external_id, _SELLER.c.marketplace)
    .where(_SELLER.c.network_id == bindparam("network"))
    .order_by(_SELLER.c.first_seen_at, _SELLER.c.id)
)
_SHARED = (
    select(
        _TRAIT.c.kind,
        _TRAIT.c.value_hash,
        func.min(_TRAIT.c.shown).label("shown"),
        func.count().label("number"),
    )
    .join(_SELLER, _SELLER.c.id == _TRAIT.c.seller_id)
    .where(_SELLER.c.network_id == bindparam("network"))
    .group_by(_TRAIT.c.kind, _TRAIT.c.value_hash)
    .having(func.count().between(2, bindparam("most")))
    .order_by(func.count().desc(), _TRAIT.c.kind, _TRAIT.c.value_hash)
    .limit(at_most("rows"))
)
_OTHER = _TRAIT.alias("other")
_LINKS = (
    select(_OTHER.c.seller_id, _OTHER.c.kind)
    .distinct()
    .join(_TRAIT, _TRAIT.c.value_hash == _OTHER.c.value_hash)
    .where(
        _TRAIT.c.seller_id == bindparam("seller"),
        _OTHER.c.seller_id.in_(bindparam("sellers", expanding=True)),
    )
)
_HOLDING = select(_TRAIT.c.value_hash, _TRAIT.c.seller_id).where(
    _TRAIT.c.value_hash.in_(_MANY), _TRAIT.c.seller_id.in_(bindparam("sellers", expanding=True))
)


def one_at_a_time(session: Session) -> None:
    """Let nobody else link sellers before the end of the unit; SQLite has one writer anyway."""
    if session.connection().dialect.name == "postgresql":
        session.connection().execute(_ONE_AT_A_TIME)


def insert_traits(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep traits, each once, in the order of their unique columns."""
    connection = session.connection()
    connection.execute(_KEEP[connection.dialect.name], list(rows))


def unlinked_traits(session: Session, most: int) -> Sequence[Any]:
    """(id, value_hash) of the first traits that nobody has looked at yet."""
    return session.connection().execute(_UNLINKED, {"most": most}).all()


def common_traits(session: Session, values: Sequence[str], most: int) -> set[str]:
    """Those of these values that more than `most` sellers have."""
    given = {"many": list(values), "most": most}
    return set(session.connection().execute(_COMMON, given).scalars())


def sharing(session: Session, values: Sequence[str]) -> Sequence[tuple[str, str, str | None]]:
    """(value, seller, the seller's network) for each seller that has one of these values."""
    if not values:
        return []
    return [tuple(row) for row in session.connection().execute(_SHARING, {"many": list(values)})]


def network_sizes(session: Session, networks: Sequence[str]) -> dict[str, int]:
    """How many sellers each of these networks has."""
    found = session.connection().execute(_SIZES, {"many": list(networks)})
    return {row.network_id: row.number for row in found}


def join_network(session: Session, name: str, sellers: Sequence[str], networks: Sequence[str]) -> None:
    """These sellers, and those of these networks, belong to one network from now on."""
    joined = _SELLER.c.id.in_(sellers) | _SELLER.c.network_id.in_(networks)
    session.connection().execute(update(_SELLER).where(joined).values(network_id=name))


def mark_linked(session: Session, trait_ids: Sequence[str], now: datetime) -> None:
    """These traits have been looked at."""
    looked_at = update(_TRAIT).where(_TRAIT.c.id.in_(trait_ids)).values(linked_at=now)
    session.connection().execute(looked_at)


def members(session: Session, network_id: str, most: int | None = None) -> Sequence[Any]:
    """The sellers of a network (id, name, external_id, marketplace), the first seen first."""
    return session.connection().execute(_MEMBERS.limit(most), {"network": network_id}).all()


def shared(session: Session, network_id: str, common: int, rows: int) -> list[SharedTrait]:
    """What at least two sellers of a network, and not too many, have in common; the most shared first."""
    given = {"network": network_id, "most": common, "rows": rows}
    return [SharedTrait(*row) for row in session.connection().execute(_SHARED, given)]


def links(session: Session, seller_id: str, others: Sequence[str]) -> dict[str, set[TraitKind]]:
    """By what kinds of traits a seller is linked directly with each of these others."""
    found: dict[str, set[TraitKind]] = {}
    given = {"seller": seller_id, "sellers": list(others)}
    for other, kind in session.connection().execute(_LINKS, given):
        found.setdefault(other, set()).add(kind)
    return found


def holding(session: Session, values: Sequence[str], seller_ids: Sequence[str]) -> list[tuple[str, str]]:
    """(value, seller) for each of these sellers that has one of these values."""
    given = {"many": list(values), "sellers": list(seller_ids)}
    return [(value, seller) for value, seller in session.connection().execute(_HOLDING, given)]
