"""`/goodfaith`: the register, or straight to what is named after it."""

from handlers.guard import Call, Reply
from handlers.payloads import text_at
from handlers.slack import review_queue
from handlers.slack.office import open_page

_QUEUE = "queue"


async def handle_goodfaith(call: Call) -> Reply | None:
    """Help and the register; `/goodfaith queue` opens the review queue."""
    if text_at(call.body, "text").strip().casefold() == _QUEUE:
        return await review_queue.handle_open(call)
    return await open_page(call, "menu")
