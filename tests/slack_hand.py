"""Slack's own hand in tests: requests to the bot built and signed by hand, also such as no page sends."""

import hashlib
import io
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.delivery import REQUEST_PATH
from bot.sandbox.records import Message, Person
from bot.sandbox.signing import signed_headers
from tests.workspace import SIGNING_SECRET, Json, Workspace

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class SignedBody:
    """A request exactly as it goes over the line, so that it can go twice."""

    body: bytes
    headers: dict[str, str]

    @property
    def inbox_key(self) -> str:
        """Under which the bot remembers that it has taken this request."""
        return hashlib.sha256(self.headers["X-Slack-Signature"].encode()).hexdigest()


@dataclass(frozen=True)
class Answer:
    """What the bot answered."""

    status: int
    text: str


def signed(
    body: bytes, content_type: str = FORM, *, at: int | None = None, secret: str = SIGNING_SECRET
) -> SignedBody:
    """Any bytes under a signature that holds; `at` in Unix seconds, now when not given."""
    return SignedBody(body, {"Content-Type": content_type, **signed_headers(secret, body, at)})


def interaction(payload: Json) -> SignedBody:
    """A button, a form or a shortcut, signed now."""
    return signed(urlencode({"payload": json.dumps(payload)}).encode())


def event(payload: Json) -> SignedBody:
    """An event of the Events API, signed now."""
    return signed(json.dumps(payload).encode(), "application/json")


def command(fields: dict[str, str]) -> SignedBody:
    """A slash command, signed now."""
    return signed(urlencode(fields).encode())


async def deliver(session: aiohttp.ClientSession, bot_url: str, request: SignedBody) -> Answer:
    """Send it and read the answer.

    :raises aiohttp.ClientError: :raises TimeoutError: the bot is not there, or went away
    """
    async with session.post(
        bot_url + REQUEST_PATH, data=io.BytesIO(request.body), headers=request.headers, allow_redirects=False
    ) as response:
        return Answer(response.status, await response.text())


def button_in(message: Message, action_id: str) -> tuple[str, Json] | None:
    """The block id and the element of a button in a message."""
    for block in message.blocks or []:
        for element in block.get("elements", []):
            if isinstance(element, dict) and element.get("action_id") == action_id:
                return str(block["block_id"]), element
    return None


def click_payload(workspace: Workspace, user_id: str, message: Message, action_id: str) -> Json:
    """What Slack sends when a person presses a button of a message that the bot posted."""
    found = button_in(message, action_id)
    if found is None:
        raise LookupError(f"the message has no button {action_id}")
    block_id, element = found
    value: Any = element.get("value")
    return pressed(workspace, user_id, (message.channel, message.ts), action_id, value, block_id)


def pressed(
    workspace: Workspace,
    user_id: str,
    place: tuple[str, str],
    action_id: str,
    value: Any,
    block_id: str = "block",
) -> Json:
    """A click with any value on a message (channel, ts), whatever that message holds."""
    memory = workspace.sandbox.memory
    person = memory.people.get(user_id, Person(user_id, "nobody"))
    channel, ts = place
    return {
        "type": "block_actions",
        "token": "verification-token",
        "user": {"id": user_id, "username": person.handle, "team_id": person.team_id or memory.team_id},
        "team": {"id": memory.team_id, "domain": "sandbox"},
        "enterprise": None,
        "is_enterprise_install": False,
        "api_app_id": memory.app_id,
        "trigger_id": workspace.sandbox.tickets.new_trigger(user_id),
        "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False},
        "channel": {"id": channel, "name": "privategroup"},
        "actions": [
            {"type": "button", "action_id": action_id, "block_id": block_id, "value": value, "action_ts": ts}
        ],
    }
