"""The oracle's figures as people read them: service levels and response times, by window."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from math import ceil

from tests.year.oracle import Notice, Request
from tests.year.slow_clock import DAY, SlowClock
from tests.year.slow_standing import months_later
from tests.year.world import ZONE

Counts = tuple[int, int, int]  # due, in time, rejected among these
Sums = dict[str, Counts]
_DAYS = SlowClock("DE", ZONE)


def window(span: str, back: int, today: date) -> tuple[date, date]:
    """The first and the last day of a window, so many spans ago."""
    if span == "day":
        day = today - back * DAY
        return day, day
    if span == "week":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return monday, monday + 6 * DAY
    first = months_later(today.replace(day=1), -back)
    return first, months_later(first, 1) - DAY


def today_at(now: datetime) -> date:
    """The date where the platform is."""
    return _DAYS.local(now)


def bounds(first: date, last: date, now: datetime) -> tuple[datetime, datetime]:
    """From the first moment of a window to the one after its last, or to now."""
    return _DAYS.day(first)[0], min(_DAYS.day(last)[1], now)


def due_in(notices: Sequence[Notice], first: date, last: date, now: datetime) -> Sequence[Notice]:
    """Those of some notices, in the order in which they fell due, that did so in a window."""
    first_of, last_of = (bisect_left(notices, at, key=_due) for at in bounds(first, last, now))
    return notices[first_of:last_of]


def _due(notice: Notice) -> datetime:
    assert notice.due_at is not None
    return notice.due_at


def count(notices: Iterable[Notice]) -> Counts:
    """Due, in time, and rejected in time."""
    due = in_time = rejected = 0
    for notice in notices:
        due += 1
        if is_in_time(notice):
            in_time += 1
            rejected += notice.decided_as == "rejected"
    return due, in_time, rejected


def is_in_time(notice: Notice) -> bool:
    """Whether it was decided by its due moment; at that very moment it still is."""
    return notice.decided_at is not None and notice.due_at is not None and notice.decided_at <= notice.due_at


def split(notices: Iterable[Notice], by: Callable[[Notice], str]) -> Sums:
    """Counts by some name."""
    groups: dict[str, list[Notice]] = {}
    for notice in notices:
        groups.setdefault(by(notice), []).append(notice)
    return {name: count(found) for name, found in groups.items()}


Answers = tuple[int, float, float, int, int]  # answered, median, ninth of ten, with a deadline, inside it


def asked_in(requests: Iterable[Request], first: date, last: date, now: datetime) -> list[Request]:
    """Those of some requests that were answered in a window, or never and had their deadline in it."""
    start, end = bounds(first, last, now)
    return [request for request in requests if start <= (request.answered_at or request.deadline) < end]


def answers(clocks: Mapping[str, SlowClock], requests: Iterable[Request]) -> Answers:
    """How fast brands answered what they were asked, in seconds of business time."""
    times: list[float] = []
    deadlines = inside = 0
    for request in requests:
        deadlines += 1
        at = request.answered_at
        if at is not None:
            times.append(clocks[request.market].elapsed(request.asked_at, at).total_seconds())
            inside += at <= request.deadline
    times.sort()
    return len(times), _rank(times, 5), _rank(times, 9), deadlines, inside


def _rank(times: list[float], tenths: int) -> float:
    """The time within which so many tenths of the answers came."""
    return times[max(ceil(tenths * len(times) / 10) - 1, 0)] if times else 0.0
