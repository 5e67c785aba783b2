"""How the year's people and marketplaces act upon the product: here by its use cases, through the store.

What the product sends to marketplaces is read from the outbox, and all that waits there is gone then, as if
it had been sent: a year of cards at one a second and channel would take a year. Nothing else is done behind
the use cases' back.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, Protocol

import orjson
from sqlalchemy import delete, select, text
from sqlmodel import Session, SQLModel

from bot.contract.counter_notices import CounterNoticeStatus, RelayedCounterNotice
from bot.contract.requests import AskedRequest
from bot.contract.takedowns import TakedownReport
from bot.enforcement import (
    authenticity,
    confirmations,
    counter_answers,
    counter_intake,
    counter_notices,
    counter_time,
    deadlines,
    notices,
    requests,
    service_closing,
    standing_watch,
    takedown_progress,
)
from bot.enforcement.access import Actor
from bot.enforcement.notice_drafts import open_draft
from bot.enforcement.notice_filing import Filed, file_notice
from storage.engine import Store
from storage.prepared import prepared
from storage.records.authenticity import Answer
from storage.records.counter_notices import ContestCode, Position
from storage.records.notices import ItemState, NoticeState
from storage.records.outbox import OutboxRow
from tests.year.world import OWN, ZONE

Json = dict[str, Any]


@dataclass(frozen=True)
class Heard:
    """One message that a marketplace got."""

    market: str
    kind: str
    data: Json


class Hands(Protocol):
    """Everything that anybody does in the year."""

    async def ask(self, market: str, bodies: Sequence[Json], at: datetime) -> dict[str, str]:
        """Authenticity requests; their ids by external id."""

    async def answer(self, actor: Actor, request_id: str, answer: str, at: datetime) -> str:
        """An expert's first answer; its outcome."""

    async def confirm(self, actor: Actor, request_id: str, at: datetime) -> None:
        """A second expert agrees."""

    async def draft(self, actor: Actor, links: Sequence[str], at: datetime) -> str:
        """Begin a notice; its draft."""

    async def file(self, actor: Actor, draft_id: str, typed: Json, at: datetime) -> None:
        """File it."""

    async def withdraw(self, actor: Actor, notice_id: str, at: datetime) -> None:
        """Take it back."""

    async def move(self, market: str, notice_id: str, body: Json, at: datetime) -> None:
        """A marketplace moves a notice."""

    async def report(self, market: str, takedown_id: str, state: str, at: datetime) -> None:
        """A marketplace reports a takedown."""

    async def relay(self, market: str, body: Json, at: datetime) -> tuple[str, datetime]:
        """A marketplace relays a counter-notice; its id and until when the brand can answer."""

    async def answer_counter(self, actor: Actor, counter_id: str, given: Json, at: datetime) -> None:
        """A brand answers it."""

    async def decide_counter(self, market: str, counter_id: str, state: str, at: datetime) -> None:
        """A marketplace decides it."""

    def at_the_door(self) -> AbstractContextManager[None]:
        """Whatever is done meanwhile comes in as it comes from outside, where these hands can."""

    async def pass_time(self, at: datetime) -> None:
        """What the clock brings by now."""

    async def pass_night(self, at: datetime) -> None:
        """What is counted once a night."""

    async def heard(self) -> list[Heard]:
        """What marketplaces were told since this was asked last."""


class StoreHands:
    """Hands upon an open store."""

    def __init__(self, store: Store, clients: Mapping[str, str]) -> None:
        self._store = store
        self._clients = clients
        self._names = {client_id: name for name, client_id in clients.items()}

    def _market(self, name: str) -> Actor:
        return Actor(client_id=self._clients[name])

    async def ask(self, market: str, bodies: Sequence[Json], at: datetime) -> dict[str, str]:
        asked = [AskedRequest.model_validate(body) for body in bodies]
        received = await self._store.run(requests.receive_requests, self._market(market), asked, OWN, now=at)
        return {each.external_id: each.id for each in received}

    async def answer(self, actor: Actor, request_id: str, answer: str, at: datetime) -> str:
        found = await self._store.run(
            authenticity.record_verdict, actor, request_id, 1, Answer(answer), now=at
        )
        assert found is not None
        assert found.first
        return found.outcome.value

    async def confirm(self, actor: Actor, request_id: str, at: datetime) -> None:
        await self._store.run(confirmations.confirm_fake, actor, request_id, 1, now=at)

    async def draft(self, actor: Actor, links: Sequence[str], at: datetime) -> str:
        sheet = await self._store.run(open_draft, actor, links, "", now=at)
        return str(sheet.draft_id)

    async def file(self, actor: Actor, draft_id: str, typed: Json, at: datetime) -> None:
        filed = await self._store.run(file_notice, actor, draft_id, typed, OWN, reviewed=True, now=at)
        assert isinstance(filed, Filed), filed

    async def withdraw(self, actor: Actor, notice_id: str, at: datetime) -> None:
        await self._store.run(notices.withdraw_notice, actor, notice_id, "sent in error", now=at)

    async def move(self, market: str, notice_id: str, body: Json, at: datetime) -> None:
        items = [notices.ItemMove(each["id"], ItemState(each["state"])) for each in body.get("items", [])]
        move = notices.Move(body["event_id"], NoticeState(body["state"]), body.get("reason", ""), items=items)
        await self._store.run(notices.move_notice, self._market(market), notice_id, move, now=at)

    async def report(self, market: str, takedown_id: str, state: str, at: datetime) -> None:
        told = TakedownReport.model_validate({"event_id": state, "state": state, "reason": "policy"})
        await self._store.run(
            takedown_progress.report_takedown, self._market(market), takedown_id, told, now=at
        )

    async def relay(self, market: str, body: Json, at: datetime) -> tuple[str, datetime]:
        asked = RelayedCounterNotice.model_validate_json(orjson.dumps(body))
        received = await self._store.run(counter_intake.relay, self._market(market), asked, now=at)
        assert received.read is not None, received
        return received.read.id, datetime.fromisoformat(received.read.due_at)

    async def answer_counter(self, actor: Actor, counter_id: str, given: Json, at: datetime) -> None:
        code = ContestCode(given["code"]) if given["code"] else None
        answer = counter_answers.Answer(
            Position(given["position"]), code, given["explanation"], given["reference"]
        )
        await self._store.run(counter_answers.answer, actor, counter_id, 1, answer, now=at)

    async def decide_counter(self, market: str, counter_id: str, state: str, at: datetime) -> None:
        told = CounterNoticeStatus.model_validate({"event_id": "decided", "state": state, "reason": "seen"})
        await self._store.run(counter_notices.decide, self._market(market), counter_id, told, now=at)

    def at_the_door(self) -> AbstractContextManager[None]:
        return nullcontext()

    async def pass_time(self, at: datetime) -> None:
        clock = Stopped(at)
        await counter_time.counter_notice_tick(self._store, clock)
        await deadlines.deadline_tick(self._store, clock)
        while await self._store.run(standing_watch.look_at_due, now=at) == standing_watch.BATCH:
            pass

    async def pass_night(self, at: datetime) -> None:
        clock = Stopped(at)
        wrong = await standing_watch.standing_tick(self._store, clock)
        assert wrong == 0
        report = await service_closing.closing_tick(self._store, clock, ZONE)
        assert not report.differed, report

    async def heard(self) -> list[Heard]:
        found = await self._store.run(_take_outbox)
        return [
            Heard(self._names[client_id], payload["type"], payload["data"]) for client_id, payload in found
        ]


@dataclass
class Stopped:
    """A clock that stands at one moment."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


_OUTBOX = SQLModel.metadata.tables[str(OutboxRow.__tablename__)]
_IS_READY = text("state = 'ready'")  # literal, as in the partial index
# Ordered below: asked for an order, SQLite reads the whole table along its key.
_WAITING = prepared(
    select(_OUTBOX.c.id, _OUTBOX.c.subject_id, _OUTBOX.c.payload).where(
        _OUTBOX.c.kind == "webhook", _IS_READY
    )
)
_SENT = prepared(delete(_OUTBOX).where(_IS_READY))


def _take_outbox(session: Session) -> list[tuple[str, Json]]:
    """The webhooks that wait, in their order; everything that waits is sent, and forgotten."""
    found = sorted(_WAITING.rows(session, {}), key=itemgetter(0))
    _SENT.rows(session, {})
    return [(client_id, dict(payload)) for _, client_id, payload in found]


async def in_order(acts: Sequence[Any]) -> list[Any]:
    """Do acts side by side: the store takes them in this order, and those that wait share a commit."""
    return await asyncio.gather(*acts)
