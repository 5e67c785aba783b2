"""Working groups and their members."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from storage.columns import enum_column, new_id, partial_index, partial_unique
from storage.records import roster  # noqa: F401  # the tables that ours point to


class GroupKind(StrEnum):
    """An industry working group, or a committee."""

    INDUSTRY = "industry"
    COMMITTEE = "committee"


class Industry(StrEnum):
    """The twelve categories of goods, each with one working group. The alliances publish theirs in part."""

    ACCESSORIES = "accessories"
    AUTOMOTIVE = "automotive"
    CLOTHING = "clothing"
    ELECTRONICS = "electronics"
    FOOD_DRINK = "food_drink"
    HOME = "home"
    INDUSTRIAL = "industrial"
    JEWELLERY = "jewellery"
    PERSONAL_CARE = "personal_care"
    PHARMACEUTICALS = "pharmaceuticals"
    SMART_DEVICES = "smart_devices"
    TOYS = "toys"


class Region(StrEnum):
    """Where an advisory committee of small companies sits; one each."""

    AFRICA = "africa"
    AMERICAS = "americas"
    ASIA_PACIFIC = "asia_pacific"
    EUROPE = "europe"
    MIDDLE_EAST = "middle_east"


class WorkingGroup(SQLModel, table=True):
    """A group of rights holders that share a channel: an industry's, a region's committee, or another."""

    __tablename__ = "working_group"
    __table_args__ = (
        UniqueConstraint("name_key", name="uq_working_group_name"),
        UniqueConstraint("industry", name="uq_working_group_industry"),
        UniqueConstraint("region", name="uq_working_group_region"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    name: str
    name_key: str
    kind: GroupKind = Field(sa_column=enum_column(GroupKind, "kind"))
    industry: Industry | None = Field(
        default=None, sa_column=enum_column(Industry, "industry", nullable=True)
    )
    region: Region | None = Field(default=None, sa_column=enum_column(Region, "region", nullable=True))
    created_at: datetime


class GroupMember(SQLModel, table=True):
    """A rights holder's membership in a group, with its history. `ends_on`: the last day of its term."""

    __tablename__ = "group_member"
    __table_args__ = (
        partial_unique("uq_group_member_live", "group_id", "holder_id", where="until IS NULL"),
        partial_index("ix_group_member_ends", "ends_on", where="until IS NULL AND ends_on IS NOT NULL"),
        Index("ix_group_member_holder", "holder_id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    group_id: str = Field(foreign_key="working_group.id")
    holder_id: str = Field(foreign_key="rights_holder.id")
    since: datetime
    until: datetime | None = None
    ends_on: date | None = None
