"""The sandbox's marketplace asks over the platform API and obeys webhooks, each takedown once."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from standardwebhooks import Webhook

from bot.sandbox.marketplace.catalogue import Listing
from tests.workspace import Workspace

Json = dict[str, Any]
SECRET = "whsec_" + "c2FuZGJveCBzZWNyZXQgc2FuZGJveCBzZWNyZXQ="
LISTINGS = [
    Listing("811", "/item/811", "Runner, size 42", "Nordlys", {"amount": "39.90", "currency": "EUR"}),
    Listing("812", "/item/812", "Steel watch", "Halden", seller={"id": "s-1", "name": "time.corner"}),
]
TAKEDOWN: Json = {
    "takedown_id": "01J0TAKEDOWN",
    "key": "k-1",
    "listing": {
        "marketplace": "openbazaar",
        "item_id": "811",
        "url": "http://127.0.0.1/item/811",
        "title": "Runner",
    },
    "causes": [{"kind": "verdict", "id": "01J0VERDICT", "external_id": "mp-1"}],
    "reason_code": "counterfeit_no_test_buy",
    "brand": "Nordlys",
}


class Desk:
    """The other side of the platform API: keeps what it is told, and can be out of order."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, Json]] = []
        self.broken = 0

    async def hear(self, request: web.Request) -> web.Response:
        if self.broken:
            self.broken -= 1
            return web.Response(status=503)
        body = await request.json()
        self.heard.append((request.headers["Authorization"], request.path, body))
        if request.path.endswith("/batch"):
            results = [
                {"external_id": one["external_id"], "status": "accepted", "id": f"r-{number}"}
                for number, one in enumerate(body["requests"])
            ]
            return web.json_response({"results": results})
        if body.get("state") == "rejected" and not body.get("reason"):
            error = {"code": "invalid", "message": "a reason is needed", "field": "reason"}
            return web.json_response({"error": error}, status=422)
        answer = {"id": "r-1", "external_id": body.get("external_id"), "state": "open"}
        return web.json_response(answer, status=202)


@pytest_asyncio.fixture
async def market() -> AsyncIterator[tuple[Workspace, Desk]]:
    """A marketplace with two listings, and a desk that listens where the bot should."""
    workspace = await Workspace.start(
        Path(__file__).parent / "manifest.yml", listings=[replace(listing) for listing in LISTINGS]
    )
    desk, app = Desk(), web.Application()
    app.router.add_post("/api/v1/{rest:.*}", desk.hear)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    workspace.connect(f"http://127.0.0.1:{runner.addresses[0][1]}")
    await workspace.market_client("gfk_1_secret", SECRET)
    yield workspace, desk
    await workspace.stop()
    await runner.cleanup()


async def hook(workspace: Workspace, webhook_id: str, kind: str, data: Json, *, secret: str = SECRET) -> int:
    """Send one webhook, signed by the reference library; gives back the status."""
    now = datetime.now(UTC)
    body = json.dumps({"type": kind, "timestamp": now.isoformat(), "data": data})
    headers = {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, now, body),
    }
    async with workspace.session.post("/market/hooks", data=body, headers=headers) as response:
        return response.status


async def look_up(workspace: Workspace, webhook_id: str) -> int:
    """Look whether an id was received; gives back the status."""
    now = datetime.now(UTC)
    headers = {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign(webhook_id, now, ""),
    }
    async with workspace.session.get(f"/market/hooks/{webhook_id}", headers=headers) as response:
        return response.status


async def test_a_question_carries_the_listing_and_the_deadline(market: tuple[Workspace, Desk]) -> None:
    workspace, desk = market
    [result] = await workspace.ask(["811"], deadline_hours=48)
    assert (result["listing_id"], result["status"]) == ("811", "open")
    [(key, path, body)] = desk.heard
    assert (key, path) == ("Bearer gfk_1_secret", "/api/v1/authenticity-requests")
    assert (body["brand"], body["listing"]["item_id"], body["listing"]["price"]["amount"]) == (
        "Nordlys",
        "811",
        "39.90",
    )
    assert "seller" not in body["listing"]
    assert datetime.fromisoformat(body["deadline"]).tzinfo is not None
    [request] = await workspace.market("requests")
    assert request["external_id"] == body["external_id"]


async def test_many_questions_go_as_one_batch_in_order(market: tuple[Workspace, Desk]) -> None:
    workspace, desk = market
    results = await workspace.ask(["812", "811"])
    assert [result["listing_id"] for result in results] == ["812", "811"]
    assert [path for _, path, _ in desk.heard] == ["/api/v1/authenticity-requests/batch"]
    shown = (await workspace.market("listings", q="runner"))["listings"]
    assert [listing["open_request"] for listing in shown] == [results[1]["external_id"]]


async def test_a_takedown_is_obeyed_at_once_and_reported_until_it_is_heard(
    market: tuple[Workspace, Desk],
) -> None:
    workspace, desk = market
    desk.broken = 2
    assert await hook(workspace, "w-1", "takedown.requested", TAKEDOWN) == 200
    [listing] = (await workspace.market("listings", state="removed"))["listings"]
    assert (listing["id"], listing["takedown"]) == ("811", "k-1")

    async def reported() -> bool:
        [takedown] = await workspace.market("takedowns")
        return bool(takedown["reported"] == "removed")

    await workspace.wait_for(reported)
    [(_, path, body)] = desk.heard
    assert (path, body) == (
        "/api/v1/takedowns/01J0TAKEDOWN/status",
        {"event_id": "k-1-removed", "state": "removed"},
    )
    async with workspace.session.get("/item/811") as response:
        assert response.status == 410


async def test_the_same_webhook_id_never_acts_twice_but_another_one_does(
    market: tuple[Workspace, Desk],
) -> None:
    workspace, _ = market
    for webhook_id in ("w-1", "w-1", "w-2"):
        assert await hook(workspace, webhook_id, "takedown.requested", TAKEDOWN) == 200
    [effect] = await workspace.market("effects")
    assert (effect["count"], effect["webhook_ids"]) == (2, ["w-1", "w-2"])
    assert [entry["duplicate"] for entry in await workspace.market("received")] == [False, True, False]


async def test_a_forged_webhook_has_no_effect(market: tuple[Workspace, Desk]) -> None:
    workspace, _ = market
    forged = "whsec_" + "Zm9yZ2VkIGZvcmdlZCBmb3JnZWQgZm9yZ2VkIGZvcmc="
    assert await hook(workspace, "w-1", "takedown.requested", TAKEDOWN, secret=forged) == 401
    assert await workspace.market("effects") == []


@pytest.mark.parametrize(
    ("mode", "status", "effects", "found"),
    [
        ("down", 503, 0, 404),
        ("error_before_effect", 500, 0, 404),
        ("error_after_effect", 500, 1, 200),
        ("normal", 200, 1, 200),
    ],
)
async def test_after_every_unclear_answer_the_look_up_tells_the_truth(
    market: tuple[Workspace, Desk], mode: str, status: int, effects: int, found: int
) -> None:
    workspace, _ = market
    await workspace.market_mode(mode, times=1)
    assert await hook(workspace, "w-1", "takedown.requested", TAKEDOWN) == status
    assert len(await workspace.market("effects")) == effects
    assert await look_up(workspace, "w-1") == found


async def test_a_reinstatement_brings_the_listing_back(market: tuple[Workspace, Desk]) -> None:
    workspace, desk = market
    await hook(workspace, "w-1", "takedown.requested", TAKEDOWN)
    again = {name: TAKEDOWN[name] for name in ("takedown_id", "key", "listing")} | {"reason": "our mistake"}
    await hook(workspace, "w-2", "reinstatement.requested", again)
    [listing] = (await workspace.market("listings", state="restored"))["listings"]
    assert (listing["id"], listing["takedown"]) == ("811", None)

    async def both_heard() -> bool:
        return {body["state"] for _, _, body in desk.heard} == {"removed", "reinstated"}

    await workspace.wait_for(both_heard)


async def test_a_notice_is_worked_by_hand_and_refusals_are_shown(market: tuple[Workspace, Desk]) -> None:
    workspace, desk = market
    data = {
        "notice_id": "01J0NOTICE",
        "reference": "GF-1",
        "brand": "Nordlys",
        "rights_holder": "Nordlys AS",
        "reason_code": "trademark_in_listing",
        "items": [{"id": "i-1", "listing": TAKEDOWN["listing"]}],
        "immediate": False,
    }
    await hook(workspace, "w-1", "notice.submitted", data)
    path = "/sandbox/market/notices/01J0NOTICE/move"
    assert "a reason is needed" in (await workspace.post(path, {"state": "rejected"}))["error"]
    move = {
        "state": "partially_actioned",
        "complaint_number": "C-7",
        "items": [{"id": "i-1", "state": "removed"}],
    }
    assert await workspace.post(path, move) == {"ok": True}
    [notice] = await workspace.market("notices")
    assert (notice["state"], notice["complaint_number"], notice["items"][0]["state"]) == (
        "partially_actioned",
        "C-7",
        "removed",
    )
    assert desk.heard[-1][2].keys() == {"event_id", "state", "complaint_number", "items"}
    [listing] = (await workspace.market("listings", state="removed"))["listings"]
    assert listing["id"] == "811"


async def test_a_verdict_answers_its_question(market: tuple[Workspace, Desk]) -> None:
    workspace, _ = market
    [result] = await workspace.ask(["811"])
    verdict = {"answer": "fake", "retracted": False}
    read = {"external_id": result["external_id"], "state": "answered", "verdict": verdict}
    await hook(workspace, "w-1", "verdict.recorded", read)
    [request] = await workspace.market("requests")
    assert (request["state"], request["answer"]) == ("answered", "fake")
    read["verdict"] = {**verdict, "retracted": True}
    await hook(workspace, "w-2", "verdict.retracted", read)
    [request] = await workspace.market("requests")
    assert request["answer"] is None


async def test_a_bot_that_cannot_be_reached_is_a_sentence_in_the_panel(
    market: tuple[Workspace, Desk],
) -> None:
    workspace, _ = market
    workspace.connect("http://127.0.0.1:1")
    answer = await workspace.post("/sandbox/market/ask", {"listing_ids": ["811"], "reasons": ["cheap"]})
    assert answer["error"].startswith("The bot cannot be reached")
