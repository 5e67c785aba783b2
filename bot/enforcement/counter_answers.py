"""The brand's answer to a counter-notice: accepted, or contested on a ground that the regime knows; once.

Whose role needs a second person proposes an answer; it counts when somebody else of the holder agrees, and is
taken out when they do not. An answer that nobody confirmed in time was no answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement import outgoing, regimes
from bot.enforcement.access import Actor, Denied, Grant, Operation, Subject, authorize
from bot.enforcement.counter_notices import end, tell, tell_platform
from bot.enforcement.counter_removals import lock
from bot.enforcement.outgoing import Parcel
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from storage.queries import counter_notices, evidence, people
from storage.records.counter_notice_sheets import CounterNoticeSheet
from storage.records.counter_notices import (
    ContestCode,
    CounterState,
    DecidedBy,
    Position,
    StepKind,
)
from storage.records.evidence import CounterNoticeEvidence
from storage.records.roster import Role

_S = CounterState
_OF_THE_HOLDER = (Role.EXPERT, Role.LEAD, Role.SMALL_MEMBER)
MOST_LINKS = 20


@dataclass(frozen=True)
class Answer:
    """What a person wants to answer. `reference` names a court's or an authority's case."""

    position: Position
    code: ContestCode | None = None
    explanation: str = ""
    reference: str = ""
    links: Sequence[str] = ()
    files: Sequence[str] = ()  # Slack's ids of files that are here already (`evidence.py`)


@dataclass(frozen=True)
class Answerable:
    """A counter-notice that this person may answer, and on which grounds it can be contested."""

    sheet: CounterNoticeSheet
    rule: regimes.Rule


class Unfit(Refused):
    """A field of an answer cannot stay as it is; `field` says which."""

    def __init__(self, field: str, key: str, **values: str | int) -> None:
        super().__init__(key, **values)
        self.field = field


def to_answer(session: Session, actor: Actor, counter_id: str, round_: int, *, now: datetime) -> Answerable:
    """A counter-notice for the form in which this person answers it."""
    sheet = counter_notices.sheet(session, counter_id)
    _granted(session, actor, Operation.ANSWER_COUNTER_NOTICE, sheet.counter if sheet else None, counter_id)
    if sheet is None:
        raise _missing(actor, Operation.ANSWER_COUNTER_NOTICE, counter_id)
    _check_open(sheet.counter, round_, now)
    return Answerable(sheet, regimes.rule(sheet.counter.regime, sheet.counter.regime_version))


def to_confirm(session: Session, actor: Actor, counter_id: str, round_: int) -> CounterNoticeSheet:
    """A counter-notice whose answer waits for this person's word."""
    sheet = counter_notices.sheet(session, counter_id)
    counter = sheet.counter if sheet else None
    grant = _granted(session, actor, Operation.CONFIRM_COUNTER_ANSWER, counter, counter_id)
    if sheet is None or sheet.given is None:
        raise _missing(actor, Operation.CONFIRM_COUNTER_ANSWER, counter_id)
    _check_proposed(sheet.counter, sheet.given.answer, round_, grant)
    return sheet


def answer(
    session: Session, actor: Actor, counter_id: str, round_: int, given: Answer, *, now: datetime
) -> CounterState:
    """Answer a counter-notice; the state it is in then. Raises Unfit for a field that has to be mended."""
    counter = lock(session, counter_id)
    grant = _granted(session, actor, Operation.ANSWER_COUNTER_NOTICE, counter, counter_id)
    if counter is None:
        raise _missing(actor, Operation.ANSWER_COUNTER_NOTICE, counter_id)
    _check_open(counter, round_, now)
    _check_fit(given, regimes.rule(counter.regime, counter.regime_version))
    if grant.cell.second:
        _check_second(session, counter, grant)
    kept = counter_notices.insert_answer(
        session,
        counter,
        position=given.position,
        code=given.code,
        explanation=given.explanation,
        reference=given.reference,
        evidence=[{"url": url} for url in given.links],
        person_id=grant.person_id,
        role=grant.role,
        at=now,
    )
    _attach(session, counter, kept, given.files)
    answered = (_propose if grant.cell.second else _take)(session, counter, kept, now)
    subject = Subject("counter_notice", counter.id, holder_id=counter.holder_id)
    said = {"position": given.position.value, "code": given.code.value if given.code else ""}
    note(session, actor, grant, Operation.ANSWER_COUNTER_NOTICE, subject, now, **said)
    return answered


def confirm(session: Session, actor: Actor, counter_id: str, round_: int, *, now: datetime) -> CounterState:
    """A second person agrees with an answer, and it is given."""
    counter, kept, grant = _second_word(session, actor, counter_id, round_, agrees=True, now=now)
    answered = _take(session, counter, kept, now)
    _note_word(session, actor, counter, grant, now, "confirmed", "")
    return answered


def decline(
    session: Session, actor: Actor, counter_id: str, round_: int, reason: str, *, now: datetime
) -> None:
    """A second person disagrees and says why; another answer can be given in the time that is left."""
    counter, _, grant = _second_word(session, actor, counter_id, round_, agrees=False, now=now)
    counter = counter_notices.change(session, counter, state=_S.OPEN, round=counter.round + 1, changed_at=now)
    tell(session, counter, f"declined:{round_}", StepKind.DECLINED, reason, "member", now)
    _note_word(session, actor, counter, grant, now, "declined", reason)


def send_files(session: Session, actor: Actor, counter_id: str, *, now: datetime) -> None:
    """A person of the rights holder's wants the files of the present answer: they come directly."""
    counter = counter_notices.find(session, counter_id)
    _granted(session, actor, Operation.VIEW_OWN_CASES, counter, counter_id)
    kept = counter_notices.answer(session, counter) if counter else None
    if kept is None:
        raise _missing(actor, Operation.VIEW_OWN_CASES, counter_id)
    for each in evidence.of_answer(session, kept.id):
        outgoing.file(session, Parcel.EVIDENCE, each.id, actor.user_id, now)


def _take(session: Session, counter: Any, kept: Any, now: datetime) -> CounterState:
    """An answer counts: the seller is right, or it is for the marketplace to decide."""
    if kept.position is Position.ACCEPT:
        answered = end(session, counter, _S.UPHELD, DecidedBy.BRAND, kept.explanation, now)
        kind = StepKind.ACCEPTED
    else:
        answered = counter_notices.change(session, counter, state=_S.CONTESTED, next_at=None, changed_at=now)
        kind = StepKind.CONTESTED
    tell(session, answered, f"answered:{kept.round}", kind, kept.explanation, "member", now)
    tell_platform(session, answered, "counter_notice.answered", kept.id, now)
    state: CounterState = answered.state
    return state


def _attach(session: Session, counter: Any, kept: Any, file_ids: Sequence[str]) -> None:
    """The files that go with an answer; those that were taken out of its form again are forgotten."""
    here = evidence.of_round(session, counter, lock=True)
    chosen = [each for each in here if each.file_id in file_ids]
    if len(chosen) < len(set(file_ids)):
        raise Unfit("files", "counter_notices.form.file_gone")
    evidence.attach(session, chosen, kept.id)
    evidence.forget(session, CounterNoticeEvidence, [each for each in here if each not in chosen])


def _propose(session: Session, counter: Any, kept: Any, now: datetime) -> CounterState:
    waits = _S.AWAITING_CONFIRMATION
    counter = counter_notices.change(session, counter, state=waits, changed_at=now)
    tell(session, counter, f"proposed:{kept.round}", StepKind.PROPOSED, kept.explanation, "member", now)
    return waits


def _second_word(
    session: Session, actor: Actor, counter_id: str, round_: int, *, agrees: bool, now: datetime
) -> tuple[Any, Any, Grant]:
    counter = lock(session, counter_id)
    grant = _granted(session, actor, Operation.CONFIRM_COUNTER_ANSWER, counter, counter_id)
    kept = counter_notices.answer(session, counter) if counter else None
    if counter is None:
        raise _missing(actor, Operation.CONFIRM_COUNTER_ANSWER, counter_id)
    if kept is None:
        raise Refused("counter_notices.moved_on")
    _check_proposed(counter, kept, round_, grant)
    kept = counter_notices.change_answer(
        session, kept, second_id=grant.person_id, second_agrees=agrees, second_at=now
    )
    return counter, kept, grant


def _check_open(counter: Any, round_: int, now: datetime) -> None:
    if counter.state is _S.AWAITING_CONFIRMATION:
        raise Refused("counter_notices.proposed_already")
    if counter.state is not _S.OPEN or counter.round != round_:
        raise Refused("counter_notices.moved_on")
    if now >= counter.due_at:
        raise Refused("counter_notices.too_late")


def _check_proposed(counter: Any, kept: Any, round_: int, grant: Grant) -> None:
    if counter.state is not _S.AWAITING_CONFIRMATION or counter.round != round_:
        raise Refused("counter_notices.moved_on")
    if kept.person_id == grant.person_id:
        raise Refused("counter_notices.not_your_own")


def _check_fit(given: Answer, rule: regimes.Rule) -> None:
    if given.position is Position.ACCEPT:
        return
    if given.code not in rule.contests:
        raise Unfit("code", "counter_notices.form.pick_a_ground")
    if not given.explanation:
        raise Unfit("explanation", "counter_notices.form.say_why")
    if given.code is ContestCode.COURT_ACTION and not given.reference:
        raise Unfit("reference", "counter_notices.form.name_the_case")
    if len(given.links) > MOST_LINKS:
        raise Unfit("links", "counter_notices.form.too_many_links", most=MOST_LINKS)
    wrong = next((each for each in given.links if not each.startswith(("https://", "http://"))), None)
    if wrong is not None:
        raise Unfit("links", "counter_notices.form.no_link", text=wrong[:60])


def _check_second(session: Session, counter: Any, grant: Grant) -> None:
    """Nothing is proposed that nobody could confirm: the person is told who is missing."""
    others = {person.id for person in people.holding(session, _OF_THE_HOLDER, counter.holder_id)}
    if not others - {grant.person_id}:
        raise Refused("counter_notices.nobody_else")


def _granted(
    session: Session, actor: Actor, operation: Operation, counter: Any | None, counter_id: str
) -> Grant:
    subject = Subject("counter_notice", counter_id, holder_id=counter.holder_id if counter else None)
    return authorize(session, actor, operation, subject)


def _missing(actor: Actor, operation: Operation, counter_id: str) -> Denied:
    return Denied(actor, operation, Subject("counter_notice", counter_id))


def _note_word(
    session: Session,
    actor: Actor,
    counter: Any,
    grant: Grant,
    now: datetime,
    outcome: str,
    reason: str,
) -> None:
    subject = Subject("counter_notice", counter.id, holder_id=counter.holder_id)
    operation = Operation.CONFIRM_COUNTER_ANSWER
    note(session, actor, grant, operation, subject, now, outcome=outcome, reason=reason)
