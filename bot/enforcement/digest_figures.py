"""What a working group is told of a day, a week or a month: only what suppression lets through.

Whatever decides something here (which stretch, which row, whether a day is worth a message) looks only at
what may be told: the choice itself must not speak of a case that may not.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.enforcement import suppression
from bot.enforcement.business_clock import Calendar
from bot.enforcement.digest_calendar import day_bounds
from bot.enforcement.digest_patterns import CommonReasons, newly_told, of_group
from bot.enforcement.group_cells import DayCells, Members
from bot.enforcement.nested_days import LENGTH, Block, chart_days, fallbacks, newest
from bot.enforcement.response_times import each_answer
from bot.enforcement.suppression import FEWEST_CASES, FEWEST_HOLDERS, Cell, Series, Told
from storage.queries import findings, group_days
from storage.queries.group_days import SellerKey, Stretch
from storage.records.authenticity import Answer
from storage.records.calendars import Span, Window
from storage.records.digest_figures import (
    Attained,
    Bar,
    Count,
    DigestFigures,
    NamedSeller,
    Pattern,
    PatternKind,
    Responded,
    Split,
)

MOST_SELLERS = 20
MOST_FINDINGS = 3
FEWEST_BARS = 3  # of the days of a chart, or it is of weeks
FAKE, GENUINE, OTHER = "fake", "genuine", "other"
STARTED = "started"  # takedowns that began, beside those that were carried out
# Business minutes within which half of the answers came: told as the first of these that is enough.
STEPS = (15, 30, 60, 120, 240, 480, 1440, 2880, 7200)
_DAY = timedelta(days=1)
_ALL = [[frozenset({True})]]
_ANSWERS = [
    [frozenset({FAKE, GENUINE, OTHER})],
    [frozenset({FAKE}), frozenset({GENUINE, OTHER})],
    [frozenset({FAKE}), frozenset({GENUINE}), frozenset({OTHER})],
]
# Both or nothing: who knows all and those in time knows the late ones.
_IN_TIME = [[frozenset({True}), frozenset({False})]]
_SPEEDS = [[frozenset({*STEPS, 0})]]

Load = Callable[[Session, Stretch], Mapping[date, Mapping[Any, Cell]]]


class GroupDays:
    """What happened to a group's rights holders in the newest `span` that ended with or before a local day.

    Nothing is counted before it is asked for; the number of queries is fixed.
    """

    def __init__(
        self, session: Session, group_id: str, span: Span, until: date, zone: str, calendar: Calendar,
        *, falls_back: bool = True,
    ) -> None:  # fmt: skip
        self._session = session
        self._group_id = group_id
        self._zone = zone
        self._calendar = calendar
        self._blocks = fallbacks(span, until) if falls_back else (newest(span, until),)
        self._stretches = [(block.earlier.first, max(until, block.last)) for block in self._blocks]
        since = day_bounds(self._stretches[-1][0], zone)[0]
        self._members = Members(group_days.memberships(session, since), group_id, zone)
        self._allowed = suppression.passes_apart(self._members.inside(until))
        self._kept: dict[Load, Series[Any]] = {}
        self._sellers: dict[Block, Collection[SellerKey]] = {}

    def figures(self) -> DigestFigures:
        """What every reader may see of it; where it may not be told, of the last longer stretch."""
        more = {
            "patterns": self._patterns(),
            "deadlines": self._falling_due(),
            "course": self._course(),
        }
        return self.counted().model_copy(update=more)

    def counted(self) -> DigestFigures:
        """What happened in these days, without what is new, what is due and the course."""
        told = self._blocks[0]
        return DigestFigures(
            span=told.span,
            first=told.first,
            last=told.last,
            zone=self._zone,
            notices=self._count(group_days.notices),
            requests=self._count(group_days.requests),
            verdicts=self._verdicts(),
            takedowns=self._takedowns(),
            attainment=self._attained(),
            responses=self._responded(),
            sellers=self._named(),
        )

    def _count(self, load: Load) -> Count | None:
        series = self._series(load, _ALL)
        told = self._first(series)
        return (
            Count(**_days(told, self._blocks[0]), cases=told.total, before=_before(series, told))
            if told
            else None
        )

    def _verdicts(self) -> Split | None:
        series = self._series(_verdicts, _ANSWERS)
        told = self._first(series)
        if told is None:
            return None
        return Split(
            **_days(told, self._blocks[0]),
            rows=dict(told.rows),
            total=told.total,
            before=_before(series, told),
        )

    def _takedowns(self) -> Split | None:
        """Removed and started are counted on days of their own, so neither is a part of the other."""
        series = self._series(group_days.removals, _ALL)
        told = self._first(series)
        if told is None:
            return None
        started = self._series(group_days.takedowns, _ALL).told(told.block)
        return Split(
            **_days(told, self._blocks[0]),
            rows={STARTED: started.total if started and started.days == told.days else None},
            total=told.total,
            before=_before(series, told),
        )

    def _attained(self) -> Attained | None:
        series = self._series(group_days.processed, _IN_TIME)
        told = self._first(series)
        percent = _percent(told)
        if told is None or percent is None:
            return None
        before = _percent(_compared(series, told))
        return Attained(**_days(told, self._blocks[0]), percent=percent, before=before)

    def _responded(self) -> Responded | None:
        def load(session: Session, stretch: Stretch) -> Mapping[date, Mapping[int, Cell]]:
            return _answers(session, stretch, self._calendar)

        days = self._days(load)
        series = Series(days, _SPEEDS, self._allowed)
        told = self._first(series)
        half = _half(days, series.covered(told.block)) if told else None
        if told is None or half is None:
            return None
        earlier = _compared(series, told)
        before = _half(days, series.covered(earlier.block)) if earlier else None
        return Responded(**_days(told, self._blocks[0]), median=half, before=before)

    def _falling_due(self) -> Count | None:
        """The requests to be answered on the day to come, or in the week to come: never of a longer one."""
        span = self._blocks[0].span
        if span is Span.MONTH:
            return None
        coming = Block(span, self._blocks[0].last + LENGTH[span] * _DAY)
        stretches = [(coming.first, coming.last)]
        days = DayCells[bool](self._loader(group_days.falling_due), self._members, self._zone, stretches)
        told = Series(days, _ALL, self._allowed).told(coming)
        return Count(window=LENGTH[span], cases=told.total) if told and told.whole else None

    def _named(self) -> tuple[NamedSeller, ...]:
        """Sellers whose own cell of any of the stretches may be told; how many cases is not said.

        Of a day or a week that is looked at alone, nobody: no digest says of which stretch a seller is.
        """
        if self._blocks[-1].span is not Span.MONTH:
            return ()
        found = set[SellerKey]().union(*map(self._sellers_of, self._blocks))
        return tuple(
            NamedSeller(name=seller.name, marketplace=seller.marketplace)
            for seller in sorted(found)[:MOST_SELLERS]
        )

    def _sellers_of(self, block: Block) -> Collection[SellerKey]:
        if block not in self._sellers:
            start, end = day_bounds(block.first, self._zone)[0], day_bounds(block.last, self._zone)[1]
            cells = group_days.repeat_sellers(
                self._session, start, end, fewest_cases=FEWEST_CASES, fewest_holders=FEWEST_HOLDERS
            )
            members = self._members.on(block.last)
            self._sellers[block] = [
                seller
                for seller, cell in cells.items()
                if self._allowed({holder: cases for holder, cases in cell.items() if holder in members})
            ]
        return self._sellers[block]

    def _course(self) -> tuple[Bar, ...]:
        """Each day or week as it may be told itself, and never as what others leave of it.

        Where few of the days may be, the last four weeks stand for them.
        """
        asked = self._blocks[0]
        days = self._bars(chart_days(asked.span, Window(asked.first, asked.last)))
        if asked.span is Span.MONTH or sum(_says(bar) for bar in days) >= FEWEST_BARS:
            return days
        weeks = Block(Span.MONTH, newest(Span.WEEK, asked.last).last)
        return self._bars(chart_days(Span.MONTH, Window(weeks.first, weeks.last)))

    def _bars(self, windows: Sequence[Window]) -> tuple[Bar, ...]:
        counts = [
            self._series(load, _ALL)
            for load in (group_days.notices, group_days.requests, group_days.removals)
        ]
        bars = []
        for window in windows:
            block = Block(Span.DAY if window.first == window.last else Span.WEEK, window.last)
            told = [series.told(block) for series in counts]
            notices, requests, removed = (each.total if each else None for each in told)
            bars.append(
                Bar(
                    first=window.first,
                    last=window.last,
                    notices=notices,
                    requests=requests,
                    removed=removed,
                )
            )
        return tuple(bars)

    def _patterns(self) -> tuple[Pattern, ...]:
        """What is new of what may be told; and what members shared, which names nobody."""
        block = self._blocks[0]
        since, until = day_bounds(block.first, self._zone)[0], day_bounds(block.last, self._zone)[1]
        _, found = findings.posted(
            self._session, [self._group_id], limit=MOST_FINDINGS, since=since, until=until
        )
        shared = [
            Pattern(kind=PatternKind.FINDING, name=finding.title, cases=useful) for finding, useful in found
        ]
        reasons = CommonReasons(self._days(group_days.reasons), self._allowed)
        common = newly_told(reasons.told, self._blocks)
        return (*of_group(newly_told(self._sellers_of, self._blocks), common), *shared)

    def _series(self, load: Load, levels: Sequence[Sequence[frozenset[Any]]]) -> Series[Any]:
        if load not in self._kept:
            self._kept[load] = Series(self._days(load), levels, self._allowed)
        return self._kept[load]

    def _days(self, load: Load) -> DayCells[Any]:
        return DayCells(self._loader(load), self._members, self._zone, self._stretches)

    def _loader(self, load: Load) -> Callable[[Stretch], Mapping[date, Mapping[Any, Cell]]]:
        return lambda stretch: load(self._session, stretch)

    def _first(self, series: Series[Any]) -> Told[Any] | None:
        """What is told of the shortest stretch of which anything may be."""
        return next((told for block in self._blocks if (told := series.told(block))), None)


def told_until(figures: DigestFigures) -> date | None:
    """The last day that a group's figures speak of; None where they are all too few to show.

    A digest is worth a message when its channel has not heard of days so new. So a week that stands in for
    its days is told once, and neither a message nor its absence tells of a single case.
    """
    parts = (figures.notices, figures.requests, figures.verdicts, figures.takedowns)
    found = [part.until or figures.last for part in (*parts, figures.attainment, figures.responses) if part]
    return max(found, default=None)


def _days(told: Told[Any], asked: Block) -> dict[str, Any]:
    return {
        "window": LENGTH[told.block.span],
        "until": None if told.block.last == asked.last else told.block.last,
        "days": None if told.whole else told.days,
    }


def _says(bar: Bar) -> bool:
    return (bar.notices, bar.requests, bar.removed) != (None, None, None)


def _before(series: Series[Any], told: Told[Any]) -> int | None:
    """The figure of the stretch before, as it may be told itself: a change is never told otherwise."""
    earlier = _compared(series, told)
    return earlier.total if earlier else None


def _compared(series: Series[Any], told: Told[Any]) -> Told[Any] | None:
    """What may be told of the stretch before, where it is of the same of its days: Mondays with Mondays."""
    now, then = told.block, told.block.earlier
    ago = {now.last - day for day in series.covered(now)}
    return series.told(then) if {then.last - day for day in series.covered(then)} == ago else None


def _percent(told: Told[bool] | None) -> int | None:
    if told is None:
        return None
    in_time, late = told.rows[True], told.rows[False]
    surely = suppression.share(in_time, late) if in_time is not None and late is not None else None
    return int(100 * surely) if surely is not None else None


def _half(days: Callable[[date], Mapping[int, Cell]], covered: Collection[date]) -> int | None:
    """The first of STEPS within which half of the answers of these days came; None where none is enough."""
    counted = {step: sum(sum(days(day).get(step, {}).values()) for day in covered) for step in (*STEPS, 0)}
    within = 0
    for step in STEPS:
        within += counted[step]
        if 2 * within >= sum(counted.values()):
            return step
    return None


def _verdicts(session: Session, stretch: Stretch) -> Mapping[date, Mapping[str, Cell]]:
    names = {Answer.FAKE: FAKE, Answer.GENUINE: GENUINE}
    found: dict[date, dict[str, Cell]] = {}
    for day, rows in group_days.verdicts(session, stretch).items():
        kept = found.setdefault(day, {})
        for answer, cell in rows.items():
            name = names.get(answer, OTHER)
            kept[name] = suppression.added([kept.get(name, {}), cell])
    return found


def _answers(session: Session, stretch: Stretch, calendar: Calendar) -> Mapping[date, Mapping[int, Cell]]:
    """Answers by day, rights holder and the first of STEPS that was enough; 0 for the slower ones."""
    found: dict[date, dict[int, dict[str, int]]] = {}
    for at, holder_id, seconds in each_answer(session, stretch.starts[0], stretch.starts[-1], calendar):
        day = stretch.days[_index(stretch.starts, at)]
        step = next((each for each in STEPS if seconds <= 60 * each), 0)
        cell = found.setdefault(day, {}).setdefault(step, {})
        cell[holder_id] = cell.get(holder_id, 0) + 1
    return found


def _index(starts: Sequence[datetime], at: datetime) -> int:
    return min(len(starts) - 2, max(0, sum(start <= at for start in starts) - 1))
