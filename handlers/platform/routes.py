"""Every call of the platform API on one screen."""

from aiohttp import web

from handlers.guard import Desk
from handlers.platform import authenticity, counter_notices, knowledge, notices, sellers
from handlers.platform.description import handle_description
from handlers.platform.door import Endpoint, endpoint

BASE = "/api/v1"
_ID = "{id:[0-9A-HJKMNP-TV-Z]{26}}"
_EVIDENCE = "{evidence_id:[0-9A-HJKMNP-TV-Z]{26}}"
_PICTURE = "{picture_id:[0-9A-HJKMNP-TV-Z]{26}}"

CALLS: tuple[tuple[str, str, Endpoint], ...] = (
    ("POST", "/authenticity-requests", authenticity.handle_ask),
    ("POST", "/authenticity-requests/batch", authenticity.handle_ask_batch),
    ("GET", "/authenticity-requests", authenticity.handle_find_request),
    ("GET", f"/authenticity-requests/{_ID}", authenticity.handle_read_request),
    ("POST", f"/authenticity-requests/{_ID}/withdraw", authenticity.handle_withdraw),
    ("GET", f"/authenticity-requests/{_ID}/knowledge", knowledge.handle_read_knowledge),
    ("GET", f"/authenticity-requests/{_ID}/knowledge/pictures/{_PICTURE}", knowledge.handle_picture),
    ("GET", f"/notices/{_ID}", notices.handle_read_notice),
    ("POST", f"/notices/{_ID}/status", notices.handle_notice_status),
    ("GET", f"/takedowns/{_ID}", authenticity.handle_read_takedown),
    ("POST", f"/takedowns/{_ID}/status", authenticity.handle_report_takedown),
    ("POST", "/counter-notices", counter_notices.handle_relay),
    ("GET", "/counter-notices", counter_notices.handle_find),
    ("GET", f"/counter-notices/{_ID}", counter_notices.handle_read),
    ("POST", f"/counter-notices/{_ID}/status", counter_notices.handle_decide),
    ("GET", f"/counter-notices/{_ID}/evidence/{_EVIDENCE}", counter_notices.handle_evidence),
    ("GET", f"/sanctions/{_ID}", sellers.handle_read_sanction),
    ("POST", f"/sanctions/{_ID}/status", sellers.handle_report_sanction),
)


def platform_routes(desk: Desk) -> list[web.RouteDef]:
    """The routes for aiohttp, each behind the door."""
    calls = [web.route(method, BASE + path, endpoint(desk, handler)) for method, path, handler in CALLS]
    return [*calls, web.get(f"{BASE}/openapi.json", handle_description)]
