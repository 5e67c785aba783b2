"""What was promised and kept, by day: closed days' counts, fast lanes, and who is in them."""

from datetime import date, datetime

from sqlmodel import Field, Index, SQLModel

from storage.columns import enum_column, new_id, partial_unique
from storage.records.rights import RightKind

EVERYBODY = ""  # a service day's brand where it counts all brands together
NO_RIGHT = ""  # its right type where the notices named no right
ORDINARY = ""  # its lane where the notices were in none


class FastLane(SQLModel, table=True):
    """A lane with a promise of its own. Its rows are data: the two published ones come with the tables."""

    __tablename__ = "fast_lane"

    id: str = Field(primary_key=True)
    name: str
    target_hours: int  # of business time
    target_percent: int  # how many of a hundred are to be decided within them
    right_kind: RightKind | None = Field(
        default=None, sa_column=enum_column(RightKind, "right_kind", nullable=True)
    )  # None: notices about any right
    reduced_proof: bool  # the burden of proof is on the seller


class LaneMember(SQLModel, table=True):
    """One stay of a rights holder in a fast lane."""

    __tablename__ = "lane_member"
    __table_args__ = (
        partial_unique("uq_lane_member_live", "lane_id", "holder_id", where="until IS NULL"),
        Index("ix_lane_member_holder", "holder_id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    lane_id: str = Field(foreign_key="fast_lane.id")
    holder_id: str = Field(foreign_key="rights_holder.id")
    since: datetime
    until: datetime | None = None
    granted_by: str  # the actor, as the audit writes it


class ServiceDay(SQLModel, table=True):
    """The notices that fell due on a closed day: of one brand or of EVERYBODY, one right type, one lane.

    Nothing here changes afterwards: whether a notice was in time is settled when it falls due.
    """

    __tablename__ = "service_day"
    __table_args__ = (Index("ix_service_day_brand", "brand_id", "day"),)

    day: date = Field(primary_key=True)
    brand_id: str = Field(primary_key=True)
    right_kind: str = Field(primary_key=True)
    lane: str = Field(primary_key=True)
    due: int
    in_time: int  # decided by then, rejections included
    rejected: int  # of those in time


class ServiceClose(SQLModel, table=True):
    """A day that is counted, and what the last recount said of it."""

    __tablename__ = "service_close"

    day: date = Field(primary_key=True)
    closed_at: datetime
    checked_at: datetime | None = None
    agreed: bool | None = None  # False: the recount differed and was put in its place
