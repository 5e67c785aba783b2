"""Which Slack channel shows whose cases, and what happens when the wrong person is in it or the bot is not.

A channel is bound after everybody in it was found on a roster of its scope or on the platform's. Whoever
comes later and is on none pauses it: nothing is posted there until they leave, are put on the roster, or are
let in by someone who may bind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.enforcement import conversation_people, counter_notices, outgoing, routing
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.outgoing import Drawing
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from storage.errors import violated
from storage.queries import audit, channels, digest_subscriptions, installation, people
from storage.records.channels import ChannelBinding, ChannelMember, ChannelPurpose, ChannelState
from storage.records.conversations import Conversation
from storage.records.groups import WorkingGroup
from storage.records.roster import Brand, HolderKind, RightsHolder, Role

_TOLD = (Role.LEAD, Role.SMALL_MEMBER, Role.ASSOCIATION_OFFICER)


@dataclass(frozen=True)
class Scope:
    """What a channel is for: a brand, a working group, an association, or the platform team (no id)."""

    purpose: ChannelPurpose
    id: str = ""


@dataclass(frozen=True)
class Seen:
    """A channel as Slack shows it to the bot."""

    channel_id: str
    members: Sequence[str]  # user ids, the bot among them where it is in the channel
    private: bool = True
    archived: bool = False


class Strangers(Refused):
    """People are in the channel who are on no roster of its scope; `user_ids` says who."""

    def __init__(self, user_ids: Sequence[str]) -> None:
        super().__init__("channels.strangers", count=len(user_ids))
        self.user_ids = list(user_ids)


def subject_of(session: Session, scope: Scope) -> Subject | None:
    """Whose channel it is, for `authorize`; None where the scope does not exist."""
    match scope.purpose:
        case ChannelPurpose.BRAND:
            brand = session.get(Brand, scope.id)
            return Subject("channel", scope.id, holder_id=brand.holder_id) if brand else None
        case ChannelPurpose.ASSOCIATION:
            holder = session.get(RightsHolder, scope.id)
            fits = holder is not None and holder.kind is HolderKind.ASSOCIATION
            return Subject("channel", scope.id, holder_id=scope.id) if fits else None
        case ChannelPurpose.GROUP:
            group = session.get(WorkingGroup, scope.id)
            return Subject("channel", scope.id, group_id=scope.id) if group else None
        case ChannelPurpose.PLATFORM:
            return Subject("channel")
        case ChannelPurpose.CONVERSATION:
            talk = session.get(Conversation, scope.id)
            return Subject("channel", scope.id, holder_id=talk.holder_id) if talk else None


def bind(
    session: Session, actor: Actor, scope: Scope, seen: Seen, *, now: datetime, locale: str = "en-GB"
) -> str:
    """Bind a channel to its scope, in place of the channel it had before; the binding's id.

    Raises `Strangers` where somebody is in it who is on no roster, other `Refused` where the channel is
    public, archived, without the bot, or bound already to something else.
    """
    subject = subject_of(session, scope)
    grant = authorize(session, actor, Operation.BIND_CHANNEL, subject or Subject("channel", scope.id))
    if subject is None or scope.purpose is ChannelPurpose.CONVERSATION:
        raise Denied(actor, Operation.BIND_CHANNEL, Subject("channel", scope.id))
    unknown = _examined(session, scope, seen)
    if unknown:
        raise Strangers(unknown)
    if scope.purpose is ChannelPurpose.BRAND:  # no request may pass between, see `routing.catch_up`
        session.get_one(Brand, scope.id, with_for_update=True, populate_existing=True)
    before = channels.channel_of(session, scope.purpose, scope.id)
    if before is not None:
        before.unbound_at = now
        session.add(before)
        session.flush()
    binding = ChannelBinding(
        channel_id=seen.channel_id,
        purpose=scope.purpose,
        scope_id=scope.id,
        state=ChannelState.BOUND,
        locale=locale,
        bound_by=str(actor),
        bound_at=now,
    )
    _insert(session, binding)
    session.add_all(
        ChannelMember(binding_id=binding.id, user_id=user_id, since=now)
        for user_id in sorted(set(seen.members) - {_bot(session)})
    )
    note(session, actor, grant, Operation.BIND_CHANNEL, subject, now, channel=seen.channel_id)
    _bring_what_is_due(session, scope, seen.channel_id, now)
    outgoing.keep_step(session, binding.id, binding.channel_id, now)
    return binding.id


def unbind(session: Session, actor: Actor, binding_id: str, *, now: datetime) -> None:
    """End a binding: nothing more is posted there."""
    binding, subject = _live_binding(session, actor, binding_id)
    grant = authorize(session, actor, Operation.BIND_CHANNEL, subject)
    binding.unbound_at = now
    session.add(binding)
    note(session, actor, grant, Operation.BIND_CHANNEL, subject, now, unbound=binding.channel_id)


def let_in(session: Session, actor: Actor, member_id: str, *, now: datetime) -> None:
    """Someone who may bind the channel says that a stranger may see what is shown there."""
    member = session.get(ChannelMember, member_id)
    binding, subject = _live_binding(session, actor, member.binding_id if member else "")
    grant = authorize(session, actor, Operation.BIND_CHANNEL, subject)
    if member is None or member.left_at is not None:
        raise Refused("channels.has_left")
    member.allowed_by, member.removal_by = str(actor), None
    session.add(member)
    note(session, actor, grant, Operation.BIND_CHANNEL, subject, now, let_in=member.user_id)
    settle(session, [binding], now)
    _tell(session, binding, member.id, now)


def someone_joined(session: Session, _actor: Actor, channel_id: str, user_id: str, *, now: datetime) -> None:
    """Slack reports a newcomer; a stranger pauses the channel."""
    binding = channels.bound(session, channel_id)
    if binding is None or user_id == _bot(session):
        return
    if channels.present(session, binding.id, user_id) is None:
        session.add(ChannelMember(binding_id=binding.id, user_id=user_id, since=now))
        session.flush()
    settle(session, [binding], now)


def someone_left(session: Session, _actor: Actor, channel_id: str, user_id: str, *, now: datetime) -> None:
    """Slack reports that somebody left; when it was the last stranger, posting resumes."""
    binding = channels.bound(session, channel_id)
    member = channels.present(session, binding.id, user_id) if binding else None
    if binding is None or member is None:
        return
    member.left_at = now
    session.add(member)
    session.flush()
    settle(session, [binding], now)
    if member.told_at is not None:
        _tell(session, binding, member.id, now)


def gone(session: Session, _actor: Actor, channel_id: str, reason: str, *, now: datetime) -> None:
    """The bot was removed or the channel archived: what is due waits; leads and the platform are told."""
    binding = channels.mark_broken(session, channel_id, reason, now)
    if binding is not None and binding.purpose is ChannelPurpose.CONVERSATION:
        conversation_people.lost(session, binding, now)
    elif binding is not None:
        tell_keepers(session, binding, now)


def take_out(session: Session, actor: Actor, member_id: str, *, now: datetime) -> None:
    """Someone who may bind the channel wants the bot to remove a person from it."""
    member = session.get(ChannelMember, member_id)
    binding, subject = _live_binding(session, actor, member.binding_id if member else "")
    grant = authorize(session, actor, Operation.BIND_CHANNEL, subject)
    if member is None or member.left_at is not None:
        raise Refused("channels.has_left")
    member.removal_by, member.allowed_by = str(actor), None
    session.add(member)
    note(session, actor, grant, Operation.BIND_CHANNEL, subject, now, take_out=member.user_id)
    outgoing.keep_step(session, binding.id, binding.channel_id, now)
    _tell(session, binding, member.id, now)


def keep_in_step(session: Session, actor: Actor, binding_id: str, *, keep: bool, now: datetime) -> None:
    """Whether the bot invites into a channel who belongs there, and takes out again whom it invited."""
    binding, subject = _live_binding(session, actor, binding_id)
    grant = authorize(session, actor, Operation.BIND_CHANNEL, subject)
    binding.in_step, binding.step_problem = keep, ""
    session.add(binding)
    note(session, actor, grant, Operation.BIND_CHANNEL, subject, now, in_step=keep)
    if keep:
        outgoing.keep_step(session, binding.id, binding.channel_id, now)


def settle(session: Session, bindings: Sequence[ChannelBinding], now: datetime) -> None:
    """Pause the channels that have a stranger in them, resume those that have none any more.

    A broken one stays so. Keepers are told once of each stranger; of one whom the bot invited and is about
    to take out, only where Slack does not let it.
    """
    working = [binding for binding in bindings if binding.state is not ChannelState.BROKEN]
    found = channels.strangers_in(session, [binding.id for binding in working])
    resumed = []
    for binding in working:
        strangers = found.get(binding.id, [])
        before = binding.state
        _turn(session, binding, ChannelState.PAUSED if strangers else ChannelState.BOUND, now)
        if before is ChannelState.PAUSED and not strangers:
            resumed.append(binding)
        if binding.purpose is ChannelPurpose.CONVERSATION:
            conversation_people.see_out(session, binding, strangers, now)
        leaving = binding.in_step and not binding.step_problem
        for member in strangers:
            if member.told_at is None and not (leaving and member.put_at):
                member.told_at = now
                session.add(member)
                _tell(session, binding, member.id, now)
    told = channels.told_of(session, [binding.id for binding in resumed]) if resumed else []
    places = {binding.id: binding for binding in resumed}
    for member in told:
        _tell(session, places[member.binding_id], member.id, now)


def _turn(session: Session, binding: ChannelBinding, state: ChannelState, now: datetime) -> None:
    if state is binding.state:
        return
    binding.state = state
    session.add(binding)
    audit.record(
        session,
        at=now,
        actor="bot",
        role="",
        operation=f"channel_{state}",
        subject_kind="channel",
        subject_id=binding.channel_id,
        outcome="done",
    )


def keepers_of(session: Session, binding: ChannelBinding) -> list[str]:
    """The Slack user ids of those who keep this channel: leads, officers, chairs or the platform's staff."""
    match binding.purpose:
        case ChannelPurpose.GROUP:
            keepers = people.holding(session, (Role.GROUP_CHAIR,), binding.scope_id)
        case ChannelPurpose.CONVERSATION:
            keepers = conversation_people.keepers(session, binding.scope_id)
        case ChannelPurpose.PLATFORM:
            keepers = people.holding(session, (Role.PLATFORM_STAFF, Role.ADMINISTRATOR))
        case _:
            (holder_id,) = channels.holders_of(session, binding.purpose, binding.scope_id)
            keepers = people.holding(session, _TOLD, holder_id)
    return [person.user_id for person in keepers]


def tell_keepers(session: Session, binding: ChannelBinding, now: datetime) -> None:
    """A note about the channel itself to those who keep it, and to the platform's team."""
    _tell(session, binding, binding.id, now)


def _examined(session: Session, scope: Scope, seen: Seen) -> list[str]:
    """The strangers in a channel; raises `Refused` where it cannot be bound whoever is in it."""
    bot = _bot(session)
    if seen.archived:
        raise Refused("channels.archived")
    if not seen.private:
        raise Refused("channels.public")
    if bot not in seen.members:
        raise Refused("channels.bot_missing")
    known = channels.belonging(session, scope.purpose, scope.id)
    return [user_id for user_id in seen.members if user_id not in known and user_id != bot]


def _bring_what_is_due(session: Session, scope: Scope, channel_id: str, now: datetime) -> None:
    """What had no channel to go to, or another one, comes to this one from now on."""
    match scope.purpose:
        case ChannelPurpose.BRAND:
            routing.route_waiting(session, scope.id, now)
            counter_notices.show_waiting(session, scope.id, now)
        case ChannelPurpose.PLATFORM:
            routing.show_unrouted(session, now)
        case _:
            pass
    digest_subscriptions.move(session, scope.purpose, scope.id, channel_id)


def _tell(session: Session, binding: ChannelBinding, subject_id: str, now: datetime) -> None:
    """A note to those who keep the channel, and to the platform's team."""
    for user_id in keepers_of(session, binding):
        outgoing.draw(session, Drawing.CHANNEL_NOTE, subject_id, user_id, now)
    team = channels.channel_of(session, ChannelPurpose.PLATFORM)
    if team is not None and team.id != binding.id:
        outgoing.draw(session, Drawing.CHANNEL_NOTE, subject_id, team.channel_id, now)


def _bot(session: Session) -> str:
    home = installation.current(session)
    return home.bot_user_id if home else ""


def _live_binding(session: Session, actor: Actor, binding_id: str) -> tuple[ChannelBinding, Subject]:
    binding = session.get(ChannelBinding, binding_id)
    if binding is None or binding.unbound_at is not None:
        raise Denied(actor, Operation.BIND_CHANNEL, Subject("channel", binding_id))
    subject = subject_of(session, Scope(binding.purpose, binding.scope_id))
    return binding, subject or Subject("channel", binding_id)


def _insert(session: Session, binding: ChannelBinding) -> None:
    try:
        with session.begin_nested():
            session.add(binding)
            session.flush()
    except IntegrityError as error:
        if violated(error) != "uq_channel_binding_channel":
            raise
        raise Refused("channels.taken") from error
