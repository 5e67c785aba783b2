"""Deadlines: who is told, and when, that a case must be decided soon, and what was missed.

A request is watched from the moment it comes: at half of its business time the brand's experts are reminded,
at three quarters the brand's lead, at nine tenths the brand's account manager, the deputy while that one is
away, or the platform's team where nobody is named; then it expires, which the marketplace is told. An answer
after that is taken and marked late.

A notice is watched from the moment its marketplace has it. At two thirds and at nine tenths of its time those
are warned who can still act: the platform's team, or the brand while the marketplace waits for its
clarification. The clock does not stand still for a clarification: what was promised is a decision within the
time, and a figure that stops for questions could be kept by asking them. A breach is kept with what the
notice waited for, so the two are told apart.

The steps of a case are worked out from its beginning, its due moment and its calendar. What is due is found
by one indexed query, and a unique row claims each step: nobody is told twice, however many tick.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlmodel import Session

from bot.clock import Clock
from bot.contract.fields import stamp
from bot.enforcement import outgoing
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY, Calendar, due, elapsed
from bot.enforcement.calendars import of_client
from bot.enforcement.outgoing import Drawing
from bot.enforcement.takedowns import key_of
from storage.columns import new_id
from storage.engine import Store
from storage.queries import account_managers, channels
from storage.queries import deadlines as queries
from storage.queries.deadlines import Key
from storage.records.authenticity import RequestState
from storage.records.channels import ChannelPurpose
from storage.records.deadlines import DeadlineWatch, Step, SubjectKind, WaitsFor
from storage.records.notices import Notice, NoticeState

STEPS: Mapping[SubjectKind, Sequence[tuple[Step, Fraction]]] = {
    SubjectKind.REQUEST: (
        (Step.REMINDER, Fraction(1, 2)),
        (Step.LEAD, Fraction(3, 4)),
        (Step.ACCOUNT_MANAGER, Fraction(9, 10)),
        (Step.EXPIRED, Fraction(1)),
    ),
    SubjectKind.NOTICE: (
        (Step.TWO_THIRDS, Fraction(2, 3)),
        (Step.NINE_TENTHS, Fraction(9, 10)),
        (Step.BREACHED, Fraction(1)),
    ),
}
WAITS_FOR: Mapping[RequestState | NoticeState, WaitsFor] = {
    RequestState.UNROUTED: WaitsFor.NO_BRAND,
    RequestState.OPEN: WaitsFor.NOT_ANSWERED,
    RequestState.AWAITING_CONFIRMATION: WaitsFor.NOT_CONFIRMED,
    NoticeState.SUBMITTED: WaitsFor.NOT_RECEIVED,
    NoticeState.RECEIVED: WaitsFor.NOT_REVIEWED,
    NoticeState.IN_REVIEW: WaitsFor.IN_REVIEW,
    NoticeState.CLARIFICATION_REQUIRED: WaitsFor.CLARIFICATION,
}
BATCH = 500
_LAST = frozenset({Step.EXPIRED, Step.BREACHED})


@dataclass(frozen=True)
class Coming:
    """A step and its moment."""

    step: Step
    at: datetime


@dataclass(frozen=True)
class _Told:
    """A step that came, and the case as it is."""

    id: str
    key: Key
    step: Step
    due_at: datetime
    waits_for: WaitsFor
    case: Any


def steps(kind: SubjectKind, started_at: datetime, due_at: datetime, calendar: Calendar) -> list[Coming]:
    """Every step of a case, in order. Where no business time lies before the due moment, only the last."""
    return list(_coming(kind, started_at, due_at, calendar))


def _coming(
    kind: SubjectKind, started_at: datetime, due_at: datetime, calendar: Calendar
) -> Iterator[Coming]:
    whole = elapsed(started_at, due_at, calendar)
    for step, share in STEPS[kind]:
        if whole and step not in _LAST:
            yield Coming(step, due(started_at, whole * share.numerator // share.denominator, calendar))
    yield Coming(STEPS[kind][-1][0], due_at)


def promise_answers(requests: Iterable[dict[str, Any]], calendar: Calendar, answer_time: timedelta) -> None:
    """Give requests that come without a deadline one: after `answer_time` of business time."""
    for request in requests:
        if request["deadline"] is None:
            request["deadline"] = due(request["created_at"], answer_time, calendar)


def watch_requests(session: Session, requests: Sequence[Mapping[str, Any]], calendar: Calendar) -> None:
    """Watch requests that just came; rows with their ids, clients, moments of asking and deadlines."""
    queries.watch(
        session,
        [
            _watch(
                SubjectKind.REQUEST,
                request["id"],
                request["client_id"],
                request["created_at"],
                request["deadline"],
                calendar,
            )
            for request in requests
        ],
    )


def watch_notice(session: Session, notice: Notice, calendar: Calendar, now: datetime) -> None:
    """Watch a notice that its marketplace has from now on, and to which a due moment was promised."""
    if notice.due_at is not None:
        row = _watch(SubjectKind.NOTICE, notice.id, notice.client_id, now, notice.due_at, calendar)
        queries.watch(session, [row])


def take_steps(session: Session, *, now: datetime) -> int:
    """Take the steps that are due, at most a batch; the number of cases looked at."""
    watched = queries.due(session, now, BATCH)
    if not watched:
        return 0
    cases = queries.cases(session, [(row.subject_kind, row.subject_id) for row in watched])
    clients = queries.clients(session, {row.client_id for row in watched if row.client_id})
    calendars = {client_id: of_client(client) for client_id, client in clients.items()}
    told: list[_Told] = []
    again: dict[Key, tuple[datetime, datetime]] = {}
    done: list[Key] = []
    for row in watched:
        key = row.subject_kind, row.subject_id
        case = cases.get(key)
        due_at = _due_at(row, case)
        if case is None or due_at is None:
            done.append(key)
            continue
        calendar = calendars.get(row.client_id or "", MONDAY_TO_FRIDAY)
        coming = steps(row.subject_kind, row.started_at, due_at, calendar)
        passed = [each for each in coming if each.at < now]
        if passed:
            # What was missed while nobody looked is told once, by its last step.
            told.append(_Told(new_id(), key, passed[-1].step, due_at, WAITS_FOR[case.state], case))
        if len(passed) == len(coming):
            done.append(key)
        else:
            again[key] = due_at, coming[len(passed)].at
    _tell(session, told, now)
    queries.look_again(session, again)
    queries.forget(session, done)
    return len(watched)


def settle(session: Session, *, now: datetime) -> int:
    """Draw warnings again whose cases were decided meanwhile; the number of steps that are over."""
    over = queries.over(session, now, BATCH)
    if over:
        queries.settle(session, over, now)
        redraw(session, [message for message in over.values() if message], now=now)
    return len(over)


def redraw(session: Session, message_ids: Sequence[str], *, now: datetime) -> None:
    """Draw warnings again wherever they stand."""
    for message_id, place in queries.drawn(session, Drawing.DEADLINE_WARNING, set(message_ids)):
        outgoing.draw(session, Drawing.DEADLINE_WARNING, message_id, place, now)


async def deadline_tick(store: Store, clock: Clock) -> int:
    """Take every step that is due, and bring warnings up to date; the number of steps."""
    taken = 0
    for work in (take_steps, settle):
        while found := await store.run(work, now=clock()):
            taken += found
            if found < BATCH:
                break
    return taken


def _watch(
    kind: SubjectKind,
    subject_id: str,
    client_id: str | None,
    started_at: datetime,
    due_at: datetime,
    calendar: Calendar,
) -> dict[str, Any]:
    return {
        "subject_kind": kind,
        "subject_id": subject_id,
        "client_id": client_id,
        "started_at": started_at,
        "due_at": due_at,
        "next_at": next(_coming(kind, started_at, due_at, calendar)).at,
    }


def _due_at(watched: DeadlineWatch, case: Any) -> datetime | None:
    """When a case is due; None where nothing is owed any more."""
    if case is None or case.state not in WAITS_FOR:
        return None
    if watched.subject_kind is SubjectKind.REQUEST:
        return watched.due_at
    promised: datetime | None = case.due_at
    return promised


def _tell(session: Session, steps_taken: Sequence[_Told], now: datetime) -> None:
    """Keep each step, and warn of those that were the first of their kind: one message for each place."""
    if not steps_taken:
        return
    places = _places_of(session, steps_taken, now)
    messages = {told_at: new_id() for told_at in places.values() if told_at}
    rows = [_row(each, messages.get(places[each.id]), now) for each in steps_taken]
    first = queries.record(session, rows)
    told = [each for each in steps_taken if each.id in first]
    for told_at in dict.fromkeys(places[each.id] for each in told):
        for place in told_at:
            outgoing.draw(session, Drawing.DEADLINE_WARNING, messages[told_at], place, now)
    _expire(session, [each for each in told if each.step is Step.EXPIRED], now)


def _places_of(session: Session, told: Sequence[_Told], now: datetime) -> dict[str, tuple[str, ...]]:
    """Where each step is told, asked once for all."""
    team = channels.place_of(session, ChannelPurpose.PLATFORM)
    led = {each.case.holder_id for each in told if each.step is Step.LEAD or not each.case.place}
    leads = queries.leads(session, led - {None})
    asked = {each.case.holder_id for each in told if each.step is Step.ACCOUNT_MANAGER} - {None}
    pairs = account_managers.of_many(session, asked) if asked else {}
    managers = {holder: pair.acting(now) for holder, pair in pairs.items()}
    found = {}
    for each in told:
        manager = managers.get(each.case.holder_id)
        own = leads.get(each.case.holder_id, [])
        found[each.id] = _places(each, team, own, manager.user_id if manager else "")
    return found


def _row(told: _Told, message_id: str | None, now: datetime) -> dict[str, Any]:
    kind, subject_id = told.key
    return {
        "id": told.id,
        "subject_kind": kind,
        "subject_id": subject_id,
        "round": told.case.round if kind is SubjectKind.REQUEST else 1,
        "step": told.step,
        "holder_id": told.case.holder_id,
        "due_at": told.due_at,
        "at": now,
        "reason": told.waits_for,
        "message_id": message_id,
        "settled_at": now if told.step in _LAST else None,
    }


def _places(told: _Told, team: str, leads: Sequence[str], manager: str) -> tuple[str, ...]:
    """Where a step is told: before those who can still act; nobody can about a notice that is late."""
    brand = (told.case.place,) if told.case.place else tuple(leads)
    platform = (team,) if team else ()
    if told.waits_for is WaitsFor.NO_BRAND:
        return platform
    match told.step:
        case Step.REMINDER | Step.EXPIRED:
            return brand
        case Step.LEAD:
            return tuple(leads) or brand
        case Step.ACCOUNT_MANAGER:
            return (manager,) if manager else platform
        case Step.TWO_THIRDS | Step.NINE_TENTHS:
            return brand if told.waits_for is WaitsFor.CLARIFICATION else platform
        case Step.BREACHED:
            return ()


def _expire(session: Session, told: Sequence[_Told], now: datetime) -> None:
    """The marketplace learns that nobody answered in time; cards and App Homes say so."""
    for each in told:
        case = each.case
        data = {
            "id": case.id,
            "external_id": case.external_id,
            "state": case.state.value,
            "brand": case.brand or case.brand_named,
            "deadline": stamp(each.due_at),
            "waits_for": each.waits_for.value,
        }
        key = key_of("request.expired", f"{case.id}:{case.round}")
        outgoing.webhook(session, case.client_id, "request.expired", key, data, now, case=case.id)
        if case.place:
            outgoing.draw(session, Drawing.REQUEST_CARD, case.id, case.place, now)
    for holder_id in sorted({each.case.holder_id for each in told if each.case.holder_id}):
        outgoing.refresh_homes(session, holder_id, now)
