"""Acts that two administrators must agree on: one asks, another confirms, and only then it is done.

An act is checked when it is asked for and done when it is confirmed, under the rights and the register of
that moment. An API key that it makes goes to the one who confirms, and is kept nowhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from bot.enforcement import (
    calendars,
    censures,
    fast_lanes,
    invalidation,
    outgoing,
    platform,
    roster,
    standing_office,
    strike_policies,
)
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize, may
from bot.enforcement.outgoing import Drawing
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from storage.queries import approvals, people
from storage.queries import platform as clients
from storage.records.approvals import Approval, ApprovalState
from storage.records.roster import Person, Role, Standing

Arguments = Mapping[str, str]
PILOT_LIST = "pilot_list"  # enrolment is open to it alone


class ActName(StrEnum):
    """What can be asked for."""

    NAME_FIRST_LEAD = "name_first_lead"
    SET_STANDING = "set_standing"
    JOIN_LANE = "join_lane"
    LEAVE_LANE = "leave_lane"
    CHANGE_LANE = "change_lane"
    CHOOSE_STANDING_RULE = "choose_standing_rule"
    SWITCH_STRIKE_POLICY = "switch_strike_policy"
    WARN_PERSON = "warn_person"
    WARN_HOLDER = "warn_holder"
    SUSPEND_PERSON = "suspend_person"
    SUSPEND_HOLDER = "suspend_holder"
    LIFT_SUSPENSION = "lift_suspension"
    INVALIDATE_OPEN = "invalidate_open"
    CONNECT_PLATFORM = "connect_platform"
    CHANGE_WEBHOOK = "change_webhook"
    CHANGE_CALENDAR = "change_calendar"
    CREATE_KEY = "create_key"
    REVOKE_KEY = "revoke_key"
    ROTATE_SECRET = "rotate_secret"  # noqa: S105  # the name of an act


@dataclass(frozen=True)
class Made:
    """What a confirmed act made and shows this once: a key, or a webhook secret by its version."""

    client_id: str = ""
    api_key: str = ""
    secret_version: int = 0


@dataclass(frozen=True)
class Act:
    """One kind of act: its row of the matrix, what makes it impossible, and how it is done.

    `proposes` is the row of those who may ask for it, where they are more than those who may do it. `begin`
    follows the proposal, `drop` a no.
    """

    operation: Operation
    check: Callable[[Session, Actor, Arguments], object]
    apply: Callable[[Session, Actor, Arguments, str, datetime], Made]
    proposes: Operation | None = None
    begin: Callable[[Session, Approval, datetime], None] | None = None
    drop: Callable[[Session, Approval, datetime], None] | None = None


def ask(session: Session, actor: Actor, name: ActName, arguments: Arguments, *, now: datetime) -> str:
    """Propose an act; the other administrators get a card, and so does a proposer who is none. Its id.

    Refused where it cannot be done, was asked for already, or where there is no second administrator.
    """
    act = ACTS[name]
    subject = Subject("approval", holder_id=arguments.get("holder_id"))
    grant = authorize(session, actor, act.proposes or act.operation, subject)
    others = [person for person in _administrators(session) if person.id != grant.person_id]
    if not others:
        raise Refused("approvals.nobody_else")
    act.check(session, actor, arguments)
    if any(
        known.approval.operation == name and known.approval.arguments == arguments
        for known in approvals.waiting(session)
    ):
        raise Refused("approvals.asked_already")
    approval = Approval(
        operation=name,
        arguments=dict(arguments),
        tenant=arguments.get("holder_id"),
        proposed_by=grant.person_id,
        proposed_at=now,
        state=ApprovalState.OPEN,
    )
    session.add(approval)
    session.flush()
    if act.begin:
        act.begin(session, approval, now)
    note(session, actor, grant, act.operation, subject, now, outcome="proposed", approval=approval.id)
    _draw(session, approval, {person.user_id for person in others} | _outsider(session, approval), now)
    return approval.id


def confirm(session: Session, actor: Actor, approval_id: str, *, now: datetime) -> Made:
    """The second administrator agrees, and the act is done in the same transaction."""
    approval = _open(session, actor, approval_id)
    act = ACTS[ActName(approval.operation)]
    subject = Subject("approval", approval_id, holder_id=approval.tenant)
    grant = authorize(session, actor, act.operation, subject)
    if grant.person_id == approval.proposed_by:
        raise Refused("approvals.own")
    made = act.apply(session, actor, approval.arguments, approval.proposed_by, now)
    note(session, actor, grant, act.operation, subject, now, outcome="confirmed")
    _decide(session, approval, ApprovalState.CONFIRMED, grant.person_id, now)
    return made


def decline(session: Session, actor: Actor, approval_id: str, *, now: datetime) -> None:
    """An administrator says no, or the one who asked takes it back."""
    approval = _open(session, actor, approval_id)
    act = ACTS[ActName(approval.operation)]
    # Whoever could ask can take it back, also where they could not do it.
    own = _is_own(session, actor, approval)
    operation = act.proposes if own and act.proposes else act.operation
    subject = Subject("approval", approval_id, holder_id=approval.tenant)
    grant = authorize(session, actor, operation, subject)
    note(session, actor, grant, operation, subject, now, outcome="declined")
    if act.drop:
        act.drop(session, approval, now)
    _decide(session, approval, ApprovalState.DECLINED, grant.person_id, now)


def is_shown(session: Session, user_id: str, approval: Approval) -> bool:
    """Whether a person gets a proposal's card: an administrator, or who made it while they still could."""
    if any(person.user_id == user_id for person in _administrators(session)):
        return True
    person = people.by_user(session, user_id)
    if person is None or person.id != approval.proposed_by:
        return False
    act = ACTS[ActName(approval.operation)]
    actor = Actor(team_id=person.team_id, user_id=user_id)
    subject = Subject("approval", approval.id, holder_id=approval.tenant)
    return may(session, actor, act.proposes or act.operation, subject)


def _open(session: Session, actor: Actor, approval_id: str) -> Approval:
    approval = session.get(Approval, approval_id, with_for_update=True)
    if approval is None:
        raise Denied(actor, Operation.CHANGE_REGISTER, Subject("approval", approval_id))
    if approval.state is not ApprovalState.OPEN:
        if _is_own(session, actor, approval):
            raise Refused("approvals.decided")
        authorize(session, actor, Operation.CHANGE_REGISTER, Subject("approval", approval_id))
        raise Refused("approvals.decided")
    return approval


def _decide(
    session: Session, approval: Approval, state: ApprovalState, person_id: str, now: datetime
) -> None:
    approval.state, approval.decided_by, approval.decided_at = state, person_id, now
    session.add(approval)
    session.flush()
    everybody = {person.user_id for person in _administrators(session)}
    _draw(session, approval, everybody | _outsider(session, approval), now)


def _administrators(session: Session) -> list[Person]:
    """Those who could be the second: a guest counts nowhere as an administrator."""
    return [person for person in people.holding(session, (Role.ADMINISTRATOR,)) if not person.is_guest]


def _is_own(session: Session, actor: Actor, approval: Approval) -> bool:
    person = people.find(session, actor.team_id, actor.user_id)
    return person is not None and person.id == approval.proposed_by


def _outsider(session: Session, approval: Approval) -> set[str]:
    """The proposer, where that is no administrator."""
    administrators = {person.id for person in _administrators(session)}
    if approval.proposed_by in administrators:
        return set()
    return {session.get_one(Person, approval.proposed_by).user_id}


def _draw(session: Session, approval: Approval, user_ids: set[str], now: datetime) -> None:
    for user_id in sorted(user_ids):
        outgoing.draw(session, Drawing.APPROVAL_CARD, approval.id, user_id, now)
    _homes(session, now)


def _homes(session: Session, now: datetime) -> None:
    for person in _administrators(session):
        outgoing.refresh_home(session, person.user_id, now)


def _check_lead(session: Session, actor: Actor, given: Arguments) -> None:
    roster.check_first_lead(session, actor, given["holder_id"], Role(given["role"]))


def _lead(session: Session, actor: Actor, given: Arguments, proposed_by: str, now: datetime) -> Made:
    roster.name_first_lead(
        session,
        actor,
        given["holder_id"],
        given["user_id"],
        Role(given["role"]),
        now=now,
        proposed_by=proposed_by,
    )
    return Made()


def _check_standing(session: Session, actor: Actor, given: Arguments) -> None:
    roster.check_standing(session, actor, given["holder_id"], Standing(given["standing"]))


def _standing(session: Session, actor: Actor, given: Arguments, proposed_by: str, now: datetime) -> Made:
    roster.set_standing(
        session,
        actor,
        given["holder_id"],
        Standing(given["standing"]),
        now=now,
        reason=given.get("reason", ""),
        proposed_by=proposed_by,
    )
    return Made()


def _check_rule(session: Session, _actor: Actor, given: Arguments) -> None:
    standing_office.check_rule(session, given["version"], pilot_only=given["enrolment"] == PILOT_LIST)


def _rule(session: Session, actor: Actor, given: Arguments, proposed_by: str, now: datetime) -> Made:
    pilot_only = given["enrolment"] == PILOT_LIST
    standing_office.choose_rule(
        session, actor, given["version"], pilot_only=pilot_only, now=now, proposed_by=proposed_by
    )
    return Made()


def _connect(session: Session, actor: Actor, given: Arguments, proposed_by: str, now: datetime) -> Made:
    client = platform.create_client(
        session,
        actor,
        given["name"],
        given["marketplace"],
        given["webhook_url"],
        now=now,
        calendar=calendars.read(given),
        proposed_by=proposed_by,
    )
    session.flush()
    made = platform.create_key(session, actor, client.id, now=now, proposed_by=proposed_by)
    return Made(client.id, made.api_key, client.secret_version)


def _check_connect(session: Session, actor: Actor, given: Arguments) -> None:
    platform.webhook_address(given["webhook_url"])
    _check_calendar(session, actor, given)
    if clients.client_of_marketplace(session, given["marketplace"].strip().lower()):
        raise Refused("platform.marketplace_taken", marketplace=given["marketplace"])


def _check_webhook(_session: Session, _actor: Actor, given: Arguments) -> None:
    platform.webhook_address(given["webhook_url"])


def _check_calendar(_session: Session, _actor: Actor, given: Arguments) -> None:
    calendars.read(given)


def _calendar(session: Session, actor: Actor, given: Arguments, proposed_by: str, now: datetime) -> Made:
    calendar = calendars.read(given)
    platform.change_calendar(session, actor, given["client_id"], calendar, now=now, proposed_by=proposed_by)
    return Made()


def _no_check(_session: Session, _actor: Actor, _given: Arguments) -> None:
    """What can be wrong here is found when it is confirmed."""


def _webhook(session: Session, actor: Actor, given: Arguments, proposed_by: str, now: datetime) -> Made:
    platform.change_webhook(
        session, actor, given["client_id"], given["webhook_url"], now=now, proposed_by=proposed_by
    )
    return Made()


def _key(session: Session, actor: Actor, given: Arguments, proposed_by: str, now: datetime) -> Made:
    made = platform.create_key(session, actor, given["client_id"], now=now, proposed_by=proposed_by)
    return Made(made.client_id, made.api_key)


def _revoke(session: Session, actor: Actor, given: Arguments, proposed_by: str, now: datetime) -> Made:
    platform.revoke_key(session, actor, given["key_id"], now=now, proposed_by=proposed_by)
    return Made()


def _rotate(session: Session, actor: Actor, given: Arguments, proposed_by: str, now: datetime) -> Made:
    version = platform.rotate_secret(session, actor, given["client_id"], now=now, proposed_by=proposed_by)
    return Made(given["client_id"], secret_version=version)


def _policy(session: Session, actor: Actor, given: Arguments, proposed_by: str, now: datetime) -> Made:
    strike_policies.switch(session, actor, given, now=now, proposed_by=proposed_by)
    return Made()


def _check_join(session: Session, actor: Actor, given: Arguments) -> None:
    fast_lanes.check_membership(session, actor, given["lane"], given["holder_id"], joins=True)


def _check_leave(session: Session, actor: Actor, given: Arguments) -> None:
    fast_lanes.check_membership(session, actor, given["lane"], given["holder_id"], joins=False)


def _join(session: Session, actor: Actor, given: Arguments, proposed_by: str, now: datetime) -> Made:
    who, lane = given["holder_id"], given["lane"]
    fast_lanes.set_membership(session, actor, lane, who, joins=True, now=now, proposed_by=proposed_by)
    return Made()


def _leave(session: Session, actor: Actor, given: Arguments, proposed_by: str, now: datetime) -> Made:
    who, lane = given["holder_id"], given["lane"]
    fast_lanes.set_membership(session, actor, lane, who, joins=False, now=now, proposed_by=proposed_by)
    return Made()


def _terms(session: Session, actor: Actor, given: Arguments, proposed_by: str, now: datetime) -> Made:
    fast_lanes.set_terms(session, actor, given, now=now, proposed_by=proposed_by)
    return Made()


def _warn(session: Session, _actor: Actor, given: Arguments, _proposed_by: str, now: datetime) -> Made:
    censures.warn(session, given, now)
    return Made()


def _suspend(session: Session, actor: Actor, given: Arguments, proposed_by: str, now: datetime) -> Made:
    censures.suspend(session, actor, given, proposed_by, now)
    return Made()


def _lift(session: Session, _actor: Actor, given: Arguments, _proposed_by: str, now: datetime) -> Made:
    censures.lift(session, given, now)
    return Made()


def _invalidate(session: Session, actor: Actor, given: Arguments, _proposed_by: str, now: datetime) -> Made:
    subject = Subject("misuse", given["person_id"], holder_id=given["holder_id"])
    grant = authorize(session, actor, Operation.DECIDE_CENSURE, subject)
    invalidation.invalidate_open(session, grant, given, now)
    return Made()


_WARNING = (Operation.DECIDE_CENSURE, censures.check_warning, _warn, Operation.PROPOSE_CENSURE)
_SUSPENSION = (Operation.DECIDE_CENSURE, censures.check_suspension, _suspend, Operation.PROPOSE_CENSURE)
_OF_SUSPENDED = (Operation.DECIDE_CENSURE, censures.check_lifting)
ACTS: Mapping[ActName, Act] = {
    ActName.WARN_PERSON: Act(*_WARNING, censures.begin_warning, censures.decline),
    ActName.WARN_HOLDER: Act(*_WARNING, censures.begin_warning, censures.decline),
    ActName.SUSPEND_PERSON: Act(*_SUSPENSION, censures.begin_suspension, censures.decline),
    ActName.SUSPEND_HOLDER: Act(*_SUSPENSION, censures.begin_suspension, censures.decline),
    ActName.LIFT_SUSPENSION: Act(*_OF_SUSPENDED, _lift, Operation.PROPOSE_CENSURE),
    ActName.INVALIDATE_OPEN: Act(*_OF_SUSPENDED, _invalidate, Operation.PROPOSE_CENSURE),
    ActName.NAME_FIRST_LEAD: Act(Operation.NAME_FIRST_LEAD, _check_lead, _lead),
    ActName.SET_STANDING: Act(Operation.SET_STANDING, _check_standing, _standing),
    ActName.CHOOSE_STANDING_RULE: Act(Operation.CHOOSE_STANDING_RULE, _check_rule, _rule),
    ActName.SWITCH_STRIKE_POLICY: Act(Operation.SWITCH_STRIKE_POLICY, strike_policies.check, _policy),
    ActName.JOIN_LANE: Act(Operation.SET_LANE, _check_join, _join, Operation.PROPOSE_LANE),
    ActName.LEAVE_LANE: Act(Operation.SET_LANE, _check_leave, _leave, Operation.PROPOSE_LANE),
    ActName.CHANGE_LANE: Act(Operation.SET_LANE, fast_lanes.check_terms, _terms, Operation.PROPOSE_LANE),
    ActName.CONNECT_PLATFORM: Act(Operation.MANAGE_CLIENTS, _check_connect, _connect),
    ActName.CHANGE_WEBHOOK: Act(Operation.MANAGE_CLIENTS, _check_webhook, _webhook),
    ActName.CHANGE_CALENDAR: Act(Operation.MANAGE_CLIENTS, _check_calendar, _calendar),
    ActName.CREATE_KEY: Act(Operation.MANAGE_CLIENTS, _no_check, _key),
    ActName.REVOKE_KEY: Act(Operation.MANAGE_CLIENTS, _no_check, _revoke),
    ActName.ROTATE_SECRET: Act(Operation.MANAGE_CLIENTS, _no_check, _rotate),
}
