"""The life of an outbox row: put in, claimed under a lease, finished, looked up where nobody knows.

The statements are built once, for they run with every decision; states stand in them as literals, because
neither database can use a partial index for a state that comes as a parameter.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel

from storage.columns import json_text
from storage.ending import OUTBOX, say, write_outbox
from storage.errors import violated
from storage.moments import DatabaseNow, LeaseEnd, utc_text
from storage.prepared import at_most
from storage.records.outbox import OutboxRow, OutboxState

WHISPER_LIFE = timedelta(minutes=5)
_NEWER = "a newer one goes instead"

_TABLE = SQLModel.metadata.tables[str(OutboxRow.__tablename__)]
_ROW = _TABLE.c
_OTHER = _TABLE.alias("other")
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_NOW = bindparam("now", type_=_ROW.next_try.type)
_OWNER: BindParameter[Any] = bindparam("owner")
_NOT_FULL = _ROW.kind.not_in(bindparam("full", expanding=True))
_NOT_WAITING = _ROW.lane.not_in(bindparam("waiting", expanding=True))
_NO_LEASE: dict[str, Any] = {"lease_until": None, "lease_owner": None}


def _is(state: OutboxState, rows: Any = _ROW) -> ColumnElement[bool]:
    return rows.state == literal_column(f"'{state.value}'")  # type: ignore[no-any-return]  # a column's comparison


_EXPIRE = (
    update(_TABLE)
    .where(_is(OutboxState.SENDING), _ROW.lease_until < DatabaseNow())
    .values(state=OutboxState.UNKNOWN, next_try=_NOW, **_NO_LEASE)
)
_RECOVER = (
    update(_TABLE)
    .where(or_(_is(OutboxState.SENDING), _is(OutboxState.UNKNOWN)))
    .values(state=OutboxState.UNKNOWN, next_try=_NOW, **_NO_LEASE)
)
_DUE_UNKNOWN = (
    select(_ROW.id)
    .where(
        _is(OutboxState.UNKNOWN),
        _ROW.next_try <= _NOW,
        _NOT_FULL,
        or_(_ROW.lease_until.is_(None), _ROW.lease_until < DatabaseNow()),
    )
    .order_by(_ROW.next_try)
    .limit(at_most("room"))
    .with_for_update(skip_locked=True)
)
# Another row of the lane is under way; or it comes before and is due, or was tried and waits.
_HELD_UP = (
    select(_OTHER.c.id)
    .where(
        _OTHER.c.lane == _ROW.lane,
        text("other.state IN ('ready', 'sending', 'unknown') AND other.lane <> ''"),
        or_(
            ~_is(OutboxState.READY, _OTHER.c),
            and_(_OTHER.c.id < _ROW.id, or_(_OTHER.c.attempt > 0, _OTHER.c.next_try <= _NOW)),
        ),
    )
    .exists()
)
_DUE_READY = {
    urgent: select(_ROW.id, _ROW.expires_at)
    .where(
        _is(OutboxState.READY),
        _ROW.urgent.is_(urgent),
        _ROW.next_try <= _NOW,
        _NOT_FULL,
        _NOT_WAITING,
        or_(_ROW.lane == "", ~_HELD_UP),
    )
    .order_by(_ROW.next_try, _ROW.id)
    .limit(at_most("room"))
    .with_for_update(skip_locked=True, of=_TABLE)
    for urgent in (True, False)
}
_DROP = (
    update(_TABLE)
    .where(_ROW.id.in_(_IDS))
    .values(state=OutboxState.DROPPED, done_at=_NOW, last_error="too late")
)
_LEASE = (
    update(_TABLE)
    .where(_ROW.id.in_(_IDS))
    .values(lease_owner=_OWNER, lease_until=LeaseEnd(), attempt=_ROW.attempt + 1)
)
_LEASE_TO_LOOK_UP = _LEASE.returning(_TABLE)
_LEASE_TO_SEND = _LEASE.values(state=OutboxState.SENDING).returning(_TABLE)
_FINISH = (
    update(_TABLE)
    .where(
        _ROW.id == bindparam("this"),
        _ROW.state == bindparam("was"),
        _ROW.attempt == bindparam("tried"),
        _ROW.lease_owner == _OWNER,
    )
    .values(
        state=bindparam("becomes"),
        next_try=bindparam("again"),
        last_error=bindparam("error"),
        result=bindparam("told"),
        done_at=bindparam("done"),
        **_NO_LEASE,
    )
    .returning(_ROW.id)
)
_WITHDRAW = (
    update(_TABLE)
    .where(_ROW.key.in_(bindparam("keys", expanding=True)))
    .where(or_(_is(OutboxState.READY), _is(OutboxState.DEAD)))
    .values(state=OutboxState.DROPPED, done_at=_NOW, last_error="withdrawn")
    .returning(_ROW.key)
)
_POSTPONE_NEWER = (
    update(_TABLE)
    .where(
        _ROW.kind == bindparam("of_kind"),
        _ROW.subject_id == bindparam("subject"),
        _ROW.lane == bindparam("in_lane"),
        text("state = 'ready' AND coalesces"),
    )
    .values(next_try=bindparam("again"), attempt=bindparam("tried"))
    .returning(_ROW.id)
)
_COUNTS = {
    state: select(func.count()).select_from(_TABLE).where(_is(state))
    for state in (OutboxState.READY, OutboxState.SENDING, OutboxState.UNKNOWN, OutboxState.DEAD)
}
_OLDEST_DUE = [
    select(func.min(_ROW.next_try)).where(_is(OutboxState.READY), _ROW.urgent.is_(urgent))
    for urgent in (True, False)
]
_PRUNE = delete(_TABLE).where(text("state IN ('sent', 'dropped')"), _ROW.done_at < bindparam("before"))


@dataclass(frozen=True)
class Backlog:
    """What waits: counts by state, and for how many seconds the oldest due row has been due."""

    ready: int
    sending: int
    unknown: int
    dead: int
    due_seconds: float


def enqueue(
    session: Session,
    *,
    kind: str,
    subject_id: str,
    now: datetime,
    key: str | None = None,
    lane: str = "",
    payload: dict[str, Any] | None = None,
    urgent: bool = False,
    not_before: datetime | None = None,
    coalesce: bool = False,
) -> None:
    """Put one delivery into the caller's unit; the worker wakes after its commit.

    `key`: at most one row ever has it. `lane`: rows of one lane go one at a time, in order. `urgent`: goes
    before all others, and is dropped when five minutes old. `coalesce`: a drawing; it melts into one of the
    same kind, subject and lane that waits, and the newer payload stands.
    """
    if coalesce and key:
        raise ValueError("a drawing has no key: it may be drawn again")
    at = utc_text(now)
    row = {
        "kind": str(kind),
        "subject_id": subject_id,
        "key": key,
        "lane": lane,
        "payload": json_text(payload or {}),  # what cannot be written down is this unit's own affair
        "urgent": urgent,
        "coalesces": coalesce,
        "next_try": utc_text(not_before) if not_before else at,
        "expires_at": utc_text(now + WHISPER_LIFE) if urgent else None,
        "created_at": at,
    }
    say(session, OUTBOX, row)
    session.info["enqueued"] = True


def claim(
    session: Session,
    *,
    owner: str,
    room: int,
    now: datetime,
    full: Collection[str] = (),
    waiting: Collection[str] = (),
) -> list[OutboxRow]:
    """Lease up to `room` rows to `owner`: SENDING ones to deliver, UNKNOWN ones to look up first.

    No row of a kind that is `full` is taken: as many are under way as may be. Nor is one to be sent in a lane
    that is `waiting`: it was turned away, and goes first when it may try again.
    A row whose lease ran out while SENDING is UNKNOWN: its sender died, and nobody knows whether it was sent.
    """
    connection = session.connection()
    connection.execute(_EXPIRE, {"now": now})
    due = {"now": now, "room": room, "full": list(full), "waiting": list(waiting)}
    found: Sequence[int] = connection.execute(_DUE_UNKNOWN, due).scalars().all()
    rows = _leased(session, _LEASE_TO_LOOK_UP, found, owner)
    for urgent in (True, False):
        if len(rows) < room:
            ready = _take_ready(session, urgent=urgent, due=due | {"room": room - len(rows)})
            rows += _leased(session, _LEASE_TO_SEND, ready, owner)
    return rows


def recover(session: Session, *, now: datetime) -> None:
    """Give up every lease at once; right only for the one process that may write, on SQLite."""
    session.connection().execute(_RECOVER, {"now": now})


def finish(
    session: Session,
    row: OutboxRow,
    *,
    state: OutboxState,
    now: datetime,
    next_try: datetime | None = None,
    error: str | None = None,
    result: dict[str, Any] | None = None,
) -> bool:
    """Write what became of a claimed row; False where its lease had gone to somebody else meanwhile."""
    again = next_try or now
    if state is OutboxState.READY and row.coalesces and _newer_goes_instead(session, row, again):
        state, error = OutboxState.DROPPED, _NEWER
    values = {
        "this": row.id,
        "was": row.state,
        "tried": row.attempt,
        "owner": row.lease_owner,
        "becomes": state,
        "again": again,
        "error": error,
        "told": result,
        "done": None if state in {OutboxState.READY, OutboxState.UNKNOWN} else now,
    }
    if state is not OutboxState.READY or not row.coalesces:
        return session.connection().execute(_FINISH, values).first() is not None
    try:
        with session.begin_nested():
            return session.connection().execute(_FINISH, values).first() is not None
    except IntegrityError as race:
        if violated(race) != "uq_outbox_coalesced":
            raise
    # A newer drawing was asked for at this very moment.
    _newer_goes_instead(session, row, again)
    instead = {"becomes": OutboxState.DROPPED, "error": _NEWER, "done": now}
    return session.connection().execute(_FINISH, values | instead).first() is not None


def withdraw(session: Session, keys: Sequence[str], *, now: datetime) -> set[str]:
    """Take back deliveries that were surely not made; the keys of those. Of any other nobody can know.

    A claim and a withdrawal are decided on the same row, so exactly one of them happens.
    """
    write_outbox(session)
    return set(session.connection().execute(_WITHDRAW, {"keys": list(keys), "now": now}).scalars())


def backlog(session: Session, now: datetime) -> Backlog:
    """The figures for readiness and metrics; each comes from an index of its own."""
    connection = session.connection()
    counts = {state.value: connection.execute(query).scalar_one() for state, query in _COUNTS.items()}
    oldest = [connection.execute(query).scalar_one() for query in _OLDEST_DUE]
    waited = [(now - moment).total_seconds() for moment in oldest if moment]
    return Backlog(**counts, due_seconds=max([*waited, 0.0]))


def prune(session: Session, before: datetime) -> int:
    """Forget rows that were sent or dropped before that moment, and say how many; dead ones stay."""
    return session.connection().execute(_PRUNE, {"before": before}).rowcount


def _take_ready(session: Session, *, urgent: bool, due: Mapping[str, Any]) -> list[int]:
    connection, now = session.connection(), due["now"]
    found = connection.execute(_DUE_READY[urgent], due).all()
    late = [row.id for row in found if row.expires_at and row.expires_at <= now]
    if late:
        connection.execute(_DROP, {"ids": late, "now": now})
    return [row.id for row in found if row.id not in late]


def _leased(session: Session, statement: Any, found: Sequence[int], owner: str) -> list[OutboxRow]:
    if not found:
        return []
    leased = session.connection().execute(statement, {"ids": found, "owner": owner})
    by_id = {row.id: OutboxRow(**row._mapping) for row in leased}
    return [by_id[number] for number in found]


def _newer_goes_instead(session: Session, row: OutboxRow, again: datetime) -> bool:
    """Two drawings of one thing never wait together; the newer one waits as long as this one would have."""
    newer = {
        "of_kind": row.kind,
        "subject": row.subject_id,
        "in_lane": row.lane,
        "again": again,
        "tried": row.attempt,
    }
    return session.connection().execute(_POSTPONE_NEWER, newer).first() is not None
