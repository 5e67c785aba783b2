"""Receives the bot's webhooks as Standard Webhooks prescribes: signature, age, and every id at most once."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from bot.sandbox.marketplace.catalogue import Delivery
from bot.sandbox.marketplace.counter_notices import CounterDesk
from bot.sandbox.marketplace.market import Market
from bot.sandbox.marketplace.sanctions import SanctionDesk
from bot.sandbox.records import Json

TOLERANCE_SECONDS = 300
SLOW_SECONDS = 2.0
SILENCE_SECONDS = 60.0
LOG_KEPT = 2_000


class Hooks:
    """The webhook's address and its look-up."""

    def __init__(self, market: Market, desk: CounterDesk, sanctions: SanctionDesk) -> None:
        self.market = market
        self.effects: dict[str, Callable[[str, Json], None]] = {
            "takedown.requested": market.take_down,
            "reinstatement.requested": desk.reinstate,
            "notice.submitted": market.receive_notice,
            "notice.withdrawn": market.withdraw_notice,
            "request.expired": market.receive_verdict,
            "verdict.recorded": market.receive_verdict,
            "verdict.retracted": market.receive_verdict,
            "counter_notice.answered": desk.receive,
            "counter_notice.lapsed": desk.receive,
            "seller.ban_proposed": sanctions.receive,
            "seller.sanction_proposed": sanctions.receive,
            "seller.sanction_withdrawn": sanctions.receive,
        }

    def routes(self) -> list[web.RouteDef]:
        """POST to deliver, GET to look whether an id was received."""
        return [
            web.post("/market/hooks", self.receive),
            web.get("/market/hooks/{webhook_id}", self.look_up),
        ]

    async def receive(self, request: web.Request) -> web.Response:
        """One delivery, met as the marketplace's mode says."""
        mode = self.market.behaviour.take()
        if mode == "down":
            return web.Response(status=503)
        body = await request.read()
        webhook_id = request.headers.get("webhook-id", "")
        if not self._signed(request, body):
            return self._logged(webhook_id, None, 401)
        document = _json_object(body)
        if document is None or document.get("type") not in self.effects:
            return self._logged(webhook_id, document, 400)
        if mode == "error_before_effect":
            return self._logged(webhook_id, document, 500)
        await asyncio.sleep(SLOW_SECONDS if mode == "slow" else 0)
        duplicate = webhook_id in self.market.memory.known_ids
        if not duplicate:
            self.effects[document["type"]](webhook_id, document["data"])
            self.market.memory.known_ids.add(webhook_id)
        if mode == "timeout_after_effect":
            self._logged(webhook_id, document, 0, duplicate=duplicate)
            await asyncio.sleep(SILENCE_SECONDS)
        status = 500 if mode == "error_after_effect" else 200
        return self._logged(webhook_id, document, status, duplicate=duplicate)

    async def look_up(self, request: web.Request) -> web.Response:
        """200 when this id had its effect, 404 when not."""
        if self.market.behaviour.mode == "down":
            return web.Response(status=503)
        webhook_id = request.match_info["webhook_id"]
        if request.headers.get("webhook-id") != webhook_id or not self._signed(request, b""):
            return web.Response(status=401)
        if webhook_id in self.market.memory.known_ids:
            return web.json_response({"received": True})
        self.market.looked_in_vain.add(webhook_id)
        return web.json_response({"received": False}, status=404)

    def _signed(self, request: web.Request, body: bytes) -> bool:
        moment = request.headers.get("webhook-timestamp", "")
        if not moment.isdigit() or abs(time.time() - int(moment)) > TOLERANCE_SECONDS:
            return False
        try:
            key = base64.b64decode(self.market.memory.webhook_secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            return False
        signed = f"{request.headers.get('webhook-id', '')}.{moment}.".encode() + body
        wanted = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        given = request.headers.get("webhook-signature", "").split(" ")
        return bool(key) and any(hmac.compare_digest(wanted.encode(), one.encode()) for one in given)

    def _logged(
        self, webhook_id: str, document: Json | None, status: int, *, duplicate: bool = False
    ) -> web.Response:
        document = document or {}
        log = self.market.memory.received
        log.append(
            Delivery(
                id=webhook_id,
                type=str(document.get("type", "")),
                at=self.market.sandbox.clock.now().isoformat(),
                valid=bool(document),
                duplicate=duplicate,
                answered=status,
                data=document.get("data"),
            )
        )
        del log[:-LOG_KEPT]
        self.market.changed()
        return web.Response(status=status or 500)


def _json_object(body: bytes) -> Json | None:
    try:
        document: Any = json.loads(body)
    except ValueError:
        return None
    return document if isinstance(document, dict) and isinstance(document.get("data"), dict) else None
