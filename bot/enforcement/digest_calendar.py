"""When a channel's digest is due, and which moments belong to which local day.

Computed per local date and never by adding 24 hours: a clock change moves a digest by its own length at most,
and no local date has two digests or none. The key of a digest is its local date, even where a gap pushes its
hour past midnight.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


class Due(NamedTuple):
    """A digest to come: the local date that it is for and claimed under, and its moment in UTC."""

    local_date: date
    at: datetime


def due(local_date: date, hour: int, minute: int, zone: str) -> datetime:
    """The moment, in UTC, of a wall-clock time on a local date.

    A time that the clock skips is shifted forward by the gap, of a time that it shows twice the first counts
    (`fold=0`, PEP 495). Raises ZoneInfoNotFoundError for an unknown zone, ValueError for no time of day.
    """
    return datetime.combine(local_date, time(hour, minute), ZoneInfo(zone)).astimezone(UTC)


def next_due(after: datetime, hour: int, minute: int, zone: str) -> Due:
    """The first digest strictly after a moment; a date that a zone left out altogether has none."""
    day = local_day(after, zone) - DAY
    while True:
        at = due(day, hour, minute, zone)
        start, end = day_bounds(day, zone)
        if at > after and start < end:
            return Due(day, at)
        day += DAY


def local_day(now: datetime, zone: str) -> date:
    """The date on the wall at a moment."""
    return now.astimezone(ZoneInfo(zone)).date()


def day_bounds(local_date: date, zone: str) -> tuple[datetime, datetime]:
    """The half-open interval [start, end) in UTC of a local date; consecutive dates leave nothing between."""
    return due(local_date, 0, 0, zone), due(local_date + DAY, 0, 0, zone)
