"""What is held against sellers: strikes, policies, sanctions, relistings, what links them, category bans."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from storage.columns import enum_column, json_column, new_id, partial_index, partial_unique
from storage.records import listings, platform, roster  # noqa: F401  # the tables that ours point to


class Severity(StrEnum):
    """How grave a removal is: counterfeits are serious."""

    SERIOUS = "serious"
    GENERAL = "general"


class PolicyName(StrEnum):
    """The strike policies that can be switched on (field facts c.6)."""

    THREE_STRIKES = "three_strikes"
    POINTS = "points"


class Measure(StrEnum):
    """What a policy proposes to the marketplace, from mild to grave."""

    SEVERE_WARNING = "severe_warning"
    RESTRICTION_7_DAYS = "restriction_7_days"
    RESTRICTION_14_DAYS = "restriction_14_days"
    RESTRICTION_21_DAYS = "restriction_21_days"  # and all products removed
    BAN = "ban"


class SanctionState(StrEnum):
    """`withdrawn`: removals were reversed, and nothing asks for it any more."""

    PROPOSED = "proposed"
    CARRIED_OUT = "carried_out"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


STANDING_SANCTION = "lapsed_at IS NULL AND state != 'withdrawn'"


class TraitKind(StrEnum):
    """By what sellers are linked."""

    PICTURE = "picture"
    CONTACT = "contact"
    ADDRESS = "address"
    SHIPMENT = "shipment"


class Likeness(StrEnum):
    """How a listing resembles one that was removed before."""

    ITEM = "item"
    PICTURE = "picture"
    TITLE = "title"


class StrikePolicy(SQLModel, table=True):
    """A policy as it was switched on for one marketplace; its terms never change, another version follows."""

    __tablename__ = "strike_policy"
    __table_args__ = (
        UniqueConstraint("marketplace", "version", name="uq_strike_policy_version"),
        partial_unique("uq_strike_policy_active", "marketplace", where="ended_at IS NULL"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    marketplace: str
    version: int
    name: PolicyName = Field(sa_column=enum_column(PolicyName, "name"))
    terms: dict[str, Any] = Field(sa_column=json_column())
    since: datetime
    ended_at: datetime | None = None


class Strike(SQLModel, table=True):
    """One removal held against a seller; `removal_id` is that of the takedown or of the notice item."""

    __table_args__ = (
        UniqueConstraint("removal_id", name="uq_strike_removal"),
        Index("ix_strike_seller", "seller_id", "at"),
        Index("ix_strike_severity", "seller_id", "severity", "at"),
        Index("ix_strike_listing", "listing_id", "at"),
        Index("ix_strike_marketplace", "marketplace", "seller_id", "at", "severity"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    removal_id: str
    seller_id: str = Field(foreign_key="seller.id")
    marketplace: str
    listing_id: str = Field(foreign_key="listing.id")
    holder_id: str = Field(foreign_key="rights_holder.id")
    reason_code: str
    severity: Severity = Field(sa_column=enum_column(Severity, "severity"))
    at: datetime
    taken_back_at: datetime | None = None


class Sanction(SQLModel, table=True):
    """A measure that a policy proposed when a strike crossed one of its steps."""

    __table_args__ = (
        UniqueConstraint("seller_id", "policy_id", "strike_id", name="uq_sanction_crossing"),
        partial_unique("uq_sanction_standing", "seller_id", "policy_id", "measure", where=STANDING_SANCTION),
        Index("ix_sanction_state", "marketplace", "state", "measure", "proposed_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    seller_id: str = Field(foreign_key="seller.id")
    policy_id: str = Field(foreign_key="strike_policy.id")
    strike_id: str = Field(foreign_key="strike.id")
    marketplace: str
    client_id: str | None = Field(default=None, foreign_key="platform_client.id")
    measure: Measure = Field(sa_column=enum_column(Measure, "measure"))
    counted: int  # strikes or points when it was proposed
    state: SanctionState = Field(sa_column=enum_column(SanctionState, "state"))
    reason: str = ""
    reference: str = ""  # the marketplace's own
    proposed_at: datetime
    answered_at: datetime | None = None
    lapsed_at: datetime | None = None  # the strikes behind it fell below its step again


class RemovedTrace(SQLModel, table=True):
    """By what a removed listing would be known again. `value`: a hash of the likeness, seller and text."""

    __tablename__ = "removed_trace"
    __table_args__ = (
        UniqueConstraint("value", "removal_id", name="uq_removed_trace_value"),
        Index("ix_removed_trace_removal", "removal_id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    value: str
    likeness: Likeness = Field(sa_column=enum_column(Likeness, "likeness"))
    removal_id: str
    holder_id: str = Field(foreign_key="rights_holder.id")
    removed_at: datetime


class Relisting(SQLModel, table=True):
    """A listing that came in and resembles one that was removed before."""

    __table_args__ = (
        UniqueConstraint("subject_id", "listing_id", "holder_id", name="uq_relisting_subject"),
        Index("ix_relisting_seller", "seller_id", "found_at"),
        Index("ix_relisting_removal", "removal_id"),
        Index("ix_relisting_day", "found_at", "holder_id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    subject_id: str  # the request or the notice
    listing_id: str = Field(foreign_key="listing.id")
    seller_id: str | None = Field(default=None, foreign_key="seller.id")
    likeness: Likeness = Field(sa_column=enum_column(Likeness, "likeness"))
    removal_id: str
    holder_id: str = Field(foreign_key="rights_holder.id")  # whose case the removal was
    removed_at: datetime
    found_at: datetime


class SellerTrait(SQLModel, table=True):
    """Something known of a seller; `value_hash` covers its kind. `shown` is for the platform team alone."""

    __tablename__ = "seller_trait"
    __table_args__ = (
        UniqueConstraint("value_hash", "seller_id", name="uq_seller_trait_value"),
        Index("ix_seller_trait_seller", "seller_id"),
        partial_index("ix_seller_trait_new", "seen_at", where="linked_at IS NULL"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    seller_id: str = Field(foreign_key="seller.id")
    kind: TraitKind = Field(sa_column=enum_column(TraitKind, "kind"))
    value_hash: str
    shown: str
    seen_at: datetime
    linked_at: datetime | None = None  # until then nobody has looked who else has it


class CategoryBan(SQLModel, table=True):
    """Goods that may not be listed on a marketplace at all."""

    __tablename__ = "category_ban"
    __table_args__ = (
        partial_unique("uq_category_ban_live", "marketplace", "goods_key", where="ended_at IS NULL"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    marketplace: str
    goods: str
    goods_key: str
    reason: str = ""
    since: datetime
    ended_at: datetime | None = None
