"""The rules of standing as tables, the published variants among them, and forecasts against brute force."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.enforcement.standing_rules import (
    DEFAULT,
    PUBLISHED,
    add_months,
    has_good_standing,
    judge,
    leaves_window,
    look_again,
    outlook,
    window_start,
)
from storage.records.roster import Standing
from storage.records.standing import Figures, Loss, Measure, Rule, StandingCause, Tally

TODAY = date(2026, 11, 21)
APPLICANT, PILOT, GOOD = Standing.APPLICANT, Standing.PILOT, Standing.GOOD_FAITH
WARNED, SUSPENDED, EXCLUDED = Standing.WARNED, Standing.SUSPENDED, Standing.EXCLUDED
OLD, MIDDLE, NEW, STRICT = (PUBLISHED[name] for name in ("2015-04", "2018-08", "2022-04", "stay-99"))
BACK = date(2027, 2, 21)


def figures(*codes: tuple[int, int, int], oldest: date | None = TODAY) -> Figures:
    """Figures with (decided, removed, upheld) by reason code."""
    names = ("counterfeit_no_test_buy", "trademark_in_listing", "design")
    by_code = {name: Tally(*numbers) for name, numbers in zip(names, codes, strict=False)}
    return Figures(window_start(TODAY, DEFAULT), by_code, oldest)


@pytest.mark.parametrize(
    ("rule", "standing", "codes", "becomes", "cause"),
    [
        # Entry at nine tenths and a twentieth, on twenty cases.
        (NEW, APPLICANT, [(20, 18, 0)], GOOD, "earned"),
        (NEW, PILOT, [(20, 20, 1)], GOOD, "earned"),
        (NEW, APPLICANT, [(19, 19, 0)], APPLICANT, None),
        (NEW, APPLICANT, [(20, 17, 0)], APPLICANT, None),
        (NEW, APPLICANT, [(20, 20, 2)], APPLICANT, None),
        (NEW, APPLICANT, [(40, 40, 2)], GOOD, "earned"),
        (NEW, APPLICANT, [], APPLICANT, None),
        # The earlier rule took one and a half percent of counter-notices.
        (OLD, APPLICANT, [(100, 100, 1)], GOOD, "earned"),
        (OLD, APPLICANT, [(100, 100, 2)], APPLICANT, None),
        (OLD, GOOD, [(200, 200, 3)], WARNED, "warned"),
        (OLD, GOOD, [(200, 200, 4)], EXCLUDED, "lost"),
        (MIDDLE, GOOD, [(200, 200, 4)], GOOD, None),
        # Staying: exactly at the limit is within it, and is warned.
        (NEW, GOOD, [(100, 90, 0)], WARNED, "warned"),
        (NEW, GOOD, [(100, 89, 0)], EXCLUDED, "lost"),
        (NEW, WARNED, [(100, 89, 0)], EXCLUDED, "lost"),
        (NEW, GOOD, [(100, 100, 5)], WARNED, "warned"),
        (NEW, GOOD, [(100, 100, 6)], EXCLUDED, "lost"),
        (NEW, GOOD, [(100, 92, 0)], GOOD, None),
        (NEW, GOOD, [(1000, 919, 0)], WARNED, "warned"),
        # A warning goes when it is clear, not at the next removal.
        (NEW, WARNED, [(100, 93, 0)], WARNED, None),
        (NEW, WARNED, [(100, 94, 0)], GOOD, "eased"),
        (NEW, WARNED, [(100, 100, 4)], WARNED, None),
        (NEW, WARNED, [(100, 100, 3)], GOOD, "eased"),
        # Fewer than twenty are not judged: one miss expels nobody.
        (NEW, GOOD, [(19, 0, 0)], GOOD, None),
        (NEW, GOOD, [(1, 0, 1)], GOOD, None),
        (NEW, GOOD, [], GOOD, None),
        # Since 2022 each reason code counts, from twenty of its own cases on.
        (NEW, GOOD, [(500, 500, 0), (20, 17, 0)], EXCLUDED, "lost"),
        (MIDDLE, GOOD, [(500, 500, 0), (20, 17, 0)], GOOD, None),
        (NEW, GOOD, [(500, 500, 0), (19, 0, 0)], GOOD, None),
        (NEW, APPLICANT, [(500, 500, 0), (20, 17, 0)], APPLICANT, None),
        (NEW, APPLICANT, [(500, 500, 0), (19, 10, 0)], GOOD, "earned"),
        (NEW, GOOD, [(500, 500, 0), (50, 50, 3)], EXCLUDED, "lost"),
        # The strict rule: ninety-nine of a hundred.
        (STRICT, GOOD, [(100, 99, 0)], WARNED, "warned"),
        (STRICT, GOOD, [(100, 98, 0)], EXCLUDED, "lost"),
        (STRICT, GOOD, [(1000, 995, 0)], GOOD, None),
        (STRICT, APPLICANT, [(100, 95, 0)], APPLICANT, None),
        (STRICT, APPLICANT, [(100, 99, 0)], GOOD, "earned"),
        # Whoever two people suspended stays so, whatever the figures.
        (NEW, SUSPENDED, [(100, 100, 0)], SUSPENDED, None),
    ],
)
def test_figures_make_of_a_standing_what_the_rule_says(
    rule: Rule, standing: Standing, codes: list[tuple[int, int, int]], becomes: Standing, cause: str | None
) -> None:
    change = judge(standing, None, figures(*codes), rule, TODAY)
    assert (change.standing if change else standing) is becomes
    assert (change.cause.value if change else None) == cause
    if change and change.cause is StandingCause.LOST:
        assert change.until == add_months(TODAY, rule.reentry)


@pytest.mark.parametrize(
    ("standing", "until", "codes", "becomes", "cause"),
    [
        (EXCLUDED, TODAY + timedelta(1), [(100, 100, 0)], EXCLUDED, None),
        (EXCLUDED, TODAY, [(100, 100, 0)], GOOD, "earned"),
        (EXCLUDED, TODAY, [(100, 80, 0)], APPLICANT, "readmitted"),
        (EXCLUDED, TODAY, [], APPLICANT, "readmitted"),
        (SUSPENDED, TODAY, [], APPLICANT, "readmitted"),
        (SUSPENDED, TODAY + timedelta(1), [], SUSPENDED, None),
        # Set by hand, good standing holds for its time and is judged after it.
        (GOOD, TODAY + timedelta(1), [(100, 50, 50)], GOOD, None),
        (GOOD, TODAY, [(100, 50, 50)], EXCLUDED, "lost"),
        (WARNED, TODAY + timedelta(1), [(100, 100, 0)], WARNED, None),
    ],
)
def test_a_day_holds_a_standing_until_it_comes(
    standing: Standing,
    until: date,
    codes: list[tuple[int, int, int]],
    becomes: Standing,
    cause: str | None,
) -> None:
    change = judge(standing, until, figures(*codes), NEW, TODAY)
    assert (change.standing if change else standing) is becomes
    assert (change.cause.value if change else None) == cause


@pytest.mark.parametrize(
    ("standing", "becomes"), [(APPLICANT, APPLICANT), (PILOT, GOOD), (GOOD, GOOD), (EXCLUDED, GOOD)]
)
def test_at_first_enrolment_is_open_to_the_pilot_list_alone(standing: Standing, becomes: Standing) -> None:
    change = judge(standing, None, figures((100, 100, 0)), NEW, TODAY, admitted=False)
    assert (change.standing if change else standing) is becomes


@pytest.mark.parametrize("standing", Standing)
def test_who_is_warned_keeps_the_rights_of_good_faith(standing: Standing) -> None:
    assert has_good_standing(standing) is (standing in (GOOD, WARNED))


@pytest.mark.parametrize(
    ("codes", "losses"),
    [
        ([(100, 100, 3)], [("counter", "", 3), ("takedown", "", 12)]),
        ([(100, 100, 4)], [("counter", "", 2), ("takedown", "", 12)]),
        ([(100, 90, 0)], [("takedown", "", 1), ("counter", "", 5)]),
        ([(5, 5, 0)], [("takedown", "", 15)]),
        ([], []),
        (
            [(200, 200, 0), (30, 28, 1)],
            [("takedown", "trademark_in_listing", 2), ("counter", "trademark_in_listing", 1)],
        ),
    ],
)
def test_a_forecast_says_what_would_lose_standing(
    codes: list[tuple[int, int, int]], losses: list[tuple[str, str, int]]
) -> None:
    found = outlook(GOOD, None, figures(*codes), NEW, TODAY).losses
    assert sorted(found, key=str) == sorted((Loss(Measure(m), code, n) for m, code, n in losses), key=str)
    assert [loss.more for loss in found] == sorted(loss.more for loss in found)


@pytest.mark.parametrize(("held_for", "losses"), [(1, 0), (0, 2), (-1, 2)])
def test_nothing_is_forecast_to_be_lost_before_the_day_up_to_which_a_standing_is_held(
    held_for: int, losses: int
) -> None:
    until = TODAY + timedelta(days=held_for)
    assert len(outlook(GOOD, until, figures((200, 190, 9)), NEW, TODAY).losses) == losses


@pytest.mark.parametrize(
    ("codes", "removals"),
    [
        ([], 20),
        ([(8, 8, 0)], 12),
        ([(20, 17, 0)], 10),
        ([(20, 20, 2)], 20),
        ([(100, 100, 0)], 0),
        ([(100, 100, 0), (20, 16, 0)], 20),
    ],
)
def test_a_forecast_says_what_would_earn_standing(codes: list[tuple[int, int, int]], removals: int) -> None:
    assert outlook(APPLICANT, None, figures(*codes), NEW, TODAY).removals == removals


@st.composite
def tallies(draw: st.DrawFn) -> tuple[int, int, int]:
    """One reason code's numbers as they can be."""
    decided = draw(st.integers(0, 150))
    removed = decided - min(decided, draw(st.integers(0, 20)))
    return decided, removed, min(removed, draw(st.integers(0, 8)))


@given(tallies(), st.sampled_from(sorted(PUBLISHED)))
def test_each_forecast_of_loss_is_the_smallest_number_that_loses(
    numbers: tuple[int, int, int], version: str
) -> None:
    rule = PUBLISHED[version]
    now = figures(numbers)
    decided, removed, upheld = numbers

    def lost(*, refused: int = 0, more_upheld: int = 0) -> bool:
        change = judge(GOOD, None, figures((decided + refused, removed, upheld + more_upheld)), rule, TODAY)
        return change is not None and change.standing is EXCLUDED

    if lost():
        return
    for loss in outlook(GOOD, None, now, rule, TODAY).losses:
        counter = loss.measure is Measure.COUNTER
        name = "more_upheld" if counter else "refused"
        assert lost(**{name: loss.more})
        assert loss.more == 1 or not lost(**{name: loss.more - 1})


@given(tallies(), st.sampled_from(sorted(PUBLISHED)))
def test_each_forecast_of_entry_is_the_smallest_number_that_earns(
    numbers: tuple[int, int, int], version: str
) -> None:
    rule, (decided, removed, upheld) = PUBLISHED[version], numbers

    def earned(more: int) -> bool:
        return (
            judge(APPLICANT, None, figures((decided + more, removed + more, upheld)), rule, TODAY) is not None
        )

    removals = outlook(APPLICANT, None, figures(numbers), rule, TODAY).removals
    assert removals is not None
    assert earned(removals)
    assert removals == 0 or not earned(removals - 1)


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 1, 31), -2, date(2025, 11, 30)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_months_are_those_of_the_calendar(day: date, months: int, found: date) -> None:
    assert add_months(day, months) == found


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sampled_from(sorted(PUBLISHED)))
def test_a_day_leaves_the_window_once_and_is_in_it_until_then(day: date, version: str) -> None:
    rule = PUBLISHED[version]
    left = leaves_window(day, rule)
    assert window_start(left, rule) > day
    assert window_start(left - timedelta(1), rule) <= day
    assert 28 * rule.window <= (left - day).days <= 31 * rule.window + 1


@pytest.mark.parametrize(
    ("standing", "until", "oldest", "due"),
    [
        (EXCLUDED, BACK, TODAY, BACK),
        (GOOD, None, TODAY, BACK),
        (GOOD, TODAY, TODAY, BACK),
        (SUSPENDED, None, TODAY, None),
        (APPLICANT, None, None, None),
    ],
)
def test_time_looks_at_a_standing_again_when_it_can_have_changed_it(
    standing: Standing, until: date | None, oldest: date | None, due: date | None
) -> None:
    assert look_again(standing, until, figures(oldest=oldest), NEW, TODAY) == due
