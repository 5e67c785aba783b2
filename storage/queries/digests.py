"""Counting cases by rights holder, for digests and for whoever looks at their own.

Each count is one grouped query over the index on (moment, rights holder), so that it costs what its days
hold and nothing for the history before them. The group's members are picked from its few rows: a condition on
them would tempt SQLite to an index that walks all that a member ever did.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Integer
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as select_model

from storage.records.authenticity import Answer, AuthenticityRequest, Verdict
from storage.records.groups import GroupMember
from storage.records.listings import Seller
from storage.records.notices import Notice, NoticeState
from storage.records.platform import PlatformClient
from storage.records.takedowns import Takedown, TakedownState

Cell = Mapping[str, int]

_TABLES = SQLModel.metadata.tables
_NOTICE = _TABLES[str(Notice.__tablename__)].c
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)].c
_VERDICT = _TABLES[str(Verdict.__tablename__)].c
_TAKEDOWN = _TABLES[str(Takedown.__tablename__)].c
_SELLER = _TABLES[str(Seller.__tablename__)].c
_CLIENT = _TABLES[str(PlatformClient.__tablename__)].c


class SellerKey(NamedTuple):
    """A seller, and what a reader knows it by: its name and its marketplace's."""

    name: str
    marketplace: str
    id: str


class Stretch(NamedTuple):
    """Notices submitted in [start, end): due after `allowance`, or all at one `deadline`; one of the two."""

    start: datetime
    end: datetime
    allowance: timedelta | None
    deadline: datetime | None


class _Milliseconds(FunctionElement[int]):
    """The milliseconds from one moment to another."""

    inherit_cache = True
    type = Integer()


@compiles(_Milliseconds, "sqlite")
def _on_sqlite(element: _Milliseconds, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(round((julianday({end}) - julianday({start})) * 86400000) AS INTEGER)"


@compiles(_Milliseconds, "postgresql")
def _on_postgresql(element: _Milliseconds, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"round(extract(epoch from ({end} - {start})) * 1000)"


def notices(session: Session, holder_ids: Collection[str], start: datetime, end: datetime) -> Cell:
    """Notices submitted in [start, end), by rights holder."""
    return _counted(session, _NOTICE.submitted_at, _NOTICE.holder_id, holder_ids, start, end)


def requests(session: Session, holder_ids: Collection[str], start: datetime, end: datetime) -> Cell:
    """Authenticity requests that came in [start, end), by the rights holder who is asked now."""
    return _counted(session, _REQUEST.created_at, _REQUEST.holder_id, holder_ids, start, end)


def verdicts(
    session: Session, holder_ids: Collection[str], start: datetime, end: datetime
) -> Mapping[Answer, Cell]:
    """Verdicts given in [start, end), by answer and rights holder."""
    return _split(session, _VERDICT.answer, _VERDICT.at, _VERDICT.holder_id, holder_ids, start, end)


def takedowns(
    session: Session, holder_ids: Collection[str], start: datetime, end: datetime
) -> Mapping[TakedownState, Cell]:
    """Takedowns started in [start, end), by the state that they are in now and rights holder."""
    return _split(session, _TAKEDOWN.state, _TAKEDOWN.created_at, _TAKEDOWN.holder_id, holder_ids, start, end)


def repeat_sellers(
    session: Session,
    holder_ids: Collection[str],
    start: datetime,
    end: datetime,
    *,
    fewest_cases: int,
    fewest_holders: int,
) -> Mapping[SellerKey, Cell]:
    """Takedowns started in [start, end) of sellers who had that many, by seller and rights holder."""
    # The days first, and once: joined with sellers directly, SQLite walks all that each of them ever did.
    counted = (
        select(_TAKEDOWN.seller_id, _TAKEDOWN.client_id, _TAKEDOWN.holder_id, func.count().label("cases"))
        .where(_within(_TAKEDOWN.created_at, start, end), _TAKEDOWN.seller_id.is_not(None))
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
        if holder_id in holder_ids:
            found.setdefault(SellerKey(name, marketplace, seller_id), {})[holder_id] = cases
    return found


def processed(
    session: Session, holder_ids: Collection[str], stretches: Sequence[Stretch]
) -> tuple[Cell, Cell]:
    """(late, all) of the notices submitted in these stretches, by rights holder; withdrawn ones left out.

    Late is what was decided after its due moment, to the millisecond, or not at all.
    """
    late: dict[str, int] = {}
    whole: dict[str, int] = {}
    for stretch in stretches:
        statement = (
            select(
                _NOTICE.holder_id,
                func.count().label("cases"),
                func.sum(case((_is_late(stretch), 1), else_=0)).label("missed"),
            )
            .where(
                _within(_NOTICE.submitted_at, stretch.start, stretch.end),
                _NOTICE.state != NoticeState.WITHDRAWN,
            )
            .group_by(_NOTICE.holder_id)
        )
        for holder_id, cases, missed in session.connection().execute(statement):
            if holder_id not in holder_ids:
                continue
            whole[holder_id] = whole.get(holder_id, 0) + cases
            late[holder_id] = late.get(holder_id, 0) + missed
    return late, whole


def groups_with(session: Session, holder_ids: Collection[str]) -> set[str]:
    """The ids of the groups that one of these rights holders is in now."""
    return set(
        session.exec(
            select_model(GroupMember.group_id).where(
                col(GroupMember.holder_id).in_(holder_ids), col(GroupMember.until).is_(None)
            )
        ).all()
    )


def _is_late(stretch: Stretch) -> ColumnElement[bool]:
    if stretch.allowance is None:
        return or_(_NOTICE.decided_at.is_(None), _NOTICE.decided_at > stretch.deadline)
    taken = _Milliseconds(_NOTICE.submitted_at, _NOTICE.decided_at)
    return or_(_NOTICE.decided_at.is_(None), taken > stretch.allowance // timedelta(milliseconds=1))


def _within(at: Column[Any], start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(at >= start, at < end)


def _counted(
    session: Session,
    at: Column[Any],
    holder: Column[Any],
    holder_ids: Collection[str],
    start: datetime,
    end: datetime,
) -> Cell:
    statement = select(holder, func.count().label("cases")).where(_within(at, start, end)).group_by(holder)
    rows = session.connection().execute(statement)
    return {row.holder_id: row.cases for row in rows if row.holder_id in holder_ids}


def _split(
    session: Session,
    kind: Column[Any],
    at: Column[Any],
    holder: Column[Any],
    holder_ids: Collection[str],
    start: datetime,
    end: datetime,
) -> Mapping[Any, Cell]:
    statement = select(kind, holder, func.count()).where(_within(at, start, end)).group_by(kind, holder)
    rows: dict[Any, dict[str, int]] = {}
    for each, holder_id, cases in session.connection().execute(statement):
        if holder_id in holder_ids:
            rows.setdefault(each, {})[holder_id] = cases
    return rows
