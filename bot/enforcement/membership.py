"""What follows from a roster or a group that changed: strangers in channels, and who Slack is to have where.

Strangers count at once, in the transaction of the change. Slack's own lists follow through the outbox: the
bot invites who belongs, and takes out again whom it invited, or whom a keeper of the channel wants out.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from unicodedata import normalize

from sqlmodel import Session

from bot.enforcement import channels, outgoing
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.trail import note
from storage.queries import channels as bindings
from storage.queries import groups, installation
from storage.records.channels import ChannelBinding, ChannelMember, ChannelPurpose, ChannelState
from storage.records.group_seats import UserGroup
from storage.records.groups import WorkingGroup

ACCOUNT_CLOSED = "account_closed"
HANDLE_AT_MOST = 21
DESCRIPTION = "Goodfaith"
_WORDS = re.compile(r"[a-z0-9]+")


def holder_changed(session: Session, holder_id: str, user_id: str, now: datetime) -> None:
    """Somebody came to a rights holder's roster or left it."""
    found = bindings.of_holder(session, holder_id)
    known = {binding.id for binding in found}
    elsewhere = [each for each in bindings.with_person(session, user_id) if each.id not in known]
    channels.settle(session, [*found, *elsewhere], now)
    for binding in found:
        if binding.in_step:
            outgoing.keep_step(session, binding.id, binding.channel_id, now)
    for group_id in groups.mirrored(session, holder_id):
        outgoing.keep_user_group(session, group_id, now)


def group_changed(session: Session, group_id: str, now: datetime) -> None:
    """A rights holder or a chair came to a group or left it."""
    binding = bindings.channel_of(session, ChannelPurpose.GROUP, group_id)
    if binding is not None:
        channels.settle(session, [binding], now)
        if binding.in_step:
            outgoing.keep_step(session, binding.id, binding.channel_id, now)
    if session.get(UserGroup, group_id) is not None:
        outgoing.keep_user_group(session, group_id, now)


def group_renamed(session: Session, group: WorkingGroup, now: datetime) -> None:
    """A group is called otherwise: so are its user group and its mention."""
    mirror = session.get(UserGroup, group.id)
    if mirror is not None:
        mirror.handle = handle_of(group.name)
        session.add(mirror)
        outgoing.keep_user_group(session, group.id, now)


def person_changed(session: Session, user_id: str, now: datetime) -> None:
    """Somebody who belongs in many places or in none: only where they are already, something changes."""
    channels.settle(session, bindings.with_person(session, user_id), now)


def account_closed(session: Session, user_id: str, now: datetime) -> None:
    """Slack closed somebody's account: they read nothing any more, wherever they were."""
    found = bindings.with_person(session, user_id)
    for stay in bindings.present_stays(session, user_id):
        stay.left_at, stay.removal_by = now, ACCOUNT_CLOSED
        session.add(stay)
    session.flush()
    channels.settle(session, found, now)


def account_opened(session: Session, user_id: str, now: datetime) -> None:
    """Slack opened a closed account again: it may be back where it was, without a role, and is looked at."""
    again = bindings.ended_stays(session, user_id, ACCOUNT_CLOSED)
    session.add_all(
        ChannelMember(binding_id=binding_id, user_id=user_id, since=now) for binding_id in sorted(again)
    )
    session.flush()
    channels.settle(session, bindings.with_person(session, user_id), now)


@dataclass(frozen=True)
class ChannelPlan:
    """Who is to come into a channel, as far as they are not in it, and who is to go out."""

    channel_id: str
    come: frozenset[str]
    go: frozenset[str]


def channel_plan(session: Session, binding_id: str) -> ChannelPlan | None:
    """What is to be done about a bound channel; None where nothing is, or is no more.

    Nobody is invited who left by themselves; only whom the bot invited goes without a keeper's word.
    """
    binding = session.get(ChannelBinding, binding_id)
    if binding is None or binding.unbound_at is not None or binding.state is ChannelState.BROKEN:
        return None
    strangers = {member.id for member in bindings.strangers(session, binding)}
    present: set[str] = set()
    gone: set[str] = set()
    go: set[str] = set()
    for stay in bindings.stays(session, binding_id):
        gone.discard(stay.user_id)
        if stay.left_at is not None:
            if stay.removal_by is None:
                gone.add(stay.user_id)
            continue
        present.add(stay.user_id)
        if stay.removal_by or (binding.in_step and stay.put_at and stay.id in strangers):
            go.add(stay.user_id)
    come: set[str] = set()
    if binding.in_step and binding.purpose not in (ChannelPurpose.PLATFORM, ChannelPurpose.CONVERSATION):
        come = bindings.invited(session, binding.purpose, binding.scope_id) - present - gone - go
    return ChannelPlan(binding.channel_id, frozenset(come), frozenset(go))


def came(session: Session, binding_id: str, user_ids: set[str], now: datetime) -> None:
    """The bot invited these into a channel."""
    known = {stay.user_id: stay for stay in bindings.stays(session, binding_id) if stay.left_at is None}
    for user_id in sorted(user_ids):
        stay = known.get(user_id) or ChannelMember(binding_id=binding_id, user_id=user_id, since=now)
        stay.put_at = now
        session.add(stay)
    _works(session, binding_id)


def went(session: Session, binding_id: str, user_id: str, now: datetime) -> None:
    """The bot took somebody out of a channel, or found them gone."""
    binding = session.get_one(ChannelBinding, binding_id)
    stay = bindings.present(session, binding_id, user_id)
    if stay is None:
        return
    stay.left_at, stay.removal_by = now, stay.removal_by or "bot"
    session.add(stay)
    session.flush()
    _works(session, binding_id)
    channels.settle(session, [binding], now)


def refused(session: Session, binding_id: str, code: str, now: datetime) -> None:
    """Slack does not let the bot invite or take out: keepers do it by hand, and are told once."""
    binding = session.get_one(ChannelBinding, binding_id)
    if binding.step_problem == code:
        return
    binding.step_problem = code
    session.add(binding)
    channels.tell_keepers(session, binding, now)
    channels.settle(session, [binding], now)


def _works(session: Session, binding_id: str) -> None:
    binding = session.get_one(ChannelBinding, binding_id)
    if binding.step_problem:
        binding.step_problem = ""
        session.add(binding)


@dataclass(frozen=True)
class UserGroupPlan:
    """A Slack user group as it should be: `people` belong in it, `put` were put there by the bot."""

    usergroup_id: str
    name: str
    handle: str
    description: str
    people: frozenset[str]
    put: frozenset[str]
    bot_user_id: str


def want_user_group(session: Session, actor: Actor, group_id: str, *, want: bool, now: datetime) -> None:
    """Whether a working group is mirrored as a Slack user group, which can be mentioned in one word.

    One that is wanted no more stays in Slack as it is; nobody is taken out of it.
    """
    subject = Subject("group", group_id, group_id=group_id)
    grant = authorize(session, actor, Operation.BIND_CHANNEL, subject)
    group, mirror = session.get(WorkingGroup, group_id), session.get(UserGroup, group_id)
    if group is None:
        raise Denied(actor, Operation.BIND_CHANNEL, subject)
    note(session, actor, grant, Operation.BIND_CHANNEL, subject, now, user_group=want)
    if not want:
        if mirror is not None:
            session.delete(mirror)
        return
    if mirror is None:
        session.add(
            UserGroup(group_id=group_id, handle=handle_of(group.name), asked_by=str(actor), asked_at=now)
        )
    outgoing.keep_user_group(session, group_id, now)


def handle_of(name: str) -> str:
    """What is typed after the @ to mention a group: small letters, digits and hyphens, 21 at most."""
    plain = normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    words = "-".join(_WORDS.findall(plain)) or "group"
    return f"gf-{words}"[:HANDLE_AT_MOST].rstrip("-")


def user_group_plan(session: Session, group_id: str) -> UserGroupPlan | None:
    """What is to be done about a working group's user group; None where nobody wants one."""
    mirror, group = session.get(UserGroup, group_id), session.get(WorkingGroup, group_id)
    if mirror is None or group is None:
        return None
    home = installation.current(session)
    return UserGroupPlan(
        mirror.usergroup_id,
        group.name,
        mirror.handle,
        DESCRIPTION,
        frozenset(bindings.invited(session, ChannelPurpose.GROUP, group_id)),
        frozenset(mirror.put),
        home.bot_user_id if home else "",
    )


def user_group_is(
    session: Session, group_id: str, usergroup_id: str, put: set[str], *, now: datetime
) -> None:
    """The user group is in step."""
    mirror = session.get(UserGroup, group_id)
    if mirror is not None:  # nobody stopped wanting it meanwhile
        mirror.usergroup_id, mirror.put, mirror.problem = usergroup_id, sorted(put), ""
        session.add(mirror)


def user_group_refused(session: Session, group_id: str, code: str, now: datetime) -> None:
    """Slack does not let the bot keep the user group: whoever opens the group's page reads why."""
    mirror = session.get(UserGroup, group_id)
    if mirror is not None:
        mirror.problem = code
        session.add(mirror)
