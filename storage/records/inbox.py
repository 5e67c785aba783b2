"""Which incoming requests were already taken, so that a repeated one has no second effect."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class InboxKey(SQLModel, table=True):
    """`key` is what the sender repeats when it repeats a request; rows are kept for a day."""

    __tablename__ = "inbox"

    key: str = Field(primary_key=True)
    surface: str
    at: datetime = Field(index=True)
