"""The agenda of a simulated year: acts in the order of time, drawn from one seed.

Acts of one slot of time are done together; whatever follows from them comes in a later slot.
"""

import heapq
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from tests.year.hands import Hands, in_order
from tests.year.history import Fact, History
from tests.year.world import BEGIN, END, Holder, Market, World

HOUR = timedelta(hours=1)
WEEKDAYS = (10, 11, 11, 10, 9, 4, 3)  # how busy each is


@dataclass(frozen=True)
class Size:
    """How large a year is, and how closely it is watched.

    The clock ticks once a `slot`, and what is counted each night is counted every so many `nights`. One of
    `sample` acts goes through the doors of the bot.
    """

    holders: int
    notices: int
    requests: int
    sellers: int
    nights: int
    slot: timedelta
    sample: int
    seed: int = 7


@dataclass
class Act:
    """Something that somebody does at a moment. `prepare` is what they do right before, and gives `ready`."""

    at: datetime
    do: Callable[["Act"], Awaitable[list[Fact]]]
    prepare: Callable[["Act"], Awaitable[str]] | None = None
    ready: str = ""
    by_door: bool = False


@dataclass
class Case:
    """A listing that somebody has to do with; `number` names it in its marketplace's addresses."""

    number: int
    holder: Holder
    market: Market
    over: bool = False  # nothing more is to be done about its notice


class Agenda:
    """What is still to happen, and what has."""

    def __init__(self, world: World, hands: Hands, size: Size) -> None:
        self.world = world
        self.hands = hands
        self.size = size
        self.history = History()
        self.chance = random.Random(size.seed)
        self.cases: dict[int, Case] = {}
        self.slot_end = BEGIN
        self._waiting: list[tuple[datetime, int, Act]] = []
        self._order = count()
        self._listings = count(1000)

    async def slot(self, begins: datetime) -> None:
        """Let everything happen that falls into the slot that begins now."""
        self.slot_end = begins + self.size.slot
        acts = []
        while self._waiting and self._waiting[0][0] < self.slot_end:
            acts.append(heapq.heappop(self._waiting)[2])
        prepared = [act for act in acts if act.prepare]
        # First of all, for only acts of one step each keep their order side by side.
        ready = await in_order([act.prepare(act) for act in prepared if act.prepare])
        for act, each in zip(prepared, ready, strict=True):
            act.ready = each
        together: list[Act] = []
        for act in acts:
            if not act.by_door:
                together.append(act)
                continue
            await self._do(together)
            together = []
            with self.hands.at_the_door():
                await self._do([act])
        await self._do(together)

    async def _do(self, acts: list[Act]) -> None:
        for facts in await in_order([act.do(act) for act in acts]):
            self.history.facts += facts

    def later(
        self,
        at: datetime,
        do: Callable[[Act], Awaitable[list[Fact]]],
        prepare: Callable[[Act], Awaitable[str]] | None = None,
    ) -> None:
        """Put an act on the agenda, in a later slot than the one under way."""
        if at < self.slot_end:
            at = self.slot_end + timedelta(seconds=self.chance.uniform(1, 3600))
        at = at.replace(microsecond=0)
        number = next(self._order)
        by_door = number % self.size.sample == 0
        heapq.heappush(self._waiting, (at, number, Act(at, do, prepare, by_door=by_door)))

    def hours(self, least: float, most: float) -> timedelta:
        """A length of time between so many hours and so many."""
        return HOUR * self.chance.uniform(least, most)

    def moment(self) -> datetime:
        """Some moment of the year, most of them in working hours."""
        days = (END - BEGIN).days
        while True:
            day = self.chance.randrange(days)
            if self.chance.random() * max(WEEKDAYS) < WEEKDAYS[(BEGIN + timedelta(days=day)).weekday()]:
                return BEGIN + timedelta(days=day) + self.hours(5, 22)

    def case(self, holder: Holder, market: Market) -> Case:
        """A new listing that is to be about."""
        case = Case(next(self._listings), holder, market)
        self.cases[case.number] = case
        return case


def fact(kind: str, act: Act, **told: object) -> Fact:
    """What an act was, for the history."""
    return {"kind": kind, "at": act.at, **told}


def address(case: Case) -> str:
    """Where its listing is."""
    return f"https://{case.market.host}/item/{case.number}"
