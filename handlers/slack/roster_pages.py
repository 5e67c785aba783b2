"""Pages of a roster in the register's modal: its people, one of them, the product lines."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import Session

from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize, may
from bot.enforcement.roster import roles_of
from bot.words.catalogue import Words
from handlers.blocks import register_forms
from handlers.blocks import roster as blocks
from handlers.blocks.parts import Block
from handlers.blocks.roster import RosterSheet
from handlers.payloads import part_of
from storage.queries import product_lines, roster
from storage.records.register import BrandLine
from storage.records.roster import HolderKind, RightsHolder

Page = Callable[[Session, Actor, str, Words, datetime], Block]


def _roster(session: Session, actor: Actor, detail: str, words: Words, _now: datetime) -> Block:
    holder_id, number = part_of(detail)
    subject = Subject("roster", holder_id, holder_id=holder_id)
    manages = may(session, actor, Operation.MANAGE_ROSTER, subject)
    binds = may(session, actor, Operation.BIND_CHANNEL, subject)
    if not manages and not binds:
        raise Denied(actor, Operation.MANAGE_ROSTER, subject)
    holder = session.get(RightsHolder, holder_id)
    if holder is None:
        raise Denied(actor, Operation.MANAGE_ROSTER, subject)
    members = roster.members(session, [holder_id]).get(holder_id, [])
    people = [member.person.id for member in members]
    sheet = RosterSheet(
        holder,
        members,
        roster.brands_of(session, [holder_id]) if binds else [],
        product_lines.of_holder(session, holder_id),
        product_lines.known_to(session, holder_id, people),
        roster.mandates_of(session, holder_id) if holder.kind is HolderKind.ASSOCIATION else [],
        manages=manages,
        registers=may(session, actor, Operation.REGISTER_RIGHT, subject),
    )
    return blocks.roster_page(words, sheet, number)


def _person_form(session: Session, actor: Actor, holder_id: str, words: Words, _now: datetime) -> Block:
    holder = _managed(session, actor, holder_id)
    return register_forms.person_form(words, holder, roles_of(holder))


def _colleague(session: Session, actor: Actor, detail: str, words: Words, _now: datetime) -> Block:
    holder_id, _, person_id = detail.partition("-")
    holder = _managed(session, actor, holder_id)
    members = roster.members(session, [holder_id]).get(holder_id, [])
    found = [member for member in members if member.person.id == person_id]
    if not found:
        raise Denied(actor, Operation.MANAGE_ROSTER, Subject("roster", person_id, holder_id=holder_id))
    lines = product_lines.of_holder(session, holder_id)
    known = product_lines.known_to(session, holder_id, [person_id]).get(person_id, [])
    return blocks.colleague_form(words, holder, found[0], roles_of(holder), lines, known)


def _lines(session: Session, actor: Actor, detail: str, words: Words, _now: datetime) -> Block:
    holder_id, number = part_of(detail)
    holder = _managed(session, actor, holder_id)
    lines = product_lines.of_holder(session, holder_id)
    members = roster.members(session, [holder_id]).get(holder_id, [])
    users = {member.person.id: member.person.user_id for member in members}
    people: dict[str, list[str]] = defaultdict(list)
    for person_id, known in product_lines.known_to(session, holder_id, users).items():
        for line_id in known:
            people[line_id].append(users[person_id])
    names = _names(roster.brands_of(session, [holder_id]))
    return blocks.lines_page(words, holder, lines, names, people, number)


def _line_form(session: Session, actor: Actor, holder_id: str, words: Words, _now: datetime) -> Block:
    holder = _managed(session, actor, holder_id)
    names = _names(roster.brands_of(session, [holder_id]))
    if not names:
        raise Denied(actor, Operation.MANAGE_ROSTER, Subject("brand", holder_id=holder_id))
    return blocks.line_form(words, holder, names)


ROSTER_PAGES: Mapping[str, Page] = {
    "roster": _roster,
    "person_form": _person_form,
    "colleague": _colleague,
    "lines": _lines,
    "line_form": _line_form,
}


def _managed(session: Session, actor: Actor, holder_id: str) -> RightsHolder:
    subject = Subject("roster", holder_id, holder_id=holder_id)
    authorize(session, actor, Operation.MANAGE_ROSTER, subject)
    holder = session.get(RightsHolder, holder_id)
    if holder is None:
        raise Denied(actor, Operation.MANAGE_ROSTER, subject)
    return holder


def _names(lines: list[BrandLine]) -> dict[str, str]:
    return {line.brand.id: line.brand.name for line in lines}
