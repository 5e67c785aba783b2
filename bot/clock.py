"""The one source of now. Everything else takes `now` as an argument."""

from collections.abc import Callable
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
