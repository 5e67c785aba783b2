"""What App Home shows of the rows: the few facts of each that a reader needs, as the queries give them."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.records.channels import ChannelState
from storage.records.notices import NoticeState


class HomeChoice(SQLModel, table=True):
    """Which view of App Home somebody chose: kept while they look, so that a refresh leaves them there."""

    __tablename__ = "home_choice"

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    page: str = ""
    holder_id: str = ""  # one rights holder of several; empty: all of theirs
    filter: str = ""
    list_page: int = 0
    at: datetime


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
    """A notice in a list."""

    reference: str
    brand: str
    state: NoticeState
    changed_at: datetime
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
class Figures:
    """What a person's own rights holders did in so many days, with nothing of anybody else in it."""

    days: int
    notices: int
    requests: int
    fake: int
    genuine: int
    other: int
    takedowns: int
    removed: int
