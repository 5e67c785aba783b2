"""The HTTP face of the bot: Slack's door, the platform API, health, readiness, figures.

Whatever is malformed, oversized or slow is answered here with one plain line and no trace. The bot listens
behind a proxy with TLS, which forwards `/slack/events` and `/api/`; the rest is for the host.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.logs import correlation, logger
from bot.metrics import Metrics
from bot.slack_door import HttpDoor

SLACK_PATH = "/slack/events"
LARGE_BODY = 1 << 20
SMALL_BODY = 64 << 10
READ_SECONDS = 5.0
CHECK_SECONDS = 2.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_CODES = {
    400: ("malformed", "The request is malformed."),
    401: ("unauthorized", "The request is not authentic."),
    404: ("not_found", "There is nothing here."),
    405: ("method_not_allowed", "This address does not take that method."),
    408: ("too_slow", "The request took too long to arrive."),
    413: ("too_large", "The request is too large."),
    415: ("malformed", "The request is encoded in a way that is not taken here."),
    503: ("unavailable", "Not now; try again."),
}
_log = logger(__name__)


@dataclass(frozen=True)
class Check:
    """One condition of readiness; `probe` answers None when all is well, else says what is wrong."""

    name: str
    probe: Callable[[], Awaitable[str | None]]


def build_web(
    *,
    slack: HttpDoor | None,
    platform: Iterable[web.AbstractRouteDef],
    checks: Sequence[Check],
    metrics: Metrics,
) -> web.Application:
    """The aiohttp application; `slack` is None in Socket Mode; `platform` are the routes below `/api/v1`."""
    application = web.Application(client_max_size=LARGE_BODY, middlewares=[_outermost(metrics)])
    if slack is not None:
        application.router.add_post(SLACK_PATH, slack.handle)
    application.add_routes(platform)
    application.router.add_get("/healthz", _alive)
    application.router.add_get("/readyz", _ready(checks))
    application.router.add_get("/metrics", _figures(metrics))
    return application


def _outermost(metrics: Metrics) -> Middleware:
    @web.middleware
    async def outermost(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.perf_counter()
        request_id = secrets.token_hex(8)
        correlation.set(request_id)
        answer = await _answered(request, handler, request_id, metrics)
        answer.headers["X-Request-Id"] = request_id
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "unknown"
        metrics.http_request(route, str(answer.status)).inc()
        metrics.http_duration(route).observe(time.perf_counter() - started)
        return answer

    return outermost


async def _answered(
    request: web.Request, handler: Handler, request_id: str, metrics: Metrics
) -> web.StreamResponse:
    try:
        await _read_body(request)
        return await handler(request)
    except web.HTTPException as refusal:
        metrics.refused_requests.labels(HTTPStatus(refusal.status).phrase).inc()
        return _line(request, refusal.status, refusal.headers.get("Allow"))
    except Exception:  # noqa: BLE001  # the last line of defence: an answer without a trace, and a log line
        _log.exception("request failed", route=request.path)
        return _line(request, 500, request_id=request_id)


async def _read_body(request: web.Request) -> None:
    """Read the whole body within its limits of size and time; `read()` and `json()` get the same later."""
    if not request.body_exists:
        return
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise web.HTTPUnsupportedMediaType
    large = request.path == SLACK_PATH or request.path.endswith("/batch")
    limit = LARGE_BODY if large else SMALL_BODY
    if (request.content_length or 0) > limit:
        raise web.HTTPRequestEntityTooLarge(limit, request.content_length or 0)
    try:
        # What came with its headers, as Slack's requests do, needs no clock.
        async with nullcontext() if request.content.is_eof() else asyncio.timeout(READ_SECONDS):
            raw = await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (ConnectionError, web.RequestPayloadError):
        raise web.HTTPBadRequest from None
    if len(raw) > limit:
        raise web.HTTPRequestEntityTooLarge(limit, len(raw))


def _line(request: web.Request, status: int, allow: str | None = None, request_id: str = "") -> web.Response:
    """A refusal as one plain line; on the platform API as its documented JSON."""
    code, sentence = _CODES.get(status, ("error", HTTPStatus(status).phrase + "."))
    if status == 500:
        code, sentence = (
            "internal",
            f"Something went wrong on our side. When you report it, say {request_id}.",
        )
    extra = {"Allow": allow} if allow else {}
    if request.path.startswith("/api/"):
        return web.json_response({"error": {"code": code, "message": sentence}}, status=status, headers=extra)
    return web.Response(text=sentence + "\n", status=status, headers=extra)


async def _alive(_: web.Request) -> web.Response:
    return web.json_response({"status": "alive", "version": version("goodfaith")})


def _ready(checks: Sequence[Check]) -> Handler:
    async def ready(_: web.Request) -> web.Response:
        said = await asyncio.gather(*(_probe(check) for check in checks))
        wrong = {check.name: sentence for check, sentence in zip(checks, said, strict=True) if sentence}
        body = {"status": "not ready" if wrong else "ready", "checked": [check.name for check in checks]}
        return web.json_response(body | {"wrong": wrong} if wrong else body, status=503 if wrong else 200)

    return ready


async def _probe(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check.probe()
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:.0f} seconds"
    except Exception as error:  # noqa: BLE001  # whatever a probe raises is what is wrong
        _log.warning("a readiness check failed", name=check.name, error=type(error).__name__)
        return f"the check itself failed ({type(error).__name__})"


def _figures(metrics: Metrics) -> Handler:
    async def figures(_: web.Request) -> web.Response:
        return web.Response(body=metrics.exposition(), headers={"Content-Type": metrics.content_type})

    return figures
