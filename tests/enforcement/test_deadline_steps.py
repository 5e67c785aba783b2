"""The steps towards a deadline are shares of its business time: tables, and what must hold for any case."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.enforcement.business_clock import MONDAY_TO_FRIDAY, Calendar, elapsed
from bot.enforcement.deadlines import STEPS, steps
from storage.records.deadlines import SubjectKind

CHINA = Calendar("CN", "Asia/Shanghai")
REQUEST, NOTICE = SubjectKind.REQUEST, SubjectKind.NOTICE


@pytest.mark.parametrize(
    ("kind", "start", "due_at", "calendar", "expected"),
    [
        (
            REQUEST,
            "2026-11-20T09:00",
            "2026-11-23T09:00",
            MONDAY_TO_FRIDAY,
            ["2026-11-20T21:00", "2026-11-23T03:00", "2026-11-23T06:36", "2026-11-23T09:00"],
        ),
        (
            NOTICE,
            "2026-11-18T00:00",
            "2026-11-19T00:00",
            MONDAY_TO_FRIDAY,
            ["2026-11-18T16:00", "2026-11-18T21:36", "2026-11-19T00:00"],
        ),
        # The National Day week of China lies between: time stands still from the evening of the 30th, UTC.
        (
            NOTICE,
            "2026-09-30T04:00",
            "2026-10-08T04:00",
            CHINA,
            ["2026-10-07T20:00", "2026-10-08T01:36", "2026-10-08T04:00"],
        ),
        # Asked and due on one weekend: nothing but the deadline itself.
        (REQUEST, "2026-11-21T09:00", "2026-11-22T09:00", MONDAY_TO_FRIDAY, ["2026-11-22T09:00"]),
        # A deadline that had passed before anybody could know of it.
        (REQUEST, "2026-11-18T09:00", "2026-11-17T09:00", MONDAY_TO_FRIDAY, ["2026-11-17T09:00"]),
    ],
)
def test_steps_are_shares_of_the_business_time(
    kind: SubjectKind, start: str, due_at: str, calendar: Calendar, expected: list[str]
) -> None:
    begin, end = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (start, due_at))
    found = steps(kind, begin, end, calendar)
    assert [each.at.strftime("%Y-%m-%dT%H:%M") for each in found] == expected
    assert [each.step for each in found] == [step for step, _ in STEPS[kind]][-len(expected) :]


@settings(deadline=None)
@given(
    st.sampled_from(list(SubjectKind)),
    st.integers(0, 366 * 24 * 60),
    st.integers(0, 20 * 24 * 60),
    st.sampled_from([CHINA, MONDAY_TO_FRIDAY, Calendar("US", "America/New_York")]),
)
def test_steps_come_in_order_and_never_after_the_due_moment(
    kind: SubjectKind, minutes: int, length: int, calendar: Calendar
) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    due_at = start + timedelta(minutes=length)
    found = [each.at for each in steps(kind, start, due_at, calendar)]
    assert found == sorted(found)
    assert found[-1] == due_at
    whole = elapsed(start, due_at, calendar)
    for (_, share), at in zip(STEPS[kind], found, strict=False):
        assert not whole or abs(elapsed(start, at, calendar) - whole * float(share)) <= timedelta(
            milliseconds=1
        )
