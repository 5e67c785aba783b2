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
from storage.queries import notice_moves, notices
from storage.records.notice_sheets import ToldNotice
from storage.records.notices import WITHDRAWABLE, ItemState, Notice, NoticeState
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


def read_notice(session: Session, actor: Actor, notice_id: str) -> ToldNotice:
    """A notice with all its items, for those who may see it."""
    told = notice_moves.told(session, notice_id)
    if actor.client_id:
        subject = Subject("notice", notice_id, client_id=told.notice.client_id if told else None)
        authorize(session, actor, Operation.VIEW_PLATFORM_CASE, subject)
    else:
        subject = Subject("notice", notice_id, holder_id=told.notice.holder_id if told else None)
        authorize(session, actor, Operation.VIEW_OWN_CASES, subject)
    if told is None:
        raise Denied(actor, Operation.VIEW_OWN_CASES, subject)
    return told


def move_notice(session: Session, actor: Actor, notice_id: str, move: Move, *, now: datetime) -> ToldNotice:
    """The marketplace moves a notice. The same `event_id` again changes nothing and answers the same.

    Raises WrongMove where the state does not allow it, UnknownItem for an item of another notice.
    """
    told = notice_moves.told(session, notice_id, lock=True)
    subject = Subject("notice", notice_id, client_id=told.notice.client_id if told else None)
    grant = authorize(session, actor, Operation.MOVE_NOTICE, subject)
    if told is None:
        raise Denied(actor, Operation.MOVE_NOTICE, subject)
    notice, event_key = told.notice, f"platform:{move.event_id}"
    complaint = {
        "complaint_number": move.complaint_number or notice.complaint_number,
        "complaint_url": move.complaint_url or notice.complaint_url,
    }
    if move.state is notice.state and move.state in DECIDED:
        if notices.happened(session, notice_id, event_key):
            return told
        _check_stands(told, move)
        notice = notices.change(session, notice, changed_at=now, **complaint)
        redraw(session, notice, now)
        items = told.items
    else:
        event_id = notices.insert_event(
            session, notice_id, event_key, move.state, "platform", now, move.reason
        )
        if event_id is None:
            return told
        _check_allowed(notice, move)
        items = standing.items_decided(session, notice, _decided(told, move), now=now)
        notice_moves.keep_items(session, told.items, items)
        sellers.items_decided(session, notice, items, now=now)
        notice = _enter(session, notice, move.state, move.reason, event_id, now, **complaint)
    owned = Subject("notice", notice_id, holder_id=notice.holder_id)
    note(session, actor, grant, Operation.MOVE_NOTICE, owned, now, state=move.state.value)
    return ToldNotice(notice, told.brand, items)


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
    state = NoticeState.WITHDRAWN
    event_id = notices.insert_event(session, notice.id, "withdrawn", state, by, now, reason)
    notice = _enter(session, notice, state, reason, event_id, now, **released)
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

    One that was withdrawn stays so, and tells what came back. The notice's id, if its card is drawn again.
    """
    notice = notice_moves.of_item(session, item_id)
    if notice is None or notice.item_state is state:
        return set()
    withdrawn = notice.state is NoticeState.WITHDRAWN
    if withdrawn and (notice.item_state, state) != (ItemState.REMOVED, ItemState.KEPT):
        return set()
    notice_moves.change_item(session, item_id, state, reason)
    outcome = None if withdrawn else _outcome(notices.counts(session, notice.id))
    if outcome is None or outcome is notice.state:
        redraw(session, notice, now)
    else:
        key = f"item:{item_id}:{state}:{now.isoformat()}"
        event_id = notices.insert_event(session, notice.id, key, outcome, "platform", now, reason)
        _enter(session, notice, outcome, reason, event_id, now)
    return {notice.id}


def delivery_changed(session: Session, notice_id: str, now: datetime) -> None:
    """A marketplace does not answer, or answers again: the card says so."""
    notice = notices.find(session, notice_id)
    if notice is not None:
        redraw(session, notice, now)


def redraw(session: Session, notice: Notice, now: datetime) -> str:
    """Draw a notice's card as it is now, and the App Homes that show it; where the card stands."""
    seen = notice_moves.seen(session, Drawing.NOTICE_CARD, notice, now - outgoing.HOME_FRESH)
    if seen.place:
        outgoing.draw(session, Drawing.NOTICE_CARD, notice.id, seen.place, now)
    for user_id in seen.watchers:
        outgoing.refresh_home(session, user_id, now, pause=outgoing.HOME_PAUSE)
    return seen.place


def place_of(session: Session, notice: Notice) -> str:
    """Where a notice's card stands, or will: the brand's own channel, else a direct message to the filer."""
    return notice_moves.place(session, Drawing.NOTICE_CARD, notice)


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
    event_id: str | None,
    now: datetime,
    **changed: Any,
) -> Notice:
    """A notice enters a state, which its thread tells; `changed` is what else becomes of it."""
    changed |= {"state": state, "state_reason": reason, "changed_at": now}
    if state in DECIDED and notice.decided_at is None:
        changed |= {"decided_at": now, "decided_as": state}
    entered: Notice = notices.change(session, notice, **changed)
    place = redraw(session, entered, now)
    if place and event_id:
        outgoing.draw(session, Drawing.NOTICE_EVENT, event_id, place, now)
    return entered


def _check_allowed(notice: Notice, move: Move) -> None:
    if move.state not in TRANSITIONS[notice.state]:
        raise WrongMove("notices.wrong_move", state=notice.state.value, wanted=move.state.value)


def _check_stands(told: ToldNotice, move: Move) -> None:
    """A decision that is told again brings what came late; what it decided it cannot turn."""
    said = _said(told, move)
    if any(item.id in said and said[item.id].state is not item.state for item in told.items):
        raise WrongMove("notices.wrong_move", state=told.notice.state.value, wanted=move.state.value)


def _said(told: ToldNotice, move: Move) -> Mapping[str, ItemMove]:
    """What a report says of the items that it names; raises UnknownItem where one is another notice's."""
    said = {item.id: item for item in move.items}
    if said.keys() - {item.id for item in told.items}:
        raise UnknownItem("notices.unknown_item")
    return said


def _decided(told: ToldNotice, move: Move) -> list[Any]:
    """The items as a report leaves them: those named as named, the others as a decided notice goes."""
    said = _said(told, move)
    # What was kept at first goes with a notice that is actioned as a whole later.
    whole = move.state is NoticeState.ACTIONED
    left = (ItemState.OPEN, ItemState.KEPT) if whole else (ItemState.OPEN,)
    others = ItemMove("", ItemState.REMOVED if whole else ItemState.KEPT, move.reason)
    items = []
    for item in told.items:
        goes_along = move.state in DECIDED and item.state in left and item.upheld_on is None
        becomes = said.get(item.id) or (others if goes_along else item)
        items.append(item._replace(state=becomes.state, reason=becomes.reason))
    return items


def _outcome(counts: Mapping[ItemState, int]) -> NoticeState | None:
    """What a notice has come to by its items, or None while one is open."""
    if counts.get(ItemState.OPEN):
        return None
    if not counts.get(ItemState.REMOVED):
        return NoticeState.REJECTED
    return NoticeState.PARTIALLY_ACTIONED if counts.get(ItemState.KEPT) else NoticeState.ACTIONED
