"""Takedowns: at most one open per listing and platform; every cause that asked for it is kept."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from storage.columns import enum_column, new_id, partial_index, partial_unique
from storage.records import listings, platform  # noqa: F401  # the tables that ours point to
from storage.records.standing import Counted


class TakedownState(StrEnum):
    """`requested`: decided, not yet known to be received. `unclear`: the answer to our send was lost."""

    REQUESTED = "requested"
    UNCLEAR = "unclear"
    SENT = "sent"
    REMOVED = "removed"
    REFUSED = "refused"
    CANCELLED = "cancelled"  # retracted before it was sent
    REINSTATEMENT_REQUESTED = "reinstatement_requested"
    REINSTATED = "reinstated"


OPEN_TAKEDOWN = ("requested", "unclear", "sent")
_OPEN = "state IN ('requested', 'unclear', 'sent')"


class CauseKind(StrEnum):
    """What may cause a takedown."""

    VERDICT = "verdict"
    NOTICE_ITEM = "notice_item"


class Takedown(SQLModel, table=True):
    """One takedown of one listing. `key` is UUIDv5 of the id: the idempotency key, stable for ever."""

    __table_args__ = (
        UniqueConstraint("key", name="uq_takedown_key"),
        partial_unique("uq_takedown_open", "client_id", "listing_id", where=_OPEN),
        Index("ix_takedown_holder_day", "created_at", "holder_id", "state"),
        Index("ix_takedown_listing", "listing_id"),
        partial_index("ix_takedown_removed", "removed_at", "brand_id", where="removed_at IS NOT NULL"),
        Index("ix_takedown_seller", "seller_id", "holder_id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    key: str
    client_id: str = Field(foreign_key="platform_client.id")
    listing_id: str = Field(foreign_key="listing.id")
    seller_id: str | None = Field(default=None, foreign_key="seller.id")
    holder_id: str = Field(foreign_key="rights_holder.id")
    brand_id: str = Field(foreign_key="brand.id")
    reason_code: str
    state: TakedownState = Field(sa_column=enum_column(TakedownState, "state"))
    state_reason: str = ""
    reference: str = ""  # the platform's own
    created_at: datetime
    sent_at: datetime | None = None
    removed_at: datetime | None = None
    changed_at: datetime


class TakedownCause(SQLModel, table=True):
    """A verdict or a notice item that asked for the takedown. A cause asks once."""

    __tablename__ = "takedown_cause"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", name="uq_takedown_cause_subject"),
        Index("ix_takedown_cause_takedown", "takedown_id"),
        Index("ix_takedown_cause_holder", "holder_id", "at"),
        partial_index("ix_takedown_cause_counted", "counted", "counted_on", where="counted IS NOT NULL"),
        partial_index("ix_takedown_cause_upheld", "upheld_on", where="upheld_on IS NOT NULL"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    takedown_id: str = Field(foreign_key="takedown.id")
    kind: CauseKind = Field(sa_column=enum_column(CauseKind, "kind"))
    subject_id: str
    holder_id: str = Field(foreign_key="rights_holder.id")
    withdrawn_at: datetime | None = None  # a retracted verdict or a withdrawn notice no longer asks
    # What the takedown counts for in the holder's standing, in the first of its causes; on which UTC day.
    counted: Counted | None = Field(default=None, sa_column=enum_column(Counted, "counted", nullable=True))
    counted_on: date | None = None
    upheld_on: date | None = None  # a counter-notice against it was upheld
    at: datetime
