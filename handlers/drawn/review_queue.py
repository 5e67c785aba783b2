"""Drawings of the review queue's modal, for the one person who has it open."""

from datetime import datetime

from sqlmodel import Session

from bot.enforcement import review_queue
from bot.enforcement.access import Actor
from bot.enforcement.limits import Limits
from bot.enforcement.refusals import Refused
from bot.enforcement.review_queue import Before
from bot.messenger import Viewer
from bot.words.catalogue import Words
from bot.words.text import escape
from bot.words.text import plain as one_line
from handlers.blocks.parts import Block
from handlers.blocks.review_queue import Said, case_view, empty_view, sure_view
from handlers.drawn.authenticity import asking_of
from handlers.guard import words_of
from handlers.payloads import Pointer
from storage.queries import authenticity
from storage.records.authenticity import Answer
from storage.records.review_queue import Turn

_TITLE = 75


def draw_turn(
    session: Session,
    actor: Actor,
    turn: Turn,
    now: datetime,
    limits: Limits,
    before: Before | Refused | None = None,
    passed: str = "",
    *,
    pictures: bool = True,
) -> Block:
    """What is before a person, under a sentence on what became of the request before (`passed`: its id)."""
    words = words_of(session, actor)
    said = _said(session, actor, words, before, passed)
    if turn.request_id is None:
        return empty_view(words, turn, said)
    case = review_queue.case_of(session, actor, turn.request_id)
    viewer = Viewer(words, actor.user_id, pictures=pictures)
    asking = asking_of(session, case, viewer, now, limits)
    return case_view(words, turn, case, asking, review_queue.notes(session, case), said)


def draw_sure(session: Session, actor: Actor, turn: Turn, now: datetime, limits: Limits) -> Block:
    """The question before a Fake."""
    words = words_of(session, actor)
    case = review_queue.case_of(session, actor, turn.request_id or "")
    asking = asking_of(session, case, Viewer(words, actor.user_id), now, limits)
    return sure_view(words, turn, case, asking)


def _said(
    session: Session, actor: Actor, words: Words, before: Before | Refused | None, passed: str
) -> Said | None:
    if before is None and not passed:
        return None
    case = authenticity.case(session, passed)
    title = f"*{escape(one_line(case.snapshot['title'], _TITLE))}*" if case else ""
    if isinstance(before, Refused):
        return Said(f"{title}\n{words.text(before.key, **before.values)}")
    if before is None:
        return Said(f"{title}\n{words.text('review_queue.passed_over')}")
    recorded = before.recorded
    if recorded is None:
        return Said(words.text("authenticity.consequence_changed"))
    if not recorded.first:
        whose = "mine" if recorded.user_id == actor.user_id else "theirs"
        key = f"authenticity.already_{whose}.{recorded.answer.value}"
        told = words.text(key, who=recorded.user_id, at=int(recorded.at.timestamp()))
        return Said(f"{title}\n{told}")
    led_to = recorded.outcome if recorded.answer is Answer.FAKE else recorded.answer
    told = words.text(f"review_queue.said.{led_to.value}")
    return Said(f"{title}\n{told}", str(Pointer(before.request_id, str(before.round))))
