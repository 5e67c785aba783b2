"""Payloads bent at random, HTTP nonsense and bent platform calls: one plain line, no trace, no failure."""

import asyncio
import http.client
import json
import secrets
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bot_under_test import Product
from tests.siege import Siege, besiege, everything, quiet, reason_form
from tests.slack_hand import Answer, SignedBody, click_payload, command, event, interaction
from tests.workspace import Json

junk = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=40) | st.just("x" * 5000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def paths(node: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [here, *(path for step, value in steps for path in paths(value, (*here, step)))]


def bent(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The document with another value in one place."""
    if not path:
        return value
    copy = list(document) if isinstance(document, list) else dict(document)
    copy[path[0]] = bent(document[path[0]], path[1:], value)
    return copy


def templates(siege: Siege, user_id: str) -> list[tuple[str, Json]]:
    click = click_payload(siege.ws, user_id, siege.card, "request_fake")
    form = json.loads(http_form(reason_form(siege, user_id).body)["payload"])
    happened = {"type": "app_home_opened", "user": user_id, "channel": "D0ANY0001", "tab": "home"}
    notified = {
        "type": "event_callback",
        "event_id": "Ev1",
        "team_id": siege.ws.sandbox.memory.team_id,
        "event": happened,
        "authorizations": [{"team_id": "T1", "user_id": "U1", "is_bot": True}],
    }
    typed = {
        "command": "/notice",
        "text": "https://market.example/item/1",
        "user_id": user_id,
        "team_id": siege.ws.sandbox.memory.team_id,
        "channel_id": siege.card.channel,
        "trigger_id": "1.2.abc",
    }
    return [("payload", click), ("payload", form), ("event", notified), ("command", typed)]


def http_form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode()))


def as_request(kind: str, document: Any) -> SignedBody:
    if kind == "command" and isinstance(document, dict):
        return command({str(name): str(value) for name, value in document.items()})
    if kind == "event":
        if isinstance(document, dict) and document.get("event_id") == "Ev1":
            document = document | {"event_id": secrets.token_hex(8)}
        return event(document)
    return interaction(document)


@pytest.mark.parametrize("user_id", ["U0GUEST01", "U0MIKKEL1"])
async def test_no_bent_payload_fails_and_a_stranger_changes_nothing_with_it(
    product: Product, user_id: str
) -> None:
    async with aiohttp.ClientSession() as session:
        siege = await besiege(product, session)
        originals = templates(siege, user_id)
        before = everything(product.store)

        @settings(max_examples=120, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(st.data())
        def never_fails(data: st.DataObject) -> None:
            kind, document = data.draw(st.sampled_from(originals))
            for _ in range(data.draw(st.integers(1, 3))):
                document = bent(document, data.draw(st.sampled_from(paths(document))), data.draw(junk))
                if not isinstance(document, dict):
                    break
            answer = send_from_thread(product, as_request(kind, document))
            assert answer.status < 500, (answer, document)
            assert "Traceback" not in answer.text

        with quiet("outbox_row_dead"):  # nobody can be told anything under a user id that Slack does not know
            await asyncio.to_thread(never_fails)
        if user_id == "U0GUEST01":
            assert everything(product.store) == before


def send_from_thread(product: Product, request: SignedBody) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", product.bot.port, timeout=20)
    connection.request("POST", "/slack/events", request.body, request.headers)
    response = connection.getresponse()
    answer = Answer(response.status, response.read().decode())
    connection.close()
    return answer


# The line itself

HEAD = b"POST /slack/events HTTP/1.1\r\nHost: bot.example\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n"
RAW: dict[str, bytes] = {
    "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "length and chunks": HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\n",
    "two hosts": HEAD + b"Host: other.example\r\nContent-Length: 0\r\n\r\n",
    "a broken chunk": CHUNKED + b"\r\nzz\r\na\r\n0\r\n\r\n",
    "a trailer with a signature": CHUNKED + b"\r\n1\r\na\r\n0\r\nX-Slack-Signature: v0=00\r\n\r\n",
    "a hundred megabytes promised": HEAD + b"Content-Length: 104857600\r\n\r\n",
    "an endless header": HEAD + b"A: " + b"a" * 70_000 + b"\r\n\r\n",
    "ten thousand headers": HEAD + b"".join(b"A%d: b\r\n" % number for number in range(10_000)) + b"\r\n",
    "a smuggled second request": HEAD
    + b"Content-Length: 0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \x0bchunked\r\n\r\n",
}


async def test_no_http_nonsense_gets_a_trace_or_stops_the_bot(product: Product) -> None:
    for name, raw in RAW.items():
        said = await spoken(product, raw)
        status = said.partition(b"\r\n")[0]
        assert not status or status.split()[1].startswith(b"4"), (name, status)
        assert b"Traceback" not in said
    slow = [await asyncio.open_connection("127.0.0.1", product.bot.port) for _ in range(100)]
    for _, writer in slow:
        writer.write(HEAD + b"Content-Length: 10\r\n\r\na")
    async with aiohttp.ClientSession() as session, session.get(f"{product.url}/healthz") as answer:
        assert answer.status == 200
    for _, writer in slow:
        writer.close()


async def spoken(product: Product, raw: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", product.bot.port)
    said = b""
    try:
        writer.write(raw)
        async with asyncio.timeout(10):
            await writer.drain()
            said = await reader.read(4096)
    except (ConnectionError, TimeoutError):
        said = b""
    finally:
        writer.close()
    return said


# The platform API, with a live key


async def test_bent_platform_calls_get_one_documented_refusal(product: Product) -> None:
    listing = next(iter(product.ws.server.market.memory.listings.values()))
    sound = {
        "external_id": "hostile-1",
        "brand": listing.brand,
        "listing": product.ws.server.market.listing_json(listing),
        "reasons": ["Price"],
    }
    before = everything(product.store)
    headers = {
        "Authorization": f"Bearer {product.client['api_key']}",
        "Content-Type": "application/json",
    }

    def call(path: str, body: bytes) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", product.bot.port, timeout=20)
        connection.request("POST", f"/api/v1{path}", body, headers)
        response = connection.getresponse()
        said = response.status, json.loads(response.read())
        connection.close()
        return said

    @settings(max_examples=120, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def refused(data: st.DataObject) -> None:
        path = data.draw(
            st.sampled_from([path for path in paths(sound) if path and path[0] != "external_id"])
        )
        body = bent(sound, path, data.draw(junk)) | {"external_id": secrets.token_hex(8)}
        status, said = call("/authenticity-requests", json.dumps(body).encode())
        assert status in {202, 422}, said
        if status == 422:
            assert set(said) == {"error"}
            assert said["error"]["code"] == "invalid"

    cases = {
        "deep JSON": (b'{"a":' * 8_000 + b"1" + b"}" * 8_000, {400, 422}),
        "a lone surrogate": (json.dumps(sound | {"external_id": "\ud800"}).encode(), {400, 422}),
        "NUL": (json.dumps(sound | {"external_id": "a\x00b"}).encode(), {422}),
        "a field too many": (json.dumps(sound | {"state": "answered"}).encode(), {422}),
        "no UTF-8": (b'{"external_id": "\xff"}', {400}),
        "a number that is none": (b'{"external_id": NaN}', {400, 422}),
    }
    with quiet():
        for name, (body, statuses) in cases.items():
            status, said = await asyncio.to_thread(call, "/authenticity-requests", body)
            assert (name, status in statuses) == (name, True), said
        assert everything(product.store) == before
        many = json.dumps({"requests": [{"external_id": str(n)} for n in range(501)]}).encode()
        assert (await asyncio.to_thread(call, "/authenticity-requests/batch", many))[0] == 422
        await asyncio.to_thread(refused)
