"""Which notices had to be processed by when, told in few stretches of time, for a database to count.

Between two stops of the business clock one rule holds: a notice has its hours, or its hours and the days off
that it waits through, or, when it came on a day off, one moment that it shares with all who came then.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.enforcement.business_clock import Calendar, due, open_windows
from storage.queries.digests import Stretch

# Longest from a notice to its due moment: the longest run of days off that a calendar has, and its hours.
_LOOK_BACK = timedelta(days=31)
_TICK = timedelta(microseconds=1)


def due_between(start: datetime, end: datetime, allowance: timedelta, calendar: Calendar) -> list[Stretch]:
    """The stretches of submission whose notices fall due in [start, end), for an allowance of some days.

    A notice is due when its allowance of business time is over; at the very last moment it is still in time.
    """
    return [
        found
        for stretch in _rules(start - _LOOK_BACK, end, allowance, calendar)
        if (found := _falling_due(stretch, start, end)) is not None
    ]


def _rules(start: datetime, end: datetime, allowance: timedelta, calendar: Calendar) -> Iterator[Stretch]:
    """Every stretch of one rule from `start` to `end`, in order and none empty."""
    windows = list(open_windows(start, end + _LOOK_BACK, calendar))
    closed_since = None
    for number, (opens, closes) in enumerate(windows):
        if closed_since is not None:
            yield Stretch(closed_since, opens, None, due(opens, allowance, calendar))
        yield from _open(windows[number:], allowance)
        closed_since = closes
        if closes >= end:
            return


def _open(windows: list[tuple[datetime, datetime]], allowance: timedelta) -> Iterator[Stretch]:
    """What is submitted in the first window, by the window in which it falls due."""
    start, end = windows[0]
    shift = allowance  # from submission to the due moment: the days off in between come on top
    for number, (_, closes) in enumerate(windows):
        # Who is due exactly at closing time belongs to this window, not to the next.
        last = min(closes - shift + _TICK, end)
        if start < last:
            yield Stretch(start, last, shift, None)
            start = last
        if start >= end or number + 1 == len(windows):
            return
        shift += windows[number + 1][0] - closes


def _falling_due(stretch: Stretch, start: datetime, end: datetime) -> Stretch | None:
    if stretch.allowance is None:
        return stretch if stretch.deadline and start <= stretch.deadline < end else None
    first = max(stretch.start, start - stretch.allowance)
    last = min(stretch.end, end - stretch.allowance)
    return stretch._replace(start=first, end=last) if first < last else None
