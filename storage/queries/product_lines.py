"""Finding product lines and those who know them."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from storage.records.product_lines import ProductLine


def of_brands(session: Session, brand_ids: Collection[str]) -> list[ProductLine]:
    """The product lines that these brands have now, by name."""
    return list(
        session.exec(
            select(ProductLine)
            .where(col(ProductLine.brand_id).in_(brand_ids), col(ProductLine.ended_at).is_(None))
            .order_by(col(ProductLine.name_key), col(ProductLine.id))
        ).all()
    )
