"""Working groups, their members, and the digests that went to their channels."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from storage.columns import enum_column, json_column, new_id, partial_unique


class GroupKind(StrEnum):
    """An industry working group, or a committee."""

    INDUSTRY = "industry"
    COMMITTEE = "committee"


class WorkingGroup(SQLModel, table=True):
    """A group of rights holders that share a channel."""

    __tablename__ = "working_group"
    __table_args__ = (UniqueConstraint("name_key", name="uq_working_group_name"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    name: str
    name_key: str
    kind: GroupKind = Field(sa_column=enum_column(GroupKind, "kind"))
    created_at: datetime


class GroupMember(SQLModel, table=True):
    """A rights holder's membership in a group, with its history."""

    __tablename__ = "group_member"
    __table_args__ = (
        partial_unique("uq_group_member_live", "group_id", "holder_id", where="until IS NULL"),
        Index("ix_group_member_holder", "holder_id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    group_id: str = Field(foreign_key="working_group.id")
    holder_id: str = Field(foreign_key="rights_holder.id")
    since: datetime
    until: datetime | None = None


class DigestSubscription(SQLModel, table=True):
    """A channel's daily digest: at which local hour, in which zone. One per channel."""

    __tablename__ = "digest_subscription"
    __table_args__ = (Index("ix_digest_subscription_due", "next_due_at"),)

    channel_id: str = Field(primary_key=True)  # Slack's id
    group_id: str = Field(foreign_key="working_group.id")
    hour: int
    minute: int = 0
    zone: str
    next_due_at: datetime
    changed_by: str
    changed_at: datetime


class Digest(SQLModel, table=True):
    """What one channel was told on one local day. The unique row is the claim: one per channel and date."""

    __table_args__ = (UniqueConstraint("channel_id", "local_date", name="uq_digest_channel_day"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    channel_id: str
    group_id: str = Field(foreign_key="working_group.id")
    local_date: date
    due_at: datetime
    made_at: datetime
    figures: dict[str, Any] = Field(sa_column=json_column())
