"""Signed but senseless payloads to every route of the real bot: a sentence or silence, never a failure.

The payloads are drawn from a seeded generator; a failure names the seed and the payload.
"""

import json
import random
import secrets
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from sqlmodel import Session, func, select

from handlers.guard import Kind
from handlers.routes import ROUTES
from storage.records.roster import RoleGrant
from storage.records.takedowns import Takedown
from tests.bot_under_test import Product
from tests.test_foundations_slack_door import sign
from tests.workspace import SIGNING_SECRET

ROUNDS = 4
TEXTS = (
    "", "x", "x:y", ":", "0" * 300, "01JD0000000000000000000000", "01JD0000000000000000000000:2", "-1",
    "null", "'; DROP TABLE verdict; --", "<!channel>", "\u202e\u0000", "😀" * 50, "a" * 4_000, "../etc",
)  # fmt: skip
ODD: tuple[Any, ...] = (*TEXTS, None, 0, -1, 1e308, True, [], {}, [[]], {"id": {}}, ["x"])


def senseless(draw: random.Random, depth: int = 0) -> Any:
    """A value of any shape, mostly of those that break things."""
    if depth < 3 and draw.random() < 0.3:
        keys = (
            "value",
            "selected_option",
            "selected_options",
            "selected_user",
            "selected_users",
            "id",
            "text",
        )
        return {draw.choice(keys): senseless(draw, depth + 1) for _ in range(2)}
    return draw.choice(ODD)


def payload(draw: random.Random, kind: Kind, ident: str, user: dict[str, str]) -> dict[str, Any]:
    """What Slack might send for a route if everything in it that is not identity had gone mad."""
    base = {"user": user, "team": {"id": user["team_id"]}, "trigger_id": draw.choice(["", "1.2.abc"])}
    values = (
        {f"b{n}": {f"a{n}": senseless(draw)} for n in range(3)} if draw.random() < 0.7 else senseless(draw)
    )
    view = {"id": "V1", "type": "modal", "callback_id": ident, "hash": "1.x", "blocks": senseless(draw)}
    view |= {"private_metadata": draw.choice(TEXTS), "state": {"values": values}}
    action = {"action_id": ident, "block_id": "b", "type": "button", "value": draw.choice(ODD)}
    action |= {"selected_option": senseless(draw)} if draw.random() < 0.5 else {}
    place = {"view": view} if draw.random() < 0.5 else {"channel": {"id": "C0BRAND01"}}
    event = {"type": ident, "user": user["id"], "channel": "C0BRAND01", "tab": senseless(draw)}
    delivery = {"type": "event_callback", "event_id": f"Ev{draw.getrandbits(64)}", "team_id": user["team_id"]}
    message = {"message": {"text": senseless(draw), "ts": "1.2"}, "channel": {"id": "C0BRAND01"}}
    shapes: dict[Kind, dict[str, Any]] = {
        Kind.ACTION: base | place | {"type": "block_actions", "actions": [action]},
        Kind.SUBMIT: base | {"type": "view_submission", "view": view},
        Kind.CLOSE: base | {"type": "view_closed", "view": view, "is_cleared": False},
        Kind.SHORTCUT: base | message | {"type": "message_action", "callback_id": ident},
        Kind.OPTIONS: base | {"type": "block_suggestion", "action_id": ident, "block_id": "b", "value": "x"},
        Kind.EVENT: delivery | {"event": event},
    }
    return shapes[kind]


def body_of(draw: random.Random, kind: Kind, ident: str, user: dict[str, str]) -> tuple[bytes, str]:
    """The raw body and its content type."""
    form = "application/x-www-form-urlencoded"
    if kind is Kind.COMMAND:
        fields = {
            "command": ident,
            "text": draw.choice(TEXTS),
            "user_id": user["id"],
            "team_id": user["team_id"],
        }
        return urlencode(fields | {"channel_id": "C0BRAND01", "trigger_id": "1.2.abc"}).encode(), form
    made = payload(draw, kind, ident, user)
    if kind is Kind.EVENT:
        return json.dumps(made).encode(), "application/json"
    return urlencode({"payload": json.dumps(made)}).encode(), form


def counted(product: Product, outcome: str) -> list[tuple[str, str]]:
    """(kind, name) of every interaction that had this outcome."""
    return [
        (sample.labels["kind"], sample.labels["name"])
        for metric in product.bot.metrics.interactions.collect()
        for sample in metric.samples
        if sample.name.endswith("_total") and sample.labels["outcome"] == outcome and sample.value
    ]


def what_counts(session: Session) -> tuple[int, int]:
    """Takedowns and roles: neither may come out of nonsense."""
    takedowns = session.exec(select(func.count()).select_from(Takedown)).one()
    roles = session.exec(select(func.count()).select_from(RoleGrant)).one()
    return takedowns, roles


@pytest.mark.timeout(240)
async def test_no_senseless_payload_makes_a_handler_fail(product: Product) -> None:
    seed = secrets.randbits(32)
    draw = random.Random(seed)
    people = [
        {"id": each.user_id, "team_id": each.team_id or product.ws.sandbox.memory.team_id}
        for each in product.ws.sandbox.memory.people.values()
    ]
    before = await product.store.read(what_counts)
    answers: dict[int, int] = {}
    async with aiohttp.ClientSession() as session:
        for kind, ident in list(ROUTES) * ROUNDS:
            raw, content_type = body_of(draw, kind, str(ident), draw.choice(people))
            stamp = str(int(time.time()))
            signed = {
                "X-Slack-Request-Timestamp": stamp,
                "X-Slack-Signature": sign(raw, stamp, SIGNING_SECRET),
            }
            async with session.post(
                f"{product.url}/slack/events", data=raw, headers=signed | {"Content-Type": content_type}
            ) as answer:
                answers[answer.status] = answers.get(answer.status, 0) + 1
                assert answer.status < 500, (seed, kind, ident, raw)
                assert "Traceback" not in await answer.text()
    assert counted(product, "failed") == [], seed
    assert await product.store.read(what_counts) == before, seed
    assert answers[200] > len(ROUTES), (seed, answers)
