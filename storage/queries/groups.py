"""Finding working groups, their members and seats, and what was asked of them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage.records.group_seats import GroupApplication, GroupSeat, UserGroup
from storage.records.groups import GroupMember, WorkingGroup
from storage.records.messages import DrawnMessage
from storage.records.register import MemberLine, Seat
from storage.records.roster import Person, RightsHolder, Role, RoleGrant


class Ending(NamedTuple):
    """A membership or a seat whose last day has passed."""

    group_id: str
    holder_id: str  # empty for a seat
    person_id: str  # empty for a membership


def all_groups(session: Session) -> list[WorkingGroup]:
    """Every working group, by name."""
    return list(session.exec(select(WorkingGroup).order_by(col(WorkingGroup.name_key))).all())


def members(session: Session, group_id: str) -> list[RightsHolder]:
    """The rights holders in a group now, by name."""
    return [line.holder for line in member_lines(session, group_id)]


def member_lines(session: Session, group_id: str) -> list[MemberLine]:
    """The rights holders in a group now with their terms, by name."""
    rows = session.exec(
        select(RightsHolder, GroupMember)
        .join(GroupMember, col(GroupMember.holder_id) == col(RightsHolder.id))
        .where(col(GroupMember.group_id) == group_id, col(GroupMember.until).is_(None))
        .order_by(col(RightsHolder.name_key))
    ).all()
    return [MemberLine(holder, member.since, member.ends_on) for holder, member in rows]


def membership(session: Session, group_id: str, holder_id: str) -> GroupMember | None:
    """A rights holder's present membership in a group."""
    return session.exec(
        select(GroupMember).where(
            col(GroupMember.group_id) == group_id,
            col(GroupMember.holder_id) == holder_id,
            col(GroupMember.until).is_(None),
        )
    ).first()


def numbers_of_members(session: Session) -> dict[str, int]:
    """Group id -> how many rights holders are in it now."""
    rows = session.exec(
        select(GroupMember.group_id, func.count())
        .where(col(GroupMember.until).is_(None))
        .group_by(col(GroupMember.group_id))
    )
    return dict(rows.all())


def memberships_of(session: Session, holder_ids: Collection[str]) -> dict[str, set[str]]:
    """Group id -> which of these rights holders are in it now."""
    rows = session.exec(
        select(GroupMember.group_id, GroupMember.holder_id).where(
            col(GroupMember.holder_id).in_(holder_ids), col(GroupMember.until).is_(None)
        )
    ).all()
    found: dict[str, set[str]] = defaultdict(set)
    for group_id, holder_id in rows:
        found[group_id].add(holder_id)
    return found


def seats(session: Session, group_id: str) -> list[Seat]:
    """The chairs of a group and their deputies, chairs first; whose account is closed has no seat."""
    rows = session.exec(
        select(Person, col(RoleGrant.since), col(GroupSeat.deputy), col(GroupSeat.ends_on))
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .join(GroupSeat, col(GroupSeat.grant_id) == col(RoleGrant.id), isouter=True)
        .where(
            col(RoleGrant.scope_id) == group_id,
            col(RoleGrant.role) == Role.GROUP_CHAIR,
            col(RoleGrant.until).is_(None),
            col(Person.is_deleted).is_(False),
        )
        .order_by(col(RoleGrant.since), col(RoleGrant.id))
    ).all()
    found = [
        Seat(person, since, deputy=bool(deputy), ends_on=ends_on) for person, since, deputy, ends_on in rows
    ]
    return sorted(found, key=lambda seat: seat.deputy)


def open_application(session: Session, group_id: str, holder_id: str) -> GroupApplication | None:
    """What a rights holder asks of a group and nobody has answered."""
    return session.exec(
        select(GroupApplication).where(
            col(GroupApplication.group_id) == group_id,
            col(GroupApplication.holder_id) == holder_id,
            col(GroupApplication.decided_at).is_(None),
        )
    ).first()


def open_applications(session: Session, group_id: str) -> Sequence[tuple[GroupApplication, RightsHolder]]:
    """What waits for a group's chair, oldest first."""
    return session.exec(
        select(GroupApplication, RightsHolder)
        .join(RightsHolder, col(RightsHolder.id) == col(GroupApplication.holder_id))
        .where(col(GroupApplication.group_id) == group_id, col(GroupApplication.decided_at).is_(None))
        .order_by(col(GroupApplication.asked_at), col(GroupApplication.id))
    ).all()


def named(session: Session, holder_ids: Collection[str]) -> Sequence[RightsHolder]:
    """These rights holders, by name."""
    return session.exec(
        select(RightsHolder).where(col(RightsHolder.id).in_(holder_ids)).order_by(col(RightsHolder.name_key))
    ).all()


def places_of(session: Session, drawing: str, application_id: str) -> Sequence[str]:
    """Where an application has been drawn."""
    return session.exec(
        select(DrawnMessage.place).where(
            col(DrawnMessage.kind) == drawing, col(DrawnMessage.subject_id) == application_id
        )
    ).all()


def mirrored(session: Session, holder_id: str) -> Sequence[str]:
    """The ids of those groups of a rights holder that have a Slack user group."""
    return session.exec(
        select(UserGroup.group_id)
        .join(GroupMember, col(GroupMember.group_id) == col(UserGroup.group_id))
        .where(col(GroupMember.holder_id) == holder_id, col(GroupMember.until).is_(None))
    ).all()


def ended_terms(session: Session, today: date, at_most: int) -> list[Ending]:
    """Memberships and seats whose last day is before today, locked; what another replica ends is left out."""
    memberships = session.exec(
        select(GroupMember.group_id, GroupMember.holder_id)
        .where(col(GroupMember.until).is_(None), col(GroupMember.ends_on) < today)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    ).all()
    held = session.exec(
        select(RoleGrant.scope_id, RoleGrant.person_id)
        .join(GroupSeat, col(GroupSeat.grant_id) == col(RoleGrant.id))
        .where(col(GroupSeat.ends_on) < today, col(RoleGrant.until).is_(None))
        .limit(at_most)
        .with_for_update(of=RoleGrant, skip_locked=True)
    ).all()
    return [
        *(Ending(group_id, holder_id, "") for group_id, holder_id in memberships),
        *(Ending(group_id, "", person_id) for group_id, person_id in held),
    ]
