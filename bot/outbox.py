"""Delivers what transactions decided to say or do: claims rows under a lease, hands them to their deliverers,
writes down what became of them. A send whose answer was lost is looked up before it is ever repeated.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from sqlmodel import Session

from bot.clock import Clock
from bot.logs import logger
from bot.pace import Pace
from storage.columns import new_id
from storage.engine import Store
from storage.errors import StoreError
from storage.moments import LEASE_SECONDS
from storage.queries import outbox
from storage.records.outbox import OutboxRow, OutboxState

POLL_SECONDS = 1.0
# Under load every commit wakes the worker: claiming many rows at a time leaves the writer to the clicks.
CLAIM_SPACING_SECONDS = 0.02
# People wait for clicks, nobody waits for a card: in a burst it claims less often.
BURST_UNITS_A_SECOND = 200
BURST_SPACING_SECONDS = 0.25
# A delivery ends well before its lease does, or another worker would look up what is still being sent.
DELIVERY_SECONDS = LEASE_SECONDS * 0.75
LONGEST_BACKOFF_SECONDS = 300.0

log = logger(__name__)


@dataclass(frozen=True)
class Sent:
    """It is done; `result` is kept with the row."""

    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Retry:
    """It was surely not done. Again after `after_seconds`, or, when None, after a growing random time."""

    after_seconds: float | None
    reason: str


@dataclass(frozen=True)
class Busy:
    """It was surely not done: the receiver asks to wait so many seconds. See `bot/pace.py`."""

    seconds: float
    reason: str


@dataclass(frozen=True)
class Unknown:
    """It may have been done, or the look-up could not tell: look up before any repeat."""

    reason: str


@dataclass(frozen=True)
class Dead:
    """It can never be done."""

    reason: str


@dataclass(frozen=True)
class NotSent:
    """The look-up found no trace: it may be sent again."""


Outcome = Sent | Retry | Busy | Unknown | Dead | NotSent


class Deliverer(Protocol):
    """Does one kind of delivery. Anything it raises counts as `Unknown`."""

    async def deliver(self, row: OutboxRow) -> Outcome:
        """Send it once."""

    async def look_up(self, row: OutboxRow) -> Outcome:
        """Find out whether an earlier attempt arrived; send nothing."""


@runtime_checkable
class Follower(Protocol):
    """A deliverer whose outcomes change more than their row."""

    def follow(self, session: Session, row: OutboxRow, outcome: Outcome, now: datetime) -> None:
        """Change the rest, in the transaction in which the outcome is written down."""


Observer = Callable[[str, str], None]


def _unobserved(_kind: str, _outcome: str) -> None:
    return None


class OutboxWorker:
    """One worker of a process. It wakes at once after a commit that put something in, and by a poll.

    `deliverers` by kind of row. `observe(kind, outcome)` is told the name of each outcome, for metrics.
    """

    def __init__(
        self,
        store: Store,
        deliverers: Mapping[str, Deliverer],
        clock: Clock,
        *,
        concurrency: int = 32,
        poll_seconds: float = POLL_SECONDS,
        observe: Observer = _unobserved,
    ) -> None:
        self._store = store
        self._deliverers = deliverers
        self._met: dict[str, Deliverer | None] = {}
        self._clock = clock
        self._concurrency = concurrency
        self._poll_seconds = poll_seconds
        self._observe = observe
        self._owner = new_id()
        self._pace = Pace(concurrency // 2)
        self._wake = asyncio.Event()
        self._stopping = False
        self._loop: asyncio.Task[None] | None = None
        self._deliveries: dict[asyncio.Task[None], str] = {}  # each with its kind

    async def start(self) -> None:
        """Take over what a dead process left, and begin."""
        if self._store.dialect == "sqlite":
            # Nobody else may write to this file, so every lease in it belonged to a process that is gone.
            await self._store.run(outbox.recover, now=self._clock())
        here = asyncio.get_running_loop()
        self._store.on_enqueued(lambda: _wake(here, self._wake))
        self._loop = asyncio.create_task(self._work(), name="outbox")

    async def stop(self, grace_seconds: float = 10.0) -> None:
        """Claim no more and finish what is under way; what takes longer than the grace becomes unknown."""
        self._stopping = True
        self._wake.set()
        if self._loop:
            await self._loop
        if not self._deliveries:
            return
        _, late = await asyncio.wait(set(self._deliveries), timeout=grace_seconds)
        for delivery in late:
            delivery.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def age(self) -> float:
        """For how many seconds the oldest due row has been due: near zero while the worker keeps up."""
        return (await self._store.read(outbox.backlog, self._clock())).due_seconds

    async def _work(self) -> None:
        while not self._stopping:
            self._wake.clear()
            urgent, since = self._store.urgent_units, time.monotonic()
            try:
                claimed = await self._claim()
            except StoreError as error:
                log.warning("outbox_waits_for_database", error=type(error).__name__)
                claimed = 0
            await asyncio.sleep(CLAIM_SPACING_SECONDS)
            most = BURST_UNITS_A_SECOND * (time.monotonic() - since)
            if self._store.urgent_units - urgent > most and not self._stopping:
                await asyncio.sleep(BURST_SPACING_SECONDS)
            if not claimed:
                await self._pause()

    async def _claim(self) -> int:
        # A few at a time and never all places for one kind: who hangs must not hold up everybody else.
        room = min(self._concurrency - len(self._deliveries), max(1, self._concurrency // 4))
        if room <= 0:
            return 0
        under_way, now = Counter(self._deliveries.values()), self._clock()
        slow = self._pace.slow(now)
        left = {kind: self._pace.room(kind, under_way[kind], now) for kind in {*under_way, *slow}}
        full = [kind for kind, number in left.items() if number <= 0]
        # Which kinds come is not known before: where one goes slowly, no more are taken than it has room for.
        room = min([room, *(left[kind] for kind in slow if left[kind] > 0)])
        waiting = self._pace.waiting(now)
        rows = await self._store.run(
            outbox.claim, owner=self._owner, room=room, now=now, full=full, waiting=waiting
        )
        for row in rows:
            delivery = asyncio.create_task(self._deliver(row), name=f"outbox-{row.id}")
            self._deliveries[delivery] = row.kind
            delivery.add_done_callback(self._delivered)
        return len(rows)

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._poll_seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    def _delivered(self, delivery: asyncio.Task[None]) -> None:
        del self._deliveries[delivery]
        if not delivery.cancelled() and (error := delivery.exception()):
            log.error("outbox_delivery_failed", exc_info=error)
        self._wake.set()

    async def _deliver(self, row: OutboxRow) -> None:
        try:
            outcome = await self._attempt(row)
        except asyncio.CancelledError:
            await self._finish(row, Unknown("stopped while sending"))
            raise
        await self._finish(row, outcome)

    async def _attempt(self, row: OutboxRow) -> Outcome:
        try:
            async with asyncio.timeout(DELIVERY_SECONDS):
                deliverer = await self._deliverer(row.kind)
                if deliverer is None:
                    return Dead(f"nobody delivers {row.kind}")
                if row.state is OutboxState.UNKNOWN:
                    return await deliverer.look_up(row)
                return await deliverer.deliver(row)
        except TimeoutError:
            return Unknown("no answer in time")
        except Exception as error:
            log.exception("outbox_deliverer_failed", kind=row.kind, row=row.id)
            return Unknown(type(error).__name__)

    async def _deliverer(self, kind: str) -> Deliverer | None:
        """Who delivers that kind; for the first row of it they may have to be imported, beside the loop."""
        if kind not in self._met:
            self._met[kind] = await asyncio.to_thread(self._deliverers.get, kind)
        return self._met[kind]

    async def _finish(self, row: OutboxRow, outcome: Outcome) -> None:
        name = type(outcome).__name__.lower()
        self._observe(row.kind, name)
        outcome = self._paced(row, outcome)
        if isinstance(outcome, Dead):
            log.error("outbox_row_dead", kind=row.kind, row=row.id, reason=outcome.reason)
        deliverer: object = self._met.get(row.kind)  # of whom could not be made, nothing follows
        follower = deliverer if isinstance(deliverer, Follower) else None
        try:
            mine = await self._store.run(_write_down, row, outcome, follower, now=self._clock())
        except StoreError as error:
            # The lease runs out and the row is looked up: what was done is found again.
            log.warning("outbox_outcome_not_written", row=row.id, outcome=name, error=type(error).__name__)
            return
        if not mine:
            log.warning("outbox_lease_lost", kind=row.kind, row=row.id, outcome=name)

    def _paced(self, row: OutboxRow, outcome: Outcome) -> Outcome:
        """Where others wait for it, a row that was turned away is due as before."""
        now = self._clock()
        if isinstance(outcome, Sent):
            self._pace.taken(row.kind, row.lane, now)
        if isinstance(outcome, Busy) and self._pace.refused(row.kind, row.lane, outcome.seconds, now):
            return Retry((row.next_try - now).total_seconds(), outcome.reason)
        return outcome


def _write_down(
    session: Session, row: OutboxRow, outcome: Outcome, follower: Follower | None, now: datetime
) -> bool:
    """One transaction: the row's next state and what follows. False where another worker holds the row."""
    mine = _end(session, row, outcome, now)
    if mine and follower:
        follower.follow(session, row, outcome, now)
    return mine


def _end(session: Session, row: OutboxRow, outcome: Outcome, now: datetime) -> bool:
    match outcome:
        case Sent(result):
            return outbox.finish(session, row, state=OutboxState.SENT, now=now, result=dict(result))
        case Dead(reason):
            return outbox.finish(session, row, state=OutboxState.DEAD, now=now, error=reason)
        case Unknown(reason):
            later = now + timedelta(seconds=1 + _backoff(row.attempt))
            return outbox.finish(
                session, row, state=OutboxState.UNKNOWN, now=now, next_try=later, error=reason
            )
        case Busy(after, reason) | Retry(after, reason):
            later = now + timedelta(seconds=_backoff(row.attempt) if after is None else after)
            return outbox.finish(session, row, state=OutboxState.READY, now=now, next_try=later, error=reason)
        case NotSent():
            later = now + timedelta(seconds=_backoff(row.attempt))
            return outbox.finish(
                session, row, state=OutboxState.READY, now=now, next_try=later, error="not sent"
            )


def _backoff(attempt: int) -> float:
    """Full jitter: anything up to a bound that doubles, so that many rows never come back at one moment."""
    return random.uniform(0, min(LONGEST_BACKOFF_SECONDS, 2.0**attempt))  # noqa: S311  # not a secret


def _wake(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    with suppress(RuntimeError):  # the loop is closed: the row stays for the next start
        loop.call_soon_threadsafe(event.set)
