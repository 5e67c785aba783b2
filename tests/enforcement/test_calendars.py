"""Each marketplace's own calendar: kept as it was asked for, or refused with what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.enforcement import calendars, platform
from bot.enforcement.access import OPERATOR
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY, Calendar, Reading
from bot.enforcement.calendars import calendar_of, read, written
from bot.enforcement.refusals import Refused
from storage.engine import Store
from tests.enforcement.alliance import NOW

SHANGHAI = Calendar("CN", "Asia/Shanghai", Reading.WORKING_HOURS)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"country": "XX"}, "platform.bad_country"),
        ({"country": "CN-"}, "platform.bad_country"),
        ({"country": "../CN"}, "platform.bad_country"),
        ({"country": "CN", "zone": "Mars/Base"}, "platform.bad_zone"),
        ({"zone": ""}, "platform.bad_zone"),
        ({"opens": "18:00", "closes": "18:00"}, "platform.bad_hours"),
        ({"opens": "", "closes": "18:00"}, "platform.bad_hours"),
        ({"opens": "09:00+02:00"}, "platform.bad_hours"),
        ({"reading": "always"}, "platform.bad_hours"),
    ],
)
def test_what_is_no_calendar_is_refused(given: dict[str, str], key: str) -> None:
    with pytest.raises(Refused) as refused:
        read(given)
    assert refused.value.key == key


@given(st.sampled_from([MONDAY_TO_FRIDAY, SHANGHAI, Calendar("GB-ENG", "Europe/London")]))
def test_a_calendar_is_read_as_it_was_written(calendar: Calendar) -> None:
    assert read(written(calendar)) == calendar


def test_a_connection_keeps_its_calendar_and_without_one_the_default_counts(store: Store) -> None:
    client = store.run_sync(
        platform.create_client,
        OPERATOR,
        "Open Bazaar",
        "openbazaar",
        "https://market.example/h",
        now=NOW,
        calendar=SHANGHAI,
    )
    assert store.read_sync(calendar_of, client.id) == SHANGHAI
    assert store.read_sync(calendar_of, None) == MONDAY_TO_FRIDAY
    assert store.read_sync(calendar_of, None, SHANGHAI) == SHANGHAI
    store.run_sync(platform.change_calendar, OPERATOR, client.id, MONDAY_TO_FRIDAY, now=NOW)
    assert store.read_sync(calendar_of, client.id) == MONDAY_TO_FRIDAY
    assert calendars.written(MONDAY_TO_FRIDAY)["country"] == ""
