"""What the outbox learns from being turned away: a channel waits alone, a workspace all together."""

from datetime import UTC, datetime, timedelta

from bot.pace import CROWDED, Pace

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_nobody_who_was_never_turned_away_waits() -> None:
    pace = Pace(16)
    assert pace.room("draw", 3, NOW) == 13
    assert not pace.slow()


def test_one_channel_that_is_too_busy_holds_up_nobody_else() -> None:
    pace = Pace(16)
    for number in range(9):
        assert not pace.refused("draw", "C1", 1, NOW + number * SECOND)
        assert pace.room("draw", 0, NOW + number * SECOND) == 16
    assert not pace.refused("draw", "C2", 1, NOW + 20 * SECOND), "the first has long been let in again"


def test_two_channels_at_once_are_the_workspace_and_everything_of_the_kind_waits() -> None:
    pace = Pace(16)
    assert not pace.refused("draw", "C1", 5, NOW)
    assert pace.refused("draw", "C2", 3, NOW + SECOND)
    assert pace.room("draw", 0, NOW + 3 * SECOND) == 0
    assert pace.room("home", 0, NOW + 3 * SECOND) == 16
    assert pace.room("draw", 0, NOW + 5 * SECOND) == 8
    assert pace.slow() == {"draw"}


def test_each_refusal_halves_and_each_message_taken_adds_a_little() -> None:
    pace = Pace(16)
    pace.refused("draw", "C0", 1, NOW)
    for number in range(1, 9):
        assert pace.refused("draw", f"C{number}", 1, NOW)
    assert pace.room("draw", 0, NOW + 2 * SECOND) == 1
    for _ in range(16 * 16):
        pace.taken("draw")
    assert pace.room("draw", 0, NOW + 2 * SECOND) == 16
    assert not pace.slow()


def test_in_a_crowd_one_refusal_is_enough_until_a_minute_has_passed() -> None:
    pace = Pace(16)
    pace.refused("draw", "C1", 1, NOW)
    pace.refused("draw", "C2", 1, NOW)
    assert pace.refused("draw", "C3", 1, NOW + 30 * SECOND)
    assert not pace.refused("draw", "C4", 1, NOW + 32 * SECOND + 2 * CROWDED)
