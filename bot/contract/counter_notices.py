"""Counter-notices as the platform API takes and gives them."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from bot.contract.fields import (
    Deadline,
    Incoming,
    Name,
    OptionalLine,
    OptionalReason,
    Outgoing,
    OwnId,
    Statement,
    Url,
)

MOST_PAPERS = 10
LARGEST_PAPER = 5_000_000  # bytes, as marketplaces themselves allow

Regimes = Literal["china_ecommerce", "china_court", "dmca", "dsa", "mercado_libre", "tiktok_shop", "alibaba"]
Grounds = Literal["owner", "authorized", "no_right", "fair_use", "removed", "not_used", "mistake", "other"]
CounterNoticeStates = Literal[
    "open", "awaiting_confirmation", "contested", "unanswered", "upheld", "rejected", "withdrawn"
]
ContestCodes = Literal["not_this_product", "illegible", "not_authorised", "forged", "court_action", "other"]


class Paper(Incoming):
    """A document of the seller's. Keep it at this address until the counter-notice is decided."""

    title: Name
    url: Url
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    media_type: Literal["application/pdf", "image/jpeg", "image/png"]
    size: Annotated[int, Field(ge=1, le=LARGEST_PAPER, description="bytes")]


class Particulars(Incoming):
    """What a regime asks the seller for; which of these it needs stands in docs/api/platform.md."""

    name: OptionalLine = ""
    address: OptionalLine = ""
    telephone: OptionalLine = ""
    email: OptionalLine = ""
    signature: OptionalLine = ""
    former_location: OptionalReason = ""
    under_penalty_of_perjury: bool = False
    accepts_jurisdiction: bool = False

    def told(self) -> dict[str, str]:
        """What was given, as text; a statement that was made is `yes`."""
        given = self.model_dump()
        return {name: "yes" if value is True else value.strip() for name, value in given.items() if value}


class RelayedCounterNotice(Incoming):
    """A seller objects to a removal. `external_id` makes it idempotent.

    `takedown_id` where we asked for a takedown; `item_id`, of a notice's item, where you removed the listing
    on that notice by yourself. `cause_id` is one of the takedown's causes, where several rights holders asked
    for it; else the first.
    `reply_by` counts where it is earlier than what the regime gives the brand.
    """

    external_id: Name
    takedown_id: OwnId | None = None
    item_id: OwnId | None = None
    cause_id: OwnId | None = None
    regime: Regimes
    ground: Grounds
    statement: Statement
    filed_at: Deadline
    reply_by: Deadline | None = None
    particulars: Particulars = Particulars()
    papers: list[Paper] = Field(default_factory=list, max_length=MOST_PAPERS)

    @model_validator(mode="after")
    def _one_removal(self) -> Self:
        if (self.takedown_id is None) == (self.item_id is None):
            raise ValueError("takedown_id: give this or item_id")
        return self


class CounterNoticeStatus(Incoming):
    """What became of a counter-notice at the marketplace. The same `event_id` counts once.

    `reinstated`: the listing is back, where no takedown of ours had removed it.
    """

    event_id: Name
    state: Literal["upheld", "rejected", "withdrawn", "reinstated"]
    reason: OptionalReason = ""

    @model_validator(mode="after")
    def _a_decision_says_why(self) -> Self:
        if self.state == "rejected" and not self.reason.strip():
            raise ValueError("reason: is required for rejected")
        return self


class ShownEvidence(Outgoing):
    """Something that the brand's answer points to."""

    url: str


class ShownFile(Outgoing):
    """A file of the brand's answer: `GET /counter-notices/{id}/evidence/{its id}` has its bytes."""

    id: str
    title: str
    media_type: Literal["application/pdf", "image/jpeg", "image/png", "text/plain"]
    size: int
    sha256: str
    at: str


class GivenAnswer(Outgoing):
    """The brand's answer. `expert` is a pseudonym, stable for one person and one client."""

    position: Literal["accept", "contest"]
    code: ContestCodes | None
    explanation: str
    reference: str
    evidence: list[ShownEvidence]
    files: list[ShownFile]
    at: str
    expert: str


class ReadCounterNotice(Outgoing):
    """A counter-notice as it stands. `silence` is what follows when nobody has answered by `due_at`."""

    id: str
    external_id: str
    takedown_id: str | None
    item_id: str | None
    state: CounterNoticeStates
    reason: str
    decided_by: Literal["brand", "silence", "platform", "seller"] | None
    brand: str
    regime: Regimes
    regime_version: int
    chance: int
    ground: Grounds
    silence: Literal["reinstate", "platform_decides"]
    filed_at: str
    received_at: str
    due_at: str
    answer: GivenAnswer | None
    decided_at: str | None
    reinstated_at: str | None
