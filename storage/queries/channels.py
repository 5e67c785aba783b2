"""Finding which channel belongs to whom and who is in it, and marking one that cannot be reached."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from storage.queries import audit
from storage.records.channels import ChannelBinding, ChannelMember, ChannelPurpose, ChannelState
from storage.records.groups import GroupMember, WorkingGroup
from storage.records.roster import Brand, Person, RightsHolder, Role, RoleGrant

# Built once, for it runs with everything that is drawn.
_LIVE = select(ChannelBinding).where(
    col(ChannelBinding.purpose) == bindparam("of"),
    col(ChannelBinding.scope_id) == bindparam("scope"),
    col(ChannelBinding.unbound_at).is_(None),
)


def bound(session: Session, channel_id: str) -> ChannelBinding | None:
    """The live binding of a Slack channel, in whatever state."""
    return session.exec(
        select(ChannelBinding).where(
            col(ChannelBinding.channel_id) == channel_id, col(ChannelBinding.unbound_at).is_(None)
        )
    ).first()


def channel_of(session: Session, purpose: ChannelPurpose, scope_id: str = "") -> ChannelBinding | None:
    """The live binding of a brand, a group, an association or the platform team, in whatever state."""
    return session.exec(_LIVE, params={"of": purpose, "scope": scope_id}).first()


def holders_of(session: Session, purpose: ChannelPurpose, scope_id: str) -> list[str]:
    """The ids of the rights holders whose people belong in such a channel; none for the platform's."""
    match purpose:
        case ChannelPurpose.BRAND:
            brand = session.get(Brand, scope_id)
            return [brand.holder_id] if brand else []
        case ChannelPurpose.ASSOCIATION:
            return [scope_id]
        case ChannelPurpose.GROUP:
            members = select(GroupMember.holder_id).where(
                col(GroupMember.group_id) == scope_id, col(GroupMember.until).is_(None)
            )
            return list(session.exec(members).all())
        case ChannelPurpose.PLATFORM:
            return []


def belonging(session: Session, purpose: ChannelPurpose, scope_id: str) -> set[str]:
    """The Slack user ids of everybody on a roster of the channel's scope, or on the platform's."""
    scopes = holders_of(session, purpose, scope_id)
    of_everybody = [Role.PLATFORM_STAFF]
    if purpose is ChannelPurpose.GROUP:
        scopes.append(scope_id)
        of_everybody.append(Role.ADMINISTRATOR)
    known = (
        select(Person.user_id)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .where(
            col(RoleGrant.until).is_(None),
            col(Person.is_deleted).is_(False),
            (col(RoleGrant.scope_id).in_(scopes)) | (col(RoleGrant.role).in_(of_everybody)),
        )
    )
    return set(session.exec(known).all())


def strangers(session: Session, binding: ChannelBinding) -> list[ChannelMember]:
    """Those in a bound channel who belong to no roster of its scope and whom nobody has let in."""
    present = session.exec(
        select(ChannelMember)
        .where(
            col(ChannelMember.binding_id) == binding.id,
            col(ChannelMember.left_at).is_(None),
            col(ChannelMember.allowed_by).is_(None),
        )
        .order_by(col(ChannelMember.since), col(ChannelMember.id))
    ).all()
    known = belonging(session, binding.purpose, binding.scope_id) if present else set()
    return [member for member in present if member.user_id not in known]


def told_of(session: Session, binding_id: str) -> list[ChannelMember]:
    """Those stays in a bound channel that its keepers were told of."""
    return list(
        session.exec(
            select(ChannelMember).where(
                col(ChannelMember.binding_id) == binding_id, col(ChannelMember.told_at).is_not(None)
            )
        ).all()
    )


def present(session: Session, binding_id: str, user_id: str) -> ChannelMember | None:
    """Somebody's present stay in a bound channel."""
    return session.exec(
        select(ChannelMember).where(
            col(ChannelMember.binding_id) == binding_id,
            col(ChannelMember.user_id) == user_id,
            col(ChannelMember.left_at).is_(None),
        )
    ).first()


def names(session: Session, scope_ids: Collection[str]) -> dict[str, str]:
    """Scope id -> the name of the brand, group or association that a channel is for."""
    found: dict[str, str] = {}
    for kind in (Brand, WorkingGroup, RightsHolder):
        found |= session.exec(select(kind.id, kind.name).where(col(kind.id).in_(scope_ids))).all()
    return found


def live(session: Session, states: Sequence[ChannelState]) -> list[ChannelBinding]:
    """All live bindings in one of these states."""
    return list(
        session.exec(
            select(ChannelBinding).where(
                col(ChannelBinding.unbound_at).is_(None), col(ChannelBinding.state).in_(states)
            )
        ).all()
    )


def mark_broken(session: Session, channel_id: str, reason: str, now: datetime) -> ChannelBinding | None:
    """The bot cannot post there any more: what is due waits. None where it was not bound or known already."""
    binding = bound(session, channel_id)
    if binding is None or binding.state is ChannelState.BROKEN:
        return None
    binding.state = ChannelState.BROKEN
    session.add(binding)
    audit.record(
        session,
        at=now,
        actor="bot",
        role="",
        operation="channel_broken",
        subject_kind="channel",
        subject_id=channel_id,
        tenant=None,
        outcome="done",
        details={"reason": reason},
    )
    return binding
