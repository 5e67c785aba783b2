"""What is new in a digest: sellers and reasons that came up in its days and did not before.

A group is told so by what it may be told anyway: something is new where its cell may be told now and could
not be told before, as far as `nested_days.told_before` goes back: of the days of this week, the weeks of this
month and the month before. So being new says no more than the digests together did. The others read
their own cases: sellers of whom they never had a takedown, and reasons for which far more was taken down.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from bot.enforcement.nested_days import Block, told_before
from bot.enforcement.suppression import Cell, Passes, Series
from storage.queries.digest_days import Newcomer, Reasoned
from storage.queries.group_days import SellerKey
from storage.records.digest_figures import Pattern, PatternKind

MOST_SELLERS = 3
FEWEST_RISEN, RISEN = 5, 3  # cases of a reason, and times as many as before, that make it a new pattern

Thing = TypeVar("Thing")


class CommonReasons:
    """The reasons for which so many members had takedowns that the reason may be told, without a number."""

    def __init__(self, days: Callable[[date], Mapping[str, Cell]], allowed: Passes) -> None:
        self._days = days
        self._allowed = allowed
        self._series: dict[str, Series[str]] = {}

    def told(self, block: Block) -> set[str]:
        """The reasons of a stretch that may be told."""
        codes = {code for day in block.days for code in self._days(day)}
        return {code for code in codes if self._of(code).covered(block)}

    def _of(self, code: str) -> Series[str]:
        if code not in self._series:
            self._series[code] = Series(self._days, [[frozenset({code})]], self._allowed)
        return self._series[code]


def newly_told(told: Callable[[Block], Collection[Thing]], blocks: Sequence[Block]) -> set[Thing]:
    """What is told of a stretch that ended with the newest day, and of none in `told_before` it.

    `blocks` as `nested_days.fallbacks` gives them. A week stands in for its days once: when it is over.
    """
    found: set[Thing] = set()
    for block in blocks:
        if block.last == blocks[0].last:
            new = set(told(block))
            for each in told_before(block):
                new = new and new.difference(told(each))
            found |= new
    return found


def of_group(sellers: Collection[SellerKey], reasons: Collection[str]) -> list[Pattern]:
    """What a group is told to be new: names alone."""
    named = [
        Pattern(kind=PatternKind.NAMED, name=seller.name, marketplace=seller.marketplace)
        for seller in sorted(sellers)[:MOST_SELLERS]
    ]
    return [*named, *(Pattern(kind=PatternKind.COMMON, name=code) for code in sorted(reasons))]


def risen(reasons: Iterable[Reasoned], share: float) -> list[Pattern]:
    """Reasons for which far more was taken down than before; `share`: how long now is, of how long before."""
    now: Counter[str] = Counter()
    before: Counter[str] = Counter()
    for each in reasons:
        now[each.code] += each.now
        before[each.code] += each.before
    found = [code for code, cases in now.items() if cases >= max(FEWEST_RISEN, RISEN * before[code] * share)]
    return [
        Pattern(kind=PatternKind.REASON, name=code, cases=now[code])
        for code in sorted(found, key=lambda code: (-now[code], code))
    ]


def first_time(newcomers: Iterable[Newcomer]) -> list[Pattern]:
    """Sellers of whom there was never a takedown before: those with the most, and how many more there are."""
    cases: Counter[SellerKey] = Counter()
    for each in newcomers:
        cases[each.seller] += each.cases
    most = sorted(cases.items(), key=lambda item: (-item[1], item[0]))
    named = [
        Pattern(kind=PatternKind.SELLER, name=seller.name, marketplace=seller.marketplace, cases=number)
        for seller, number in most[:MOST_SELLERS]
    ]
    rest = len(most) - len(named)
    return [*named, Pattern(kind=PatternKind.SELLERS, cases=rest)] if rest else named
