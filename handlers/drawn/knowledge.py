"""What a request's card says about its product line, for the brand that is asked."""

from typing import Any

from sqlmodel import Session

from bot.words.catalogue import Words
from handlers.blocks.knowledge import knowledge_block
from handlers.blocks.parts import Block
from storage.queries import knowledge, product_lines


def beside_request(session: Session, words: Words, case: Any) -> list[Block]:
    """How to tell a fake, while the request is undecided; nothing for a brand without product lines."""
    lines = product_lines.of_brands(session, [case.brand_id])
    if not lines:
        return []
    return knowledge_block(words, case.id, knowledge.of_request(session, case.id), lines)
