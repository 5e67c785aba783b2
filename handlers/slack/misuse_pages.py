"""Pages about misuse in the register's modal: who causes what is upheld, one reporter, a proposal."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from sqlmodel import Session, col, select

from bot.enforcement import misuse
from bot.enforcement.access import Actor, Denied, Operation, Subject, may
from bot.enforcement.approvals import ActName
from bot.enforcement.misuse import Dossier
from bot.enforcement.platform_view import pseudonym
from bot.words.catalogue import Words
from handlers.blocks import misuse as blocks
from handlers.blocks.misuse import Named
from handlers.blocks.parts import Block
from storage.records.platform import PlatformClient
from storage.records.roster import Person, Standing

Page = Callable[[Session, Actor, str, Words, datetime], Block]
OFFERS: Mapping[str, ActName] = {
    name.value: name
    for name in (
        ActName.WARN_PERSON,
        ActName.WARN_HOLDER,
        ActName.SUSPEND_PERSON,
        ActName.SUSPEND_HOLDER,
        ActName.LIFT_SUSPENSION,
        ActName.INVALIDATE_OPEN,
    )
}


def _concentration(session: Session, actor: Actor, holder_id: str, words: Words, now: datetime) -> Block:
    found = misuse.concentration(session, actor, now=now, holder_id=holder_id)
    address = f"misuse:{holder_id}" if holder_id else "misuse"
    back = f"roster:{holder_id}" if holder_id else "menu"
    return blocks.concentration_page(words, found, _named(session, actor, holder_id), here=address, back=back)


def _reporter(session: Session, actor: Actor, detail: str, words: Words, now: datetime) -> Block:
    holder_id, _, person_id = detail.partition("-")
    found = misuse.dossier(session, actor, holder_id, person_id, now=now)
    return blocks.reporter_page(
        words,
        found.holder,
        found.person,
        found.figures,
        found.censures,
        _offers(session, actor, found),
        _named(session, actor, holder_id),
        back="misuse" if _sees_all(session, actor) else f"misuse:{holder_id}",
    )


def _censure_form(
    offer: str, session: Session, actor: Actor, detail: str, words: Words, now: datetime
) -> Block:
    holder_id, _, person_id = detail.partition("-")
    found = misuse.dossier(session, actor, holder_id, person_id, now=now)
    if offer not in _offers(session, actor, found):
        raise Denied(actor, Operation.PROPOSE_CENSURE, Subject("misuse", person_id, holder_id=holder_id))
    named = _named(session, actor, holder_id)
    who = blocks.who(found.holder, found.person, named)
    return blocks.censure_form(words, offer, who, detail)


MISUSE_PAGES: Mapping[str, Page] = {
    "misuse": _concentration,
    "reporter": _reporter,
    **{offer: partial(_censure_form, offer) for offer in OFFERS},
}


def _offers(session: Session, actor: Actor, found: Dossier) -> list[str]:
    subject = Subject("misuse", holder_id=found.holder.id)
    if not may(session, actor, Operation.PROPOSE_CENSURE, subject):
        return []
    if found.person is None:
        offered = [ActName.WARN_HOLDER]
        if found.warned and found.holder.standing is not Standing.SUSPENDED:
            offered.append(ActName.SUSPEND_HOLDER)
    elif found.person.suspended_at:
        offered = [ActName.LIFT_SUSPENSION, ActName.INVALIDATE_OPEN]
    else:
        offered = [ActName.WARN_PERSON, *([ActName.SUSPEND_PERSON] if found.warned else [])]
    return [name.value for name in offered]


def _sees_all(session: Session, actor: Actor) -> bool:
    return may(session, actor, Operation.VIEW_MISUSE, Subject("misuse"))


def _named(session: Session, actor: Actor, holder_id: str) -> Named:
    """Names never leave the brand: the platform's staff read the pseudonym that its API gives."""
    administers = may(session, actor, Operation.DECIDE_CENSURE, Subject("misuse"))
    leads = may(session, actor, Operation.MANAGE_ROSTER, Subject("roster", holder_id, holder_id=holder_id))
    if administers or leads:
        return lambda person: f"<@{person.user_id}>"
    client = session.exec(select(PlatformClient.id).order_by(col(PlatformClient.created_at))).first() or ""

    def hidden(person: Person) -> str:
        return pseudonym(client, person.id)

    return hidden
