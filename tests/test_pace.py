"""What the outbox learns from being turned away: a channel waits alone, a workspace all together."""

from datetime import UTC, datetime, timedelta

from bot.pace import CROWDED, Pace

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_nobody_who_was_never_turned_away_waits() -> None:
    pace = Pace(16)
    assert pace.room("draw", 3, NOW) == 13
    assert not pace.slow(NOW)
    assert not pace.waiting(NOW)


def test_one_channel_that_is_too_busy_holds_up_nobody_else_and_keeps_its_place() -> None:
    pace = Pace(16)
    for number in range(9):
        later = NOW + number * SECOND
        assert pace.refused("draw", "C1", 1, later)
        assert pace.waiting(later) == {"C1"}
        assert pace.room("draw", 0, later) == 16
    assert not pace.waiting(NOW + 9 * SECOND)
    pace.refused("draw", "C2", 1, NOW + 20 * SECOND)
    assert pace.room("draw", 0, NOW + 20 * SECOND) == 16, "the first has long been let in again"


def test_what_has_no_lane_waits_for_itself() -> None:
    pace = Pace(16)
    assert not pace.refused("file", "", 5, NOW)
    assert not pace.waiting(NOW)


def test_two_channels_at_once_are_the_workspace_and_everything_of_the_kind_waits() -> None:
    pace = Pace(16)
    pace.refused("draw", "C1", 5, NOW)
    assert pace.refused("draw", "C2", 3, NOW + SECOND)
    assert pace.room("draw", 0, NOW + 4 * SECOND) == 0
    assert pace.room("home", 0, NOW + 4 * SECOND) == 16
    assert pace.slow(NOW + 4 * SECOND) == {"draw"}


def test_after_the_pause_one_goes_at_a_time_until_a_minute_was_quiet() -> None:
    pace = Pace(16)
    pace.refused("draw", "C1", 1, NOW)
    pace.refused("draw", "C2", 1, NOW)
    assert pace.room("draw", 0, NOW + SECOND) == 1
    assert pace.room("draw", 1, NOW + SECOND) == 0
    assert pace.room("draw", 0, NOW + SECOND + CROWDED) == 16
    assert not pace.slow(NOW + SECOND + CROWDED)


def test_in_a_crowd_one_refusal_is_enough_until_a_minute_has_passed() -> None:
    pace = Pace(16)
    pace.refused("draw", "C1", 1, NOW)
    pace.refused("draw", "C2", 1, NOW)
    pace.refused("draw", "C3", 1, NOW + 30 * SECOND)
    assert pace.room("draw", 0, NOW + 30 * SECOND) == 0
    pace.refused("draw", "C4", 1, NOW + 32 * SECOND + 2 * CROWDED)
    assert pace.room("draw", 0, NOW + 32 * SECOND + 2 * CROWDED) == 16


def test_channels_that_have_just_had_a_message_are_not_the_workspace_however_many_they_are() -> None:
    pace = Pace(16)
    for lane in ("C1", "C2", "C3"):
        pace.taken("draw", lane, NOW)
        assert pace.refused("draw", lane, 1, NOW)
    assert pace.waiting(NOW) == {"C1", "C2", "C3"}
    assert pace.room("draw", 0, NOW) == 16
    pace.refused("draw", "C4", 1, NOW)
    pace.refused("draw", "C5", 1, NOW)
    assert pace.room("draw", 0, NOW) == 0
    pace.taken("draw", "C1", NOW + SECOND)
    pace.refused("draw", "C1", 30, NOW + SECOND)
    assert pace.room("draw", 0, NOW + 2 * SECOND) == 1, "only the busy channel waits so long"
