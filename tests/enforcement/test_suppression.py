"""No figure that a rival reads tells of one rights holder's cases."""

from collections.abc import Collection, Mapping
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.enforcement.suppression import Attainment, Cell, Figure, attainment, figure, passes, rounded, table

HOLDERS = ("a", "b", "c", "d", "e", "f", "g")
EVEN = dict.fromkeys(HOLDERS, 2)
THIN = {"a": 1, "b": 1}

cells = st.dictionaries(st.sampled_from(HOLDERS), st.integers(0, 12))
tables = st.dictionaries(st.sampled_from("pqrst"), cells, min_size=1)
readers = st.sets(st.sampled_from(HOLDERS))


def slow_passes(cell: Cell, reading: Collection[str]) -> bool:
    """The rule as it is written, one reader after the other."""
    for reader in ("an outsider", *reading):
        others = [cell[holder] for holder in cell if holder != reader and cell[holder] > 0]
        if sum(others) < 5 or len(others) < 3 or any(10 * cases > 6 * sum(others) for cases in others):
            return False
    return True


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ({}, False),
        ({"a": 2, "b": 2, "c": 1}, False),  # a takes its 2 off and sees 3 cases of 2 others
        ({"a": 2, "b": 2, "c": 2, "d": 1}, True),  # whoever reads, 5 cases of 3 others remain
        ({"a": 2, "b": 2, "c": 2}, False),  # only 2 others for each
        ({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}, False),  # only 4 cases of others for each
        ({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1}, True),
        ({"a": 0, "b": 3, "c": 3, "d": 3, "e": 0}, False),  # holders without a case do not count
        ({"a": 6, "b": 2, "c": 2, "d": 2}, True),  # b, who takes 2 off, sees that a has exactly 60 %
        ({"a": 7, "b": 2, "c": 2, "d": 2}, False),  # b sees that a has more
        ({"a": 40, "b": 6, "c": 2, "d": 2}, False),
        ({"a": 10, "b": 10, "c": 1, "d": 1}, False),  # a sees that b has 10 of 12
    ],
)
def test_a_cell_is_shown_when_enough_remains_for_every_reader(cell: Cell, shown: bool) -> None:
    assert passes(cell, HOLDERS) is shown


@given(cells, readers)
def test_the_rule_is_the_one_that_is_written(cell: Cell, reading: Collection[str]) -> None:
    assert passes(cell, reading) == slow_passes(cell, reading)


@given(cells, readers, st.sampled_from(HOLDERS))
def test_another_reader_never_makes_a_cell_visible(cell: Cell, reading: set[str], another: str) -> None:
    assert passes(cell, reading) or not passes(cell, reading | {another})


def test_a_group_of_three_never_has_a_figure() -> None:
    assert figure({1: {"a": 50, "b": 50, "c": 50}}, ("a", "b", "c")) is None


def test_a_thin_day_falls_back_to_a_week_then_four_weeks_then_nothing() -> None:
    assert figure({1: EVEN, 7: EVEN, 28: EVEN}, HOLDERS) == Figure(1, 15)
    assert figure({1: THIN, 7: EVEN, 28: EVEN}, HOLDERS) == Figure(7, 15)
    assert figure({1: THIN, 7: THIN, 28: EVEN}, HOLDERS) == Figure(28, 15)
    assert figure({1: THIN, 7: THIN, 28: THIN}, HOLDERS) is None
    assert figure({}, HOLDERS) is None


@given(st.integers(0, 10_000))
def test_rounding_is_to_the_nearest_five(cases: int) -> None:
    assert rounded(cases) % 5 == 0
    assert abs(rounded(cases) - cases) <= 2


@given(cells, cells, st.sampled_from(HOLDERS), readers)
def test_a_case_in_a_hidden_cell_changes_no_figure(
    day: Cell, week: Cell, holder: str, reading: Collection[str]
) -> None:
    changed = {**day, holder: day.get(holder, 0) + 1}
    assume(not passes(day, reading) and not passes(changed, reading))
    assert figure({1: day, 7: week}, reading) == figure({1: changed, 7: week}, reading)


@given(cells, st.sampled_from(HOLDERS), readers)
def test_a_case_in_a_shown_cell_changes_its_figure_by_one_step_at_most(
    cell: Cell, holder: str, reading: Collection[str]
) -> None:
    before = figure({1: cell}, reading)
    after = figure({1: {**cell, holder: cell.get(holder, 0) + 1}}, reading)
    assume(before is not None and after is not None)
    assert before is not None
    assert after is not None
    assert 0 <= after.cases - before.cases <= 5


def test_a_table_whose_rows_all_pass_is_shown_whole() -> None:
    rows = {"fake": EVEN, "genuine": dict.fromkeys(HOLDERS, 5)}
    shown = table(rows, HOLDERS)
    assert (shown.rows, shown.total) == ({"fake": 15, "genuine": 35}, 50)


def test_a_single_hidden_row_takes_the_smallest_other_row_with_it() -> None:
    rows = {"fake": dict.fromkeys(HOLDERS, 6), "genuine": EVEN, "cannot_tell": THIN}
    shown = table(rows, HOLDERS)
    assert (shown.rows, shown.total) == ({"fake": 40, "genuine": None, "cannot_tell": None}, 60)


def test_a_total_that_would_give_a_hidden_row_away_is_hidden_too() -> None:
    rows = {"fake": dict.fromkeys(HOLDERS, 6), "genuine": EVEN, "cannot_tell": {"a": 60}}
    assert table(rows, HOLDERS).total is None


@given(tables, readers)
def test_taking_shown_rows_off_a_total_never_leaves_a_cell_that_may_not_be_shown(
    rows: Mapping[str, Cell], reading: Collection[str]
) -> None:
    shown = table(rows, reading)
    hidden = [cell for row, cell in rows.items() if shown.rows[row] is None]
    assert all(passes(rows[row], reading) for row, cases in shown.rows.items() if cases is not None)
    if shown.total is not None and hidden:
        assert slow_passes({h: sum(cell.get(h, 0) for cell in hidden) for h in HOLDERS}, reading)


@given(tables, st.sampled_from("pqrst"), st.sampled_from(HOLDERS), readers)
def test_a_case_in_a_hidden_row_changes_no_other_row(
    rows: Mapping[str, Cell], row: str, holder: str, reading: Collection[str]
) -> None:
    cell = rows.get(row, {})
    changed = {**cell, holder: cell.get(holder, 0) + 1}
    assume(not passes(cell, reading) and not passes(changed, reading))
    assert table({**rows, row: cell}, reading).rows == table({**rows, row: changed}, reading).rows


@given(st.permutations(list("pqrst")), st.data())
def test_the_order_of_rows_decides_nothing(order: list[str], data: st.DataObject) -> None:
    rows = {row: data.draw(cells) for row in sorted(order)}
    assert table({row: rows[row] for row in order}, HOLDERS) == table(rows, HOLDERS)


def test_attainment_is_told_as_a_bound_that_is_surely_reached() -> None:
    whole = dict.fromkeys(HOLDERS, 20)
    assert attainment({1: ({}, whole)}, HOLDERS) == Attainment(1, Decimal("0.96"))
    assert attainment({1: ({"a": 4}, whole)}, HOLDERS) == Attainment(1, Decimal("0.96"))
    assert attainment({1: (dict.fromkeys(HOLDERS, 2), whole)}, HOLDERS) == Attainment(1, Decimal("0.89"))
    assert attainment({1: ({"a": 9}, whole)}, HOLDERS) is None
    assert attainment({1: ({}, THIN), 7: ({}, whole)}, HOLDERS) == Attainment(7, Decimal("0.96"))
    assert attainment({1: ({}, THIN)}, HOLDERS) is None


@given(cells, cells, readers)
def test_attainment_is_never_overstated(in_time: Cell, late: Cell, reading: Collection[str]) -> None:
    whole = {holder: in_time.get(holder, 0) + late.get(holder, 0) for holder in HOLDERS}
    told = attainment({1: (late, whole)}, reading)
    if told is not None:
        assert 0 < told.at_least * sum(whole.values()) <= sum(in_time.values())


@given(cells, st.sampled_from(HOLDERS), st.sampled_from(HOLDERS), readers)
def test_whose_case_was_late_changes_nothing(
    whole: Cell, one: str, other: str, reading: Collection[str]
) -> None:
    assert attainment({1: ({one: 1}, whole)}, reading) == attainment({1: ({other: 3}, whole)}, reading)
