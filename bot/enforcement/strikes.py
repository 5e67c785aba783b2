"""How strikes are counted and what they lead to: policies as data, judged by one pure function.

A policy weighs removals by severity. Within the validity, serious ones that lie closer together than `apart`
count once, and general ones up to `general_per_day`; the sum is held against the steps. The figures of the
two published policies: three strikes (AliExpress) and points (Alibaba.com), field facts c.6. What a removal
weighs in points was not published; 6 and 2 are ours.
"""

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Generic, TypeVar

from storage.records.sellers import Measure, PolicyName, Severity

K = TypeVar("K")
SEVERITY = {"counterfeit_test_buy": Severity.SERIOUS, "counterfeit_no_test_buy": Severity.SERIOUS}
ORDER = {measure: number for number, measure in enumerate(Measure)}
LONGEST_VALIDITY, LONGEST_PAUSE = 1100, 30  # days that a form takes


@dataclass(frozen=True)
class Terms:
    """A policy. `steps`: from which sum on which measure is proposed, rising. Durations in days."""

    serious: int
    general: int
    general_per_day: int
    apart: int
    valid: int
    steps: tuple[tuple[int, Measure], ...]

    def kept(self) -> dict[str, Any]:
        """As a record keeps it."""
        steps = [[least, measure.value] for least, measure in self.steps]
        return {**{name: getattr(self, name) for name in _NUMBERS}, "steps": steps}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Terms":
        """What `kept` wrote."""
        steps = tuple((int(least), Measure(measure)) for least, measure in kept["steps"])
        return cls(**{name: int(kept[name]) for name in _NUMBERS}, steps=steps)

    @property
    def last(self) -> int:
        """The sum of the gravest step."""
        return self.steps[-1][0]


_NUMBERS = ("serious", "general", "general_per_day", "apart", "valid")
POLICIES: Mapping[PolicyName, Terms] = {
    PolicyName.THREE_STRIKES: Terms(1, 0, 0, apart=3, valid=365, steps=((3, Measure.BAN),)),
    PolicyName.POINTS: Terms(
        6,
        2,
        6,
        apart=0,
        valid=365,
        steps=(
            (6, Measure.SEVERE_WARNING),
            (12, Measure.RESTRICTION_7_DAYS),
            (24, Measure.RESTRICTION_14_DAYS),
            (36, Measure.RESTRICTION_21_DAYS),
            (48, Measure.BAN),
        ),
    ),
}


@dataclass(frozen=True)
class Offence(Generic[K]):
    """One removal as a policy sees it; `key` says which."""

    key: K
    at: datetime
    severity: Severity


@dataclass(frozen=True)
class Tally(Generic[K]):
    """What a policy makes of a seller's removals: the sum, the gravest step reached, what counted in it."""

    total: int
    measure: Measure | None
    counted: frozenset[K]


def severity_of(reason_code: str) -> Severity:
    """How grave a removal for that reason is."""
    return SEVERITY.get(reason_code, Severity.GENERAL)


def terms_of(name: PolicyName, valid: int, apart: int) -> Terms:
    """A published policy with another validity and another pause between strikes, in days."""
    return replace(POLICIES[name], valid=valid, apart=apart)


def judge(terms: Terms, offences: Iterable[Offence[K]], now: datetime) -> Tally[K]:
    """Count what is valid at `now`. Each removal is valid for `valid` days from its own moment."""
    since = now - timedelta(days=terms.valid)
    valid = sorted((each for each in offences if since < each.at <= now), key=lambda each: each.at)
    serious = _apart([each for each in valid if each.severity is Severity.SERIOUS], terms.apart)
    total = terms.serious * len(serious)
    counted = [each.key for each in serious] if terms.serious else []
    general = [each for each in valid if each.severity is Severity.GENERAL]
    if terms.general:
        for _, of_day in groupby(general, key=_day):
            that_day = [each.key for each in of_day]
            total += min(terms.general * len(that_day), terms.general_per_day)
            counted += that_day[: -(-terms.general_per_day // terms.general)]
    return Tally(total, reached(terms, total), frozenset(counted))


def reached(terms: Terms, total: int) -> Measure | None:
    """The gravest measure whose step that sum reaches."""
    return next((measure for least, measure in reversed(terms.steps) if total >= least), None)


def graver(one: Measure | None, other: Measure | None) -> bool:
    """Whether the one is graver than the other; nothing is the mildest."""
    return rank(one) > rank(other)


def rank(measure: Measure | None) -> int:
    """The place of a measure from mild to grave; -1 for none."""
    return -1 if measure is None else ORDER[measure]


def gravest_ever(terms: Terms, offences: Sequence[Offence[K]]) -> Measure | None:
    """The gravest measure that a history, in the order of time, would have led to.

    Judged at each removal, for only a removal raises the sum; what was judged before is carried on, so that
    a thousand removals cost a thousand times one.
    """
    gravest: Measure | None = None
    counted = _Sweep(terms)
    for offence in offences:
        now = reached(terms, counted.add(offence.at, offence.severity))
        if graver(now, gravest):
            gravest = now
            if now is terms.steps[-1][1]:
                break
    return gravest


class _Sweep:
    """The sum at each of the removals, one after the other."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._valid, self._apart = timedelta(days=terms.valid), timedelta(days=terms.apart)
        self._serious: list[datetime] = []
        self._before: list[int] = []  # for each the last one that lies far enough before it, or -1
        self._general: deque[datetime] = deque()
        self._days: Counter[date] = Counter()
        self._points = 0

    def add(self, at: datetime, severity: Severity) -> int:
        """The sum at this removal."""
        while self._general and self._general[0] <= at - self._valid:
            self._count_day(self._general.popleft().date(), -1)
        if severity is Severity.SERIOUS:
            self._before.append(bisect_right(self._serious, at - self._apart) - 1)
            self._serious.append(at)
        elif self._terms.general:
            self._general.append(at)
            self._count_day(at.date(), 1)
        return self._points + (self._terms.serious * self._chain(at) if self._terms.serious else 0)

    def _chain(self, now: datetime) -> int:
        """The largest number of valid serious ones apart: from the last one back. As far as it matters."""
        number, length, most = len(self._serious) - 1, 0, -(-self._terms.last // self._terms.serious)
        if not self._terms.apart:
            return min(most, len(self._serious) - bisect_right(self._serious, now - self._valid))
        while number >= 0 and self._serious[number] > now - self._valid and length < most:
            length, number = length + 1, self._before[number]
        return length

    def _count_day(self, day: date, change: int) -> None:
        self._points -= self._worth(day)
        self._days[day] += change
        self._points += self._worth(day)

    def _worth(self, day: date) -> int:
        return min(self._terms.general * self._days[day], self._terms.general_per_day)


def _apart(serious: Sequence[Offence[K]], days: int) -> list[Offence[K]]:
    counted: list[Offence[K]] = []
    for each in serious:
        if not counted or each.at - counted[-1].at >= timedelta(days=days):
            counted.append(each)
    return counted


def _day(offence: Offence[Any]) -> date:
    return offence.at.date()
