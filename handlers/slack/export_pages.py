"""The pages of exports: whose cases, what of them can be had, the form."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import Session

from bot.enforcement import aggregates, exports
from bot.enforcement.access import Actor
from bot.enforcement.channels import Scope
from bot.words.catalogue import Words
from handlers.blocks import aggregates as aggregate_blocks
from handlers.blocks import exports as blocks
from handlers.blocks.parts import Block
from handlers.payloads import number_of, one_of, part_of
from storage.queries import people, reports
from storage.records.channels import ChannelPurpose


def _exports(session: Session, actor: Actor, number: str, words: Words, now: datetime) -> Block:
    """Whose cases to export; where there is one company alone, what of it can be had."""
    found = exports.offered(session, actor)
    if len(found) == 1:
        return _export(session, actor, found[0].id, words, now)
    return blocks.holders_page(words, found, number_of(number))


def _export(session: Session, actor: Actor, detail: str, words: Words, _now: datetime) -> Block:
    holder_id, number = part_of(detail)
    holder = exports.holder_of(session, actor, holder_id)
    person = people.find(session, actor.team_id, actor.user_id)
    brands = reports.of_holder(session, person.id if person else "", holder.id)
    several = len(exports.offered(session, actor)) > 1
    return blocks.export_page(words, holder, brands, number, back="exports" if several else "menu")


def scope_of(detail: str) -> Scope:
    """Whose figures an address names: `group-01J...`."""
    purpose, _, scope_id = detail.partition("-")
    return Scope(one_of(ChannelPurpose, purpose), scope_id)


def _aggregates(session: Session, actor: Actor, number: str, words: Words, _now: datetime) -> Block:
    return aggregate_blocks.places_page(
        words, aggregates.offered(session, actor), number_of(number), back="menu"
    )


def _aggregate_form(session: Session, actor: Actor, detail: str, words: Words, _now: datetime) -> Block:
    return aggregate_blocks.aggregates_form(words, aggregates.place_of(session, actor, scope_of(detail)))


def _export_form(session: Session, actor: Actor, holder_id: str, words: Words, now: datetime) -> Block:
    holder = exports.holder_of(session, actor, holder_id)
    return blocks.export_form(words, holder, now.astimezone(words.zone).date())


EXPORT_PAGES: Mapping[str, Callable[[Session, Actor, str, Words, datetime], Block]] = {
    "aggregates": _aggregates,
    "aggregate_form": _aggregate_form,
    "exports": _exports,
    "export": _export,
    "export_form": _export_form,
}
