"""Sends signed Slack requests over raw sockets, so that the generator costs little beside what it measures.

Closed loop: each connection sends its next request when the last is answered. Open loop: requests leave at
random moments, answered or not, and latency counts from the moment a request was due.
"""

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

PATH = "/slack/events"


@dataclass(frozen=True)
class Result:
    """What one run gave: its seconds, the milliseconds of each answer, and how many were not accepted."""

    seconds: float
    latencies: list[float]
    failures: int

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share of the answers came."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def sign(secret: str, body: bytes) -> tuple[str, str]:
    """Slack's timestamp and signature of a body."""
    stamp = str(int(time.time()))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return stamp, f"v0={digest}"


def request(secret: str, payload: object) -> bytes:
    """A whole HTTP request that carries a payload the way Slack sends interactions."""
    body = urlencode({"payload": json.dumps(payload)}).encode()
    stamp, signature = sign(secret, body)
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nX-Slack-Request-Timestamp: {stamp}\r\n"
        f"X-Slack-Signature: {signature}\r\n\r\n"
    )
    return head.encode() + body


def api_request(path: str, key: str, body: object) -> bytes:
    """A whole HTTP request to the platform API."""
    raw = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {key}\r\nContent-Length: {len(raw)}\r\n\r\n"
    )
    return head.encode() + raw


class Connection:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, raw: bytes) -> int:
        """Send one request and read its answer; the status."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(raw)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        if length:
            await self._reader.readexactly(length)
        return int(head.split(b" ", 2)[1])

    async def close(self) -> None:
        """Close it."""
        if self._writer is not None:
            self._writer.close()
            await self._writer.wait_closed()


async def closed_loop(port: int, requests: Sequence[bytes], connections: int, accept: int = 200) -> Result:
    """Send all requests over so many connections, each as fast as it is answered."""
    queue = iter(requests)
    latencies: list[float] = []
    failures = 0

    async def worker() -> None:
        nonlocal failures
        connection = Connection(port)
        for raw in queue:
            began = time.perf_counter()
            status = await connection.send(raw)
            latencies.append((time.perf_counter() - began) * 1000)
            failures += status != accept
        await connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(connections)))
    return Result(time.perf_counter() - began, latencies, failures)


async def open_loop(port: int, requests: Sequence[bytes], rate: float, connections: int = 64) -> Result:
    """Send requests at random moments that average `rate` a second; waiting for a free connection counts."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(Connection(port))
    latencies: list[float] = []
    failures = 0
    chance = random.Random(7)

    async def one(raw: bytes, due: float) -> None:
        nonlocal failures
        connection = await free.get()
        status = await connection.send(raw)
        latencies.append((time.perf_counter() - due) * 1000)
        failures += status != 200
        free.put_nowait(connection)

    began = time.perf_counter()
    due = began
    async with asyncio.TaskGroup() as group:
        for raw in requests:
            due += chance.expovariate(rate)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(one(raw, due))
    seconds = time.perf_counter() - began
    while not free.empty():
        await free.get_nowait().close()
    return Result(seconds, latencies, failures)
