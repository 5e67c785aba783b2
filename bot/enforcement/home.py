"""Which page of App Home somebody looks at: remembered while they look, so that a refresh leaves it there."""

from datetime import datetime

from sqlmodel import Session

from bot.enforcement import outgoing
from bot.enforcement.access import Actor, Denied, Operation, Subject
from bot.enforcement.outgoing import HOME_FRESH
from storage.queries import home, people
from storage.records.home import HomeChoice
from storage.records.roster import Person

MOST_PAGES = 10_000


def choice_of(session: Session, person: Person) -> HomeChoice | None:
    """What somebody chose, unless they have looked again since and long after: then they begin anew."""
    found = session.get(HomeChoice, person.id)
    if found is None or person.home_opened_at is None or person.home_opened_at - found.at > HOME_FRESH:
        return None
    return found


def choose(
    session: Session,
    actor: Actor,
    *,
    now: datetime,
    page: str | None = None,
    scope_id: str | None = None,
    which: str | None = None,
    list_page: int = 0,
) -> None:
    """Remember what a person chose: a page, whose cases, which of them, which page of the list.

    What is not given stays as it was. Whether it is theirs to see is asked when it is drawn.
    """
    person = people.find(session, actor.team_id, actor.user_id)
    if person is None:
        raise Denied(actor, Operation.OPEN_HOME, Subject("home"))
    before = choice_of(session, person) or HomeChoice(person_id=person.id, at=now)
    moved = page is not None and page != before.page
    chosen = HomeChoice(
        person_id=person.id,
        page=before.page if page is None else page,
        scope_id=before.scope_id if scope_id is None else scope_id,
        filter=which if which is not None else ("" if moved else before.filter),
        list_page=min(list_page, MOST_PAGES),
        at=now,
    )
    home.keep_choice(session, chosen)
    person.home_opened_at = now
    session.add(person)


def open_at(session: Session, actor: Actor, page: str, scope_id: str = "", *, now: datetime) -> None:
    """Show somebody a page of their App Home from elsewhere: it is published at once."""
    choose(session, actor, page=page, scope_id=scope_id, which="", now=now)
    outgoing.refresh_home(session, actor.user_id, now)
