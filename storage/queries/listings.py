"""Keeping listings and sellers by their identity, many at once: one round trip to insert, one to find."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam, case, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from storage.prepared import Prepared, inserting, prepared, row_type
from storage.records.listings import Listing, Seller

_LISTING = SQLModel.metadata.tables[str(Listing.__tablename__)]
_SELLER = SQLModel.metadata.tables[str(Seller.__tablename__)]
_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)


def _keep_listing(dialect: Any) -> Any:
    """Insert, or fill in what is told now: a notice knows only the link, a marketplace also the rest."""
    statement = dialect.insert(_LISTING).inline()
    new, old = statement.excluded, _LISTING.c
    told = new.title != ""
    return statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "title": case((told, new.title), else_=old.title),
            "amount": func.coalesce(new.amount, old.amount),
            "currency": func.coalesce(new.currency, old.currency),
            "seller_id": func.coalesce(new.seller_id, old.seller_id),
        },
        where=told | new.amount.is_not(None) | new.seller_id.is_not(None),
    )


def _keep_seller(dialect: Any) -> Any:
    statement = dialect.insert(_SELLER).inline()
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["marketplace", "external_id"],
        set_={"name": new.name, "name_key": new.name_key},
        where=(new.name != "") & (new.name != _SELLER.c.name),
    )


_DIALECTS = (("sqlite", sqlite), ("postgresql", postgresql))
_KEEP_LISTING: Mapping[str, Any] = {name: _keep_listing(dialect) for name, dialect in _DIALECTS}
_KEEP_SELLER: Mapping[str, Any] = {name: _keep_seller(dialect) for name, dialect in _DIALECTS}
_KEEP_LISTINGS = Prepared(_KEEP_LISTING.__getitem__, [column.name for column in _LISTING.columns])
_NEW_LISTINGS = inserting(_LISTING, "key", back=[_LISTING.c.id])
_FIND_LISTINGS = prepared(select(_LISTING).where(_LISTING.c.key.in_(_KEYS)))
_KEEP_SELLERS = Prepared(_KEEP_SELLER.__getitem__, [column.name for column in _SELLER.columns])
_FIND_SELLER = prepared(
    select(_SELLER.c.marketplace, _SELLER.c.external_id, _SELLER.c.id).where(
        _SELLER.c.marketplace == bindparam("marketplace"), _SELLER.c.external_id == bindparam("external_id")
    )
)


def keep_listings(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Insert the listings that are new, fill in the others, and give the row of each key as it is now.

    `rows` hold every column of the table, each key once, in the order of the keys: two units that keep the
    same listings then wait for each other instead of for ever.
    """
    if not rows:
        return {}
    _KEEP_LISTINGS.each(session, rows)
    return {row.key: row for row in find_listings(session, [row["key"] for row in rows])}


def insert_listings(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """As `keep_listings`, of listings that were not there a moment ago: the rows of those that are new."""
    new = {row.id for row in _NEW_LISTINGS.each(session, rows)}
    return [row_type(_LISTING)(**row) for row in rows if row["id"] in new]


def find_listings(session: Session, keys: Sequence[str]) -> list[Any]:
    """The rows of those of these listings that are known."""
    return _FIND_LISTINGS.rows(session, {"keys": keys}) if keys else []


def keep_sellers(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """As `keep_listings`, for sellers, but their ids by (marketplace, external id)."""
    _KEEP_SELLERS.each(session, rows)
    found = _FIND_SELLER.each(session, rows)
    return {(marketplace, external_id): seller_id for marketplace, external_id, seller_id in found}
