"""Counting what fell due: closed days from their rows, the days since from the notices themselves.

A closed day costs a few index entries whatever its notices were; an open one is counted by one grouped query
over `ix_notice_due`, which holds all that it asks for.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, case, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as select_model

from storage.prepared import Joined, Prepared, prepared
from storage.records.authenticity import AuthenticityRequest
from storage.records.deadlines import Deadline, Step, SubjectKind
from storage.records.notices import Notice, NoticeItem, NoticeState
from storage.records.rights import Right
from storage.records.roster import Brand, Mandate, RightsHolder
from storage.records.service_figures import Breach, Recount, Tally
from storage.records.service_levels import (
    EVERYBODY,
    NO_RIGHT,
    FastLane,
    LaneMember,
    ServiceClose,
    ServiceDay,
)
from storage.records.takedowns import Takedown, TakedownCause

_TABLES = SQLModel.metadata.tables
_NOTICE = _TABLES[str(Notice.__tablename__)].c
_RIGHT = _TABLES[str(Right.__tablename__)].c
_BRANDED = Joined(brand=_TABLES[str(Brand.__tablename__)], holder=_TABLES[str(RightsHolder.__tablename__)])
_DEADLINE = _TABLES[str(Deadline.__tablename__)].c
_ITEM = _TABLES[str(NoticeItem.__tablename__)].c
_CAUSE = _TABLES[str(TakedownCause.__tablename__)].c
_DAY = _TABLES[str(ServiceDay.__tablename__)]
_CLOSE = _TABLES[str(ServiceClose.__tablename__)]
_DIALECTS: Mapping[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
_LANES_OF = prepared(
    select(_TABLES[str(FastLane.__tablename__)])
    .join(LaneMember, col(LaneMember.lane_id) == col(FastLane.id))
    .where(col(LaneMember.holder_id) == bindparam("holder"), col(LaneMember.until).is_(None))
)
_BRANDS = select(*_BRANDED.columns).where(col(RightsHolder.id) == col(Brand.holder_id))
_ALL_BRANDS = prepared(_BRANDS)
_BRANDS_OF = prepared(_BRANDS.where(col(Brand.holder_id).in_(bindparam("holders", expanding=True))))
_STEPS = prepared(
    select(_DEADLINE.subject_id, _DEADLINE.step, _DEADLINE.reason).where(
        _DEADLINE.subject_kind == SubjectKind.NOTICE,
        _DEADLINE.subject_id.in_(bindparam("these", expanding=True)),
    )
)


def _upheld(removal: Any, upheld_on: Any) -> Select[Any]:
    days = upheld_on >= bindparam("first"), upheld_on <= bindparam("last")
    return (
        select(_NOTICE.lane, _NOTICE.holder_id, removal.label("removal"))
        .join(_ITEM.id.table, _ITEM.notice_id == _NOTICE.id)
        .where(*days)
    )


# No more than the item: asked for its kind as well, SQLite reads all causes of that kind.
_UPHELD_TAKEDOWNS = prepared(
    _upheld(_CAUSE.takedown_id, _CAUSE.upheld_on).join(_CAUSE.id.table, _CAUSE.subject_id == _ITEM.id)
)
_UPHELD_ITEMS = prepared(_upheld(_ITEM.id, _ITEM.upheld_on))


class Cell(NamedTuple):
    """What one count is of."""

    brand_id: str
    right_kind: str
    lane: str


Counts = Mapping[Cell, Tally]


def of_cases(*whose: Any) -> Select[Any]:
    """The notices that fell due in [start, end), by brand, right and lane, each with its right's kind."""
    in_time = _NOTICE.decided_at <= _NOTICE.due_at
    rejected = and_(in_time, _NOTICE.decided_as == NoticeState.REJECTED)
    groups = (
        select(
            _NOTICE.brand_id,
            _NOTICE.right_id,
            _NOTICE.lane,
            func.count().label("due"),
            func.sum(case((in_time, 1), else_=0)).label("in_time"),
            func.sum(case((rejected, 1), else_=0)).label("rejected"),
        )
        .where(_NOTICE.due_at >= bindparam("start"), _NOTICE.due_at < bindparam("end"), *whose)
        .group_by(_NOTICE.brand_id, _NOTICE.right_id, _NOTICE.lane)
        .subquery()
    )
    return select(groups, _RIGHT.kind).outerjoin(_RIGHT.id.table, _RIGHT.id == groups.c.right_id)


_COUNTED = prepared(of_cases())
_COUNTED_OF = prepared(of_cases(_NOTICE.brand_id.in_(bindparam("brands", expanding=True))))


def counted(
    session: Session, start: datetime, end: datetime, brand_ids: Collection[str] | None = None
) -> dict[Cell, Tally]:
    """The notices that fell due in [start, end), none of it in the future, counted one by one."""
    asked: dict[str, Any] = {"start": start, "end": end}
    if brand_ids is None:
        rows = _COUNTED.rows(session, asked)
    else:
        rows = _COUNTED_OF.rows(session, {**asked, "brands": list(brand_ids)}) if brand_ids else []
    found: dict[Cell, Tally] = {}
    for row in rows:
        cell = Cell(row.brand_id, row.kind.value if row.kind else NO_RIGHT, row.lane)
        found[cell] = found.get(cell, Tally()).plus(Tally(row.due, row.in_time, row.rejected))
    return found


def closed(
    session: Session, by: str, first: date, last: date, brand_ids: Collection[str] | None = None
) -> dict[Any, Tally]:
    """The closed days of [first, last] added up by a column: `day`, `brand_id`, `right_kind` or `lane`."""
    asked: dict[str, Any] = {"first": first, "last": last}
    if brand_ids is None:
        rows = _closed_by(by, of_some=False).rows(session, asked)
    elif brand_ids:
        rows = _closed_by(by, of_some=True).rows(session, {**asked, "brands": list(brand_ids)})
    else:
        rows = []
    return {row[0]: Tally(*map(int, row[1:])) for row in rows}


@cache
def _closed_by(by: str, *, of_some: bool) -> Prepared:
    key = _DAY.c[by]
    brand: Any = _DAY.c.brand_id
    if of_some:
        whose = brand.in_(bindparam("brands", expanding=True))
    else:
        whose = brand != EVERYBODY if by == "brand_id" else brand == EVERYBODY
    sums = [func.sum(_DAY.c[name]).label(name) for name in Tally._fields]
    return prepared(
        select(key, *sums)
        .where(_DAY.c.day >= bindparam("first"), _DAY.c.day <= bindparam("last"), whose)
        .group_by(key)
    )


def last_closed(session: Session) -> date | None:
    """The newest closed day; every day before it is closed as well, or had nothing."""
    return session.exec(select_model(func.max(ServiceClose.day))).one()


def first_case(session: Session) -> datetime | None:
    """When the very first thing happened that days are counted by; each is the beginning of an index."""
    firsts = (Notice.due_at, Notice.submitted_at, AuthenticityRequest.created_at, Takedown.created_at)
    found = [session.exec(select_model(func.min(first))).one() for first in firsts]
    return min((at for at in found if at is not None), default=None)


def close(session: Session, day: date, counts: Counts, now: datetime) -> bool:
    """Keep a day's counts; False where it is closed already."""
    claimed = session.connection().execute(
        _DIALECTS[session.connection().dialect.name]
        .insert(_CLOSE)
        .values(day=day, closed_at=now)
        .on_conflict_do_nothing()
        .returning(_CLOSE.c.day)
    )
    if claimed.first() is None:
        return False
    _keep(session, day, counts)
    return True


def correct(session: Session, day: date, counts: Counts) -> None:
    """Put other counts in the place of a closed day's."""
    session.connection().execute(_DAY.delete().where(_DAY.c.day == day))
    _keep(session, day, counts)


def _keep(session: Session, day: date, counts: Counts) -> None:
    rows = dict(counts)
    for cell, tally in counts.items():
        together = cell._replace(brand_id=EVERYBODY)
        rows[together] = rows.get(together, Tally()).plus(tally)
    if rows:
        values = [{"day": day, **cell._asdict(), **tally._asdict()} for cell, tally in rows.items()]
        session.connection().execute(insert(_DAY), values)


def days_to_recount(session: Session, first: date, latest: date, not_since: datetime) -> list[date]:
    """The closed days from `first` on that no recount looked at since then, and those from `latest` on."""
    waits = or_(_CLOSE.c.day >= latest, _CLOSE.c.checked_at.is_(None), _CLOSE.c.checked_at < not_since)
    statement = select(_CLOSE.c.day).where(_CLOSE.c.day >= first, waits).order_by(_CLOSE.c.day)
    return list(session.connection().execute(statement).scalars())


def checked(session: Session, days: Collection[date], differed: Collection[date], now: datetime) -> None:
    """Write down what a recount said of these closed days."""
    agreed = _CLOSE.c.day.not_in(differed)
    session.connection().execute(
        _CLOSE.update().where(_CLOSE.c.day.in_(days)).values(checked_at=now, agreed=agreed)
    )


def last_recount(session: Session) -> Recount | None:
    """The newest recount: its moment, how many days it looked at and how many differed."""
    newest = select(func.max(_CLOSE.c.checked_at)).scalar_subquery()
    differed = func.sum(case((_CLOSE.c.agreed, 0), else_=1))
    statement = select(func.max(_CLOSE.c.checked_at), func.count(), differed).where(
        _CLOSE.c.checked_at == newest
    )
    at, days, wrong = session.connection().execute(statement).one()
    return Recount(at, days, int(wrong)) if at else None


def brands_of(session: Session, holder_ids: Collection[str] | None) -> Sequence[tuple[Brand, RightsHolder]]:
    """The brands of some rights holders, or all, each with its holder."""
    if holder_ids is None:
        rows = _ALL_BRANDS.rows(session, {})
    else:
        rows = _BRANDS_OF.rows(session, {"holders": list(holder_ids)}) if holder_ids else []
    return [_BRANDED.apart(row) for row in rows]


def associations(session: Session) -> Sequence[tuple[str, str]]:
    """(association's name, rights holder) of every live mandate, and of each association with itself."""
    mandated = session.exec(
        select_model(RightsHolder.name, RightsHolder.id, Mandate.holder_id)
        .join(RightsHolder, col(RightsHolder.id) == col(Mandate.association_id))
        .where(col(Mandate.until).is_(None))
    ).all()
    itself = {(name, association_id) for name, association_id, _ in mandated}
    return [*((name, holder_id) for name, _, holder_id in mandated), *itself]


def mandated(session: Session, association_id: str) -> list[str]:
    """An association and the rights holders that gave it a mandate."""
    members = session.exec(
        select_model(Mandate.holder_id).where(
            col(Mandate.association_id) == association_id, col(Mandate.until).is_(None)
        )
    ).all()
    return [association_id, *members]


def breaches(
    session: Session,
    start: datetime,
    end: datetime,
    brand_ids: Collection[str] | None,
    *,
    limit: int,
    offset: int,
) -> list[Breach]:
    """Notices that fell due in [start, end) and were not decided by then, the newest first."""
    late = or_(_NOTICE.decided_at.is_(None), _NOTICE.decided_at > _NOTICE.due_at)
    statement = (
        select(_NOTICE.id, _NOTICE.reference, col(Brand.name), _NOTICE.due_at, _NOTICE.decided_at)
        .join(Brand, col(Brand.id) == _NOTICE.brand_id)
        .where(_NOTICE.due_at >= start, _NOTICE.due_at < end, late)
        .order_by(_NOTICE.due_at.desc(), _NOTICE.id)
        .limit(limit)
        .offset(offset)
    )
    if brand_ids is not None:
        statement = statement.where(_NOTICE.brand_id.in_(brand_ids))
    found = session.connection().execute(statement).all()
    # Apart, and of all their steps: joined by the step, SQLite looks through everybody's breaches for each.
    steps = _STEPS.rows(session, {"these": [row.id for row in found]}) if found else []
    reasons = {each.subject_id: each.reason for each in steps if each.step is Step.BREACHED}
    return [Breach(row.reference, row.name, row.due_at, row.decided_at, reasons.get(row.id)) for row in found]


def upheld(session: Session, first: date, last: date, holder_ids: Collection[str] | None) -> dict[str, int]:
    """Lane -> removals on its notices against which a counter-notice was upheld on one of these days."""
    asked = {"first": first, "last": last}
    # Whose they are is asked here: asked there, SQLite begins with every notice that these ever filed.
    removals = {
        (row.lane, row.removal)
        for statement in (_UPHELD_TAKEDOWNS, _UPHELD_ITEMS)
        for row in statement.rows(session, asked)
        if holder_ids is None or row.holder_id in holder_ids
    }
    return dict(Counter(lane for lane, _ in removals))


def lanes(session: Session) -> Sequence[FastLane]:
    """Every fast lane."""
    return session.exec(select_model(FastLane).order_by(col(FastLane.id))).all()


def lanes_of(session: Session, holder_id: str) -> Sequence[FastLane]:
    """The fast lanes that a rights holder is in."""
    return _LANES_OF.rows(session, {"holder": holder_id})


def lane_member(session: Session, lane_id: str, holder_id: str) -> LaneMember | None:
    """A rights holder's present stay in a lane."""
    return session.exec(
        select_model(LaneMember).where(
            col(LaneMember.lane_id) == lane_id,
            col(LaneMember.holder_id) == holder_id,
            col(LaneMember.until).is_(None),
        )
    ).first()


def members_of_lanes(session: Session, holder_ids: Collection[str] | None) -> dict[str, list[str]]:
    """Lane -> the names of the rights holders in it, as far as they are among these."""
    found: dict[str, list[str]] = {}
    statement = (
        select_model(LaneMember.lane_id, RightsHolder.name)
        .join(RightsHolder, col(RightsHolder.id) == col(LaneMember.holder_id))
        .where(col(LaneMember.until).is_(None))
        .order_by(col(RightsHolder.name_key))
    )
    if holder_ids is not None:
        statement = statement.where(col(LaneMember.holder_id).in_(holder_ids))
    for lane_id, name in session.exec(statement):
        found.setdefault(lane_id, []).append(name)
    return found
