"""Standing's figures: added to with each decision, summed for a window, and counted again from the cases."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    Date,
    Integer,
    String,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    select,
    text,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as rows_of

from storage.columns import new_id
from storage.prepared import Changing, Prepared, at_most, inserting, prepared, row_type
from storage.records.notices import ItemState, Notice, NoticeItem, ReasonCode
from storage.records.roster import RightsHolder
from storage.records.standing import (
    Counted,
    Figures,
    StandingChange,
    StandingRecount,
    StandingRuleChoice,
    StandingTally,
    Tally,
)
from storage.records.takedowns import CauseKind, Takedown, TakedownCause, TakedownState

_TABLES = SQLModel.metadata.tables
_TALLY = _TABLES[str(StandingTally.__tablename__)]
_RECOUNT = _TABLES[str(StandingRecount.__tablename__)]
_CAUSE = _TABLES[str(TakedownCause.__tablename__)]
_TAKEDOWN = _TABLES[str(Takedown.__tablename__)]
_ITEM = _TABLES[str(NoticeItem.__tablename__)]
_NOTICE = _TABLES[str(Notice.__tablename__)]
_HOLDER = _TABLES[str(RightsHolder.__tablename__)]
_CHANGE = _TABLES[str(StandingChange.__tablename__)]
_CHOSEN = _TABLES[str(StandingRuleChoice.__tablename__)]

_MANY: Any = bindparam("many", expanding=True)
_SINCE: Any = bindparam("since", type_=Date)
_ANYHOW = tuple(Counted)  # as the beginning of the index on what counts and when


def _adding(statement: Any) -> Any:
    return statement.on_conflict_do_update(
        index_elements=["holder_id", "day", "reason_code"],
        set_={name: _TALLY.c[name] + statement.excluded[name] for name in ("decided", "removed", "upheld")},
    )


_ADD = {"sqlite": _adding(sqlite.insert(_TALLY)), "postgresql": _adding(postgresql.insert(_TALLY))}
_ADDED = Prepared(_ADD.__getitem__, [column.name for column in _TALLY.columns])
_WINDOWS = prepared(
    select(
        _TALLY.c.holder_id,
        _TALLY.c.reason_code,
        func.sum(_TALLY.c.decided).label("decided"),
        func.sum(_TALLY.c.removed).label("removed"),
        func.sum(_TALLY.c.upheld).label("upheld"),
        func.min(_TALLY.c.day).label("oldest"),
    )
    .where(
        _TALLY.c.holder_id.in_(_MANY),
        # All that there are. Named, they are read one after the other, and nothing has to be sorted.
        _TALLY.c.reason_code.in_([literal_column(f"'{code.value}'") for code in ReasonCode]),
        _TALLY.c.day >= _SINCE,
    )
    .group_by(_TALLY.c.holder_id, _TALLY.c.reason_code)
)
_CAUSES = prepared(
    select(
        _CAUSE.c.id,
        _CAUSE.c.takedown_id,
        _CAUSE.c.kind,
        _CAUSE.c.subject_id,
        _CAUSE.c.holder_id,
        _CAUSE.c.withdrawn_at,
        _CAUSE.c.counted,
        _CAUSE.c.counted_on,
        _CAUSE.c.upheld_on,
        _TAKEDOWN.c.reason_code,
        _TAKEDOWN.c.state,
    )
    .join(_TAKEDOWN, _TAKEDOWN.c.id == _CAUSE.c.takedown_id)
    .outerjoin(_ITEM, (_ITEM.c.id == _CAUSE.c.subject_id) & (_CAUSE.c.kind == CauseKind.NOTICE_ITEM))
    .where(_CAUSE.c.takedown_id.in_(_MANY), _ITEM.c.counted.is_(None))
    .order_by(_CAUSE.c.takedown_id, _CAUSE.c.at, _CAUSE.c.id)
)
_TO_RETRACT = (
    _ITEM.c.notice_id == bindparam("notice"),
    _ITEM.c.counted == Counted.REMOVED,
    _ITEM.c.upheld_on.is_(None),
)
_REMOVED_ITEMS = prepared(
    select(_ITEM.c.counted_on, func.count().label("number")).where(*_TO_RETRACT).group_by(_ITEM.c.counted_on)
)
_RETRACT_ITEMS = prepared(update(_ITEM).where(*_TO_RETRACT).values(counted=Counted.RETRACTED))
_CHANGE_CAUSE, _CHANGE_ITEM, _CHANGE_HOLDER = Changing(_CAUSE), Changing(_ITEM), Changing(_HOLDER)
_NEW_CHANGE = inserting(_CHANGE)
_JUDGED = [
    _HOLDER.c[name]
    for name in ("id", "pilot", "standing", "standing_since", "standing_until", "standing_due")
]
# Not against those who only refer to the holder, as every verdict does.
_LOCK = prepared(select(*_JUDGED).where(_HOLDER.c.id == bindparam("holder")).with_for_update(key_share=True))
_DUE = prepared(
    select(*_JUDGED)
    .where(_HOLDER.c.standing_due <= bindparam("today", type_=Date))
    .order_by(_HOLDER.c.id)
    .limit(at_most("most"))
    .with_for_update(key_share=True, skip_locked=True)
)


_OTHER = _CAUSE.alias()
_MISSED_TAKEDOWNS = (
    select(_TAKEDOWN.c.id, _TAKEDOWN.c.state)
    .join(_CAUSE, _CAUSE.c.takedown_id == _TAKEDOWN.c.id)
    .outerjoin(_ITEM, (_ITEM.c.id == _CAUSE.c.subject_id) & (_CAUSE.c.kind == CauseKind.NOTICE_ITEM))
    .where(
        _CAUSE.c.counted.is_(None),
        _CAUSE.c.withdrawn_at.is_(None),
        _ITEM.c.counted.is_(None),
        _TAKEDOWN.c.state.in_((TakedownState.REMOVED, TakedownState.REFUSED)),
        ~select(_OTHER.c.id)
        .where(
            _OTHER.c.takedown_id == _CAUSE.c.takedown_id,
            _OTHER.c.holder_id == _CAUSE.c.holder_id,
            _OTHER.c.counted.is_not(None),
        )
        .exists(),
    )
    .distinct()
    .order_by(_TAKEDOWN.c.id)
)
# Two indexes in the same order, side by side; the constant stands in the statement as in its partial index.
_MISSED_ITEMS = (
    select(_ITEM.c.id)
    .where(_ITEM.c.counted.is_(None), _ITEM.c.state != literal_column(f"'{ItemState.OPEN.value}'"))
    .except_(select(_CAUSE.c.subject_id).where(_CAUSE.c.kind == CauseKind.NOTICE_ITEM))
    .order_by("id")
)


_CHOICE = prepared(
    select(_CHOSEN.c.version, _CHOSEN.c.pilot_only)
    .order_by(_CHOSEN.c.at.desc(), _CHOSEN.c.id.desc())
    .limit(at_most(1))
)


def add(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add to tallies: holder_id, day, reason_code, and how many more decided, removed and upheld."""
    _ADDED.each(session, rows)


def lock(session: Session, holder_id: str) -> Any:
    """What of a rights holder its standing goes by, locked, but not against those who only refer to it."""
    return _LOCK.first(session, {"holder": holder_id})


def change_holder(session: Session, holder: Any, **values: Any) -> Any:
    """Write new values into a rights holder that the caller has locked; its row as it is now."""
    return _CHANGE_HOLDER.change(session, holder, **values)


def insert_change(session: Session, **said: Any) -> Any:
    """Log one change of a standing; its row."""
    row = row_type(_CHANGE)(id=new_id(), **said)
    _NEW_CHANGE.rows(session, row._asdict())
    return row


def windows(session: Session, holder_ids: Collection[str], since: date) -> dict[str, Figures]:
    """The figures of some rights holders from a day on."""
    found: dict[str, dict[str, Tally]] = defaultdict(dict)
    oldest: dict[str, date] = {}
    asked = {"many": list(holder_ids), "since": since}
    for row in _WINDOWS.rows(session, asked) if holder_ids else ():
        found[row.holder_id][row.reason_code] = Tally(row.decided, row.removed, row.upheld)
        oldest[row.holder_id] = min(oldest.get(row.holder_id, row.oldest), row.oldest)
    return {each: Figures(since, found.get(each, {}), oldest.get(each)) for each in holder_ids}


def causes(session: Session, takedown_ids: Collection[str]) -> Sequence[Any]:
    """Who asked for these takedowns and what each cause counts for, in the order in which they asked.

    An item that was decided before somebody asked for its takedown counts itself, and is left out.
    """
    return _CAUSES.rows(session, {"many": list(takedown_ids)}) if takedown_ids else []


def count_causes(session: Session, ids: Collection[str], counted: Counted | None, day: date | None) -> None:
    """Write down what causes count for."""
    _CHANGE_CAUSE.change_all(session, list(ids), counted=counted, counted_on=day)


def uphold(session: Session, cause_id: str, today: date) -> None:
    """Write down that a counter-notice against a cause was upheld."""
    _CHANGE_CAUSE.change_all(session, [cause_id], upheld_on=today)


def uphold_item(session: Session, item_id: str, today: date) -> None:
    """As `uphold`, of an item for which no takedown of ours stands."""
    _CHANGE_ITEM.change_all(session, [item_id], upheld_on=today)


def counting_items(session: Session, takedown_id: str, holder_id: str) -> Sequence[tuple[NoticeItem, Notice]]:
    """The items that were decided before a takedown of theirs was asked for, and so count themselves."""
    return session.exec(
        rows_of(NoticeItem, Notice)
        .join(Notice, col(Notice.id) == col(NoticeItem.notice_id))
        .join(TakedownCause, col(TakedownCause.subject_id) == col(NoticeItem.id))
        .where(
            col(TakedownCause.kind) == CauseKind.NOTICE_ITEM,
            col(TakedownCause.takedown_id) == takedown_id,
            col(TakedownCause.holder_id) == holder_id,
            col(NoticeItem.counted).is_not(None),
        )
        .order_by(col(TakedownCause.at), col(TakedownCause.id))
    ).all()


def retract_items(session: Session, notice_id: str) -> dict[date, int]:
    """What of a notice counted as removed counts as retracted: day -> how many."""
    found = {row.counted_on: row.number for row in _REMOVED_ITEMS.rows(session, {"notice": notice_id})}
    if found:
        _RETRACT_ITEMS.rows(session, {"notice": notice_id})
    return found


def due(session: Session, today: date, limit: int) -> Sequence[Any]:
    """As `lock`, those whose standing time alone can change by now, without those that others hold."""
    return _DUE.rows(session, {"today": today, "most": limit})


def look_at_all(session: Session, today: date) -> None:
    """Every standing is looked at again by the next tick."""
    session.connection().execute(update(_HOLDER).values(standing_due=today))


def choice(session: Session) -> Any:
    """(version, pilot_only) of the rule that was chosen last, or None."""
    return _CHOICE.first(session, {})


def changes(session: Session, holder_id: str, limit: int) -> Sequence[StandingChange]:
    """A rights holder's changes of standing, the newest first."""
    return session.exec(
        rows_of(StandingChange)
        .where(col(StandingChange.holder_id) == holder_id)
        .order_by(col(StandingChange.at).desc(), col(StandingChange.id).desc())
        .limit(limit)
    ).all()


def last_recount(session: Session) -> date | None:
    """The day of the newest recount."""
    return session.exec(rows_of(func.max(StandingRecount.day))).one()


def claim_recount(session: Session, row: Mapping[str, Any]) -> bool:
    """Keep a day's recount; False where another replica was first."""
    connection = session.connection()
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name]
    made = dialect.insert(_RECOUNT).on_conflict_do_nothing(index_elements=["day"]).returning(_RECOUNT.c.id)
    return connection.execute(made, [dict(row)]).first() is not None


def missed_takedowns(session: Session, limit: int) -> dict[str, bool]:
    """Takedowns that were decided and count for nobody who asked: id -> whether removed. Should be none."""
    rows = session.connection().execute(_MISSED_TAKEDOWNS.limit(limit))
    return {row.id: row.state is TakedownState.REMOVED for row in rows}


def missed_notices(session: Session, limit: int) -> list[str]:
    """Notices with a decided listing that neither counts nor has a takedown for it. Should be none."""
    connection = session.connection()
    items = connection.execute(_MISSED_ITEMS.limit(limit)).scalars().all()
    notices = select(_ITEM.c.notice_id).where(_ITEM.c.id.in_(items)).distinct().order_by(_ITEM.c.notice_id)
    return list(connection.execute(notices).scalars()) if items else []


def number_of_tallies(session: Session, since: date) -> int:
    """How many tallies there are of the days from then on."""
    number = select(func.count()).select_from(_TALLY).where(_TALLY.c.day >= since)
    return session.connection().execute(number).scalar_one()


def differences(session: Session, since: date) -> list[dict[str, Any]]:
    """Where the tallies from a day on differ from a recount of the cases, and by how much they are too small.

    One statement, so that it sees one state of the database: a decision and its tally, or neither.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))  # it reads every case that there is
    return [
        {str(name): value for name, value in row._mapping.items()}
        for row in connection.execute(_DIFFERENCES, {"since": since})
    ]


def _ones(removed: Any, upheld: int = 0, decided: int = 1) -> list[Any]:
    return [
        literal(decided, Integer).label("decided"),
        removed.label("removed"),
        literal(upheld, Integer).label("upheld"),
    ]


def _recount() -> Any:
    nothing = literal(0, Integer)
    by_cause = select(_CAUSE.c.holder_id, _TAKEDOWN.c.reason_code).join(
        _TAKEDOWN, _TAKEDOWN.c.id == _CAUSE.c.takedown_id
    )
    counted = union_all(
        by_cause.add_columns(
            _CAUSE.c.counted_on.label("day"), *_ones(case((_CAUSE.c.counted == Counted.REMOVED, 1), else_=0))
        ).where(_CAUSE.c.counted.in_(_ANYHOW), _CAUSE.c.counted_on >= _SINCE),
        by_cause.add_columns(_CAUSE.c.upheld_on.label("day"), *_ones(nothing, upheld=1, decided=0)).where(
            _CAUSE.c.upheld_on >= _SINCE
        ),
        select(
            _NOTICE.c.holder_id,
            type_coerce(_NOTICE.c.reason_code, String),
            _ITEM.c.counted_on,
            *_ones(case((_ITEM.c.counted == Counted.REMOVED, 1), else_=0)),
        )
        .join(_NOTICE, _NOTICE.c.id == _ITEM.c.notice_id)
        .where(_ITEM.c.counted.in_(_ANYHOW), _ITEM.c.counted_on >= _SINCE),
        select(
            _NOTICE.c.holder_id,
            type_coerce(_NOTICE.c.reason_code, String),
            _ITEM.c.upheld_on,
            *_ones(nothing, upheld=1, decided=0),
        )
        .join(_NOTICE, _NOTICE.c.id == _ITEM.c.notice_id)
        .where(_ITEM.c.upheld_on >= _SINCE),
        select(
            _TALLY.c.holder_id,
            _TALLY.c.reason_code,
            _TALLY.c.day,
            (-_TALLY.c.decided).label("decided"),
            (-_TALLY.c.removed).label("removed"),
            (-_TALLY.c.upheld).label("upheld"),
        ).where(_TALLY.c.day >= _SINCE),
    ).subquery()
    key = (counted.c.holder_id, counted.c.reason_code, counted.c.day)
    sums = {name: func.sum(counted.c[name]) for name in ("decided", "removed", "upheld")}
    return (
        select(*key, *(total.label(name) for name, total in sums.items()))
        .group_by(*reversed(key))  # a day's cases lie together as they are read: half sorted already
        .having((sums["decided"] != 0) | (sums["removed"] != 0) | (sums["upheld"] != 0))
        .order_by(*key)
    )


_DIFFERENCES = _recount()
