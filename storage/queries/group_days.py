"""Counting a group's cases day by day and by rights holder, for the figures that its members may read.

Each count is one grouped query over the index on its moment, so that it costs what its days hold and nothing
for the history before them. A case is counted on the day of its own event, which is over when it is told:
what was told of a day stays so.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as select_model

from storage.records.authenticity import AuthenticityRequest, RequestState, Verdict
from storage.records.groups import GroupMember
from storage.records.listings import Seller
from storage.records.notices import Notice
from storage.records.platform import PlatformClient
from storage.records.roster import Brand
from storage.records.takedowns import Takedown

Cell = Mapping[str, int]

_TABLES = SQLModel.metadata.tables
_NOTICE = _TABLES[str(Notice.__tablename__)].c
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)].c
_VERDICT = _TABLES[str(Verdict.__tablename__)].c
_TAKEDOWN = _TABLES[str(Takedown.__tablename__)].c
_SELLER = _TABLES[str(Seller.__tablename__)].c
_CLIENT = _TABLES[str(PlatformClient.__tablename__)].c
_BRAND = _TABLES[str(Brand.__tablename__)].c
_OPEN = (RequestState.OPEN, RequestState.AWAITING_CONFIRMATION)


class Stretch(NamedTuple):
    """Days in a row; `starts` are their first moments, and one more: the moment after the last day."""

    days: Sequence[date]
    starts: Sequence[datetime]


class SellerKey(NamedTuple):
    """A seller, and what a reader knows it by: its name and its marketplace's."""

    name: str
    marketplace: str
    id: str


Days = Mapping[date, Mapping[Any, Cell]]


def memberships(session: Session, since: datetime) -> list[GroupMember]:
    """Every membership of any group that was not over at a moment."""
    lasting = or_(col(GroupMember.until).is_(None), col(GroupMember.until) > since)
    return list(session.exec(select_model(GroupMember).where(lasting)).all())


def notices(session: Session, stretch: Stretch) -> Days:
    """Notices submitted on each day; their only row is True."""
    return _counted(session, stretch, "notices")


def requests(session: Session, stretch: Stretch) -> Days:
    """Authenticity requests that came on each day, by who is asked now; their only row is True."""
    return _counted(session, stretch, "requests")


def verdicts(session: Session, stretch: Stretch) -> Days:
    """Verdicts given on each day, by answer."""
    return _counted(session, stretch, "verdicts")


def takedowns(session: Session, stretch: Stretch) -> Days:
    """Takedowns started on each day; their only row is True."""
    return _counted(session, stretch, "takedowns")


def removals(session: Session, stretch: Stretch) -> Days:
    """Listings removed on each day, also those that came back since; their only row is True."""
    return _counted(session, stretch, "removals")


def reasons(session: Session, stretch: Stretch) -> Days:
    """Takedowns started on each day, by the code of their reason."""
    return _counted(session, stretch, "reasons")


def processed(session: Session, stretch: Stretch) -> Days:
    """Notices that fell due on each day, by whether they were decided by then (True)."""
    return _counted(session, stretch, "processed")


def falling_due(session: Session, stretch: Stretch) -> Days:
    """Requests that are open and must be answered on each day; their only row is True."""
    return _counted(session, stretch, "falling_due")


def repeat_sellers(
    session: Session, start: datetime, end: datetime, *, fewest_cases: int, fewest_holders: int
) -> Mapping[SellerKey, Cell]:
    """Takedowns started in [start, end) of sellers who had that many, by seller and rights holder."""
    # The days first, and once: joined with sellers directly, SQLite walks all that each of them ever did.
    counted = (
        select(_TAKEDOWN.seller_id, _TAKEDOWN.client_id, _TAKEDOWN.holder_id, func.count().label("cases"))
        .where(_TAKEDOWN.created_at >= start, _TAKEDOWN.created_at < end, _TAKEDOWN.seller_id.is_not(None))
        .group_by(_TAKEDOWN.seller_id, _TAKEDOWN.client_id, _TAKEDOWN.holder_id)
        .cte("counted")
        .c
    )
    repeated = (
        select(counted.seller_id)
        .group_by(counted.seller_id)
        .having(
            func.sum(counted.cases) >= fewest_cases,
            func.count(counted.holder_id.distinct()) >= fewest_holders,
        )
    )
    statement = (
        select(_SELLER.name, _CLIENT.name, _SELLER.id, counted.holder_id, counted.cases)
        .join(_SELLER.id.table, _SELLER.id == counted.seller_id)
        .join(_CLIENT.id.table, _CLIENT.id == counted.client_id)
        .where(counted.seller_id.in_(repeated))
    )
    found: dict[SellerKey, dict[str, int]] = {}
    for name, marketplace, seller_id, holder_id, cases in session.connection().execute(statement):
        cell = found.setdefault(SellerKey(name, marketplace, seller_id), {})
        cell[holder_id] = cell.get(holder_id, 0) + cases
    return found


def _constant(number: int) -> ColumnElement[int]:
    """A number that no database takes for the number of a column to group by."""
    return literal_column(f"0 + {number}", Integer)


class _What(NamedTuple):
    """What is counted: by which moment, whose it is, in which rows; over which brand, of which state."""

    at: Column[Any]
    holder: Column[Any]
    row: ColumnElement[Any] = _constant(1)
    brand: Column[Any] | None = None
    where: ColumnElement[bool] | None = None


_IN_TIME = case((_NOTICE.decided_at <= _NOTICE.due_at, 1), else_=0)
_WHAT = {
    "notices": _What(_NOTICE.submitted_at, _NOTICE.holder_id),
    "requests": _What(_REQUEST.created_at, _REQUEST.holder_id),
    "verdicts": _What(_VERDICT.at, _VERDICT.holder_id, _VERDICT.answer),
    "takedowns": _What(_TAKEDOWN.created_at, _TAKEDOWN.holder_id),
    "reasons": _What(_TAKEDOWN.created_at, _TAKEDOWN.holder_id, _TAKEDOWN.reason_code),
    "removals": _What(_TAKEDOWN.removed_at, _BRAND.holder_id, brand=_TAKEDOWN.brand_id),
    "processed": _What(_NOTICE.due_at, _BRAND.holder_id, _IN_TIME, brand=_NOTICE.brand_id),
    "falling_due": _What(_REQUEST.deadline, _REQUEST.holder_id, where=_REQUEST.state.in_(_OPEN)),
}


def _counted(session: Session, stretch: Stretch, name: str) -> Days:
    """Cases by day, row and rights holder, of whomever they are."""
    moments = {f"start{number}": start for number, start in enumerate(stretch.starts)}
    found: dict[date, dict[Any, dict[str, int]]] = {}
    for number, each, holder_id, cases in session.connection().execute(
        _statement(name, len(stretch.days)), moments
    ):
        row = each if isinstance(each, str) else bool(each)
        found.setdefault(stretch.days[number], {}).setdefault(row, {})[holder_id] = cases
    return found


@cache
def _statement(name: str, days: int) -> Select[Any]:
    """Built once for each number of days: writing sixty of them takes longer than the database to count."""
    what = _WHAT[name]
    starts = [bindparam(f"start{number}", type_=what.at.type) for number in range(days + 1)]
    day = _number(what.at, starts[1:-1]).label("day")
    kind = what.row.label("kind")
    statement = select(day, kind, what.holder, func.count()).where(what.at >= starts[0], what.at < starts[-1])
    if what.where is not None:
        statement = statement.where(what.where)
    if what.brand is not None:
        statement = statement.join(_BRAND.id.table, _BRAND.id == what.brand)
    return statement.group_by(day, kind, what.holder)


def _number(at: Column[Any], starts: Sequence[BindParameter[Any]], first: int = 0) -> ColumnElement[int]:
    """Which day a moment is in: a search by halves, so that sixty days cost six comparisons."""
    if not starts:
        return _constant(first)
    middle = len(starts) // 2
    return case(
        (at < starts[middle], _number(at, starts[:middle], first)),
        else_=_number(at, starts[middle + 1 :], first + middle + 1),
    )
