"""Listings and sellers as identities: one row per item on a marketplace, however its link was written."""

from datetime import datetime

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from storage.columns import new_id


class Seller(SQLModel, table=True):
    """A seller on one marketplace. Sellers with one `network_id` share what makes them one group."""

    __table_args__ = (
        UniqueConstraint("marketplace", "external_id", name="uq_seller_external"),
        Index("ix_seller_name", "name_key", postgresql_ops={"name_key": "text_pattern_ops"}),
        Index("ix_seller_external_id", "external_id"),
        Index("ix_seller_network", "network_id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    marketplace: str
    external_id: str
    name: str
    name_key: str = ""  # casefolded, for the search
    network_id: str | None = None
    first_seen_at: datetime


class Listing(SQLModel, table=True):
    """A listing. `key` is its canonical identity, `marketplace:item` or a hash of the canonical link."""

    __table_args__ = (UniqueConstraint("key", name="uq_listing_key"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    key: str
    key_version: int
    marketplace: str
    item_id: str | None = None
    url: str  # canonical
    title: str = ""
    amount: str | None = None  # decimal string
    currency: str | None = None
    seller_id: str | None = Field(default=None, foreign_key="seller.id", index=True)
    first_seen_at: datetime
