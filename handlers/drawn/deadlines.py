"""The drawing of a warning: for a brand, for somebody who leads it, for its account manager or their team."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from sqlmodel import Session

from bot.enforcement.access import Actor, Operation, Subject, may
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY, remaining
from bot.enforcement.calendars import of_client
from bot.enforcement.deadlines import WAITS_FOR
from bot.enforcement.limits import NO_LIMITS, Limits
from bot.messenger import Drawn, Viewer
from handlers.blocks.authenticity import Asking
from handlers.blocks.deadlines import MOST_LISTED, Waiting, Warned, warning, warning_text
from handlers.drawn.authenticity import asking_of
from storage.queries import authenticity, deadlines, people
from storage.records.authenticity import RequestState
from storage.records.channels import ChannelPurpose
from storage.records.deadlines import Deadline, Step, SubjectKind
from storage.records.roster import Brand

Acts = Callable[[Operation, str | None], bool]


def draw_deadline_warning(
    session: Session, message_id: str, viewer: Viewer, now: datetime, *, limits: Limits = NO_LIMITS
) -> Drawn | None:
    """What the warning lists, as the cases are now."""
    acts = _acts(session, viewer)
    told = _told_to(session, viewer, acts)
    seen = [each for each in deadlines.listed(session, message_id) if told(each)]
    if not seen:
        return None
    cases: dict[deadlines.Key, Any] = deadlines.cases(session, {_key(each) for each in seen})
    waiting = [each for each in seen if _waits(each, cases.get(_key(each)), viewer)]
    shown = waiting[:MOST_LISTED]
    clients = deadlines.clients(session, {case.client_id for case in cases.values() if case.client_id})
    requests = authenticity.cases(session, [each.subject_id for each in shown])
    listed = []
    for each in shown:
        case = requests.get(each.subject_id, cases[_key(each)])
        calendar = of_client(clients[case.client_id]) if case.client_id else MONDAY_TO_FRIDAY
        left = remaining(now, each.due_at, calendar)
        answers = each.subject_id in requests and (
            viewer.purpose is not None or acts(Operation.ANSWER, case.holder_id)
        )
        asking = _asking(session, case, viewer, now, limits) if answers else None
        listed.append(Waiting(case, WAITS_FOR[case.state], each.due_at, left, asking))
    warned = Warned(listed, len(waiting) - len(listed), len(seen) - len(waiting))
    return Drawn(warning_text(viewer.words, warned, now), warning(viewer.words, message_id, warned, now))


def _key(listed: Deadline) -> deadlines.Key:
    return listed.subject_kind, listed.subject_id


def _told_to(session: Session, viewer: Viewer, acts: Acts) -> Callable[[Deadline], bool]:
    """Which steps this viewer may hear of: the platform's team of all, others of their own company's."""
    if viewer.purpose is ChannelPurpose.PLATFORM:
        return lambda _: True
    if viewer.purpose is not None:
        brand = session.get(Brand, viewer.scope_id) if viewer.purpose is ChannelPurpose.BRAND else None
        return lambda listed: brand is not None and listed.holder_id == brand.holder_id

    def told(listed: Deadline) -> bool:
        operation = (
            Operation.ANSWER if listed.subject_kind is SubjectKind.REQUEST else Operation.VIEW_OWN_CASES
        )
        if listed.step is Step.ACCOUNT_MANAGER and acts(Operation.VIEW_PLATFORM_CASE, listed.holder_id):
            return True
        return acts(operation, listed.holder_id)

    return told


def _acts(session: Session, viewer: Viewer) -> Acts:
    """What the person to whom a direct message goes may do; in a channel each click is judged by itself."""
    person = people.by_user(session, viewer.place) if viewer.purpose is None else None
    actor = Actor(team_id=person.team_id, user_id=person.user_id) if person else None

    @cache
    def acts(operation: Operation, holder_id: str | None) -> bool:
        return (
            actor is not None
            and holder_id is not None
            and may(session, actor, operation, Subject("case", holder_id=holder_id))
        )

    return acts


def _waits(listed: Deadline, case: Any, viewer: Viewer) -> bool:
    """Whether a case is undecided and still with those who were told of it."""
    if case is None or case.state not in WAITS_FOR:
        return False
    if viewer.purpose is ChannelPurpose.PLATFORM:
        return True
    same_round = listed.subject_kind is SubjectKind.NOTICE or case.round == listed.round
    same_brand = viewer.purpose is None or case.brand_id == viewer.scope_id
    return bool(same_round and same_brand and case.holder_id == listed.holder_id)


def _asking(session: Session, case: Any, viewer: Viewer, now: datetime, limits: Limits) -> Asking | None:
    if viewer.purpose is ChannelPurpose.PLATFORM or case.holder_id is None:
        return None
    if case.state is RequestState.OPEN:
        return asking_of(session, case, viewer, now, limits)
    return Asking((), viewer.pictures, now)
