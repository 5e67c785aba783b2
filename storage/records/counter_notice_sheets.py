"""What is read together: a counter-notice with its papers, its present answer and the names around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.records.counter_notices import (
    CounterNotice,
    CounterNoticeAnswer,
    CounterNoticePaper,
    CounterState,
)
from storage.records.evidence import CounterNoticeEvidence
from storage.records.home import Place
from storage.records.listings import Listing, Seller
from storage.records.platform import PlatformClient
from storage.records.roster import Brand, Person
from storage.records.takedowns import TakedownState


@dataclass(frozen=True)
class GivenAnswer:
    """The brand's answer with the people behind it; no `second` while nobody has said the second word."""

    answer: CounterNoticeAnswer
    person: Person
    second: Person | None
    files: Sequence[CounterNoticeEvidence] = ()


@dataclass(frozen=True)
class CounterNoticeSheet:
    """A counter-notice as its card shows it, to its rights holder alone."""

    counter: CounterNotice
    brand: Brand
    listing: Listing
    seller: Seller | None
    client: PlatformClient
    papers: Sequence[CounterNoticePaper]
    given: GivenAnswer | None
    removal: TakedownState  # how it stands, in a takedown's words also where there is none of ours


@dataclass(frozen=True)
class NoticeRemoval:
    """What was removed on a notice and is down now, if anything, and how its sellers' objections stand."""

    removed_at: datetime | None
    objections: int
    upheld: int


@dataclass(frozen=True)
class CounterNoticeLine:
    """One in App Home's list."""

    id: str
    brand: str
    title: str
    state: CounterState
    due_at: datetime
    place: Place
