"""What a page about a seller shows, for the platform team or for the rights holders whose cases they are."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, union
from sqlmodel import Session, SQLModel

from storage.records.authenticity import AuthenticityRequest
from storage.records.listings import Listing, Seller
from storage.records.notices import Notice, NoticeItem
from storage.records.roster import RightsHolder
from storage.records.sellers import Relisting, Sanction, SanctionState, Strike, StrikePolicy
from storage.records.takedowns import Takedown, TakedownCause, TakedownState

_TABLES = SQLModel.metadata.tables
_SELLER = _TABLES[str(Seller.__tablename__)]
_LISTING = _TABLES[str(Listing.__tablename__)]
_STRIKE = _TABLES[str(Strike.__tablename__)]
_SANCTION = _TABLES[str(Sanction.__tablename__)]
_POLICY = _TABLES[str(StrikePolicy.__tablename__)]
_RELISTING = _TABLES[str(Relisting.__tablename__)]
_TAKEDOWN = _TABLES[str(Takedown.__tablename__)]
_CAUSE = _TABLES[str(TakedownCause.__tablename__)]
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)]
_NOTICE = _TABLES[str(Notice.__tablename__)]
_ITEM = _TABLES[str(NoticeItem.__tablename__)]
_HOLDER = _TABLES[str(RightsHolder.__tablename__)]

Holders = Collection[str] | None  # whose cases may be seen; None: everybody's


def starting_with(session: Session, typed: str, holders: Holders, most: int) -> Sequence[Any]:
    """Sellers whose name begins with what was typed, or whose id is exactly that: (id, name, external_id,
    marketplace), by name.
    """
    key = typed.casefold()
    name = _SELLER.c.name_key
    # A pattern on PostgreSQL and a range on SQLite: each finds the index of its own kind.
    if session.connection().dialect.name == "postgresql":
        pattern = key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        begins: ColumnElement[bool] = name.like(pattern)
    else:
        begins = and_(name >= key, name < key + "\U0010ffff")
    query = select(_SELLER.c.id, _SELLER.c.name, _SELLER.c.external_id, _SELLER.c.marketplace).where(
        or_(begins, _SELLER.c.external_id == typed)
    )
    if holders is not None:
        query = query.where(_in_a_case_of(holders))
    ordered = query.order_by(_SELLER.c.name_key, _SELLER.c.id).limit(most)
    return session.connection().execute(ordered).all()


def of_listing(session: Session, key: str, holders: Holders) -> str | None:
    """The seller of the listing with that key, where these holders have a case with it."""
    query = select(_SELLER.c.id).join(_LISTING, _LISTING.c.seller_id == _SELLER.c.id)
    query = query.where(_LISTING.c.key == key)
    if holders is not None:
        query = query.where(_in_a_case_of(holders))
    return session.connection().execute(query).scalar_one_or_none()


def has_case(session: Session, seller_id: str, holders: Collection[str]) -> bool:
    """Whether these rights holders were asked about a listing of this seller, or acted against one."""
    query = select(_SELLER.c.id).where(_SELLER.c.id == seller_id, _in_a_case_of(holders))
    return session.connection().execute(query).first() is not None


def dealing_with(session: Session, seller_id: str, holders: Collection[str]) -> set[str]:
    """Those of these rights holders who have a case with the seller."""
    reported = (
        select(_NOTICE.c.holder_id)
        .join(_ITEM, _ITEM.c.notice_id == _NOTICE.c.id)
        .join(_LISTING, _LISTING.c.id == _ITEM.c.listing_id)
        .where(_LISTING.c.seller_id == seller_id, _NOTICE.c.holder_id.in_(holders))
    )
    held = [
        select(table.c.holder_id).where(table.c.seller_id == seller_id, table.c.holder_id.in_(holders))
        for table in (_REQUEST, _TAKEDOWN)
    ]
    return set(session.connection().execute(union(*held, reported)).scalars())


def cases_among(session: Session, seller_ids: Collection[str], holders: Collection[str]) -> set[str]:
    """Those of these sellers with whom these rights holders have a case."""
    query = select(_SELLER.c.id).where(_SELLER.c.id.in_(seller_ids), _in_a_case_of(holders))
    return set(session.connection().execute(query).scalars())


def strikes_by_holder(session: Session, seller_id: str, since: datetime, until: datetime) -> dict[str, int]:
    """How many removals between two moments stand against the seller, by rights holder."""
    query = (
        select(_STRIKE.c.holder_id, func.count().label("number"))
        .where(
            _STRIKE.c.seller_id == seller_id,
            _STRIKE.c.at >= since,
            _STRIKE.c.at < until,
            _STRIKE.c.taken_back_at.is_(None),
        )
        .group_by(_STRIKE.c.holder_id)
    )
    return {row.holder_id: row.number for row in session.connection().execute(query)}


def strikes(session: Session, seller_id: str, holders: Holders, most: int) -> Sequence[Any]:
    """(id, at, severity, reason_code, taken_back_at, title, url, holder) of strikes, the newest first."""
    query = (
        select(
            _STRIKE.c.id,
            _STRIKE.c.at,
            _STRIKE.c.severity,
            _STRIKE.c.reason_code,
            _STRIKE.c.taken_back_at,
            _LISTING.c.title,
            _LISTING.c.url,
            _HOLDER.c.name.label("holder"),
        )
        .join(_LISTING, _LISTING.c.id == _STRIKE.c.listing_id)
        .join(_HOLDER, _HOLDER.c.id == _STRIKE.c.holder_id)
        .where(_STRIKE.c.seller_id == bindparam("seller"), *_of(_STRIKE.c, holders))
    )
    ordered = query.order_by(_STRIKE.c.at.desc(), _STRIKE.c.id).limit(most)
    return session.connection().execute(ordered, {"seller": seller_id}).all()


def strike_count(session: Session, seller_id: str, holders: Holders) -> int:
    """How many strikes stand."""
    query = select(func.count()).where(
        _STRIKE.c.seller_id == seller_id, _STRIKE.c.taken_back_at.is_(None), *_of(_STRIKE.c, holders)
    )
    return session.connection().execute(query).scalar_one()


def takedown_states(session: Session, seller_id: str, holders: Holders) -> dict[TakedownState, int]:
    """How many takedowns of the seller's listings are in each state."""
    query = select(_TAKEDOWN.c.state, func.count().label("number")).where(_TAKEDOWN.c.seller_id == seller_id)
    if holders is not None:
        asked = exists().where(_CAUSE.c.takedown_id == _TAKEDOWN.c.id, _CAUSE.c.holder_id.in_(holders))
        query = query.where(or_(_TAKEDOWN.c.holder_id.in_(holders), asked))
    return {row.state: row.number for row in session.connection().execute(query.group_by(_TAKEDOWN.c.state))}


def listing_count(session: Session, seller_id: str) -> int:
    """How many of the seller's listings we know."""
    query = select(func.count()).where(_LISTING.c.seller_id == seller_id)
    return session.connection().execute(query).scalar_one()


def request_count(session: Session, seller_id: str, holders: Collection[str]) -> int:
    """How many requests about the seller's listings went to these holders."""
    query = select(func.count()).where(_REQUEST.c.seller_id == seller_id, _REQUEST.c.holder_id.in_(holders))
    return session.connection().execute(query).scalar_one()


def relistings(session: Session, seller_id: str, holders: Holders, most: int) -> Sequence[Any]:
    """(title, url, likeness, removed_at, found_at) of what came back, the newest first."""
    query = (
        select(
            _LISTING.c.title,
            _LISTING.c.url,
            _RELISTING.c.likeness,
            _RELISTING.c.removed_at,
            _RELISTING.c.found_at,
        )
        .join(_LISTING, _LISTING.c.id == _RELISTING.c.listing_id)
        .where(_RELISTING.c.seller_id == bindparam("seller"))
    )
    if holders is not None:
        query = query.where(_RELISTING.c.holder_id.in_(holders))
    ordered = query.order_by(_RELISTING.c.found_at.desc()).limit(most)
    return session.connection().execute(ordered, {"seller": seller_id}).all()


def sanctions(session: Session, seller_id: str, most: int) -> Sequence[Any]:
    """The seller's sanctions with their policies' names, the newest first."""
    query = (
        select(_SANCTION, _POLICY.c.name.label("policy"), _POLICY.c.version)
        .join(_POLICY, _POLICY.c.id == _SANCTION.c.policy_id)
        .where(_SANCTION.c.seller_id == seller_id)
        .order_by(_SANCTION.c.proposed_at.desc())
        .limit(most)
    )
    return session.connection().execute(query).all()


def carried_out(session: Session, seller_id: str) -> Sequence[Any]:
    """(measure, answered_at) of the sanctions that the marketplace carried out and that stand."""
    query = select(_SANCTION.c.measure, _SANCTION.c.answered_at).where(
        _SANCTION.c.seller_id == seller_id, _SANCTION.c.state == SanctionState.CARRIED_OUT
    )
    return session.connection().execute(query.order_by(_SANCTION.c.answered_at)).all()


def last_relisting(session: Session, subject_id: str, holder_id: str) -> datetime | None:
    """When what a case is about was removed before, for this holder; None where it was not."""
    query = select(func.max(_RELISTING.c.removed_at)).where(
        _RELISTING.c.subject_id == subject_id, _RELISTING.c.holder_id == holder_id
    )
    return session.connection().execute(query).scalar_one_or_none()


def sellers_of_notice(session: Session, notice_id: str, most: int) -> Sequence[Any]:
    """(id, name, external_id, marketplace) of the sellers whose listings a notice names."""
    query = (
        select(_SELLER.c.id, _SELLER.c.name, _SELLER.c.external_id, _SELLER.c.marketplace)
        .distinct()
        .join(_LISTING, _LISTING.c.seller_id == _SELLER.c.id)
        .join(_ITEM, _ITEM.c.listing_id == _LISTING.c.id)
        .where(_ITEM.c.notice_id == notice_id)
        .order_by(_SELLER.c.name, _SELLER.c.id)
        .limit(most)
    )
    return session.connection().execute(query).all()


def _of(columns: Any, holders: Holders) -> list[ColumnElement[bool]]:
    """A strike is a holder's where the removal was theirs, or they too had asked for it."""
    if holders is None:
        return []
    asked = exists().where(_CAUSE.c.takedown_id == columns.removal_id, _CAUSE.c.holder_id.in_(holders))
    return [or_(columns.holder_id.in_(holders), asked)]


def _in_a_case_of(holders: Collection[str]) -> ColumnElement[bool]:
    requested: Select[Any] = select(_REQUEST.c.id).where(
        _REQUEST.c.seller_id == _SELLER.c.id, _REQUEST.c.holder_id.in_(holders)
    )
    removed: Select[Any] = select(_TAKEDOWN.c.id).where(
        _TAKEDOWN.c.seller_id == _SELLER.c.id, _TAKEDOWN.c.holder_id.in_(holders)
    )
    reported: Select[Any] = (
        select(_ITEM.c.id)
        .join(_LISTING, _LISTING.c.id == _ITEM.c.listing_id)
        .join(_NOTICE, _NOTICE.c.id == _ITEM.c.notice_id)
        .where(_LISTING.c.seller_id == _SELLER.c.id, _NOTICE.c.holder_id.in_(holders))
    )
    return or_(requested.exists(), removed.exists(), reported.exists())
