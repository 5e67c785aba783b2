"""The stretches that a database counts by say of every notice what the business clock says of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.enforcement.business_clock import MONDAY_TO_FRIDAY, Calendar, Reading, due
from bot.enforcement.processing_time import due_between

DAY = timedelta(hours=24)
CALENDARS = st.sampled_from(
    [
        MONDAY_TO_FRIDAY,
        Calendar("DE", "Europe/Berlin"),
        Calendar("US", "America/New_York"),
        Calendar("EG", "Africa/Cairo"),
        Calendar("CN", "Asia/Shanghai"),
        Calendar("CN", "Asia/Shanghai", Reading.WORKING_HOURS),
    ]
)
MOMENTS = st.integers(0, 364 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
ALLOWANCES = st.sampled_from([timedelta(hours=4), DAY, timedelta(hours=48)])


@settings(deadline=None)
@given(MOMENTS, st.integers(1, 28), st.integers(0, 14 * 24 * 60), ALLOWANCES, CALENDARS)
def test_a_notice_falls_due_in_the_window_exactly_when_the_clock_says_so(
    end: datetime, days: int, minutes_before: int, allowance: timedelta, calendar: Calendar
) -> None:
    start, submitted = end - timedelta(days=days), end - timedelta(minutes=minutes_before)
    due_at = due(submitted, allowance, calendar)
    stretches = due_between(start, end, allowance, calendar)
    containing = [each for each in stretches if each.start <= submitted < each.end]
    assert len(containing) == (start <= due_at < end)
    for each in containing:
        assert due_at == (each.deadline if each.allowance is None else submitted + each.allowance)


@settings(deadline=None)
@given(MOMENTS, ALLOWANCES, CALENDARS)
def test_the_edges_of_every_stretch_fall_due_as_the_clock_says(
    start: datetime, allowance: timedelta, calendar: Calendar
) -> None:
    for each in due_between(start, start + timedelta(days=14), allowance, calendar):
        for submitted in (each.start, each.end - timedelta(microseconds=1)):
            due_at = each.deadline if each.allowance is None else submitted + each.allowance
            assert due_at == due(submitted, allowance, calendar)


@pytest.mark.parametrize(("days", "most"), [(1, 3), (7, 6), (28, 15)])
def test_a_window_needs_few_stretches(days: int, most: int) -> None:
    for hour in range(7 * 24):
        end = datetime(2026, 3, 31, tzinfo=UTC) + timedelta(hours=hour)
        stretches = due_between(end - timedelta(days=days), end, DAY, Calendar("", "Europe/Berlin"))
        assert len(stretches) <= most
