"""The life of a counter-notice: read and decided by its marketplace, ended, told in its thread.

`counter_intake.py` takes it, `counter_answers.py` has the brand's side, `counter_time.py` what time does,
`counter_removals.py` what was removed. Where the seller is right, only this rights holder's causes of the
takedown end; the listing is asked back when none is left.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.contract.counter_notices import (
    CounterNoticeStatus,
    GivenAnswer,
    ReadCounterNotice,
    ShownEvidence,
    ShownFile,
)
from bot.contract.fields import stamp
from bot.enforcement import counter_removals, outgoing, regimes, takedown_cards
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.counter_removals import lock
from bot.enforcement.outgoing import Drawing
from bot.enforcement.platform_view import pseudonym
from bot.enforcement.refusals import Refused
from bot.enforcement.takedowns import key_of
from bot.enforcement.trail import note
from storage.queries import channels, counter_notices, evidence, people
from storage.queries import takedowns as kept_takedowns
from storage.records.channels import ChannelPurpose
from storage.records.counter_notices import (
    BRANDS_TURN,
    LIVE,
    CounterState,
    DecidedBy,
    StepKind,
)
from storage.records.roster import Role

_S = CounterState
_ANSWERING = (Role.LEAD, Role.SMALL_MEMBER)
_WHY: Mapping[DecidedBy, str] = {
    DecidedBy.BRAND: "the rights holder accepted the counter-notice",
    DecidedBy.SILENCE: "the rights holder did not answer the counter-notice in time",
    DecidedBy.PLATFORM: "the counter-notice was upheld",
}


class WrongDecision(Refused):
    """The counter-notice's state does not allow this report."""


def read(session: Session, actor: Actor, counter_id: str) -> ReadCounterNotice:
    """A counter-notice, for the marketplace that relayed it."""
    counter = counter_notices.find(session, counter_id)
    subject = Subject("counter_notice", counter_id, client_id=counter.client_id if counter else None)
    authorize(session, actor, Operation.VIEW_PLATFORM_CASE, subject)
    if counter is None:
        raise Denied(actor, Operation.VIEW_PLATFORM_CASE, subject)
    return read_of(session, counter)


def find(session: Session, actor: Actor, external_id: str) -> ReadCounterNotice:
    """A counter-notice by the marketplace's own id."""
    known = counter_notices.by_external_id(session, actor.client_id, external_id)
    return read(session, actor, known.id if known else "")


def decide(
    session: Session, actor: Actor, counter_id: str, told: CounterNoticeStatus, *, now: datetime
) -> ReadCounterNotice:
    """The marketplace decided, or the seller took it back. The same `event_id` again changes nothing.

    A decision that stands may be reported again. Raises WrongDecision where the state does not allow it.
    """
    counter = lock(session, counter_id)
    subject = Subject(
        "counter_notice",
        counter_id,
        holder_id=counter.holder_id if counter else None,
        client_id=counter.client_id if counter else None,
    )
    grant = authorize(session, actor, Operation.DECIDE_COUNTER_NOTICE, subject)
    if counter is None:
        raise Denied(actor, Operation.DECIDE_COUNTER_NOTICE, subject)
    step_key = f"platform:{told.event_id}"
    if counter_notices.step(session, counter_id, step_key) is not None:
        return read_of(session, counter)
    back = told.state == "reinstated"
    becomes = _S.UPHELD if back else CounterState(told.state)
    decided = counter.state not in LIVE
    # Of a takedown its own report says that the listing is back.
    if (decided and counter.state is not becomes) or (back and counter.takedown_id is not None):
        raise WrongDecision("counter_notices.wrong_decision", state=counter.state.value, wanted=told.state)
    if back and counter.reinstated_at is None:
        counter = counter_notices.change(session, counter, reinstated_at=now)
    elif decided:
        return read_of(session, counter)
    if not decided:
        by = DecidedBy.SELLER if becomes is _S.WITHDRAWN else DecidedBy.PLATFORM
        counter = end(session, counter, becomes, by, told.reason, now)
    if back:
        counter_removals.put_back(session, counter, told.reason, now)
    tell(session, counter, step_key, StepKind(told.state), told.reason, "platform", now)
    note(session, actor, grant, Operation.DECIDE_COUNTER_NOTICE, subject, now, state=told.state)
    return read_of(session, counter)


def listing_is_back(session: Session, takedown_id: str, now: datetime) -> None:
    """The marketplace put a listing back: what was upheld is done, what was open is decided by that."""
    for each in counter_notices.against(session, takedown_id, lock=True):
        counter = each
        if counter.state in LIVE:
            asked = kept_takedowns.asked_by(session, takedown_id, counter.holder_id)
            by = DecidedBy.PLATFORM if asked else DecidedBy.BRAND  # who took back what had asked for it
            counter = end(session, counter, _S.UPHELD, by, "", now)
        if counter.state is _S.UPHELD and counter.reinstated_at is None:
            counter = counter_notices.change(session, counter, reinstated_at=now, changed_at=now)
            tell(session, counter, "reinstated", StepKind.REINSTATED, "", "platform", now)


def end(
    session: Session, counter: Any, state: CounterState, by: DecidedBy, reason: str, now: datetime
) -> Any:
    """A counter-notice is decided; its row. Upheld, its holder stands behind the removal no longer.

    What it changes is drawn by whoever tells of the end (`tell`).
    """
    ended = counter_notices.change(
        session,
        counter,
        state=state,
        state_reason=reason,
        decided_by=by,
        decided_at=now,
        next_at=None,
        changed_at=now,
    )
    if state is _S.UPHELD:
        counter_removals.overrule(session, ended, _WHY[by], now)
    return ended


def tell(
    session: Session, counter: Any, key: str, kind: StepKind, reason: str, by: str, now: datetime
) -> None:
    """One step: kept once, told in the thread, and the card follows."""
    step_id = counter_notices.insert_step(session, counter.id, key, kind=kind, reason=reason, by=by, at=now)
    for place in redraw(session, counter, now):
        outgoing.draw(session, Drawing.COUNTER_NOTICE_STEP, step_id, place, now)


def tell_platform(session: Session, counter: Any, event: str, key: str, now: datetime) -> None:
    """The marketplace learns how a counter-notice stands, in the order of the removal's messages."""
    data = read_of(session, counter).model_dump(mode="json")
    case = counter_removals.case_of(session, counter)
    outgoing.webhook(session, counter.client_id, event, key_of(event, key), data, now, case=case)


def redraw(session: Session, counter: Any, now: datetime) -> list[str]:
    """Draw its card as it is now, those of the removal, and the App Homes that list it; where it stands."""
    warned = counter_notices.step(session, counter.id, "warned")
    places = places_of(session, counter)
    for place in places:
        outgoing.draw(session, Drawing.COUNTER_NOTICE_CARD, counter.id, place, now)
        if warned is not None:  # it has buttons that help no longer
            outgoing.draw(session, Drawing.COUNTER_NOTICE_STEP, warned, place, now)
    _redraw_removal(session, counter, now)
    outgoing.refresh_homes(session, counter.holder_id, now)
    return places


def _redraw_removal(session: Session, counter: Any, now: datetime) -> None:
    if counter.takedown_id is not None:
        takedown_cards.redraw(session, counter.takedown_id, now)
    else:
        counter_removals.redraw_notice(session, counter, now)


def show_waiting(session: Session, brand_id: str, now: datetime) -> None:
    """A brand got a channel: its undecided counter-notices come there."""
    for counter_id in counter_notices.undecided_of_brand(session, brand_id):
        redraw(session, counter_notices.find(session, counter_id), now)


def places_of(session: Session, counter: Any) -> list[str]:
    """The brand's own channel, else direct messages to those who may answer."""
    place = channels.place_of(session, ChannelPurpose.BRAND, counter.brand_id)
    if place:
        return [place]
    return [person.user_id for person in people.holding(session, _ANSWERING, counter.holder_id)]


def _shown_file(given: Any) -> ShownFile:
    return ShownFile(
        id=given.id,
        title=given.title,
        media_type=given.media_type,
        size=given.size,
        sha256=given.sha256,
        at=stamp(given.at),
    )


def read_of(session: Session, counter: Any) -> ReadCounterNotice:
    """A counter-notice as the platform reads it; who answered is a pseudonym."""
    # Until it counts it is nobody's but the rights holder's.
    answer = None if counter.state in BRANDS_TURN else counter_notices.answer(session, counter)
    given = None
    if answer is not None:
        given = GivenAnswer(
            position=answer.position.value,
            code=answer.code.value if answer.code else None,
            explanation=answer.explanation,
            reference=answer.reference,
            evidence=[ShownEvidence.model_validate(each) for each in answer.evidence],
            files=[_shown_file(each) for each in evidence.of_answer(session, answer.id)],
            at=stamp(answer.at),
            expert=pseudonym(counter.client_id, answer.person_id),
        )
    rule = regimes.rule(counter.regime, counter.regime_version)
    return ReadCounterNotice(
        id=counter.id,
        external_id=counter.external_id,
        takedown_id=counter.takedown_id,
        item_id=counter.notice_item_id,
        state=counter.state.value,
        reason=counter.state_reason,
        decided_by=counter.decided_by.value if counter.decided_by else None,
        brand=counter_notices.brand_name(session, counter.brand_id),
        regime=counter.regime.value,
        regime_version=counter.regime_version,
        chance=counter.chance,
        ground=counter.ground.value,
        silence=rule.silence.value,
        filed_at=stamp(counter.filed_at),
        received_at=stamp(counter.received_at),
        due_at=stamp(counter.due_at),
        answer=given,
        decided_at=stamp(counter.decided_at) if counter.decided_at else None,
        reinstated_at=stamp(counter.reinstated_at) if counter.reinstated_at else None,
    )
