"""The strike policies: tables of what is counted, and what holds for any history."""

from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.enforcement.strikes import (
    POLICIES,
    Offence,
    Terms,
    gravest_ever,
    judge,
    rank,
    reached,
    severity_of,
    terms_of,
)
from storage.records.sellers import Measure, PolicyName, Severity

S, G = Severity.SERIOUS, Severity.GENERAL
START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=400)
THREE, POINTS = POLICIES[PolicyName.THREE_STRIKES], POLICIES[PolicyName.POINTS]


def history(*days: float, severity: Severity = S) -> list[Offence[int]]:
    """Removals so many days after the start, numbered in the order given."""
    return [Offence(number, START + timedelta(days=day), severity) for number, day in enumerate(days)]


@pytest.mark.parametrize(
    ("days", "at", "total", "counted"),
    [
        ((), 10, 0, set()),
        ((1,), 10, 1, {0}),
        ((1, 2, 3.9), 10, 1, {0}),  # all within three days of the first
        ((1, 4), 10, 2, {0, 1}),  # exactly three days later counts
        ((1, 3.9, 4), 10, 2, {0, 2}),
        ((1, 4, 7), 10, 3, {0, 1, 2}),
        ((1, 4, 7, 10), 10, 4, {0, 1, 2, 3}),
        ((7, 1, 4), 10, 3, {0, 1, 2}),  # in whatever order they are told
        ((1, 4, 7), 365, 3, {0, 1, 2}),
        ((1, 4, 7), 366, 2, {1, 2}),  # valid for 365 days, the moment of expiry not among them
        ((1, 4, 7), 372, 0, set()),
        ((11,), 10, 0, set()),  # not yet
    ],
)
def test_three_strikes_counts_serious_removals_three_days_apart_for_a_year(
    days: tuple[float, ...], at: float, total: int, counted: set[int]
) -> None:
    tally = judge(THREE, history(*days), START + timedelta(days=at))
    assert (tally.total, tally.counted) == (total, frozenset(counted))
    assert tally.measure is (Measure.BAN if total >= 3 else None)


def test_general_removals_are_no_strikes() -> None:
    assert judge(THREE, history(1, 5, 9, 13, severity=G), START + timedelta(days=20)).total == 0


@pytest.mark.parametrize(
    ("serious", "general", "total", "measure"),
    [
        (0, 1, 2, None),
        (0, 3, 6, Measure.SEVERE_WARNING),
        (1, 0, 6, Measure.SEVERE_WARNING),
        (1, 2, 10, Measure.SEVERE_WARNING),
        (2, 0, 12, Measure.RESTRICTION_7_DAYS),
        (4, 0, 24, Measure.RESTRICTION_14_DAYS),
        (6, 0, 36, Measure.RESTRICTION_21_DAYS),
        (7, 2, 46, Measure.RESTRICTION_21_DAYS),
        (8, 0, 48, Measure.BAN),
    ],
)
def test_points_add_up_to_the_published_steps(
    serious: int, general: int, total: int, measure: Measure | None
) -> None:
    told = history(*range(serious)) + [
        Offence(100 + number, START + timedelta(days=50 + number), G) for number in range(general)
    ]
    tally = judge(POINTS, told, START + timedelta(days=100))
    assert (tally.total, tally.measure) == (total, measure)


def test_a_day_of_general_removals_is_worth_six_points_at_most() -> None:
    that_day = history(*[1 + number / 100 for number in range(40)], severity=G)
    tally = judge(POINTS, that_day, START + timedelta(days=2))
    assert (tally.total, len(tally.counted)) == (6, 3)


def test_counterfeits_are_serious_and_the_rest_is_general() -> None:
    assert {code: severity_of(code) for code in ("counterfeit_no_test_buy", "counterfeit_test_buy")} == {
        "counterfeit_no_test_buy": S,
        "counterfeit_test_buy": S,
    }
    assert severity_of("copyright_images") is severity_of("trademark_in_listing") is G


def test_terms_survive_their_record() -> None:
    for terms in (*POLICIES.values(), terms_of(PolicyName.POINTS, 30, 2)):
        assert Terms.read(terms.kept()) == terms


def test_a_sum_reaches_the_gravest_step_that_it_covers() -> None:
    assert [reached(POINTS, total) for total in (0, 5, 6, 47, 48, 500)] == [
        *(None, None, Measure.SEVERE_WARNING, Measure.RESTRICTION_21_DAYS),
        *(Measure.BAN, Measure.BAN),
    ]


moments = st.integers(0, 600 * 24).map(lambda hours: START + timedelta(hours=hours))
histories = st.lists(st.tuples(moments, st.sampled_from(Severity)), max_size=14).map(
    lambda told: [Offence(number, at, severity) for number, (at, severity) in enumerate(told)]
)
anything = st.sampled_from([THREE, POINTS, terms_of(PolicyName.POINTS, 90, 1)])


@given(anything, histories, moments)
def test_the_order_in_which_removals_are_told_does_not_matter(
    terms: Terms, told: list[Offence[int]], now: datetime
) -> None:
    assert judge(terms, told, now).total == judge(terms, told[::-1], now).total


@given(anything, histories, moments, st.integers(0, 13))
def test_taking_a_removal_back_never_raises_the_sum(
    terms: Terms, told: list[Offence[int]], now: datetime, number: int
) -> None:
    less = [each for each in told if each.key != number]
    assert judge(terms, less, now).total <= judge(terms, told, now).total


@given(histories, moments)
def test_three_strikes_finds_the_largest_set_of_removals_apart(
    told: list[Offence[int]], now: datetime
) -> None:
    valid = [each for each in told if each.severity is S and now - timedelta(days=365) < each.at <= now][:9]
    best = max(
        number
        for number in range(len(valid) + 1)
        for chosen in combinations(sorted(each.at for each in valid), number)
        if all(later - one >= timedelta(days=3) for one, later in pairwise(chosen))
    )
    assert judge(THREE, valid, now).total == best


@given(anything, histories)
def test_the_gravest_measure_of_a_history_is_that_of_its_worst_moment(
    terms: Terms, told: list[Offence[int]]
) -> None:
    ordered = sorted(told, key=lambda each: each.at)
    worst = max((rank(judge(terms, ordered, each.at).measure) for each in ordered), default=-1)
    assert rank(gravest_ever(terms, ordered)) == worst


@given(st.lists(st.tuples(st.integers(0, 90), st.sampled_from(Severity)), max_size=60))
def test_the_same_for_removals_that_lie_close(told: list[tuple[int, Severity]]) -> None:
    ordered = [
        Offence(number, START + timedelta(hours=6 * at), severity)
        for number, (at, severity) in enumerate(sorted(told, key=lambda each: each[0]))
    ]
    for terms in (THREE, POINTS, terms_of(PolicyName.POINTS, 7, 2), terms_of(PolicyName.THREE_STRIKES, 9, 2)):
        worst = max((rank(judge(terms, ordered, each.at).measure) for each in ordered), default=-1)
        assert rank(gravest_ever(terms, ordered)) == worst


def test_a_history_of_many_removals_is_tried_in_time() -> None:
    told = history(*[number / 1440 for number in range(100_000)], severity=G)
    assert gravest_ever(terms_of(PolicyName.POINTS, 5, 0), told) is Measure.RESTRICTION_21_DAYS  # six dates
