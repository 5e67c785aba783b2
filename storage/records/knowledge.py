"""Product knowledge: how to tell a fake of a product line, as its brand's experts wrote it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from storage.columns import json_column, new_id, partial_index
from storage.records import authenticity, evidence, product_lines  # noqa: F401  # the tables that ours point to


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
    pictures: list[dict[str, str]] = Field(sa_column=json_column())  # `id` of a picture, its `caption`
    person_id: str = Field(foreign_key="person.id")
    role: str
    at: datetime


class KnowledgePicture(SQLModel, table=True):
    """A picture that somebody added to a line's form; its bytes are kept as evidence is, by their hash.

    It counts once `version` says since which, and is forgotten where none does within a day. Readers see it
    by the bot's own copy in Slack, which is shared with nobody by itself, as long as `ready_at` says that
    Slack shows it.
    """

    __tablename__ = "knowledge_picture"
    __table_args__ = (
        UniqueConstraint("line_id", "file_id", name="uq_knowledge_picture_file"),
        partial_index("ix_knowledge_picture_waiting", "at", where="version IS NULL"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    line_id: str = Field(foreign_key="product_line.id")
    file_id: str  # Slack's, of what was uploaded
    sha256: str = Field(foreign_key="evidence_content.sha256", index=True)
    title: str
    media_type: str
    size: int  # bytes
    person_id: str = Field(foreign_key="person.id")
    at: datetime
    version: int | None = None
    copy_id: str | None = Field(default=None, index=True)  # Slack's, of the bot's own copy
    ready_at: datetime | None = None


class RequestLine(SQLModel, table=True):
    """Of which product line a request's listing is: as its marketplace named it, or as an expert said."""

    __tablename__ = "request_line"
    __table_args__ = (Index("ix_request_line_line", "line_id"),)

    request_id: str = Field(primary_key=True, foreign_key="authenticity_request.id")
    line_id: str = Field(foreign_key="product_line.id")
    person_id: str | None = Field(default=None, foreign_key="person.id")  # None: the marketplace named it
    at: datetime


@dataclass(frozen=True)
class ShownPicture:
    """A picture of a version and what it shows; `copy_id` is empty while Slack cannot show it."""

    id: str
    caption: str
    sha256: str
    media_type: str
    size: int  # bytes
    copy_id: str = ""


@dataclass(frozen=True)
class KnowledgeVersion:
    """One version as its brand's people read it later; `author` is a Slack user id."""

    version: int
    text: str
    points: tuple[str, ...]
    pictures: tuple[ShownPicture, ...]
    author: str
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
    pictures: tuple[ShownPicture, ...] = ()
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
