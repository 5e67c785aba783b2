"""Working groups: rights holders that share a channel and a digest, and the chairs who keep them."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from bot.enforcement import channels, outgoing
from bot.enforcement.access import Actor, Denied, Grant, Operation, Subject, authorize
from bot.enforcement.people import meet
from bot.enforcement.refusals import Refused
from bot.enforcement.register import insert_named, name_key
from bot.enforcement.roster import end_role, give, workspace_of
from bot.enforcement.trail import note
from storage.queries import groups
from storage.records.groups import GroupKind, GroupMember, WorkingGroup
from storage.records.roster import RightsHolder, Role


class GroupForm(BaseModel):
    """A working group as an administrator writes it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    name: str = Field(min_length=1, max_length=80)
    kind: GroupKind


def create_group(session: Session, actor: Actor, form: GroupForm, *, now: datetime) -> str:
    """Found a working group; its id."""
    group = WorkingGroup(name=form.name, name_key=name_key(form.name), kind=form.kind, created_at=now)
    subject = Subject("group", group.id, group_id=group.id)
    grant = authorize(session, actor, Operation.CHANGE_REGISTER, subject)
    insert_named(session, group, "uq_working_group_name", "groups.exists", name=form.name)
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, created=form.name)
    return group.id


def change_group(session: Session, actor: Actor, group_id: str, form: GroupForm, *, now: datetime) -> None:
    """Correct a working group's name or kind."""
    group, grant, subject = _group(session, actor, group_id)
    group.name, group.name_key, group.kind = form.name, name_key(form.name), form.kind
    insert_named(session, group, "uq_working_group_name", "groups.exists", name=form.name)
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, changed=form.name)


def add_member(session: Session, actor: Actor, group_id: str, holder_id: str, *, now: datetime) -> None:
    """Take a rights holder into a group."""
    _, grant, subject = _group(session, actor, group_id)
    holder = session.get(RightsHolder, holder_id)
    if holder is None:
        raise Denied(actor, Operation.CHANGE_REGISTER, subject)
    member = GroupMember(group_id=group_id, holder_id=holder_id, since=now)
    insert_named(session, member, "uq_group_member_live", "groups.member_already", name=holder.name)
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, joined=holder_id)
    channels.settle_all(session, now, holder_id)


def remove_member(session: Session, actor: Actor, group_id: str, holder_id: str, *, now: datetime) -> None:
    """A rights holder leaves a group; its people become strangers in the group's channel."""
    _, grant, subject = _group(session, actor, group_id)
    member = groups.membership(session, group_id, holder_id)
    if member is None:
        raise Denied(actor, Operation.CHANGE_REGISTER, subject)
    member.until = now
    session.add(member)
    session.flush()
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, left=holder_id)
    channels.settle_all(session, now)


def name_chair(session: Session, actor: Actor, group_id: str, user_id: str, *, now: datetime) -> str:
    """Make a person a chair of a group; the person's id."""
    _, grant, subject = _group(session, actor, group_id)
    person = meet(session, workspace_of(session, actor), user_id, now)
    if person.is_bot or person.is_deleted:
        raise Refused("roster.cannot_act")
    if not give(session, actor, person, Role.GROUP_CHAIR, group_id, now):
        raise Refused("roster.already_there")
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, chair=person.id)
    outgoing.refresh_home(session, user_id, now)
    channels.settle_all(session, now)
    return person.id


def remove_chair(session: Session, actor: Actor, group_id: str, person_id: str, *, now: datetime) -> None:
    """A person is no longer a chair of a group."""
    _, grant, subject = _group(session, actor, group_id)
    if not end_role(session, person_id, Role.GROUP_CHAIR, group_id, now):
        raise Denied(actor, Operation.CHANGE_REGISTER, subject)
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, chair_ended=person_id)
    channels.settle_all(session, now)


def _group(session: Session, actor: Actor, group_id: str) -> tuple[WorkingGroup, Grant, Subject]:
    subject = Subject("group", group_id, group_id=group_id)
    grant = authorize(session, actor, Operation.CHANGE_REGISTER, subject)
    group = session.get(WorkingGroup, group_id)
    if group is None:
        raise Denied(actor, Operation.CHANGE_REGISTER, subject)
    return group, grant, subject
