"""Account managers: each rights holder has somebody of the platform's team by name, and a deputy.

An administrator names both. Who says that they are away is stood in for by the deputy until they are back;
who leaves the team is followed by the deputy, and where there is none the whole team answers again.
Each change begins a new row, so that it stays known who answered when.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bot.enforcement import conversation_people, outgoing
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from storage.queries import account_managers as queries
from storage.queries import people
from storage.records.account_managers import Absence, AccountManager
from storage.records.roster import Person, RightsHolder, Role


def name(
    session: Session, actor: Actor, holder_id: str, manager: str, deputy: str = "", *, now: datetime
) -> None:
    """Name who answers for a rights holder from now on, and who stands in: users of the platform's team."""
    subject = Subject("rights_holder", holder_id, holder_id=holder_id)
    grant = authorize(session, actor, Operation.NAME_ACCOUNT_MANAGER, subject)
    if session.get(RightsHolder, holder_id, with_for_update=True) is None:
        raise Denied(actor, Operation.NAME_ACCOUNT_MANAGER, subject)
    team = {person.user_id: person.id for person in people.holding(session, (Role.PLATFORM_STAFF,))}
    if manager not in team:
        raise Refused("managers.not_of_team")
    if deputy and deputy not in team:
        raise Refused("managers.deputy_not_of_team")
    if deputy == manager:
        raise Refused("managers.same_person")
    manager_id, deputy_id = team[manager], team.get(deputy)
    before = queries.live(session, holder_id)
    if before and (before.manager_id, before.deputy_id) == (manager_id, deputy_id):
        return
    following = _row(holder_id, manager_id, deputy_id, actor, now)
    _follow(session, [before] if before else [], [following], now)
    named = {"manager": manager_id, "deputy": deputy_id or ""}
    note(session, actor, grant, Operation.NAME_ACCOUNT_MANAGER, subject, now, **named)
    conversation_people.bring_managers(session, holder_id, now)
    _tell(session, [holder_id], [manager_id, deputy_id or ""], now)


def pass_on(session: Session, actor: Actor, person_id: str, *, now: datetime) -> None:
    """Somebody leaves the platform's team: their deputies follow, and nobody's deputy are they any more.

    The caller has authorized the leaving and audits it.
    """
    rows = queries.naming(session, person_id)
    heirs = {row.holder_id: row.deputy_id if row.manager_id == person_id else row.manager_id for row in rows}
    following = [_row(holder_id, heir, None, actor, now) for holder_id, heir in heirs.items() if heir]
    _follow(session, rows, following, now)
    _tell(session, heirs, [heir for heir in heirs.values() if heir], now)


def go_away(session: Session, actor: Actor, last_day: date, *, now: datetime) -> None:
    """Somebody of the team is away up to the end of a day in their zone: their deputies stand in until then.

    Raises `Refused` for a day that is over.
    """
    person = _myself(session, actor)
    back = datetime.combine(last_day, time.max, ZoneInfo(person.zone))
    if back <= now:
        raise Refused("managers.day_is_over")
    absence = session.get(Absence, person.id) or Absence(person_id=person.id, until=back)
    absence.until = back
    session.add(absence)
    _absence_changed(session, actor, person, now, until=back.isoformat())


def come_back(session: Session, actor: Actor, *, now: datetime) -> None:
    """Somebody of the team is there again, earlier than they said."""
    person = _myself(session, actor)
    absence = session.get(Absence, person.id)
    if absence is not None:
        session.delete(absence)
        _absence_changed(session, actor, person, now, until="")


def _row(
    holder_id: str, manager_id: str, deputy_id: str | None, actor: Actor, now: datetime
) -> AccountManager:
    return AccountManager(
        holder_id=holder_id, manager_id=manager_id, deputy_id=deputy_id, since=now, named_by=str(actor)
    )


def _follow(
    session: Session, before: Sequence[AccountManager], following: Sequence[AccountManager], now: datetime
) -> None:
    """End these rows, then begin those: at no moment are there two for one rights holder."""
    for row in before:
        row.until = now
    session.add_all(before)
    session.flush()
    session.add_all(following)
    session.flush()


def _myself(session: Session, actor: Actor) -> Person:
    subject = Subject("absence")
    authorize(session, actor, Operation.SAY_AWAY, subject)
    person = people.find(session, actor.team_id, actor.user_id)
    if person is None:
        raise Denied(actor, Operation.SAY_AWAY, subject)
    return person


def _absence_changed(session: Session, actor: Actor, person: Person, now: datetime, *, until: str) -> None:
    subject = Subject("absence", person.id)
    grant = authorize(session, actor, Operation.SAY_AWAY, subject)
    note(session, actor, grant, Operation.SAY_AWAY, subject, now, until=until)
    holders = [row.holder_id for row in queries.naming(session, person.id)]
    _tell(session, holders, [person.id], now)


def _tell(session: Session, holder_ids: Collection[str], person_ids: Collection[str], now: datetime) -> None:
    """The App Homes that show it, of those who looked lately."""
    outgoing.refresh_homes_of(session, holder_ids, now)
    concerned = [each for each in person_ids if each]
    for user_id in session.exec(select(Person.user_id).where(col(Person.id).in_(concerned))):
        outgoing.refresh_home(session, user_id, now)
