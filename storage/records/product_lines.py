"""A brand's product lines, and the experts who know them."""

from datetime import datetime

from sqlmodel import Field, Index, SQLModel

from storage.columns import new_id, partial_unique
from storage.records import roster  # noqa: F401  # the tables that ours point to


class ProductLine(SQLModel, table=True):
    """A line of a brand's goods, as its people call it; one that has ended keeps what was said about it."""

    __tablename__ = "product_line"
    __table_args__ = (
        partial_unique("uq_product_line_live", "brand_id", "name_key", where="ended_at IS NULL"),
        Index("ix_product_line_brand", "brand_id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    brand_id: str = Field(foreign_key="brand.id")
    name: str
    name_key: str  # casefolded, so that two spellings of one name collide
    ended_at: datetime | None = None


class LineExpert(SQLModel, table=True):
    """Somebody who knows a product line, with its history; what they may do is their role's affair."""

    __tablename__ = "line_expert"
    __table_args__ = (
        partial_unique("uq_line_expert_live", "line_id", "person_id", where="until IS NULL"),
        Index("ix_line_expert_person", "person_id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    line_id: str = Field(foreign_key="product_line.id")
    person_id: str = Field(foreign_key="person.id")
    since: datetime
    until: datetime | None = None
