"""Marketplaces that speak the platform API, and their keys: kept as hashes; webhook secrets are derived."""

from datetime import datetime, time

from sqlmodel import Field, SQLModel, UniqueConstraint

from storage.columns import enum_column, new_id, partial_unique
from storage.records.calendars import Reading

_LIVE = "revoked_at IS NULL"


class PlatformClient(SQLModel, table=True):
    """One marketplace's connection."""

    __tablename__ = "platform_client"
    __table_args__ = (
        UniqueConstraint("name_key", name="uq_platform_client_name"),
        UniqueConstraint("marketplace", name="uq_platform_client_marketplace"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    name: str
    name_key: str
    marketplace: str  # as listing identities name it
    webhook_url: str
    secret_version: int = 1  # raising it derives a new webhook secret
    country: str = ""  # whose public holidays are no business days; empty: nobody's
    zone: str = "UTC"
    reading: Reading = Field(default=Reading.BUSINESS_DAYS_24H, sa_column=enum_column(Reading, "reading"))
    opens: time = time(9)  # the hours of its office, for the reading that asks
    closes: time = time(18)
    created_at: datetime


class ApiKey(SQLModel, table=True):
    """A live or revoked API key. Two slots, so at most two live keys per client."""

    __tablename__ = "api_key"
    __table_args__ = (partial_unique("uq_api_key_slot", "client_id", "slot", where=_LIVE),)

    id: str = Field(default_factory=new_id, primary_key=True)  # the public part of the key
    client_id: str = Field(foreign_key="platform_client.id")
    slot: int
    secret_hash: str  # SHA-256 of a 256-bit random secret, hex
    created_at: datetime
    revoked_at: datetime | None = None
