"""Which figures about a group's cases may be told to its members without telling one rival about another.

A cell is a count of cases per rights holder. It may be told when any two of its rights holders, who put their
own shares together and take them off, are still left with at least 5 cases of at least 3 others, none of them
with more than 60 %; and then only rounded to 5. Two cells that may be told make one that may, so it is enough
to watch what is left when everything told is taken off what it is part of: that is done here for days within
weeks within months, and for kinds within all of them. `docs/why/small-cells.md` says why this is all.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Generic, TypeVar

from bot.enforcement.nested_days import Block

FEWEST_CASES = 5
FEWEST_OTHERS = 3
COALITION = 2
FEWEST_HOLDERS = FEWEST_OTHERS + COALITION
LARGEST_SHARE = Fraction(60, 100)
STEP = 5

Cell = Mapping[str, int]
Row = TypeVar("Row", bound=Hashable)
Passes = Callable[[Cell], bool]


@dataclass(frozen=True)
class Told(Generic[Row]):
    """What may be told of a block: how many of its days it covers, all their cases, and these by kind.

    A row is None where it is too few to show. All rows cover the same days as the total.
    """

    block: Block
    days: int
    total: int
    rows: Mapping[Row, int | None]

    @property
    def whole(self) -> bool:
        """Whether no day had to be left out."""
        return self.days == len(self.block.days)


def passes(cell: Cell) -> bool:
    """Whether a cell may be told; for a seller's cell, whether the seller may be named.

    The two with the most cases are the two whose knowledge leaves the least; and of all that may then stand
    out, the one with the most stands out furthest, before those who come next.
    """
    cases = sorted((count for count in cell.values() if count > 0), reverse=True)
    if len(cases) < FEWEST_HOLDERS:
        return False
    total = sum(cases)
    others = total - sum(cases[:COALITION])
    seen = total - sum(cases[1 : COALITION + 1])
    return others >= FEWEST_CASES and cases[0] <= seen * LARGEST_SHARE


def too_small(members: int) -> bool:
    """Whether a group of so many rights holders can never be told anything."""
    return members < FEWEST_HOLDERS


def passes_apart(groups: Collection[frozenset[str]]) -> Passes:
    """The rule for a group in which these others lie: some of its readers know their figures as well."""

    def allowed(cell: Cell) -> bool:
        return passes(cell) and all(
            passes({holder: cases for holder, cases in cell.items() if holder not in group})
            for group in groups
            if any(cell.get(holder) for holder in group)
        )

    return allowed


def rounded(cases: int) -> int:
    """To the nearest multiple of 5."""
    return (cases + STEP // 2) // STEP * STEP


def share(part: int, rest: int) -> Fraction | None:
    """The share of a part that is surely reached, of two rounded figures; None where that is nothing."""
    slack = STEP // 2
    surely = part - slack
    return Fraction(surely, surely + rest + slack) if surely > 0 else None


def added(cells: Iterable[Cell]) -> Cell:
    """Several cells as one."""
    total: dict[str, int] = {}
    for cell in cells:
        for holder, cases in cell.items():
            total[holder] = total.get(holder, 0) + cases
    return total


class Series(Generic[Row]):
    """One kind of figure through time: its cases of each day, by row.

    `levels` are ways to tell the rows, from the coarsest (all in one) to the finest; each splits the one
    before it. A block is told in a finer way only where it is told in the coarser one.
    """

    def __init__(
        self,
        days: Callable[[date], Mapping[Row, Cell]],
        levels: Sequence[Sequence[frozenset[Row]]],
        allowed: Passes = passes,
    ) -> None:
        self._days = days
        self._levels = levels
        self._allowed = allowed
        self._known: dict[tuple[int, Block], frozenset[date]] = {}

    def told(self, block: Block) -> Told[Row] | None:
        """What may be told of a block; None where all of it is too few."""
        covered = self.covered(block)
        if not covered:
            return None
        finest = max(level for level in range(len(self._levels)) if self._covered(level, block) == covered)
        rows = {row: None for part in self._levels[finest] for row in part}
        alone = [row for part in self._levels[finest] if len(part) == 1 for row in part]
        figures = {row: rounded(sum(self._sum([row], covered).values())) for row in alone}
        everything = self._sum(list(rows), covered)
        return Told(block, len(covered), rounded(sum(everything.values())), {**rows, **figures})

    def covered(self, block: Block, level: int = 0) -> frozenset[date]:
        """The days of a block of which something may be told: all of them, some, or none."""
        return self._covered(level, block)

    def _covered(self, level: int, block: Block) -> frozenset[date]:
        known = self._known.get((level, block))
        if known is None:
            known = self._known[level, block] = self._find(level, block)
        return known

    def _find(self, level: int, block: Block) -> frozenset[date]:
        """What its parts already tell; and all of it, where the rest of its days may be told as well."""
        inside = frozenset[date]().union(*(self._covered(level, part) for part in block.parts))
        rest = block.days - inside
        if level and self._covered(level - 1, block) != block.days:
            return inside
        if all(self._allowed(self._sum(part, rest)) for part in self._levels[level]):
            return block.days
        return inside

    def _sum(self, rows: Iterable[Row], days: Iterable[date]) -> Cell:
        wanted = list(rows)
        return added(self._days(day).get(row, {}) for day in days for row in wanted)
