"""Drawings of authenticity requests: for the brand, for the platform team, for a lead who owes a sample."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement import second_look
from bot.enforcement.access import Actor, Operation, Subject, may
from bot.enforcement.authenticity import possible_consequences
from bot.enforcement.limits import NO_LIMITS, Limits
from bot.enforcement.standing_rules import has_good_standing
from bot.messenger import Drawn, Viewer
from handlers.blocks.authenticity import Asking, card, card_text, sample_card, sent_back, unrouted_card
from handlers.drawn.conversations import talkable
from handlers.drawn.counter_notices import follow_removal
from handlers.drawn.knowledge import beside_request
from handlers.drawn.sellers import follow_request
from storage.queries import authenticity, memory, people
from storage.records.authenticity import Answer, Outcome, RequestState, SampleTodo
from storage.records.channels import ChannelPurpose
from storage.records.conversations import About
from storage.records.roster import Brand, Person

_UNDECIDED = frozenset({RequestState.OPEN, RequestState.AWAITING_CONFIRMATION})


def draw_request_card(
    session: Session, request_id: str, viewer: Viewer, now: datetime, *, limits: Limits = NO_LIMITS
) -> Drawn | None:
    """The card of a request in its brand's channel; where it was sent back from, only that."""
    case = authenticity.case(session, request_id)
    if case is None or viewer.purpose is not ChannelPurpose.BRAND:
        return None
    if case.brand_id != viewer.scope_id or case.holder_id is None:
        return _draw_sent_back(session, request_id, viewer)
    asking = Asking((), viewer.pictures, now)
    if case.state is RequestState.OPEN:
        asking = asking_of(session, case, viewer, now, limits)
    elif case.answer is Answer.GENUINE:
        asking = replace(asking, repeats=memory.repeats(session, case.verdict_id))
    beside = beside_request(session, viewer, case) if case.state in _UNDECIDED else []
    blocks = follow_request(session, viewer.words, case, card(viewer.words, case, asking, beside))
    blocks = follow_removal(session, viewer.words, case, blocks)
    return Drawn(card_text(viewer.words, case), talkable(viewer, blocks, About.REQUEST, request_id))


def asking_of(session: Session, case: Any, viewer: Viewer, now: datetime, limits: Limits) -> Asking:
    """What "Fake" leads to: usually, and for whoever has a ground against them that no card can know."""
    confirmers = authenticity.confirmers(session, case.holder_id)
    large = has_good_standing(case.standing) and second_look.is_large(session, limits, case.seller_id)
    usual = possible_consequences(case.standing, confirmers, unusual=large)
    if Outcome.TAKEDOWN not in usual or not limits.of_persons:
        return Asking(usual, viewer.pictures, now, large_seller=large)
    (unusual,) = possible_consequences(case.standing, confirmers, unusual=True)
    first = limits.first and not case.pilot
    if not first and not limits.many:
        return Asking(usual, viewer.pictures, now)
    return Asking(usual, viewer.pictures, now, unusual=unusual, unusual_first=first)


def draw_unrouted_card(session: Session, request_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """The card of a request that the platform team has to assign, or has assigned."""
    case = authenticity.case(session, request_id)
    if case is None or viewer.purpose is not ChannelPurpose.PLATFORM:
        return None
    return Drawn(viewer.words.text("authenticity.text.unrouted_card"), unrouted_card(viewer.words, case))


def draw_sample_todo(session: Session, todo_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """The to-do for a sample, in the direct messages of someone who answers for the holder."""
    todo = session.get(SampleTodo, todo_id)
    person = people.by_user(session, viewer.place)
    if todo is None or person is None or viewer.purpose is not None:
        return None
    actor = Actor(team_id=person.team_id, user_id=person.user_id)
    subject = Subject("sample_todo", todo_id, holder_id=todo.holder_id)
    case = authenticity.case(session, todo.request_id)
    if case is None or not may(session, actor, Operation.ANSWER, subject):
        return None
    done_by = session.get(Person, todo.done_by) if todo.done_by else None
    blocks = sample_card(viewer.words, case, todo, done_by.user_id if done_by else "")
    return Drawn(viewer.words.text("authenticity.text.sample"), blocks)


def _draw_sent_back(session: Session, request_id: str, viewer: Viewer) -> Drawn | None:
    brand = session.get(Brand, viewer.scope_id)
    if brand is None or not authenticity.was_said_by(
        session, request_id, brand.holder_id, Answer.NOT_OUR_BRAND
    ):
        return None
    return Drawn(viewer.words.text("authenticity.text.sent_back"), sent_back(viewer.words))
