"""What App Home shows of the rows: the few facts of each that a reader needs, as the queries give them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from storage.records.channels import ChannelState
from storage.records.notices import NoticeState


class HomeChoice(SQLModel, table=True):
    """Which view of App Home somebody chose: kept while they look, so that a refresh leaves them there."""

    __tablename__ = "home_choice"

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    page: str = ""
    scope_id: str = ""  # one rights holder or brand of several; empty: all of theirs
    filter: str = ""
    list_page: int = 0
    at: datetime


@dataclass(frozen=True)
class Portal:
    """What somebody can choose to see alone: a rights holder with all its brands, or one brand of several."""

    id: str
    name: str
    holder_id: str
    brand_ids: tuple[str, ...]

    @property
    def is_brand(self) -> bool:
        """Whether it is one brand of several."""
        return self.id != self.holder_id


@dataclass(frozen=True)
class Wanted:
    """Whose cases are shown: of rights holders that the reader may see, and of which of their brands."""

    holder_ids: Sequence[str]
    brand_ids: Sequence[str]
    one_brand: bool = False  # not all brands of the rights holder


class NoticeFilter(StrEnum):
    """Which notices are listed."""

    OPEN = "open"
    ASKED = "asked"
    DECIDED = "decided"


class Happening(StrEnum):
    """What happened of itself, or by somebody else's hand."""

    DECIDED = "decided"
    REMOVED = "removed"
    ANSWERED = "answered"


@dataclass(frozen=True)
class Place:
    """Where a card is; empty while it was not posted."""

    channel_id: str
    ts: str


@dataclass(frozen=True)
class OpenRequest:
    """A request that waits for an answer, or for a second expert."""

    id: str
    brand: str
    title: str
    deadline: datetime | None
    awaits_second: bool
    answered_by_me: bool
    place: Place


@dataclass(frozen=True)
class Todo:
    """A sample to get."""

    id: str
    brand: str
    title: str
    since: datetime


@dataclass(frozen=True)
class NoticeLine:
    """A notice in a list. `at` is when it was decided, else when it was filed."""

    id: str
    reference: str
    brand: str
    state: NoticeState
    at: datetime
    due_at: datetime | None
    complaint_url: str
    place: Place


@dataclass(frozen=True)
class Happened:
    """One thing of the last days. `what` is a notice's reference or a listing's title, where it has one;
    `how` a state, of a removal the listing's address.
    """

    kind: Happening
    at: datetime
    brand: str
    what: str
    how: str
    place: Place


@dataclass(frozen=True)
class Unrouted:
    """A request that no brand's channel could take."""

    id: str
    brand_named: str
    title: str
    since: datetime
    place: Place


@dataclass(frozen=True)
class Draft:
    """Something typed and not filed."""

    id: str
    links: int
    changed_at: datetime


@dataclass(frozen=True)
class SilentChannel:
    """A bound channel that is paused or broken."""

    binding_id: str
    channel_id: str
    state: ChannelState


@dataclass(frozen=True)
class GroupLine:
    """A group and when its digest comes; no hour while none is subscribed."""

    id: str
    name: str
    channel_id: str
    hour: int | None
    minute: int
    zone: str


@dataclass(frozen=True)
class Applied:
    """How many rights holders ask to join or to leave a group."""

    group_id: str
    group: str
    number: int


@dataclass(frozen=True)
class Figures:
    """What brands did in the last so many days, with nothing of anybody else in it."""

    days: int
    notices: int
    requests: int
    fake: int
    genuine: int
    other: int
    takedowns: int
    removed: int
