"""Sanctions at the marketplace: proposed by the alliance, carried out or declined here, or withdrawn."""

import secrets
from dataclasses import asdict

from aiohttp import web

from bot.sandbox.marketplace.catalogue import Sanction
from bot.sandbox.marketplace.market import Market
from bot.sandbox.marketplace.panel import heard
from bot.sandbox.page_door import body_of, refuse
from bot.sandbox.records import Json


class SanctionDesk:
    """Shows what is proposed against sellers, and answers it."""

    def __init__(self, market: Market) -> None:
        self.market = market

    def routes(self) -> list[web.RouteDef]:
        """The panel's part."""
        return [
            web.get("/sandbox/market/sanctions", self.shown),
            web.post("/sandbox/market/sanctions/{sanction_id}/report", self.report),
        ]

    async def shown(self, _: web.Request) -> web.Response:
        """The sanctions, newest first."""
        known = self.market.memory.sanctions.values()
        return web.json_response([asdict(each) for each in known][::-1])

    async def report(self, request: web.Request) -> web.Response:
        """Carry a sanction out, or decline it."""
        body = await body_of(request)
        known = self.market.memory.sanctions.get(request.match_info["sanction_id"])
        if known is None:
            raise refuse("There is no such sanction here.", 404)
        told = {"event_id": secrets.token_hex(8), "state": str(body.get("state"))}
        if body.get("reason"):
            told["reason"] = str(body["reason"])
        answer = await heard(self.market.platform.report_sanction(known.sanction_id, told))
        known.state = answer["state"]
        if known.state == "carried_out" and known.measure == "ban":
            self._close_shop(known.seller["id"])
        self.market.changed()
        return web.json_response(answer)

    def receive(self, webhook_id: str, data: Json) -> None:
        """seller.ban_proposed, seller.sanction_proposed and seller.sanction_withdrawn: how it now reads."""
        known = self.market.memory.sanctions.setdefault(
            data["sanction_id"],
            Sanction(
                sanction_id=data["sanction_id"],
                seller=data["seller"],
                measure=data["measure"],
                policy=data["policy"],
                at=data["proposed_at"],
                state=data["state"],
            ),
        )
        known.webhook_ids.append(webhook_id)
        if known.state == "carried_out" and data["state"] == "withdrawn" and known.measure == "ban":
            self._open_shop(known.seller["id"])
        known.state = data["state"]

    def _close_shop(self, seller_id: str) -> None:
        for listing in self.market.memory.listings.values():
            if (listing.seller or {}).get("id") == seller_id:
                listing.state = "removed"

    def _open_shop(self, seller_id: str) -> None:
        memory = self.market.memory
        for listing in memory.listings.values():
            if (listing.seller or {}).get("id") == seller_id and memory.takedown_of(listing.id) is None:
                listing.state = "restored"
