"""Business time runs on business days and stands still on weekends and public holidays."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from holidays import country_holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.enforcement.business_clock import (
    FIRST_YEAR,
    LAST_YEAR,
    Calendar,
    Reading,
    after_business_days,
    due,
    elapsed,
    elapsed_many,
    is_business_day,
    is_known,
    is_settled,
    microseconds,
    open_windows,
    remaining,
    within,
    within_many,
)

STEP = timedelta(minutes=15)
HOUR = timedelta(hours=1)
CHINA = Calendar("CN", "Asia/Shanghai")
ENGLAND = Calendar("GB-ENG", "Europe/London")
PLAIN = Calendar("", "Europe/London")
OFFICE = Calendar("CN", "Asia/Shanghai", Reading.WORKING_HOURS)
COUNTRIES = [
    CHINA,
    ENGLAND,
    Calendar("US", "America/New_York"),
    Calendar("DE-BY", "Europe/Berlin"),
    Calendar("EG", "Africa/Cairo"),
    Calendar("SA", "Asia/Riyadh"),
    Calendar("HK", "Asia/Hong_Kong"),
    Calendar("JP", "Asia/Tokyo"),
    Calendar("BR", "America/Sao_Paulo"),
    Calendar("AU-NSW", "Australia/Lord_Howe"),
    Calendar("VN", "Asia/Ho_Chi_Minh"),
    Calendar("LB", "Asia/Beirut"),
]
TEN_YEARS = datetime(2018, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)

moments = st.integers(0, (TEN_YEARS[1] - TEN_YEARS[0]) // STEP).map(lambda steps: TEN_YEARS[0] + steps * STEP)
spans = st.integers(0, 4 * 24 * 21).map(lambda steps: steps * STEP)
calendars = st.sampled_from(COUNTRIES).flatmap(
    lambda each: st.sampled_from(
        [each, Calendar(each.country, each.zone, Reading.WORKING_HOURS, time(9), time(17, 30))]
    )
)


def at(text: str, calendar: Calendar) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(calendar.zone))


@cache
def library(country: str) -> object:
    code, _, part = country.partition("-")
    return country_holidays(code, subdiv=part or None, years=range(2017, 2030))


def runs(moment: datetime, calendar: Calendar) -> bool:
    """The oracle: a look at the wall and at the holiday library, for one moment."""
    local = moment.astimezone(ZoneInfo(calendar.zone))
    if not library(calendar.country).is_working_day(local.date()):  # type: ignore[attr-defined]  # HolidayBase
        return False
    return calendar.reading is Reading.BUSINESS_DAYS_24H or calendar.opens <= local.time() < calendar.closes


def slow_elapsed(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    return sum(
        (STEP for step in range((end - start) // STEP) if runs(start + step * STEP, calendar)), timedelta()
    )


@pytest.mark.parametrize(
    ("calendar", "start", "end", "hours"),
    [
        (PLAIN, "2026-11-20T15:00", "2026-11-23T15:00", 24),  # Friday to Monday
        (PLAIN, "2026-11-21T10:00", "2026-11-22T20:00", 0),  # within a weekend
        (PLAIN, "2026-11-21T10:00", "2026-11-23T00:00", 0),
        (PLAIN, "2026-11-21T10:00", "2026-11-23T01:00", 1),
        (PLAIN, "2026-11-16T00:00", "2026-11-21T00:00", 120),  # a whole week, to the very end of Friday
        (PLAIN, "2026-11-18T09:00", "2026-11-18T09:00", 0),
        (PLAIN, "2026-11-19T09:00", "2026-11-18T09:00", 0),  # backwards
        (PLAIN, "2026-01-01T00:00", "2027-01-01T00:00", 261 * 24),  # a year of 261 days from Monday to Friday
        (ENGLAND, "2026-01-01T00:00", "2027-01-01T00:00", 253 * 24),  # and of 8 bank holidays
        (CHINA, "2026-10-01T00:00", "2026-10-08T00:00", 0),  # the National Day week
        (CHINA, "2026-10-10T00:00", "2026-10-11T00:00", 24),  # the Saturday that makes up for it
        (CHINA, "2026-09-30T18:00", "2026-10-08T18:00", 24),
        (OFFICE, "2026-09-30T08:00", "2026-10-08T10:00", 10),  # nine hours of the one day, one of the other
        (ENGLAND, "2026-04-02T15:00", "2026-04-07T15:00", 24),  # Maundy Thursday to Tuesday after Easter
        (Calendar("SA", "Asia/Riyadh"), "2026-11-19T12:00", "2026-11-22T12:00", 24),  # Thursday to Sunday
    ],
)
def test_business_time_is_counted_in_hours_of_business_days(
    calendar: Calendar, start: str, end: str, hours: int
) -> None:
    assert elapsed(at(start, calendar), at(end, calendar), calendar) == hours * HOUR


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "due_at"),
    [
        (PLAIN, "2026-11-20T15:00", 24, "2026-11-23T15:00"),
        (PLAIN, "2026-11-20T00:00", 24, "2026-11-21T00:00"),  # the end of Friday, not the start of Monday
        (PLAIN, "2026-11-21T10:00", 24, "2026-11-24T00:00"),
        (PLAIN, "2026-11-21T10:00", 0, "2026-11-21T10:00"),
        (CHINA, "2026-09-30T15:00", 24, "2026-10-08T15:00"),
        (OFFICE, "2026-09-30T09:00", 9, "2026-09-30T18:00"),
        (OFFICE, "2026-09-30T12:00", 9, "2026-10-08T12:00"),
        (ENGLAND, "2026-03-27T12:00", 24, "2026-03-30T12:00"),  # clocks go forward in the night to Sunday
    ],
)
def test_what_is_due_lands_on_the_end_of_a_window(
    calendar: Calendar, start: str, hours: int, due_at: str
) -> None:
    assert due(at(start, calendar), hours * HOUR, calendar) == at(due_at, calendar)


def test_the_weekend_is_that_of_the_calendars_zone() -> None:
    start, end = (datetime(2026, 11, 20, hour, tzinfo=UTC) for hour in (20, 23))
    assert elapsed(start, end, Calendar("", "UTC")) == 3 * HOUR
    assert elapsed(start, end, Calendar("", "Asia/Shanghai")) == timedelta()


@pytest.mark.parametrize(("day", "hours"), [("2026-04-24", 23), ("2026-10-30", 24), ("2026-10-29", 25)])
def test_hours_are_real_hours_where_a_weekday_changes_its_clock(day: str, hours: int) -> None:
    cairo = Calendar(
        "", "Africa/Cairo"
    )  # it goes forward at the start of a Friday and back at the end of a Thursday
    start = at(day, cairo)
    assert elapsed(start, start + timedelta(days=1), cairo) == hours * HOUR


@settings(max_examples=150, deadline=None)
@given(moments, spans, calendars)
def test_the_count_agrees_with_looking_at_every_quarter_of_an_hour(
    start: datetime, span: timedelta, calendar: Calendar
) -> None:
    assert elapsed(start, start + span, calendar) == slow_elapsed(start, start + span, calendar)


@pytest.mark.parametrize("calendar", COUNTRIES, ids=lambda each: each.country)
def test_every_day_of_ten_years_counts_as_the_holiday_library_says(calendar: Calendar) -> None:
    day, off = TEN_YEARS[0].date(), 0
    while day < TEN_YEARS[1].date():
        counts = library(calendar.country).is_working_day(day)  # type: ignore[attr-defined]  # HolidayBase
        assert is_business_day(day, calendar) == counts, day
        day, off = day + timedelta(days=1), off + (not counts)
    assert off > 520  # two days off in each of ten times 52 weeks, but for Hong Kong's one and its holidays


@settings(deadline=None)
@given(moments, moments, moments, calendars)
def test_business_time_adds_up(
    first: datetime, second: datetime, third: datetime, calendar: Calendar
) -> None:
    start, middle, end = sorted((first, second, third))
    parts = elapsed(start, middle, calendar) + elapsed(middle, end, calendar)
    assert parts == elapsed(start, end, calendar)


@settings(deadline=None)
@given(moments, spans, calendars)
def test_the_due_moment_is_the_first_at_which_the_allowance_is_over(
    start: datetime, allowance: timedelta, calendar: Calendar
) -> None:
    found = due(start, allowance, calendar)
    assert elapsed(start, found, calendar) == allowance
    assert not allowance or elapsed(start, found - STEP / 900, calendar) < allowance
    assert remaining(start, found, calendar) == allowance
    assert remaining(found + timedelta(days=30), found, calendar) < timedelta()


@settings(deadline=None)
@given(st.lists(st.tuples(moments, spans), max_size=20), st.integers(0, 120), calendars)
def test_many_are_counted_as_each_alone(
    pairs: list[tuple[datetime, timedelta]], hours: int, calendar: Calendar
) -> None:
    # The very moment due and those beside it are where an estimate would show.
    pairs = [*pairs, *((start, due(start, hours * HOUR, calendar) - start) for start, _ in pairs)]
    pairs = [*pairs, *((start, span + STEP) for start, span in pairs)]
    starts = microseconds(start for start, _ in pairs)
    ends = microseconds(start + span for start, span in pairs)
    singly = [elapsed(start, start + span, calendar) for start, span in pairs]
    assert [timedelta(microseconds=int(each)) for each in elapsed_many(starts, ends, calendar)] == singly
    in_time = [within(start, start + span, hours * HOUR, calendar) for start, span in pairs]
    assert within_many(starts, ends, hours * HOUR, calendar).tolist() == in_time


def test_many_before_the_first_window_count_nothing() -> None:
    long_ago = microseconds([datetime(1950, 1, 1, tzinfo=UTC), datetime(2026, 11, 18, tzinfo=UTC)])
    then = microseconds([datetime(1951, 1, 1, tzinfo=UTC), datetime(2026, 11, 19, tzinfo=UTC)])
    assert elapsed_many(long_ago, then, PLAIN).tolist() == [0, 86_400_000_000]
    assert elapsed(datetime(1950, 1, 1, tzinfo=UTC), datetime(1951, 1, 1, tzinfo=UTC), PLAIN) == timedelta()


def test_the_last_moment_is_still_in_time_and_a_holiday_after_it_is_not() -> None:
    start = at("2026-11-20T00:00", PLAIN)
    assert within(start, at("2026-11-21T00:00", PLAIN), 24 * HOUR, PLAIN)
    assert not within(start, at("2026-11-21T00:01", PLAIN), 24 * HOUR, PLAIN)


def test_the_end_of_the_nth_business_day_leaves_out_the_day_it_began() -> None:
    assert after_business_days(at("2026-09-30T10:00", CHINA), 1, CHINA) == at("2026-10-09T00:00", CHINA)
    assert after_business_days(at("2026-09-30T10:00", CHINA), 3, CHINA) == at("2026-10-11T00:00", CHINA)
    assert after_business_days(at("2026-10-03T10:00", OFFICE), 1, OFFICE) == at("2026-10-08T18:00", OFFICE)
    assert after_business_days(at("2026-11-20T10:00", PLAIN), 10, PLAIN) == at("2026-12-05T00:00", PLAIN)
    with pytest.raises(ValueError, match="from one"):
        after_business_days(at("2026-11-20T10:00", PLAIN), 0, PLAIN)


def test_windows_never_meet_and_none_is_empty() -> None:
    # Samoa had no 30th of December 2011, a Friday.
    found = list(
        open_windows(
            datetime(2011, 12, 1, tzinfo=UTC), datetime(2012, 2, 1, tzinfo=UTC), Calendar("", "Pacific/Apia")
        )
    )
    assert all(start < end for start, end in found)
    assert all(before[1] < after[0] for before, after in pairwise(found))


@pytest.mark.parametrize(
    ("country", "year", "settled"),
    [("CN", 2026, True), ("CN", 2040, False), ("HK", 2040, True), ("DE", 2040, True), ("", 2040, True)],
)
def test_make_up_days_that_nobody_has_published_are_missed(country: str, year: int, settled: bool) -> None:
    assert is_settled(country, year) == settled


def test_what_no_calendar_can_hold_is_refused() -> None:
    assert all(is_known(each) for each in ("CN", "GB-SCT", ""))
    assert not any(is_known(each) for each in ("XX", "GB-ZZZ", "CN-", "Holidays", "C N", "cn"))
    with pytest.raises(ValueError, match="closes after it opens"):
        Calendar("CN", "Asia/Shanghai", Reading.WORKING_HOURS, time(18), time(9))
    with pytest.raises(ValueError, match="not negative"):
        due(TEN_YEARS[0], -HOUR, PLAIN)
    with pytest.raises(ValueError, match=f"after {LAST_YEAR}"):
        due(datetime(LAST_YEAR, 12, 31, tzinfo=UTC), 24 * 30 * HOUR, PLAIN)
    assert is_business_day(date(FIRST_YEAR, 1, 2), PLAIN)
