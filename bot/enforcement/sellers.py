"""What a removal means for its seller: a strike, perhaps a sanction, and how the listing is known again.

Called in the transaction in which a listing is removed or put back. Strikes do not depend on a policy; the
one that is switched on for the marketplace counts them, and where a new strike crosses one of its steps, the
measure is proposed to the marketplace: once for each seller, policy and crossing. What is reversed is taken
back, and with it the sanctions that would not have been proposed without it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlmodel import Session

from bot.enforcement import outgoing, relistings, sanctions
from bot.enforcement.outgoing import Drawing
from bot.enforcement.strikes import Terms, graver, rank, severity_of
from bot.enforcement.tallies import Tallies
from storage.columns import new_id
from storage.queries import authenticity
from storage.queries import sellers as kept
from storage.records.notices import ItemState, Notice

ONE_REMOVAL = timedelta(
    days=3
)  # a listing removed twice within it, for a verdict and a notice, is one strike


class Removal(NamedTuple):
    """A listing that the marketplace took down; `id` is that of the takedown or of the notice item."""

    id: str
    listing_id: str
    marketplace: str
    title: str
    seller_id: str | None
    holder_id: str
    reason_code: str


def removed(session: Session, removals: Sequence[Removal], *, now: datetime) -> None:
    """Listings were removed: count it against their sellers, in a fixed number of statements for each."""
    if not removals:
        return
    _keep_traces(session, removals, now)
    held = [each for each in removals if each.seller_id]
    if not held:
        return
    kept.lock(session, sorted({each.seller_id for each in held if each.seller_id}))
    struck = kept.struck_lately(session, [each.listing_id for each in held], now - ONE_REMOVAL)
    rows = [
        {
            "id": new_id(),
            "removal_id": each.id,
            "seller_id": each.seller_id,
            "marketplace": each.marketplace,
            "listing_id": each.listing_id,
            "holder_id": each.holder_id,
            "reason_code": each.reason_code,
            "severity": severity_of(each.reason_code),
            "at": now,
            "taken_back_at": None,
        }
        for each in held
        if each.listing_id not in struck
    ]
    new = kept.insert_strikes(session, rows) if rows else set()
    _cross(session, [row for row in rows if row["id"] in new], now)


def removal_reversed(session: Session, removal_id: str, at: datetime) -> None:
    """A removed listing was put back, or the seller's counter-notice was upheld; again changes nothing."""
    removals_reversed(session, [removal_id], at)


def removals_reversed(session: Session, removal_ids: Sequence[str], at: datetime) -> None:
    """As `removal_reversed` for several takedowns or notice items."""
    if not removal_ids:
        return
    _unmark(session, kept.forget(session, removal_ids), at)
    hit = kept.take_back(session, removal_ids, at)
    seller_ids = sorted({seller_id for seller_id, _ in hit})
    if not seller_ids:
        return
    kept.lock(session, seller_ids)
    held = kept.held_sanctions(session, seller_ids)
    if not held:
        return
    unfounded = []
    for row in held:
        founded = Tallies(session, Terms.read(row.terms), [row.seller_id], row.proposed_at).of(row.seller_id)
        if graver(row.measure, founded.measure):
            unfounded.append(row)
    sanctions.withdraw(session, unfounded, at)


def _unmark(session: Session, subject_ids: Sequence[str], at: datetime) -> None:
    """Draw the cards again that called a listing relisted: what it resembled was never rightly removed."""
    if not subject_ids:
        return
    shown = {
        (Drawing(each.kind), each.subject_id, each.place)
        for each in kept.cards(session, [Drawing.REQUEST_CARD, Drawing.NOTICE_CARD], subject_ids)
    }
    # A card that is being posted right now is not known to be anywhere yet.
    coming = authenticity.cases(session, subject_ids).values()
    shown |= {(Drawing.REQUEST_CARD, case.id, case.place) for case in coming if case.place}
    for drawing, subject_id, place in sorted(shown):
        outgoing.draw(session, drawing, subject_id, place, at)


def items_decided(session: Session, notice: Notice, items: Sequence[Any], *, now: datetime) -> None:
    """The marketplace decided items of a notice that no takedown of ours stands for."""
    if notice.immediate:
        return
    removals = [
        Removal(
            item.id,
            item.listing_id,
            item.marketplace,
            item.title,
            item.seller_id,
            notice.holder_id,
            notice.reason_code,
        )
        for item in items
        if item.state is ItemState.REMOVED and item.strike_id is None
    ]
    removed(session, removals, now=now)
    back = [
        item.id
        for item in items
        if item.state is ItemState.KEPT and item.strike_id and not item.taken_back_at
    ]
    removals_reversed(session, back, now)


def _keep_traces(session: Session, removals: Sequence[Removal], now: datetime) -> None:
    # A picture is a trace of its seller's alone.
    shown = sorted({each.listing_id for each in removals if each.seller_id})
    pictures = kept.pictures(session, shown)
    rows = []
    for each in sorted(removals, key=lambda removal: removal.id):
        seen = pictures.get(each.listing_id, [])
        found = relistings.traces(each.listing_id, each.seller_id, each.title, seen)
        rows += [
            {
                "id": new_id(),
                "value": value,
                "likeness": likeness,
                "removal_id": each.id,
                "holder_id": each.holder_id,
                "removed_at": now,
            }
            for value, likeness in found.items()
        ]
    kept.insert_traces(session, rows)


def _cross(session: Session, strikes: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Propose what the new strikes lead to, marketplace by marketplace."""
    by_market: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for strike in strikes:
        by_market[strike["marketplace"]].append(strike)
    for marketplace, new in sorted(by_market.items()):
        policy = kept.policy(session, marketplace)
        if policy is not None:
            _cross_under(session, policy, new, now)


def _cross_under(session: Session, policy: Any, new: Sequence[Mapping[str, Any]], now: datetime) -> None:
    terms = Terms.read(policy.terms)
    last = {strike["seller_id"]: strike["id"] for strike in new}
    added = {strike["id"] for strike in new}
    tallies = Tallies(session, terms, sorted(last), now)
    standing: dict[str, list[Any]] = defaultdict(list)
    for sanction in kept.standing_sanctions(session, policy.id, sorted(last)):
        standing[sanction.seller_id].append(sanction)
    lapsed: list[str] = []
    crossings = []
    for seller_id, strike_id in sorted(last.items()):
        before = tallies.of(seller_id, without=added)
        fallen = [each.id for each in standing[seller_id] if graver(each.measure, before.measure)]
        held_up = [each.measure for each in standing[seller_id] if each.id not in fallen]
        tally = tallies.of(seller_id)
        lapsed += fallen
        if graver(tally.measure, max(held_up, key=rank, default=None)):
            crossings.append((seller_id, strike_id, tally))
    if lapsed:
        kept.lapse(session, lapsed, now)
    for seller_id, strike_id, tally in crossings:
        sanctions.propose(session, policy, seller_id, strike_id, tally, now)
