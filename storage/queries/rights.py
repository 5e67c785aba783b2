"""Finding the rights that a notice may rely on."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, or_, select

from storage.prepared import prepared
from storage.records.rights import Right

_USABLE = prepared(
    select_columns(SQLModel.metadata.tables[str(Right.__tablename__)])
    .where(
        col(Right.holder_id) == bindparam("holder"),
        col(Right.confirmed_at).is_not(None),
        or_(col(Right.brand_id).is_(None), col(Right.brand_id) == bindparam("brand")),
        or_(col(Right.expires_on).is_(None), col(Right.expires_on) >= bindparam("on")),
    )
    .order_by(col(Right.title), col(Right.number))
)


def usable(session: Session, holder_id: str, brand_id: str, on: date) -> Sequence[Right]:
    """A holder's confirmed rights that are in force on a day and cover a brand, by title."""
    return _USABLE.rows(session, {"holder": holder_id, "brand": brand_id, "on": on})


def of_holder(session: Session, holder_id: str) -> Sequence[Right]:
    """All rights of a holder, confirmed or not, in force or expired."""
    return session.exec(
        select(Right).where(col(Right.holder_id) == holder_id).order_by(col(Right.title), col(Right.number))
    ).all()


def of_holders(session: Session, holder_ids: Collection[str]) -> Sequence[Right]:
    """All rights of several holders, by title."""
    return session.exec(
        select(Right)
        .where(col(Right.holder_id).in_(holder_ids))
        .order_by(col(Right.title), col(Right.number))
    ).all()


def waiting(session: Session) -> Sequence[Right]:
    """The rights that no administrator has confirmed yet, oldest first."""
    return session.exec(
        select(Right).where(col(Right.confirmed_at).is_(None)).order_by(col(Right.registered_at))
    ).all()
