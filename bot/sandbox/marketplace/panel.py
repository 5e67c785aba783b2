"""The marketplace's panel in the page: listings and questions, notices, takedowns, what it received."""

from collections.abc import Awaitable
from dataclasses import asdict
from typing import Any, TypeVar

from aiohttp import web

from bot.sandbox.marketplace.catalogue import PAGE_SIZE, Listing
from bot.sandbox.marketplace.market import MODES, Behaviour, Market
from bot.sandbox.marketplace.platform_client import PlatformRefused, PlatformUnclear
from bot.sandbox.page_door import body_of, refuse
from bot.sandbox.records import Json

Done = TypeVar("Done")


class Panel:
    """Routes under /sandbox/market/."""

    def __init__(self, market: Market) -> None:
        self.market = market

    def routes(self) -> list[web.RouteDef]:
        """What the people at the marketplace see and do."""
        return [
            web.get("/sandbox/market/listings", self.listings),
            web.post("/sandbox/market/ask", self.ask),
            web.get("/sandbox/market/requests", self.requests),
            web.post("/sandbox/market/requests/{external_id}/withdraw", self.withdraw),
            web.get("/sandbox/market/notices", self.notices),
            web.post("/sandbox/market/notices/{notice_id}/move", self.move_notice),
            web.get("/sandbox/market/takedowns", self.takedowns),
            web.post("/sandbox/market/takedowns/{key}/report", self.report),
            web.get("/sandbox/market/received", self.received),
            web.get("/sandbox/market/effects", self.effects),
            web.get("/sandbox/market/mode", self.mode),
            web.post("/sandbox/market/mode", self.set_mode),
            web.post("/sandbox/market/client", self.set_client),
        ]

    def _shown(self, listing: Listing) -> Json:
        memory = self.market.memory
        return asdict(listing) | {
            "picture": self.market.picture_url(listing),
            "open_request": memory.open_request(listing.id),
            "takedown": memory.takedown_of(listing.id),
        }

    def _known(self, listing_id: str) -> Json:
        return self._shown(self.market.memory.listings[listing_id])

    async def listings(self, request: web.Request) -> web.Response:
        """One page of the listings that match `q` and `state`; pages count from 1."""
        query = request.query
        found = self.market.memory.search(query.get("q", ""), query.get("state", ""))
        page = query.get("page") or "1"
        start = (max(int(page), 1) - 1) * PAGE_SIZE if page.isdigit() else 0
        shown = [self._shown(listing) for listing in found[start : start + PAGE_SIZE]]
        return web.json_response({"total": len(found), "page_size": PAGE_SIZE, "listings": shown})

    async def ask(self, request: web.Request) -> web.Response:
        """Ask the bot whether listings are genuine."""
        body = await body_of(request)
        listing_ids = [str(listing_id) for listing_id in body.get("listing_ids") or []]
        reasons = [str(reason) for reason in body.get("reasons") or [] if str(reason).strip()]
        if not listing_ids or not reasons:
            raise refuse("Choose at least one listing and give at least one reason.")
        brand, line = (str(body.get(name) or "") for name in ("brand", "product_line"))
        asking = self.market.ask(listing_ids, brand, reasons, _hours(body), line)
        return web.json_response({"results": await heard(asking)})

    async def requests(self, _: web.Request) -> web.Response:
        """The questions, newest first."""
        shown = [
            asdict(request) | {"listing": self._known(request.listing_id)}
            for request in self.market.memory.requests.values()
        ]
        return web.json_response(shown[::-1])

    async def withdraw(self, request: web.Request) -> web.Response:
        """Withdraw a question."""
        reason = str((await body_of(request)).get("reason") or "")
        await heard(self.market.withdraw(request.match_info["external_id"], reason))
        return web.json_response({"ok": True})

    async def notices(self, _: web.Request) -> web.Response:
        """The notices, newest first, with the titles that only the marketplace knows."""
        shown = [asdict(notice) for notice in self.market.memory.notices.values()]
        for item in (item for notice in shown for item in notice["items"]):
            known = self.market.memory.listings.get(str(item["listing"].get("item_id")))
            if known is not None:
                item["listing"] = {**item["listing"], "title": known.title}
        return web.json_response(shown[::-1])

    async def move_notice(self, request: web.Request) -> web.Response:
        """Receive a notice, ask back, act or reject."""
        body = await body_of(request)
        if not body.get("state"):
            raise refuse("Say to which state the notice moves.")
        await heard(self.market.move_notice(request.match_info["notice_id"], body))
        return web.json_response({"ok": True})

    async def takedowns(self, _: web.Request) -> web.Response:
        """The takedowns, newest first."""
        return web.json_response([asdict(t) for t in self.market.memory.takedowns.values()][::-1])

    async def report(self, request: web.Request) -> web.Response:
        """Report a takedown by hand."""
        body = await body_of(request)
        state = str(body.get("state"))
        if state not in ("removed", "refused", "reinstated"):
            raise refuse("A takedown is removed, refused or reinstated.")
        await heard(self.market.report(request.match_info["key"], state, str(body.get("reason") or "")))
        return web.json_response({"ok": True})

    async def received(self, _: web.Request) -> web.Response:
        """The webhooks that came in, newest first."""
        return web.json_response([asdict(entry) for entry in reversed(self.market.memory.received)])

    async def effects(self, _: web.Request) -> web.Response:
        """Every takedown with how often it took effect, which fault tests hold to one."""
        return web.json_response(
            [
                {
                    "key": takedown.key,
                    "takedown_id": takedown.takedown_id,
                    "item_id": takedown.listing.get("item_id"),
                    "url": takedown.listing.get("url"),
                    "count": len(takedown.webhook_ids),
                    "webhook_ids": takedown.webhook_ids,
                    "state": takedown.state,
                    "reported": takedown.reported,
                }
                for takedown in self.market.memory.takedowns.values()
            ]
        )

    async def mode(self, _: web.Request) -> web.Response:
        """How the marketplace behaves."""
        return web.json_response(asdict(self.market.behaviour))

    async def set_mode(self, request: web.Request) -> web.Response:
        """Change how the marketplace behaves; what is not named stays."""
        wanted = {**asdict(self.market.behaviour), "times": None, **await body_of(request)}
        if wanted["mode"] not in MODES or wanted["obey"] not in ("at_once", "by_hand"):
            raise refuse(f"A mode is one of {sorted(MODES)}; it obeys at_once or by_hand.")
        self.market.behaviour = Behaviour(wanted["mode"], wanted["obey"], wanted["times"])
        self.market.changed()
        return web.json_response(asdict(self.market.behaviour))

    async def set_client(self, request: web.Request) -> web.Response:
        """The key and the secret that the bot gave this marketplace."""
        body = await body_of(request)
        self.market.set_client(str(body.get("api_key") or ""), str(body.get("webhook_secret") or ""))
        return web.json_response({"ok": True})


def _hours(body: Json) -> float | None:
    hours: Any = body.get("deadline_hours")
    try:
        return float(hours) if hours else None
    except (TypeError, ValueError):
        raise refuse("The deadline is a number of hours.") from None


async def heard(call: Awaitable[Done]) -> Done:
    """What the bot said, its refusals as sentences for the panel."""
    try:
        return await call
    except KeyError:
        raise refuse("There is no such thing here.", 404) from None
    except (PlatformRefused, PlatformUnclear) as problem:
        raise refuse(str(problem)) from None
