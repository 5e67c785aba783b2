"""Authenticity requests ("genuine or fake?") and their verdicts, which are never changed."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from storage.columns import enum_column, json_column, new_id, partial_index
from storage.records import listings, platform, roster  # noqa: F401  # the tables that ours point to
from storage.records.second_look import Ground


class RequestState(StrEnum):
    """Where a request stands. `unrouted`: no brand, or no channel yet; the platform team assigns it."""

    UNROUTED = "unrouted"
    OPEN = "open"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class Answer(StrEnum):
    """What an expert can say."""

    FAKE = "fake"
    GENUINE = "genuine"
    CANNOT_TELL = "cannot_tell"
    NEED_SAMPLE = "need_sample"
    NOT_OUR_BRAND = "not_our_brand"


class Outcome(StrEnum):
    """What a verdict led to when it was given. `review`: it became a notice that the platform reviews."""

    TAKEDOWN = "takedown"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    REVIEW = "review"
    CLOSED = "closed"
    REROUTED = "rerouted"


class AuthenticityRequest(SQLModel, table=True):
    """A marketplace's question about one listing. `snapshot` is the listing as it was when asked."""

    __tablename__ = "authenticity_request"
    __table_args__ = (
        UniqueConstraint("client_id", "external_id", name="uq_authenticity_request_external"),
        Index("ix_authenticity_request_brand_state", "brand_id", "state", "deadline"),
        Index("ix_authenticity_request_holder_day", "created_at", "holder_id"),
        Index("ix_authenticity_request_state", "state", "created_at"),
        Index("ix_authenticity_request_seller", "seller_id", "holder_id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    client_id: str = Field(foreign_key="platform_client.id")
    external_id: str
    body_hash: str  # SHA-256 of the canonical body: the same id with another body is a conflict
    brand_named: str  # what the marketplace wrote
    brand_id: str | None = Field(default=None, foreign_key="brand.id")
    holder_id: str | None = Field(default=None, foreign_key="rights_holder.id")
    listing_id: str = Field(foreign_key="listing.id", index=True)
    seller_id: str | None = Field(default=None, foreign_key="seller.id")
    snapshot: dict[str, Any] = Field(sa_column=json_column())
    reasons: list[str] = Field(sa_column=json_column())
    deadline: datetime | None = None
    state: RequestState = Field(sa_column=enum_column(RequestState, "state"))
    round: int = 1  # raised when "Not our brand" sends it back and another brand is asked
    withdrawn_reason: str = ""
    asked_at: datetime | None = None  # since when the brand of this round can answer
    created_at: datetime
    changed_at: datetime


class Verdict(SQLModel, table=True):
    """One expert's answer. One per request and round; insert-only."""

    __table_args__ = (
        UniqueConstraint("request_id", "round", name="uq_verdict_request"),
        Index("ix_verdict_holder_day", "at", "holder_id", "answer"),
        Index("ix_verdict_person", "person_id", "at"),
        partial_index("ix_verdict_fake", "person_id", "at", where="answer = 'fake'"),
        partial_index("ix_verdict_genuine", "holder_id", "at", where="answer = 'genuine'"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    request_id: str = Field(foreign_key="authenticity_request.id")
    round: int
    holder_id: str = Field(foreign_key="rights_holder.id")
    answer: Answer = Field(sa_column=enum_column(Answer, "answer"))
    outcome: Outcome = Field(sa_column=enum_column(Outcome, "outcome"))
    person_id: str = Field(foreign_key="person.id")
    role: str
    standing: str  # of the holder, at that moment
    # Why a second person was asked in spite of good standing.
    second_ground: Ground | None = Field(
        default=None, sa_column=enum_column(Ground, "second_ground", nullable=True)
    )
    late: bool  # after the deadline
    at: datetime


class Decision(StrEnum):
    """What the second person says of a Fake."""

    CONFIRMED = "confirmed"
    DECLINED = "declined"


class Confirmation(SQLModel, table=True):
    """The second person's word on a Fake. One per verdict; insert-only."""

    __table_args__ = (UniqueConstraint("verdict_id", name="uq_confirmation_verdict"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    verdict_id: str = Field(foreign_key="verdict.id")
    decision: Decision = Field(sa_column=enum_column(Decision, "decision"))
    person_id: str = Field(foreign_key="person.id")
    role: str
    reason: str = ""
    at: datetime


class Retraction(SQLModel, table=True):
    """A verdict taken back, with its reason. One per verdict; insert-only."""

    __table_args__ = (UniqueConstraint("verdict_id", name="uq_retraction_verdict"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    verdict_id: str = Field(foreign_key="verdict.id")
    person_id: str = Field(foreign_key="person.id")
    role: str
    reason: str
    at: datetime


class SampleTodo(SQLModel, table=True):
    """ "Need a sample": a to-do for the brand's lead until test buys come."""

    __tablename__ = "sample_todo"
    __table_args__ = (
        UniqueConstraint("verdict_id", name="uq_sample_todo_verdict"),
        Index("ix_sample_todo_holder", "holder_id", "done_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    verdict_id: str = Field(foreign_key="verdict.id")
    request_id: str = Field(foreign_key="authenticity_request.id")
    holder_id: str = Field(foreign_key="rights_holder.id")
    created_at: datetime
    done_by: str | None = None
    done_at: datetime | None = None
