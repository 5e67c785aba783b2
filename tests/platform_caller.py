"""A client of the platform API's real routes, which holds every answer against the published description."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import orjson
import pytest_asyncio
from aiohttp import ClientSession, web
from jsonschema import Draft202012Validator

from bot.contract.openapi import document
from bot.enforcement import platform
from bot.enforcement.access import OPERATOR
from bot.gateway import Gateway
from bot.metrics import Metrics
from bot.web import build_web
from handlers.guard import Desk
from handlers.platform.routes import BASE, platform_routes
from storage.engine import Store
from tests.enforcement.request_world import NOW, OWN, World, build, question

DESCRIPTION = document()
NOWHERE = "01J00000000000000000000000"


@dataclass
class Api:
    """A client of the real routes; it holds every answer against the published description."""

    world: World
    desk: Desk
    http: ClientSession
    url: str
    key: str
    foreign_key: str

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Status and body of one call."""
        sent = {"Authorization": f"Bearer {self.key if key is None else key}"} | dict(headers or {})
        text = raw if raw is not None else (orjson.dumps(body) if body is not None else None)
        data = BytesIO(text) if text is not None else None
        async with self.http.request(method, f"{self.url}{BASE}{path}", data=data, headers=sent) as answer:
            assert answer.content_type == "application/json"
            said = orjson.loads(await answer.read())
            check(method, path.partition("?")[0], answer.status, said)
            return answer.status, said

    async def ask(self, **more: Any) -> str:
        """Ask about one listing; the request's id."""
        status, said = await self.call("POST", "/authenticity-requests", question(**more))
        assert status == 202, said
        found: str = said["id"]
        return found


def check(method: str, path: str, status: int, said: Any) -> None:
    """An answer has the shape that the description gives to its call and status."""
    operations = [
        operations[method.lower()]
        for pattern, operations in DESCRIPTION["paths"].items()
        if _matches(pattern, path) and method.lower() in operations
    ]
    schema = {"$ref": "#/components/schemas/Refusal"}
    if operations and str(status) in operations[0]["responses"]:
        schema = operations[0]["responses"][str(status)]["content"]["application/json"]["schema"]
    else:
        assert status >= 400, f"{method} {path} answered {status}, which is not described"
    Draft202012Validator(schema | {"components": DESCRIPTION["components"]}).validate(said)


def _matches(pattern: str, path: str) -> bool:
    parts, given = pattern.split("/"), path.split("/")
    return len(parts) == len(given) and all(
        part in ("{id}", each) for part, each in zip(parts, given, strict=True)
    )


@pytest_asyncio.fixture
async def api(sqlite_store: Store) -> AsyncIterator[Api]:
    world = build(sqlite_store)
    desk = Desk(
        store=sqlite_store,
        gateway=Gateway("xoxb-unused", "http://127.0.0.1:1/api/"),
        clock=lambda: NOW,
        metrics=Metrics(),
        own_marketplaces=OWN,
    )
    async with served(desk) as url, ClientSession() as http:
        yield Api(
            world,
            desk,
            http,
            url,
            new_key(world, world.client.client_id),
            new_key(world, world.other_client.client_id),
        )


@asynccontextmanager
async def served(desk: Desk) -> AsyncIterator[str]:
    """The real routes on a port; where they are."""
    application = build_web(slack=None, platform=platform_routes(desk), checks=[], metrics=desk.metrics)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def new_key(world: World, client_id: str) -> str:
    return world.store.run_sync(platform.create_key, OPERATOR, client_id, now=NOW).api_key
