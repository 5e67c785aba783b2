"""Finding which channel belongs to whom and who is in it, and marking one that cannot be reached."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, exists, literal_column, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, select

from storage.prepared import prepared
from storage.queries import audit
from storage.records.channels import ChannelBinding, ChannelMember, ChannelPurpose, ChannelState
from storage.records.conversations import Conversation, TalkState
from storage.records.groups import GroupMember, WorkingGroup
from storage.records.roster import Brand, Mandate, Person, RightsHolder, Role, RoleGrant

# Built once, for it runs with everything that is drawn.
_LIVE = select(ChannelBinding).where(
    col(ChannelBinding.purpose) == bindparam("of"),
    col(ChannelBinding.scope_id) == bindparam("scope"),
    col(ChannelBinding.unbound_at).is_(None),
)

_BINDING = SQLModel.metadata.tables[str(ChannelBinding.__tablename__)]
_PLACE = prepared(
    select_columns(_BINDING.c.channel_id).where(
        _BINDING.c.purpose == bindparam("of", type_=_BINDING.c.purpose.type),
        _BINDING.c.scope_id == bindparam("scope"),
        _BINDING.c.unbound_at.is_(None),
    )
)
_BRAND = SQLModel.metadata.tables[str(Brand.__tablename__)]
_BRAND_PLACES = prepared(
    select_columns(_BRAND.c.id, _BINDING.c.channel_id)
    .join(_BINDING, _BINDING.c.scope_id == _BRAND.c.id)
    .where(
        _BRAND.c.holder_id == bindparam("holder"),
        _BINDING.c.purpose == literal_column(f"'{ChannelPurpose.BRAND.value}'"),
        _BINDING.c.unbound_at.is_(None),
    )
    .order_by(_BRAND.c.name_key)
)

# An officer of an association that acts for the company whose conversation it is.
_ACTS_FOR_IT = and_(
    col(RoleGrant.role) == Role.ASSOCIATION_OFFICER,
    exists()
    .where(
        col(Mandate.association_id) == col(RoleGrant.scope_id),
        col(Mandate.holder_id) == col(Conversation.holder_id),
        col(Mandate.until).is_(None),
    )
    .correlate(RoleGrant, Conversation),
)
_BELONGS = (
    exists()
    .where(
        col(Person.user_id) == col(ChannelMember.user_id),
        col(Person.is_deleted).is_(False),
        col(RoleGrant.person_id) == col(Person.id),
        col(RoleGrant.until).is_(None),
        or_(
            col(RoleGrant.role) == Role.PLATFORM_STAFF,
            and_(
                col(ChannelBinding.purpose) == ChannelPurpose.BRAND,
                exists()
                .where(
                    col(Brand.id) == col(ChannelBinding.scope_id),
                    col(Brand.holder_id) == col(RoleGrant.scope_id),
                )
                .correlate(ChannelBinding, RoleGrant),
            ),
            and_(
                col(ChannelBinding.purpose) != ChannelPurpose.PLATFORM,
                col(RoleGrant.scope_id) == col(ChannelBinding.scope_id),
            ),
            and_(
                col(ChannelBinding.purpose) == ChannelPurpose.CONVERSATION,
                exists()
                .where(
                    col(Conversation.id) == col(ChannelBinding.scope_id),
                    or_(col(Conversation.holder_id) == col(RoleGrant.scope_id), _ACTS_FOR_IT),
                )
                .correlate(ChannelBinding, RoleGrant),
            ),
            and_(
                col(ChannelBinding.purpose) == ChannelPurpose.GROUP,
                or_(
                    col(RoleGrant.role) == Role.ADMINISTRATOR,
                    exists()
                    .where(
                        col(GroupMember.group_id) == col(ChannelBinding.scope_id),
                        col(GroupMember.holder_id) == col(RoleGrant.scope_id),
                        col(GroupMember.until).is_(None),
                    )
                    .correlate(ChannelBinding, RoleGrant),
                ),
            ),
        ),
    )
    .correlate(ChannelMember, ChannelBinding)
)
_STRANGERS = (
    select(ChannelMember)
    .join(ChannelBinding, col(ChannelBinding.id) == col(ChannelMember.binding_id))
    .where(col(ChannelMember.left_at).is_(None), col(ChannelMember.allowed_by).is_(None), ~_BELONGS)
    .order_by(col(ChannelMember.since), col(ChannelMember.id))
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


def place_of(session: Session, purpose: ChannelPurpose, scope_id: str = "") -> str:
    """As `channel_of`, the Slack id of the channel alone; empty where there is none."""
    found = _PLACE.first(session, {"of": purpose, "scope": scope_id})
    return found.channel_id if found else ""


def brand_places(session: Session, holder_id: str) -> dict[str, str]:
    """The Slack ids of the channels of a rights holder's brands that have one, by brand, in order of name."""
    return {row.id: row.channel_id for row in _BRAND_PLACES.rows(session, {"holder": holder_id})}


def holders_of(session: Session, purpose: ChannelPurpose, scope_id: str) -> list[str]:
    """The ids of the rights holders whose people belong in such a channel by their roster."""
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
        case ChannelPurpose.PLATFORM | ChannelPurpose.CONVERSATION:
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


def invited(session: Session, purpose: ChannelPurpose, scope_id: str) -> set[str]:
    """The Slack user ids of those whom the bot invites: the rosters of the scope, and its chairs.

    Staff and administrators come where they want to. Guests come to what their own company sees alone.
    """
    scopes = [*holders_of(session, purpose, scope_id), scope_id]
    wanted = (
        select(Person.user_id)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .where(
            col(RoleGrant.until).is_(None),
            col(RoleGrant.scope_id).in_(scopes),
            col(Person.is_deleted).is_(False),
            col(Person.is_bot).is_(False),
        )
    )
    if purpose is ChannelPurpose.GROUP:
        wanted = wanted.where(col(Person.is_guest).is_(False))
    return set(session.exec(wanted).all())


def strangers_in(session: Session, binding_ids: Collection[str]) -> dict[str, list[ChannelMember]]:
    """Binding id -> those in it who belong to no roster of its scope and whom nobody has let in."""
    found: dict[str, list[ChannelMember]] = defaultdict(list)
    rows = session.exec(_STRANGERS.where(col(ChannelMember.binding_id).in_(binding_ids))).all()
    for member in rows:
        found[member.binding_id].append(member)
    return found


def strangers(session: Session, binding: ChannelBinding) -> list[ChannelMember]:
    """Those in one bound channel who belong to no roster of its scope and whom nobody has let in."""
    return strangers_in(session, [binding.id]).get(binding.id, [])


def of_holder(session: Session, holder_id: str) -> list[ChannelBinding]:
    """The channels that can be posted in of a rights holder: its brands', its own, those of its groups."""
    brands = select(Brand.id).where(col(Brand.holder_id) == holder_id)
    groups = select(GroupMember.group_id).where(
        col(GroupMember.holder_id) == holder_id, col(GroupMember.until).is_(None)
    )
    talks = select(Conversation.id).where(
        col(Conversation.holder_id) == holder_id, col(Conversation.state) == TalkState.OPEN
    )
    scope = col(ChannelBinding.scope_id)
    return _working(
        session,
        or_(
            and_(col(ChannelBinding.purpose) == ChannelPurpose.BRAND, scope.in_(brands)),
            and_(col(ChannelBinding.purpose) == ChannelPurpose.ASSOCIATION, scope == holder_id),
            and_(col(ChannelBinding.purpose) == ChannelPurpose.GROUP, scope.in_(groups)),
            and_(col(ChannelBinding.purpose) == ChannelPurpose.CONVERSATION, scope.in_(talks)),
        ),
    )


def with_person(session: Session, user_id: str) -> list[ChannelBinding]:
    """The channels that can be posted in and in which somebody is."""
    stays = select(ChannelMember.binding_id).where(
        col(ChannelMember.user_id) == user_id, col(ChannelMember.left_at).is_(None)
    )
    return _working(session, col(ChannelBinding.id).in_(stays))


def _working(session: Session, which: ColumnElement[bool]) -> list[ChannelBinding]:
    return list(
        session.exec(
            select(ChannelBinding).where(
                col(ChannelBinding.unbound_at).is_(None),
                col(ChannelBinding.state) != ChannelState.BROKEN,
                which,
            )
        ).all()
    )


def told_of(session: Session, binding_ids: Collection[str]) -> list[ChannelMember]:
    """Those stays in some bound channels that their keepers were told of."""
    return list(
        session.exec(
            select(ChannelMember).where(
                col(ChannelMember.binding_id).in_(binding_ids), col(ChannelMember.told_at).is_not(None)
            )
        ).all()
    )


def present_stays(session: Session, user_id: str) -> list[ChannelMember]:
    """Where somebody is now."""
    return list(
        session.exec(
            select(ChannelMember).where(
                col(ChannelMember.user_id) == user_id, col(ChannelMember.left_at).is_(None)
            )
        ).all()
    )


def ended_stays(session: Session, user_id: str, removal_by: str) -> set[str]:
    """The ids of the live bindings in which somebody's last stay ended like this."""
    rows = session.exec(
        select(ChannelMember)
        .join(ChannelBinding, col(ChannelBinding.id) == col(ChannelMember.binding_id))
        .where(col(ChannelMember.user_id) == user_id, col(ChannelBinding.unbound_at).is_(None))
        .order_by(col(ChannelMember.since), col(ChannelMember.id))
    ).all()
    last = {stay.binding_id: stay for stay in rows}
    return {binding_id for binding_id, stay in last.items() if stay.left_at and stay.removal_by == removal_by}


def stays(session: Session, binding_id: str) -> list[ChannelMember]:
    """Every stay in a bound channel, past ones among them, in their order."""
    return list(
        session.exec(
            select(ChannelMember)
            .where(col(ChannelMember.binding_id) == binding_id)
            .order_by(col(ChannelMember.since), col(ChannelMember.id))
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
