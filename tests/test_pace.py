"""What the outbox learns from being turned away: a channel waits alone, a workspace all together."""

from datetime import UTC, datetime, timedelta

from bot.pace import CROWDED, JUST_BEFORE, Pace

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_nobody_who_was_never_turned_away_waits() -> None:
    pace = Pace(16)
    assert pace.room("draw", 3, NOW) == 13
    assert not pace.slow(NOW)
    assert not pace.waiting(NOW)


def test_channels_that_have_just_had_a_message_wait_alone_and_keep_their_place() -> None:
    pace = Pace(16)
    for lane in ("C1", "C2", "C3"):
        pace.taken("draw", lane, NOW)
        assert pace.refused("draw", lane, 1, NOW)
    assert pace.waiting(NOW) == {"C1", "C2", "C3"}
    assert pace.room("draw", 0, NOW) == 16
    assert not pace.waiting(NOW + SECOND)


def test_what_has_no_lane_waits_for_itself() -> None:
    pace = Pace(16)
    pace.taken("file", "", NOW)
    assert not pace.refused("file", "", 5, NOW)
    assert not pace.waiting(NOW)


def test_a_channel_that_had_nothing_is_the_workspace_and_everything_of_the_kind_waits() -> None:
    pace = Pace(16)
    pace.taken("draw", "C1", NOW - JUST_BEFORE)
    assert pace.refused("draw", "C1", 5, NOW)
    assert pace.refused("draw", "C2", 3, NOW + SECOND)
    assert pace.room("draw", 0, NOW + 4 * SECOND) == 0
    assert pace.room("home", 0, NOW + 4 * SECOND) == 16
    assert pace.slow(NOW + 4 * SECOND) == {"draw"}
    assert not pace.waiting(NOW + 4 * SECOND), "who comes first goes first again"


def test_after_the_pause_one_goes_at_a_time_until_a_minute_was_quiet() -> None:
    pace = Pace(16)
    pace.refused("draw", "C1", 1, NOW)
    assert pace.room("draw", 0, NOW + SECOND) == 1
    assert pace.room("draw", 1, NOW + SECOND) == 0
    pace.taken("draw", "C1", NOW + SECOND)
    pace.refused("draw", "C1", 30, NOW + 2 * SECOND)
    assert pace.room("draw", 0, NOW + 3 * SECOND) == 1, "only the busy channel waits so long"
    assert pace.room("draw", 0, NOW + SECOND + CROWDED) == 16
    assert not pace.slow(NOW + SECOND + CROWDED)


def test_a_channel_whose_last_message_was_long_ago_counts_as_one_that_had_none() -> None:
    pace = Pace(16)
    for number in range(1_000):
        pace.taken("draw", f"C{number}", NOW + number * SECOND)
    assert pace.refused("draw", "C1", 1, NOW + 1_000 * SECOND)
    assert pace.room("draw", 0, NOW + 1_000 * SECOND) == 0
