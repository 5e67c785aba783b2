"""Product knowledge: how to tell a fake of a product line, as its brand's experts wrote it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from storage.columns import json_column, new_id


class ProductKnowledge(SQLModel, table=True):
    """One version of what is known of a line; insert-only, the highest counts.

    One without text takes back what was there.
    """

    __tablename__ = "product_knowledge"
    __table_args__ = (UniqueConstraint("line_id", "version", name="uq_product_knowledge_version"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    line_id: str = Field(foreign_key="product_line.id")
    version: int
    text: str
    points: list[str] = Field(sa_column=json_column())  # what to look at first
    pictures: list[str] = Field(sa_column=json_column())  # addresses
    person_id: str = Field(foreign_key="person.id")
    role: str
    at: datetime


class RequestLine(SQLModel, table=True):
    """Of which product line a request's listing is: as its marketplace named it, or as an expert said."""

    __tablename__ = "request_line"
    __table_args__ = (Index("ix_request_line_line", "line_id"),)

    request_id: str = Field(primary_key=True, foreign_key="authenticity_request.id")
    line_id: str = Field(foreign_key="product_line.id")
    person_id: str | None = Field(default=None, foreign_key="person.id")  # None: the marketplace named it
    at: datetime


@dataclass(frozen=True)
class KnowledgeSheet:
    """A line and what is known of it. `author` is a Slack user id, empty for readers outside the company."""

    line_id: str
    line: str
    brand_id: str
    brand: str
    holder_id: str
    ended: bool
    version: int = 0
    text: str = ""
    points: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    author_id: str = ""
    author: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class LineState:
    """A line in a list: whether something is known of it, and since when."""

    line_id: str
    line: str
    brand: str
    version: int
    known: bool
    at: datetime | None
