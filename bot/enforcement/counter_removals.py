"""The removal that a seller objects to: a takedown of ours, or what a marketplace removed by itself.

A listing that was removed on a notice without a takedown of ours has none to undo. Where its seller is right,
the item of the notice counts as upheld, once, and the marketplace is asked to put the listing back, unless
something else keeps it down. It confirms on the counter-notice itself.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.contract.counter_notices import RelayedCounterNotice
from bot.enforcement import notices, outgoing, sellers, standing, takedowns
from bot.enforcement.takedowns import key_of, shown_listing
from storage.queries import counter_notices
from storage.queries import notices as kept_notices
from storage.queries import takedowns as kept_takedowns
from storage.records.listings import Listing
from storage.records.notices import ItemState, NoticeState
from storage.records.takedowns import OPEN_TAKEDOWN, TakedownState


@dataclass(frozen=True)
class Removal:
    """A removal that still stands, and the rights holder that stands behind it."""

    takedown_id: str | None
    item_id: str | None
    client_id: str
    holder_id: str
    brand_id: str
    seller_id: str | None
    listing_id: str
    reason_code: str
    removed_at: datetime


@dataclass(frozen=True)
class Target:
    """What a counter-notice names, locked: a takedown, or an item of a notice without one."""

    takedown: Any | None = None
    notice: Any | None = None
    item: Any | None = None

    @property
    def client_id(self) -> str | None:
        """Whose removal it is."""
        if self.takedown is not None:
            return str(self.takedown.client_id)
        return str(self.notice.client_id) if self.notice and self.notice.client_id else None


def target_of(session: Session, asked: RelayedCounterNotice) -> Target:
    """What is objected to; an item for which a takedown stands is that takedown."""
    takedown_id = asked.takedown_id
    if takedown_id is None and asked.item_id is not None:
        takedown_id = counter_notices.takedown_of_item(session, asked.item_id)
    if takedown_id is not None:
        return Target(takedown=kept_takedowns.locked(session, takedown_id=takedown_id))
    known = counter_notices.item(session, asked.item_id or "")
    if known is None:
        return Target()
    notice = kept_notices.find(session, known.notice_id, lock=True)
    return Target(notice=notice, item=counter_notices.item(session, known.id))


def removal_of(session: Session, target: Target, asked: RelayedCounterNotice) -> Removal | None:
    """The removal, or None where none stands, or where nobody stands behind it any more."""
    if target.takedown is not None:
        return _by_takedown(session, target.takedown, asked)
    notice, item = target.notice, target.item
    if notice is None or item is None or notice.client_id is None:
        return None
    stands = item.state is ItemState.REMOVED and item.upheld_on is None
    if not stands or notice.state is NoticeState.WITHDRAWN or notice.decided_at is None:
        return None
    listing = session.get_one(Listing, item.listing_id)
    return Removal(
        takedown_id=None,
        item_id=item.id,
        client_id=notice.client_id,
        holder_id=notice.holder_id,
        brand_id=notice.brand_id,
        seller_id=listing.seller_id,
        listing_id=item.listing_id,
        reason_code=notice.reason_code.value,
        removed_at=notice.decided_at,
    )


def lock(session: Session, counter_id: str) -> Any | None:
    """A counter-notice with what was removed, both locked, the takedown or the notice first as everywhere."""
    known = counter_notices.objected_to(session, counter_id)
    if known is None:
        return None
    takedown_id, notice_id = known
    if takedown_id is not None:
        kept_takedowns.locked(session, takedown_id=takedown_id)
    else:
        kept_notices.find(session, notice_id, lock=True)
    return counter_notices.locked(session, counter_id)


def overrule(session: Session, counter: Any, reason: str, now: datetime) -> None:
    """The seller was right: the rights holder stands behind the removal no longer; standing counts it."""
    if counter.takedown_id is not None:
        if takedowns.overrule(session, counter.takedown_id, counter.holder_id, reason, now=now):
            sellers.removal_reversed(session, counter.takedown_id, now)
        return
    item, notice = _of(session, counter)
    if notice.state is not NoticeState.WITHDRAWN:  # which counts as that already, and not twice
        standing.item_upheld(session, notice, item, now=now)
    sellers.removal_reversed(session, item.id, now)
    if counter_notices.removed_otherwise(session, item) or counter.reinstated_at:
        return
    listing = session.get_one(Listing, item.listing_id)
    key = key_of("item_reinstatement", counter.id)
    data = {
        "takedown_id": None,
        "item_id": item.id,
        "counter_notice_id": counter.id,
        "key": key,
        "listing": shown_listing(listing),
        "reason": reason,
    }
    outgoing.webhook(session, counter.client_id, "reinstatement.requested", key, data, now, case=notice.id)


def put_back(session: Session, counter: Any, reason: str, now: datetime) -> None:
    """The marketplace put the listing back: the notice removed one listing less."""
    item, _ = _of(session, counter)
    notices.item_decided(session, item.id, ItemState.KEPT, reason, now)


def case_of(session: Session, counter: Any) -> str:
    """In the order of whose messages the marketplace hears of it."""
    return str(counter.takedown_id or _of(session, counter)[1].id)


def redraw_notice(session: Session, counter: Any, now: datetime) -> None:
    """Draw the card of the notice on which the listing was removed."""
    notices.redraw(session, _of(session, counter)[1], now)


def _by_takedown(session: Session, takedown: Any, asked: RelayedCounterNotice) -> Removal | None:
    """The cause that the seller objects to: the one named, or the first that still asks.

    A marketplace may have decided the notice and never have reported the takedown: that is a removal too.
    """
    found = counter_notices.causes(session, takedown.id)
    wanted = asked.item_id or asked.cause_id
    cause = next(
        (each for each in found if wanted in (None, each.request_id, each.notice_id, each.item_id)), None
    )
    if cause is None:
        return None
    by_decision = takedown.state in OPEN_TAKEDOWN and cause.item_state is ItemState.REMOVED
    removed_at = takedown.removed_at or cause.notice_decided_at
    if removed_at is None or (takedown.state is not TakedownState.REMOVED and not by_decision):
        return None
    return Removal(
        takedown_id=takedown.id,
        item_id=None,
        client_id=takedown.client_id,
        holder_id=cause.holder_id,
        brand_id=cause.request_brand_id or cause.notice_brand_id,
        seller_id=takedown.seller_id,
        listing_id=takedown.listing_id,
        reason_code=takedown.reason_code,
        removed_at=removed_at,
    )


def _of(session: Session, counter: Any) -> tuple[Any, Any]:
    item: Any = counter_notices.item(session, counter.notice_item_id)
    return item, kept_notices.find(session, item.notice_id)
