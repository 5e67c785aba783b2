"""Takedowns: at most one open per listing and platform, every cause kept, one key that is stable for ever.

A takedown is asked for by a verdict or a notice item, and goes out by webhook. When its last cause no longer
asks, it is cancelled if it surely was not sent, else the platform is asked to reinstate the listing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlmodel import Session

from bot.enforcement import outgoing
from storage.columns import new_id
from storage.queries import takedowns
from storage.records.listings import Listing
from storage.records.notices import Notice, NoticeItem
from storage.records.takedowns import CauseKind, TakedownState

# Every key that we send is UUIDv5 under this name: the same effect has the same key for ever.
KEYS = UUID("5f0a7c1e-6f64-5d0b-9a53-0d5a4f2f8c11")
_ATTEMPTS = 3
_UNSENT = frozenset({TakedownState.REQUESTED, TakedownState.UNCLEAR})
_UNDOABLE = _UNSENT | {TakedownState.SENT, TakedownState.REMOVED}


@dataclass(frozen=True)
class Grounds:
    """What asks for a takedown, and of which listing. `listing` is as the platform API writes it."""

    kind: CauseKind
    subject_id: str
    case_id: str  # the request or the notice, as the platform knows it
    external_id: str | None
    client_id: str
    listing_id: str
    seller_id: str | None
    holder_id: str
    brand_id: str
    brand: str
    reason_code: str
    listing: Mapping[str, Any]


def key_of(kind: str, subject_id: str) -> str:
    """The key of one effect."""
    return str(uuid5(KEYS, f"{kind}:{subject_id}"))


def request_takedown(session: Session, grounds: Grounds, *, now: datetime) -> str:
    """Ask for a takedown, or attach to the open one of that listing; its id."""
    for _ in range(_ATTEMPTS):
        takedown_id = _insert(session, grounds, now) or takedowns.open_one(
            session, grounds.client_id, grounds.listing_id
        )
        if takedown_id:
            takedowns.attach(
                session,
                {
                    "id": new_id(),
                    "takedown_id": takedown_id,
                    "kind": grounds.kind,
                    "subject_id": grounds.subject_id,
                    "holder_id": grounds.holder_id,
                    "withdrawn_at": None,
                    "at": now,
                },
            )
            return takedown_id
        # It was open when we inserted and closed when we looked: another unit moved it meanwhile.
    raise RuntimeError("a takedown kept opening and closing")


def request_for_notice_item(
    session: Session,
    *,
    notice: Notice,
    item: NoticeItem,
    listing: Listing,
    client_id: str,
    brand: str,
    now: datetime,
) -> str:
    """Ask for the takedown of one listing of an immediate notice; the takedown's id."""
    grounds = Grounds(
        kind=CauseKind.NOTICE_ITEM,
        subject_id=item.id,
        case_id=notice.id,
        external_id=None,
        client_id=client_id,
        listing_id=listing.id,
        seller_id=listing.seller_id,
        holder_id=notice.holder_id,
        brand_id=notice.brand_id,
        brand=brand,
        reason_code=notice.reason_code.value,
        listing=shown_listing(listing),
    )
    return request_takedown(session, grounds, now=now)


def withdraw_cause(
    session: Session, kind: CauseKind, subject_id: str, reason: str, *, now: datetime
) -> str | None:
    """A retracted verdict or a withdrawn notice item no longer asks; the id of its takedown, if it had one.

    The takedown is undone when nothing else asks for it.
    """
    takedown_id = takedowns.caused_by(session, kind, subject_id)
    if takedown_id is None:
        return None
    # Locked first, as by those who attach: a cause is never added to a takedown that is being undone.
    takedown = takedowns.locked(session, takedown_id=takedown_id)
    if takedown is None or takedowns.withdraw_cause(session, kind, subject_id, now) is None:
        return None
    asks_still = any(cause.withdrawn_at is None for cause in takedowns.causes(session, takedown_id))
    if not asks_still:
        _undo(session, takedown, reason, now)
    return takedown_id


def shown_listing(listing: Any) -> dict[str, Any]:
    """A remembered listing as the platform API writes it."""
    shown: dict[str, Any] = {
        "marketplace": listing.marketplace,
        "url": listing.url,
        "item_id": listing.item_id,
        "title": listing.title,
    }
    return shown


def _insert(session: Session, grounds: Grounds, now: datetime) -> str | None:
    takedown_id = new_id()
    key = key_of("takedown", takedown_id)
    row = {
        "id": takedown_id,
        "key": key,
        "client_id": grounds.client_id,
        "listing_id": grounds.listing_id,
        "seller_id": grounds.seller_id,
        "holder_id": grounds.holder_id,
        "brand_id": grounds.brand_id,
        "reason_code": grounds.reason_code,
        "state": TakedownState.REQUESTED,
        "state_reason": "",
        "reference": "",
        "created_at": now,
        "sent_at": None,
        "removed_at": None,
        "changed_at": now,
    }
    if not takedowns.insert_open(session, row):
        return None
    cause = {
        "kind": "verdict" if grounds.kind is CauseKind.VERDICT else "notice",
        "id": grounds.case_id,
        "external_id": grounds.external_id,
    }
    data = {
        "takedown_id": takedown_id,
        "key": key,
        "listing": grounds.listing,
        "causes": [cause],
        "reason_code": grounds.reason_code,
        "brand": grounds.brand,
    }
    outgoing.webhook(session, grounds.client_id, "takedown.requested", key, data, now, case=takedown_id)
    return takedown_id


def _undo(session: Session, takedown: Any, reason: str, now: datetime) -> None:
    if takedown.state in _UNSENT and outgoing.take_back_webhook(session, takedown.key, now):
        takedowns.change(
            session, takedown.id, state=TakedownState.CANCELLED, state_reason=reason, changed_at=now
        )
        return
    if takedown.state not in _UNDOABLE:
        return  # refused, or undone before: there is nothing to reinstate
    takedowns.change(
        session, takedown.id, state=TakedownState.REINSTATEMENT_REQUESTED, state_reason=reason, changed_at=now
    )
    read = takedowns.read(session, takedown.id)
    data = {
        "takedown_id": takedown.id,
        "key": takedown.key,
        "listing": shown_listing(read),
        "reason": reason,
    }
    webhook_id = key_of("reinstatement", takedown.id)
    outgoing.webhook(
        session,
        takedown.client_id,
        "reinstatement.requested",
        webhook_id,
        data,
        now,
        case=takedown.id,  # after the takedown itself, which may still be on its way
    )
