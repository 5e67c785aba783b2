"""Notices as the platform API takes and gives them."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from bot.contract.fields import Incoming, Name, OptionalReason, Outgoing, OwnId, Url
from bot.contract.takedowns import ShownListing

NoticeStates = Literal[
    "submitted",
    "received",
    "in_review",
    "clarification_required",
    "actioned",
    "partially_actioned",
    "rejected",
    "withdrawn",
]
_SAYS_WHY = frozenset({"rejected", "clarification_required"})


class DecidedItem(Incoming):
    """What the marketplace decided about one listing of a notice."""

    id: OwnId
    state: Literal["removed", "kept"]
    reason: OptionalReason = ""


class NoticeStatus(Incoming):
    """A move of a notice. The same `event_id` counts once."""

    event_id: Name
    state: Literal[
        "received", "in_review", "clarification_required", "actioned", "partially_actioned", "rejected"
    ]
    reason: OptionalReason = ""
    complaint_number: Annotated[str, StringConstraints(max_length=200)] = ""
    complaint_url: Url | Literal[""] = ""
    items: list[DecidedItem] = Field(default_factory=list, max_length=300)

    @model_validator(mode="after")
    def _the_move_is_whole(self) -> Self:
        if self.state in _SAYS_WHY and not self.reason.strip():
            raise ValueError(f"reason: is required for {self.state}")
        if self.state == "partially_actioned" and not self.items:
            raise ValueError("items: are required for partially_actioned")
        return self


class ReadItem(Outgoing):
    """One listing of a notice as it stands."""

    id: str
    state: Literal["open", "removed", "kept"]
    reason: str
    listing: ShownListing


class ReadNotice(Outgoing):
    """A notice as it stands."""

    id: str
    reference: str
    state: NoticeStates
    reason: str
    brand: str
    reason_code: str
    complaint_number: str
    complaint_url: str
    origin: Literal["member", "verdict"]
    immediate: bool
    submitted_at: str
    items: list[ReadItem]
