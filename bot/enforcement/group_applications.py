"""A rights holder asks to join a working group or to leave it; its chair or an administrator answers.

Nobody answers what they asked themselves. Where a group has no other chair, the administrators are asked.
"""

from datetime import datetime

from sqlmodel import Session

from bot.enforcement import outgoing
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize, tenants
from bot.enforcement.groups import join, leave, redraw_application, usual_term
from bot.enforcement.outgoing import Drawing
from bot.enforcement.refusals import Refused
from bot.enforcement.register import insert_named
from bot.enforcement.trail import note
from storage.queries import groups, people
from storage.records.group_seats import Decision, GroupApplication, Wish
from storage.records.groups import WorkingGroup
from storage.records.roster import Person, RightsHolder, Role

MOST_WORDS = 500  # characters of what somebody writes to a chair


def apply(
    session: Session,
    actor: Actor,
    group_id: str,
    holder_id: str,
    wish: Wish,
    words: str,
    *,
    now: datetime,
) -> str:
    """Ask a group to take a rights holder in, or to let it go; the application's id."""
    subject = Subject("group_application", group_id, holder_id=holder_id, group_id=group_id)
    grant = authorize(session, actor, Operation.APPLY_TO_GROUP, subject)
    group, holder = session.get(WorkingGroup, group_id), session.get(RightsHolder, holder_id)
    if group is None or holder is None:
        raise Denied(actor, Operation.APPLY_TO_GROUP, subject)
    inside = groups.membership(session, group_id, holder_id) is not None
    if inside is (wish is Wish.JOIN):
        raise Refused("groups.member_already" if inside else "groups.no_member", name=holder.name)
    deciders = _deciders(session, group_id, grant.person_id)
    if not deciders:
        raise Refused("groups.nobody_answers")
    application = GroupApplication(
        group_id=group_id,
        holder_id=holder_id,
        wish=wish,
        words=words[:MOST_WORDS],
        asked_by=grant.person_id,
        asked_at=now,
    )
    insert_named(session, application, "uq_group_application_open", "groups.asked_already", name=holder.name)
    note(session, actor, grant, Operation.APPLY_TO_GROUP, subject, now, wish=wish)
    for user_id in [*deciders, actor.user_id]:
        outgoing.draw(session, Drawing.GROUP_APPLICATION, application.id, user_id, now)
    return application.id


def decide(
    session: Session,
    actor: Actor,
    application_id: str,
    *,
    approve: bool,
    now: datetime,
    answer: str = "",
) -> None:
    """Answer an application; a no says why. It counts at once, also on what is posted already."""
    application, subject = judged(session, actor, application_id)
    grant = authorize(session, actor, Operation.DECIDE_APPLICATION, subject)
    if application.decided_at is not None:
        raise Refused("groups.decided_already")
    if application.asked_by == grant.person_id:
        raise Refused("groups.own_application")
    if not approve and not answer:
        raise Refused("groups.reason_missing")
    application.decision = Decision.APPROVED if approve else Decision.DECLINED
    application.decided_by, application.decided_at = grant.person_id or None, now
    application.answer = answer[:MOST_WORDS]
    session.add(application)
    session.flush()
    if approve and application.wish is Wish.JOIN:
        holder = session.get_one(RightsHolder, application.holder_id)
        ends_on = usual_term(session.get_one(WorkingGroup, application.group_id), now)
        join(session, application.group_id, holder, ends_on, now)
    elif approve:
        leave(session, application.group_id, application.holder_id, now)
    note(session, actor, grant, Operation.DECIDE_APPLICATION, subject, now, decision=application.decision)
    redraw_application(session, application.id, now)
    asker = session.get_one(Person, application.asked_by)
    outgoing.draw(session, Drawing.GROUP_APPLICATION, application.id, asker.user_id, now)


def judged(session: Session, actor: Actor, application_id: str) -> tuple[GroupApplication, Subject]:
    """An application and whose it is to answer, locked: it is answered once."""
    application = session.get(GroupApplication, application_id, with_for_update=True)
    group_id = application.group_id if application else None
    holder_id = application.holder_id if application else None
    subject = Subject("group_application", application_id, holder_id=holder_id, group_id=group_id)
    if application is None:
        raise Denied(actor, Operation.DECIDE_APPLICATION, subject)
    return application, subject


def wishes(session: Session, actor: Actor, group_id: str) -> dict[Wish, list[RightsHolder]]:
    """For whom this person may ask to join and to leave, without those who have asked already."""
    possible = tenants(session, actor, Operation.APPLY_TO_GROUP)
    if not possible:
        return {Wish.JOIN: [], Wish.LEAVE: []}
    inside = groups.memberships_of(session, possible).get(group_id, set())
    asked = {application.holder_id for application, _ in groups.open_applications(session, group_id)}
    holders = groups.named(session, possible - asked)
    return {
        Wish.JOIN: [holder for holder in holders if holder.id not in inside],
        Wish.LEAVE: [holder for holder in holders if holder.id in inside],
    }


def waiting(
    session: Session, actor: Actor, group_id: str, *, answers: bool
) -> list[tuple[GroupApplication, RightsHolder]]:
    """What waits for an answer: everything for whoever answers, to others what their own companies ask."""
    found = groups.open_applications(session, group_id)
    own = tenants(session, actor, Operation.APPLY_TO_GROUP) if found and not answers else ()
    return [(asked, holder) for asked, holder in found if answers or holder.id in own]


def _deciders(session: Session, group_id: str, asker_id: str) -> list[str]:
    """The Slack user ids of those who are asked: the chairs, else the administrators; never the asker."""
    for role, scope_id in ((Role.GROUP_CHAIR, group_id), (Role.ADMINISTRATOR, "")):
        found = [person for person in people.holding(session, (role,), scope_id) if person.id != asker_id]
        if found:
            return [person.user_id for person in found]
    return []
