"""What is read together: a draft with what its form offers, a notice with the names around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from storage.records.listings import Listing
from storage.records.notices import ItemState, Notice, NoticeItem, ReasonCode
from storage.records.platform import PlatformClient
from storage.records.rights import RightKind
from storage.records.second_look import Ground
from storage.records.service_levels import FastLane

INPUT_LENGTH = 3000  # characters that one input of Slack's takes
MOST_INPUTS = 12  # 300 links of 100 characters fill eleven
GOOD_FAITH = "good_faith_1"  # the wording stands in the catalogue; a new wording gets a new number
AUTHORITY = "authority_1"

Typed = Annotated[str, StringConstraints(max_length=INPUT_LENGTH)]
Id = Annotated[str, StringConstraints(max_length=64)]


class NoticeForm(BaseModel):
    """What a draft's body holds: what was typed so far, empty where nothing was; a text per links input."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    holder_id: Id = ""
    brand_id: Id = ""
    right_id: Id = ""
    reason: Id = ""
    links: tuple[Typed, ...] = ("",)
    explanation: Typed = ""
    order_number: Typed = ""
    email: Typed = ""
    statement: bool = False
    work: Typed = ""
    signature: Typed = ""
    address: Typed = ""
    telephone: Typed = ""
    authority: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed that would be missed."""
        return not (self.explanation or self.order_number or self.work or any(self.links))


@dataclass(frozen=True)
class FormSheet:
    """A draft as its form shows it: what was typed, what can be picked after what was picked.

    `at_once` says that filing it starts takedowns.
    """

    draft_id: str
    form: NoticeForm
    holders: Sequence[Any]  # rows, of which no more is read than the form shows
    brands: Sequence[Any]
    rights: Sequence[Any]
    right: Any
    reasons: Sequence[ReasonCode]
    at_once: bool = False
    lane: FastLane | None = None  # in which it would go out

    @property
    def asks_explanation(self) -> bool:
        """Whether the one who reports has to say why; in some lanes the seller bears the proof."""
        return self.lane is None or not self.lane.reduced_proof

    @property
    def asks_copyright(self) -> bool:
        """Whether the notice needs what the law asks of copyright notices."""
        return self.right is not None and self.right.kind is RightKind.COPYRIGHT

    @property
    def asks_order(self) -> bool:
        """Whether the notice needs the order number of a test buy."""
        return self.form.reason == ReasonCode.COUNTERFEIT_TEST_BUY


@dataclass(frozen=True)
class Reported:
    """A listing that stands in an open notice already: its address, the notice, since when."""

    listing: str
    reference: str
    since: datetime


@dataclass(frozen=True)
class Batch:
    """What would go to one marketplace; `client` is its name with us, None where it has no line to us."""

    marketplace: str
    client: str | None
    listings: Sequence[str]


@dataclass(frozen=True)
class ReviewSheet:
    """What filing a draft would do; listings are given by their addresses without the scheme."""

    draft_id: str
    batches: Sequence[Batch]
    repeated: Sequence[str]
    reported: Sequence[Reported]
    second_ground: Ground | None = None  # why takedowns do not start at once, as the form promised

    @property
    def says_something(self) -> bool:
        """Whether a person should see it before it is filed."""
        unconnected = any(batch.client is None for batch in self.batches)
        return bool(self.repeated or self.reported or unconnected or self.second_ground)


@dataclass(frozen=True)
class NoticeSheet:
    """A notice with the names around it, its first items or all of them, and how many are in each state."""

    notice: Notice
    brand: Any  # rows, of which filing reads no more than the marketplace gets
    holder: Any
    right: Any
    client: PlatformClient | None
    submitter: Any
    items: Sequence[tuple[NoticeItem, Listing]]
    by_state: Mapping[ItemState, int]
    lane: FastLane | None = None

    @property
    def total(self) -> int:
        """How many listings the notice has."""
        return sum(self.by_state.values())


@dataclass(frozen=True)
class ToldNotice:
    """A notice as its marketplace reads it: with its brand's name, and each item beside its listing."""

    notice: Notice
    brand: str
    items: Sequence[Any]
