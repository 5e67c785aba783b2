"""Slack's door: forged, replayed late, misshapen and odd requests, decoded as urllib would."""

import hashlib
import hmac
import io
import json
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlencode

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.metrics import Metrics
from bot.slack_door import INBOX_KEY, HttpDoor, Malformed, complete, decode
from bot.web import build_web

SECRET = "the signing secret of a test"
NOW = 1_763_751_600.0
CLICK = {
    "type": "block_actions",
    "user": {"id": "U1", "team_id": "T1"},
    "team": {"id": "T1"},
    "actions": [{"action_id": "verdict", "block_id": "b", "type": "button", "value": "r1"}],
}


def sign(raw: bytes, timestamp: str, secret: str = SECRET) -> str:
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + raw, hashlib.sha256)
    return f"v0={digest.hexdigest()}"


def headers(
    raw: bytes, at: float = NOW, content_type: str = "application/x-www-form-urlencoded"
) -> dict[str, str]:
    stamp = str(int(at))
    return {
        "Content-Type": content_type,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": sign(raw, stamp),
    }


Door = tuple[TestClient[web.Request, web.Application], list[AsyncBoltRequest]]


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    seen: list[AsyncBoltRequest] = []

    async def dispatch(request: AsyncBoltRequest) -> BoltResponse:
        seen.append(request)
        return BoltResponse(status=200, body="")

    slack = HttpDoor(dispatch, SECRET, now=lambda: NOW)
    async with TestClient(
        TestServer(build_web(slack=slack, platform=(), checks=(), metrics=Metrics()))
    ) as client:
        yield client, seen


async def test_a_signed_click_reaches_bolt_decoded_with_its_inbox_key(door: Door) -> None:
    client, seen = door
    raw = urlencode({"payload": json.dumps(CLICK)}).encode()
    answer = await client.post("/slack/events", data=raw, headers=headers(raw))
    assert answer.status == 200
    assert seen[0].body == CLICK
    assert (
        seen[0].context[INBOX_KEY] == hashlib.sha256(headers(raw)["X-Slack-Signature"].encode()).hexdigest()
    )
    assert seen[0].context.user_id == "U1"


async def test_an_event_is_known_by_its_own_id(door: Door) -> None:
    client, seen = door
    body = {"type": "event_callback", "event_id": "Ev1", "event": {"type": "app_home_opened", "user": "U1"}}
    raw = json.dumps(body).encode()
    await client.post("/slack/events", data=raw, headers=headers(raw, content_type="application/json"))
    assert seen[0].context[INBOX_KEY] == "Ev1"


RAW = urlencode({"payload": json.dumps(CLICK)}).encode()
FORGED = {
    "no signature": {"X-Slack-Signature": ""},
    "no timestamp": {"X-Slack-Request-Timestamp": ""},
    "timestamp that is no number": {"X-Slack-Request-Timestamp": "abc"},
    "timestamp in other digits": {"X-Slack-Request-Timestamp": "١٧٦٣٧٥١٦٠٠"},
    "signature of another version": {"X-Slack-Signature": sign(RAW, str(int(NOW))).replace("v0", "v1")},
    "signature that is not ASCII": {"X-Slack-Signature": "v0=ü" + "0" * 63},
    "another secret": {"X-Slack-Signature": sign(RAW, str(int(NOW)), "another secret")},
    "301 seconds old": headers(RAW, at=NOW - 301),
    "61 seconds ahead": headers(RAW, at=NOW + 61),
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED.keys())
async def test_what_slack_did_not_sign_gets_one_line_and_no_dispatch(
    door: Door, change: dict[str, str]
) -> None:
    client, seen = door
    answer = await client.post("/slack/events", data=RAW, headers=headers(RAW) | change)
    assert answer.status == 401
    assert (await answer.text()).count("\n") <= 1
    assert seen == []


async def test_ssl_check_and_verification_token_open_nothing(door: Door) -> None:
    client, seen = door
    for body in (b"ssl_check=1&token=x", b"token=x&command=/notice"):
        answer = await client.post("/slack/events", data=body, headers=headers(RAW))
        assert answer.status == 401
    assert seen == []


@pytest.mark.parametrize("age", [-60, 0, 300])
async def test_the_edges_of_the_window_are_inside(door: Door, age: int) -> None:
    client, _ = door
    assert (await client.post("/slack/events", data=RAW, headers=headers(RAW, at=NOW - age))).status == 200


MISSHAPEN: dict[str, bytes] = {
    "not UTF-8": b"text=%ff%fe",
    "broken JSON": b"payload=%7B%22type",
    "a list": b"payload=%5B%5D",
    "a number for an id": b"payload=" + json.dumps(CLICK | {"user": {"id": 7}}).encode(),
    "no actions": b"payload=" + json.dumps(CLICK | {"actions": []}).encode(),
    "an action without an id": b"payload=" + json.dumps(CLICK | {"actions": [{"type": "button"}]}).encode(),
    "actions that are no list": b"payload=" + json.dumps(CLICK | {"actions": "x"}).encode(),
    "a view that is a text": b'payload={"type":"view_submission","view":"x","user":{"id":"U1"}}',
    "an event without a type": b'payload={"type":"event_callback","event_id":"E","event":{}}',
    "deeper than anyone nests": b"payload=" + b"[" * 5000,
}


@pytest.mark.parametrize("raw", MISSHAPEN.values(), ids=MISSHAPEN.keys())
async def test_what_no_slack_sends_gets_400_though_signed(door: Door, raw: bytes) -> None:
    client, seen = door
    answer = await client.post("/slack/events", data=raw, headers=headers(raw))
    assert answer.status == 400
    assert seen == []


async def test_more_than_a_mebibyte_is_refused(door: Door) -> None:
    client, seen = door
    raw = b"text=" + b"a" * (1 << 20)
    assert (await client.post("/slack/events", data=io.BytesIO(raw), headers=headers(raw))).status == 413
    assert seen == []


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
        st.text(st.characters(exclude_categories=["Cs"])),
    )
)
def test_a_form_is_decoded_as_urllib_would(fields: dict[str, str]) -> None:
    raw = urlencode({f"_{name}": value for name, value in fields.items()}).encode()
    assert decode(raw, "application/x-www-form-urlencoded") == dict(
        parse_qsl(raw.decode(), keep_blank_values=True)
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=3) | st.integers(),
        lambda each: (
            st.lists(each)
            | st.dictionaries(st.sampled_from(["type", "user", "event", "actions", "view", "id"]), each)
        ),
    )
)
def test_whatever_is_accepted_can_be_given_to_bolt(body: object) -> None:
    try:
        whole = complete(body)
    except Malformed:
        return
    AsyncBoltRequest(mode="socket_mode", body=whole)
