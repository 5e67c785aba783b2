"""What a transaction decided to say or do outside: kept with the decision, delivered by `bot/outbox.py`."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, Text
from sqlmodel import Field, SQLModel

from storage.columns import enum_column, json_column, partial_index, partial_unique, time_column


class OutboxState(StrEnum):
    """READY -> SENDING -> SENT, DEAD, READY again, or UNKNOWN, which only a look-up leaves; or DROPPED."""

    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    DEAD = "dead"
    DROPPED = "dropped"


class OutboxRow(SQLModel, table=True):
    """One delivery. Rows of one `lane` go one at a time in the order of `id`; the empty lane has no order.

    `next_try` and `expires_at` are times of the domain's clock, `lease_until` of the database's.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        partial_unique(
            "uq_outbox_coalesced", "kind", "subject_id", "lane", where="state = 'ready' AND coalesces"
        ),
        partial_index("ix_outbox_ready", "urgent", "next_try", where="state = 'ready'"),
        partial_index("ix_outbox_unknown", "next_try", where="state = 'unknown'"),
        partial_index("ix_outbox_sending", "lease_until", where="state = 'sending'"),
        partial_index("ix_outbox_dead", "done_at", where="state = 'dead'"),
        partial_index("ix_outbox_done", "done_at", where="state IN ('sent', 'dropped')"),
        partial_index(
            "ix_outbox_lane", "lane", "id", where="state IN ('ready', 'sending', 'unknown') AND lane <> ''"
        ),
    )

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    kind: str
    subject_id: str
    key: str | None = Field(default=None, unique=True)
    lane: str = ""
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=json_column())
    urgent: bool = False
    coalesces: bool = False
    state: OutboxState = Field(default=OutboxState.READY, sa_column=enum_column(OutboxState, "state"))
    attempt: int = 0
    next_try: datetime
    expires_at: datetime | None = None
    lease_until: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    lease_owner: str | None = None
    created_at: datetime
    done_at: datetime | None = None
    last_error: str | None = Field(default=None, sa_column=Column(Text))
    result: dict[str, Any] | None = Field(default=None, sa_column=json_column(nullable=True))
