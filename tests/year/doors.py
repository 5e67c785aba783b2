"""Hands that knock: acts that go through the real doors of the bot, signed and over HTTP.

Marketplaces call the platform API with a key, experts press buttons as Slack sends them. Behind the doors
stand the real handlers, over the year's own database; their clock stands at the moment of the act.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.enforcement import platform
from bot.enforcement.access import OPERATOR, Actor
from bot.gateway import Gateway
from bot.metrics import Metrics
from bot.slack_door import HttpDoor
from bot.web import build_web
from handlers.guard import Desk
from handlers.ids import AuthenticityId
from handlers.payloads import Pointer
from handlers.platform.routes import BASE, platform_routes
from handlers.routes import register
from storage.engine import Store
from storage.queries import authenticity
from tests.slack_hand import deliver, signed
from tests.workspace import SIGNING_SECRET
from tests.year.hands import Json, Stopped, StoreHands
from tests.year.world import BEGIN, OWN, TEAM, World

NOWHERE = "http://127.0.0.1:9/api/"  # no act of the year needs an answer from Slack
_BUTTONS = {
    "fake": AuthenticityId.FAKE,
    "genuine": AuthenticityId.GENUINE,
    "cannot_tell": AuthenticityId.CANNOT_TELL,
}


@dataclass
class Line:
    """Where the bot listens, and what it takes to be let in."""

    session: aiohttp.ClientSession
    url: str
    keys: dict[str, str]
    clock: Stopped


@asynccontextmanager
async def doors(store: Store, world: World) -> AsyncIterator["DoorHands"]:
    """The bot's front over a store."""
    clock = Stopped(BEGIN)
    desk = Desk(
        store=store,
        gateway=Gateway("xoxb-year", NOWHERE),
        clock=clock,
        metrics=Metrics(),
        own_marketplaces=OWN,
        webhook_secret=b"a master secret of the tests, long enough",
    )
    bolt = AsyncApp(
        name="goodfaith", signing_secret=SIGNING_SECRET, authorize=_authorize, process_before_response=True
    )
    register(bolt, desk)
    application = build_web(
        slack=HttpDoor(bolt.async_dispatch, SIGNING_SECRET),
        platform=platform_routes(desk),
        checks=(),
        metrics=desk.metrics,
    )
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    keys = {
        name: (await store.run(platform.create_key, OPERATOR, client_id, now=BEGIN)).api_key
        for name, client_id in world.clients.items()
    }
    try:
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield DoorHands(store, world.clients, Line(session, url, keys, clock))
    finally:
        await runner.cleanup()


class DoorHands(StoreHands):
    """Through the store, and while `at_the_door` through the bot's front, where that has a way."""

    def __init__(self, store: Store, clients: dict[str, str], line: Line) -> None:
        super().__init__(store, clients)
        self._store = store
        self._line = line
        self._knocks = False
        self.knocked = 0

    @contextmanager
    def at_the_door(self) -> Iterator[None]:
        self._knocks = True
        try:
            yield
        finally:
            self._knocks = False

    async def ask(self, market: str, bodies: Sequence[Json], at: datetime) -> dict[str, str]:
        if not self._knocks:
            return await super().ask(market, bodies, at)
        told = await self._call(market, "/authenticity-requests/batch", {"requests": list(bodies)}, at)
        return {each["external_id"]: each["id"] for each in told["results"]}

    async def move(self, market: str, notice_id: str, body: Json, at: datetime) -> None:
        if not self._knocks:
            return await super().move(market, notice_id, body, at)
        await self._call(market, f"/notices/{notice_id}/status", body, at)
        return None

    async def report(self, market: str, takedown_id: str, state: str, at: datetime) -> None:
        if not self._knocks:
            return await super().report(market, takedown_id, state, at)
        told = {"event_id": state, "state": state, "reason": "policy"}
        await self._call(market, f"/takedowns/{takedown_id}/status", told, at)
        return None

    async def relay(self, market: str, body: Json, at: datetime) -> tuple[str, datetime]:
        if not self._knocks:
            return await super().relay(market, body, at)
        read = await self._call(market, "/counter-notices", body, at)
        return read["id"], datetime.fromisoformat(read["due_at"])

    async def decide_counter(self, market: str, counter_id: str, state: str, at: datetime) -> None:
        if not self._knocks:
            return await super().decide_counter(market, counter_id, state, at)
        told = {"event_id": "decided", "state": state, "reason": "seen"}
        await self._call(market, f"/counter-notices/{counter_id}/status", told, at)
        return None

    async def answer(self, actor: Actor, request_id: str, answer: str, at: datetime) -> str:
        if not self._knocks:
            return await super().answer(actor, request_id, answer, at)
        await self._press(actor, _BUTTONS[answer], request_id, at)
        case = await self._store.read(authenticity.case, request_id)
        return str(case.outcome.value)

    async def confirm(self, actor: Actor, request_id: str, at: datetime) -> None:
        if not self._knocks:
            return await super().confirm(actor, request_id, at)
        await self._press(actor, AuthenticityId.CONFIRM, request_id, at)
        return None

    async def _call(self, market: str, path: str, body: Json, at: datetime) -> Any:
        self._line.clock.at = at
        self.knocked += 1
        async with self._line.session.post(
            f"{self._line.url}{BASE}{path}",
            data=json.dumps(body),
            headers={
                "Authorization": f"Bearer {self._line.keys[market]}",
                "Content-Type": "application/json",
            },
        ) as response:
            told = await response.json()
            assert response.status in (200, 201, 202), told
            return told

    async def _press(self, actor: Actor, button: AuthenticityId, request_id: str, at: datetime) -> None:
        self._line.clock.at = at
        self.knocked += 1
        payload = {
            "type": "block_actions",
            "user": {"id": actor.user_id, "team_id": actor.team_id},
            "team": {"id": actor.team_id},
            "trigger_id": f"trigger-{self.knocked}",
            "container": {"type": "message", "message_ts": "1.1", "channel_id": "C"},
            "channel": {"id": "C"},
            "actions": [
                {
                    "type": "button",
                    "action_id": button.value,
                    "block_id": "block",
                    "value": str(Pointer(request_id, "1")),
                    "action_ts": f"{self.knocked}.1",
                }
            ],
        }
        request = signed(urlencode({"payload": json.dumps(payload)}).encode())
        answer = await deliver(self._line.session, self._line.url, request)
        assert answer.status == 200, answer


async def _authorize() -> AuthorizeResult:
    await asyncio.sleep(0)
    return AuthorizeResult(
        enterprise_id=None, team_id=TEAM, bot_user_id="UBOT", bot_id="B1", bot_token="xoxb"
    )
