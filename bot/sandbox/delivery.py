"""Brings commands, interactions and events to the app: over its open socket, else by signed HTTP.

Three seconds to acknowledge; commands and interactions are tried once, events four times in all
(docs.slack.dev/apis/events-api).
"""

import asyncio
import json
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.records import Json
from bot.sandbox.signing import signed_headers

Kind = Literal["slash_commands", "interactive", "events_api"]
ACKNOWLEDGE_SECONDS = 3.0
EVENT_RETRY_SECONDS = (0.0, 60.0, 300.0)
REQUEST_PATH = "/slack/events"


@dataclass(frozen=True)
class Answer:
    """What came back: `problem` is Slack's retry reason, None when acknowledged; `body` JSON or text."""

    problem: str | None
    body: Any = None
    no_retry: bool = False


class Socket(Protocol):
    """The way to an app in Socket Mode."""

    @property
    def connected(self) -> bool:
        """True while a socket is open."""

    async def deliver(self, kind: Kind, payload: Json, attempt: int, reason: str, timeout: float) -> Answer:  # noqa: ASYNC109 - the wait is Slack's own rule, not the caller's patience
        """Send one envelope and wait for its acknowledgement."""


class Delivery:
    """One app's request URL and secret; owns every delivery that is under way."""

    def __init__(
        self, socket: Socket, signing_secret: str, bot_url: str = "", retry_scale: float = 1.0
    ) -> None:
        self.socket = socket
        self.signing_secret = signing_secret
        self.bot_url = bot_url
        self.retry_scale = retry_scale
        self.acknowledge_seconds = ACKNOWLEDGE_SECONDS
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(self, kind: Kind, payload: Json, attempt: int = 0, reason: str = "") -> Answer:
        """One try. `attempt` counts retries of an event from 1."""
        if self.socket.connected:
            return await self.socket.deliver(kind, payload, attempt, reason, self.acknowledge_seconds)
        body, content_type = _encoded(kind, payload)
        headers = {"Content-Type": content_type, **signed_headers(self.signing_secret, body)}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        return await self._post(body, headers)

    async def _post(self, body: bytes, headers: dict[str, str]) -> Answer:
        if not self.bot_url:
            return Answer("connection_failed")
        if self._session is None:
            self._session = aiohttp.ClientSession()
        limit = aiohttp.ClientTimeout(total=self.acknowledge_seconds)
        try:
            async with self._session.post(
                self.bot_url + REQUEST_PATH, data=body, headers=headers, timeout=limit, allow_redirects=False
            ) as response:
                text = await response.text()
                no_retry = response.headers.get("X-Slack-No-Retry") == "1"
                problem = None if response.ok and response.status < 300 else "http_error"
                return Answer(problem, _decoded(text), no_retry)
        except TimeoutError:
            return Answer("http_timeout")
        except aiohttp.ClientError:
            return Answer("connection_failed")

    def send_event(self, payload: Json, retries: Sequence[float] = EVENT_RETRY_SECONDS) -> None:
        """Deliver an event in the background, with Slack's retries."""
        self.start(self._deliver_event(payload, retries))

    async def _deliver_event(self, payload: Json, retries: Sequence[float]) -> None:
        answer = await self.send("events_api", payload)
        for attempt, pause in enumerate(retries, start=1):
            if answer.problem is None or answer.no_retry:
                return
            await asyncio.sleep(pause * self.retry_scale)
            answer = await self.send("events_api", payload, attempt, answer.problem)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something that this server owns until it ends or the server stops."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Stop what is under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()


def _encoded(kind: Kind, payload: Json) -> tuple[bytes, str]:
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _decoded(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
