"""What is held against sellers as it is written down with each removal, and found again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, text, update
from sqlmodel import Session, SQLModel

from storage.prepared import Changing, Joined, at_most, inserting, prepared
from storage.records.authenticity import AuthenticityRequest
from storage.records.listings import Listing, Seller
from storage.records.messages import DrawnMessage
from storage.records.notices import Notice, NoticeItem
from storage.records.platform import PlatformClient
from storage.records.sellers import (
    STANDING_SANCTION,
    Relisting,
    RemovedTrace,
    Sanction,
    SanctionState,
    Severity,
    Strike,
    StrikePolicy,
)
from storage.records.takedowns import Takedown

_TABLES = SQLModel.metadata.tables
_SELLER = _TABLES[str(Seller.__tablename__)]
_LISTING = _TABLES[str(Listing.__tablename__)]
_CLIENT = _TABLES[str(PlatformClient.__tablename__)]
_STRIKE = _TABLES[str(Strike.__tablename__)]
_SANCTION = _TABLES[str(Sanction.__tablename__)]
_POLICY = _TABLES[str(StrikePolicy.__tablename__)]
_TRACE = _TABLES[str(RemovedTrace.__tablename__)]
_RELISTING = _TABLES[str(Relisting.__tablename__)]
_DRAWN = _TABLES[str(DrawnMessage.__tablename__)]
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)]
_NOTICE = _TABLES[str(Notice.__tablename__)]
_TAKEDOWN = _TABLES[str(Takedown.__tablename__)]
_ITEM = _TABLES[str(NoticeItem.__tablename__)]

_MANY: Any = bindparam("many", expanding=True)
_NEW_STRIKES = inserting(_STRIKE, "removal_id", back=[_STRIKE.c.id])
_NEW_RELISTINGS = inserting(_RELISTING, "subject_id", "listing_id", "holder_id")
_NEW_TRACES = inserting(_TRACE, "value", "removal_id")
_NEW_SANCTIONS = inserting(_SANCTION)
_CHANGE_SANCTION = Changing(_SANCTION)
_POLICY_OF = prepared(
    select(_POLICY, _CLIENT.c.id.label("client_id"))
    .outerjoin(_CLIENT, _CLIENT.c.marketplace == _POLICY.c.marketplace)
    .where(_POLICY.c.marketplace == bindparam("market"), _POLICY.c.ended_at.is_(None))
)
_SANCTIONED = Joined(sanction=_SANCTION, seller=_SELLER, policy=_POLICY)
_READ_SANCTION = (
    select(*_SANCTIONED.columns)
    .join(_SELLER, _SELLER.c.id == _SANCTION.c.seller_id)
    .join(_POLICY, _POLICY.c.id == _SANCTION.c.policy_id)
    .where(_SANCTION.c.id == bindparam("wanted"))
)
_SANCTION_OF = prepared(_READ_SANCTION)
_LOCK_SANCTION = prepared(_READ_SANCTION.with_for_update(of=_SANCTION))
_PICTURES = prepared(
    select(_REQUEST.c.listing_id, _REQUEST.c.snapshot)
    .where(_REQUEST.c.listing_id.in_(_MANY))
    .order_by(_REQUEST.c.created_at)
)
# Not FOR UPDATE: what else names the seller, such as a new takedown, need not wait.
_LOCK = prepared(
    select(_SELLER.c.id).where(_SELLER.c.id.in_(_MANY)).order_by(_SELLER.c.id).with_for_update(key_share=True)
)
_LATELY = prepared(
    select(_STRIKE.c.listing_id).where(
        _STRIKE.c.listing_id.in_(_MANY),
        _STRIKE.c.at > bindparam("since"),
        _STRIKE.c.taken_back_at.is_(None),
    )
)
_STANDS = (
    _STRIKE.c.severity.in_(bindparam("severities", expanding=True)),
    _STRIKE.c.at >= bindparam("since"),
    _STRIKE.c.at <= bindparam("until"),
    _STRIKE.c.taken_back_at.is_(None),
)
_OFFENCES = prepared(
    select(_STRIKE.c.id, _STRIKE.c.seller_id, _STRIKE.c.at, _STRIKE.c.severity)
    .where(_STRIKE.c.seller_id.in_(_MANY), *_STANDS)
    .order_by(_STRIKE.c.seller_id, _STRIKE.c.at, _STRIKE.c.id)
    .limit(at_most("most"))
)
_NEXT = prepared(
    select(_STRIKE.c.id, _STRIKE.c.at, _STRIKE.c.severity)
    .where(
        _STRIKE.c.seller_id == bindparam("seller"),
        *_STANDS,
        _STRIKE.c.id.not_in(bindparam("without", expanding=True)),
    )
    .order_by(_STRIKE.c.at, _STRIKE.c.id)
    .limit(at_most("most"))
)
_TAKE_BACK = prepared(
    update(_STRIKE)
    .where(_STRIKE.c.removal_id.in_(_MANY), _STRIKE.c.taken_back_at.is_(None))
    .values(taken_back_at=bindparam("now"))
    .returning(_STRIKE.c.seller_id, _STRIKE.c.marketplace)
)
_FORGET_TRACES = prepared(delete(_TRACE).where(_TRACE.c.removal_id.in_(_MANY)))
_FORGET_RELISTINGS = prepared(
    delete(_RELISTING).where(_RELISTING.c.removal_id.in_(_MANY)).returning(_RELISTING.c.subject_id)
)
_CARDS = prepared(
    select(_DRAWN.c.kind, _DRAWN.c.subject_id, _DRAWN.c.place).where(
        _DRAWN.c.kind.in_(bindparam("kinds", expanding=True)), _DRAWN.c.subject_id.in_(_MANY)
    )
)
_STANDING = prepared(
    select(_SANCTION)
    .where(
        _SANCTION.c.seller_id.in_(_MANY),
        _SANCTION.c.policy_id == bindparam("policy"),
        text(STANDING_SANCTION),
    )
    .with_for_update()
)
_HELD = prepared(
    select(_SANCTION, _POLICY.c.terms)
    .join(_POLICY, _POLICY.c.id == _SANCTION.c.policy_id)
    .where(_SANCTION.c.seller_id.in_(_MANY), _SANCTION.c.state != SanctionState.WITHDRAWN)
    .order_by(_SANCTION.c.proposed_at)
    .with_for_update(of=_SANCTION)
)
_BEHIND = prepared(
    select(_STRIKE.c.id.label("strike_id"), _TAKEDOWN.c.id)
    .join(_TAKEDOWN, _TAKEDOWN.c.id == _STRIKE.c.removal_id)
    .where(_STRIKE.c.id.in_(_MANY))
)
_KNOWN = prepared(
    select(_TRACE.c.value, _TRACE.c.likeness, _TRACE.c.removal_id, _TRACE.c.holder_id, _TRACE.c.removed_at)
    .where(_TRACE.c.value.in_(_MANY))
    .order_by(_TRACE.c.removed_at)
)
_RELISTED = prepared(
    select(_RELISTING.c.listing_id, _RELISTING.c.holder_id, _RELISTING.c.likeness, _RELISTING.c.removed_at)
    .where(_RELISTING.c.subject_id == bindparam("subject"))
    .order_by(_RELISTING.c.removed_at)
)


def find(session: Session, seller_id: str) -> Seller | None:
    """A seller by id."""
    return session.get(Seller, seller_id)


def pictures(session: Session, listing_ids: Sequence[str]) -> dict[str, list[str]]:
    """The pictures of each listing as the marketplace showed them last."""
    found = _PICTURES.rows(session, {"many": list(listing_ids)}) if listing_ids else []
    return {row.listing_id: list(row.snapshot.get("pictures", ())) for row in found}


def lock(session: Session, seller_ids: Sequence[str]) -> None:
    """Nobody else counts strikes of these sellers before the end of the unit."""
    _LOCK.rows(session, {"many": list(seller_ids)})


def struck_lately(session: Session, listing_ids: Sequence[str], since: datetime) -> set[str]:
    """Those of these listings that brought their seller a strike after that moment."""
    given = {"many": list(listing_ids), "since": since}
    return {row.listing_id for row in _LATELY.rows(session, given)}


def insert_strikes(session: Session, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Keep strikes, one for each removal; the ids of those that are new."""
    return {row.id for row in _NEW_STRIKES.each(session, rows)}


def insert_traces(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep by what removed listings would be known again."""
    _NEW_TRACES.each(session, rows)


def insert_relistings(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep that listings resemble removed ones."""
    _NEW_RELISTINGS.each(session, rows)


def offences(
    session: Session,
    seller_ids: Sequence[str],
    severities: Sequence[Severity],
    since: datetime,
    until: datetime,
    most: int,
) -> Sequence[Any]:
    """(id, seller_id, at, severity) of strikes that stand, by seller and time; both ends count."""
    given = {
        "many": list(seller_ids),
        "severities": list(severities),
        "since": since,
        "until": until,
        "most": most,
    }
    return _OFFENCES.rows(session, given)


def next_offences(
    session: Session,
    seller_id: str,
    severity: Severity,
    since: datetime,
    until: datetime,
    without: Collection[str],
    most: int,
) -> Sequence[Any]:
    """(id, at, severity) of a seller's first strikes of one severity in a span; both ends count."""
    given = {
        "seller": seller_id,
        "severities": [severity],
        "since": since,
        "until": until,
        "without": [*without, ""],
        "most": most,
    }
    return _NEXT.rows(session, given)


def forget(session: Session, removal_ids: Sequence[str]) -> list[str]:
    """Nothing resembles these removals any more: the requests and notices of which that was said."""
    given = {"many": list(removal_ids)}
    _FORGET_TRACES.rows(session, given)
    return sorted({row.subject_id for row in _FORGET_RELISTINGS.rows(session, given)})


def cards(session: Session, kinds: Sequence[str], subject_ids: Sequence[str]) -> Sequence[Any]:
    """(kind, subject_id, place) of the messages of these kinds that show these subjects."""
    return _CARDS.rows(session, {"kinds": list(kinds), "many": list(subject_ids)})


def take_back(session: Session, removal_ids: Sequence[str], now: datetime) -> list[tuple[str, str]]:
    """These removals were reversed: (seller, marketplace) of the strikes that they had brought."""
    found = _TAKE_BACK.rows(session, {"many": list(removal_ids), "now": now})
    return [(row.seller_id, row.marketplace) for row in found]


def policy(session: Session, marketplace: str) -> Any:
    """The policy that is switched on for a marketplace, with our line to it as `client_id`; or None."""
    return _POLICY_OF.first(session, {"market": marketplace})


def standing_sanctions(session: Session, policy_id: str, seller_ids: Sequence[str]) -> Sequence[Any]:
    """The sanctions under a policy that these sellers' strikes still hold up, locked."""
    given = {"many": list(seller_ids), "policy": policy_id}
    return _STANDING.rows(session, given)


def held_sanctions(session: Session, seller_ids: Sequence[str]) -> Sequence[Any]:
    """Every sanction of these sellers that was not withdrawn, with its policy's terms, locked."""
    return _HELD.rows(session, {"many": list(seller_ids)})


def sanction(session: Session, sanction_id: str) -> Sanction | None:
    """A sanction by id."""
    return session.get(Sanction, sanction_id)


def sanctioned(session: Session, sanction_id: str, *, lock: bool = False) -> Any:
    """A sanction with its seller and its policy, as (sanction, seller, policy), or None."""
    row = (_LOCK_SANCTION if lock else _SANCTION_OF).first(session, {"wanted": sanction_id})
    return _SANCTIONED.apart(row) if row else None


def change_sanction(session: Session, sanction: Any, **values: Any) -> Any:
    """Write new values into a sanction that the caller has locked; its row as it is now."""
    return _CHANGE_SANCTION.change(session, sanction, **values)


def lapse(session: Session, sanction_ids: Sequence[str], now: datetime) -> None:
    """The strikes behind these sanctions fell below their step."""
    _CHANGE_SANCTION.change_all(session, sanction_ids, lapsed_at=now)


def withdraw(session: Session, sanction_ids: Sequence[str], now: datetime) -> None:
    """Nothing asks for these sanctions any more."""
    if sanction_ids:
        changed = {"state": SanctionState.WITHDRAWN, "answered_at": now}
        _CHANGE_SANCTION.change_all(session, sanction_ids, **changed)


def insert_sanctions(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what a policy proposes."""
    _NEW_SANCTIONS.each(session, rows)


def takedowns_behind(session: Session, strike_ids: Sequence[str]) -> list[str]:
    """The takedowns that brought these strikes, in the order of the strikes; notice items are left out."""
    found = _BEHIND.rows(session, {"many": list(strike_ids)}) if strike_ids else []
    ids = {row.strike_id: row.id for row in found}
    return [ids[strike_id] for strike_id in strike_ids if strike_id in ids]


def known_traces(session: Session, values: Sequence[str]) -> Sequence[Any]:
    """The traces of removed listings among these values, the oldest removal first."""
    return _KNOWN.rows(session, {"many": list(values)})


def relisted(session: Session, subject_id: str) -> Sequence[Any]:
    """(listing_id, holder_id, likeness, removed_at) of what a case's listings resemble, the oldest first."""
    return _RELISTED.rows(session, {"subject": subject_id})
