"""Questions answered from memory: the marketplace had asked before, and an expert had said Genuine."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, Index, SQLModel

from storage.records import authenticity  # noqa: F401  # the tables that ours point to


class RememberedAnswer(SQLModel, table=True):
    """Which earlier verdict answered a request. One per request; insert-only.

    It is no verdict: nobody looked at the listing again. Whoever takes the verdict back takes these along.
    """

    __tablename__ = "remembered_answer"
    __table_args__ = (Index("ix_remembered_answer_verdict", "verdict_id", "at"),)

    request_id: str = Field(primary_key=True, foreign_key="authenticity_request.id")
    verdict_id: str = Field(foreign_key="verdict.id")
    at: datetime


@dataclass(frozen=True)
class Repeats:
    """How often one verdict answered again, and when last."""

    times: int
    last: datetime | None
