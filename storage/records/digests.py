"""When a channel hears its digests, what it was told, and the counts of days and months that are over."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from storage.columns import enum_column, json_column, new_id
from storage.records.calendars import Span
from storage.records.channels import ChannelPurpose
from storage.records.digest_figures import DigestFigures


class Lateness(StrEnum):
    """Why a digest came late."""

    DOWN = "down"  # the bot was not running
    CHANNEL = "channel"  # its channel was paused or could not be reached
    SENDING = "sending"  # it was made in time and could not be posted


class DigestSubscription(SQLModel, table=True):
    """One of a channel's digests: what its days are, and when it comes. What it is about is the channel's."""

    __tablename__ = "digest_subscription"
    __table_args__ = (Index("ix_digest_subscription_due", "next_due_at"),)

    channel_id: str = Field(primary_key=True)  # Slack's id
    span: Span = Field(sa_column=enum_column(Span, "span", primary_key=True))
    purpose: ChannelPurpose = Field(sa_column=enum_column(ChannelPurpose, "purpose"))
    scope_id: str  # as in the channel's binding
    hour: int
    minute: int = 0
    zone: str
    weekday: int = 0  # of a weekly one: 0 is Monday
    language: str = ""  # a locale; empty: the channel's
    sections: list[str] = Field(sa_column=json_column())  # of `Section`
    tell_empty: bool = False
    resumes_on: date | None = None  # paused for all local dates before it
    next_due_at: datetime
    held_since: datetime | None = None  # since when it is due and its channel cannot be written to
    missed_since: date | None = None  # the first date that came too late to be told, until one is told
    changed_by: str
    changed_at: datetime


class Digest(SQLModel, table=True):
    """What one channel was told on one local date. The unique row is the claim: one per span and date."""

    __table_args__ = (UniqueConstraint("channel_id", "span", "local_date", name="uq_digest_channel_day"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    channel_id: str
    span: Span = Field(sa_column=enum_column(Span, "span"))
    purpose: ChannelPurpose = Field(sa_column=enum_column(ChannelPurpose, "purpose"))
    scope_id: str
    local_date: date
    due_at: datetime
    made_at: datetime
    late: Lateness | None = Field(default=None, sa_column=enum_column(Lateness, "late", nullable=True))
    missed_since: date | None = None  # no digest was sent for the dates from then until this one
    language: str = ""
    sections: list[str] = Field(sa_column=json_column())
    figures: dict[str, Any] = Field(sa_column=json_column())  # `DigestFigures`; empty where it was quiet


class DigestDay(SQLModel, table=True):
    """What happened to one brand's cases on a closed day of the platform's zone."""

    __tablename__ = "digest_day"

    day: date = Field(primary_key=True)
    brand_id: str = Field(primary_key=True)
    notices: int
    requests: int
    fake: int
    genuine: int
    other: int
    takedowns: int
    removed: int


class DigestMonth(SQLModel, table=True):
    """The closed days of a month added up, by brand; `month` is its first day."""

    __tablename__ = "digest_month"

    month: date = Field(primary_key=True)
    brand_id: str = Field(primary_key=True)
    notices: int
    requests: int
    fake: int
    genuine: int
    other: int
    takedowns: int
    removed: int


@dataclass(frozen=True)
class Place:
    """What a digest is about: a group, a brand, an association or the whole platform, by name."""

    purpose: ChannelPurpose
    scope_id: str
    name: str


@dataclass(frozen=True)
class DigestSheet:
    """A digest as it is drawn."""

    digest: Digest
    place: Place
    figures: DigestFigures


@dataclass(frozen=True)
class DigestPreview:
    """The days so far, and when the channel hears of them; `channel_id` is empty without a channel.

    `figures` is None for those who may set its hour but not read it. `too_small`: a group with so few
    rights holders that nothing can ever be shown.
    """

    place: Place
    span: Span
    too_small: bool
    channel_id: str
    subscription: DigestSubscription | None
    may_configure: bool
    until: datetime
    figures: DigestFigures | None
    exports: bool = False  # whether this reader may have figures of it as a file
