"""The first page of the register: what `/goodfaith` shows to whoever types it."""

from datetime import datetime

from sqlmodel import Session, col, select

from bot.enforcement.access import Actor, Operation, Subject, may, tenants
from bot.words.catalogue import Words
from handlers.blocks import goodfaith
from handlers.blocks.parts import Block
from storage.queries import approvals, people, roster
from storage.records.roster import RightsHolder, Role


def menu_page(session: Session, actor: Actor, _id: str, words: Words, _now: datetime) -> Block:
    """Help by role, and the ways that are open to this reader."""
    person = people.find(session, actor.team_id, actor.user_id)
    held = roster.held_by(session, person.id) if person else []
    own = tenants(session, actor, Operation.MANAGE_ROSTER) | tenants(session, actor, Operation.BIND_CHANNEL)
    seen = tenants(session, actor, Operation.VIEW_STANDING)
    works = tenants(session, actor, Operation.WORK_QUEUE)
    found = session.exec(
        select(RightsHolder)
        .where(col(RightsHolder.id).in_(own | seen | works))
        .order_by(col(RightsHolder.name_key))
    ).all()
    administrators = [] if held else people.holding(session, (Role.ADMINISTRATOR,))
    return goodfaith.menu_page(
        words,
        held,
        [holder for holder in found if holder.id in own],
        administrators=[each.user_id for each in administrators],
        waiting=len(approvals.waiting(session)) if any(h.role is Role.ADMINISTRATOR for h in held) else 0,
        standings=[holder for holder in found if holder.id in seen],
        oversees=may(session, actor, Operation.VIEW_STANDING, Subject("standing")),
        works=[holder for holder in found if holder.id in works],
        reads_knowledge=may(session, actor, Operation.READ_KNOWLEDGE, Subject("product_line")),
    )
