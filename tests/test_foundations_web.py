"""The HTTP face: health, awaited readiness, figures, and one plain line for whatever is malformed."""

import asyncio
import io
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.metrics import Metrics
from bot.web import Check, build_web

Client = TestClient[web.Request, web.Application]


async def well() -> str | None:
    return None


async def stale() -> str | None:
    return "the last ping was 90 seconds ago"


async def stuck() -> str | None:
    await asyncio.sleep(3600)
    return None


async def broken() -> str | None:
    raise RuntimeError("a text that nobody outside may read")


async def echo(request: web.Request) -> web.Response:
    return web.json_response({"length": len(await request.read())})


async def explode(_: web.Request) -> web.Response:
    raise RuntimeError("a text that nobody outside may read")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    routes = [
        web.post("/api/v1/things", echo),
        web.post("/api/v1/things/batch", echo),
        web.get("/api/v1/explode", explode),
        web.get("/explode", explode),
    ]
    async with TestClient(
        TestServer(build_web(slack=None, platform=routes, checks=(), metrics=Metrics()))
    ) as it:
        yield it


async def readiness(*checks: Check) -> tuple[int, dict[str, object]]:
    application = build_web(slack=None, platform=(), checks=checks, metrics=Metrics())
    async with TestClient(TestServer(application)) as client:
        answer = await client.get("/readyz")
        return answer.status, await answer.json()


async def test_it_is_ready_when_every_check_is_well() -> None:
    assert await readiness(Check("database", well), Check("outbox", well)) == (
        200,
        {"status": "ready", "checked": ["database", "outbox"]},
    )


async def test_readiness_says_what_is_wrong_and_waits_for_every_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.web.CHECK_SECONDS", 0.05)
    status, said = await readiness(
        Check("database", stuck), Check("socket", stale), Check("outbox", broken), Check("else", well)
    )
    assert status == 503
    assert said["wrong"] == {
        "database": "no answer within 0 seconds",
        "socket": "the last ping was 90 seconds ago",
        "outbox": "the check itself failed (RuntimeError)",
    }


async def test_it_is_alive_whatever_the_checks_say(client: Client) -> None:
    assert (await client.get("/healthz")).status == 200


async def test_figures_are_for_prometheus_and_name_no_case(client: Client) -> None:
    await client.post("/api/v1/things", json={})
    text = await (await client.get("/metrics")).text()
    assert 'goodfaith_http_requests_total{route="/api/v1/things",status="200"} 1.0' in text


async def test_every_answer_carries_a_correlation_id_of_its_own(client: Client) -> None:
    ids = {(await client.get("/healthz")).headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/api/v1/things", 64 << 10, 200),
        ("/api/v1/things", (64 << 10) + 1, 413),
        ("/api/v1/things/batch", 1 << 20, 200),
        ("/api/v1/things/batch", (1 << 20) + 1, 413),
    ],
)
async def test_bodies_have_limits_by_address(client: Client, path: str, size: int, status: int) -> None:
    assert (await client.post(path, data=io.BytesIO(b"a" * size))).status == status


async def test_a_body_without_a_declared_length_has_the_same_limit(client: Client) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield b"a" * 1024

    assert (await client.post("/api/v1/things", data=chunks())).status == 413


async def test_a_compressed_body_is_not_taken(client: Client) -> None:
    answer = await client.post("/api/v1/things", data=b"{}", headers={"Content-Encoding": "gzip"})
    assert answer.status == 415


async def test_a_body_that_trickles_in_is_given_up(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web.READ_SECONDS", 0.05)

    async def trickle() -> AsyncIterator[bytes]:
        yield b"a"
        await asyncio.sleep(0.5)
        yield b"b"

    assert (await client.post("/api/v1/things", data=trickle())).status == 408


async def test_the_platform_api_is_refused_in_its_documented_shape(client: Client) -> None:
    for path, status, code in (
        ("/api/v1/none", 404, "not_found"),
        ("/api/v1/things", 405, "method_not_allowed"),
    ):
        answer = await client.get(path)
        assert answer.status == status
        assert (await answer.json())["error"]["code"] == code


async def test_an_unforeseen_failure_gives_an_id_and_no_trace(client: Client) -> None:
    for path in ("/explode", "/api/v1/explode"):
        answer = await client.get(path)
        text = await answer.text()
        assert answer.status == 500
        assert answer.headers["X-Request-Id"] in text
        assert "nobody outside" not in text
        assert "Traceback" not in text


POST = b"POST /api/v1/things HTTP/1.1\r\nHost: x\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
RAW: dict[str, bytes] = {
    "not HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "two lengths": POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks": POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a length that is no number": POST + b"Content-Length: +1\r\n\r\na",
    "a chunk that is no number": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\na\r\n0\r\n\r\n",
    "two hosts": GET + b"Host: y\r\n\r\n",
    "a header with a line break in it": GET + b"A: b\rc\r\n\r\n",
    "an endless header": GET + b"A: " + b"a" * 20_000 + b"\r\n\r\n",
    "ten thousand headers": GET + b"".join(b"A%d: b\r\n" % n for n in range(10_000)) + b"\r\n",
}


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW.keys())
async def test_what_is_not_proper_http_gets_400_without_a_trace(client: Client, raw: bytes) -> None:
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(raw)
    async with asyncio.timeout(5):
        status = await reader.readline()
        rest = await reader.read(4096)
    writer.close()
    assert b" 400 " in status
    assert b"Traceback" not in rest
    assert (await client.get("/healthz")).status == 200
