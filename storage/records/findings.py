"""What members tell each other: alerts and best practices, where they stand, and whom they helped."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from storage.columns import enum_column, new_id
from storage.records.groups import Industry

# Characters of what is typed.
LONGEST_TITLE, LONGEST_SELLERS, LONGEST_SIGNS, LONGEST_LINK, LONGEST_REASON = 120, 120, 2000, 1000, 500


class FindingKind(StrEnum):
    """What is told."""

    ALERT = "alert"
    BEST_PRACTICE = "best_practice"


class SharingState(StrEnum):
    """Where the sharing with one group stands."""

    ASKED = "asked"
    POSTED = "posted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Finding(SQLModel, table=True):
    """A pattern that somebody has seen, or what has helped them. All its texts are strangers' words."""

    __table_args__ = (Index("ix_finding_author", "author_id", "shared_at"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    kind: FindingKind = Field(sa_column=enum_column(FindingKind, "kind"))
    author_id: str = Field(foreign_key="person.id")
    holder_id: str | None = Field(default=None, foreign_key="rights_holder.id")  # None: the platform's
    is_anonymous: bool
    title: str
    sellers: str  # what kind of sellers; may be empty
    signs: str  # how to recognise it, or what to do
    industry: Industry | None = Field(
        default=None, sa_column=enum_column(Industry, "industry", nullable=True)
    )
    link: str = ""
    picture: str = ""
    shared_at: datetime


class FindingSharing(SQLModel, table=True):
    """A finding in one group: asked for, posted, declined or withdrawn."""

    __tablename__ = "finding_sharing"
    __table_args__ = (
        UniqueConstraint("finding_id", "group_id", name="uq_finding_sharing_group"),
        Index("ix_finding_sharing_group", "group_id", "state", "posted_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    finding_id: str = Field(foreign_key="finding.id")
    group_id: str = Field(foreign_key="working_group.id")
    state: SharingState = Field(sa_column=enum_column(SharingState, "state"))
    posted_at: datetime | None = None
    decided_by: str | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = None
    reason: str = ""


class FindingReaction(SQLModel, table=True):
    """One emoji that one person put on a posted finding."""

    __tablename__ = "finding_reaction"
    __table_args__ = (Index("ix_finding_reaction_finding", "finding_id", "user_id"),)

    sharing_id: str = Field(foreign_key="finding_sharing.id", primary_key=True)
    user_id: str = Field(primary_key=True)  # Slack's id: whoever is in the channel may find it useful
    reaction: str = Field(primary_key=True)
    finding_id: str = Field(foreign_key="finding.id")
    at: datetime


@dataclass(frozen=True)
class Shared:
    """A finding as it is listed, and how many people found it useful."""

    finding: Finding
    useful: int
