"""The same bot in Socket Mode: no door for Slack, one socket, and the same answers."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.app import Bot
from tests.bot_under_test import Product, settings_for, start_product
from tests.handlers.test_authenticity import INGRID, MIKKEL, NORDLYS, Floor
from tests.workspace import Workspace

CHANNEL = "C0BRAND01"


@pytest_asyncio.fixture
async def socketed(workspace: Workspace, sqlite_url: str) -> AsyncIterator[Product]:
    running = await start_product(workspace, sqlite_url, socket_mode=True)
    yield running
    await running.bot.stop()


async def readiness(product: Product) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.get(f"{product.url}/readyz") as answer:
        return answer.status, await answer.json()


async def test_a_request_is_answered_over_the_socket_and_there_is_no_door(socketed: Product) -> None:
    assert socketed.ws.sandbox.socket.connected
    floor = Floor(socketed)
    await floor.ask(NORDLYS)
    card = await floor.card(MIKKEL, CHANNEL, "Genuine or fake?", 20)
    await floor.click(MIKKEL, CHANNEL, card, "request_fake")
    await floor.card(INGRID, CHANNEL, "removed the listing", 20)
    assert [effect["count"] for effect in await floor.effects()] == [1]
    door = f"{socketed.url}/slack/events"
    async with aiohttp.ClientSession() as session, session.post(door, data=b"payload={}") as answer:
        assert answer.status == 404
    assert "socket" in (await readiness(socketed))[1]["checked"]


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled"])
async def test_a_disconnection_by_slack_loses_no_click_and_doubles_none(
    socketed: Product, reason: str
) -> None:
    floor, socket = Floor(socketed), socketed.ws.sandbox.socket
    await floor.ask(NORDLYS)
    card = await floor.card(MIKKEL, CHANNEL, "Genuine or fake?", 20)
    await socketed.ws.post("/sandbox/sockets/disconnect", {"reason": reason})

    async def pressed() -> bool:
        # Slack tells the clicker while the app has no socket; whoever reads that presses again.
        done = await socketed.ws.click(MIKKEL, CHANNEL, card["ts"], "request_fake")
        return done == {"ok": True}

    await socketed.ws.wait_for(pressed, 30)
    assert socket.connected
    await floor.card(INGRID, CHANNEL, "removed the listing", 20)
    assert [effect["count"] for effect in await floor.effects()] == [1]


async def test_readiness_says_that_slack_no_longer_answers_and_then_that_it_does(
    socketed: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await readiness(socketed))[0] in {200, 503}
    monkeypatch.setattr("bot.app.OLDEST_PING_SECONDS", 6)
    await socketed.ws.fault("apps.connections.open", "500", times=None)
    await socketed.ws.post("/sandbox/sockets/disconnect", {"reason": "link_disabled"})

    async def wrong() -> Any:
        return (await readiness(socketed))[1].get("wrong", {}).get("socket")

    assert await socketed.ws.wait_for(wrong, 30)
    await socketed.ws.clear_faults()

    async def well() -> bool:
        return not await wrong()

    assert await socketed.ws.wait_for(well, 40)


async def test_without_slack_it_starts_works_for_the_platform_and_can_be_stopped(
    workspace: Workspace, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.CONNECT_SECONDS", 0.1)
    running = await start_product(workspace, sqlite_url)
    await running.bot.stop()
    await workspace.fault("*", "500", times=None)
    running.bot = Bot(settings_for(workspace, sqlite_url, socket_mode=True))
    await asyncio.wait_for(running.bot.start(), 20)
    workspace.connect(running.url)
    (result,) = await workspace.ask([NORDLYS])
    assert result["state"] == "open"
    status, said = await readiness(running)
    assert (status, said["wrong"]["socket"]) == (503, "Slack has not answered a ping yet")
    await asyncio.wait_for(running.bot.stop(), 20)
