"""Acts that need a second administrator: proposed by one, confirmed or declined by another."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, Index, SQLModel

from storage.columns import enum_column, json_column, new_id
from storage.records import roster  # noqa: F401  # the tables that ours point to


class ApprovalState(StrEnum):
    """Open until another person decides."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class Approval(SQLModel, table=True):
    """One proposed act: which operation, with which arguments, proposed by whom."""

    __table_args__ = (Index("ix_approval_state", "state", "proposed_at"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    operation: str
    arguments: dict[str, Any] = Field(sa_column=json_column())
    tenant: str | None = None
    proposed_by: str = Field(foreign_key="person.id")
    proposed_at: datetime
    state: ApprovalState = Field(sa_column=enum_column(ApprovalState, "state"))
    decided_by: str | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = None
