"""Socket Mode: envelopes over a WebSocket that the app opened (docs.slack.dev/apis/events-api)."""

import asyncio
import json
import secrets
from itertools import count
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from bot.sandbox.delivery import Answer, Kind
from bot.sandbox.records import Json
from bot.sandbox.refusal import Refusal

PING_SECONDS = 5.0
CONNECTIONS_AT_MOST = 10


class SocketMode:
    """The app's open sockets; each envelope goes to one of them in turn."""

    def __init__(self, app_id: str) -> None:
        self.app_id = app_id
        self.ping_seconds = PING_SECONDS
        self._tickets: set[str] = set()
        self._sockets: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._turn = count()

    @property
    def connected(self) -> bool:
        """True while the app has a socket open."""
        return any(not socket.closed for socket in self._sockets)

    def new_address(self, base_url: str) -> str:
        """A WebSocket address that can be used once.

        :raises Refusal: too_many_websockets
        """
        if len(self._sockets) >= CONNECTIONS_AT_MOST:
            raise Refusal("too_many_websockets")
        ticket = secrets.token_urlsafe(18)
        self._tickets.add(ticket)
        scheme, rest = base_url.split("://", 1)
        secure = "wss" if scheme == "https" else "ws"
        return f"{secure}://{rest}/link/?ticket={ticket}&app_id={self.app_id}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """GET /link/: one socket, from hello until either side closes it."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=403, text="unknown ticket")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.append(socket)
        pinging = asyncio.create_task(self._ping(socket))
        try:
            await socket.send_json(self._hello())
            async for received in socket:
                if received.type is WSMsgType.TEXT:
                    self._acknowledged(received.data)
        finally:
            pinging.cancel()
            self._sockets.remove(socket)
        return socket

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._sockets),
            "debug_info": {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self.app_id},
        }

    async def _ping(self, socket: web.WebSocketResponse) -> None:
        while not socket.closed:
            await asyncio.sleep(self.ping_seconds)
            await socket.ping(b"Ping from the sandbox")

    def _acknowledged(self, text: str) -> None:
        document = json.loads(text)
        waiting = self._waiting.pop(str(document.get("envelope_id")), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(document.get("payload"))

    async def deliver(self, kind: Kind, payload: Json, attempt: int, reason: str, timeout: float) -> Answer:  # noqa: ASYNC109 - the wait is Slack's own rule, not the caller's patience
        """Send one envelope and wait at most `timeout` seconds for its acknowledgement."""
        sockets = [socket for socket in self._sockets if not socket.closed]
        socket = sockets[next(self._turn) % len(sockets)]
        envelope_id = secrets.token_hex(16)
        envelope: Json = {
            "type": kind,
            "envelope_id": envelope_id,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        self._waiting[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            await socket.send_json(envelope)
            return Answer(None, await asyncio.wait_for(self._waiting[envelope_id], timeout))
        except TimeoutError:
            return Answer("http_timeout")
        except ConnectionError:
            return Answer("connection_failed")
        finally:
            self._waiting.pop(envelope_id, None)

    async def disconnect(self, reason: str) -> None:
        """Ask the app to come back on a new socket: warning, refresh_requested or link_disabled."""
        notice = {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
        for socket in list(self._sockets):
            await socket.send_json(notice)
            if reason != "warning":
                await socket.close(code=WSCloseCode.GOING_AWAY)

    async def close(self) -> None:
        """Close every socket."""
        for socket in list(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)
