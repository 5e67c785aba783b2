"""What each kind of digest says: a group's aggregates, a brand's own cases, an association's members, all.

A group is told what suppression lets through; the others read their own, so their figures are exact. Every
kind fills the same `DigestFigures`, and is drawn alike.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement import digest_patterns
from bot.enforcement.channels import Scope
from bot.enforcement.digest_calendar import DAY, before, local_day
from bot.enforcement.digest_figures import FAKE, GENUINE, OTHER, STARTED, GroupDays
from bot.enforcement.digest_ledger import LOOK_BACK, Ledger
from bot.enforcement.nested_days import chart_days
from bot.enforcement.standing import in_force
from bot.enforcement.standing_rules import outlook, window_start
from storage.queries import digest_days, digest_waiting, service_levels, standing
from storage.queries.digest_days import Counts, Newcomer
from storage.records.calendars import Span, Window
from storage.records.channels import ChannelPurpose
from storage.records.digest_figures import (
    Attained,
    Bar,
    Count,
    DigestFigures,
    ItemKind,
    Line,
    NamedSeller,
    Pattern,
    PatternKind,
    Responded,
    Section,
    Split,
    StandingOf,
    Waiting,
)
from storage.records.roster import Brand, RightsHolder
from storage.records.service_figures import Answers, Tally

MOST_SELLERS, MOST_ITEMS, MOST_LINES = 10, 20, 200

_ALL = (
    *(Section.NOTICES, Section.REQUESTS, Section.VERDICTS, Section.REMOVALS, Section.ATTAINMENT),
    *(Section.RESPONSES, Section.SELLERS, Section.PATTERNS, Section.DEADLINES),
)
SECTIONS: Mapping[ChannelPurpose, tuple[Section, ...]] = {
    ChannelPurpose.GROUP: _ALL,
    ChannelPurpose.BRAND: (*_ALL, Section.STANDING),
    ChannelPurpose.ASSOCIATION: (*_ALL, Section.LINES),
    ChannelPurpose.PLATFORM: (*_ALL, Section.LINES),
}
Brands = Sequence[tuple[Brand, RightsHolder]]


@dataclass(frozen=True)
class Asked:
    """Whose digest of which days; `until` ends the last one early, where it is not over."""

    scope: Scope
    span: Span
    days: Window
    zone: str
    until: datetime | None = None


def told(session: Session, asked: Asked, ledger: Ledger) -> DigestFigures:
    """Everything that a digest may say."""
    if asked.scope.purpose is ChannelPurpose.GROUP:
        return group_days(session, asked, ledger).figures()
    return _Own(session, asked, ledger).figures()


def group_days(session: Session, asked: Asked, ledger: Ledger) -> GroupDays:
    """A group's newest whole days of the platform's zone; `digest_figures.told_until` says which.

    Never of a day that is not over: running totals would show single cases coming in. And never of a zone of
    its own: a chair who moves that could tell single cases by the difference that other hours make.
    """
    zone = ledger.calendar.zone
    asked_for = asked.days.last - DAY if asked.until else asked.days.last
    last = min(asked_for, local_day(ledger.now, zone) - DAY)
    return GroupDays(session, asked.scope.id, asked.span, last, zone, ledger.calendar)


def nothing_told(asked: Asked) -> DigestFigures:
    """What a channel that wants to hear of quiet days is told of one."""
    return DigestFigures(span=asked.span, first=asked.days.first, last=asked.days.last, zone=asked.zone)


def is_empty(figures: DigestFigures) -> bool:
    """Whether nothing happened and nothing waits, for those who read their own figures."""
    counts = (figures.notices, figures.requests)
    splits = (figures.verdicts, figures.takedowns)
    happened = any(count and count.cases for count in counts) or any(
        split and (split.total or any(split.rows.values())) for split in splits
    )
    waits = figures.waiting is not None and figures.waiting.total > 0
    return not (happened or waits or figures.attainment or figures.patterns)


class _Own:
    """The exact figures of some brands: one brand's, those of an association's members, or all."""

    def __init__(self, session: Session, asked: Asked, ledger: Ledger) -> None:
        self._session, self._asked, self._ledger = session, asked, ledger
        self._brands = _brands(session, asked.scope)
        self._ids = {brand.id for brand, _ in self._brands}
        self._holders = {holder.id: holder for _, holder in self._brands}
        self._length = (asked.days.last - asked.days.first).days + 1
        # A stretch that is not over is compared with nothing.
        self._earlier = None if asked.until else before(asked.span, asked.days)
        self._counted = asked.days
        if asked.until:  # The platform's next day may have begun, while the reader's goes on.
            today = local_day(asked.until, ledger.calendar.zone)
            self._counted = Window(asked.days.first, max(asked.days.last, today))
        self._now = self._counts(self._counted)
        self._then = self._counts(self._earlier) if self._earlier else None

    def figures(self) -> DigestFigures:
        """Everything."""
        asked = self._asked
        given = self._sum("fake"), self._sum("genuine"), self._sum("other")
        answers = dict(zip((FAKE, GENUINE, OTHER), (now for now, _ in given), strict=True))
        earlier = [then for _, then in given if then is not None]
        removed, removed_before = self._sum("removed")
        return DigestFigures(
            span=asked.span,
            first=asked.days.first,
            last=asked.days.last,
            zone=asked.zone,
            notices=self._count("notices"),
            requests=self._count("requests"),
            verdicts=Split(
                window=self._length,
                rows=answers,
                total=sum(answers.values()),
                before=sum(earlier) if earlier else None,
            ),
            takedowns=Split(
                window=self._length,
                rows={STARTED: self._sum("takedowns")[0]},
                total=removed,
                before=removed_before,
            ),
            attainment=self._attained(),
            responses=self._responded(),
            sellers=self._sellers(),
            patterns=self._patterns(),
            waiting=self._waiting(),
            standing=self._standing(),
            lines=self._lines(),
            course=self._course(),
            this_year=self._year(),
        )

    def _counts(self, days: Window) -> Mapping[str, Counts]:
        found = self._ledger.counts(self._session, self._asked.span, days, self._asked.zone)
        if self._asked.scope.purpose is ChannelPurpose.PLATFORM:
            return found
        return {brand_id: counts for brand_id, counts in found.items() if brand_id in self._ids}

    def _sum(self, name: str) -> tuple[int, int | None]:
        """A count, and that of the stretch before."""
        then = sum(getattr(each, name) for each in self._then.values()) if self._then is not None else None
        return sum(getattr(each, name) for each in self._now.values()), then

    def _count(self, name: str) -> Count:
        now, then = self._sum(name)
        return Count(window=self._length, cases=now, before=then)

    def _course(self) -> tuple[Bar, ...]:
        return tuple(self._bar(days) for days in chart_days(self._asked.span, self._asked.days))

    def _bar(self, days: Window) -> Bar:
        counts = digest_days.added(list(self._counts(days).values()))
        return Bar(
            first=days.first,
            last=days.last,
            notices=counts.notices,
            requests=counts.requests,
            removed=counts.removed,
        )

    def _tally(self, days: Window) -> Tally:
        found = self._ledger.tallies(self._session, days)
        every = [tally for brand_id, tally in found.items() if brand_id in self._ids]
        return Tally(*map(sum, zip(*every, strict=True))) if every else Tally()

    def _attained(self) -> Attained | None:
        now = self._tally(self._counted)
        if not now.due:
            return None
        then = self._tally(self._earlier) if self._earlier else Tally()
        return Attained(
            window=self._length,
            percent=_percent(now),
            before=_percent(then) if then.due else None,
            of=now.due,
        )

    def _responded(self) -> Responded | None:
        now = self._answers(self._asked.days)
        if now is None or not now.answered:
            return None
        then = self._answers(self._earlier) if self._earlier else None
        return Responded(
            window=self._length,
            median=_minutes(now.median),
            ninth=_minutes(now.ninth),
            before=_minutes(then.median) if then and then.answered else None,
        )

    def _answers(self, days: Window) -> Answers | None:
        """A brand's company's, an association's members', or everybody's."""
        if self._asked.scope.purpose is ChannelPurpose.ASSOCIATION:
            return self._ledger.responses_of(self._session, days, self._asked.zone, self._holders)
        total, lines = self._ledger.responses(self._session, days, self._asked.zone)
        if self._asked.scope.purpose is ChannelPurpose.PLATFORM:
            return total
        return next((lines.get(holder.name) for holder in self._holders.values()), None)

    def _sellers(self) -> tuple[NamedSeller, ...]:
        cases: dict[tuple[str, str], int] = {}
        for each in self._ledger.repeated(self._session, self._asked.days, self._asked.zone):
            if each.brand_id in self._ids:
                key = each.name, each.marketplace
                cases[key] = cases.get(key, 0) + each.cases
        most = sorted(cases.items(), key=lambda item: (-item[1], item[0]))[:MOST_SELLERS]
        return tuple(NamedSeller(name=name, marketplace=market, cases=n) for (name, market), n in most)

    def _patterns(self) -> tuple[Pattern, ...]:
        found = self._ledger.relisted(self._session, self._asked.days, self._asked.zone)
        relisted = sum(number for holder_id, number in found.items() if holder_id in self._holders)
        came_back = (Pattern(kind=PatternKind.RELISTING, cases=relisted),) if relisted else ()
        reasons = self._ledger.reasons(self._session, self._asked.days, self._asked.zone)
        own = (each for each in reasons if each.brand_id in self._ids)
        surges = digest_patterns.risen(own, self._length / LOOK_BACK.days)
        return (*came_back, *surges, *digest_patterns.first_time(self._newcomers()))

    def _newcomers(self) -> Iterator[Newcomer]:
        """To the platform team only those of whom nobody had a takedown before."""
        everybody = self._asked.scope.purpose is ChannelPurpose.PLATFORM
        found = self._ledger.newcomers(self._session, self._asked.days, self._asked.zone)
        for brand_id in self._ids & found.keys():
            yield from (each for each in found[brand_id] if each.to_all or not everybody)

    def _numbers(self) -> Mapping[ItemKind, Mapping[str, int]]:
        ids = None if self._asked.scope.purpose is ChannelPurpose.PLATFORM else self._ids
        return digest_waiting.numbers(self._session, self._holders, ids)

    def _waiting(self) -> Waiting:
        numbers = {kind: sum(found.values()) for kind, found in self._numbers().items()}
        everybody = self._asked.scope.purpose is ChannelPurpose.PLATFORM
        return Waiting(
            requests=numbers[ItemKind.REQUEST],
            clarifications=numbers[ItemKind.NOTICE],
            counters=numbers[ItemKind.COUNTER],
            unrouted=digest_waiting.unrouted(self._session) if everybody else 0,
            items=()
            if everybody
            else tuple(digest_waiting.first(self._session, self._ids, self._holders, limit=MOST_ITEMS)),
        )

    def _standing(self) -> tuple[StandingOf, ...]:
        """A brand's company, what would lose its standing and what would earn it."""
        if self._asked.scope.purpose is not ChannelPurpose.BRAND:
            return ()
        rule = in_force(self._session).rule
        today = self._ledger.now.date()
        figures = standing.windows(self._session, self._holders, window_start(today, rule))
        found = []
        for holder in self._holders.values():
            coming = outlook(holder.standing, holder.standing_until, figures[holder.id], rule, today)
            losses = tuple((loss.measure.value, loss.more) for loss in coming.losses)
            found.append(
                StandingOf(
                    holder=holder.name, standing=holder.standing, removals=coming.removals, losses=losses
                )
            )
        return tuple(found)

    def _lines(self) -> tuple[Line, ...]:
        """By member for an association, by brand for the platform; who had nothing at all is left out."""
        match self._asked.scope.purpose:
            case ChannelPurpose.ASSOCIATION:
                names = {brand.id: holder.name for brand, holder in self._brands}
            case ChannelPurpose.PLATFORM:
                names = {brand.id: brand.name for brand, _ in self._brands}
            case _:
                return ()
        tallies = self._ledger.tallies(self._session, self._counted)
        waiting = self._numbers()
        found: dict[str, dict[str, Any]] = {}
        for brand_id, name in names.items():
            _add(found.setdefault(name, {}), _numbers_of(self._now.get(brand_id, Counts())))
            tally = tallies.get(brand_id, Tally())
            waits = sum(each.get(brand_id, 0) for each in waiting.values())
            _add(found[name], {"due": tally.due, "in_time": tally.in_time, "waiting": waits})
        lines = [Line(name=name, **numbers) for name, numbers in found.items() if any(numbers.values())]
        busiest = sorted(lines, key=lambda line: (-(line.notices + line.requests + line.verdicts), line.name))
        return tuple(busiest[:MOST_LINES])

    def _year(self) -> Line | None:
        if self._asked.span is not Span.MONTH or self._asked.until:
            return None
        found = self._ledger.year(self._session, self._asked.days.last)
        everybody = self._asked.scope.purpose is ChannelPurpose.PLATFORM
        own = [counts for brand_id, counts in found.items() if everybody or brand_id in self._ids]
        return Line(name=str(self._asked.days.last.year), **_numbers_of(digest_days.added(own)))


def _brands(session: Session, scope: Scope) -> Brands:
    match scope.purpose:
        case ChannelPurpose.BRAND:
            brand = session.get_one(Brand, scope.id)
            return [(brand, session.get_one(RightsHolder, brand.holder_id))]
        case ChannelPurpose.ASSOCIATION:
            return service_levels.brands_of(session, service_levels.mandated(session, scope.id))
        case _:
            return service_levels.brands_of(session, None)


def _numbers_of(counts: Counts) -> dict[str, int]:
    return {
        "notices": counts.notices,
        "requests": counts.requests,
        "verdicts": counts.fake + counts.genuine + counts.other,
        "fake": counts.fake,
        "removed": counts.removed,
    }


def _add(total: dict[str, Any], numbers: Mapping[str, int]) -> None:
    for name, number in numbers.items():
        total[name] = total.get(name, 0) + number


def _percent(tally: Tally) -> int:
    """Never rounded up: 199 of 200 are not all."""
    return 100 * tally.in_time // tally.due


def _minutes(seconds: float) -> int:
    return round(seconds / 60)


def sections_of(purpose: ChannelPurpose, chosen: Collection[str]) -> tuple[Section, ...]:
    """The sections that a channel hears, in their order; all where it chose none."""
    return tuple(section for section in SECTIONS[purpose] if not chosen or section in chosen)
