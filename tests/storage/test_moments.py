"""Moments as text: one moment has one text, and no two have the same."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from storage.moments import moment_text

BERLIN = ZoneInfo("Europe/Berlin")


def test_the_hour_that_comes_twice_on_a_wall_is_two_moments() -> None:
    first = datetime(2025, 10, 26, 2, 30, tzinfo=BERLIN)
    for _ in range(2):  # what was kept of the first time is not taken for the other hour
        assert moment_text(first) == "2025-10-26 00:30:00.000000+00:00"
        assert moment_text(first.replace(fold=1)) == "2025-10-26 01:30:00.000000+00:00"
        assert moment_text(first.astimezone(UTC)) == moment_text(first)
