"""Opening a modal, and what is said when Slack does not open it."""

from collections.abc import Mapping
from typing import Any

from bot.enforcement import knowledge_pictures, outgoing
from bot.gateway import SlackFailure
from bot.words.catalogue import Words
from handlers.guard import Call, Kind, Reply
from handlers.payloads import Pointer


async def open_view(call: Call, view: Mapping[str, Any]) -> bool:
    """Open a modal with the right that this interaction carries; False where Slack did not."""
    try:
        await call.desk.gateway.open_view(call.trigger_id, view)
    except (SlackFailure, TimeoutError):
        call.count("view_failed")
        return False
    return True


async def doubt_pictures(call: Call, address: Pointer) -> None:
    """Slack takes no page with a picture that it has no more: whoever opens it again gets it without.

    Meanwhile the pictures are looked for, and copied again where Slack has lost them.
    """
    if address.id == "knowledge":
        await call.desk.store.run(
            knowledge_pictures.doubt, call.actor, address.detail, now=call.now, urgent=True
        )


async def view_failed(call: Call, words: Words, key: str) -> Reply | None:
    """Say one sentence to the one person: as the command's answer, else where they are, else directly."""
    if call.kind is Kind.COMMAND:
        return Reply(text=words.text(key))
    place = call.channel_id or call.actor.user_id
    await call.desk.store.run(outgoing.whisper, call.actor.user_id, place, key, call.now, urgent=True)
    return None
