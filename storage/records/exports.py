"""Exports of a rights holder's own cases, and the weekly reports of its brands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel

from storage.columns import enum_column, json_column, new_id, partial_index, partial_unique
from storage.records import roster  # noqa: F401  # the tables that ours point to
from storage.records.channels import ChannelPurpose


class ExportSubject(StrEnum):
    """What can be exported: a table each."""

    NOTICES = "notices"
    REQUESTS = "requests"
    TAKEDOWNS = "takedowns"
    COUNTER_NOTICES = "counter_notices"
    SELLERS = "sellers"


class ExportFormat(StrEnum):
    """As which kind of file."""

    CSV = "csv"
    XLSX = "xlsx"


class Export(SQLModel, table=True):
    """A file that somebody asked for. Days are those of the person's zone, the last one included."""

    __table_args__ = (Index("ix_export_person", "person_id", "made_at"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    holder_id: str = Field(foreign_key="rights_holder.id")
    subjects: list[str] = Field(sa_column=json_column())
    format: ExportFormat = Field(sa_column=enum_column(ExportFormat, "format"))
    first: date
    last: date
    number: int = 0  # of rows that are in it so far
    at: datetime
    made_at: datetime | None = None


class AggregateExport(SQLModel, table=True):
    """A file of a group's or an association's figures that somebody asked for: one at a time of each."""

    __tablename__ = "aggregate_export"
    __table_args__ = (
        partial_unique(
            "uq_aggregate_export_waiting", "person_id", "purpose", "scope_id", where="made_at IS NULL"
        ),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    purpose: ChannelPurpose = Field(sa_column=enum_column(ChannelPurpose, "purpose"))
    scope_id: str
    spans: list[str] = Field(sa_column=json_column())  # of `Span`
    format: ExportFormat = Field(sa_column=enum_column(ExportFormat, "format"))
    at: datetime
    made_at: datetime | None = None


class ReportSubscription(SQLModel, table=True):
    """Somebody gets a brand's report on the first day of each week; `next_at` is when the next is due."""

    __tablename__ = "report_subscription"
    __table_args__ = (
        partial_unique("uq_report_subscription_live", "person_id", "brand_id", where="until IS NULL"),
        partial_index("ix_report_subscription_next", "next_at", where="until IS NULL"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    brand_id: str = Field(foreign_key="brand.id")
    next_at: datetime
    since: datetime
    until: datetime | None = None


class BrandReport(SQLModel, table=True):
    """A brand's report of one week for one person: once where the week brought it, else when asked for."""

    __tablename__ = "brand_report"
    __table_args__ = (
        partial_unique("uq_brand_report_week", "person_id", "brand_id", "week", where="weekly"),
        partial_unique(
            "uq_brand_report_waiting", "person_id", "brand_id", where="made_at IS NULL AND NOT weekly"
        ),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    brand_id: str = Field(foreign_key="brand.id")
    week: date  # its Monday, in the person's zone
    weekly: bool
    at: datetime
    made_at: datetime | None = None


@dataclass(frozen=True)
class WeekFigures:
    """What happened to a brand's cases in some days."""

    notices: int = 0
    notices_decided: int = 0
    notices_in_time: int = 0
    listings_removed: int = 0
    requests: int = 0
    fakes: int = 0
    genuine: int = 0
    takedowns: int = 0
    removed: int = 0
    counter_notices: int = 0
    upheld: int = 0


@dataclass(frozen=True)
class BrandWeek:
    """A brand's week beside the one before, and its removals day by day."""

    brand: str
    holder: str
    week: date
    now: WeekFigures
    before: WeekFigures
    days: Sequence[int]
