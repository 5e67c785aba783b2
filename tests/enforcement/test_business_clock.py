"""Business time runs day and night from Monday to Friday and stands still at the weekend."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.enforcement.business_clock import elapsed, within

STEP = timedelta(minutes=15)
LONDON = "Europe/London"


def at(text: str, zone: str = LONDON) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def slow_elapsed(start: datetime, end: datetime, zone: str) -> timedelta:
    """The oracle: look at the calendar every quarter of an hour."""
    total, moment = timedelta(), start.astimezone(UTC)
    while moment < end:
        if moment.astimezone(ZoneInfo(zone)).weekday() < 5:
            total += STEP
        moment += STEP
    return total


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-20T15:00", "2026-11-23T15:00", 24),  # Friday to Monday
        ("2026-11-21T10:00", "2026-11-22T20:00", 0),  # within a weekend
        ("2026-11-21T10:00", "2026-11-23T00:00", 0),
        ("2026-11-21T10:00", "2026-11-23T01:00", 1),
        ("2026-11-16T00:00", "2026-11-21T00:00", 120),  # a whole week, to the very end of Friday
        ("2026-11-18T09:00", "2026-11-18T09:00", 0),
        ("2026-11-19T09:00", "2026-11-18T09:00", 0),  # backwards
        ("2026-01-01T00:00", "2027-01-01T00:00", 261 * 24),  # a year of 261 days from Monday to Friday
    ],
)
def test_business_time_is_counted_in_hours_of_weekdays(start: str, end: str, hours: int) -> None:
    assert elapsed(at(start), at(end), LONDON) == timedelta(hours=hours)


def test_the_weekend_is_that_of_the_platforms_zone() -> None:
    start, end = at("2026-11-20T20:00", "UTC"), at("2026-11-20T23:00", "UTC")
    assert elapsed(start, end, "UTC") == timedelta(hours=3)
    assert elapsed(start, end, "Asia/Shanghai") == timedelta()


def test_hours_are_real_hours_where_a_weekday_changes_its_clock() -> None:
    # Egypt changes on Fridays: the last Friday of April 2026 has 23 hours.
    day = at("2026-04-24T00:00", "Africa/Cairo"), at("2026-04-25T00:00", "Africa/Cairo")
    assert elapsed(*day, "Africa/Cairo") == timedelta(hours=23)


moments = st.integers(0, 4 * 24 * 800).map(lambda steps: datetime(2025, 1, 1, tzinfo=UTC) + steps * STEP)
zones = st.sampled_from(
    [LONDON, "Asia/Shanghai", "America/Los_Angeles", "Asia/Beirut", "Africa/Cairo", "Australia/Lord_Howe"]
)


@settings(max_examples=60)
@given(moments, st.integers(0, 4 * 24 * 20), zones)
def test_the_count_agrees_with_looking_at_every_quarter_of_an_hour(
    start: datetime, steps: int, zone: str
) -> None:
    end = start + steps * STEP
    assert elapsed(start, end, zone) == slow_elapsed(start, end, zone)


@given(moments, moments, moments, zones)
def test_business_time_adds_up(first: datetime, second: datetime, third: datetime, zone: str) -> None:
    start, middle, end = sorted((first, second, third))
    assert elapsed(start, middle, zone) + elapsed(middle, end, zone) == elapsed(start, end, zone)


def test_the_last_moment_is_still_in_time() -> None:
    start = at("2026-11-20T15:00")
    assert within(start, at("2026-11-23T15:00"), 24, LONDON)
    assert not within(start, at("2026-11-23T15:00") + timedelta(microseconds=1), 24, LONDON)
