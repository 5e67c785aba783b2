"""What of a seller who may see: the platform team everything, a rights holder its cases and what is public.

Of other members' removals a rights holder learns a rounded number, and only where nothing can be worked out
from it; of the marketplace's measures those that it carried out, which anybody can see there.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.enforcement import outgoing, suppression
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize, may, tenants
from bot.enforcement.digest_calendar import day_bounds
from bot.enforcement.listing_identity import NotAListing, identify
from bot.enforcement.nested_days import LENGTH, newest
from bot.enforcement.networks import TOO_COMMON
from bot.enforcement.strikes import Terms
from bot.enforcement.tallies import Tallies
from storage.queries import networks as linked
from storage.queries import seller_pages, sellers
from storage.records.calendars import Span
from storage.records.listings import Seller
from storage.records.notices import Notice
from storage.records.seller_sheets import Count, NetworkSheet, SellerSheet
from storage.records.sellers import StrikePolicy, TraitKind

MOST_FOUND = 20
MOST_STRIKES = 10
MOST_RELISTED = 3
MOST_SANCTIONS = 3
MOST_LINKED = 50
MOST_TRAITS = 40
_READER = "reader"


def reach(session: Session, actor: Actor) -> Collection[str] | None:
    """Whose cases this reader may see: None for everybody's. Raises `Denied` for a reader of nobody's."""
    subject = Subject("seller")
    if may(session, actor, Operation.VIEW_SELLER, subject):
        return None
    holders = tenants(session, actor, Operation.VIEW_SELLER)
    if not holders:
        raise Denied(actor, Operation.VIEW_SELLER, subject)
    return holders


def search(session: Session, actor: Actor, typed: str, own: Mapping[str, str]) -> Sequence[Any]:
    """Sellers by the beginning of their name, by their id, or by the address of one of their listings."""
    holders = reach(session, actor)
    wanted = typed.strip()
    if not wanted:
        return []
    if "/" in wanted:
        try:
            key = identify(wanted, own).key
        except NotAListing:
            return []
        seller_id = seller_pages.of_listing(session, key, holders)
        seller = sellers.find(session, seller_id) if seller_id else None
        return [seller] if seller else []
    return seller_pages.starting_with(session, wanted, holders, MOST_FOUND)


def sheet(session: Session, actor: Actor, seller_id: str, now: datetime) -> SellerSheet:
    """A seller as this reader may see them. A seller without a case of theirs is as missing as none."""
    holders = reach(session, actor)
    seller = sellers.find(session, seller_id)
    if seller is None or not (holders is None or seller_pages.has_case(session, seller_id, holders)):
        raise Denied(actor, Operation.VIEW_SELLER, Subject("seller", seller_id))
    policy = sellers.policy(session, seller.marketplace)
    whole = holders is None
    near, kinds = _linked(session, seller, holders)
    return SellerSheet(
        seller,
        whole,
        seller_pages.strikes(session, seller_id, holders, MOST_STRIKES),
        seller_pages.strike_count(session, seller_id, holders),
        seller_pages.takedown_states(session, seller_id, holders),
        None if holders is None else seller_pages.request_count(session, seller_id, holders),
        seller_pages.listing_count(session, seller_id) if whole else None,
        seller_pages.relistings(session, seller_id, holders, MOST_RELISTED),
        _count(session, seller_id, policy, now) if policy and whole else None,
        seller_pages.sanctions(session, seller_id, MOST_SANCTIONS) if whole else (),
        seller_pages.carried_out(session, seller_id),
        None if holders is None else _of_all(session, seller_id, holders, now),
        near,
        kinds,
    )


def sellers_of_notice(session: Session, actor: Actor, notice_id: str) -> tuple[Notice, Sequence[Any]]:
    """A notice and the sellers whose listings it names, for whoever may see its cases."""
    notice = session.get(Notice, notice_id)
    subject = Subject("notice", notice_id, holder_id=notice.holder_id if notice else None)
    authorize(session, actor, Operation.VIEW_SELLER, subject)
    if notice is None:
        raise Denied(actor, Operation.VIEW_SELLER, subject)
    return notice, seller_pages.sellers_of_notice(session, notice_id, MOST_LINKED)


def network(session: Session, actor: Actor, seller_id: str) -> NetworkSheet:
    """The network of a seller, for the platform team."""
    subject = Subject("seller", seller_id)
    authorize(session, actor, Operation.NOTE_SELLER_FACT, subject)
    seller = sellers.find(session, seller_id)
    if seller is None:
        raise Denied(actor, Operation.NOTE_SELLER_FACT, subject)
    if seller.network_id is None:
        return NetworkSheet(seller, [seller], (), ())
    members = linked.members(session, seller.network_id, MOST_LINKED)
    traits = linked.shared(session, seller.network_id, TOO_COMMON, MOST_TRAITS)
    values = [trait.value_hash for trait in traits]
    holds = linked.holding(session, values, [member.id for member in members]) if values else []
    return NetworkSheet(seller, members, traits, holds)


def seller_of_sanction(session: Session, actor: Actor, sanction_id: str) -> str:
    """Whom a sanction is against, for the platform team."""
    subject = Subject("sanction", sanction_id)
    authorize(session, actor, Operation.REPORT_SANCTION, subject)
    sanction = sellers.sanction(session, sanction_id)
    if sanction is None:
        raise Denied(actor, Operation.REPORT_SANCTION, subject)
    return sanction.seller_id


def ask_for_picture(session: Session, actor: Actor, seller_id: str, *, now: datetime) -> None:
    """Send the reader, in their direct messages, a picture of a seller's network."""
    network(session, actor, seller_id)
    outgoing.picture(session, outgoing.Painting.SELLER_NETWORK, seller_id, actor.user_id, now)


def _linked(
    session: Session, seller: Seller, holders: Collection[str] | None
) -> tuple[Sequence[Any], Mapping[str, Collection[TraitKind]]]:
    if seller.network_id is None:
        return (), {}
    members = [
        each for each in linked.members(session, seller.network_id, MOST_LINKED) if each.id != seller.id
    ]
    if holders is not None:
        visible = seller_pages.cases_among(session, [each.id for each in members], holders)
        members = [each for each in members if each.id in visible]
    return members, linked.links(session, seller.id, [each.id for each in members])


def _count(session: Session, seller_id: str, policy: StrikePolicy, now: datetime) -> Count:
    terms = Terms.read(policy.terms)
    tally = Tallies(session, terms, [seller_id], now).of(seller_id)
    return Count(policy.name, tally.total, terms.last, tally.counted)


def _of_all(
    session: Session, seller_id: str, holders: Collection[str], now: datetime
) -> tuple[int, int] | None:
    # The same four weeks until others are over: of two stretches that overlap the difference would tell.
    # The reader's companies count as one, whose share is known to the reader.
    weeks = newest(Span.MONTH, now.date() - timedelta(days=1))
    start, _ = day_bounds(weeks.first, "UTC")
    _, end = day_bounds(weeks.last, "UTC")
    cell = seller_pages.strikes_by_holder(session, seller_id, start, end)
    own = sum(number for holder_id, number in cell.items() if holder_id in holders)
    others = {holder_id: number for holder_id, number in cell.items() if holder_id not in holders}
    if not suppression.passes(others | {_READER: own}):
        return None
    return LENGTH[Span.MONTH], suppression.rounded(sum(cell.values()))
