"""`/goodfaith`: the register, or straight to what is named after it."""

from handlers.guard import Call, Reply
from handlers.payloads import text_at
from handlers.slack import review_queue
from handlers.slack.office import open_page

_QUEUE = "queue"
_PAGES = {"directory": "directory", "findings": "findings", "groups": "groups", "share": "finding_form"}


async def handle_goodfaith(call: Call) -> Reply | None:
    """Help and the register; a word behind it leads straight to the review queue or to a page."""
    named = text_at(call.body, "text").strip().casefold()
    if named == _QUEUE:
        return await review_queue.handle_open(call)
    return await open_page(call, _PAGES.get(named, "menu"))
