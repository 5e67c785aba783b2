"""Holds every figure on every page of a finished year against the oracle's.

The pages are asked as people ask for them: the platform's team, a rights holder, an association's officer.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.enforcement import misuse, seller_view, service_levels, standing_office, strike_policies
from bot.enforcement.access import Actor
from bot.enforcement.business_clock import Calendar
from bot.enforcement.strike_policies import Wanted
from storage.engine import Store
from storage.records.calendars import Span
from storage.records.counter_notices import CounterNotice
from storage.records.listings import Seller
from storage.records.sellers import Sanction
from storage.records.service_figures import Asked, Cut, Line, Topic
from storage.records.standing import StandingChange
from tests.year import recount
from tests.year.oracle import LANES, Notice, Oracle, Request
from tests.year.world import ASSOCIATION, STAFF, TEAM, ZONE, World

TARGET = 97
CALENDAR = Calendar("", ZONE)
OFFICER = Actor(team_id=TEAM, user_id="UOFFICER")
BACK = {Span.MONTH: range(13), Span.WEEK: (0, 1, 12, 13, 27, 40), Span.DAY: (0, 1, 2, 90, 275, 276)}


@dataclass(frozen=True)
class Reader:
    """Somebody who reads pages, and the cases that are in their figures."""

    actor: Actor
    due: Sequence[Notice]  # in the order in which they fell due
    asked: Sequence[Request]


class Pages:
    """The pages of one finished year, at one moment."""

    def __init__(self, store: Store, world: World, oracle: Oracle, now: datetime) -> None:
        self._store = store
        self._world = world
        self._oracle = oracle
        self._now = now
        self._today = recount.today_at(now)
        self.compared = 0

    def check_all(self, brands: int) -> None:
        """Every page, those of service levels as so many brands read them too.

        Raises AssertionError at the first figure that differs.
        """
        for reader in self._readers(brands):
            for span, backs in BACK.items():
                for back in backs:
                    self._check_attainment(reader, span, back)
                    self._check_breaches(reader, span, back)
                    self._check_responses(reader, span, back)
                    self._check_lanes(reader, span, back)
        self._check_standing()
        self._check_sellers()
        self._check_counter_notices()

    def _same(self, shown: object, counted: object, *where: object) -> None:
        assert shown == counted, (*where, shown, counted)
        self.compared += 1

    def _readers(self, brands: int) -> list[Reader]:
        members = {holder.number for holder in self._world.holders if holder.member}
        everybody = range(len(self._world.holders))
        own = [self._reader(holder.experts[0], {holder.number}) for holder in self._world.holders[:brands]]
        return [self._reader(STAFF, everybody), self._reader(OFFICER, members), *own]

    def _reader(self, actor: Actor, numbers: Collection[int]) -> Reader:
        due = [notice for notice in self._oracle.by_due if notice.holder.number in numbers]
        asked = [each for each in self._oracle.requests.values() if each.holder.number in numbers]
        return Reader(actor, due, asked)

    def _check_attainment(self, reader: Reader, span: Span, back: int) -> None:
        first, last = recount.window(span.value, back, self._today)
        due = recount.due_in(reader.due, first, last, self._now)
        for cut in Cut:
            found = self._store.read_sync(
                service_levels.attainment,
                reader.actor,
                Asked(span=span, cut=cut, back=back),
                now=self._now,
                zone=ZONE,
                target=TARGET,
            )
            where = (reader.actor, span, back, cut)
            self._same(tuple(found.tally), recount.count(due), *where)
            if cut is Cut.TIME:
                for line in found.lines:
                    self._check_line_of_time(line, reader, where)
                continue
            shown = {line.name or line.key: tuple(line.tally) for line in found.lines}
            self._same(shown, self._lines(cut, due), *where)

    def _check_line_of_time(self, line: Line, reader: Reader, where: tuple[object, ...]) -> None:
        assert line.window is not None
        due = recount.due_in(reader.due, line.window.first, line.window.last, self._now)
        self._same(tuple(line.tally), recount.count(due), *where, line.window)

    def _lines(self, cut: Cut, due: Sequence[Notice]) -> recount.Sums:
        if cut is Cut.BRAND:
            return recount.split(due, lambda notice: notice.holder.brand)
        if cut is Cut.SIZE:
            return recount.split(due, lambda notice: f"register.size.{notice.holder.size}")
        if cut is Cut.RIGHT:
            return recount.split(
                due, lambda notice: f"rights.kind.{notice.right}" if notice.right else "service.no_right"
            )
        return recount.split(
            due, lambda notice: ASSOCIATION if notice.holder.member else "service.no_association"
        )

    def _check_breaches(self, reader: Reader, span: Span, back: int) -> None:
        first, last = recount.window(span.value, back, self._today)
        due = recount.due_in(reader.due, first, last, self._now)
        late = [notice for notice in due if not recount.is_in_time(notice)]
        where = ("breaches", reader.actor, span, back)
        seen = []
        pages = len(late) // service_levels.MOST_LINES + 1
        for page in range(min(pages, 3)):
            asked = Asked(Topic.BREACHES, span, back=back, page=page)
            found = self._store.read_sync(
                service_levels.breaches, reader.actor, asked, now=self._now, zone=ZONE
            )
            self._same(found.total, len(late), *where)
            seen += [(each.reference, each.due_at, each.decided_at) for each in found.found]
        expected = {(notice.reference, notice.due_at, notice.decided_at) for notice in late}
        self._same(len(seen), min(len(late), 3 * service_levels.MOST_LINES), *where)
        assert set(seen) <= expected, set(seen) - expected

    def _check_responses(self, reader: Reader, span: Span, back: int) -> None:
        first, last = recount.window(span.value, back, self._today)
        asked = Asked(Topic.RESPONSES, span, back=back)
        found = self._store.read_sync(
            service_levels.responses, reader.actor, asked, now=self._now, calendar=CALENDAR
        )
        by_name: dict[str, list[Request]] = {"": recount.asked_in(reader.asked, first, last, self._now)}
        for request in by_name[""]:
            by_name.setdefault(f"Company {request.holder.number:04}", []).append(request)
        for line in [found.total, *found.lines]:
            shown = line.answered, line.median, line.ninth, line.deadlines, line.inside
            counted = recount.answers(self._oracle.clocks, by_name.get(line.holder, []))
            self._same(shown, counted, "responses", reader.actor, span, back, line.holder)

    def _check_lanes(self, reader: Reader, span: Span, back: int) -> None:
        first, last = recount.window(span.value, back, self._today)
        asked = Asked(Topic.LANES, span, back=back)
        found = self._store.read_sync(
            service_levels.lanes, reader.actor, asked, now=self._now, zone=ZONE, target=TARGET
        )
        due = recount.split(recount.due_in(reader.due, first, last, self._now), lambda notice: notice.lane)
        for line in found.lines:
            lane = line.lane.id if line.lane else ""
            self._same(tuple(line.tally), due.get(lane, (0, 0, 0)), "lanes", reader.actor, span, back, lane)
            hours = line.lane.target_hours if line.lane else found.hours
            self._same(hours, LANES[lane][1] if lane else 24, "lanes", lane)

    def _check_standing(self) -> None:
        force, lines = self._store.read_sync(standing_office.lines, STAFF, self._now)
        self._same(force.rule.version, "2022-04")
        shown = {line.holder.id: line for line in lines}
        for holder in self._world.holders:
            codes = self._oracle.standing.figures(holder.number, self._now.date())
            line = shown[holder.id]
            total = [sum(counts[place] for counts in codes.values()) for place in range(3)]
            self._same([line.total.decided, line.total.removed, line.total.upheld], total, holder)
            self._same(line.holder.standing.value, self._oracle.standing.state[holder.number], holder)
            page = self._store.read_sync(standing_office.sheet, holder.experts[0], holder.id, self._now)
            by_code = {
                code: [tally.decided, tally.removed, tally.upheld]
                for code, tally in page.figures.codes.items()
            }
            self._same(by_code, codes, holder)
        numbers = {holder.id: holder.number for holder in self._world.holders}
        log = self._store.read_sync(_changes)
        told = [
            (numbers[each.holder_id], each.at.date(), each.before.value, each.after.value) for each in log
        ]
        counted = self._oracle.standing.log
        differ = set(told) ^ set(counted)
        self._same(sorted(told), sorted(counted), "changes of standing", differ)

    def _check_sellers(self) -> None:
        sellers = self._store.read_sync(_sellers)
        names = {seller.id: f"{seller.marketplace}-{seller.external_id[2:]}" for seller in sellers}
        for seller in sellers:
            page = self._store.read_sync(seller_view.sheet, STAFF, seller.id, self._now)
            strikes = self._oracle.sellers.strikes.get(names[seller.id], [])
            self._same(page.standing, sum(not strike.back for strike in strikes), seller)
            total = self._oracle.sellers.total(names[seller.id], self._now)
            self._same(page.count.total if page.count else None, total, seller)
        told = [
            (names[each.seller_id], each.proposed_at, each.measure.value, each.state.value == "withdrawn")
            for each in self._store.read_sync(_sanctions)
        ]
        counted = [
            (each.seller, each.at, each.measure, each.withdrawn) for each in self._oracle.sellers.proposals
        ]
        self._same(sorted(told), sorted(counted), "sanctions")
        for name, client_id in self._world.clients.items():
            self._check_histogram(name, client_id)

    def _check_histogram(self, name: str, client_id: str) -> None:
        policy = self._store.read_sync(strike_policies.market, STAFF, client_id).policy
        assert policy is not None
        apart = int(policy.terms["apart"])
        wanted = Wanted(client_id, policy.name, 365, apart)
        found = self._store.read_sync(strike_policies.histogram, STAFF, wanted, self._now)
        reached: Counter[str | None] = Counter()
        for seller, strikes in self._oracle.sellers.strikes.items():
            # The last strike has the highest sum, as none is older than a year yet.
            last = max((strike.at for strike in strikes if not strike.back), default=None)
            if seller.startswith(name) and last is not None and last >= self._now - timedelta(days=365):
                reached[self._oracle.sellers.measure(seller, last) or None] += 1
        shown = {measure.value if measure else None: number for measure, number in found.reached.items()}
        self._same(shown, dict(reached), "histogram", name)

    def _check_counter_notices(self) -> None:
        rows = self._store.read_sync(_counters)
        shown = {
            row.id: (row.state.value, row.decided_by.value if row.decided_by else "", row.due_at)
            for row in rows
        }
        counted = {
            counter_id: (counter.state, counter.by, counter.due_at)
            for counter_id, counter in self._oracle.counters.items()
        }
        self._same(shown, counted, "counter-notices")
        found = self._store.read_sync(misuse.concentration, STAFF, now=self._now)
        upheld = sum(counter.state == "upheld" for counter in self._oracle.counters.values())
        self._same(found.upheld, upheld, "misuse")


def _changes(session: Session) -> list[StandingChange]:
    return list(session.exec(select(StandingChange)))


def _sellers(session: Session) -> list[Seller]:
    return list(session.exec(select(Seller).order_by(col(Seller.id))))


def _sanctions(session: Session) -> list[Sanction]:
    return list(session.exec(select(Sanction)))


def _counters(session: Session) -> list[CounterNotice]:
    return list(session.exec(select(CounterNotice)))
