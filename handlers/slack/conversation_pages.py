"""The pages about conversations in the register's modal."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import Session

from bot.enforcement import access, security_team
from bot.enforcement.access import Actor, Denied, Operation, Subject
from bot.words.catalogue import Words
from handlers.blocks.conversation_pages import security_page, talks_page
from handlers.blocks.office import PAGE_SIZE
from handlers.blocks.parts import Block
from storage.queries import conversations, people


def _talks(session: Session, actor: Actor, number: str, words: Words, _now: datetime) -> Block:
    """Everybody may look: each sees what they take part in, and nothing else."""
    person = people.find(session, actor.team_id, actor.user_id)
    if person is None:
        raise Denied(actor, Operation.TALK, Subject("conversation"))
    at = _number(number)
    own = conversations.open_of(session, person.id, limit=PAGE_SIZE, offset=at * PAGE_SIZE)
    asked = access.tenants(session, actor, Operation.APPROVE_TALK)
    waiting = conversations.waiting_for(session, asked) if asked else []
    names = conversations.holder_names(session, {talk.holder_id for talk in (*own, *waiting)})
    return talks_page(words, own, waiting, names, at, conversations.open_count(session, person.id))


def _security(session: Session, actor: Actor, number: str, words: Words, _now: datetime) -> Block:
    staff, named = security_team.team(session, actor)
    return security_page(words, staff, {person.id for person in named}, _number(number))


CONVERSATION_PAGES: Mapping[str, Callable[[Session, Actor, str, Words, datetime], Block]] = {
    "talks": _talks,
    "security": _security,
}


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else 0
