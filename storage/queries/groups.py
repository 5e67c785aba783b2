"""Finding working groups and their members."""

from sqlmodel import Session, col, select

from storage.records.groups import GroupMember, WorkingGroup
from storage.records.roster import RightsHolder


def all_groups(session: Session) -> list[WorkingGroup]:
    """Every working group, by name."""
    return list(session.exec(select(WorkingGroup).order_by(col(WorkingGroup.name_key))).all())


def members(session: Session, group_id: str) -> list[RightsHolder]:
    """The rights holders in a group now, by name."""
    return list(
        session.exec(
            select(RightsHolder)
            .join(GroupMember, col(GroupMember.holder_id) == col(RightsHolder.id))
            .where(col(GroupMember.group_id) == group_id, col(GroupMember.until).is_(None))
            .order_by(col(RightsHolder.name_key))
        ).all()
    )


def membership(session: Session, group_id: str, holder_id: str) -> GroupMember | None:
    """A rights holder's present membership in a group."""
    return session.exec(
        select(GroupMember).where(
            col(GroupMember.group_id) == group_id,
            col(GroupMember.holder_id) == holder_id,
            col(GroupMember.until).is_(None),
        )
    ).first()
