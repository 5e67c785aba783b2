"""Which figures about a group's cases may be shown to its members without telling one rival about another.

A cell is a count of cases per rights holder. It may be shown when every reader, who knows its own share and
takes it off, is still left with at least 5 cases of at least 3 others, none of them with more than 60 %; and
then only rounded to 5. Nothing of a cell that may not be shown leaves this module, not even indirectly.
"""

from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Generic, TypeVar

FEWEST_CASES = 5
FEWEST_HOLDERS = 3
LARGEST_SHARE = Fraction(60, 100)
STEP = 5
# Days looked back, one after the other, until there is enough to show.
WINDOWS = (1, 7, 28)

Cell = Mapping[str, int]
Row = TypeVar("Row", bound=Hashable)


@dataclass(frozen=True)
class Figure:
    """A count that may be shown: cases of the last `window` days, rounded to 5."""

    window: int
    cases: int


@dataclass(frozen=True)
class Attainment:
    """A share in whole percents (0.95) that is surely reached over the last `window` days: "at least"."""

    window: int
    at_least: Decimal


@dataclass(frozen=True)
class Table(Generic[Row]):
    """Rows and their total as they may be shown; None stands for too few."""

    rows: Mapping[Row, int | None]
    total: int | None


def passes(cell: Cell, readers: Collection[str]) -> bool:
    """Whether a cell may be shown to these rights holders; for a seller's cell, whether it may be named."""
    return all(_leaves_enough(others) for others in _seen_by(cell, readers))


def figure(windows: Mapping[int, Cell], readers: Collection[str]) -> Figure | None:
    """The count of the shortest window that passes; None when all are too few.

    `windows` maps a number of days, ending with the digest's day, to its cell.
    """
    for days in sorted(windows):
        cell = windows[days]
        if passes(cell, readers):
            return Figure(days, rounded(sum(cell.values())))
    return None


def attainment(windows: Mapping[int, tuple[Cell, Cell]], readers: Collection[str]) -> Attainment | None:
    """What was done in time, over the shortest window that allows to say anything; None when none does.

    `windows` maps a number of days to the cells (late, all). The exact share would give away a single late
    case, so the late ones are told in steps of 5, upwards: the share is never overstated, and fewer than 5
    late cases look like none.
    """
    for days in sorted(windows):
        late, whole = windows[days]
        missed, cases = sum(late.values()), sum(whole.values())
        tellable = passes(whole, readers) and (missed < FEWEST_CASES or passes(late, readers))
        in_time, of = cases // STEP * STEP - (missed // STEP * STEP + STEP), cases // STEP * STEP
        if tellable and (percent := 100 * in_time // of) > 0:
            return Attainment(days, Decimal(percent) / 100)
    return None


def table(rows: Mapping[Row, Cell], readers: Collection[str]) -> Table[Row]:
    """Rows that add up to a total, all of one window.

    Whoever takes the shown rows off the total learns the sum of the hidden ones. So one more row goes with
    them: the smallest that could be shown, by what is shown of it, lest the choice speak of a hidden row.
    """
    shown = {row: rounded(sum(cell.values())) for row, cell in rows.items() if passes(cell, readers)}
    if shown and len(shown) < len(rows):
        del shown[min(shown, key=lambda row: (shown[row], repr(row)))]
    hidden = _added(cell for row, cell in rows.items() if row not in shown)
    total = _added(iter(rows.values()))
    derivable = len(shown) == len(rows) or passes(hidden, readers)
    return Table(
        {row: shown.get(row) for row in rows},
        rounded(sum(total.values())) if derivable and passes(total, readers) else None,
    )


def rounded(cases: int) -> int:
    """To the nearest multiple of 5."""
    return (cases + STEP // 2) // STEP * STEP


def _seen_by(cell: Cell, readers: Collection[str]) -> Iterator[Cell]:
    """The cell as it is, for whoever has no part in it, and as each reader sees it who takes off its own."""
    yield cell
    for reader in readers:
        if cell.get(reader):
            yield {holder: cases for holder, cases in cell.items() if holder != reader}


def _leaves_enough(cell: Cell) -> bool:
    cases = [count for count in cell.values() if count > 0]
    total = sum(cases)
    return total >= FEWEST_CASES and len(cases) >= FEWEST_HOLDERS and max(cases) <= total * LARGEST_SHARE


def _added(cells: Iterator[Cell]) -> Cell:
    total: dict[str, int] = {}
    for cell in cells:
        for holder, cases in cell.items():
            total[holder] = total.get(holder, 0) + cases
    return total
