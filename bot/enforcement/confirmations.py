"""The second person's word on a "Fake": confirmed, the takedown starts; declined, the platform is told so."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement.access import Actor, Grant, Operation, Subject, authorize
from bot.enforcement.authenticity import grounds_of
from bot.enforcement.platform_view import tell_verdict
from bot.enforcement.refusals import Refused
from bot.enforcement.routing import redraw
from bot.enforcement.takedowns import request_takedown
from bot.enforcement.trail import note
from storage.columns import new_id
from storage.queries import authenticity
from storage.records.authenticity import Decision, RequestState


def confirm_fake(session: Session, actor: Actor, request_id: str, round_: int, *, now: datetime) -> None:
    """A second person of the holder agrees: the takedown starts."""
    case = _decide(session, actor, request_id, round_, Decision.CONFIRMED, "", now)
    request_takedown(session, grounds_of(case, case.verdict_id), now=now)
    _tell(session, request_id, now)


def decline_fake(
    session: Session, actor: Actor, request_id: str, round_: int, reason: str, *, now: datetime
) -> None:
    """A second person disagrees and says why: nothing is taken down, and the platform learns of it."""
    _decide(session, actor, request_id, round_, Decision.DECLINED, reason, now)
    _tell(session, request_id, now)


def to_decide(session: Session, actor: Actor, request_id: str, round_: int) -> str:
    """The title of the listing that waits for the second word, for whoever may say it."""
    case = authenticity.case(session, request_id)
    _check(case, round_, _granted(session, actor, case, request_id))
    return str(case.snapshot["title"]) if case else ""


def _decide(
    session: Session,
    actor: Actor,
    request_id: str,
    round_: int,
    decision: Decision,
    reason: str,
    now: datetime,
) -> Any:
    case = authenticity.locked_case(session, request_id)
    grant = _granted(session, actor, case, request_id)
    _check(case, round_, grant)
    word = {
        "id": new_id(),
        "verdict_id": case.verdict_id,
        "decision": decision,
        "person_id": grant.person_id,
        "role": grant.role,
        "reason": reason,
        "at": now,
    }
    if not authenticity.insert_once(session, "confirmation", word):
        raise Refused("authenticity.decided_already")
    authenticity.answer(
        session, request_id, round_, RequestState.AWAITING_CONFIRMATION, RequestState.ANSWERED, now
    )
    subject = Subject("authenticity_request", request_id, holder_id=case.holder_id)
    note(session, actor, grant, Operation.CONFIRM_FAKE, subject, now, decision=decision.value, reason=reason)
    return case


def _granted(session: Session, actor: Actor, case: Any | None, request_id: str) -> Grant:
    subject = Subject("authenticity_request", request_id, holder_id=case.holder_id if case else None)
    return authorize(session, actor, Operation.CONFIRM_FAKE, subject)


def _check(case: Any, round_: int, grant: Grant) -> None:
    if case.state is RequestState.WITHDRAWN:
        raise Refused("authenticity.withdrawn")
    if case.state is not RequestState.AWAITING_CONFIRMATION or case.round != round_:
        raise Refused("authenticity.decided_already")
    if case.verdict_person_id == grant.person_id:
        raise Refused("authenticity.not_your_own")


def _tell(session: Session, request_id: str, now: datetime) -> None:
    case = authenticity.case(session, request_id)
    tell_verdict(session, case, "decided", now)
    redraw(session, case, now)
