"""How a takedown goes on after it was asked for: sent, unclear, refused, removed, reinstated; cards follow.

What the marketplace reports wins over what our own sending knew: its report may come before its receipt.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from bot.contract.takedowns import ReadTakedown, TakedownReport
from bot.enforcement import counter_notices, notices, outgoing, sellers, standing, takedown_cards
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.platform_view import read_takedown
from bot.enforcement.refusals import Refused
from bot.enforcement.takedowns import key_of
from bot.enforcement.trail import note
from storage.queries import inbox, takedowns
from storage.records.notices import ItemState
from storage.records.takedowns import OPEN_TAKEDOWN, CauseKind, TakedownState

_S = TakedownState
_UNSENT = frozenset({_S.REQUESTED, _S.UNCLEAR})
# What a report makes of each state. A removal that crosses our request to reinstate does not end it.
_MOVES: Mapping[str, Mapping[TakedownState, TakedownState]] = {
    "removed": dict.fromkeys((_S.REQUESTED, _S.UNCLEAR, _S.SENT, _S.REFUSED, _S.REMOVED), _S.REMOVED)
    | {_S.REINSTATEMENT_REQUESTED: _S.REINSTATEMENT_REQUESTED},
    "refused": dict.fromkeys(
        (_S.REQUESTED, _S.UNCLEAR, _S.SENT, _S.REFUSED, _S.REINSTATEMENT_REQUESTED), _S.REFUSED
    ),
    "reinstated": dict.fromkeys((_S.REMOVED, _S.REINSTATEMENT_REQUESTED, _S.REINSTATED), _S.REINSTATED),
}
_ITEM = {_S.REMOVED: ItemState.REMOVED, _S.REFUSED: ItemState.KEPT, _S.REINSTATED: ItemState.KEPT}


class Trouble(StrEnum):
    """Why a takedown that was decided has not arrived; kept as its reason while it is not sent."""

    UNREACHABLE = "unreachable"
    TURNED_AWAY = "turned_away"  # the marketplace answered our message with a 4xx: it will not be sent again


class WrongReport(Refused):
    """The takedown's state does not allow this report."""


def may_send(session: Session, key: str) -> bool:
    """Whether the takedown with that key still stands; asked right before each attempt to send it."""
    return takedowns.state_of_key(session, key) in OPEN_TAKEDOWN


def sending_ended(
    session: Session, key: str, state: TakedownState, trouble: Trouble | None, *, now: datetime
) -> None:
    """What an attempt to send came to: SENT, UNCLEAR, or REQUESTED with the trouble that keeps it there.

    Changes nothing once the marketplace or a retraction has moved the takedown on.
    """
    takedown = takedowns.locked(session, key=key)
    if takedown is None:
        return
    if state is _S.SENT and takedown.sent_at is None:
        takedowns.change(session, takedown.id, sent_at=now)
    reason = trouble.value if trouble else ""
    if takedown.state not in _UNSENT or (takedown.state, takedown.state_reason) == (state, reason):
        return
    takedowns.change(session, takedown.id, state=state, state_reason=reason, changed_at=now)
    takedown_cards.redraw(session, takedown.id, now)


def never_arrived(session: Session, key: str, *, now: datetime) -> None:
    """The request surely did not reach the marketplace: what a retraction asked to reverse, it cancels."""
    takedown = takedowns.locked(session, key=key)
    if takedown is None or takedown.state is not _S.REINSTATEMENT_REQUESTED or takedown.removed_at:
        return
    if outgoing.take_back_webhooks(session, [key_of("reinstatement", takedown.id)], now):
        takedowns.change(session, takedown.id, state=_S.CANCELLED, changed_at=now)
        standing.never_arrived(session, takedown.id, now=now)
        takedown_cards.redraw(session, takedown.id, now)


def report_takedown(
    session: Session, actor: Actor, takedown_id: str, report: TakedownReport, *, now: datetime
) -> ReadTakedown:
    """The marketplace says what it did. The same `event_id` again changes nothing and answers the same.

    Raises WrongReport where the state does not allow it.
    """
    takedown = takedowns.locked(session, takedown_id=takedown_id)
    subject = Subject(
        "takedown",
        takedown_id,
        holder_id=takedown.holder_id if takedown else None,
        client_id=takedown.client_id if takedown else None,
    )
    grant = authorize(session, actor, Operation.REPORT_TAKEDOWN, subject)
    if takedown is None:
        raise Denied(actor, Operation.REPORT_TAKEDOWN, subject)
    causes = takedowns.causes(session, takedown_id)
    key = f"takedown:{takedown_id}:{report.event_id}"
    if not inbox.seen(session, key, "api", now):
        becomes = _MOVES[report.state].get(takedown.state)
        # A refusal settles what we asked back, unless there was a removal, which is to be given back.
        if becomes is None or (becomes is _S.REFUSED and takedown.removed_at is not None):
            raise WrongReport("authenticity.wrong_report", state=takedown.state.value, reported=report.state)
        takedown = _move(session, takedown, becomes, report, causes, now)
        note(session, actor, grant, Operation.REPORT_TAKEDOWN, subject, now, state=report.state)
        if becomes is _S.REINSTATED:  # a counter-notice that this upholds ends what asked for it
            causes = takedowns.causes(session, takedown_id)
    return read_takedown(takedown, causes)


def _move(
    session: Session,
    takedown: Any,
    becomes: TakedownState,
    report: TakedownReport,
    causes: Sequence[Any],
    now: datetime,
) -> Any:
    """What a report makes of a takedown, and of all that hangs on it; its row as it is now."""
    removed_at = now if report.state == "removed" else takedown.removed_at
    changed = {
        "state": becomes,
        "state_reason": takedown.state_reason if becomes is takedown.state else report.reason,
        "reference": report.reference or takedown.reference,
        "removed_at": takedown.removed_at or removed_at,
        "changed_at": now,
    }
    takedowns.change(session, takedown.id, **changed)
    drawn: set[str] = set()
    if becomes in _ITEM and becomes is not takedown.state:
        for cause in causes:
            # An upheld counter-notice withdrew the cause; the notice stands, and its listing is back.
            asks = cause.withdrawn_at is None or becomes is _S.REINSTATED
            if cause.kind is CauseKind.NOTICE_ITEM and asks:
                drawn |= notices.item_decided(session, cause.subject_id, _ITEM[becomes], report.reason, now)
    if becomes in (_S.REMOVED, _S.REFUSED) and becomes is not takedown.state:
        counting = [cause for cause in causes if cause.item_counted is None]
        standing.takedown_decided(session, counting, becomes is _S.REMOVED, now=now)
    _settle(session, takedown, becomes, now)
    _follow_seller(session, takedown, becomes, now)
    takedown_cards.redraw_of(session, causes, now, drawn=drawn)
    return takedown._replace(**changed)


def _settle(session: Session, takedown: Any, becomes: TakedownState, now: datetime) -> None:
    """What the end of a takedown answers: a counter-notice against it, or our request to give it back."""
    if becomes is _S.REINSTATED:
        counter_notices.listing_is_back(session, takedown.id, now)
    elif becomes is _S.REFUSED and takedown.state is _S.REINSTATEMENT_REQUESTED:
        outgoing.take_back_webhooks(session, [key_of("reinstatement", takedown.id)], now)


def _follow_seller(session: Session, takedown: Any, becomes: TakedownState, now: datetime) -> None:
    """A removal counts against the seller once, and no longer when it is reversed."""
    if becomes is takedown.state:
        return
    if becomes is _S.REMOVED:
        removal = sellers.Removal(
            takedown.id,
            takedown.listing_id,
            takedown.marketplace,
            takedown.title,
            takedown.seller_id or takedown.listing_seller_id,
            takedown.holder_id,
            takedown.reason_code,
        )
        sellers.removed(session, [removal], now=now)
    elif becomes is _S.REINSTATED:
        sellers.removal_reversed(session, takedown.id, now)
