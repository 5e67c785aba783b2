"""Sanctions against sellers as the platform API takes and gives them, and as webhooks tell them."""

from typing import Literal, Self

from pydantic import model_validator

from bot.contract.fields import Incoming, Name, OptionalReason, Outgoing

Measures = Literal[
    "severe_warning", "restriction_7_days", "restriction_14_days", "restriction_21_days", "ban"
]
SanctionStates = Literal["proposed", "carried_out", "declined", "withdrawn"]


class ShownSeller(Outgoing):
    """A seller by the marketplace's own id."""

    id: str
    name: str


class CountedBy(Outgoing):
    """The policy that counted: its name, its version on this marketplace, and the sum it asks for."""

    name: Literal["three_strikes", "points"]
    version: int
    counted: int
    needed: int


class ReadSanction(Outgoing):
    """A sanction as it stands. `takedown_ids` are the removals that were counted, the newest 50."""

    sanction_id: str
    seller: ShownSeller
    measure: Measures
    policy: CountedBy
    takedown_ids: list[str]
    state: SanctionStates
    reason: str
    reference: str
    proposed_at: str
    answered_at: str | None


class SanctionReport(Incoming):
    """What the marketplace did about a proposed sanction. The same `event_id` counts once."""

    event_id: Name
    state: Literal["carried_out", "declined"]
    reason: OptionalReason = ""
    reference: OptionalReason = ""

    @model_validator(mode="after")
    def _a_refusal_says_why(self) -> Self:
        if self.state == "declined" and not self.reason.strip():
            raise ValueError("reason: is required for declined")
        return self


class SanctionProposed(ReadSanction):
    """Strikes reached a step of the policy: please take this measure against the seller, and report."""


class SanctionWithdrawn(ReadSanction):
    """Removals behind a sanction were reversed: nothing asks for it any more; please lift it."""
