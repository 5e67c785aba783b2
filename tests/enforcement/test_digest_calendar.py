"""Every local date has exactly one digest, whatever its zone does with its clocks."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from apscheduler.triggers.cron import CronTrigger

from bot.enforcement.digest_calendar import DAY, day_bounds, due, local_day, next_due

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


@pytest.mark.parametrize("zone", ZONES)
def test_digests_follow_the_dates_one_by_one_for_seven_years(zone: str) -> None:
    for hour, minute in TIMES:
        moments = [due(day, hour, minute, zone) for day in DATES]
        gaps = [later - earlier for earlier, later in pairwise(moments)]
        assert all(timedelta(hours=22) <= gap <= timedelta(hours=26) for gap in gaps)


@pytest.mark.parametrize("zone", [zone for zone in ZONES if clock_changes(zone)])
def test_around_a_clock_change_the_digest_is_where_the_wall_says(zone: str) -> None:
    for change in clock_changes(zone)[:4]:
        for day in (change - DAY, change, change + DAY):
            for hour, minute in TIMES:
                assert due(day, hour, minute, zone) == slow_due(day, hour, minute, zone), (day, hour, minute)


@pytest.mark.parametrize("zone", ZONES)
def test_waking_up_digest_after_digest_misses_no_date_and_repeats_none(zone: str) -> None:
    for change in [*clock_changes(zone)[:6], date(2026, 6, 15)]:
        for hour, minute in TIMES:
            now = due(change - 4 * DAY, hour, minute, zone)
            seen = []
            for _ in range(8):
                coming = next_due(now, hour, minute, zone)
                assert coming.at > now
                seen.append(coming.local_date)
                now = coming.at
            assert seen == [change + n * DAY for n in range(-3, 5)]


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
        coming = next_due(now, 9, 0, "Pacific/Apia")
        dates.append(coming.local_date.day)
        now = coming.at
    assert dates == [29, 31, 1]


@pytest.mark.parametrize("zone", ZONES)
def test_every_moment_belongs_to_the_day_that_the_wall_shows(zone: str) -> None:
    for change in clock_changes(zone)[:4]:
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
    assert next_due(fired, 0, 0, "Europe/Berlin").local_date == date(2026, 3, 30)
