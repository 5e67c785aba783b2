"""Working groups: rights holders that share a channel and a digest, and the chairs who keep them.

There is one group for each of twelve industries and one committee of small companies for each region; others
may be founded beside them. A seat and a membership may have a last day; the day after it they have ended.
"""

from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from bot.clock import Clock
from bot.enforcement import membership, outgoing
from bot.enforcement.access import Actor, Denied, Grant, Operation, Subject, authorize
from bot.enforcement.outgoing import Drawing
from bot.enforcement.people import meet
from bot.enforcement.refusals import Refused
from bot.enforcement.register import insert_named, name_key
from bot.enforcement.roster import end_role, give, workspace_of
from bot.enforcement.trail import note
from storage.engine import Store
from storage.errors import violated
from storage.queries import audit, groups
from storage.records.group_seats import Decision, GroupSeat
from storage.records.groups import GroupKind, GroupMember, Industry, Region, WorkingGroup
from storage.records.roster import Person, RightsHolder, Role, RoleGrant

ENDED_AT_ONCE = 100
COMMITTEE_TERM = timedelta(days=365)


class GroupForm(BaseModel):
    """A working group as an administrator writes it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    name: str = Field(min_length=1, max_length=80)
    kind: GroupKind
    industry: Industry | None = None
    region: Region | None = None


_TAKEN = {
    "uq_working_group_name": "groups.exists",
    "uq_working_group_industry": "groups.industry_taken",
    "uq_working_group_region": "groups.region_taken",
}


def create_group(session: Session, actor: Actor, form: GroupForm, *, now: datetime) -> str:
    """Found a working group; its id."""
    group = WorkingGroup(name=form.name, name_key=name_key(form.name), kind=form.kind, created_at=now)
    subject = Subject("group", group.id, group_id=group.id)
    grant = authorize(session, actor, Operation.CHANGE_REGISTER, subject)
    _write(session, group, form)
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, created=form.name)
    return group.id


def missing(session: Session) -> tuple[list[Industry], list[Region]]:
    """The industries without a working group and the regions without a committee."""
    rows = session.exec(select(WorkingGroup.industry, WorkingGroup.region)).all()
    industries, regions = {row[0] for row in rows}, {row[1] for row in rows}
    return (
        [each for each in Industry if each not in industries],
        [each for each in Region if each not in regions],
    )


def change_group(session: Session, actor: Actor, group_id: str, form: GroupForm, *, now: datetime) -> None:
    """Correct a working group's name or kind, or what it is for."""
    group, grant, subject = _group(session, actor, group_id)
    before = group.name
    _write(session, group, form)
    if group.name != before:
        membership.group_renamed(session, group, now)
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, changed=form.name)


def add_member(
    session: Session,
    actor: Actor,
    group_id: str,
    holder_id: str,
    *,
    now: datetime,
    ends_on: date | None = None,
) -> None:
    """Take a rights holder into a group, until a day or for good."""
    _, grant, subject = _group(session, actor, group_id)
    holder = session.get(RightsHolder, holder_id)
    if holder is None:
        raise Denied(actor, Operation.CHANGE_REGISTER, subject)
    check_term(ends_on, now)
    join(session, group_id, holder, ends_on, now)
    _withdraw(session, group_id, holder_id, now)
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, joined=holder_id)


def remove_member(session: Session, actor: Actor, group_id: str, holder_id: str, *, now: datetime) -> None:
    """A rights holder leaves a group; its people become strangers in the group's channel."""
    _, grant, subject = _group(session, actor, group_id)
    if not leave(session, group_id, holder_id, now):
        raise Denied(actor, Operation.CHANGE_REGISTER, subject)
    _withdraw(session, group_id, holder_id, now)
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, left=holder_id)


def join(session: Session, group_id: str, holder: RightsHolder, ends_on: date | None, now: datetime) -> None:
    """A rights holder is in a group from now on. The caller has authorized and audits."""
    member = GroupMember(group_id=group_id, holder_id=holder.id, since=now, ends_on=ends_on)
    insert_named(session, member, "uq_group_member_live", "groups.member_already", name=holder.name)
    membership.group_changed(session, group_id, now)
    outgoing.refresh_homes(session, holder.id, now)


def leave(session: Session, group_id: str, holder_id: str, now: datetime) -> bool:
    """A rights holder is in a group no more; False where it was not. The caller has authorized and audits."""
    member = groups.membership(session, group_id, holder_id)
    if member is None:
        return False
    member.until = now
    session.add(member)
    session.flush()
    membership.group_changed(session, group_id, now)
    outgoing.refresh_homes(session, holder_id, now)
    return True


def name_chair(
    session: Session,
    actor: Actor,
    group_id: str,
    user_id: str,
    *,
    now: datetime,
    deputy: bool = False,
    ends_on: date | None = None,
) -> str:
    """Make a person a chair of a group or a deputy, whose rights are the same; their id."""
    _, grant, subject = _group(session, actor, group_id)
    check_term(ends_on, now)
    person = meet(session, workspace_of(session, actor), user_id, now)
    if person.is_bot or person.is_deleted:
        raise Refused("roster.cannot_act")
    if person.is_guest:
        raise Refused("groups.guest_chair")
    if not give(session, actor, person, Role.GROUP_CHAIR, group_id, now):
        raise Refused("roster.already_there")
    held = session.exec(
        select(RoleGrant.id).filter_by(
            person_id=person.id, role=Role.GROUP_CHAIR, scope_id=group_id, until=None
        )
    ).one()
    session.add(GroupSeat(grant_id=held, deputy=deputy, ends_on=ends_on))
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, chair=person.id, deputy=deputy)
    outgoing.refresh_home(session, user_id, now)
    membership.group_changed(session, group_id, now)
    return person.id


def remove_chair(session: Session, actor: Actor, group_id: str, person_id: str, *, now: datetime) -> None:
    """A person is no longer a chair of a group."""
    _, grant, subject = _group(session, actor, group_id)
    if not _unseat(session, group_id, person_id, now):
        raise Denied(actor, Operation.CHANGE_REGISTER, subject)
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, chair_ended=person_id)


def usual_term(group: WorkingGroup, now: datetime) -> date | None:
    """The last day that is proposed: seats on a committee rotate each year, those of an industry do not."""
    return now.date() + COMMITTEE_TERM if group.kind is GroupKind.COMMITTEE else None


def check_term(ends_on: date | None, now: datetime) -> None:
    """A last day has not passed yet; `Refused` otherwise."""
    if ends_on is not None and ends_on < now.date():
        raise Refused("groups.term_over")


async def term_tick(store: Store, clock: Clock) -> None:
    """End the memberships and the seats whose last day has passed, a hundred at a time."""
    while await store.run(end_terms, now=clock()):
        continue


def end_terms(session: Session, *, now: datetime) -> int:
    """End what is over by the calendar of UTC; how many memberships and seats that were."""
    over = groups.ended_terms(session, now.date(), ENDED_AT_ONCE)
    for term in over:
        if term.holder_id:
            leave(session, term.group_id, term.holder_id, now)
            _withdraw(session, term.group_id, term.holder_id, now)
        else:
            _unseat(session, term.group_id, term.person_id, now)
        audit.record(
            session,
            at=now,
            actor="bot",
            role="",
            operation="group_term_ended",
            subject_kind="group",
            subject_id=term.group_id,
            tenant=term.holder_id or None,
            outcome="done",
            details={"person": term.person_id} if term.person_id else {},
        )
    return len(over)


def redraw_application(session: Session, application_id: str, now: datetime) -> None:
    """Draw an application again wherever it stands."""
    for place in groups.places_of(session, Drawing.GROUP_APPLICATION, application_id):
        outgoing.draw(session, Drawing.GROUP_APPLICATION, application_id, place, now)


def _withdraw(session: Session, group_id: str, holder_id: str, now: datetime) -> None:
    """What was asked has come true by other hands, or makes no sense any more."""
    application = groups.open_application(session, group_id, holder_id)
    if application is not None:
        application.decision, application.decided_at = Decision.WITHDRAWN, now
        session.add(application)
        redraw_application(session, application.id, now)


def _unseat(session: Session, group_id: str, person_id: str, now: datetime) -> bool:
    if not end_role(session, person_id, Role.GROUP_CHAIR, group_id, now):
        return False
    outgoing.refresh_home(session, session.get_one(Person, person_id).user_id, now)
    membership.group_changed(session, group_id, now)
    return True


def _write(session: Session, group: WorkingGroup, form: GroupForm) -> None:
    group.name, group.name_key, group.kind = form.name, name_key(form.name), form.kind
    group.industry = form.industry if form.kind is GroupKind.INDUSTRY else None
    group.region = form.region if form.kind is GroupKind.COMMITTEE else None
    try:
        with session.begin_nested():
            session.add(group)
            session.flush()
    except IntegrityError as error:
        key = _TAKEN.get(violated(error) or "")
        if key is None:
            raise
        raise Refused(key, name=form.name) from error


def _group(session: Session, actor: Actor, group_id: str) -> tuple[WorkingGroup, Grant, Subject]:
    subject = Subject("group", group_id, group_id=group_id)
    grant = authorize(session, actor, Operation.CHANGE_REGISTER, subject)
    group = session.get(WorkingGroup, group_id)
    if group is None:
        raise Denied(actor, Operation.CHANGE_REGISTER, subject)
    return group, grant, subject
