"""Counter-notices in the small alliance of `request_world`: a removed listing, what is relayed."""

from datetime import datetime, timedelta
from typing import Any

import orjson

from bot.contract.counter_notices import CounterNoticeStatus, ReadCounterNotice, RelayedCounterNotice
from bot.contract.takedowns import ReadTakedown, TakedownReport
from bot.enforcement import counter_answers, counter_intake, counter_notices, counter_time
from bot.enforcement.access import Actor
from bot.enforcement.counter_answers import Answer
from bot.enforcement.counter_intake import Received
from bot.enforcement.takedown_progress import report_takedown
from storage.queries import counter_notices as kept
from storage.records.counter_notices import (
    ContestCode,
    CounterNotice,
    CounterNoticeStep,
    CounterState,
    Position,
)
from storage.records.takedowns import Takedown
from tests.enforcement.request_world import NOW, World, question, who

PAPER = {
    "title": "Authorisation 2026",
    "url": "https://seller.example/papers/authorisation.pdf",
    "sha256": "ab" * 32,
    "media_type": "application/pdf",
    "size": 120_000,
}
ACCEPT = Answer(Position.ACCEPT, explanation="They sent us the invoice.")
CONTEST = Answer(
    Position.CONTEST,
    ContestCode.NOT_AUTHORISED,
    "The letter names another shop.",
    links=["https://evidence.example/1.pdf"],
)


def relayed(takedown_id: str, **more: Any) -> dict[str, Any]:
    """What a marketplace relays, under Mercado Libre's rules: three calendar days for the brand."""
    body: dict[str, Any] = {
        "external_id": "cn-1",
        "takedown_id": takedown_id,
        "regime": "mercado_libre",
        "ground": "authorized",
        "statement": "We bought these from the distributor.",
        "filed_at": NOW.isoformat(),
        "papers": [PAPER],
    }
    return body | more


def against(item_id: str, **more: Any) -> dict[str, Any]:
    """The same about what the marketplace removed on a notice by itself."""
    body = relayed("", **more) | {"item_id": item_id}
    body.pop("takedown_id")
    return body


class Bench:
    """A world with hands for counter-notices."""

    def __init__(self, world: World) -> None:
        self.world = world

    def removed(self, brand: str = "Nordlys", name: str = "ines", item: str = "811") -> str:
        """Somebody says Fake, and the marketplace removes the listing; the takedown's id."""
        self.world.answer(name, self.world.ask(brand, item))
        listing = [each for each in self.world.rows(Takedown) if each.removed_at is None]
        self.report(listing[-1].id, "removed")
        found: str = listing[-1].id
        return found

    def report(self, takedown_id: str, state: str, now: datetime = NOW) -> ReadTakedown:
        """The marketplace reports a takedown; what it is answered."""
        told = TakedownReport(event_id=f"{state}-{now.isoformat()}", state=state, reason="policy")  # type: ignore[arg-type]  # one of three
        return self.world.store.run_sync(report_takedown, self.world.client, takedown_id, told, now=now)

    def relay(self, body: dict[str, Any], actor: Actor | None = None, now: datetime = NOW) -> Received:
        """The marketplace relays a counter-notice, as JSON."""
        asked = RelayedCounterNotice.model_validate_json(orjson.dumps(body))
        return self.world.store.run_sync(counter_intake.relay, actor or self.world.client, asked, now=now)

    def open(self, takedown_id: str = "", **more: Any) -> str:
        """A counter-notice that waits for its brand; its id."""
        received = self.relay(relayed(takedown_id or self.removed(), **more))
        assert received.read is not None, received
        return received.read.id

    def answer(
        self, name: str, counter_id: str, given: Answer = CONTEST, *, round_: int = 1, now: datetime = NOW
    ) -> CounterState:
        """Somebody answers."""
        return self.world.store.run_sync(
            counter_answers.answer, who(name), counter_id, round_, given, now=now
        )

    def decide(self, counter_id: str, state: str, event_id: str = "e1", reason: str = "seen") -> Any:
        """The marketplace decides."""
        told = CounterNoticeStatus(event_id=event_id, state=state, reason=reason)  # type: ignore[arg-type]  # one of three
        return self.world.store.run_sync(counter_notices.decide, self.world.client, counter_id, told, now=NOW)

    def pass_time(self, after: timedelta) -> int:
        """The clock's tick so much later; on how many counter-notices it acted."""
        now = NOW + after
        found = self.world.store.read_sync(kept.due, now)
        return sum(self.world.store.run_sync(counter_time.time_passed, each, now=now) for each in found)

    def read(self, counter_id: str) -> ReadCounterNotice:
        """As the marketplace reads it."""
        return self.world.store.read_sync(counter_notices.read, self.world.client, counter_id)

    def counter(self, counter_id: str) -> CounterNotice:
        """As stored."""
        found: CounterNotice = self.world.one(CounterNotice, id=counter_id)
        return found

    def steps(self, counter_id: str) -> list[str]:
        """What its thread says, in order."""
        rows = self.world.rows(CounterNoticeStep, counter_notice_id=counter_id)
        return [each.kind.value for each in sorted(rows, key=lambda row: row.id)]

    def takedown(self, takedown_id: str) -> Takedown:
        """The takedown as stored."""
        found: Takedown = self.world.one(Takedown, id=takedown_id)
        return found

    def also_asked_by(self, brand: str, name: str, item: str = "811") -> None:
        """Another rights holder asks for the same listing's takedown while it is open."""
        asked = question("Nordlys", item)
        asked |= {"external_id": f"also-{brand}", "brand": brand}
        (received,) = self.world.receive(asked)
        self.world.answer(name, received.id)
