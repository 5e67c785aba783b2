"""The one source of now, which everything else takes as an argument; and what comes round again and again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


class ShiftedClock:
    """A clock that runs a given time ahead: the sandbox's, so that nobody need wait for tomorrow's digest."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        """The present moment and the offset, in UTC."""
        return utc_now() + self.offset


@dataclass(frozen=True)
class Tick:
    """Something to look after again and again; `work` must be safe to run twice and safe to miss."""

    name: str
    every: timedelta
    work: Callable[[], Awaitable[object]]
