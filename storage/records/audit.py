"""The audit trail: one row for each decision, each sealed with the hash of the one before it."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field, SQLModel

from storage.columns import ID_LENGTH


class AuditEntry(SQLModel, table=True):
    """Insert-only: triggers refuse every change, on both databases. `hash` covers all the other fields."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_subject", "subject_kind", "subject_id"),
        Index("ix_audit_tenant", "tenant"),
    )

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime
    actor: str
    role: str
    operation: str
    subject_kind: str
    subject_id: str
    tenant: str | None = Field(default=None, max_length=ID_LENGTH)
    outcome: str
    # Text and not JSON: the hash covers exactly these characters, and a JSON column may rewrite them.
    details: str = Field(sa_column=Column(Text, nullable=False))
    prev_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)
