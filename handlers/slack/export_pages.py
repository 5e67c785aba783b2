"""The pages of exports: whose cases, what of them can be had, the form."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import Session

from bot.enforcement import exports
from bot.enforcement.access import Actor
from bot.words.catalogue import Words
from handlers.blocks import exports as blocks
from handlers.blocks.parts import Block
from handlers.payloads import number_of, part_of
from storage.queries import people, reports


def _exports(session: Session, actor: Actor, number: str, words: Words, _now: datetime) -> Block:
    return blocks.holders_page(words, exports.offered(session, actor), number_of(number))


def _export(session: Session, actor: Actor, detail: str, words: Words, _now: datetime) -> Block:
    holder_id, number = part_of(detail)
    holder = exports.holder_of(session, actor, holder_id)
    person = people.find(session, actor.team_id, actor.user_id)
    brands = reports.of_holder(session, person.id if person else "", holder.id)
    return blocks.export_page(words, holder, brands, number, back="exports")


def _export_form(session: Session, actor: Actor, holder_id: str, words: Words, now: datetime) -> Block:
    holder = exports.holder_of(session, actor, holder_id)
    return blocks.export_form(words, holder, now.astimezone(words.zone).date())


EXPORT_PAGES: Mapping[str, Callable[[Session, Actor, str, Words, datetime], Block]] = {
    "exports": _exports,
    "export": _export,
    "export_form": _export_form,
}
