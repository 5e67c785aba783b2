"""What is known of a person and of a seller right before a Fake or a counterfeit notice.

Every count stops at its threshold, so an act costs the same whatever the history behind it.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Integer, and_, bindparam, exists, func, literal_column, select
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


_STOOD = exists(
    select(_VERDICT.c.id)
    .select_from(
        _VERDICT.outerjoin(_CONFIRMATION, _CONFIRMATION.c.verdict_id == _VERDICT.c.id)
        .outerjoin(_RETRACTION, _RETRACTION.c.verdict_id == _VERDICT.c.id)
        .outerjoin(_NOTICE, _NOTICE.c.verdict_id == _VERDICT.c.id)
    )
    .where(
        _OURS,
        _IS_FAKE,
        _RETRACTION.c.id.is_(None),
        _said(_VERDICT.c.outcome, Outcome.TAKEDOWN)
        | _said(_CONFIRMATION.c.decision, Decision.CONFIRMED)
        | _ACTIONED,
    )
)


def _counted(since: str, most: str, *more: Any) -> Any:
    """How many verdicts of the person's came since, up to a number."""
    found = select(_VERDICT.c.id).where(_OURS, *more, _VERDICT.c.at > bindparam(since)).limit(bindparam(most))
    return select(func.count()).select_from(found.subquery()).scalar_subquery()


def _is_large(seller: Any) -> Any:
    """Whether a seller has more than `all_but_one` listings."""
    one = select(literal_column("1", Integer)).select_from(_LISTING).where(_LISTING.c.seller_id == seller)
    return one.offset(bindparam("all_but_one", type_=Integer)).limit(1).scalar_subquery()


_BEFORE_FAKE = select(
    _STOOD.label("stood"),
    _counted("minute_ago", "most_in_minute").label("in_minute"),
    _counted("hour_ago", "most_in_hour", _IS_FAKE).label("in_hour"),
    _counted("day_ago", "most_in_day", _IS_FAKE).label("in_day"),
    _is_large(bindparam("seller")).label("large"),
)
_GIVEN = (
    *("person", "seller", "minute_ago", "hour_ago", "day_ago"),
    *("most_in_minute", "most_in_hour", "most_in_day", "all_but_one"),
)
_BACK = [
    literal_column("stood", Boolean).label("stood"),
    *(literal_column(name, Integer).label(name) for name in ("in_minute", "in_hour", "in_day", "large")),
]
_BEFORE = Prepared(lambda _: _BEFORE_FAKE, _GIVEN, _BACK)

_FILED = and_(
    _NOTICE.c.submitter_id == bindparam("person"),
    _NOTICE.c.origin == NoticeOrigin.MEMBER,
    _NOTICE.c.reason_code.in_(sorted(COUNTERFEIT)),
)
_HAS_STOOD = select(_STOOD | exists(select(_NOTICE.c.id).where(_FILED, _ACTIONED)))
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


def before_fake(session: Session, given: Mapping[str, Any]) -> Any:
    """`stood`, `in_minute`, `in_hour`, `in_day`, `large` for one person and one seller, in one statement."""
    return _BEFORE.first(session, given)


def has_stood(session: Session, person_id: str) -> bool:
    """Whether some Fake of this person's, or a counterfeit notice, has stood."""
    return bool(session.connection().execute(_HAS_STOOD, {"person": person_id}).scalar_one())


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
