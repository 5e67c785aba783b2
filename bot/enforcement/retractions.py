"""A verdict is taken back, with a reason; it stays in the record, and what it caused is undone."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.enforcement import memory, notices
from bot.enforcement.access import Actor, Denied, Grant, Operation, Subject, authorize
from bot.enforcement.platform_view import tell_retraction
from bot.enforcement.refusals import Refused
from bot.enforcement.routing import redraw
from bot.enforcement.takedowns import withdraw_causes
from bot.enforcement.trail import note
from storage.columns import new_id
from storage.queries import authenticity, people
from storage.queries import notices as kept_notices
from storage.records.authenticity import Answer, RequestState
from storage.records.notices import WITHDRAWABLE
from storage.records.roster import Role
from storage.records.takedowns import CauseKind


class TooLate(Denied):
    """The actor gave the answer and could take it back for some hours, which are over."""

    def __init__(self, actor: Actor, subject: Subject, within: timedelta, *, has_lead: bool) -> None:
        super().__init__(actor, Operation.RETRACT_VERDICT, subject)
        self.key = "authenticity.too_late" if has_lead else "authenticity.too_late_for_all"
        self.values = {"hours": int(within.total_seconds() // 3600)}


def retract_verdict(
    session: Session, actor: Actor, request_id: str, round_: int, reason: str, *, now: datetime
) -> None:
    """Take a verdict back: a takedown not yet sent is cancelled, one that was sent is to be reversed.

    The person who gave it may for 24 hours, the lead always.
    """
    case = authenticity.locked_case(session, request_id)
    grant = _granted(session, actor, case, request_id, round_, now)
    word = {
        "id": new_id(),
        "verdict_id": case.verdict_id,
        "person_id": grant.person_id,
        "role": grant.role,
        "reason": reason,
        "at": now,
    }
    if not authenticity.insert_once(session, "retraction", word):
        raise Refused("authenticity.retracted_already")
    if case.state is RequestState.AWAITING_CONFIRMATION:
        authenticity.answer(
            session, request_id, round_, RequestState.AWAITING_CONFIRMATION, RequestState.ANSWERED, now
        )
    withdraw_causes(session, CauseKind.VERDICT, [case.verdict_id], reason, now=now)
    if case.notice_id:
        _withdraw_notice(session, actor, case.notice_id, reason, now)
    subject = Subject("authenticity_request", request_id, holder_id=case.holder_id)
    note(session, actor, grant, Operation.RETRACT_VERDICT, subject, now, reason=reason)
    retracted = authenticity.case(session, request_id)
    tell_retraction(session, retracted, reason, now)
    if case.answer is Answer.GENUINE:
        memory.forget(session, case.verdict_id, reason, now)
    redraw(session, retracted, now)


def to_retract(session: Session, actor: Actor, request_id: str, round_: int, *, now: datetime) -> str:
    """The title of the listing whose verdict this person may take back."""
    case = authenticity.case(session, request_id)
    _granted(session, actor, case, request_id, round_, now)
    return str(case.snapshot["title"])


def _granted(session: Session, actor: Actor, case: Any, request_id: str, round_: int, now: datetime) -> Grant:
    subject = Subject(
        "authenticity_request",
        request_id,
        holder_id=case.holder_id if case else None,
        owner_id=case.verdict_person_id if case else None,
        age=now - case.verdict_at if case and case.verdict_at else None,
    )
    late = None
    try:
        grant = authorize(session, actor, Operation.RETRACT_VERDICT, subject)
    except Denied:
        # Who never could is denied again, as ever; who gave the answer learns that the time is over.
        grant = authorize(session, actor, Operation.RETRACT_VERDICT, replace(subject, age=timedelta(0)))
        late = grant.cell.within
    if case.verdict_id is None or case.round != round_:
        raise Refused("authenticity.moved_on")
    if case.retracted_at is not None:
        raise Refused("authenticity.retracted_already")
    if late is not None:
        leads = people.holding(session, [Role.LEAD], case.holder_id)
        raise TooLate(actor, subject, late, has_lead=any(not lead.is_guest for lead in leads))
    return grant


def _withdraw_notice(session: Session, actor: Actor, notice_id: str, reason: str, now: datetime) -> None:
    notice = kept_notices.find(session, notice_id)
    if notice.state in WITHDRAWABLE:
        notices.withdraw_notice(session, actor, notice_id, reason, now=now)
