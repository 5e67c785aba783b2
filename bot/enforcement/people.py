"""The people that the bot meets: identity by (workspace, user), and a cache of what Slack says of them.

Slack is asked when a person is first met and when the cache is older than a day; what changes meanwhile comes
as an event and counts at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.enforcement import guests, membership, outgoing
from bot.enforcement.access import Actor
from storage.queries import installation, people
from storage.records.roster import Person

PROFILE_FRESH = timedelta(days=1)


@dataclass(frozen=True)
class Profile:
    """What Slack says of a user. `restricted` is a guest of either kind; empty texts are not known."""

    team_id: str
    user_id: str
    name: str = ""
    email: str = ""
    locale: str = ""
    zone: str = ""
    restricted: bool = False
    bot: bool = False
    deleted: bool = False


def meet(session: Session, team_id: str, user_id: str, now: datetime) -> Person:
    """The person of a Slack user, made at the first meeting; the profile is read again when it is old."""
    person = people.find(session, team_id, user_id) or _make(session, team_id, user_id)
    if person.profile_at is None or now - person.profile_at > PROFILE_FRESH:
        outgoing.refresh_profile(session, person.id, user_id, now)
    return person


def open_home(session: Session, actor: Actor, *, now: datetime) -> None:
    """A person opened App Home: it is published now, and again for a while whenever something changes."""
    person = meet(session, actor.team_id, actor.user_id, now)
    person.home_opened_at = now
    session.add(person)
    outgoing.refresh_home(session, actor.user_id, now)


def note_profile(session: Session, person_id: str, profile: Profile, *, now: datetime) -> None:
    """Remember what Slack says, also of the workspace: a form names people by user id alone."""
    person = session.get(Person, person_id)
    if person is None:
        return
    known_as_guest = person.is_guest and person.profile_at is not None
    was_closed = person.is_deleted
    home = installation.current(session)
    if people.find(session, profile.team_id, profile.user_id) is None:
        person.team_id = profile.team_id or person.team_id  # unless met under that identity already
    person.name = profile.name or person.name
    person.email = profile.email or person.email
    person.locale = profile.locale or person.locale
    person.zone = profile.zone or person.zone
    person.is_guest = profile.restricted or (home is not None and person.team_id != home.team_id)
    person.is_bot = profile.bot
    person.is_deleted = profile.deleted
    person.profile_at = now
    session.add(person)
    session.flush()
    if person.is_deleted and not was_closed:
        guests.close_account(session, person, now)
    elif was_closed and not person.is_deleted:
        membership.account_opened(session, person.user_id, now)
    if person.is_guest and not known_as_guest:
        guests.end_unvouched(session, person, now)
    outgoing.refresh_home(session, person.user_id, now)


def profile_changed(session: Session, _actor: Actor, profile: Profile, *, now: datetime) -> None:
    """Slack reports that a user changed; those whom the bot has not met stay unmet."""
    person = people.find(session, profile.team_id, profile.user_id)
    if person is not None:
        note_profile(session, person.id, profile, now=now)


def _make(session: Session, team_id: str, user_id: str) -> Person:
    try:
        with session.begin_nested():
            person = Person(team_id=team_id, user_id=user_id)
            session.add(person)
            session.flush()
    except IntegrityError:
        met = people.find(session, team_id, user_id)
        if met is None:
            raise
        return met
    return person
