"""Finding product lines and those who know them."""

from collections import defaultdict
from collections.abc import Collection

from sqlmodel import Session, col, select

from storage.records.knowledge import RequestLine
from storage.records.product_lines import LineExpert, ProductLine
from storage.records.roster import Brand, Person, Role, RoleGrant

_ANSWERING = (Role.EXPERT, Role.LEAD, Role.SMALL_MEMBER)


def of_brands(session: Session, brand_ids: Collection[str]) -> list[ProductLine]:
    """The product lines that these brands have now, by name."""
    return list(
        session.exec(
            select(ProductLine)
            .where(col(ProductLine.brand_id).in_(brand_ids), col(ProductLine.ended_at).is_(None))
            .order_by(col(ProductLine.name_key), col(ProductLine.id))
        ).all()
    )


def of_holder(session: Session, holder_id: str) -> list[ProductLine]:
    """The product lines that a rights holder's brands have now, by name."""
    return list(
        session.exec(
            select(ProductLine)
            .join(Brand, col(Brand.id) == col(ProductLine.brand_id))
            .where(col(Brand.holder_id) == holder_id, col(ProductLine.ended_at).is_(None))
            .order_by(col(ProductLine.name_key), col(ProductLine.id))
        ).all()
    )


def known_to(session: Session, holder_id: str, person_ids: Collection[str]) -> dict[str, list[str]]:
    """Person id -> the ids of those lines of a rights holder that they know, by the lines' names."""
    rows = session.exec(
        select(LineExpert.person_id, LineExpert.line_id)
        .join(ProductLine, col(ProductLine.id) == col(LineExpert.line_id))
        .join(Brand, col(Brand.id) == col(ProductLine.brand_id))
        .where(
            col(Brand.holder_id) == holder_id,
            col(LineExpert.person_id).in_(person_ids),
            col(LineExpert.until).is_(None),
        )
        .order_by(col(ProductLine.name_key), col(ProductLine.id))
    ).all()
    found: dict[str, list[str]] = defaultdict(list)
    for person_id, line_id in rows:
        found[person_id].append(line_id)
    return found


def experts_of(session: Session, request_id: str) -> list[str]:
    """The Slack user ids of those who know a request's line and may answer for its brand, longest first."""
    rows = session.exec(
        select(Person.user_id, LineExpert.since)
        .join(LineExpert, col(LineExpert.person_id) == col(Person.id))
        .join(RequestLine, col(RequestLine.line_id) == col(LineExpert.line_id))
        .join(ProductLine, col(ProductLine.id) == col(LineExpert.line_id))
        .join(Brand, col(Brand.id) == col(ProductLine.brand_id))
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .where(
            col(RequestLine.request_id) == request_id,
            col(LineExpert.until).is_(None),
            col(RoleGrant.scope_id) == col(Brand.holder_id),
            col(RoleGrant.role).in_(_ANSWERING),
            col(RoleGrant.until).is_(None),
            col(Person.is_deleted).is_(False),
            col(Person.suspended_at).is_(None),
        )
        .order_by(col(LineExpert.since), col(Person.user_id))
    ).all()
    return list(dict.fromkeys(user_id for user_id, _ in rows))
