"""Every local date has exactly one digest, whatever its zone does with its clocks."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise, product
from random import Random
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from apscheduler.triggers.cron import CronTrigger

from bot.enforcement.digest_calendar import (
    DAY,
    Times,
    day_bounds,
    due,
    local_day,
    next_due,
    pending,
    so_far,
    told_of,
)
from storage.records.calendars import Span, Window

ZONES = (
    *(
        "Europe/Berlin",
        "Europe/London",
        "Europe/Dublin",
        "Europe/Lisbon",
        "Europe/Chisinau",
        "Atlantic/Azores",
    ),
    *("America/New_York", "America/Los_Angeles", "America/St_Johns", "America/Havana", "America/Santiago"),
    *(
        "America/Asuncion",
        "America/Nuuk",
        "America/Sao_Paulo",
        "Africa/Cairo",
        "Africa/Casablanca",
        "Asia/Beirut",
    ),
    *(
        "Asia/Gaza",
        "Asia/Shanghai",
        "Asia/Kathmandu",
        "Asia/Jerusalem",
        "Australia/Lord_Howe",
        "Pacific/Apia",
    ),
    *("Pacific/Auckland", "Pacific/Chatham"),
)
TIMES = ((0, 0), (0, 30), (2, 30), (9, 0), (23, 59))
FIRST, LAST = date(2024, 1, 1), date(2030, 12, 31)
DATES = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
MINUTE = timedelta(minutes=1)


@cache
def clock_changes(zone: str) -> list[date]:
    """The dates between whose midnights in UTC the zone's offset changes."""
    where = ZoneInfo(zone)
    offsets = [datetime(d.year, d.month, d.day, tzinfo=UTC).astimezone(where).utcoffset() for d in DATES]
    return [day for day, before, after in zip(DATES, offsets, offsets[1:], strict=False) if before != after]


def slow_due(local_date: date, hour: int, minute: int, zone: str) -> datetime:
    """The oracle: watch the clock on the wall until it shows the time or has jumped over it."""
    where = ZoneInfo(zone)
    wanted = datetime(local_date.year, local_date.month, local_date.day, hour, minute)  # noqa: DTZ001 - a wall clock
    moment = datetime(local_date.year, local_date.month, local_date.day, tzinfo=UTC) - timedelta(hours=15)
    while (shown := moment.astimezone(where).replace(tzinfo=None)) < wanted:
        moment += MINUTE
    before = (moment - MINUTE).astimezone(where).replace(tzinfo=None)
    # Jumped over: the clock that had not been changed would have got there this much after the jump.
    return moment if shown == wanted else moment + (wanted - before - MINUTE)


@pytest.mark.parametrize("zone", [zone for zone in ZONES if clock_changes(zone)])
def test_around_a_clock_change_the_digest_is_where_the_wall_says(zone: str) -> None:
    for change in clock_changes(zone)[:2]:
        for day in (change - DAY, change, change + DAY):
            for hour, minute in TIMES:
                assert due(day, hour, minute, zone) == slow_due(day, hour, minute, zone), (day, hour, minute)


@pytest.mark.parametrize("zone", ZONES)
def test_in_every_zone_year_each_date_has_exactly_one_digest(zone: str) -> None:
    """840 zone-years and more: the bot is woken for each digest, and asks for the next one from there."""
    for hour, minute in TIMES:
        times = Times(hour, minute, zone)
        found = [next_due(due(FIRST, hour, minute, zone) - MINUTE, times)]
        while len(found) < len(DATES):
            found.append(next_due(found[-1].at, times))
        assert [each.local_date for each in found] == DATES
        gaps = [later.at - earlier.at for earlier, later in pairwise(found)]
        assert timedelta(hours=22) <= min(gaps) <= max(gaps) <= timedelta(hours=26)


@pytest.mark.parametrize("zone", ZONES)
def test_weeks_and_months_come_on_their_days_and_leave_no_day_out(zone: str) -> None:
    for span, most in ((Span.WEEK, 365), (Span.MONTH, 84)):
        times = Times(0, 0, zone, span, weekday=6)
        now, told = due(FIRST, 0, 0, zone), []
        for _ in range(most):
            coming = next_due(now, times)
            told.append(told_of(span, coming.local_date, zone))
            now = coming.at
        assert all(later.first - earlier.last == DAY for earlier, later in pairwise(told))
        assert told[-1].last >= date(2030, 12, 28)


@pytest.mark.parametrize("zone", ZONES)
def test_stops_of_any_length_give_no_date_twice_and_the_rest_is_told_as_missed(zone: str) -> None:
    dice = Random(zone)
    cut_off = timedelta(hours=12)
    for (hour, minute), span in product(TIMES, (Span.DAY, Span.WEEK)):
        times = Times(hour, minute, zone, span)
        coming = next_due(due(FIRST, 0, 0, zone), times)
        expected, next_due_at = coming.local_date, coming.at
        for _ in range(25):
            now = next_due_at + dice.choice(
                (timedelta(0), timedelta(hours=1), dice.random() * timedelta(days=40))
            )
            found = pending(next_due_at, now, times, cut_off)
            # All dates are told, or lie between the first that was missed and the next digest.
            assert (found.missed_since or found.newest.local_date) == expected
            assert found.newest.at <= now < found.coming
            assert found.expired == (now - found.newest.at > cut_off * (1 if span is Span.DAY else 4))
            after = next_due(found.newest.at, times)
            assert after.at == found.coming
            expected, next_due_at = after.local_date, after.at


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        (Span.DAY, date(2026, 11, 20), date(2026, 11, 20)),
        (Span.WEEK, date(2026, 11, 18), date(2026, 11, 20)),  # a Wednesday
        (Span.MONTH, date(2026, 11, 1), date(2026, 11, 20)),
    ],
)
def test_what_is_told_so_far_begins_with_the_last_digest(span: Span, first: date, last: date) -> None:
    assert so_far(Times(9, 0, "UTC", span, weekday=2), last) == Window(first, last)


def test_the_days_after_a_date_that_was_left_out_are_told_whole() -> None:
    assert told_of(Span.DAY, date(2011, 12, 31), "Pacific/Apia") == Window(
        date(2011, 12, 29), date(2011, 12, 29)
    )


@pytest.mark.parametrize(
    ("day", "hour", "minute", "zone", "expected"),
    [
        (date(2026, 3, 29), 2, 30, "Europe/Berlin", "2026-03-29T01:30+00:00"),  # gap: shown as 03:30
        (date(2026, 10, 25), 2, 30, "Europe/Berlin", "2026-10-25T00:30+00:00"),  # fold: the first 02:30
        (
            date(2026, 3, 29),
            0,
            0,
            "Asia/Beirut",
            "2026-03-28T22:00+00:00",
        ),  # midnight is skipped: shown as 01:00
        (date(2026, 10, 4), 2, 0, "Australia/Lord_Howe", "2026-10-03T15:30+00:00"),  # a gap of half an hour
        (date(2026, 11, 22), 9, 0, "Asia/Kathmandu", "2026-11-22T03:15+00:00"),
        (date(2026, 11, 22), 9, 0, "Pacific/Apia", "2026-11-21T20:00+00:00"),
    ],
)
def test_gaps_shift_forward_and_folds_take_the_first(
    day: date, hour: int, minute: int, zone: str, expected: str
) -> None:
    assert due(day, hour, minute, zone) == datetime.fromisoformat(expected)


def test_a_date_that_a_zone_left_out_has_no_digest() -> None:
    now = due(date(2011, 12, 28), 9, 0, "Pacific/Apia")
    dates = []
    for _ in range(3):
        coming = next_due(now, Times(9, 0, "Pacific/Apia"))
        dates.append(coming.local_date.day)
        now = coming.at
    assert dates == [29, 31, 1]


@pytest.mark.parametrize("zone", ZONES)
def test_every_moment_belongs_to_the_day_that_the_wall_shows(zone: str) -> None:
    for change in clock_changes(zone)[:2]:
        for day in (change - DAY, change, change + DAY):
            start, end = day_bounds(day, zone)
            assert end == day_bounds(day + DAY, zone)[0]
            assert local_day(start, zone) == local_day(end - MINUTE, zone) == day
            assert local_day(end, zone) == day + DAY


def test_an_unknown_zone_and_an_impossible_time_are_refused() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        due(date(2026, 1, 1), 9, 0, "Mars/Olympus")
    with pytest.raises(ValueError, match="hour"):
        due(date(2026, 1, 1), 24, 0, "UTC")


def test_a_cron_trigger_still_skips_a_day_which_is_why_none_is_used() -> None:
    trigger = CronTrigger(hour=0, minute=0, timezone="Europe/Berlin")
    fired = datetime(2026, 3, 29, 0, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    following = trigger.get_next_fire_time(fired, fired + timedelta(seconds=1))
    assert following.date() == date(2026, 3, 31)
    assert next_due(fired, Times(0, 0, "Europe/Berlin")).local_date == date(2026, 3, 30)
