"""No figure that a rival reads tells of one rights holder's cases, whatever else was told beside it."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.enforcement.nested_days import Block, newest
from bot.enforcement.suppression import Cell, Series, added, passes, passes_apart, rounded, share
from storage.records.calendars import Span

HOLDERS = ("a", "b", "c", "d", "e", "f", "g")
EVEN = dict.fromkeys(HOLDERS, 2)
THIN = {"a": 1, "b": 1}
MONTH = newest(Span.MONTH, date(2026, 11, 29))
WEEK = MONTH.parts[0]
ONE = [[frozenset({True})]]
KINDS = ("p", "q", "r")
CHAIN = [
    [frozenset(KINDS)],
    [frozenset({"p"}), frozenset({"q", "r"})],
    [frozenset({"p"}), frozenset({"q"}), frozenset({"r"})],
]

cells = st.dictionaries(st.sampled_from(HOLDERS), st.integers(0, 12))
full = st.fixed_dictionaries({holder: st.integers(0, 12) for holder in HOLDERS})  # mostly shown
# A day has many cases of all, few of some, or none: most of what may go wrong goes wrong between these.
busy = st.fixed_dictionaries({holder: st.integers(1, 4) for holder in HOLDERS})
days: st.SearchStrategy[dict[str, int]] = (
    st.just({}) | st.dictionaries(st.sampled_from(HOLDERS), st.integers(1, 3), max_size=3) | busy
)
weeks = st.lists(days, min_size=7, max_size=7)


def slow_passes(cell: Cell) -> bool:
    """The rule as it is written: whoever reads, alone or with another, and takes their own cases off."""
    for known in (*combinations(HOLDERS, 0), *combinations(HOLDERS, 1), *combinations(HOLDERS, 2)):
        others = [cases for holder, cases in cell.items() if holder not in known and cases > 0]
        if sum(others) < 5 or len(others) < 3 or any(10 * cases > 6 * sum(others) for cases in others):
            return False
    return True


def series(block: Block, cells_of: Collection[Cell]) -> Series[bool]:
    by_day = {day: {True: cell} for day, cell in zip(sorted(block.days), cells_of, strict=True)}
    return Series(lambda day: by_day[day], ONE)


def blocks_of(block: Block) -> Iterator[Block]:
    yield block
    for part in block.parts:
        yield from blocks_of(part)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ({}, False),
        ({"a": 20, "b": 20, "c": 20, "d": 20}, False),  # two who talk see what the other two have together
        ({"a": 2, "b": 2, "c": 2, "d": 2, "e": 1}, True),  # whichever two read: 5 cases of 3 others remain
        ({"a": 2, "b": 2, "c": 2, "d": 1, "e": 1}, False),  # a and b are left with 4
        (dict.fromkeys("abcdef", 1), False),
        (dict.fromkeys("abcdefg", 1), True),
        ({"a": 0, "b": 3, "c": 3, "d": 3, "e": 3}, False),  # holders without a case do not count
        ({"a": 6, "b": 2, "c": 2, "d": 2, "e": 1, "f": 1}, True),  # two who have 2 see that a has 60 %
        ({"a": 7, "b": 2, "c": 2, "d": 2, "e": 1, "f": 1}, False),  # now more
    ],
)
def test_a_cell_is_told_when_enough_remains_for_every_two_readers(cell: Cell, shown: bool) -> None:
    assert passes(cell) is shown


@given(cells)
def test_the_rule_is_the_one_that_is_written(cell: Cell) -> None:
    assert passes(cell) == slow_passes(cell)


@given(busy, busy, cells)
def test_two_cells_that_may_be_told_make_one_that_may(one: Cell, other: Cell, third: Cell) -> None:
    told = [cell for cell in (one, other, third) if passes(cell)]
    assert not told or passes(added(told))


@given(st.integers(0, 10_000))
def test_rounding_is_to_the_nearest_five(cases: int) -> None:
    assert rounded(cases) % 5 == 0
    assert abs(rounded(cases) - cases) <= 2


@given(weeks)
def test_whatever_is_taken_off_a_week_what_remains_may_be_told(week: list[Cell]) -> None:
    told = series(WEEK, week)
    shown = [day for day in WEEK.parts if told.told(day)]
    whole = told.told(WEEK)
    left = added(week[sorted(WEEK.days).index(day.last)] for day in WEEK.parts if day not in shown)
    if whole is not None and whole.whole and len(shown) < 7:
        assert passes(left)
    if whole is not None and not whole.whole:
        assert whole.days == len(shown)


def test_six_days_and_their_week_do_not_give_the_seventh_away() -> None:
    told = series(WEEK, [*[EVEN] * 6, THIN]).told(WEEK)
    assert told is not None
    assert (told.days, told.total) == (6, 85)  # 84 cases of six days: the week is told without its Sunday
    quiet = series(WEEK, [*[EVEN] * 6, {}]).told(WEEK)
    assert quiet == told


def test_a_week_of_thin_days_is_told_as_a_whole() -> None:
    thin = [{"a": 1, "b": 1}, {"c": 1, "d": 1}, {"e": 1, "f": 1}, {"g": 1, "a": 1}, {"b": 1}, {}, {}]
    told = series(WEEK, thin).told(WEEK)
    assert told is not None
    assert (told.whole, told.total) == (True, 10)
    assert [series(WEEK, thin).told(day) for day in WEEK.parts] == [None] * 7


@given(st.lists(weeks, min_size=4, max_size=4), st.sets(st.sampled_from(HOLDERS), min_size=2, max_size=2))
@settings(max_examples=60)
def test_no_sum_and_difference_of_thirty_days_of_figures_tells_two_rivals_of_a_third(
    month: list[list[Cell]], coalition: set[str]
) -> None:
    """Every figure of a month, its weeks and its days is a sum of pieces that may each be told.

    Whatever whole number of days can be got from them by adding and taking off is therefore made of such
    pieces: after the two have taken off their own cases, 5 cases of 3 others remain in each.
    """
    by_day = dict(zip(sorted(MONTH.days), (cell for week in month for cell in week), strict=True))
    told = series(MONTH, [by_day[day] for day in sorted(by_day)])
    covered = {block: told.covered(block) for block in blocks_of(MONTH)}
    for piece in pieces(set(covered.values())):
        others = {
            holder: cases
            for holder, cases in added(by_day[day] for day in piece).items()
            if holder not in coalition and cases
        }
        assert len(others) >= 3
        assert sum(others.values()) >= 5
        assert 10 * max(others.values()) <= 6 * sum(others.values())


def pieces(sets: Collection[frozenset[date]]) -> list[frozenset[date]]:
    """The smallest sets of days that adding and taking off can reach; the sets lie inside one another."""
    found: list[frozenset[date]] = []
    for each in sorted(sets, key=len):
        rest = each.difference(*[piece for piece in found if piece <= each])
        if rest:
            found.append(frozenset(rest))
    assert all(one.isdisjoint(other) for one, other in combinations(found, 2))
    return found


@given(weeks, st.integers(0, 6), st.sampled_from(HOLDERS))
def test_a_case_of_a_hidden_day_changes_no_other_day_and_its_week_by_one_step_at_most(
    week: list[Cell], number: int, holder: str
) -> None:
    changed = [*week]
    changed[number] = added([week[number], {holder: 1}])
    assume(not passes(week[number]))
    assume(not passes(changed[number]))
    before, after = series(WEEK, week), series(WEEK, changed)
    assert [before.told(day) for day in WEEK.parts] == [after.told(day) for day in WEEK.parts]
    one, other = before.told(WEEK), after.told(WEEK)
    if one is not None and other is not None and one.days == other.days:
        assert 0 <= other.total - one.total <= 5
    if one is not None and not one.whole and other is not None and not other.whole:
        assert one == other  # what is left out is not even in the rounding


@given(full, st.sampled_from(HOLDERS))
def test_a_case_in_a_shown_cell_changes_its_figure_by_one_step_at_most(cell: Cell, holder: str) -> None:
    day = WEEK.parts[0]
    told = [
        Series(lambda _, cell=each: {True: cell}, ONE).told(day)  # type: ignore[misc]
        for each in (cell, added([cell, {holder: 1}]))
    ]
    assume(None not in told)
    before, after = (each.total for each in told if each)
    assert 0 <= after - before <= 5


def of_kinds(cells_of: Mapping[str, Cell]) -> Series[str]:
    return Series(lambda _: cells_of, CHAIN)


def test_kinds_are_told_as_finely_as_all_of_them_may_be() -> None:
    day = WEEK.parts[0]
    all_told = of_kinds({"p": EVEN, "q": EVEN, "r": EVEN}).told(day)
    assert all_told is not None
    assert (all_told.rows, all_told.total) == ({"p": 15, "q": 15, "r": 15}, 40)
    some = of_kinds({"p": EVEN, "q": EVEN, "r": THIN}).told(day)
    assert some is not None
    assert (some.rows, some.total) == ({"p": 15, "q": None, "r": None}, 30)  # or r were 30 - 15 - 15
    total = of_kinds({"p": THIN, "q": EVEN, "r": EVEN}).told(day)
    assert total is not None
    assert (total.rows, total.total) == ({"p": None, "q": None, "r": None}, 30)
    assert of_kinds({"p": {"a": 60}, "q": THIN, "r": {}}).told(day) is None


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(KINDS, days)), min_size=7, max_size=7))
@settings(max_examples=60)
def test_kinds_and_days_together_leave_nothing_that_may_not_be_told(week: list[dict[str, Cell]]) -> None:
    by_day = dict(zip(sorted(WEEK.days), week, strict=True))
    told = Series(lambda day: by_day[day], CHAIN)
    for level, parts in enumerate(CHAIN):
        covered = {block: told.covered(block, level) for block in blocks_of(WEEK)}
        for piece in pieces(set(covered.values())):
            for part in parts:
                assert passes(added(by_day[day].get(kind, {}) for day in piece for kind in part))
        # What is told finely is told coarsely too, so that no hidden total comes out as a sum of its rows.
        assert level == 0 or all(days <= told.covered(block, level - 1) for block, days in covered.items())


def test_a_group_within_the_group_is_not_given_away_by_the_difference() -> None:
    inner = frozenset("abcdef")
    allowed = passes_apart([inner])
    assert passes(EVEN)
    assert not allowed(EVEN)  # whoever reads both knows what g has
    assert passes_apart([frozenset("xyz")])(EVEN)


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_share_is_never_overstated(in_time: int, late: int) -> None:
    told = share(rounded(in_time), rounded(late))
    if told is not None:
        assert 0 < told * (in_time + late) <= in_time
