"""The review queue: who is looking at which open request now, what they put off, and what they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Field, Index, SQLModel

from storage.records.authenticity import Answer
from storage.records.knowledge import KnowledgeSheet


class ReviewClaim(SQLModel, table=True):
    """A request that one person has before them; whoever lets the lease lapse has it no more.

    `until` is by the database's clock.
    """

    __tablename__ = "review_claim"
    __table_args__ = (Index("ix_review_claim_person", "person_id"),)

    request_id: str = Field(primary_key=True, foreign_key="authenticity_request.id")
    person_id: str = Field(foreign_key="person.id")
    until: datetime


class ReviewSkip(SQLModel, table=True):
    """A request that one person put off in this run; it comes back when nothing else is left."""

    __tablename__ = "review_skip"

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    request_id: str = Field(primary_key=True, foreign_key="authenticity_request.id")
    at: datetime


@dataclass(frozen=True)
class Turn:
    """What is before a person now, or None where nothing is left.

    `answered` in this run; `number` of `total`: where they are; `elsewhere`: what others have before them.
    """

    request_id: str | None
    answered: int
    number: int = 0
    total: int = 0
    elsewhere: int = 0


@dataclass(frozen=True)
class UsualPrice:
    """The median of what genuine listings cost, in one currency; None of too few. `line`: of that line."""

    median: Decimal | None
    known: int
    line: bool = False


@dataclass(frozen=True)
class SellerPast:
    """What a rights holder knows of a seller by its own cases, and what the marketplace made public."""

    answers: Mapping[Answer, int]
    strikes: int
    measures: Sequence[Any]


@dataclass(frozen=True)
class CaseNotes:
    """What stands beside a request in the queue."""

    usual: UsualPrice | None
    seller: SellerPast | None
    relisted_at: datetime | None
    knowledge: KnowledgeSheet | None
    lines: Sequence[Any]
