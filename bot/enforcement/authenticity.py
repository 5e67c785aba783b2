"""The verdict: one click, one transaction, one answer for ever, and what follows from it.

Every click of every expert comes through here, so it is a handful of prepared statements and no more.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.contract.fields import stamp
from bot.enforcement import outgoing, reviews, samples, second_look
from bot.enforcement.access import Actor, Denied, Grant, Operation, Subject, authorize
from bot.enforcement.limits import NO_LIMITS, Limits
from bot.enforcement.platform_view import pseudonym
from bot.enforcement.refusals import Refused
from bot.enforcement.routing import redraw, show_to_platform_team
from bot.enforcement.standing_rules import has_good_standing
from bot.enforcement.takedowns import Grounds, key_of, request_takedown
from bot.enforcement.trail import note
from storage.columns import new_id
from storage.queries import authenticity, verdicts
from storage.queries.verdicts import Entry
from storage.records.authenticity import Answer, Outcome, RequestState
from storage.records.notices import ReasonCode
from storage.records.roster import Role, Standing
from storage.records.second_look import Ground
from storage.records.takedowns import CauseKind

_STATE_AFTER: dict[Outcome, RequestState] = {
    Outcome.TAKEDOWN: RequestState.ANSWERED,
    Outcome.REVIEW: RequestState.ANSWERED,
    Outcome.CLOSED: RequestState.ANSWERED,
    Outcome.AWAITING_CONFIRMATION: RequestState.AWAITING_CONFIRMATION,
    Outcome.REROUTED: RequestState.UNROUTED,
}


@dataclass(frozen=True)
class Recorded:
    """The verdict that stands; `first` where this very click gave it."""

    verdict_id: str
    answer: Answer
    outcome: Outcome
    user_id: str
    at: datetime
    first: bool


def consequence_of_fake(standing: Standing, *, needs_second: bool, second_person: bool) -> Outcome:
    """What "Fake" leads to: at once in good standing, else by a second person, else a notice for review.

    `needs_second`: the role used, or a ground of `second_look`, needs a second person whatever the standing;
    `second_person`: somebody else of the holder could confirm.
    """
    if has_good_standing(standing) and not needs_second:
        return Outcome.TAKEDOWN
    return Outcome.AWAITING_CONFIRMATION if second_person else Outcome.REVIEW


def possible_consequences(
    standing: Standing, confirmers: Sequence[Any], *, unusual: bool = False
) -> list[Outcome]:
    """What "Fake" can lead to in a holder, by who clicks; `confirmers` as storage gives them.

    `unusual`: on a ground of `second_look` nobody may start a takedown alone.
    """
    full = {person for person, role in confirmers if role is not Role.SMALL_MEMBER}
    small = {person for person, role in confirmers} - full
    second_person = len(full | small) > 1
    kinds = [needs_second or unusual for needs_second, people in ((False, full), (True, small)) if people]
    found = [
        consequence_of_fake(standing, needs_second=needs_second, second_person=second_person)
        for needs_second in kinds or [unusual]
    ]
    return list(dict.fromkeys(found))


def record_verdict(
    session: Session,
    actor: Actor,
    request_id: str,
    round_: int,
    answer: Answer,
    *,
    now: datetime,
    promised: Collection[Outcome] = (),
    channel_id: str = "",
    limits: Limits = NO_LIMITS,
) -> Recorded | None:
    """Record an expert's answer to a request in its present round, and start what follows from it.

    Whoever comes second gets the verdict that stands. None where "Fake" would lead elsewhere than to one of
    `promised`, as the card said: nothing is recorded, the card is redrawn. Either is told in `channel_id`.
    """
    asked = authenticity.asked(session, request_id, round_, who=str(actor) if limits.many else "")
    operation = Operation.ANSWER_FAKE if answer is Answer.FAKE else Operation.ANSWER
    if asked is None:
        raise Denied(actor, operation, Subject("authenticity_request", request_id))
    subject = Subject(
        "authenticity_request", request_id, holder_id=asked.verdict_holder_id or asked.holder_id
    )
    grant = authorize(session, actor, operation, subject)
    if asked.verdict_id is not None:
        return _stands(session, actor, asked, channel_id, now)
    if asked.state is RequestState.WITHDRAWN:
        raise Refused("authenticity.withdrawn")
    if asked.state is not RequestState.OPEN or asked.round != round_:
        raise Refused("authenticity.moved_on")
    outcome, ground = _outcome(session, asked, grant, answer, limits, now)
    if promised and answer is Answer.FAKE and outcome not in promised:
        if channel_id:
            outgoing.whisper(session, actor.user_id, channel_id, "authenticity.consequence_changed", now)
        redraw(session, asked, now)
        return None
    verdict_id = new_id()
    verdict = {
        "id": verdict_id,
        "request_id": request_id,
        "round": round_,
        "holder_id": asked.holder_id,
        "answer": answer,
        "outcome": outcome,
        "person_id": grant.person_id,
        "role": grant.role,
        "standing": asked.standing.value,
        "second_ground": ground,
        "late": asked.deadline is not None and now > asked.deadline,
        "at": now,
    }
    entry = verdicts.record(session, verdict, _STATE_AFTER[outcome])
    if entry is Entry.ANSWERED_BEFORE:
        asked = authenticity.asked(session, request_id, round_)
        return _stands(session, actor, asked, channel_id, now)
    if entry is Entry.MOVED_ON:
        raise Refused("authenticity.withdrawn")
    _follow(session, actor, asked, verdict, now)
    told = {"second_ground": ground.value} if ground else {}
    note(session, actor, grant, operation, subject, now, answer=answer.value, outcome=outcome.value, **told)
    return Recorded(verdict_id, answer, outcome, actor.user_id, now, first=True)


def grounds_of(case: Any, verdict_id: str) -> Grounds:
    """A verdict of "Fake" as the cause of a takedown."""
    return Grounds(
        kind=CauseKind.VERDICT,
        subject_id=verdict_id,
        case_id=case.id,
        external_id=case.external_id,
        client_id=case.client_id,
        listing_id=case.listing_id,
        seller_id=case.seller_id,
        holder_id=case.holder_id,
        brand_id=case.brand_id,
        brand=case.brand,
        reason_code=ReasonCode.COUNTERFEIT_NO_TEST_BUY.value,
        listing=case.snapshot,
    )


def _outcome(
    session: Session, asked: Any, grant: Grant, answer: Answer, limits: Limits, now: datetime
) -> tuple[Outcome, Ground | None]:
    if answer is Answer.NOT_OUR_BRAND:
        return Outcome.REROUTED, None
    if answer is not Answer.FAKE:
        return Outcome.CLOSED, None
    needs_second, ground = grant.cell.second, None
    if has_good_standing(asked.standing) and not needs_second:
        ground = second_look.of_fake(
            session, limits, grant.person_id, asked.seller_id, now, pilot=asked.pilot
        )
        if ground is None:
            return Outcome.TAKEDOWN, None  # without a question that no answer would change
        needs_second = True
    others = {person for person, _ in authenticity.confirmers(session, asked.holder_id)} - {grant.person_id}
    outcome = consequence_of_fake(asked.standing, needs_second=needs_second, second_person=bool(others))
    return outcome, ground


def _stands(session: Session, actor: Actor, asked: Any, channel_id: str, now: datetime) -> Recorded:
    if channel_id:
        whose = "mine" if asked.verdict_user == actor.user_id else "theirs"
        outgoing.whisper(
            session,
            actor.user_id,
            channel_id,
            f"authenticity.already_{whose}.{asked.answer.value}",
            now,
            who=asked.verdict_user,
            at=int(asked.verdict_at.timestamp()),
        )
    return Recorded(
        asked.verdict_id, asked.answer, asked.outcome, asked.verdict_user, asked.verdict_at, first=False
    )


def _follow(session: Session, actor: Actor, asked: Any, verdict: dict[str, Any], now: datetime) -> None:
    takedown_id = notice_id = None
    match verdict["outcome"]:
        case Outcome.TAKEDOWN:
            takedown_id = request_takedown(session, grounds_of(asked, verdict["id"]), now=now)
        case Outcome.REVIEW:
            notice_id = reviews.file_review(session, asked, verdict, now)
        case Outcome.REROUTED:
            show_to_platform_team(session, [asked.id], now)
    if verdict["answer"] is Answer.NEED_SAMPLE:
        samples.need_sample(session, asked, verdict["id"], actor.user_id, now)
    redraw(session, asked, now)
    data = _told(asked, verdict, takedown_id, notice_id)
    key = key_of("verdict.recorded", verdict["id"])
    outgoing.webhook(session, asked.client_id, "verdict.recorded", key, data, now, case=asked.id)


def _told(
    asked: Any, verdict: dict[str, Any], takedown_id: str | None, notice_id: str | None
) -> dict[str, Any]:
    """The request right after the verdict, as `bot.contract.requests.ReadRequest` writes it."""
    outcome: Outcome = verdict["outcome"]
    return {
        "id": asked.id,
        "external_id": asked.external_id,
        "state": _STATE_AFTER[outcome].value,
        "brand": asked.brand,
        "deadline": stamp(asked.deadline) if asked.deadline else None,
        "verdict": {
            "answer": verdict["answer"].value,
            "at": stamp(verdict["at"]),
            "late": verdict["late"],
            "retracted": False,
            "outcome": outcome.value,
            "expert": pseudonym(asked.client_id, verdict["person_id"]),
            "remembered": False,
        },
        "takedown_id": takedown_id,
        "notice_id": notice_id,
    }
