"""The clock that deadlines and service levels run on: it stands still on weekends and public holidays.

The published figure counts hours "during business days", not office hours: a notice of Friday 15:00 is due
on Monday at 15:00. That is the first reading; the hours of an office are the second. The open windows of a
calendar are listed once, as half-open intervals in UTC with their running total, so that a count is two
look-ups however long the interval. Nothing is counted outside `FIRST_YEAR` to `LAST_YEAR`.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from bot import lazy
from bot.enforcement.digest_calendar import DAY, day_bounds, local_day
from bot.enforcement.digest_calendar import due as moment_on
from storage.records.calendars import Reading as Reading  # noqa: PLC0414  # given on: part of a calendar

if TYPE_CHECKING:
    from numpy import bool_, int64
    from numpy.typing import NDArray

    Microseconds = NDArray[int64]  # since 1970 in UTC when they are moments

FIRST_YEAR, LAST_YEAR = 1990, 2100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
SATURDAY = 5  # of `date.weekday()`
_HABIT = 3  # years in a row with make-up days, from which on there will be some
_MARGIN = 1  # years listed on each side of those asked for, so that the next question finds its answer
_MOST_CALENDARS = 64


@dataclass(frozen=True)
class Calendar:
    """Whose days count, and which of their hours.

    `country` is ISO 3166-1 with an optional subdivision (`CN`, `GB-ENG`); empty means Monday to Friday, no
    holidays. `opens` and `closes` are times on the wall of one day, and matter to WORKING_HOURS only.
    """

    country: str
    zone: str
    reading: Reading = Reading.BUSINESS_DAYS_24H
    opens: time = time(9)
    closes: time = time(18)

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("an office closes after it opens, on the same day")


MONDAY_TO_FRIDAY = Calendar("", "UTC")
ANSWER_TIME = timedelta(hours=24)  # of business time, for a request whose marketplace names no deadline


def is_business_day(day: date, calendar: Calendar) -> bool:
    """Whether the clock runs on a local date; a weekend's make-up day counts. ValueError: no such country."""
    return day not in _days_off(calendar.country, day.year)


def is_known(country: str) -> bool:
    """Whether the holidays of that country, or part of it, are known."""
    try:
        _days_off(country, FIRST_YEAR)
    except ValueError:
        return False
    return True


def is_settled(country: str, year: int) -> bool:
    """Whether a year's make-up days are known, where a country has some every year.

    China's are published in the autumn before: until the holiday library has them, they count as weekend.
    """
    if year <= FIRST_YEAR + _HABIT or _weekend_work(country, year):
        return True
    before = range(year - _HABIT, year)
    return is_settled(country, year - 1) and not all(_weekend_work(country, each) for each in before)


def elapsed(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """The business time in [start, end), in real hours where a clock changes; zero unless end follows."""
    # Two moments of one zone compare by their walls, an hour off across a change: so all in ticks.
    first, last = _ticks(start), _ticks(end)
    if last <= first:
        return timedelta()
    windows = _windows(calendar, _year(start), _year(end))
    return (windows.until(last) - windows.until(first)) * _TICK


def due(start: datetime, allowance: timedelta, calendar: Calendar) -> datetime:
    """The moment, in UTC, at which `allowance` of business time is over.

    It is the end of a window, not the beginning of the next, when the time is used up exactly there.
    ValueError when the allowance is negative or reaches beyond `LAST_YEAR`.
    """
    if allowance < timedelta():
        raise ValueError("an allowance is not negative")
    if not allowance:
        return start.astimezone(UTC)
    year = last = _year(start)
    while last <= LAST_YEAR:
        windows = _windows(calendar, year, last)
        amount = windows.until(_ticks(start)) + allowance // _TICK
        if amount <= windows.total:
            return _EPOCH + windows.at(amount) * _TICK
        last = windows.last + 1
    raise ValueError(f"no business day is known after {LAST_YEAR}")


def within(start: datetime, end: datetime, allowance: timedelta, calendar: Calendar) -> bool:
    """Whether end came in time; the due moment itself still counts, a holiday after it does not."""
    return end <= due(start, allowance, calendar)


def remaining(now: datetime, due_at: datetime, calendar: Calendar) -> timedelta:
    """The business time left; what was missed by when it is late, as a negative time."""
    return elapsed(now, due_at, calendar) or -elapsed(due_at, now, calendar)


def after_business_days(start: datetime, days: int, calendar: Calendar) -> datetime:
    """The end, in UTC, of the `days`-th business day after the local day of `start`, which never counts."""
    if days < 1:
        raise ValueError("days are counted from one")
    day = local_day(start, calendar.zone)
    while days:
        day += DAY
        days -= is_business_day(day, calendar)
    return _bounds(day, calendar)[1]


def open_windows(start: datetime, end: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """The half-open windows in which the clock runs and that touch [start, end], whole and in order."""
    windows = _windows(calendar, _year(start), _year(end))
    first = bisect_left(windows.ends, _ticks(start))
    for opens, closes in zip(windows.starts[first:], windows.ends[first:], strict=True):
        if opens > _ticks(end):
            return
        yield _EPOCH + opens * _TICK, _EPOCH + closes * _TICK


def microseconds(moments: Iterable[datetime]) -> "Microseconds":
    """Moments as the functions for many want them."""
    numpy = lazy.load("numpy")
    found: Microseconds = numpy.fromiter((_ticks(each) for each in moments), dtype=numpy.int64)
    return found


def elapsed_many(starts: "Microseconds", ends: "Microseconds", calendar: Calendar) -> "Microseconds":
    """`elapsed` of every pair, in microseconds."""
    numpy = lazy.load("numpy")
    windows = _around(starts, ends, calendar)
    found: Microseconds = numpy.maximum(windows.until_many(ends) - windows.until_many(starts), 0)
    return found


def within_many(
    starts: "Microseconds", ends: "Microseconds", allowance: timedelta, calendar: Calendar
) -> "NDArray[bool_]":
    """`within` of every pair."""
    numpy = lazy.load("numpy")
    if not allowance:
        return ends <= starts
    windows = _around(starts, ends, calendar)
    amounts = windows.until_many(starts) + allowance // _TICK
    # Due after all that the windows hold is due after every end; the count then stands for the moment.
    late = amounts <= windows.until_many(ends)
    late &= ends > windows.at_many(numpy.minimum(amounts, windows.total))
    in_time: NDArray[bool_] = ~late
    return in_time


class _Windows:
    """The open windows of a span of years, as microseconds since 1970, with the time before each."""

    def __init__(self, calendar: Calendar, first: int, last: int) -> None:
        self.first, self.last = first, last
        spans = list(_joined(_day_windows(calendar, first, last)))
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]
        self.before = [0, *accumulate(end - start for start, end in spans)]
        self.total = self.before[-1]

    def until(self, moment: int) -> int:
        """The open time before a moment."""
        index = bisect_right(self.starts, moment) - 1
        return self.before[index] + min(moment, self.ends[index]) - self.starts[index] if index >= 0 else 0

    def at(self, amount: int) -> int:
        """The first moment before which `amount` is open, for 0 < amount <= total."""
        index = bisect_left(self.before, amount) - 1
        return self.starts[index] + amount - self.before[index]

    @cached_property
    def _arrays(self) -> tuple[Any, Any, Any]:
        numpy = lazy.load("numpy")
        return tuple(numpy.array(each, dtype=numpy.int64) for each in (self.starts, self.ends, self.before))

    def until_many(self, moments: Any) -> Any:
        """`until` of every moment."""
        numpy = lazy.load("numpy")
        starts, ends, before = self._arrays
        # A moment before the first window is taken for that window's start.
        index = numpy.maximum(numpy.searchsorted(starts, moments, side="right") - 1, 0)
        opens = starts[index]
        return before[index] + numpy.clip(moments, opens, ends[index]) - opens

    def at_many(self, amounts: Any) -> Any:
        """`at` of every amount."""
        numpy = lazy.load("numpy")
        starts, _, before = self._arrays
        index = numpy.searchsorted(before, amounts, side="left") - 1
        return starts[index] + amounts - before[index]


_known: dict[Calendar, _Windows] = {}


def _windows(calendar: Calendar, first: int, last: int) -> _Windows:
    """The kept windows of those years at least. Replaced and never changed, so any thread may read."""
    known = _known.get(calendar)
    first, last = max(first, FIRST_YEAR), min(last, LAST_YEAR)
    if known is not None:
        if known.first <= first and last <= known.last:
            return known
        first, last = min(first, known.first), max(last, known.last)
    elif len(_known) >= _MOST_CALENDARS:
        _known.clear()
    found = _Windows(calendar, max(first - _MARGIN, FIRST_YEAR), min(last + _MARGIN, LAST_YEAR))
    _known[calendar] = found
    return found


def _around(starts: Any, ends: Any, calendar: Calendar) -> _Windows:
    if not len(starts):
        return _windows(calendar, FIRST_YEAR, FIRST_YEAR)
    first, last = min(starts.min(), ends.min()), max(starts.max(), ends.max())
    return _windows(calendar, *(_year(_EPOCH + int(each) * _TICK) for each in (first, last)))


def _day_windows(calendar: Calendar, first: int, last: int) -> Iterator[tuple[int, int]]:
    day, end = date(first, 1, 1), date(last + 1, 1, 1)
    while day < end:
        if is_business_day(day, calendar):
            opens, closes = _bounds(day, calendar)
            yield _ticks(opens), _ticks(closes)
        day += DAY


def _bounds(day: date, calendar: Calendar) -> tuple[datetime, datetime]:
    if calendar.reading is Reading.BUSINESS_DAYS_24H:
        return day_bounds(day, calendar.zone)
    opens, closes = calendar.opens, calendar.closes
    return (
        moment_on(day, opens.hour, opens.minute, calendar.zone),
        moment_on(day, closes.hour, closes.minute, calendar.zone),
    )


def _joined(windows: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Windows that meet become one; a date that a zone left out leaves nothing."""
    current: tuple[int, int] | None = None
    for start, end in windows:
        if start >= end:
            continue
        if current is not None and current[1] == start:
            current = current[0], end
            continue
        if current is not None:
            yield current
        current = start, end
    if current is not None:
        yield current


def _weekend_work(country: str, year: int) -> int:
    off = _days_off(country, year)
    return sum(day.weekday() >= SATURDAY and day not in off for day in _days_of(year))


def _days_of(year: int) -> list[date]:
    new_year = date(year, 1, 1)
    return [new_year + number * DAY for number in range((date(year + 1, 1, 1) - new_year).days)]


@lru_cache(maxsize=4096)
def _days_off(country: str, year: int) -> frozenset[date]:
    """Every date of a year on which business rests."""
    days = _days_of(year)
    if not country:
        return frozenset(day for day in days if day.weekday() >= SATURDAY)
    if not _COUNTRY.fullmatch(country):
        raise ValueError("a country is written as CN or GB-ENG")
    code, _, part = country.partition("-")
    try:
        kept = lazy.load("holidays").country_holidays(code, subdiv=part or None, years=year)
    except NotImplementedError as error:
        raise ValueError(f"no holidays are known of {country}") from error
    return frozenset(day for day in days if not kept.is_working_day(day))


def _ticks(moment: datetime) -> int:
    return (moment - _EPOCH) // _TICK


def _year(moment: datetime) -> int:
    return min(max(moment.year, FIRST_YEAR), LAST_YEAR)
