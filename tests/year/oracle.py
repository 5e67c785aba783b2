"""The recount: what must have come of a year's raw history, worked out slowly and by other code.

It knows the published rules and the history alone, and calls nothing of the product. Where the product
decided something by itself, such as whether a notice started takedowns at once, it is predicted here and held
against what the marketplaces were sent.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.year.history import Fact, History
from tests.year.slow_clock import SlowClock
from tests.year.slow_sellers import SlowSellers
from tests.year.slow_standing import SlowStanding
from tests.year.world import MARKETS, Holder, World

COUNTERFEIT = ("counterfeit_test_buy", "counterfeit_no_test_buy")
VERDICT_REASON = "counterfeit_no_test_buy"
LANES = {"designs": ("design", 12), "partner": ("", 8)}  # which right it takes, and its hours
ORDINARY_HOURS = 24
# Regime -> how long the brand has, in which days, and whether its silence brings the listing back.
REPLY = {
    "alibaba": (3, "business", False),
    "china_ecommerce": (15, "calendar", True),
    "mercado_libre": (3, "calendar", True),
    "dmca": (10, "business", True),
    "dsa": (10, "business", False),
}
STATES = {"removed": "actioned", "kept": "rejected"}


@dataclass
class Notice:
    """One notice as it must stand."""

    holder: Holder
    market: str
    right: str
    reason: str
    lane: str
    filed_at: datetime
    due_at: datetime | None
    immediate: bool
    items: dict[int, str]  # listing -> open, removed, kept
    reference: str = ""
    decided_at: datetime | None = None
    decided_as: str = ""
    counted: dict[date, int] = field(default_factory=dict)  # removed without a takedown, by day


@dataclass
class Request:
    """One authenticity request."""

    holder: Holder
    market: str
    listing: int
    seller: str
    asked_at: datetime
    deadline: datetime
    answered_at: datetime | None = None


@dataclass
class Takedown:
    """One takedown: who asked for it and why."""

    holder: Holder
    listing: int
    reason: str
    notice: Notice | None


@dataclass
class Counter:
    """One counter-notice."""

    takedown_id: str
    regime: str
    due_at: datetime
    state: str = "open"
    by: str = ""


class Oracle:
    """Goes through a history once; afterwards its fields hold what every page must show."""

    def __init__(self, world: World, history: History) -> None:
        self.clocks = {market.name: SlowClock(market.country, market.zone) for market in MARKETS}
        self.notices: dict[str, Notice] = {}
        self.requests: dict[str, Request] = {}
        self.takedowns: dict[str, Takedown] = {}
        self.counters: dict[str, Counter] = {}
        self.standing = SlowStanding(len(world.holders))
        self.sellers = SlowSellers()
        self._world = world
        self._filed: dict[tuple[int, str], Notice] = {}  # by a listing and how it came to be filed
        self._asked: dict[int, Request] = {}  # by listing
        self._today: date | None = None
        self._waiting: list[Counter] = []  # for their brands
        read: dict[str, Callable[[Fact], None]] = {
            "tick": self._tick,
            "asked": self._ask,
            "answered": self._answer,
            "confirmed": lambda _: None,
            "filed": self._file,
            "sent": self._send,
            "moved": self._move,
            "withdrawn": self._withdraw,
            "requested": self._request,
            "reported": self._report,
            "relayed": self._relay,
            "replied": self._reply,
            "ruled": self._rule,
        }
        for fact in history.facts:
            read[fact["kind"]](fact)
        # In the order in which they fell due, for whoever looks for those of a window.
        self.by_due = sorted(
            (notice for notice in self.notices.values() if notice.due_at),
            key=lambda notice: notice.due_at or notice.filed_at,
        )

    # Notices.

    def _file(self, fact: Fact) -> None:
        holder = self._world.holders[fact["holder"]]
        immediate = fact["reason"] in COUNTERFEIT and self.standing.is_good(holder.number)
        notice = self._promised(
            holder, fact["market"], fact["right"], fact["reason"], fact["at"], fact["listings"], immediate
        )
        for listing in fact["listings"]:
            self._filed[listing, "member"] = notice

    def _promised(
        self,
        holder: Holder,
        market: str,
        right: str,
        reason: str,
        at: datetime,
        listings: list[int],
        immediate: bool,
    ) -> Notice:
        fitting = [lane for lane in holder.lanes if LANES[lane][0] in ("", right)]
        lane = min(fitting, key=lambda each: LANES[each][1], default="")
        hours = LANES[lane][1] if lane else ORDINARY_HOURS
        due_at = self.clocks[market].due(at, hours)
        items = dict.fromkeys(listings, "open")
        return Notice(holder, market, right, reason, lane, at, due_at, immediate, items)

    def _send(self, fact: Fact) -> None:
        listings = list(fact["items"].values())
        notice = self._filed[listings[0], fact["origin"]]
        assert sorted(listings) == sorted(notice.items)
        assert fact["immediate"] == notice.immediate, fact
        notice.reference = fact["reference"]
        self.notices[fact["notice"]] = notice

    def _move(self, fact: Fact) -> None:
        notice, at = self.notices[fact["notice"]], fact["at"]
        removed = 0
        for listing, state in zip(notice.items, fact["items"].values(), strict=True):
            notice.items[listing] = state
            removed += state == "removed"
        notice.decided_at, notice.decided_as = at, fact["state"]
        holder, today = notice.holder.number, at.date()
        self.standing.add(holder, today, notice.reason, len(notice.items), removed, 0)
        notice.counted = {today: removed}
        self.standing.judge(holder, today)
        for listing, state in notice.items.items():
            if state == "removed":
                self._strike(listing, f"item-{listing}", at, notice.reason)

    def _withdraw(self, fact: Fact) -> None:
        notice, at = self.notices[fact["notice"]], fact["at"]
        if notice.decided_at is None:
            if notice.due_at and at <= notice.due_at:
                notice.due_at = None
            return
        for day, removed in notice.counted.items():
            self.standing.add(notice.holder.number, day, notice.reason, 0, -removed, 0)
        self.standing.judge(notice.holder.number, at.date())

    # Requests.

    def _ask(self, fact: Fact) -> None:
        holder = self._world.holders[fact["holder"]]
        deadline = self.clocks[fact["market"]].due(fact["at"], 24)
        request = Request(holder, fact["market"], fact["listing"], fact["seller"], fact["at"], deadline)
        self.requests[fact["request"]] = self._asked[fact["listing"]] = request

    def _answer(self, fact: Fact) -> None:
        request, at = self.requests[fact["request"]], fact["at"]
        request.answered_at = at
        outcome = "closed"
        if fact["answer"] == "fake":
            outcome = "awaiting_confirmation" if len(request.holder.experts) > 1 else "review"
            if self.standing.is_good(request.holder.number):
                outcome = "takedown"
        assert fact["outcome"] == outcome, fact
        if outcome == "review":
            self._filed[request.listing, "verdict"] = self._promised(
                request.holder, request.market, "", VERDICT_REASON, at, [request.listing], immediate=False
            )

    # Takedowns, and sellers.

    def _request(self, fact: Fact) -> None:
        listing = fact["listing"]
        if fact["cause"] == "notice":
            notice = self._filed[listing, "member"]
            assert notice.immediate
            takedown = Takedown(notice.holder, listing, notice.reason, notice)
        else:
            takedown = Takedown(self._asked[listing].holder, listing, VERDICT_REASON, None)
        self.takedowns[fact["takedown"]] = takedown

    def _report(self, fact: Fact) -> None:
        takedown, state, at = self.takedowns[fact["takedown"]], fact["state"], fact["at"]
        if state in ("removed", "refused"):
            holder = takedown.holder.number
            self.standing.add(holder, at.date(), takedown.reason, 1, int(state == "removed"), 0)
            self.standing.judge(holder, at.date())
        if takedown.notice:
            self._item_ended(
                takedown.notice, takedown.listing, "removed" if state == "removed" else "kept", at
            )
        if state == "removed":
            self._strike(takedown.listing, fact["takedown"], at, takedown.reason)

    def _item_ended(self, notice: Notice, listing: int, state: str, at: datetime) -> None:
        notice.items[listing] = state
        kinds = set(notice.items.values())
        if notice.decided_at is None and "open" not in kinds:
            notice.decided_at = at
            notice.decided_as = "partially_actioned" if len(kinds) == 2 else STATES[kinds.pop()]

    def _strike(self, listing: int, removal: str, at: datetime, reason: str) -> None:
        if listing in self._asked:  # only marketplaces say whose a listing is
            self.sellers.strike(self._asked[listing].seller, removal, at, reason)

    # Counter-notices.

    def _relay(self, fact: Fact) -> None:
        length, counts, _ = REPLY[fact["regime"]]
        clock = self.clocks[self._market(fact["takedown"])]
        due_at = clock.last_day(fact["at"], length, counts)
        assert fact["due_at"] == due_at, (fact, due_at)
        self.counters[fact["counter"]] = counter = Counter(fact["takedown"], fact["regime"], due_at)
        self._waiting.append(counter)

    def _market(self, takedown_id: str) -> str:
        takedown = self.takedowns[takedown_id]
        return takedown.notice.market if takedown.notice else self._asked[takedown.listing].market

    def _reply(self, fact: Fact) -> None:
        counter = self.counters[fact["counter"]]
        if fact["position"] == "accept":
            self._uphold(counter, "brand", fact["at"])
        else:
            counter.state = "contested"

    def _rule(self, fact: Fact) -> None:
        counter = self.counters[fact["counter"]]
        if fact["state"] == "upheld":
            self._uphold(counter, "platform", fact["at"])
        else:
            counter.state, counter.by = "rejected", "platform"

    def _uphold(self, counter: Counter, by: str, at: datetime) -> None:
        counter.state, counter.by = "upheld", by
        takedown = self.takedowns[counter.takedown_id]
        self.standing.add(takedown.holder.number, at.date(), takedown.reason, 0, 0, 1)
        self.standing.judge(takedown.holder.number, at.date())
        if takedown.listing in self._asked:
            self.sellers.take_back(self._asked[takedown.listing].seller, counter.takedown_id)

    # Time.

    def _tick(self, fact: Fact) -> None:
        self._waiting = [counter for counter in self._waiting if counter.state == "open"]
        for counter in self._waiting:
            if counter.due_at <= fact["at"]:
                if REPLY[counter.regime][2]:
                    self._uphold(counter, "silence", fact["at"])
                else:
                    counter.state = "unanswered"
        if fact["at"].date() != self._today:
            self._today = fact["at"].date()
            for holder in self._world.holders:
                self.standing.judge(holder.number, self._today)
