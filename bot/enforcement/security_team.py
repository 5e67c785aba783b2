"""The platform's security team: those of its staff whom administrators name, and whom rings are told to."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.enforcement.access import Actor, Operation, Subject, authorize
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from storage.errors import violated
from storage.queries import conversations, people
from storage.records.conversations import SecurityContact
from storage.records.roster import Person, Role

_SUBJECT = Subject("security_team")


def team(session: Session, actor: Actor) -> tuple[list[Person], list[Person]]:
    """Everybody of the platform's staff, and those of them who are of its security team."""
    authorize(session, actor, Operation.NAME_SECURITY, _SUBJECT)
    return people.holding(session, (Role.PLATFORM_STAFF,)), conversations.security_team(session)


def add(session: Session, actor: Actor, person_id: str, *, now: datetime) -> None:
    """Put somebody of the staff onto the security team; whoever is there already stays."""
    grant = authorize(session, actor, Operation.NAME_SECURITY, _SUBJECT)
    if person_id not in {person.id for person in people.holding(session, (Role.PLATFORM_STAFF,))}:
        raise Refused("talk.security.not_staff")
    try:
        with session.begin_nested():
            session.add(SecurityContact(person_id=person_id, named_by=str(actor), since=now))
            session.flush()
    except IntegrityError as error:
        if violated(error) != "uq_security_contact_live":
            raise
        return
    note(session, actor, grant, Operation.NAME_SECURITY, _SUBJECT, now, added=person_id)


def remove(session: Session, actor: Actor, person_id: str, *, now: datetime) -> None:
    """Take somebody off the security team."""
    grant = authorize(session, actor, Operation.NAME_SECURITY, _SUBJECT)
    contact = conversations.security_contact(session, person_id)
    if contact is None:
        return
    contact.until = now
    session.add(contact)
    note(session, actor, grant, Operation.NAME_SECURITY, _SUBJECT, now, removed=person_id)
