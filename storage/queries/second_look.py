"""What is known of a person and of a seller right before a Fake or a counterfeit notice.

Every count stops at its threshold, so an act costs the same whatever the history behind it.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, and_, bindparam, exists, func, literal_column, select
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, SQLModel

from storage.prepared import Prepared
from storage.records.authenticity import Answer, Confirmation, Decision, Outcome, Retraction, Verdict
from storage.records.listings import Listing
from storage.records.notices import COUNTERFEIT, Notice, NoticeItem, NoticeOrigin, NoticeState

_TABLES = SQLModel.metadata.tables
_VERDICT = _TABLES[str(Verdict.__tablename__)]
_CONFIRMATION = _TABLES[str(Confirmation.__tablename__)]
_RETRACTION = _TABLES[str(Retraction.__tablename__)]
_NOTICE = _TABLES[str(Notice.__tablename__)]
_ITEM = _TABLES[str(NoticeItem.__tablename__)]
_LISTING = _TABLES[str(Listing.__tablename__)]
_LOCK = 7308  # apart from what else is locked by a number
_ONE, _NONE = literal_column("1", Integer), literal_column("0", Integer)
_KEYS: Any = bindparam("keys", expanding=True)

_OURS = _VERDICT.c.person_id == bindparam("person")
# Literal, as in the partial index: neither database uses it for an answer that comes as a parameter.
_IS_FAKE = _VERDICT.c.answer == literal_column(f"'{Answer.FAKE.value}'")
_ACTIONED = _NOTICE.c.state.in_(
    [literal_column(f"'{state.value}'") for state in (NoticeState.ACTIONED, NoticeState.PARTIALLY_ACTIONED)]
)


def _said(column: Any, value: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column == literal_column(f"'{value.value}'")
    return found


def _fakes(person: str, *joined: Any) -> Any:
    """The newest of the person's Fakes that was not taken back and is so: the old ones are many."""
    taken_back = exists(select(_ONE).where(_RETRACTION.c.verdict_id == _VERDICT.c.id))
    found = select(_ONE).where(_VERDICT.c.person_id == bindparam(person), _IS_FAKE, ~taken_back, *joined)
    return found.order_by(_VERDICT.c.at.desc()).limit(1).scalar_subquery()


def _stood(person: str) -> Any:
    """Whether one of the person's Fakes has stood; the usual way first, the others only where it fails."""
    at_once = _fakes(person, _said(_VERDICT.c.outcome, Outcome.TAKEDOWN))
    confirmed = _fakes(
        person,
        _CONFIRMATION.c.verdict_id == _VERDICT.c.id,
        _said(_CONFIRMATION.c.decision, Decision.CONFIRMED),
    )
    reviewed = _fakes(person, _NOTICE.c.verdict_id == _VERDICT.c.id, _ACTIONED)
    return func.coalesce(at_once, confirmed, reviewed, _NONE)


def _reached(since: str, most: str, *more: Any) -> Any:
    """Whether so many verdicts of the person's came since; `most` is their number less one."""
    found = select(_ONE).select_from(_VERDICT).where(_OURS, *more, _VERDICT.c.at > bindparam(since))
    return found.offset(bindparam(most, type_=Integer)).limit(1).scalar_subquery()


def _is_large(seller: Any) -> Any:
    """Whether a seller has more than `all_but_one` listings."""
    one = select(_ONE).select_from(_LISTING).where(_LISTING.c.seller_id == seller)
    return one.offset(bindparam("all_but_one", type_=Integer)).limit(1).scalar_subquery()


_BEFORE_FAKE = select(
    _stood("newcomer").label("stood"),
    _reached("minute_ago", "most_in_minute").label("in_minute"),
    _reached("hour_ago", "most_in_hour", _IS_FAKE).label("in_hour"),
    _reached("day_ago", "most_in_day", _IS_FAKE).label("in_day"),
    _is_large(bindparam("seller")).label("large"),
)
_GIVEN = (
    *("person", "newcomer", "seller", "minute_ago", "hour_ago", "day_ago"),
    *("most_in_minute", "most_in_hour", "most_in_day", "all_but_one"),
)
_BACK = [
    literal_column(name, Integer).label(name) for name in ("stood", "in_minute", "in_hour", "in_day", "large")
]
_BEFORE = Prepared(lambda _: _BEFORE_FAKE, _GIVEN, _BACK)

_FILED = and_(
    _NOTICE.c.submitter_id == bindparam("person"),
    _NOTICE.c.origin == NoticeOrigin.MEMBER,
    _NOTICE.c.reason_code.in_(sorted(COUNTERFEIT)),
)
_HAS_STOOD = select(_stood("person"), exists(select(_NOTICE.c.id).where(_FILED, _ACTIONED)))
_FAKES_SINCE = (
    select(func.count()).select_from(_VERDICT).where(_OURS, _IS_FAKE, _VERDICT.c.at > bindparam("since"))
)
_REPORTED_SINCE = (
    select(func.count())
    .select_from(_ITEM.join(_NOTICE, _NOTICE.c.id == _ITEM.c.notice_id))
    .where(_FILED, _NOTICE.c.submitted_at > bindparam("since"))
)
_OF_SELLERS = select(_LISTING.c.seller_id).where(_LISTING.c.key.in_(_KEYS), _LISTING.c.seller_id.is_not(None))
_LARGEST = (
    select(func.count())
    .where(_LISTING.c.seller_id.in_(_OF_SELLERS))
    .group_by(_LISTING.c.seller_id)
    .order_by(func.count().desc())
    .limit(1)
)
_IS_LARGE = select(_is_large(bindparam("seller")))


def alone(database: str) -> Any:
    """A column whose reading waits until no other unit of `who` is under way, and keeps others waiting.

    On PostgreSQL alone: of SQLite's units one runs at a time. What is counted must be asked for afterwards,
    by another statement, which then sees what the others did.
    """
    if database != "postgresql":
        return _NONE.label("alone")
    return func.pg_advisory_xact_lock(func.hashtextextended(bindparam("who"), _LOCK)).label("alone")


_ALONE = Prepared(lambda database: select(alone(database)), ("who",), [literal_column("alone")])


def hold(session: Session, who: str) -> None:
    """Be the only unit of `who` from now on. Before any lock that a verdict of theirs would wait for."""
    _ALONE.first(session, {"who": who})


def before_fake(session: Session, given: Mapping[str, Any]) -> Any:
    """Whether `in_minute`, `in_hour`, `in_day` and `large` are reached, and `newcomer` has `stood`: 1 or not.

    The numbers given are thresholds less one. With a moment to come, no seller, no newcomer nothing is read.
    """
    return _BEFORE.first(session, given)


def has_stood(session: Session, person_id: str) -> bool:
    """Whether some Fake of this person's, or a counterfeit notice, has stood."""
    return any(session.connection().execute(_HAS_STOOD, {"person": person_id}).one())


def reported_since(session: Session, person_id: str, since: datetime) -> int:
    """How many Fakes a person gave, and listings in counterfeit notices, after a moment."""
    given = {"person": person_id, "since": since}
    counts = (
        session.connection().execute(each, given).scalar_one() for each in (_FAKES_SINCE, _REPORTED_SINCE)
    )
    return sum(counts)


def is_large(session: Session, seller_id: str, most: int) -> bool:
    """Whether that many listings of a seller are known."""
    given = {"seller": seller_id, "all_but_one": most - 1}
    return session.connection().execute(_IS_LARGE, given).scalar_one() is not None


def largest_seller(session: Session, keys: Collection[str]) -> int:
    """How many listings are known of the largest of the sellers of these listings."""
    return session.connection().execute(_LARGEST, {"keys": list(keys)}).scalar_one_or_none() or 0
