"""Webhooks against a real receiver: signed, sent once, looked up after every unclear answer, never inward."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from sqlmodel import Session
from standardwebhooks import Webhook

from bot.clock import utc_now
from bot.enforcement.platform import webhook_secret
from bot.enforcement.retractions import retract_verdict
from bot.outbox import Dead, OutboxWorker, Outcome, Retry, Sent, Unknown
from bot.webhooks import WebhookDeliverer, is_public, judged
from storage.engine import Store
from storage.records.outbox import OutboxRow, OutboxState
from storage.records.platform import PlatformClient
from storage.records.takedowns import Takedown, TakedownState
from tests.enforcement.request_world import NOW, World, build, who

MASTER = b"a master secret of the tests"


@dataclass
class Receiver:
    """A marketplace's webhook. `answers` are what it does in turn, then it answers 200."""

    answers: list[str] = field(default_factory=list)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    looked: list[dict[str, str]] = field(default_factory=list)
    acted: list[str] = field(default_factory=list)
    url: str = ""

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """One delivery."""
        what = self.answers.pop(0) if self.answers else "200"
        body = await request.read()
        self.heard.append((dict(request.headers), body))
        webhook_id = request.headers["webhook-id"]
        if what.startswith("lost") or what == "200" or what == "500 after":
            self.acted.append(webhook_id)
        match what:
            case "lost" | "lost before":
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case "500 after":
                return web.Response(status=500)
            case "429":
                return web.Response(status=429, headers={"Retry-After": "0"})
            case "302":
                return web.Response(status=302, headers={"Location": f"{self.url}/elsewhere"})
        return web.Response(status=int(what))

    async def look_up(self, request: web.Request) -> web.Response:
        """Whether an id was received."""
        self.looked.append(dict(request.headers))
        if request.match_info["id"] in self.acted:
            return web.json_response({"received": True})
        return web.Response(status=404)


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    application = web.Application()
    application.router.add_post("/hooks", receiver.receive)
    application.router.add_get("/hooks/{id}", receiver.look_up)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks"
    yield receiver
    await runner.cleanup()


@dataclass
class Line:
    """The world, connected to a receiver."""

    world: World
    receiver: Receiver
    deliverer: WebhookDeliverer

    async def settled(self, key: str, state: OutboxState, seconds: float = 15.0) -> None:
        """Run the outbox until the row with that key is in that state."""
        worker = OutboxWorker(self.world.store, {"webhook": self.deliverer}, utc_now, poll_seconds=0.05)
        await worker.start()
        try:
            await seen(lambda: self.world.one(OutboxRow, key=f"webhook:{key}").state is state, seconds)
        finally:
            await worker.stop()

    def takedown(self) -> Takedown:
        found: Takedown = self.world.one(Takedown)
        return found


async def seen(look: Callable[[], bool], seconds: float) -> None:
    """Look again and again until it is so."""
    for _ in range(int(seconds / 0.02)):
        if look():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not seen within {seconds} s")


@pytest_asyncio.fixture
async def line(sqlite_store: Store, receiver: Receiver) -> AsyncIterator[Line]:
    world = build(sqlite_store)
    call_at(world, receiver.url)
    deliverer = WebhookDeliverer(world.store, MASTER, allow_private=True)
    world.answer("ines", world.ask())
    yield Line(world, receiver, deliverer)
    await deliverer.close()


def call_at(world: World, url: str) -> None:
    def change(session: Session) -> None:
        session.get_one(PlatformClient, world.client.client_id).webhook_url = url

    world.change(change)


def posts_of(line: Line, key: str) -> list[tuple[dict[str, str], bytes]]:
    return [(headers, body) for headers, body in line.receiver.heard if headers["webhook-id"] == key]


async def test_a_webhook_is_signed_as_standard_webhooks_prescribes(line: Line) -> None:
    key = line.takedown().key
    await line.settled(key, OutboxState.SENT)
    ((headers, body),) = posts_of(line, key)
    verifier = Webhook(webhook_secret(MASTER, line.world.client.client_id, 1))
    told: Any = verifier.verify(body, headers)
    assert told["type"] == "takedown.requested"
    assert told["data"]["key"] == key == headers["webhook-id"]
    assert line.takedown().state is TakedownState.SENT


@pytest.mark.parametrize("answer", ["lost", "500 after"])
async def test_what_arrived_is_never_sent_again_though_the_answer_was_lost(line: Line, answer: str) -> None:
    line.receiver.answers = [answer, answer]
    key = line.takedown().key
    await line.settled(key, OutboxState.SENT)
    assert len(posts_of(line, key)) == 1
    assert line.receiver.acted.count(key) == 1
    assert line.takedown().state is TakedownState.SENT
    looked = [headers for headers in line.receiver.looked if headers["webhook-id"] == key]
    verifier = Webhook(webhook_secret(MASTER, line.world.client.client_id, 1))
    moment = datetime.fromtimestamp(int(looked[0]["webhook-timestamp"]), UTC)
    assert looked[0]["webhook-signature"] == verifier.sign(key, moment, "")


async def test_what_did_not_arrive_is_sent_again_under_the_same_id_with_the_same_body(line: Line) -> None:
    line.receiver.answers = ["503", "503"]
    key = line.takedown().key
    await line.settled(key, OutboxState.SENT)
    posts = posts_of(line, key)
    assert len(posts) == 2
    assert posts[0][1] == posts[1][1]
    assert line.receiver.acted.count(key) == 1


async def test_a_busy_marketplace_is_asked_again_later(line: Line) -> None:
    line.receiver.answers = ["429", "429"]
    key = line.takedown().key
    await line.settled(key, OutboxState.SENT)
    assert len(posts_of(line, key)) == 2
    assert not any(headers["webhook-id"] == key for headers in line.receiver.looked)


@pytest.mark.parametrize("answer", ["400", "410"])
async def test_a_refusal_of_the_message_ends_it_and_the_card_can_say_so(line: Line, answer: str) -> None:
    line.receiver.answers = [answer, answer]
    key = line.takedown().key
    await line.settled(key, OutboxState.DEAD)
    assert len(posts_of(line, key)) == 1
    takedown = line.takedown()
    assert (takedown.state, takedown.state_reason) == (TakedownState.REQUESTED, "turned_away")


@pytest.mark.parametrize("answer", ["302", "401", "404"])
async def test_a_door_that_is_shut_or_misplaced_delays_and_loses_nothing(line: Line, answer: str) -> None:
    line.receiver.answers = [answer, answer]
    key = line.takedown().key
    await line.settled(key, OutboxState.SENT)
    assert len(line.receiver.heard) >= 3, "two were refused before one was taken"
    assert line.receiver.answers == []
    assert key in line.receiver.acted
    assert line.takedown().state is TakedownState.SENT


async def test_a_marketplace_that_is_down_delays_and_the_card_can_say_so(line: Line) -> None:
    call_at(line.world, "http://127.0.0.1:1/hooks")
    worker = OutboxWorker(line.world.store, {"webhook": line.deliverer}, utc_now, poll_seconds=0.05)
    await worker.start()
    await seen(lambda: line.takedown().state_reason == "unreachable", 10)
    await worker.stop()
    assert line.takedown().state is TakedownState.REQUESTED
    call_at(line.world, line.receiver.url)
    await line.settled(line.takedown().key, OutboxState.SENT)
    takedown = line.takedown()
    assert (takedown.state, takedown.state_reason) == (TakedownState.SENT, "")


async def test_a_takedown_taken_back_while_its_fate_was_unknown_is_not_sent_again(line: Line) -> None:
    key = line.takedown().key
    row = line.world.one(OutboxRow, key=f"webhook:{key}")

    def lose(session: Session) -> None:
        session.get_one(OutboxRow, row.id).state = OutboxState.UNKNOWN

    line.world.change(lose)
    request_id = line.world.outgoing("draw")[0]["subject_id"]
    line.world.store.run_sync(retract_verdict, who("ines"), request_id, 1, "mistaken", now=NOW)
    await line.settled(key, OutboxState.SENT)
    assert posts_of(line, key) == []
    assert line.takedown().state is TakedownState.CANCELLED
    (reinstatement,) = [
        each for each in line.world.rows(OutboxRow) if each.payload.get("type") == "reinstatement.requested"
    ]
    assert reinstatement.state is OutboxState.DROPPED, "what never arrived cannot be reversed"


async def test_a_new_secret_signs_from_its_rotation_on(line: Line) -> None:
    def rotate(session: Session) -> None:
        session.get_one(PlatformClient, line.world.client.client_id).secret_version = 2

    line.world.change(rotate)
    key = line.takedown().key
    await line.settled(key, OutboxState.SENT)
    ((headers, body),) = posts_of(line, key)
    Webhook(webhook_secret(MASTER, line.world.client.client_id, 2)).verify(body, headers)


async def test_outside_the_sandbox_no_address_of_this_machine_is_called(line: Line) -> None:
    guarded = WebhookDeliverer(line.world.store, MASTER)
    row = line.world.one(OutboxRow, key=f"webhook:{line.takedown().key}")
    port = line.receiver.url.rpartition(":")[2].partition("/")[0]
    for host in ("127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"):
        call_at(line.world, f"http://{host}:{port}/hooks")
        outcome = await guarded.deliver(row)
        assert isinstance(outcome, Dead | Retry), (host, outcome)
    await guarded.close()
    assert line.receiver.heard == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104  # an address to refuse, not to bind
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("2002:7f00:1::", False),
        ("ff02::1", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("status", "retry_after", "outcome"),
    [
        (200, "", Sent({"status": 200})),
        (204, "", Sent({"status": 204})),
        (301, "", Retry(None, "HTTP 301")),
        (401, "", Retry(None, "HTTP 401")),
        (404, "", Retry(None, "HTTP 404")),
        (400, "", Dead("HTTP 400")),
        (410, "", Dead("HTTP 410")),
        (429, "", Retry(None, "HTTP 429")),
        (429, "7", Retry(7.0, "HTTP 429")),
        (429, "99999999", Retry(3600.0, "HTTP 429")),
        (429, "Wed, 21 Oct 2026 07:28:00 GMT", Retry(None, "HTTP 429")),
        (503, "3", Retry(3.0, "HTTP 503")),
        (503, "", Unknown("HTTP 503")),
        (500, "", Unknown("HTTP 500")),
        (500, "3", Unknown("HTTP 500")),
    ],
)
def test_what_each_answer_means(status: int, retry_after: str, outcome: Outcome) -> None:
    assert judged(status, retry_after) == outcome
