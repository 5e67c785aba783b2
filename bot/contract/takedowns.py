"""Takedowns as the platform API takes and gives them."""

from typing import Literal, Self

from pydantic import model_validator

from bot.contract.fields import Incoming, Name, OptionalReason, Outgoing

TakedownStates = Literal[
    "requested", "unclear", "sent", "removed", "refused", "cancelled", "reinstatement_requested", "reinstated"
]


class TakedownReport(Incoming):
    """What the marketplace did about a takedown. The same `event_id` counts once."""

    event_id: Name
    state: Literal["removed", "refused", "reinstated"]
    reason: OptionalReason = ""
    reference: OptionalReason = ""

    @model_validator(mode="after")
    def _a_refusal_says_why(self) -> Self:
        if self.state == "refused" and not self.reason.strip():
            raise ValueError("reason: is required for refused")
        return self


class Cause(Outgoing):
    """A verdict or a notice that asked for the takedown; `external_id` is the marketplace's own."""

    kind: Literal["verdict", "notice"]
    id: str
    external_id: str | None = None


class ShownListing(Outgoing):
    """A listing as we know it."""

    marketplace: str
    url: str
    item_id: str | None
    title: str


class ReadTakedown(Outgoing):
    """A takedown as it stands. `key` is the `webhook-id` under which it was requested."""

    id: str
    key: str
    state: TakedownStates
    reason: str
    reference: str
    listing: ShownListing
    causes: list[Cause]
    created_at: str
    sent_at: str | None
    removed_at: str | None
