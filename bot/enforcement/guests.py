"""Guests on rosters: only an administrator puts one there; what a lead did unknowing is ended when known."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.enforcement import channels, outgoing
from storage.queries import audit, people
from storage.records.roster import Person, Role, RoleGrant


def end_unvouched(session: Session, person: Person, now: datetime) -> None:
    """A person turned out to be a guest: the roles end that no administrator and not the host gave."""
    held = session.exec(
        select(RoleGrant).where(
            col(RoleGrant.person_id) == person.id,
            col(RoleGrant.scope_id) != "",
            col(RoleGrant.role).in_((Role.EXPERT, Role.LEAD, Role.SMALL_MEMBER, Role.ASSOCIATION_OFFICER)),
            col(RoleGrant.until).is_(None),
        )
    ).all()
    vouching = _administrators(session) if held else []
    unvouched = [grant for grant in held if not any(_vouched(grant, each) for each in vouching)]
    unvouched = [grant for grant in unvouched if grant.granted_by != "operator"]
    if not unvouched:
        return
    ended = [grant.id for grant in unvouched]
    session.connection().execute(update(RoleGrant).where(col(RoleGrant.id).in_(ended)).values(until=now))
    for holder_id in sorted({grant.scope_id for grant in unvouched}):
        audit.record(
            session,
            at=now,
            actor="bot",
            role="",
            operation="guest_left_roster",
            subject_kind="roster",
            subject_id=holder_id,
            tenant=holder_id,
            outcome="done",
            details={"removed": person.id},
        )
        channels.settle_all(session, now, holder_id)
        for lead in people.holding(session, (Role.LEAD, Role.SMALL_MEMBER), holder_id):
            outgoing.whisper(
                session, lead.user_id, lead.user_id, "roster.guest_left", now, who=person.user_id
            )
            outgoing.refresh_home(session, lead.user_id, now)


def _administrators(session: Session) -> list[tuple[str, RoleGrant]]:
    """Whoever is or was an administrator, as the grants name them, with the time that they were."""
    rows = session.exec(
        select(Person, RoleGrant)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .where(col(RoleGrant.role) == Role.ADMINISTRATOR)
    )
    return [(f"slack:{person.team_id}:{person.user_id}", grant) for person, grant in rows]


def _vouched(given: RoleGrant, administrator: tuple[str, RoleGrant]) -> bool:
    name, term = administrator
    return (
        given.granted_by == name
        and term.since <= given.since
        and (term.until is None or given.since < term.until)
    )
