"""What the platform learns of a request and of a takedown: by API and, in the same shape, by webhook.

Names never leave the brand: an expert is a pseudonym, stable for one person and one client.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from bot.contract.fields import stamp
from bot.contract.requests import Accepted, GivenVerdict, ReadRequest
from bot.contract.takedowns import Cause, ReadTakedown, ShownListing
from bot.enforcement import outgoing
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.takedowns import key_of
from storage.queries import authenticity, takedowns
from storage.records.authenticity import Decision, Outcome
from storage.records.takedowns import CauseKind

DISPUTED = "disputed"


def pseudonym(client_id: str, person_id: str) -> str:
    """How a client knows a person. Both ids are random, so nobody can try names until one fits."""
    return "expert-" + hashlib.sha256(f"{client_id}:{person_id}".encode()).hexdigest()[:10]


def read_request(case: Any) -> ReadRequest:
    """A request as the platform reads it, from a row of `storage.queries.authenticity.case`."""
    verdict = None
    if case.verdict_id is not None:
        verdict = GivenVerdict(
            answer=case.answer.value,
            at=stamp(case.verdict_at),
            late=case.late,
            retracted=case.retracted_at is not None,
            outcome=_outcome(case),
            expert=pseudonym(case.client_id, case.verdict_person_id),
            remembered=case.remembered_at is not None,
        )
    return ReadRequest(
        id=case.id,
        external_id=case.external_id,
        state=case.state.value,
        brand=case.brand or case.brand_named,
        deadline=stamp(case.deadline) if case.deadline else None,
        verdict=verdict,
        takedown_id=case.takedown_id,
        notice_id=case.notice_id,
    )


def accepted(request: Any) -> Accepted:
    """The answer to a new or repeated request."""
    return Accepted(id=request.id, external_id=request.external_id, state=request.state.value)


def tell_verdict(session: Session, case: Any, occasion: str, now: datetime) -> None:
    """Tell the platform how a request stands after a second person's word; once for each occasion."""
    key = key_of(f"verdict.{occasion}", case.verdict_id)
    data = read_request(case).model_dump(mode="json")
    outgoing.webhook(session, case.client_id, "verdict.recorded", key, data, now, case=case.id)


def tell_retraction(session: Session, case: Any, reason: str, now: datetime) -> None:
    """Tell the platform that a verdict was taken back."""
    data = read_request(case).model_dump(mode="json") | {"reason": reason}
    key = key_of("verdict.retracted", case.verdict_id)
    outgoing.webhook(session, case.client_id, "verdict.retracted", key, data, now, case=case.id)


def request_of(session: Session, actor: Actor, request_id: str) -> ReadRequest:
    """A client's request by our id."""
    return _read(session, actor, authenticity.case(session, request_id), request_id)


def request_by_external_id(session: Session, actor: Actor, external_id: str) -> ReadRequest:
    """A client's request by its own id."""
    case = authenticity.case_by_external_id(session, actor.client_id, external_id)
    return _read(session, actor, case, "")


def takedown_of(session: Session, actor: Actor, takedown_id: str) -> ReadTakedown:
    """A takedown that was requested from this client."""
    takedown = takedowns.read(session, takedown_id)
    subject = Subject("takedown", takedown_id, client_id=takedown.client_id if takedown else None)
    authorize(session, actor, Operation.VIEW_PLATFORM_CASE, subject)
    if takedown is None:
        raise Denied(actor, Operation.VIEW_PLATFORM_CASE, subject)
    return read_takedown(takedown, takedowns.causes(session, takedown_id))


def read_takedown(takedown: Any, causes: Sequence[Any]) -> ReadTakedown:
    """A takedown as the platform reads it, from rows of `storage.queries.takedowns`."""
    return ReadTakedown(
        id=takedown.id,
        key=str(UUID(takedown.key)),
        state=takedown.state.value,
        reason=takedown.state_reason,
        reference=takedown.reference,
        listing=ShownListing(
            marketplace=takedown.marketplace,
            url=takedown.url,
            item_id=takedown.item_id,
            title=takedown.title,
        ),
        causes=[_cause(cause) for cause in causes if cause.withdrawn_at is None],
        created_at=stamp(takedown.created_at),
        sent_at=stamp(takedown.sent_at) if takedown.sent_at else None,
        removed_at=stamp(takedown.removed_at) if takedown.removed_at else None,
    )


def _read(session: Session, actor: Actor, case: Any | None, request_id: str) -> ReadRequest:
    subject = Subject(
        "authenticity_request",
        case.id if case else request_id,
        holder_id=case.holder_id if case else None,
        client_id=case.client_id if case else None,
    )
    authorize(session, actor, Operation.READ_REQUEST, subject)
    if case is None:
        raise Denied(actor, Operation.READ_REQUEST, subject)
    return read_request(case)


def _outcome(case: Any) -> Any:
    if case.decision is Decision.DECLINED:
        return DISPUTED
    if case.decision is Decision.CONFIRMED:
        return Outcome.TAKEDOWN.value
    return case.outcome.value


def _cause(cause: Any) -> Cause:
    if cause.kind is CauseKind.VERDICT:
        return Cause(kind="verdict", id=cause.request_id, external_id=cause.external_id)
    return Cause(kind="notice", id=cause.notice_id)
