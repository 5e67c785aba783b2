"""Takedowns: at most one open per listing and platform, every cause kept, one key that is stable for ever.

A takedown is asked for by a verdict or a notice item, and goes out by webhook. When its last cause no longer
asks, it is cancelled if it surely was not sent, else the platform is asked to reinstate the listing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlmodel import Session

from bot.enforcement import outgoing, standing
from storage.columns import new_id
from storage.queries import takedowns
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
        row = _row(grounds, now)
        new = takedowns.insert_open(session, row)
        takedown_id = row["id"] if new else takedowns.open_one(session, grounds.client_id, grounds.listing_id)
        if new:
            _tell(session, grounds, row, now)
        if takedown_id:
            takedowns.attach(session, _cause(grounds, takedown_id, now))
            return str(takedown_id)
        # It was open when we inserted and closed when we looked: another unit moved it meanwhile.
    raise RuntimeError("a takedown kept opening and closing")


def request_takedowns(session: Session, client_id: str, grounds: Sequence[Grounds], *, now: datetime) -> None:
    """As `request_takedown` for many listings of one platform, each named once, in three statements."""
    # In one order in every unit, so that two of them never wait for each other.
    left = {each.listing_id: each for each in sorted(grounds, key=lambda each: each.listing_id)}
    for _ in range(_ATTEMPTS):
        rows = {listing_id: _row(each, now) for listing_id, each in left.items()}
        new = takedowns.insert_all_open(session, list(rows.values()))
        opened = {listing_id: row["id"] for listing_id, row in rows.items() if row["id"] in new}
        for listing_id in opened:
            _tell(session, left[listing_id], rows[listing_id], now)
        opened |= takedowns.open_ones(session, client_id, [each for each in left if each not in opened])
        causes = [_cause(left[listing_id], takedown_id, now) for listing_id, takedown_id in opened.items()]
        takedowns.attach_all(session, causes)
        left = {listing_id: each for listing_id, each in left.items() if listing_id not in opened}
        if not left:
            return
    raise RuntimeError("a takedown kept opening and closing")


def withdraw_causes(
    session: Session, kind: CauseKind, subject_ids: Sequence[str], reason: str, *, now: datetime
) -> None:
    """Retracted verdicts or withdrawn notice items ask no longer; what nothing else asks for is undone."""
    caused = _stop_asking(session, kind, subject_ids, reason, now)
    standing.causes_withdrawn(session, kind, subject_ids, caused, now=now)


def overrule(session: Session, takedown_id: str, holder_id: str, reason: str, *, now: datetime) -> bool:
    """A counter-notice was upheld: this holder's causes ask no longer, and its standing counts that.

    What the holder had taken back before counts as that already, and not twice. Whether nothing asks for the
    takedown any more, so that it was undone.
    """
    asked = takedowns.asked_by(session, takedown_id, holder_id)
    for kind, subject_ids in asked.items():
        _stop_asking(session, kind, subject_ids, reason, now)
    # Rights holders are locked after takedowns and notices, everywhere: no two units wait for each other.
    if asked:
        standing.counter_notice_upheld(session, takedown_id, holder_id, now=now)
    return not takedowns.still_asked_for(session, [takedown_id])


def shown_listing(listing: Any) -> dict[str, Any]:
    """A remembered listing as the platform API writes it."""
    shown: dict[str, Any] = {
        "marketplace": listing.marketplace,
        "url": listing.url,
        "item_id": listing.item_id,
        "title": listing.title,
    }
    return shown


def _stop_asking(
    session: Session, kind: CauseKind, subject_ids: Sequence[str], reason: str, now: datetime
) -> list[str]:
    """The takedowns that these causes asked for; of them those are undone for which no other cause asks."""
    # Locked first, as by those who attach: a cause is never added to a takedown that is being undone.
    caused = takedowns.caused_by(session, kind, subject_ids)
    takedowns.withdraw_causes(session, kind, subject_ids, now)
    asked_for = takedowns.still_asked_for(session, [takedown.id for takedown in caused])
    _undo(session, [takedown for takedown in caused if takedown.id not in asked_for], reason, now)
    return [takedown.id for takedown in caused]


def _row(grounds: Grounds, now: datetime) -> dict[str, Any]:
    takedown_id = new_id()
    return {
        "id": takedown_id,
        "key": key_of("takedown", takedown_id),
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


def _cause(grounds: Grounds, takedown_id: str, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "takedown_id": takedown_id,
        "kind": grounds.kind,
        "subject_id": grounds.subject_id,
        "holder_id": grounds.holder_id,
        "withdrawn_at": None,
        "counted": None,
        "counted_on": None,
        "upheld_on": None,
        "at": now,
    }


def _tell(session: Session, grounds: Grounds, row: Mapping[str, Any], now: datetime) -> None:
    """Send a new takedown to its platform."""
    cause = {
        "kind": "verdict" if grounds.kind is CauseKind.VERDICT else "notice",
        "id": grounds.case_id,
        "external_id": grounds.external_id,
    }
    data = {
        "takedown_id": row["id"],
        "key": row["key"],
        "listing": grounds.listing,
        "causes": [cause],
        "reason_code": grounds.reason_code,
        "brand": grounds.brand,
    }
    outgoing.webhook(session, grounds.client_id, "takedown.requested", row["key"], data, now, case=row["id"])


def _undo(session: Session, undone: Sequence[Any], reason: str, now: datetime) -> None:
    """Cancel what surely did not arrive; of the rest, ask back what was not refused or undone before."""
    unsent = [takedown.key for takedown in undone if takedown.state in _UNSENT]
    taken_back = outgoing.take_back_webhooks(session, unsent, now) if unsent else set()
    cancelled = [takedown.id for takedown in undone if takedown.key in taken_back]
    reversed_ = [each for each in undone if each.state in _UNDOABLE and each.key not in taken_back]
    if cancelled:
        takedowns.change(
            session, *cancelled, state=TakedownState.CANCELLED, state_reason=reason, changed_at=now
        )
    if reversed_:
        ids = [takedown.id for takedown in reversed_]
        state = TakedownState.REINSTATEMENT_REQUESTED
        takedowns.change(session, *ids, state=state, state_reason=reason, changed_at=now)
    for takedown in reversed_:
        _ask_back(session, takedown, reason, now)


def _ask_back(session: Session, takedown: Any, reason: str, now: datetime) -> None:
    data = {
        "takedown_id": takedown.id,
        "key": takedown.key,
        "listing": shown_listing(takedown),
        "reason": reason,
    }
    outgoing.webhook(
        session,
        takedown.client_id,
        "reinstatement.requested",
        key_of("reinstatement", takedown.id),
        data,
        now,
        case=takedown.id,  # after the takedown itself, which may still be on its way
    )
