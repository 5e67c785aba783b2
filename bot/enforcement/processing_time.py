"""Which notices had to be processed by when, told in few stretches of time, for a database to count.

Between two clock changes of the week one rule holds: a notice has its hours, or its hours and a weekend, or,
when it came at a weekend, until a day after Monday began. `business_clock` says the same of a single notice.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.enforcement.business_clock import SATURDAY, WEEK
from bot.enforcement.digest_calendar import day_bounds, local_day
from storage.queries.digests import Stretch

# Longest from a notice to its due moment: a weekend, its hours, and the hours that clocks are put back.
_LOOK_BACK = timedelta(days=4)


def due_between(start: datetime, end: datetime, hours: int, zone: str) -> list[Stretch]:
    """The stretches of submission whose notices fall due in [start, end), for at most 24 `hours`.

    A notice is due when `hours` of business time are over; at the very last moment it is still in time.
    """
    return [
        found
        for stretch in _rules(start - _LOOK_BACK, end, timedelta(hours=hours), zone)
        if (found := _falling_due(stretch, start, end)) is not None
    ]


def _rules(start: datetime, end: datetime, allowance: timedelta, zone: str) -> Iterator[Stretch]:
    """Every stretch of one rule, in order, from the week of `start` to that of `end`."""
    first_day = local_day(start, zone)
    monday = first_day - timedelta(days=first_day.weekday())
    while (opens := day_bounds(monday, zone)[0]) < end:
        closes = day_bounds(monday + SATURDAY, zone)[0]
        again = day_bounds(monday + WEEK, zone)[0]
        yield Stretch(opens, closes - allowance, allowance, None)
        yield Stretch(closes - allowance, closes, allowance + (again - closes), None)
        yield Stretch(closes, again, None, again + allowance)
        monday += WEEK


def _falling_due(stretch: Stretch, start: datetime, end: datetime) -> Stretch | None:
    if stretch.allowance is None:
        return stretch if stretch.deadline and start <= stretch.deadline < end else None
    first = max(stretch.start, start - stretch.allowance)
    last = min(stretch.end, end - stretch.allowance)
    return stretch._replace(start=first, end=last) if first < last else None
