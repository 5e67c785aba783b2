"""Days in weeks in months: the stretches over which a group is told figures. No two overlap halfway.

A week is Monday to Sunday. A month is four whole weeks that end with the calendar month's last Sunday: 28
days, so that months compare, and so that a month, its weeks and its days can be taken off one another only
whole. Of the five weeks that some months have, the first is told as a week alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest

from storage.records.calendars import Span, Window

LENGTH: Mapping[Span, int] = {Span.DAY: 1, Span.WEEK: 7, Span.MONTH: 28}
_WIDER: Mapping[Span, tuple[Span, ...]] = {
    Span.DAY: (Span.DAY, Span.WEEK, Span.MONTH),
    Span.WEEK: (Span.WEEK, Span.MONTH),
    Span.MONTH: (Span.MONTH,),
}
_DAY = timedelta(days=1)
_INNER: Mapping[Span, Span] = {Span.WEEK: Span.DAY, Span.MONTH: Span.WEEK}


@dataclass(frozen=True)
class Block:
    """A day, a week or a month that ends with `last`."""

    span: Span
    last: date

    @property
    def first(self) -> date:
        """Its first day."""
        return self.last - (LENGTH[self.span] - 1) * _DAY

    @property
    def days(self) -> frozenset[date]:
        """All its days."""
        return frozenset(self.last - number * _DAY for number in range(LENGTH[self.span]))

    @property
    def parts(self) -> tuple["Block", ...]:
        """The weeks of a month, the days of a week; nothing for a day."""
        inner = _INNER.get(self.span)
        if inner is None:
            return ()
        length = LENGTH[inner]
        return tuple(
            Block(inner, self.last - number * _DAY) for number in range(0, LENGTH[self.span], length)
        )

    @property
    def earlier(self) -> "Block":
        """The one before it, with which it is compared."""
        if self.span is Span.MONTH:
            return newest(Span.MONTH, self.last.replace(day=1) - _DAY)
        return Block(self.span, self.last - LENGTH[self.span] * _DAY)


def newest(span: Span, until: date) -> Block:
    """The last one that was over at the end of a day."""
    match span:
        case Span.DAY:
            return Block(span, until)
        case Span.WEEK:
            return Block(span, _sunday(until))
        case Span.MONTH:
            ended = _sunday(_end_of_month(until))
            if ended > until:
                ended = _sunday(until.replace(day=1) - _DAY)
            return Block(span, ended)


def chart_days(span: Span, days: Window) -> list[Window]:
    """The bars of a digest's chart: the seven days that end with a day or week, a month week by week."""
    length = LENGTH[Span.WEEK] if span is Span.MONTH else 1
    first = days.first if span is Span.MONTH else days.last - (LENGTH[Span.WEEK] - 1) * _DAY
    starts = range(0, (days.last - first).days + 1, length)
    return [
        Window(first + start * _DAY, min(first + (start + length - 1) * _DAY, days.last)) for start in starts
    ]


def fallbacks(span: Span, until: date) -> tuple[Block, ...]:
    """The newest block of a span, then the newest of each longer one: looked at until one may be told."""
    return tuple(newest(wider, until) for wider in _WIDER[span])


def told_before(block: Block) -> list[Block]:
    """What was over before a block: the days of its week, the whole weeks of its month, the month before.

    A day is looked at with the day before at least, and with the last whole week, whatever the calendar says.
    """
    found = []
    ended = fallbacks(block.span, block.first - _DAY)
    for each, longer in zip_longest(ended, ended[1:]):
        found.append(each)
        while longer and found[-1].earlier.first > longer.last:
            found.append(found[-1].earlier)
    return found


def _sunday(until: date) -> date:
    return until - (until.isoweekday() % 7) * _DAY


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + 4 * _DAY).replace(day=1) - _DAY
