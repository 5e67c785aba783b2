"""Rights that notices rely on, registered once per rights holder and reused."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel, UniqueConstraint

from storage.columns import enum_column, new_id, partial_index
from storage.records import roster  # noqa: F401  # the tables that ours point to


class RightKind(StrEnum):
    """Kinds of right a notice may rely on (capability N4)."""

    TRADEMARK = "trademark"
    COPYRIGHT = "copyright"
    DESIGN = "design"
    PATENT = "patent"
    GEOGRAPHICAL_INDICATION = "geographical_indication"


class Right(SQLModel, table=True):
    """One registered (or, for copyright, claimed) right. Usable once an administrator has confirmed it."""

    __table_args__ = (
        UniqueConstraint("holder_id", "kind", "office", "number", name="uq_right_number"),
        partial_index("ix_right_expiring", "expires_on", where="expires_on IS NOT NULL"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    holder_id: str = Field(foreign_key="rights_holder.id", index=True)
    brand_id: str | None = Field(default=None, foreign_key="brand.id")
    kind: RightKind = Field(sa_column=enum_column(RightKind, "kind"))
    title: str  # the mark, the work or the design in words
    number: str
    office: str  # EUIPO, USPTO, CNIPA ...
    territory: str
    classes: str = ""  # Nice or Locarno classes, as text
    expires_on: date | None = None
    certificate_url: str = ""
    registered_by: str
    registered_at: datetime
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None


class RightReminder(SQLModel, table=True):
    """That a rights holder was told, so many days before, that a right expires; each once."""

    __tablename__ = "right_reminder"

    right_id: str = Field(primary_key=True, foreign_key="right.id")
    days: int = Field(primary_key=True)
    at: datetime
