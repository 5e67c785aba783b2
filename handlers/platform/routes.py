"""Every call of the platform API on one screen. Its parts are imported when the first client calls."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.lazy import Later
from handlers.guard import Desk

BASE = "/api/v1"
_ID = "{id:[0-9A-HJKMNP-TV-Z]{26}}"
_EVIDENCE = "{evidence_id:[0-9A-HJKMNP-TV-Z]{26}}"
_PICTURE = "{picture_id:[0-9A-HJKMNP-TV-Z]{26}}"

_ANSWER = Later("handlers.platform.door.answer")
_DESCRIPTION = Later("handlers.platform.description.handle_description")


def _to(name: str) -> Later:
    """An endpoint of `handlers.platform`, by its module and its name."""
    return Later(f"handlers.platform.{name}")


CALLS: tuple[tuple[str, str, Later], ...] = (
    ("POST", "/authenticity-requests", _to("authenticity.handle_ask")),
    ("POST", "/authenticity-requests/batch", _to("authenticity.handle_ask_batch")),
    ("GET", "/authenticity-requests", _to("authenticity.handle_find_request")),
    ("GET", f"/authenticity-requests/{_ID}", _to("authenticity.handle_read_request")),
    ("POST", f"/authenticity-requests/{_ID}/withdraw", _to("authenticity.handle_withdraw")),
    ("GET", f"/authenticity-requests/{_ID}/knowledge", _to("knowledge.handle_read_knowledge")),
    ("GET", f"/authenticity-requests/{_ID}/knowledge/pictures/{_PICTURE}", _to("knowledge.handle_picture")),
    ("GET", f"/notices/{_ID}", _to("notices.handle_read_notice")),
    ("POST", f"/notices/{_ID}/status", _to("notices.handle_notice_status")),
    ("GET", f"/takedowns/{_ID}", _to("authenticity.handle_read_takedown")),
    ("POST", f"/takedowns/{_ID}/status", _to("authenticity.handle_report_takedown")),
    ("POST", "/counter-notices", _to("counter_notices.handle_relay")),
    ("GET", "/counter-notices", _to("counter_notices.handle_find")),
    ("GET", f"/counter-notices/{_ID}", _to("counter_notices.handle_read")),
    ("POST", f"/counter-notices/{_ID}/status", _to("counter_notices.handle_decide")),
    ("GET", f"/counter-notices/{_ID}/evidence/{_EVIDENCE}", _to("counter_notices.handle_evidence")),
    ("GET", f"/sanctions/{_ID}", _to("sellers.handle_read_sanction")),
    ("POST", f"/sanctions/{_ID}/status", _to("sellers.handle_report_sanction")),
)


def platform_routes(desk: Desk) -> list[web.RouteDef]:
    """The routes for aiohttp, each behind the door."""
    calls = [web.route(method, BASE + path, _endpoint(desk, handler)) for method, path, handler in CALLS]
    return [*calls, web.get(f"{BASE}/openapi.json", _description)]


def _endpoint(desk: Desk, handler: Later) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        behind_the_door, act = await _ANSWER.beside(), await handler.beside()
        answered: web.Response = await behind_the_door(desk, act, request)
        return answered

    return answer


async def _description(request: web.Request) -> web.Response:
    describe = await _DESCRIPTION.beside()
    described: web.Response = await describe(request)
    return described
