"""Finding the rights that a notice may rely on."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, or_, select

from storage.prepared import prepared
from storage.records.channels import ChannelBinding, ChannelPurpose
from storage.records.rights import Right, RightReminder
from storage.records.roster import Brand

_DIALECTS: Mapping[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}

# What makes a right one on which a notice about a brand may stand on a day.
USABLE = (
    col(Right.confirmed_at).is_not(None),
    or_(col(Right.brand_id).is_(None), col(Right.brand_id) == bindparam("brand")),
    or_(col(Right.expires_on).is_(None), col(Right.expires_on) >= bindparam("on")),
)
# What people and marketplaces are shown of a right.
_RIGHT = SQLModel.metadata.tables[str(Right.__tablename__)].c
SHOWN = [_RIGHT.id, _RIGHT.kind, _RIGHT.title, _RIGHT.number, _RIGHT.office, _RIGHT.territory]
_USABLE = prepared(
    select_columns(*SHOWN)
    .where(col(Right.holder_id) == bindparam("holder"), *USABLE)
    .order_by(col(Right.title), col(Right.number))
)


def usable(session: Session, holder_id: str, brand_id: str, on: date) -> Sequence[Any]:
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


def ending(session: Session, first: date, last: date) -> Sequence[Right]:
    """The confirmed rights whose last day lies in [first, last], the first to end first."""
    return session.exec(
        select(Right)
        .where(
            col(Right.expires_on) >= first,
            col(Right.expires_on) <= last,
            col(Right.confirmed_at).is_not(None),
        )
        .order_by(col(Right.expires_on), col(Right.id))
    ).all()


def remind(session: Session, days_of: Mapping[str, int], now: datetime) -> set[str]:
    """Keep that these rights were told of so many days before their end; the ids of those told first now."""
    if not days_of:
        return set()
    rows = [{"right_id": right_id, "days": days, "at": now} for right_id, days in days_of.items()]
    table = SQLModel.metadata.tables[str(RightReminder.__tablename__)]
    statement = _DIALECTS[session.connection().dialect.name].insert(table).values(rows)
    kept = session.connection().execute(
        statement.on_conflict_do_nothing().returning(col(RightReminder.right_id))
    )
    return set(kept.scalars())


def channels_of(session: Session, holder_ids: Collection[str]) -> Sequence[tuple[str, str, str]]:
    """(rights holder, brand, channel) of every brand of theirs that has one."""
    return session.exec(
        select(Brand.holder_id, Brand.id, ChannelBinding.channel_id)
        .join(ChannelBinding, col(ChannelBinding.scope_id) == col(Brand.id))
        .where(
            col(Brand.holder_id).in_(holder_ids),
            col(ChannelBinding.purpose) == ChannelPurpose.BRAND,
            col(ChannelBinding.unbound_at).is_(None),
        )
        .order_by(col(Brand.name_key))
    ).all()
