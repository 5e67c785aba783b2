"""A verdict and the move of its request that goes with it: on PostgreSQL in one round trip, for a trip
costs a click more than the statement does.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

from sqlalchemy import (
    ClauseElement,
    Column,
    Integer,
    Table,
    Update,
    bindparam,
    exists,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from storage.prepared import Prepared
from storage.records.authenticity import AuthenticityRequest, RequestState, Verdict


class Entry(Enum):
    """What became of a verdict that was to be recorded."""

    RECORDED = auto()
    ANSWERED_BEFORE = auto()  # another verdict stands in this round
    MOVED_ON = auto()  # the request is open no more, or in another round: take the unit back


_VERDICT: Table = SQLModel.metadata.tables[str(Verdict.__tablename__)]
_REQUEST: Table = SQLModel.metadata.tables[str(AuthenticityRequest.__tablename__)]
_GIVEN = [column.name for column in _VERDICT.columns]
_ONE = literal_column("1", Integer).label("one")
_INSERTED: Column[int] = Column("inserted", Integer)
_MOVED: Column[int] = Column("moved", Integer)
_UNIQUE = ("request_id", "round")

_MOVE: Update = (
    update(_REQUEST)
    .where(
        _REQUEST.c.id == bindparam("this"),
        _REQUEST.c.state == literal_column(f"'{RequestState.OPEN.value}'"),
        _REQUEST.c.round == bindparam("at_round"),
    )
    .values(state=bindparam("becomes"), changed_at=bindparam("now"))
)
_SEND_BACK: Update = _MOVE.values(round=_REQUEST.c.round + literal_column("1"), brand_id=None, holder_id=None)


def _insert() -> ClauseElement:
    return sqlite.insert(_VERDICT).inline().on_conflict_do_nothing(index_elements=_UNIQUE).returning(_ONE)


def _together(move: Update) -> ClauseElement:
    """Both in one statement: the request moves where the verdict was the first."""
    values = {column.name: bindparam(column.name, type_=column.type) for column in _VERDICT.columns}
    inserted = (
        postgresql.insert(_VERDICT)
        .values(values)
        .on_conflict_do_nothing(index_elements=_UNIQUE)
        .returning(_ONE)
        .cte("inserted")
    )
    moved = move.where(exists(select(inserted.c.one))).returning(_ONE).cte("moved")
    count = func.count()
    return select(
        select(count).select_from(inserted).scalar_subquery().label("inserted"),
        select(count).select_from(moved).scalar_subquery().label("moved"),
    )


_FIRST = Prepared(lambda _: _insert(), _GIVEN, [_ONE])
_MOVING = ["this", "at_round", "becomes", "now"]
_MOVED_ON = {
    RequestState.ANSWERED: Prepared(lambda _: _MOVE.returning(_ONE), _MOVING, [_ONE]),
    RequestState.UNROUTED: Prepared(lambda _: _SEND_BACK.returning(_ONE), _MOVING, [_ONE]),
}
_TOGETHER = {
    RequestState.ANSWERED: Prepared(lambda _: _together(_MOVE), _GIVEN + _MOVING, [_INSERTED, _MOVED]),
    RequestState.UNROUTED: Prepared(lambda _: _together(_SEND_BACK), _GIVEN + _MOVING, [_INSERTED, _MOVED]),
}


def record(session: Session, verdict: Mapping[str, Any], becomes: RequestState) -> Entry:
    """Insert the first verdict of a request's round and move the request on; `verdict` by column name.

    A request that becomes unrouted loses its brand and begins its next round.
    """
    moving = {
        "this": verdict["request_id"],
        "at_round": verdict["round"],
        "becomes": becomes,
        "now": verdict["at"],
    }
    kind = RequestState.UNROUTED if becomes is RequestState.UNROUTED else RequestState.ANSWERED
    if session.get_bind().dialect.name == "postgresql":
        done = _TOGETHER[kind].first(session, {**verdict, **moving})
        inserted, moved = done.inserted, done.moved
    else:
        inserted = _FIRST.first(session, verdict)
        moved = inserted and _MOVED_ON[kind].first(session, moving)
    if not inserted:
        return Entry.ANSWERED_BEFORE
    return Entry.RECORDED if moved else Entry.MOVED_ON
