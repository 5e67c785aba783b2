"""Drawings about sellers: the card of a sanction for the platform team, the picture of a network."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.charts import network as chart
from bot.enforcement import seller_view
from bot.enforcement.access import Actor, Denied
from bot.enforcement.strikes import Terms
from bot.messenger import Drawn, Viewer
from bot.pictures import Pictured
from bot.words.catalogue import Words
from bot.words.text import escape
from handlers.blocks.parts import Block
from handlers.blocks.sellers import card_text, followed, named, sanction_card, way_to, way_to_several
from storage.queries import people, seller_pages, sellers
from storage.records.channels import ChannelPurpose
from storage.records.notices import Notice
from storage.records.sellers import StrikePolicy


def draw_sanction_card(session: Session, sanction_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """A proposed measure, and what became of it, in the platform team's channel."""
    sanction = sellers.sanction(session, sanction_id)
    seller = sellers.find(session, sanction.seller_id) if sanction else None
    if sanction is None or seller is None or viewer.purpose is not ChannelPurpose.PLATFORM:
        return None
    policy = session.get_one(StrikePolicy, sanction.policy_id)
    steps = Terms.read(policy.terms).steps
    needed = next(least for least, measure in steps if measure is sanction.measure)
    blocks = sanction_card(viewer.words, seller, sanction, policy.name.value, needed)
    return Drawn(card_text(viewer.words, seller, sanction), blocks)


def follow_request(session: Session, words: Words, case: Any, card: Sequence[Block]) -> list[Block]:
    """A request's card, for the brand that is asked, with its seller and an earlier removal of theirs."""
    seller = case.snapshot["seller"]
    way = way_to(words, case.seller_id, seller["name"] or seller["id"]) if seller and case.seller_id else None
    return followed(words, card, way, seller_pages.last_relisting(session, case.id, case.holder_id))


def follow_notice(session: Session, words: Words, notice: Notice, card: Sequence[Block]) -> list[Block]:
    """The same for a notice's card."""
    found = seller_pages.sellers_of_notice(session, notice.id, 2)
    way = way_to_several(words, notice.id) if len(found) > 1 else None
    if len(found) == 1:
        way = way_to(words, found[0].id, named(found[0]))
    return followed(words, card, way, seller_pages.last_relisting(session, notice.id, notice.holder_id))


def paint_network(session: Session, seller_id: str, viewer: Viewer, _now: datetime) -> Pictured | None:
    """A seller's network, in the direct messages of somebody of the platform team."""
    person = people.by_user(session, viewer.place) if viewer.purpose is None else None
    if person is None:
        return None
    try:
        sheet = seller_view.network(session, Actor(person.team_id, person.user_id), seller_id)
    except Denied:
        return None
    words = viewer.words
    holds: dict[str, set[str]] = defaultdict(set)
    for value, holder in sheet.holds:
        holds[value].add(holder)
    legend = {trait.kind.value: words.text(f"sellers.trait.{trait.kind}") for trait in sheet.traits}
    title = words.text("sellers.network.title_of", seller=named(sheet.seller))
    drawing = chart.svg(
        title,
        [chart.Node(each.id, named(each), each.id == seller_id) for each in sheet.members],
        [
            chart.Shared(trait.kind.value, trait.shown, frozenset(holds[trait.value_hash]))
            for trait in sheet.traits
        ],
        legend,
    )
    alt = words.text(
        "sellers.network.alt",
        seller=named(sheet.seller),
        others=words.listing([named(each) for each in sheet.members if each.id != seller_id][:20]),
        by=words.listing(sorted(legend.values())),
    )
    return Pictured(title=title, comment=escape(title), alt=alt, svg=drawing)
