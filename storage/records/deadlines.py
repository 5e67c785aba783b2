"""Deadlines: what is watched until it is done, and every step that was told or missed on the way."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from storage.columns import enum_column, new_id, partial_index
from storage.records import platform, roster  # noqa: F401  # the tables that ours point to


class SubjectKind(StrEnum):
    """What has a deadline."""

    REQUEST = "authenticity_request"
    NOTICE = "notice"


class Step(StrEnum):
    """A step towards a deadline, and the deadline itself: requests expire, notices are breached."""

    REMINDER = "reminder"
    LEAD = "lead"
    ACCOUNT_MANAGER = "account_manager"
    EXPIRED = "expired"
    TWO_THIRDS = "two_thirds"
    NINE_TENTHS = "nine_tenths"
    BREACHED = "breached"


class WaitsFor(StrEnum):
    """What a case waited for at a step, which is the reason of a breach."""

    NO_BRAND = "no_brand"
    NOT_ANSWERED = "not_answered"
    NOT_CONFIRMED = "not_confirmed"
    NOT_RECEIVED = "not_received"
    NOT_REVIEWED = "not_reviewed"
    IN_REVIEW = "in_review"
    CLARIFICATION = "clarification"


class DeadlineWatch(SQLModel, table=True):
    """A case that is watched, and when to look at it next. Gone when the case is done or its last step is."""

    __tablename__ = "deadline_watch"
    __table_args__ = (Index("ix_deadline_watch_next", "next_at"),)

    subject_kind: SubjectKind = Field(sa_column=enum_column(SubjectKind, "subject_kind", primary_key=True))
    subject_id: str = Field(primary_key=True)
    client_id: str | None = Field(default=None, foreign_key="platform_client.id")  # whose calendar counts
    started_at: datetime
    due_at: datetime
    next_at: datetime


class Deadline(SQLModel, table=True):
    """One step that came, once per case and round. A request's round, 1 for a notice."""

    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id", "round", "step", name="uq_deadline_step"),
        Index("ix_deadline_day", "step", "at", "holder_id"),
        Index("ix_deadline_message", "message_id"),
        partial_index("ix_deadline_unsettled", "due_at", where="settled_at IS NULL"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    subject_kind: SubjectKind = Field(sa_column=enum_column(SubjectKind, "subject_kind"))
    subject_id: str
    round: int = 1
    step: Step = Field(sa_column=enum_column(Step, "step"))
    holder_id: str | None = Field(default=None, foreign_key="rights_holder.id")  # None: no brand was found
    due_at: datetime
    at: datetime
    reason: WaitsFor = Field(sa_column=enum_column(WaitsFor, "reason"))
    message_id: str | None = None  # the warning that lists it; one for all that came at once in one place
    settled_at: datetime | None = None  # since when the warning need not follow the case any more
