"""Warnings and suspensions for manifestly unfounded notices and Fakes (DSA Article 23), and their answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, Index, SQLModel

from storage.columns import enum_column, json_column, new_id, partial_unique
from storage.records import approvals  # noqa: F401  # the tables that ours point to
from storage.records.roster import Person


class Unfounded(StrEnum):
    """How a Fake or a notice's listing turned out to be unfounded, the gravest last."""

    RETRACTED = "retracted"  # taken back by its own side
    REFUSED = "refused"  # the marketplace refused it, or kept the listing
    UPHELD = "upheld"  # a counter-notice against it was upheld: the listing had been down


class CensureKind(StrEnum):
    """A warning comes first. Who is suspended files and answers nothing; a holder starts nothing at once."""

    WARNING = "warning"
    SUSPENSION = "suspension"


class CensureState(StrEnum):
    """Proposed until a second person decides."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    DECLINED = "declined"
    LIFTED = "lifted"


class Censure(SQLModel, table=True):
    """A warning or a suspension of a person, or of a whole rights holder where `person_id` is None."""

    __table_args__ = (
        Index("ix_censure_holder", "holder_id", "proposed_at"),
        Index("ix_censure_person", "person_id", "proposed_at"),
        partial_unique("uq_censure_approval", "approval_id", where="approval_id IS NOT NULL"),
        partial_unique(
            "uq_censure_suspension", "person_id", where="kind = 'suspension' AND state = 'in_force'"
        ),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    kind: CensureKind = Field(sa_column=enum_column(CensureKind, "kind"))
    state: CensureState = Field(sa_column=enum_column(CensureState, "state"))
    person_id: str | None = Field(default=None, foreign_key="person.id")
    holder_id: str = Field(foreign_key="rights_holder.id")
    approval_id: str | None = Field(default=None, foreign_key="approval.id")
    reason: str  # in the words of whoever proposed it
    figures: dict[str, Any] = Field(sa_column=json_column())  # as they were then: `Figures.kept`
    proposed_at: datetime
    decided_at: datetime | None = None
    lifted_at: datetime | None = None
    answer: str = ""  # in the words of whom it concerns
    answered_by: str | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime | None = None


@dataclass(frozen=True)
class Ending:
    """One unfounded act: whose it was, how it turned out, against whom, and how long the listing was down."""

    person_id: str
    holder_id: str
    kind: Unfounded
    on: date  # the UTC day on which it counted
    seller_id: str | None
    seconds_down: int = 0


@dataclass(frozen=True)
class Figures:
    """What is weighed over a year (DSA Article 23(3)): number, share, gravity, and signs of intention."""

    acts: int = 0  # Fakes and notices' listings that were decided
    retracted: int = 0
    refused: int = 0
    upheld: int = 0
    days_down: int = 0  # listing-days that sellers lost
    after_warning: int = 0
    same_seller: int = 0  # the most against one seller

    @property
    def unfounded(self) -> int:
        """The absolute number."""
        return self.retracted + self.refused + self.upheld

    def kept(self) -> dict[str, int]:
        """As a censure keeps them."""
        return dict(vars(self))


@dataclass(frozen=True)
class Reporter:
    """A person in the list of those whose acts turned out unfounded."""

    person: Person
    holder_id: str
    holder_name: str
    figures: Figures


@dataclass(frozen=True)
class Concentration:
    """Who causes what is upheld: the reporters with most of it, out of so many in all and so many people."""

    reporters: Sequence[Reporter]
    upheld: int
    unfounded: int
    people: int


@dataclass(frozen=True)
class CensureSheet:
    """A censure with the names around it."""

    censure: Censure
    person: Person | None
    holder_name: str
    answered_by: Person | None
