"""Slack's door: what comes over HTTP or Socket Mode is believed, decoded once, and handed to Bolt.

Bolt decodes forms in Python, character by character, and answers malformed requests with a traceback. So the
signature is checked here, on the raw bytes, and Bolt gets the decoded body the way its Socket Mode adapter
gives it: as already believed. Both doors put the inbox key into the context, under `INBOX_KEY`.
"""

import binascii
import hashlib
import hmac
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import orjson
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.lazy import load

if TYPE_CHECKING:
    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest

INBOX_KEY = "inbox_key"
OLDEST_SECONDS = 300
NEWEST_SECONDS = 60

Dispatch = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]
Body = dict[str, Any]

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
_TEXT = (str, type(None))
_OBJECT = (dict, type(None))
_NAMED = (str, dict, type(None))
_SHAPE: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("type", "id", "command", "user_id", "team_id", "enterprise_id", "channel_id"), _TEXT),
    **dict.fromkeys(("callback_id", "action_id", "block_id", "trigger_id", "event_id", "thread_ts"), _TEXT),
    **dict.fromkeys(("response_url", "private_metadata", "hash", "external_id", "subtype", "bot_id"), _TEXT),
    **dict.fromkeys(("view", "event", "container", "message", "state", "item", "function_data"), _OBJECT),
    **dict.fromkeys(("assistant_thread", "previous_message"), _OBJECT),
    **dict.fromkeys(("user", "team", "channel", "enterprise"), _NAMED),
    **dict.fromkeys(("actions", "authorizations", "response_urls"), (list, type(None))),
}
_LOOKED_INTO = {"event", "view", "user", "team", "channel", "enterprise", "message"}


_NEEDED = {
    "block_actions": (("actions",), ("user", "id")),
    "view_submission": (("view", "callback_id"), ("view", "id"), ("view", "type"), ("user", "id")),
    "view_closed": (("view", "callback_id"), ("view", "id"), ("view", "type"), ("user", "id")),
    "shortcut": (("callback_id",), ("user", "id")),
    "message_action": (("callback_id",), ("user", "id"), ("message",), ("channel",)),
    "block_suggestion": (("action_id",), ("user", "id")),
    "event_callback": (("event", "type"), ("event_id",)),
}


class Malformed(ValueError):
    """A request that no Slack sends."""


def signed(secret: bytes, timestamp: str, signature: str, raw: bytes, now: float) -> bool:
    """Whether Slack's signature v0 holds over the raw bytes, inside the window; `now` is in Unix seconds."""
    if not (_TIMESTAMP.fullmatch(timestamp) and _SIGNATURE.fullmatch(signature)):
        return False
    if not -NEWEST_SECONDS <= now - int(timestamp) <= OLDEST_SECONDS:
        return False
    expected = hmac.digest(secret, b"v0:" + timestamp.encode() + b":" + raw, "sha256").hex()
    return hmac.compare_digest(f"v0={expected}".encode(), signature.encode())


def _unquote(value: bytes) -> bytes:
    """Undo form encoding in C: percent signs become quoted-printable; twenty times faster than urllib."""
    if b"=" in value or b"\n" in value or b"\r" in value:
        return unquote_plus(value.decode("latin-1"), encoding="latin-1").encode("latin-1")
    return binascii.a2b_qp(value.replace(b"+", b" ").replace(b"%", b"="))


def decode(raw: bytes, content_type: str) -> Body:
    """The body of a request as Bolt wants it: JSON, a form, or the JSON in a form's `payload`.

    Raises `Malformed`.
    """
    try:
        if content_type == "application/json":
            return complete(orjson.loads(raw))
        parts = (field.partition(b"=") for field in raw.split(b"&") if field)
        form = {_unquote(name): _unquote(value) for name, _, value in parts}
        if b"payload" in form:
            return complete(orjson.loads(form[b"payload"]))
        return complete({name.decode(): value.decode() for name, value in form.items()})
    except ValueError as error:
        raise Malformed("the body is neither JSON nor a form in UTF-8") from error


def complete(body: object) -> Body:
    """The body itself, when it has all that Slack sends with its type, each part of the right type.

    Raises `Malformed`.
    """
    whole = well_shaped(body)
    for path in _NEEDED.get(whole.get("type") or "", ()):
        part: Any = whole
        for step in path:
            part = part.get(step) if isinstance(part, dict) else None
            if not part:
                raise Malformed(f"{'.'.join(path)} is missing")
    if any("action_id" not in action or "block_id" not in action for action in whole.get("actions") or ()):
        raise Malformed("an action has no id")
    return whole


def well_shaped(body: object) -> Body:
    """The body itself, when every part that Bolt or we look at has the type that Slack gives it.

    Raises `Malformed`.
    """
    if not isinstance(body, dict):
        raise Malformed("the body is not an object")
    for key in body.keys() & _SHAPE.keys():
        value = body[key]
        if not isinstance(value, _SHAPE[key]):
            raise Malformed(f"{key} has the wrong type")
        if isinstance(value, dict) and key in _LOOKED_INTO:
            well_shaped(value)
        elif isinstance(value, list):
            for each in value:
                well_shaped(each)
    return body


def believed(body: Body, inbox_key: str, headers: Mapping[str, str] | None = None) -> AsyncBoltRequest:
    """A request whose sender is proven, as Bolt takes it.

    An event is known by its own id, for Slack repeats it under new signatures and envelopes.
    """
    key = body.get("event_id") or inbox_key
    return AsyncBoltRequest(
        mode="socket_mode", body=body, headers=dict(headers or {}), context={INBOX_KEY: str(key)}
    )


class HttpDoor:
    """The handler of `POST /slack/events`, for commands, interactions, options and events alike."""

    def __init__(self, dispatch: Dispatch, signing_secret: str, now: Callable[[], float] = time.time) -> None:
        self._dispatch = dispatch
        self._secret = signing_secret.encode()
        self._now = now

    async def handle(self, request: web.Request) -> web.Response:
        """401 for whatever is not signed by Slack, 400 for what no Slack sends, else Bolt's answer."""
        raw = await request.read()
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not signed(self._secret, timestamp, signature, raw, self._now()):
            raise web.HTTPUnauthorized
        try:
            body = decode(raw, request.content_type)
        except Malformed as error:
            raise web.HTTPBadRequest from error
        inbox_key = hashlib.sha256(signature.encode()).hexdigest()
        retries = {name: value for name, value in request.headers.items() if name.startswith("X-Slack-Retry")}
        return await to_aiohttp_response(await self._dispatch(believed(body, inbox_key, retries)))


class SocketDoor:
    """A listener for `SocketModeClient.socket_mode_request_listeners`; the socket proves the sender."""

    def __init__(self, dispatch: Dispatch) -> None:
        self._dispatch = dispatch

    async def __call__(self, client: "AsyncBaseSocketModeClient", request: "SocketModeRequest") -> None:
        """Dispatch an envelope and acknowledge it; what no Slack sends is left unacknowledged."""
        started = time.time()
        try:
            body = complete(request.payload)
        except Malformed:
            return
        answer = await self._dispatch(believed(body, request.envelope_id))
        bolt = load("slack_bolt.adapter.socket_mode.async_internals")  # with half of the SDK
        await bolt.send_async_response(client, request, answer, started)
