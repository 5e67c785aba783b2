"""Counting the alliance: who belongs to it, of what kind, and how it grew."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage.records.groups import GroupMember, WorkingGroup
from storage.records.register import DirectoryTotals, Growth
from storage.records.roster import Brand, RightsHolder, RoleGrant, Standing

_OUTSIDE = (Standing.EXCLUDED,)
_IN = col(RightsHolder.standing).not_in(_OUTSIDE)
_CUTS: dict[str, Any] = {
    "industry": col(RightsHolder.industry),
    "country": col(RightsHolder.country),
    "size": col(RightsHolder.size),
    "kind": col(RightsHolder.kind),
}


def totals(session: Session) -> DirectoryTotals:
    """How many rights holders, brands, people on their rosters and groups there are now."""
    return DirectoryTotals(
        holders=session.exec(select(func.count()).select_from(RightsHolder).where(_IN)).one(),
        brands=session.exec(
            select(func.count())
            .select_from(Brand)
            .join(RightsHolder, col(RightsHolder.id) == col(Brand.holder_id))
            .where(_IN)
        ).one(),
        people=session.exec(
            select(func.count(func.distinct(col(RoleGrant.person_id))))
            .join(RightsHolder, col(RightsHolder.id) == col(RoleGrant.scope_id))
            .where(_IN, col(RoleGrant.until).is_(None))
        ).one(),
        groups=session.exec(select(func.count()).select_from(WorkingGroup)).one(),
    )


def counts(session: Session) -> dict[str, dict[str, int]]:
    """Industry, country, size and kind -> each value and how many rights holders have it, most first."""
    return {name: _by(session, column) for name, column in _CUTS.items()}


def _by(session: Session, column: Any) -> dict[str, int]:
    number = func.count()
    rows = session.exec(
        select(column, number).where(_IN).group_by(column).order_by(number.desc(), column)
    ).all()
    return {str(value): found for value, found in rows}


def companies(session: Session, limit: int, offset: int) -> Sequence[RightsHolder]:
    """A page of the rights holders, by name."""
    return session.exec(
        select(RightsHolder).where(_IN).order_by(col(RightsHolder.name_key)).limit(limit).offset(offset)
    ).all()


def growth(session: Session, moments: Sequence[datetime]) -> list[Growth]:
    """How many rights holders there were, how many had people on their roster, and memberships of groups."""
    founded = session.exec(select(RightsHolder.created_at).where(_IN)).all()
    served = session.exec(
        select(RoleGrant.person_id, RoleGrant.since, RoleGrant.until).join(
            RightsHolder, col(RightsHolder.id) == col(RoleGrant.scope_id)
        )
    ).all()
    joined = session.exec(select(GroupMember.since, GroupMember.until)).all()
    return [
        Growth(
            at,
            holders=sum(since <= at for since in founded),
            people=len({person for person, since, until in served if _was(since, until, at)}),
            memberships=sum(_was(since, until, at) for since, until in joined),
        )
        for at in moments
    ]


def _was(since: datetime, until: datetime | None, at: datetime) -> bool:
    return since <= at and (until is None or until > at)
