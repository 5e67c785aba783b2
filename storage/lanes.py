"""Units of work on their way to a database thread: two lanes, and the way the answer goes back.

A thread that is woken costs a small unit about as much as its statements do, so no more are woken than serve.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from enum import Enum, auto
from time import monotonic
from typing import Any

from sqlmodel import Session

from storage.errors import StoreClosedError

Answer = asyncio.Future[Any] | Future[Any]

PATIENCE_SECONDS = 0.25


class Unit:
    """One use case with its arguments, run in one transaction, and the future that waits for its outcome."""

    __slots__ = (
        "answer",
        "args",
        "enqueued",
        "error",
        "kwargs",
        "loop",
        "put_at",
        "result",
        "urgent",
        "use_case",
    )

    def __init__(
        self,
        use_case: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        *,
        urgent: bool = False,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.use_case = use_case
        self.args = args
        self.kwargs = kwargs
        self.urgent = urgent
        self.loop = loop
        self.answer: Answer = loop.create_future() if loop else Future()
        self.result: Any = None
        self.error: BaseException | None = None
        self.enqueued = False
        self.put_at = monotonic()

    def __call__(self, session: Session) -> Any:
        return self.use_case(session, *self.args, **self.kwargs)

    def settle(self) -> None:
        """Hand the outcome to whoever waits; on the waiter's own loop if it has one."""
        if self.answer.done():
            return
        if self.error is None:
            self.answer.set_result(self.result)
        elif isinstance(
            self.error, StopIteration
        ):  # no future can carry it, and the waiter would wait for ever
            self.answer.set_exception(RuntimeError("a use case let StopIteration out"))
        else:
            self.answer.set_exception(self.error)


def settle(units: Iterable[Unit]) -> None:
    """Answer many units with one wake-up for each event loop that waits for them."""
    by_loop: dict[asyncio.AbstractEventLoop | None, list[Unit]] = {}
    for unit in units:
        by_loop.setdefault(unit.loop, []).append(unit)
    for loop, waiting in by_loop.items():
        if loop is None:
            _settle_here(waiting)
        else:
            with suppress(RuntimeError):  # the loop was closed while its unit ran: nobody waits any more
                loop.call_soon_threadsafe(_settle_here, waiting)


def _settle_here(units: list[Unit]) -> None:
    for unit in units:
        unit.settle()


class Turn(Enum):
    """Which lane a thread looks at. Not always the urgent one first: many clicks must not starve the rest."""

    URGENT_FIRST = auto()
    URGENT_ONLY = auto()
    NORMAL_FIRST = auto()
    NORMAL_ONLY = auto()


class Lanes:
    """Waiting units: an urgent lane and a normal one, each in the order of arrival."""

    def __init__(self) -> None:
        self._urgent: deque[Unit] = deque()
        self._normal: deque[Unit] = deque()
        self._order = {
            Turn.URGENT_FIRST: (self._urgent, self._normal),
            Turn.URGENT_ONLY: (self._urgent,),
            Turn.NORMAL_FIRST: (self._normal, self._urgent),
            Turn.NORMAL_ONLY: (self._normal,),
        }
        self._lock = threading.Lock()
        self._anybody = threading.Condition(self._lock)
        self._for_urgent = threading.Condition(self._lock)
        self._patience: float | None = None
        self._closed = False

    def keep_apart(self) -> None:
        """Some threads take `URGENT_ONLY`: others leave urgent units to them that have not waited long."""
        self._patience = PATIENCE_SECONDS

    def put(self, unit: Unit) -> None:
        with self._lock:
            if self._closed:
                raise StoreClosedError("the store is closed: nothing was recorded")
            (self._urgent if unit.urgent else self._normal).append(unit)
            # Whoever is busy looks again by themselves.
            (self._for_urgent if unit.urgent and self._patience else self._anybody).notify()

    def take(self, turn: Turn = Turn.URGENT_FIRST) -> Unit | None:
        """The next unit, waiting for one; None when the lanes are closed and empty."""
        apart = turn is Turn.URGENT_ONLY
        changed, patience = (self._for_urgent, None) if apart else (self._anybody, self._patience)
        with self._lock:
            while True:
                unit = self._next(turn)
                if unit or self._closed:
                    return unit
                changed.wait(patience)

    def take_waiting(self, turn: Turn = Turn.URGENT_FIRST) -> Unit | None:
        """The next unit if one waits, else None at once."""
        with self._lock:
            return self._next(turn)

    def _next(self, turn: Turn) -> Unit | None:
        for lane in self._order[turn]:
            if lane and (lane is self._normal or turn is Turn.URGENT_ONLY or not self._is_early()):
                return lane.popleft()
        return None

    def _is_early(self) -> bool:
        """Whether the first urgent unit is left to the threads that serve them alone."""
        waited = monotonic() - self._urgent[0].put_at
        return self._patience is not None and waited < self._patience and not self._closed

    def take_all(self) -> list[Unit]:
        with self._lock:
            units = [*self._urgent, *self._normal]
            self._urgent.clear()
            self._normal.clear()
            return units

    def __len__(self) -> int:
        return len(self._urgent) + len(self._normal)

    def close(self) -> None:
        """Take no more; what waits is still served."""
        with self._lock:
            self._closed = True
            self._anybody.notify_all()
            self._for_urgent.notify_all()
