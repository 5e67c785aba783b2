"""What we tell marketplaces by webhook; the bodies of `Being called by us` in docs/api/platform.md."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from bot.contract.counter_notices import ReadCounterNotice
from bot.contract.fields import ListingOf, Outgoing
from bot.contract.requests import ReadRequest
from bot.contract.sellers import SanctionProposed, SanctionWithdrawn
from bot.contract.takedowns import Cause, ShownListing


class TakedownRequested(Outgoing):
    """Take this listing down. `key` is the `webhook-id`."""

    takedown_id: str
    key: str
    listing: ListingOf | ShownListing
    causes: list[Cause]
    reason_code: str
    brand: str


class ReinstatementRequested(Outgoing):
    """Put this listing back: nothing asks for its takedown any more. `key` is that of the takedown.

    Where you removed it on a notice by yourself, `takedown_id` is null and `key` the `webhook-id`: report
    `reinstated` on the counter-notice.
    """

    takedown_id: str | None
    item_id: str | None = None
    counter_notice_id: str | None = None
    key: str
    listing: ShownListing
    reason: str


class ShownRight(Outgoing):
    """The right that a notice relies on."""

    kind: str
    number: str
    office: str
    territory: str
    title: str


class Submitter(Outgoing):
    """Who stands for a notice. For one that a verdict became: the rights holder, without an address."""

    name: str
    email: str


class SubmittedItem(Outgoing):
    """One listing of a notice."""

    id: str
    listing: ShownListing


class ShownLane(Outgoing):
    """The fast lane that a notice is in. `reduced_proof`: the burden of proof is on the seller."""

    name: str
    target_hours: int
    reduced_proof: bool


class NoticeSubmitted(Outgoing):
    """A notice to work on. `immediate`: takedowns of its items are requested at the same time.

    `due_at` is when its hours of business time are over, by the calendar of the marketplace.
    """

    notice_id: str
    reference: str
    brand: str
    rights_holder: str
    reason_code: str
    right: ShownRight | None
    explanation: str
    particulars: dict[str, str]
    statements: list[str]
    submitter: Submitter
    items: list[SubmittedItem]
    immediate: bool
    origin: Literal["member", "verdict"]
    due_at: datetime | None
    lane: ShownLane | None


class NoticeWithdrawn(Outgoing):
    """A notice that need not be worked on any more."""

    notice_id: str
    reference: str
    reason: str


class ExpiredRequest(Outgoing):
    """Nobody answered a request in time. It stays as it is: an answer still counts, and is marked late."""

    id: str
    external_id: str
    state: Literal["unrouted", "open", "awaiting_confirmation"]
    brand: str
    deadline: str
    waits_for: Literal["no_brand", "not_answered", "not_confirmed"]


class RetractedRequest(ReadRequest):
    """The request as it stands, and why its verdict was taken back."""

    reason: str


EVENTS: dict[str, type[BaseModel]] = {
    "takedown.requested": TakedownRequested,
    "reinstatement.requested": ReinstatementRequested,
    "notice.submitted": NoticeSubmitted,
    "notice.withdrawn": NoticeWithdrawn,
    "request.expired": ExpiredRequest,
    "verdict.recorded": ReadRequest,
    "verdict.retracted": RetractedRequest,
    "counter_notice.answered": ReadCounterNotice,
    "counter_notice.lapsed": ReadCounterNotice,
    "seller.ban_proposed": SanctionProposed,
    "seller.sanction_proposed": SanctionProposed,
    "seller.sanction_withdrawn": SanctionWithdrawn,
}


def envelope(event: str, data: dict[str, Any]) -> dict[str, Any]:
    """The schema of a webhook's body, around the schema of its data."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": event},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": data,
        },
    }
