"""Who may not stay on a roster: a guest whom no administrator put there, an account that Slack closed.

What a lead did unknowing ends when Slack says what the account is.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.enforcement import membership, outgoing, product_lines
from storage.queries import audit, people
from storage.records.roster import Person, Role, RoleGrant

_KEEPING = (Role.LEAD, Role.SMALL_MEMBER, Role.ADMINISTRATOR)


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
    _end(session, person, unvouched, "guest_left_roster", "roster.guest_left", now)


def close_account(session: Session, person: Person, now: datetime) -> None:
    """Slack closed a person's account: every role ends, so that one opened again starts with none."""
    held = session.exec(
        select(RoleGrant).where(col(RoleGrant.person_id) == person.id, col(RoleGrant.until).is_(None))
    ).all()
    _end(session, person, held, "account_closed", "roster.account_closed", now)
    membership.account_closed(session, person.user_id, now)


def _end(
    session: Session, person: Person, grants: Sequence[RoleGrant], operation: str, key: str, now: datetime
) -> None:
    if not grants:
        return
    ended = [grant.id for grant in grants]
    session.connection().execute(update(RoleGrant).where(col(RoleGrant.id).in_(ended)).values(until=now))
    product_lines.forget_everywhere(session, person.id, now)
    for scope_id in sorted({grant.scope_id for grant in grants}):
        audit.record(
            session,
            at=now,
            actor="bot",
            role="",
            operation=operation,
            subject_kind="roster",
            subject_id=scope_id,
            tenant=scope_id or None,
            outcome="done",
            details={"removed": person.id},
        )
        membership.holder_changed(session, scope_id, person.user_id, now)
        for keeper in people.holding(session, _KEEPING, scope_id):
            outgoing.whisper(session, keeper.user_id, keeper.user_id, key, now, who=person.user_id)
            outgoing.refresh_home(session, keeper.user_id, now)


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
