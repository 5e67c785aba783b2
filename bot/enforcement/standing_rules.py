"""The rules of good-faith standing, as data and as pure functions over figures.

Takedown success is removed / decided, counter-notice success is upheld / removed, both over the window. A
share is exact (a fraction), and is judged only on its rule's minimum sample. The figures are Alibaba's as
published in 2015 and 2018; that each reason code has to meet them came in 2022, whose own figures were not
published; 99 % to stay is Project Zero's, and here to enter as well: who could not stay does not enter. The
minimum sample is ours: one miss must not expel a small brand.

A rights holder that is `warned` keeps every right of good faith until it is lost.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor

from storage.records.roster import Standing
from storage.records.standing import Figures, Loss, Measure, Outlook, Rule, StandingCause, Tally

_NINE_TENTHS = Fraction(9, 10)
_FIVE = Fraction(5, 100)
PUBLISHED: Mapping[str, Rule] = {
    rule.version: rule
    for rule in (
        Rule("2015-04", _NINE_TENTHS, _NINE_TENTHS, Fraction(15, 1000), 1, 6, 20, each_code=False),
        Rule("2018-08", _NINE_TENTHS, _NINE_TENTHS, _FIVE, 3, 3, 20, each_code=False),
        Rule("2022-04", _NINE_TENTHS, _NINE_TENTHS, _FIVE, 3, 3, 20, each_code=True),
        Rule("stay-99", Fraction(99, 100), Fraction(99, 100), _FIVE, 3, 3, 20, each_code=True),
    )
}
DEFAULT = PUBLISHED["2022-04"]

# A warning comes when four fifths of what the rule allows are used up, and goes when three fifths are.
WARN_AT, CALM_AT, _ALL = Fraction(4, 5), Fraction(3, 5), Fraction(1)
GOOD = frozenset({Standing.GOOD_FAITH, Standing.WARNED})


@dataclass(frozen=True)
class Change:
    """What a standing becomes, why, and until when figures change nothing about it."""

    standing: Standing
    cause: StandingCause
    until: date | None = None


def has_good_standing(standing: Standing) -> bool:
    """Whether one click, or one counterfeit notice, may start a takedown at once."""
    return standing in GOOD


def judge(
    standing: Standing,
    until: date | None,
    figures: Figures,
    rule: Rule,
    today: date,
    *,
    admitted: bool = True,
) -> Change | None:
    """What figures make of a standing today; None where it stays.

    `admitted`: whether enrolment is open to an applicant; at first it is to the pilot list alone. `until`
    holds a standing up to that day: the re-entry of the excluded, the end of what was set by hand. Who is
    suspended without such a day stays so until two people say otherwise.
    """
    if (until is not None and today < until) or (standing is Standing.SUSPENDED and until is None):
        return None
    if has_good_standing(standing):
        return _judge_good(standing, figures, rule, today)
    if _enters(figures, rule) and (admitted or standing is not Standing.APPLICANT):
        return Change(Standing.GOOD_FAITH, StandingCause.EARNED)
    if standing in (Standing.EXCLUDED, Standing.SUSPENDED):
        return Change(Standing.APPLICANT, StandingCause.READMITTED)
    return None


def outlook(standing: Standing, until: date | None, figures: Figures, rule: Rule, today: date) -> Outlook:
    """The nearest loss by each measure for who has standing, else what earns it.

    Nothing is lost by figures before the day up to which a standing is held (`until`, as in `judge`).
    """
    if not has_good_standing(standing):
        return Outlook(removals=_removals_to_enter(figures, rule))
    if until is not None and today < until:
        return Outlook()
    losses = [
        Loss(measure, code, more)
        for code, tally in _scopes(figures, rule)
        for measure, more in (
            (Measure.COUNTER, _upheld_to_lose(tally, rule)),
            (Measure.TAKEDOWN, _refused_to_lose(tally, rule)),
        )
        if more is not None
    ]
    nearest: dict[Measure, Loss] = {}
    for loss in sorted(losses, key=lambda loss: (loss.more, loss.code)):
        nearest.setdefault(loss.measure, loss)
    return Outlook(losses=list(nearest.values()))


@lru_cache(maxsize=1024)  # every decision of a day asks for the same few
def add_months(day: date, months: int) -> date:
    """So many calendar months later or earlier; the last of a shorter month where the day does not exist."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def window_start(today: date, rule: Rule) -> date:
    """The first day of the window that ends today."""
    return add_months(today, -rule.window) + timedelta(days=1)


def leaves_window(day: date, rule: Rule) -> date:
    """The first day whose window does not hold `day` any more."""
    left = add_months(day, rule.window)
    while window_start(left, rule) <= day:
        left += timedelta(days=1)
    return left


def look_again(
    standing: Standing, until: date | None, figures: Figures, rule: Rule, today: date
) -> date | None:
    """The next day on which time alone can change this standing; None while nothing can."""
    if until is not None and today < until:
        return until
    if standing is Standing.SUSPENDED or figures.oldest is None:
        return None
    return leaves_window(figures.oldest, rule)


def _judge_good(standing: Standing, figures: Figures, rule: Rule, today: date) -> Change | None:
    if standing is Standing.GOOD_FAITH and not _uses_more(WARN_AT, figures, rule):
        return None
    if _uses_more(_ALL, figures, rule):
        return Change(Standing.EXCLUDED, StandingCause.LOST, add_months(today, rule.reentry))
    if standing is Standing.GOOD_FAITH:
        return Change(Standing.WARNED, StandingCause.WARNED)
    return None if _uses_more(CALM_AT, figures, rule) else Change(Standing.GOOD_FAITH, StandingCause.EASED)


def _uses_more(share: Fraction, figures: Figures, rule: Rule) -> bool:
    """Whether a measure that has its minimum sample uses up more than that share of what the rule allows."""
    refused, minimum = rule.refused, rule.minimum
    return any(
        (tally.decided >= minimum and _exceeds(tally.decided - tally.removed, refused, tally.decided, share))
        or (tally.removed >= minimum and _exceeds(tally.upheld, rule.counter, tally.removed, share))
        for _, tally in _scopes(figures, rule)
    )


def _exceeds(number: int, limit: Fraction, whole: int, share: Fraction = _ALL) -> bool:
    """Whether a number is more than a share of a limit, which is itself a share of the whole.

    In whole numbers: every decision asks several times.
    """
    return number * limit.denominator * share.denominator > limit.numerator * share.numerator * whole


def _scopes(figures: Figures, rule: Rule) -> Iterator[tuple[str, Tally]]:
    """What has to meet the conditions: the whole, and by some rules every single reason code."""
    yield "", figures.total
    if rule.each_code:
        yield from sorted(figures.codes.items())


def _enters(figures: Figures, rule: Rule) -> bool:
    return figures.total.decided >= rule.minimum and all(
        _meets(tally, rule) for _, tally in _scopes(figures, rule) if tally.decided >= rule.minimum
    )


def _meets(tally: Tally, rule: Rule) -> bool:
    refused = tally.decided - tally.removed
    return not _exceeds(refused, 1 - rule.entry, tally.decided) and not _exceeds(
        tally.upheld, rule.counter, tally.removed
    )


def _upheld_to_lose(tally: Tally, rule: Rule) -> int | None:
    """How many more upheld counter-notices would be too many; None below the minimum sample."""
    if tally.removed < rule.minimum:
        return None
    return max(floor(rule.counter * tally.removed) - tally.upheld + 1, 1)


def _refused_to_lose(tally: Tally, rule: Rule) -> int | None:
    """How many more refused takedowns would be too many; None where there is no case yet."""
    if not tally.decided:
        return None
    enough = floor(tally.removed / rule.stay) - tally.decided + 1
    return max(enough, rule.minimum - tally.decided, 1)


def _removals_to_enter(figures: Figures, rule: Rule) -> int:
    """How many removals in a row would do, were they made where they are needed."""
    needed = {
        code: _removals_to_meet(tally, rule)
        for code, tally in _scopes(figures, rule)
        if code == "" or tally.decided >= rule.minimum
    }
    return max(needed.pop(""), sum(needed.values()), rule.minimum - figures.total.decided)


def _removals_to_meet(tally: Tally, rule: Rule) -> int:
    for_takedowns = ceil((rule.entry * tally.decided - tally.removed) / (1 - rule.entry))
    for_counter = ceil(tally.upheld / rule.counter) - tally.removed
    return max(for_takedowns, for_counter, 0)
