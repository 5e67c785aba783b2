"""The stretches that a database counts by say of every notice what the business clock says of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.enforcement.business_clock import within
from bot.enforcement.processing_time import due_between

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Asia/Shanghai"])
MOMENTS = st.integers(0, 364 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(MOMENTS, st.integers(1, 28), st.integers(0, 7 * 24 * 60), ZONES)
def test_a_notice_falls_due_in_the_window_exactly_when_its_hours_end_there(
    end: datetime, days: int, minutes_before: int, zone: str
) -> None:
    start, submitted = end - timedelta(days=days), end - timedelta(minutes=minutes_before)
    falls_due = within(submitted, start, 24, zone) and not within(submitted, end, 24, zone)
    containing = [each for each in due_between(start, end, 24, zone) if each.start <= submitted < each.end]
    assert len(containing) == falls_due


@given(MOMENTS, st.integers(0, 7 * 24 * 60), ZONES)
def test_a_decision_is_late_exactly_when_the_business_clock_says_so(
    submitted: datetime, minutes: int, zone: str
) -> None:
    decided = submitted + timedelta(minutes=minutes)
    stretches = due_between(submitted, submitted + timedelta(days=5), 24, zone)
    (rule,) = [each for each in stretches if each.start <= submitted < each.end]
    due = rule.deadline if rule.allowance is None else submitted + rule.allowance
    assert due is not None
    assert (decided <= due) == within(submitted, decided, 24, zone)


@pytest.mark.parametrize(("days", "most"), [(1, 3), (7, 6), (28, 15)])
def test_a_window_needs_few_stretches(days: int, most: int) -> None:
    for hour in range(7 * 24):
        end = datetime(2026, 3, 31, tzinfo=UTC) + timedelta(hours=hour)
        assert len(due_between(end - timedelta(days=days), end, 24, "Europe/Berlin")) <= most
