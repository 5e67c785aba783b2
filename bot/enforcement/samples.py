""" "Need a sample": a to-do for the brand's lead, until test buys come."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement import outgoing
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.outgoing import Drawing
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from storage.columns import new_id
from storage.queries import authenticity, people
from storage.records.authenticity import SampleTodo
from storage.records.roster import Role

_LEADING = (Role.LEAD, Role.SMALL_MEMBER)


def need_sample(session: Session, asked: Any, verdict_id: str, user_id: str, now: datetime) -> None:
    """Put the to-do before every lead; in a company without one, before `user_id`, who asked for it."""
    todo_id = new_id()
    authenticity.insert_sample(
        session,
        {
            "id": todo_id,
            "verdict_id": verdict_id,
            "request_id": asked.id,
            "holder_id": asked.holder_id,
            "created_at": now,
        },
    )
    leads = people.holding(session, _LEADING, asked.holder_id)
    for place in [lead.user_id for lead in leads] or [user_id]:
        outgoing.draw(session, Drawing.SAMPLE_TODO, todo_id, place, now)


def finish_sample(session: Session, actor: Actor, todo_id: str, *, now: datetime) -> None:
    """The to-do is done. Any expert of the holder may say so."""
    todo = session.get(SampleTodo, todo_id, with_for_update=True)
    subject = Subject("sample_todo", todo_id, holder_id=todo.holder_id if todo else None)
    grant = authorize(session, actor, Operation.ANSWER, subject)
    if todo is None:
        raise Denied(actor, Operation.ANSWER, subject)
    if todo.done_at is not None:
        raise Refused("authenticity.sample_done_already")
    todo.done_by = grant.person_id
    todo.done_at = now
    session.add(todo)
    note(session, actor, grant, Operation.ANSWER, subject, now, sample="done")
    # Whoever pressed the button has the message, even if its place is being written down only now.
    for place in sorted({actor.user_id, *authenticity.places(session, Drawing.SAMPLE_TODO, todo_id)}):
        outgoing.draw(session, Drawing.SAMPLE_TODO, todo_id, place, now)
