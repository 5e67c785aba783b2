"""Notices and their items, drafts, and the history of each notice's states."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from storage.columns import enum_column, json_column, new_id, partial_index
from storage.records import authenticity, rights  # noqa: F401  # the tables that ours point to
from storage.records.second_look import Ground
from storage.records.standing import Counted


class NoticeState(StrEnum):
    """Life cycle of a notice (capability N7). A draft is a row of its own until it is submitted."""

    SUBMITTED = "submitted"
    RECEIVED = "received"
    IN_REVIEW = "in_review"
    CLARIFICATION_REQUIRED = "clarification_required"
    ACTIONED = "actioned"
    PARTIALLY_ACTIONED = "partially_actioned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


UNDECIDED = (
    NoticeState.SUBMITTED,
    NoticeState.RECEIVED,
    NoticeState.IN_REVIEW,
    NoticeState.CLARIFICATION_REQUIRED,
)
WITHDRAWABLE = frozenset(NoticeState) - {NoticeState.REJECTED, NoticeState.WITHDRAWN}


class ItemState(StrEnum):
    """What became of one listing of a notice."""

    OPEN = "open"
    REMOVED = "removed"
    KEPT = "kept"


class ReasonCode(StrEnum):
    """Why a listing is reported; each maps to at least one real platform's code (field facts c.2).

    None is ever taken out or renamed without its tallies and takedowns: the sums of a window go by this list.
    """

    COUNTERFEIT_TEST_BUY = "counterfeit_test_buy"
    COUNTERFEIT_NO_TEST_BUY = "counterfeit_no_test_buy"
    TRADEMARK_IN_LISTING = "trademark_in_listing"
    STORE_FRONT = "store_front"
    COPYRIGHT_IMAGES = "copyright_images"
    DESIGN = "design"
    PATENT = "patent"
    UNLAWFUL_IMPORT = "unlawful_import"
    NOT_FOR_SALE = "not_for_sale"
    GEOGRAPHICAL_INDICATION = "geographical_indication"
    OTHER = "other"


COUNTERFEIT = frozenset({ReasonCode.COUNTERFEIT_TEST_BUY, ReasonCode.COUNTERFEIT_NO_TEST_BUY})


class NoticeOrigin(StrEnum):
    """A member filed it, or a verdict became it."""

    MEMBER = "member"
    VERDICT = "verdict"


class NoticeDraft(SQLModel, table=True):
    """What a person has typed and not yet filed. A modal's private metadata holds only the id."""

    __tablename__ = "notice_draft"
    __table_args__ = (Index("ix_notice_draft_person", "person_id", "changed_at"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    body: dict[str, Any] = Field(sa_column=json_column())
    created_at: datetime
    changed_at: datetime


class Notice(SQLModel, table=True):
    """A notice about one or more listings on one marketplace."""

    __table_args__ = (
        UniqueConstraint("reference", name="uq_notice_reference"),
        UniqueConstraint("draft_id", "marketplace", name="uq_notice_draft"),
        UniqueConstraint("verdict_id", name="uq_notice_verdict"),
        Index("ix_notice_day", "submitted_at", "holder_id", "state", "decided_at"),
        Index("ix_notice_holder_state", "holder_id", "state", "submitted_at"),
        Index("ix_notice_person", "submitter_id", "submitted_at"),
        partial_index("ix_notice_decided", "holder_id", "decided_at", where="decided_at IS NOT NULL"),
        Index("ix_notice_due", "due_at", "brand_id", "right_id", "lane", "decided_at", "decided_as"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    reference: str  # short and random, for people: GF-7K3M-Q2XW
    holder_id: str = Field(foreign_key="rights_holder.id")
    brand_id: str = Field(foreign_key="brand.id")
    right_id: str | None = Field(default=None, foreign_key="right.id")
    marketplace: str
    client_id: str | None = Field(
        default=None, foreign_key="platform_client.id"
    )  # None: no line to that marketplace yet
    origin: NoticeOrigin = Field(sa_column=enum_column(NoticeOrigin, "origin"))
    draft_id: str | None = None  # one filing per draft and marketplace, however often it is sent
    verdict_id: str | None = Field(default=None, foreign_key="verdict.id")
    reason_code: ReasonCode = Field(sa_column=enum_column(ReasonCode, "reason_code"))
    explanation: str
    particulars: dict[str, str] | None = Field(
        default=None, sa_column=json_column(nullable=True)
    )  # what only some notices need: a test buy's order number, a copyright notice's signature and work
    statements: list[str] = Field(
        sa_column=json_column()
    )  # keys of the statements that were ticked, with their version
    submitter_id: str = Field(foreign_key="person.id")
    submitter_name: str
    submitter_email: str
    role: str
    immediate: bool  # counterfeit from a holder in good standing: takedowns start at once
    # Why they did not in spite of good standing; another person of the holder may start them all the same.
    second_ground: Ground | None = Field(
        default=None, sa_column=enum_column(Ground, "second_ground", nullable=True)
    )
    seconded_by: str | None = Field(default=None, foreign_key="person.id")
    seconded_at: datetime | None = None
    state: NoticeState = Field(sa_column=enum_column(NoticeState, "state"))
    state_reason: str = ""
    complaint_number: str = ""
    complaint_url: str = ""
    submitted_at: datetime
    lane: str = ""  # the fast lane that it was filed in; empty: the ordinary one
    target_hours: int = 24  # of business time, as promised when it was filed
    due_at: datetime | None = None  # None while no marketplace has it, or where no decision is owed any more
    decided_at: datetime | None = None  # actioned, partially actioned or rejected: "processed"
    # As what it was decided then: a listing that is put back later does not make it a rejected notice.
    decided_as: NoticeState | None = Field(
        default=None, sa_column=enum_column(NoticeState, "decided_as", nullable=True)
    )
    changed_at: datetime


class NoticeItem(SQLModel, table=True):
    """One listing of a notice."""

    __tablename__ = "notice_item"
    __table_args__ = (
        UniqueConstraint("notice_id", "listing_id", name="uq_notice_item_listing"),
        Index("ix_notice_item_listing", "listing_id", "state"),
        partial_index(
            "ix_notice_item_counted", "counted", "counted_on", "notice_id", where="counted IS NOT NULL"
        ),
        partial_index("ix_notice_item_upheld", "upheld_on", where="upheld_on IS NOT NULL"),
        # For these a takedown counts: held each night against all that asked for one, in the same order.
        partial_index(
            "ix_notice_item_uncounted", "id", "state", "counted", where="counted IS NULL AND state <> 'open'"
        ),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    notice_id: str = Field(foreign_key="notice.id")
    listing_id: str = Field(foreign_key="listing.id")
    state: ItemState = Field(sa_column=enum_column(ItemState, "state"))
    reason: str = ""
    position: int
    # What it counts for in the holder's standing, where no takedown does, and on which UTC day.
    counted: Counted | None = Field(default=None, sa_column=enum_column(Counted, "counted", nullable=True))
    counted_on: date | None = None
    upheld_on: date | None = None  # a counter-notice against its removal was upheld


class NoticeEvent(SQLModel, table=True):
    """One step of a notice, told in its thread. `event_key` keeps a repeated report from counting twice."""

    __tablename__ = "notice_event"
    __table_args__ = (UniqueConstraint("notice_id", "event_key", name="uq_notice_event_key"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    notice_id: str = Field(foreign_key="notice.id")
    event_key: str
    state: NoticeState = Field(sa_column=enum_column(NoticeState, "state"))
    reason: str = ""
    by: str  # the actor's kind: member, platform, bot
    at: datetime
