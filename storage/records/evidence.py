"""Evidence that people attach: the bytes once by their SHA-256, and who gave them for what, when.

The bytes lie in the database, so that every replica has them and a backup holds them. Nobody reaches them but
through the row that says for which counter-notice they were given, or to which product line.
"""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel, UniqueConstraint

from storage.columns import new_id
from storage.records import counter_notices  # noqa: F401  # the tables that ours point to


class EvidenceContent(SQLModel, table=True):
    """Bytes under their own hash: what is given twice is kept once."""

    __tablename__ = "evidence_content"

    sha256: str = Field(primary_key=True)  # hex
    content: bytes = Field(sa_type=LargeBinary)
    size: int  # bytes
    at: datetime  # when they were given last


class CounterNoticeEvidence(SQLModel, table=True):
    """A file for one round of a counter-notice. It goes with the answer once `answer_id` says so.

    One that goes with no answer within a day is forgotten.
    """

    __tablename__ = "counter_notice_evidence"
    __table_args__ = (
        UniqueConstraint("counter_notice_id", "round", "file_id", name="uq_counter_notice_evidence"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    counter_notice_id: str = Field(foreign_key="counter_notice.id")
    round: int
    file_id: str  # Slack's
    sha256: str = Field(foreign_key="evidence_content.sha256", index=True)
    title: str
    media_type: str
    size: int  # bytes
    person_id: str = Field(foreign_key="person.id")
    at: datetime
    answer_id: str | None = Field(default=None, foreign_key="counter_notice_answer.id", index=True)
