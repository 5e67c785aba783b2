"""When a channel's digest is due, which days it tells of, and what becomes of those that nobody could send.

Computed per local date and never by adding 24 hours: a clock change moves a digest by its own length at most,
and no local date has two digests or none. The key of a digest is its local date, even where a gap pushes its
hour past midnight.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from storage.records.calendars import Span, Window

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
# How much longer than a daily digest the others are still sent after their hour.
PATIENCE: Mapping[Span, int] = {Span.DAY: 1, Span.WEEK: 4, Span.MONTH: 10}
_NOON = time(12)


class Due(NamedTuple):
    """A digest to come: the local date that it is for and claimed under, and its moment in UTC."""

    local_date: date
    at: datetime


@dataclass(frozen=True)
class Times:
    """When digests come: a time on the wall of a zone, each date, each such weekday, or each first day."""

    hour: int
    minute: int
    zone: str
    span: Span = Span.DAY
    weekday: int = 0  # 0 is Monday

    def has(self, day: date) -> bool:
        """Whether a digest comes on this date."""
        match self.span:
            case Span.DAY:
                return True
            case Span.WEEK:
                return day.weekday() == self.weekday
            case Span.MONTH:
                return day.day == 1


@dataclass(frozen=True)
class Pending:
    """What is to be done about a digest that is due.

    `newest` is the only one that can still be sent; it cannot where it `expired`. `missed_since` is the first
    date that will not be told of, `coming` the moment of the next digest.
    """

    newest: Due
    expired: bool
    missed_since: date | None
    coming: datetime


def due(local_date: date, hour: int, minute: int, zone: str) -> datetime:
    """The moment, in UTC, of a wall-clock time on a local date.

    A time that the clock skips is shifted forward by the gap, of a time that it shows twice the first counts
    (`fold=0`, PEP 495). Raises ZoneInfoNotFoundError for an unknown zone, ValueError for no time of day.
    """
    return datetime.combine(local_date, time(hour, minute), ZoneInfo(zone)).astimezone(UTC)


def next_due(after: datetime, times: Times) -> Due:
    """The first digest strictly after a moment; a date that a zone left out altogether has none."""
    where = ZoneInfo(times.zone)
    wall = time(times.hour, times.minute)
    day = after.astimezone(where).date() - DAY
    while True:
        if times.has(day):
            at = datetime.combine(day, wall, where).astimezone(UTC)
            if at > after and (at.astimezone(where).date() == day or exists(day, times.zone)):
                return Due(day, at)
        day += DAY


def pending(next_due_at: datetime, now: datetime, times: Times, cut_off: timedelta) -> Pending:
    """Of the digests that were due from `next_due_at` until now, which is sent and which are not any more."""
    # Not by the date on the wall: a gap can push a digest past midnight, and it stays the one of its date.
    first = newest = next_due(next_due_at - timedelta.resolution, times)
    while (later := next_due(newest.at, times)).at <= now:
        newest = later
    expired = now - newest.at > cut_off * PATIENCE[times.span]
    missed = first.local_date if expired or first != newest else None
    return Pending(newest, expired, missed, later.at)


def told_of(span: Span, local_date: date, zone: str) -> Window:
    """The days that the digest of a local date tells of: the last that were over."""
    last = local_date - DAY
    while not exists(last, zone):
        last -= DAY
    match span:
        case Span.DAY:
            return Window(last, last)
        case Span.WEEK:
            return Window(local_date - WEEK, last)
        case Span.MONTH:
            return Window(last.replace(day=1), last)


def so_far(times: Times, today: date) -> Window:
    """The days that the next digest will tell of, up to today."""
    first = today
    while not (times.span is Span.DAY or times.has(first)):
        first -= DAY
    return Window(first, today)


def before(span: Span, days: Window) -> Window:
    """The day, the week or the month before these days."""
    last = days.first - DAY
    match span:
        case Span.DAY:
            return Window(last, last)
        case Span.WEEK:
            return Window(days.first - WEEK, last)
        case Span.MONTH:
            return Window(last.replace(day=1), last)


def next_month(day: date) -> date:
    """The first day of the month after a date's."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def exists(local_date: date, zone: str) -> bool:
    """Whether a zone's calendar has this date: one that changes sides of the date line may leave one out."""
    where = ZoneInfo(zone)
    noon = datetime.combine(local_date, _NOON, where)
    return noon.astimezone(UTC).astimezone(where).date() == local_date


def local_day(now: datetime, zone: str) -> date:
    """The date on the wall at a moment."""
    return now.astimezone(ZoneInfo(zone)).date()


def day_bounds(local_date: date, zone: str) -> tuple[datetime, datetime]:
    """The half-open interval [start, end) in UTC of a local date; consecutive dates leave nothing between."""
    return due(local_date, 0, 0, zone), due(local_date + DAY, 0, 0, zone)


def bounds(days: Window, zone: str) -> tuple[datetime, datetime]:
    """The half-open interval [start, end) in UTC of several local dates."""
    return due(days.first, 0, 0, zone), due(days.last + DAY, 0, 0, zone)
