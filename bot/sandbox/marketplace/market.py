"""The marketplace at work: asks the bot, obeys its takedowns, and keeps what its webhooks say."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.sandbox.marketplace.catalogue import (
    MARKETPLACE,
    Listing,
    MarketMemory,
    Notice,
    Request,
    Takedown,
)
from bot.sandbox.marketplace.platform_client import PlatformClient
from bot.sandbox.records import Json
from bot.sandbox.sandbox import Sandbox

Mode = Literal["normal", "down", "slow", "error_before_effect", "error_after_effect", "timeout_after_effect"]
MODES: frozenset[str] = frozenset(
    {"normal", "down", "slow", "error_before_effect", "error_after_effect", "timeout_after_effect"}
)


@dataclass
class Behaviour:
    """How the webhook behaves; `times` counts deliveries until it is normal again, None means for good."""

    mode: str = "normal"
    obey: str = "at_once"
    times: int | None = None

    def take(self) -> str:
        """The mode that this delivery meets."""
        mode = self.mode
        if self.times is not None and mode != "normal":
            self.times -= 1
            if self.times <= 0:
                self.mode, self.times = "normal", None
        return mode


class Market:
    """One marketplace and its client of the bot's platform API."""

    def __init__(self, sandbox: Sandbox, listings: Sequence[Listing]) -> None:
        self.sandbox = sandbox
        self.memory = MarketMemory(listings={listing.id: listing for listing in listings})
        self.platform = PlatformClient(sandbox.delivery.bot_url)
        self.behaviour = Behaviour()
        self.looked_in_vain: set[str] = set()  # webhook ids that were asked for and had not arrived

    def set_client(self, api_key: str, webhook_secret: str) -> None:
        """The key and the secret that the bot gave this marketplace."""
        self.memory.api_key = self.platform.api_key = api_key
        self.memory.webhook_secret = webhook_secret

    def restore(self, memory: MarketMemory) -> None:
        """Come back as the marketplace was when it stopped, and finish the reports that were not heard."""
        self.memory = memory
        self.platform.api_key = memory.api_key
        for takedown in memory.takedowns.values():
            if takedown.state in ("removed", "reinstated") and takedown.reported != takedown.state:
                self._report_later(takedown)

    def changed(self) -> None:
        """Tell the open pages to fetch anew."""
        self.sandbox.fanout.tell_all({"type": "marketplace"})

    def picture_url(self, listing: Listing) -> str | None:
        """Where the picture of a listing is."""
        return f"{self.sandbox.base_url}/pictures/{listing.picture}" if listing.picture else None

    def listing_json(self, listing: Listing) -> Json:
        """A listing as the platform API wants it."""
        picture = self.picture_url(listing)
        body = {
            "marketplace": MARKETPLACE,
            "url": f"{self.sandbox.base_url}{listing.url}",
            "item_id": listing.id,
            "title": listing.title,
            "price": listing.price,
            "seller": listing.seller,
            "pictures": [picture] if picture else [],
        }
        return {name: value for name, value in body.items() if value is not None}

    async def ask(
        self,
        listing_ids: Sequence[str],
        brand: str,
        reasons: Sequence[str],
        hours: float | None,
        product_line: str = "",
    ) -> list[Json]:
        """Ask the bot about these listings; what was accepted becomes a request here.

        :raises KeyError: an unknown listing; PlatformRefused or PlatformUnclear from the bot
        """
        listings = [self.memory.listings[listing_id] for listing_id in listing_ids]
        now = self.sandbox.clock.now()
        deadline = (now + timedelta(hours=hours)).isoformat() if hours else None
        questions: list[Json] = []
        for listing in listings:
            question: Json = {
                "external_id": f"mp-{secrets.token_hex(6)}",
                "brand": brand or listing.brand,
                "listing": self.listing_json(listing),
                "reasons": list(reasons),
            }
            more = {"deadline": deadline, "product_line": product_line}
            questions.append(question | {name: value for name, value in more.items() if value})
        results = await self.platform.ask(questions)
        for listing, question, result in zip(listings, questions, results, strict=True):
            if result.get("id"):
                external_id = question["external_id"]
                # The verdict's webhook can be faster than this answer.
                self.memory.requests.setdefault(
                    external_id,
                    Request(
                        external_id,
                        result["id"],
                        listing.id,
                        question["brand"],
                        "open",
                        now.isoformat(),
                        deadline,
                    ),
                )
                if result.get("state"):
                    self.memory.requests[external_id].state = result["state"]
        self.changed()
        return [
            {**result, "listing_id": listing.id} for listing, result in zip(listings, results, strict=True)
        ]

    async def withdraw(self, external_id: str, reason: str) -> None:
        """Withdraw a question.

        :raises KeyError: unknown; PlatformRefused or PlatformUnclear from the bot
        """
        request = self.memory.requests[external_id]
        await self.platform.withdraw(request.id, reason)
        request.state = "withdrawn"
        self.changed()

    async def move_notice(self, notice_id: str, move: Json) -> None:
        """Move a notice; listings whose item is removed disappear here too.

        :raises KeyError: unknown; PlatformRefused or PlatformUnclear from the bot
        """
        notice = self.memory.notices[notice_id]
        sent = {name: value for name, value in move.items() if value}
        await self.platform.move_notice(notice_id, {"event_id": secrets.token_hex(8), **sent})
        notice.state = move["state"]
        notice.complaint_number = move.get("complaint_number") or notice.complaint_number
        notice.complaint_url = move.get("complaint_url") or notice.complaint_url
        states = {item["id"]: item["state"] for item in move.get("items") or []}
        for item in notice.items:
            everything = "removed" if notice.state == "actioned" else item["state"]
            item["state"] = states.get(item["id"], everything)
            if item["state"] == "removed":
                self._set_listing(item["listing"], "removed")
        self.changed()

    async def report(self, key: str, state: str, reason: str) -> None:
        """Report a takedown by hand.

        :raises KeyError: unknown; PlatformRefused or PlatformUnclear from the bot
        """
        takedown = self.memory.takedowns[key]
        report = {"event_id": secrets.token_hex(8), "state": state}
        await self.platform.report_takedown(
            takedown.takedown_id, report | ({"reason": reason} if reason else {})
        )
        takedown.state = takedown.reported = state
        if state != "refused":
            self._set_listing(takedown.listing, "removed" if state == "removed" else "restored")
        self._follow(takedown)
        self.changed()

    def _set_listing(self, listing: Json, state: str) -> None:
        known = self.memory.listings.get(str(listing.get("item_id")))
        if known is not None:
            known.state = state

    # What the bot's webhooks ask for or tell

    def take_down(self, webhook_id: str, data: Json) -> None:
        """takedown.requested: an effect each time it comes under a new webhook id."""
        now = self.sandbox.clock.now().isoformat()
        takedown = self.memory.takedowns.setdefault(
            data["key"],
            Takedown(data["key"], data["takedown_id"], data["listing"], data.get("causes", []), now),
        )
        takedown.webhook_ids.append(webhook_id)
        if self.behaviour.obey == "at_once":
            takedown.state = "removed"
            self._set_listing(takedown.listing, "removed")
            self._follow(takedown)
            self._report_later(takedown)

    def reinstate(self, _: str, data: Json) -> None:
        """reinstatement.requested"""
        takedown = self.memory.takedowns.get(data["key"])
        self._set_listing(data["listing"], "restored")
        if takedown is not None:
            takedown.state = "reinstated"
            self._follow(takedown)
            self._report_later(takedown)

    def _follow(self, takedown: Takedown) -> None:
        """What became of a takedown is what became of the listing in the notices that asked for it."""
        for notice in self.memory.notices.values():
            if notice.immediate and notice.state != "withdrawn":
                notice.settle(takedown)

    def _report_later(self, takedown: Takedown) -> None:
        self.sandbox.delivery.start(self._report(takedown, takedown.state))

    async def _report(self, takedown: Takedown, state: str) -> None:
        report = {"event_id": f"{takedown.key}-{state}", "state": state}
        if await self.platform.report_until_heard(takedown.takedown_id, report):
            takedown.reported = state
        self.changed()

    def receive_notice(self, _: str, data: Json) -> None:
        """notice.submitted"""
        notice = self.memory.notices.setdefault(
            data["notice_id"],
            Notice(
                notice_id=data["notice_id"],
                reference=data.get("reference", ""),
                rights_holder=_name(data.get("rights_holder")),
                brand=_name(data.get("brand")),
                reason_code=data.get("reason_code", ""),
                explanation=data.get("explanation", ""),
                right=data.get("right"),
                submitter=data.get("submitter"),
                items=[{**item, "state": "open"} for item in data.get("items", [])],
                immediate=bool(data.get("immediate")),
                received_at=self.sandbox.clock.now().isoformat(),
            ),
        )
        # A takedown may come before the notice that asked for it.
        for takedown in self.memory.takedowns.values():
            if notice.immediate:
                notice.settle(takedown)

    def withdraw_notice(self, _: str, data: Json) -> None:
        """notice.withdrawn"""
        notice = self.memory.notices.get(data["notice_id"])
        if notice is not None:
            notice.state = "withdrawn"
            for item in notice.items:
                item["state"] = "kept" if item["state"] == "open" else item["state"]

    def receive_verdict(self, _: str, data: Json) -> None:
        """verdict.recorded, verdict.retracted and request.expired: the question as it now reads."""
        external_id = str(data["external_id"])
        request = self.memory.requests.get(external_id)
        if request is not None:
            request.state = data.get("state", request.state)
            verdict = data.get("verdict") or {}
            request.answer = None if verdict.get("retracted") else verdict.get("answer")


def _name(value: object) -> str:
    return str(value.get("name", "")) if isinstance(value, dict) else str(value or "")
