"""Opening a modal, and what is said when Slack does not open it."""

from collections.abc import Mapping
from typing import Any

from bot.enforcement import outgoing
from bot.gateway import SlackFailure
from bot.words.catalogue import Words
from handlers.guard import Call, Kind, Reply


async def open_view(call: Call, view: Mapping[str, Any]) -> bool:
    """Open a modal with the right that this interaction carries; False where Slack did not."""
    try:
        await call.desk.gateway.open_view(call.trigger_id, view)
    except (SlackFailure, TimeoutError):
        call.count("view_failed")
        return False
    return True


async def view_failed(call: Call, words: Words, key: str) -> Reply | None:
    """Say one sentence to the one person: as the command's answer, else where they are, else directly."""
    if call.kind is Kind.COMMAND:
        return Reply(text=words.text(key))
    place = call.channel_id or call.actor.user_id
    await call.desk.store.run(outgoing.whisper, call.actor.user_id, place, key, call.now, urgent=True)
    return None
