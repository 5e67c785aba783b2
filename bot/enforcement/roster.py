"""Who may act for whom: roles are given and ended here, and count from the next click on.

Leads keep the roster of their own rights holder, but for guests, whom an administrator puts there
(`guests.py` ends what a lead did before it was known). Administrators name the first lead (with a second
administrator, see `approvals.py`) and the platform's staff. The host names administrators.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from bot.enforcement import account_managers, membership, outgoing, product_lines
from bot.enforcement.access import (
    Actor,
    Denied,
    Grant,
    Operation,
    Subject,
    authorize,
)
from bot.enforcement.people import meet
from bot.enforcement.refusals import Refused
from bot.enforcement.standing import set_by_hand
from bot.enforcement.standing_rules import has_good_standing
from bot.enforcement.trail import note
from storage.errors import violated
from storage.queries import installation, people
from storage.records.roster import HolderKind, HolderSize, Person, RightsHolder, Role, RoleGrant, Standing

LEADING = (Role.LEAD, Role.SMALL_MEMBER)
OF_HOLDERS = (Role.LEAD, Role.SMALL_MEMBER, Role.EXPERT, Role.ASSOCIATION_OFFICER)


def roles_of(holder: RightsHolder) -> list[Role]:
    """The roles that make sense at a rights holder of this kind and size."""
    roles = [Role.EXPERT, Role.LEAD]
    if holder.kind is HolderKind.ASSOCIATION:
        roles.append(Role.ASSOCIATION_OFFICER)
    elif holder.size is HolderSize.SMALL:
        roles.append(Role.SMALL_MEMBER)
    return roles


def add_person(
    session: Session, actor: Actor, holder_id: str, user_id: str, role: Role, *, now: datetime
) -> str:
    """Put a Slack user onto a rights holder's roster; the person's id. For its leads."""
    subject = Subject("roster", holder_id, holder_id=holder_id)
    grant = authorize(session, actor, Operation.MANAGE_ROSTER, subject)
    holder = _holder(session, actor, Operation.MANAGE_ROSTER, subject)
    return _enroll(session, actor, grant, Operation.MANAGE_ROSTER, holder, user_id, role, now)


def add_guest(session: Session, actor: Actor, holder_id: str, user_id: str, *, now: datetime) -> str:
    """Put a guest onto a rights holder's roster, as an expert without "Fake"; the person's id."""
    subject = Subject("roster", holder_id, holder_id=holder_id)
    grant = authorize(session, actor, Operation.ENROL_GUEST, subject)
    holder = _holder(session, actor, Operation.ENROL_GUEST, subject)
    return _enroll(session, actor, grant, Operation.ENROL_GUEST, holder, user_id, Role.EXPERT, now)


def remove_person(session: Session, actor: Actor, holder_id: str, person_id: str, *, now: datetime) -> None:
    """Take a person off a roster, with every role they hold there. The last lead must name another first."""
    subject = Subject("roster", holder_id, holder_id=holder_id)
    grant = authorize(session, actor, Operation.MANAGE_ROSTER, subject)
    _holder(session, actor, Operation.MANAGE_ROSTER, subject)
    held = _live(session, person_id, holder_id)
    if not held:
        raise Denied(actor, Operation.MANAGE_ROSTER, subject)
    leads = people.holding(session, LEADING, holder_id)
    if [lead.id for lead in leads] == [person_id]:
        raise Refused("roster.last_lead")
    _end(session, held, now)
    product_lines.forget(session, holder_id, person_id, now)
    note(session, actor, grant, Operation.MANAGE_ROSTER, subject, now, removed=person_id)
    _roster_changed(session, holder_id, person_id, now)


def set_roles(
    session: Session,
    actor: Actor,
    holder_id: str,
    person_id: str,
    roles: Collection[Role],
    *,
    now: datetime,
) -> None:
    """Give a person on a roster exactly these roles there, at least one. A guest's stay what they are."""
    subject = Subject("roster", holder_id, holder_id=holder_id)
    grant = authorize(session, actor, Operation.MANAGE_ROSTER, subject)
    holder = _holder(session, actor, Operation.MANAGE_ROSTER, subject)
    held = {each.role: each for each in _live(session, person_id, holder_id)}
    if not held:
        raise Denied(actor, Operation.MANAGE_ROSTER, subject)
    if not roles:
        raise Refused("roster.no_role")
    if not set(roles) <= {*roles_of(holder), *held}:
        raise Refused("roster.role_does_not_fit", name=holder.name)
    added, ended = set(roles) - set(held), set(held) - set(roles)
    if not added and not ended:
        return
    person = session.get_one(Person, person_id)
    if added and person.is_guest and not actor.operator:
        raise Refused("roster.guest_by_administrator")
    leads = {lead.id for lead in people.holding(session, LEADING, holder_id)}
    if leads == {person_id} and not set(roles) & set(LEADING):
        raise Refused("roster.last_lead")
    _end(session, [held[role] for role in ended], now)
    for role in sorted(added):
        give(session, actor, person, role, holder_id, now)
    told = {"added": sorted(added), "ended": sorted(ended)}
    note(session, actor, grant, Operation.MANAGE_ROSTER, subject, now, person=person_id, roles=told)
    _roster_changed(session, holder_id, person_id, now)


def check_first_lead(session: Session, actor: Actor, holder_id: str, role: Role) -> None:
    """Whether a first lead can be named there; raises `Refused` or `Denied` otherwise."""
    subject = Subject("roster", holder_id, holder_id=holder_id)
    holder = _holder(session, actor, Operation.NAME_FIRST_LEAD, subject)
    if role not in roles_of(holder) or role not in LEADING:
        raise Refused("roster.not_leading")
    if people.holding(session, LEADING, holder_id):
        raise Refused("roster.has_lead", name=holder.name)


def name_first_lead(
    session: Session,
    actor: Actor,
    holder_id: str,
    user_id: str,
    role: Role,
    *,
    now: datetime,
    proposed_by: str = "",
) -> str:
    """Name the person who keeps a rights holder's roster from now on; the person's id.

    `proposed_by` is the administrator who asked for it, another one than the actor; the operator needs none.
    """
    subject = Subject("roster", holder_id, holder_id=holder_id)
    grant = authorize(session, actor, Operation.NAME_FIRST_LEAD, subject)
    _two_agree(actor, grant, Operation.NAME_FIRST_LEAD, subject, proposed_by)
    check_first_lead(session, actor, holder_id, role)
    holder = _holder(session, actor, Operation.NAME_FIRST_LEAD, subject)
    return _enroll(session, actor, grant, Operation.NAME_FIRST_LEAD, holder, user_id, role, now)


def check_standing(session: Session, actor: Actor, holder_id: str, standing: Standing) -> None:
    """Whether the standing would change at all."""
    subject = Subject("rights_holder", holder_id, holder_id=holder_id)
    if _holder(session, actor, Operation.SET_STANDING, subject).standing is standing:
        raise Refused("roster.same_standing")


def set_standing(
    session: Session,
    actor: Actor,
    holder_id: str,
    standing: Standing,
    *,
    now: datetime,
    reason: str = "",
    proposed_by: str = "",
) -> None:
    """Set a rights holder's good-faith standing by hand; the next click counts under the new one."""
    subject = Subject("rights_holder", holder_id, holder_id=holder_id)
    grant = authorize(session, actor, Operation.SET_STANDING, subject)
    _two_agree(actor, grant, Operation.SET_STANDING, subject, proposed_by)
    holder = _holder(session, actor, Operation.SET_STANDING, subject)
    before = holder.standing
    # Onto the pilot list by hand, off it by hand; what the figures do in between leaves it as it is.
    holder.pilot = standing is Standing.PILOT or (holder.pilot and has_good_standing(standing))
    session.add(holder)
    session.flush()
    set_by_hand(session, holder_id, standing, reason, by=actor, now=now)
    told = {"before": before, "after": standing, "reason": reason}
    note(session, actor, grant, Operation.SET_STANDING, subject, now, **told)


def add_platform_staff(session: Session, actor: Actor, user_id: str, *, now: datetime) -> str:
    """Put a Slack user onto the platform's team; the person's id."""
    subject = Subject("platform_team")
    grant = authorize(session, actor, Operation.CHANGE_REGISTER, subject)
    person = meet(session, workspace_of(session, actor), user_id, now)
    give(session, actor, person, Role.PLATFORM_STAFF, "", now)
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, added=person.id)
    membership.person_changed(session, user_id, now)
    return person.id


def remove_platform_staff(session: Session, actor: Actor, person_id: str, *, now: datetime) -> None:
    """Take a person off the platform's team."""
    subject = Subject("platform_team")
    grant = authorize(session, actor, Operation.CHANGE_REGISTER, subject)
    if not end_role(session, person_id, Role.PLATFORM_STAFF, "", now):
        raise Denied(actor, Operation.CHANGE_REGISTER, subject)
    account_managers.pass_on(session, actor, person_id, now=now)
    note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, removed=person_id)
    membership.person_changed(session, session.get_one(Person, person_id).user_id, now)


def add_administrator(session: Session, actor: Actor, team_id: str, user_id: str, now: datetime) -> str:
    """Make a person an administrator of the alliance, as the host says; the person's id."""
    subject = Subject("administrators")
    if not actor.operator:
        raise Denied(actor, Operation.CHANGE_REGISTER, subject)
    grant = authorize(session, actor, Operation.CHANGE_REGISTER, subject)
    person = meet(session, team_id, user_id, now)
    if give(session, actor, person, Role.ADMINISTRATOR, "", now):
        note(session, actor, grant, Operation.CHANGE_REGISTER, subject, now, administrator=user_id)
        outgoing.refresh_home(session, user_id, now)
    return person.id


def give(session: Session, actor: Actor, person: Person, role: Role, scope_id: str, now: datetime) -> bool:
    """Insert a role, once; False where the person holds it already. The caller has authorized and audits."""
    try:
        with session.begin_nested():
            session.add(
                RoleGrant(person_id=person.id, role=role, scope_id=scope_id, since=now, granted_by=str(actor))
            )
            session.flush()
    except IntegrityError as error:
        if violated(error) != "uq_role_grant_live":
            raise
        return False
    return True


def workspace_of(session: Session, actor: Actor) -> str:
    """The workspace of people whom a form names: the one that the bot is installed in."""
    home = installation.current(session)
    return home.team_id if home else actor.team_id


def end_role(session: Session, person_id: str, role: Role, scope_id: str, now: datetime) -> bool:
    """End a role; False where the person does not hold it. The caller has authorized and audits."""
    held = [grant for grant in _live(session, person_id, scope_id) if grant.role is role]
    _end(session, held, now)
    return bool(held)


def _enroll(
    session: Session,
    actor: Actor,
    grant: Grant,
    operation: Operation,
    holder: RightsHolder,
    user_id: str,
    role: Role,
    now: datetime,
) -> str:
    if role not in roles_of(holder):
        raise Refused("roster.role_does_not_fit", name=holder.name)
    person = meet(session, workspace_of(session, actor), user_id, now)
    if person.is_bot or person.is_deleted:
        raise Refused("roster.cannot_act")
    if person.is_guest and operation is Operation.MANAGE_ROSTER and not actor.operator:
        raise Refused("roster.guest_by_administrator")
    if not person.is_guest and person.profile_at is not None and operation is Operation.ENROL_GUEST:
        raise Refused("roster.not_a_guest")
    if not give(session, actor, person, role, holder.id, now):
        raise Refused("roster.already_there")
    subject = Subject("roster", holder.id, holder_id=holder.id)
    note(session, actor, grant, operation, subject, now, added=person.id, role=role)
    _roster_changed(session, holder.id, person.id, now)
    return person.id


def _roster_changed(session: Session, holder_id: str, person_id: str, now: datetime) -> None:
    """Channels may have lost or gained a stranger; the homes of those concerned are drawn again."""
    changed = session.get_one(Person, person_id)
    membership.holder_changed(session, holder_id, changed.user_id, now)
    concerned = [*people.holding(session, LEADING, holder_id), changed]
    for user_id in {person.user_id for person in concerned}:
        outgoing.refresh_home(session, user_id, now)


def _live(session: Session, person_id: str, scope_id: str) -> Sequence[RoleGrant]:
    return session.exec(
        select(RoleGrant).where(
            col(RoleGrant.person_id) == person_id,
            col(RoleGrant.scope_id) == scope_id,
            col(RoleGrant.until).is_(None),
        )
    ).all()


def _end(session: Session, grants: Sequence[RoleGrant], now: datetime) -> None:
    ended = [grant.id for grant in grants]
    session.connection().execute(update(RoleGrant).where(col(RoleGrant.id).in_(ended)).values(until=now))


def _holder(session: Session, actor: Actor, operation: Operation, subject: Subject) -> RightsHolder:
    """The rights holder, locked: its roster and its standing change one act at a time."""
    holder = session.get(RightsHolder, subject.holder_id, with_for_update=True)
    if holder is None:
        raise Denied(actor, operation, subject)
    return holder


def _two_agree(actor: Actor, grant: Grant, operation: Operation, subject: Subject, proposed_by: str) -> None:
    if grant.cell.second and proposed_by in ("", grant.person_id):
        raise Denied(actor, operation, subject)
