"""Good-faith standing recounted by hand: the rule of April 2022, judged anew for everybody every day.

Takedown success at least 90 %, upheld counter-notices at most 5 % of what was removed, over three months, in
total and for each reason code, judged on at least 20 cases; out for three months where it is not met. A
warning at four fifths of what is allowed, gone at three fifths.
"""

from collections import defaultdict
from datetime import date, timedelta

MONTHS, LEAST = 3, 20
GOOD = ("good_faith", "warned")
Counts = list[int]  # decided, removed, upheld


class SlowStanding:
    """The standings of all rights holders, by their numbers."""

    def __init__(self, holders: int) -> None:
        self.state = ["applicant"] * holders
        self.log: list[tuple[int, date, str, str]] = []
        self._until: list[date | None] = [None] * holders
        self._days: list[dict[date, dict[str, Counts]]] = [{} for _ in range(holders)]

    def is_good(self, holder: int) -> bool:
        """Whether takedowns start at once."""
        return self.state[holder] in GOOD

    def add(self, holder: int, day: date, code: str, decided: int, removed: int, upheld: int) -> None:
        """Count a decision on its day."""
        counts = self._days[holder].setdefault(day, {}).setdefault(code, [0, 0, 0])
        for place, number in enumerate((decided, removed, upheld)):
            counts[place] += number

    def figures(self, holder: int, today: date) -> dict[str, Counts]:
        """The window that ends today, by reason code. Days before it are forgotten: time only goes on."""
        after = months_later(today, -MONTHS)
        days = self._days[holder] = {day: codes for day, codes in self._days[holder].items() if day > after}
        found: dict[str, Counts] = defaultdict(lambda: [0, 0, 0])
        for codes in days.values():
            for code, (decided, removed, upheld) in codes.items():
                sums = found[code]
                sums[0] += decided
                sums[1] += removed
                sums[2] += upheld
        return dict(found)

    def judge(self, holder: int, today: date) -> None:
        """Apply the rule to one rights holder, until it changes nothing more."""
        while self._changes(holder, today):
            pass

    def _changes(self, holder: int, today: date) -> bool:
        until, state = self._until[holder], self.state[holder]
        if until is not None and today < until:
            return False
        codes = self.figures(holder, today)
        total = [sum(counts[place] for counts in codes.values()) for place in range(3)]
        scopes = [total, *codes.values()]
        becomes, until = self._becomes(state, scopes, today)
        if becomes != state:
            self.log.append((holder, today, state, becomes))
            self.state[holder], self._until[holder] = becomes, until
        return becomes != state

    def _becomes(self, state: str, scopes: list[Counts], today: date) -> tuple[str, date | None]:
        if state not in GOOD:
            if scopes[0][0] >= LEAST and all(_good_enough(scope) for scope in scopes if scope[0] >= LEAST):
                return "good_faith", None
            return "applicant", None
        if any(_uses_more_than(scope, 100) for scope in scopes):
            return "excluded", months_later(today, MONTHS)
        if state == "good_faith" and any(_uses_more_than(scope, 80) for scope in scopes):
            return "warned", None
        if state == "warned" and not any(_uses_more_than(scope, 60) for scope in scopes):
            return "good_faith", None
        return state, None


def _good_enough(scope: Counts) -> bool:
    decided, removed, upheld = scope
    return removed * 100 >= 90 * decided and upheld * 100 <= 5 * removed


def _uses_more_than(scope: Counts, percent: int) -> bool:
    """Whether more than that percentage of the 10 % or the 5 % that are allowed is used up."""
    decided, removed, upheld = scope
    too_few_removed = decided >= LEAST and (decided - removed) * 100 * 100 > 10 * percent * decided
    too_many_upheld = removed >= LEAST and upheld * 100 * 100 > 5 * percent * removed
    return too_few_removed or too_many_upheld


def months_later(day: date, months: int) -> date:
    """The same day of another month, or that month's last one."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    wanted = first + timedelta(days=day.day - 1)
    while wanted.month != first.month:
        wanted -= timedelta(days=1)
    return wanted
