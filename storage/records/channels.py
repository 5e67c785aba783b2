"""Which Slack channel belongs to whom: one tenant, one group (aggregates only), or the platform team."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from storage.columns import enum_column, new_id, partial_index, partial_unique


class ChannelPurpose(StrEnum):
    """What may be shown in a bound channel; `scope_id` says of whom."""

    BRAND = "brand"
    GROUP = "group"
    ASSOCIATION = "association"
    PLATFORM = "platform"
    CONVERSATION = "conversation"


class ChannelState(StrEnum):
    """`paused`: a stranger joined, posting waits for the lead. `broken`: bot removed or channel archived."""

    BOUND = "bound"
    PAUSED = "paused"
    BROKEN = "broken"


_LIVE = "unbound_at IS NULL"


class ChannelBinding(SQLModel, table=True):
    """A channel and its one purpose."""

    __tablename__ = "channel_binding"
    __table_args__ = (
        partial_unique("uq_channel_binding_channel", "channel_id", where=_LIVE),
        partial_unique("uq_channel_binding_scope", "purpose", "scope_id", where=_LIVE),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    channel_id: str  # Slack's id
    purpose: ChannelPurpose = Field(sa_column=enum_column(ChannelPurpose, "purpose"))
    scope_id: str = ""  # brand, group, association or conversation; empty for the platform team
    state: ChannelState = Field(sa_column=enum_column(ChannelState, "state"))
    locale: str = "en-US"
    bound_by: str
    bound_at: datetime
    unbound_at: datetime | None = None
    in_step: bool = True  # the bot invites who belongs, and takes out again whom it invited
    step_problem: str = ""  # Slack's word for why it cannot


class ChannelMember(SQLModel, table=True):
    """One stay of somebody in a bound channel.

    Whoever is on no roster of its scope is a stranger there, until someone who may bind it lets them in.
    """

    __tablename__ = "channel_member"
    __table_args__ = (
        partial_unique("uq_channel_member_present", "binding_id", "user_id", where="left_at IS NULL"),
        partial_index("ix_channel_member_user", "user_id", where="left_at IS NULL"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    binding_id: str = Field(foreign_key="channel_binding.id")
    user_id: str  # Slack's id
    since: datetime
    told_at: datetime | None = None  # when those who keep the channel were told of a stranger
    allowed_by: str | None = None  # the actor, as the audit writes it
    left_at: datetime | None = None
    put_at: datetime | None = None  # when the bot invited them
    removal_by: str | None = None  # who wants the bot to take them out, as the audit writes it
