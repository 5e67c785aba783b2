"""What a request's card says about its product line, for the brand that is asked."""

from typing import Any

from sqlmodel import Session

from bot.messenger import Viewer
from handlers.blocks.knowledge import knowledge_block
from handlers.blocks.parts import Block
from handlers.blocks.roster import asked_first
from storage.queries import knowledge, product_lines


def beside_request(session: Session, viewer: Viewer, case: Any) -> list[Block]:
    """Who is asked first and how to tell a fake, while the request is undecided.

    Nothing for a brand without product lines, and nothing in a conversation: its association may listen.
    """
    if viewer.talk_id:
        return []
    lines = product_lines.of_brands(session, [case.brand_id])
    if not lines:
        return []
    sheet = knowledge.of_request(session, case.id)
    experts = product_lines.experts_of(session, case.id) if sheet else []
    known = knowledge_block(viewer.words, case.id, sheet, lines, pictures=viewer.pictures)
    return [*asked_first(viewer.words, experts), *known]
