"""The drawing of a warning: for a brand, for somebody who leads it, or for the platform's team."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from sqlmodel import Session

from bot.enforcement.access import Actor, Operation, Subject, may
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY, remaining
from bot.enforcement.calendars import of_client
from bot.enforcement.deadlines import WAITS_FOR
from bot.enforcement.second_look import NO_LIMITS, Limits
from bot.messenger import Drawn, Viewer
from handlers.blocks.authenticity import Asking
from handlers.blocks.deadlines import MOST_LISTED, Waiting, Warned, warning, warning_text
from handlers.drawn.authenticity import asking_of
from storage.queries import authenticity, deadlines, people
from storage.records.authenticity import RequestState
from storage.records.channels import ChannelPurpose
from storage.records.deadlines import Deadline, SubjectKind


def draw_deadline_warning(
    session: Session, message_id: str, viewer: Viewer, now: datetime, *, limits: Limits = NO_LIMITS
) -> Drawn | None:
    """What the warning lists, as the cases are now."""
    listed = deadlines.listed(session, message_id)
    cases: dict[deadlines.Key, Any] = deadlines.cases(session, {_key(each) for each in listed})
    sees = _sees(session, viewer)
    seen = [each for each in listed if _key(each) in cases and sees(each.subject_kind, cases[_key(each)])]
    if not seen:
        return None
    waiting = [each for each in seen if _waits(each, cases[_key(each)])]
    # One case may have come to the same place by several steps.
    first = {_key(each): each for each in reversed(waiting)}
    shown = sorted(first.values(), key=lambda each: (each.due_at, each.id))
    clients = deadlines.clients(session, {case.client_id for case in cases.values() if case.client_id})
    whole = authenticity.cases(session, [each.subject_id for each in shown[:MOST_LISTED]])
    told = []
    for each in shown[:MOST_LISTED]:
        case = whole.get(each.subject_id, cases[_key(each)])
        calendar = of_client(clients[case.client_id]) if case.client_id else MONDAY_TO_FRIDAY
        left = remaining(now, each.due_at, calendar)
        asking = _asking(session, case, viewer, now, limits) if each.subject_id in whole else None
        told.append(Waiting(case, WAITS_FOR[case.state], each.due_at, left, asking))
    done = len({_key(each) for each in seen}) - len(first)
    warned = Warned(told, len(shown) - len(told), done)
    return Drawn(warning_text(viewer.words, warned), warning(viewer.words, message_id, warned, now))


def _key(listed: Deadline) -> deadlines.Key:
    return listed.subject_kind, listed.subject_id


def _sees(session: Session, viewer: Viewer) -> Callable[[SubjectKind, Any], bool]:
    """Whose cases a viewer sees: the platform team all, a brand its own, a person those they may act on."""
    person = people.by_user(session, viewer.place) if viewer.purpose is None else None

    @cache
    def may_act(kind: SubjectKind, holder_id: str) -> bool:
        operation = Operation.ANSWER if kind is SubjectKind.REQUEST else Operation.VIEW_OWN_CASES
        subject = Subject(kind.value, holder_id=holder_id)
        actor = Actor(team_id=person.team_id, user_id=person.user_id) if person else None
        return actor is not None and may(session, actor, operation, subject)

    def sees(kind: SubjectKind, case: Any) -> bool:
        if viewer.purpose is None:
            return case.holder_id is not None and may_act(kind, case.holder_id)
        if viewer.purpose is ChannelPurpose.PLATFORM:
            return True
        return viewer.purpose is ChannelPurpose.BRAND and bool(case.brand_id == viewer.scope_id)

    return sees


def _waits(listed: Deadline, case: Any) -> bool:
    in_its_round = listed.subject_kind is SubjectKind.NOTICE or case.round == listed.round
    return in_its_round and case.state in WAITS_FOR


def _asking(session: Session, case: Any, viewer: Viewer, now: datetime, limits: Limits) -> Asking | None:
    if viewer.purpose is ChannelPurpose.PLATFORM or case.holder_id is None:
        return None
    if case.state is RequestState.OPEN:
        return asking_of(session, case, viewer, now, limits)
    return Asking((), viewer.pictures, now)
