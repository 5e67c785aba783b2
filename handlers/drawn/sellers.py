"""Drawings about sellers: the card of a sanction for the platform team, the picture of a network."""

from collections import defaultdict
from datetime import datetime

from sqlmodel import Session

from bot.charts import network as chart
from bot.enforcement import seller_view
from bot.enforcement.access import Actor, Denied
from bot.enforcement.strikes import Terms
from bot.messenger import Drawn, Viewer
from bot.pictures import Pictured
from bot.words.text import escape
from handlers.blocks.sellers import card_text, named, sanction_card
from storage.queries import people, sellers
from storage.records.channels import ChannelPurpose
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
