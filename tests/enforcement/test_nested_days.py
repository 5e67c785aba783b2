"""The stretches that a group's figures are of lie inside one another, or apart."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from bot.enforcement.nested_days import Block, newest
from storage.records.calendars import Span

DAYS = [date(2026, 1, 1) + timedelta(days=number) for number in range(800)]


@pytest.mark.parametrize(
    ("span", "until", "first", "last"),
    [
        (Span.DAY, date(2026, 11, 18), date(2026, 11, 18), date(2026, 11, 18)),
        (Span.WEEK, date(2026, 11, 18), date(2026, 11, 9), date(2026, 11, 15)),  # a Wednesday
        (Span.WEEK, date(2026, 11, 15), date(2026, 11, 9), date(2026, 11, 15)),  # a Sunday
        (Span.MONTH, date(2026, 11, 30), date(2026, 11, 2), date(2026, 11, 29)),  # five Sundays
        (Span.MONTH, date(2026, 11, 28), date(2026, 9, 28), date(2026, 10, 25)),
        (Span.MONTH, date(2026, 2, 28), date(2026, 1, 26), date(2026, 2, 22)),
        (Span.MONTH, date(2026, 1, 3), date(2025, 12, 1), date(2025, 12, 28)),  # into another year
    ],
)
def test_the_newest_is_the_last_that_was_over(span: Span, until: date, first: date, last: date) -> None:
    found = newest(span, until)
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize("span", Span)
def test_the_newest_of_every_day_is_whole_and_ended(span: Span) -> None:
    for until in DAYS:
        found = newest(span, until)
        assert found.last <= until
        assert found.earlier.last < found.first
        parts = [part.days for part in found.parts]
        assert sum(map(len, parts)) == (len(found.days) if parts else 0)
        assert frozenset[date]().union(*parts) == (found.days if parts else frozenset())


def test_no_two_overlap_halfway() -> None:
    blocks: set[Block] = {newest(span, until) for span in Span for until in DAYS}
    held: dict[date, set[Block]] = {}
    for block in blocks:
        for day in block.days:
            held.setdefault(day, set()).add(block)
    for day, around in held.items():
        # The blocks around a day lie in one another, the shorter in the longer.
        chain = sorted(around, key=lambda block: len(block.days))
        assert len({block.span for block in chain}) == len(chain), day
        assert all(small.days <= large.days for small, large in pairwise(chain))
