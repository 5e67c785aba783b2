"""The life of a notice once filed: moved by the marketplace, withdrawn by its side, told in its thread.

The states follow those that marketplaces themselves report; which may follow which stands in one table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement import fast_lanes, outgoing, sellers, standing, takedowns
from bot.enforcement.access import Actor, Denied, Grant, Operation, Subject, authorize
from bot.enforcement.outgoing import Drawing
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from storage.queries import notices
from storage.records.notice_sheets import NoticeSheet
from storage.records.notices import WITHDRAWABLE, ItemState, Notice, NoticeItem, NoticeState
from storage.records.takedowns import CauseKind

DECIDED = frozenset({NoticeState.ACTIONED, NoticeState.PARTIALLY_ACTIONED, NoticeState.REJECTED})
_DECISIONS = (NoticeState.ACTIONED, NoticeState.PARTIALLY_ACTIONED, NoticeState.REJECTED)
_ASKING = (NoticeState.IN_REVIEW, NoticeState.CLARIFICATION_REQUIRED)

# A state may follow itself: a complaint number often comes later than the receipt, or than the decision.
TRANSITIONS: Mapping[NoticeState, frozenset[NoticeState]] = {
    NoticeState.SUBMITTED: frozenset({NoticeState.RECEIVED, *_ASKING, *_DECISIONS}),
    NoticeState.RECEIVED: frozenset({NoticeState.RECEIVED, *_ASKING, *_DECISIONS}),
    NoticeState.IN_REVIEW: frozenset({*_ASKING, *_DECISIONS}),
    NoticeState.CLARIFICATION_REQUIRED: frozenset({*_ASKING, *_DECISIONS}),
    NoticeState.PARTIALLY_ACTIONED: frozenset({NoticeState.PARTIALLY_ACTIONED, NoticeState.ACTIONED}),
    NoticeState.ACTIONED: frozenset({NoticeState.ACTIONED}),
    NoticeState.REJECTED: frozenset({NoticeState.REJECTED}),
    NoticeState.WITHDRAWN: frozenset(),
}


class WrongMove(Refused):
    """The notice's state does not allow this move."""


class UnknownItem(Refused):
    """The notice has no such item."""


@dataclass(frozen=True)
class ItemMove:
    """What the marketplace decided about one listing."""

    id: str
    state: ItemState
    reason: str = ""


@dataclass(frozen=True)
class Move:
    """A report of the marketplace; `event_id` is its own name for it. Items left out follow the notice."""

    event_id: str
    state: NoticeState
    reason: str = ""
    complaint_number: str = ""
    complaint_url: str = ""
    items: Sequence[ItemMove] = ()


def read_notice(session: Session, actor: Actor, notice_id: str) -> NoticeSheet:
    """A notice with all its items, for those who may see it."""
    sheet = notices.sheet(session, notice_id)
    if actor.client_id:
        subject = Subject("notice", notice_id, client_id=sheet.notice.client_id if sheet else None)
        authorize(session, actor, Operation.VIEW_PLATFORM_CASE, subject)
    else:
        subject = Subject("notice", notice_id, holder_id=sheet.notice.holder_id if sheet else None)
        authorize(session, actor, Operation.VIEW_OWN_CASES, subject)
    if sheet is None:
        raise Denied(actor, Operation.VIEW_OWN_CASES, subject)
    return sheet


def move_notice(session: Session, actor: Actor, notice_id: str, move: Move, *, now: datetime) -> NoticeSheet:
    """The marketplace moves a notice. The same `event_id` again changes nothing and answers the same.

    Raises WrongMove where the state does not allow it, UnknownItem for an item of another notice.
    """
    notice = notices.find(session, notice_id, lock=True)
    subject = Subject("notice", notice_id, client_id=notice.client_id if notice else None)
    grant = authorize(session, actor, Operation.MOVE_NOTICE, subject)
    if notice is None:
        raise Denied(actor, Operation.MOVE_NOTICE, subject)
    event_key = f"platform:{move.event_id}"
    if not notices.happened(session, notice_id, event_key):
        if move.state not in TRANSITIONS[notice.state]:
            raise WrongMove("notices.wrong_move", state=notice.state.value, wanted=move.state.value)
        complaint = {
            "complaint_number": move.complaint_number or notice.complaint_number,
            "complaint_url": move.complaint_url or notice.complaint_url,
        }
        if move.state is notice.state and move.state in DECIDED:
            _tell_again(session, notice, move, complaint, now)
        else:
            _decide_items(session, notice, move)
            standing.items_decided(session, notice, now=now)
            sellers.items_decided(session, notice, now=now)
            _enter(session, notice, move.state, move.reason, event_key, "platform", now, **complaint)
        owned = Subject("notice", notice_id, holder_id=notice.holder_id)
        note(session, actor, grant, Operation.MOVE_NOTICE, owned, now, state=move.state.value)
    found = notices.sheet(session, notice_id)
    if found is None:
        raise Denied(actor, Operation.MOVE_NOTICE, subject)
    return found


def to_withdraw(session: Session, actor: Actor, notice_id: str) -> Notice:
    """A notice that this person may withdraw."""
    return _own(session, actor, Operation.WITHDRAW_NOTICE, notice_id)[0]


def to_annotate(session: Session, actor: Actor, notice_id: str) -> Notice:
    """A notice to which this person may add the marketplace's complaint number."""
    return _own(session, actor, Operation.FILE_NOTICE, notice_id)[0]


def withdraw_notice(session: Session, actor: Actor, notice_id: str, reason: str, *, now: datetime) -> Notice:
    """Those who filed take a notice back; takedowns that it asked for are cancelled or reversed."""
    notice, subject, grant = _own(session, actor, Operation.WITHDRAW_NOTICE, notice_id)
    # Takedowns before their notice, as where one is reported: two units never wait for each other.
    if notice.immediate:
        items = notices.item_ids(session, notice_id)
        takedowns.withdraw_causes(session, CauseKind.NOTICE_ITEM, items, reason, now=now)
    notice = notices.find(session, notice_id, lock=True)
    if notice.state not in WITHDRAWABLE:
        raise Refused("notices.cannot_withdraw", reference=notice.reference)
    withdrawn = take_back(session, notice, reason, "member", now)
    note(session, actor, grant, Operation.WITHDRAW_NOTICE, subject, now, reason=reason)
    return withdrawn


def take_back(session: Session, notice: Notice, reason: str, by: str, now: datetime) -> Notice:
    """A notice asks for nothing any more; its marketplace is told. The caller has undone its takedowns."""
    released = fast_lanes.released(notice, now)
    standing.notice_withdrawn(session, notice, now=now)
    notice = _enter(session, notice, NoticeState.WITHDRAWN, reason, "withdrawn", by, now, **released)
    if notice.client_id:
        data = {"notice_id": notice.id, "reference": notice.reference, "reason": reason}
        key = takedowns.key_of("notice_withdrawn", notice.id)
        outgoing.webhook(session, notice.client_id, "notice.withdrawn", key, data, now, case=notice.id)
    return notice


def note_complaint(
    session: Session, actor: Actor, notice_id: str, number: str, url: str, *, now: datetime
) -> Notice:
    """A member writes down the marketplace's own complaint number and link."""
    notice, subject, grant = _own(session, actor, Operation.FILE_NOTICE, notice_id, lock=True)
    values = {"complaint_number": number, "complaint_url": url, "changed_at": now}
    annotated: Notice = notices.change(session, notice, **values)
    redraw(session, annotated, now)
    note(session, actor, grant, Operation.FILE_NOTICE, subject, now, complaint_number=number)
    return annotated


def item_decided(session: Session, item_id: str, state: ItemState, reason: str, now: datetime) -> set[str]:
    """A takedown of a notice's item came to an end; when no item is open any more, the notice is decided.

    The id of the notice, if its card is drawn again.
    """
    found = notices.of_item(session, item_id)
    if found is None or found.notice.state is NoticeState.WITHDRAWN or found.item.state is state:
        return set()
    notice = found.notice
    notices.change_item(session, found.item, state=state, reason=reason)
    outcome = _outcome(notices.counts(session, notice.id))
    if outcome is None or outcome is notice.state:
        redraw(session, notice, now)
    else:
        _enter(session, notice, outcome, reason, f"item:{item_id}:{state}:{now.isoformat()}", "platform", now)
    return {notice.id}


def delivery_changed(session: Session, notice_id: str, now: datetime) -> None:
    """A marketplace does not answer, or answers again: the card says so."""
    notice = notices.find(session, notice_id)
    if notice is not None:
        redraw(session, notice, now)


def redraw(session: Session, notice: Notice, now: datetime) -> str:
    """Draw a notice's card as it is now, and the App Homes that show it; where the card stands."""
    place = place_of(session, notice)
    if place:
        outgoing.draw(session, Drawing.NOTICE_CARD, notice.id, place, now)
    outgoing.refresh_homes(session, notice.holder_id, now)
    return place


def place_of(session: Session, notice: Notice) -> str:
    """Where a notice's card stands, or will: the brand's own channel, else a direct message to the filer."""
    here, drawn = notices.places(session, Drawing.NOTICE_CARD, notice)
    return next((place for place in drawn if place in here), here[0] if here else "")


def _own(
    session: Session, actor: Actor, operation: Operation, notice_id: str, *, lock: bool = False
) -> tuple[Notice, Subject, Grant]:
    """A notice on which this person may act; anybody else's is as missing as none."""
    notice = notices.find(session, notice_id, lock=lock)
    subject = Subject(
        "notice",
        notice_id,
        holder_id=notice.holder_id if notice else None,
        owner_id=notice.submitter_id if notice else None,
    )
    grant = authorize(session, actor, operation, subject)
    if notice is None:
        raise Denied(actor, operation, subject)
    return notice, subject, grant


def _enter(
    session: Session,
    notice: Notice,
    state: NoticeState,
    reason: str,
    event_key: str,
    by: str,
    now: datetime,
    **changed: Any,
) -> Notice:
    """A notice enters a state, which its thread tells; `changed` is what else becomes of it."""
    changed |= {"state": state, "state_reason": reason, "changed_at": now}
    if state in DECIDED and notice.decided_at is None:
        changed |= {"decided_at": now, "decided_as": state}
    entered: Notice = notices.change(session, notice, **changed)
    event_id = notices.insert_event(session, notice.id, event_key, state, by, now, reason)
    place = redraw(session, entered, now)
    if place:
        outgoing.draw(session, Drawing.NOTICE_EVENT, event_id, place, now)
    return entered


def _tell_again(
    session: Session, notice: Notice, move: Move, complaint: Mapping[str, str], now: datetime
) -> None:
    """A decision that stands is told again: what it brings is kept; what it decided it cannot turn."""
    stands = {item.id: item.state for item in _named(session, notice, move)}
    if any(stands[item.id] is not item.state for item in move.items):
        raise WrongMove("notices.wrong_move", state=notice.state.value, wanted=move.state.value)
    redraw(session, notices.change(session, notice, changed_at=now, **complaint), now)


def _named(session: Session, notice: Notice, move: Move) -> Sequence[NoticeItem]:
    """The items that a report names; raises UnknownItem where one is another notice's."""
    wanted = {item.id for item in move.items}
    found = notices.named_items(session, notice.id, wanted)
    if len(found) < len(wanted):
        raise UnknownItem("notices.unknown_item")
    return found


def _decide_items(session: Session, notice: Notice, move: Move) -> None:
    """What a decision says of each listing: those named as named, the others as the notice goes."""
    named = {item.id: item for item in move.items}
    if named:
        for item in _named(session, notice, move):
            said = named[item.id]
            notices.change_item(session, item, state=said.state, reason=said.reason)
    if move.state in DECIDED:
        actioned = move.state is NoticeState.ACTIONED
        # What was kept at first goes with a notice that is actioned as a whole later.
        left = (ItemState.OPEN, ItemState.KEPT) if actioned else (ItemState.OPEN,)
        becomes = ItemState.REMOVED if actioned else ItemState.KEPT
        notices.decide_items(session, notice.id, left, list(named), becomes, move.reason)


def _outcome(counts: Mapping[ItemState, int]) -> NoticeState | None:
    """What a notice has come to by its items, or None while one is open."""
    if counts.get(ItemState.OPEN):
        return None
    if not counts.get(ItemState.REMOVED):
        return NoticeState.REJECTED
    return NoticeState.PARTIALLY_ACTIONED if counts.get(ItemState.KEPT) else NoticeState.ACTIONED
