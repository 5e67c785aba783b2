"""Opening a modal, and what is said when Slack does not open it."""

from collections.abc import Awaitable, Mapping
from enum import Enum, auto
from typing import Any

from bot.enforcement import knowledge_pictures, outgoing
from bot.gateway import SlackFailure, SlackRefused
from bot.messenger import files_in
from bot.words.catalogue import Words
from handlers.guard import Call, Kind, Reply

# What Slack says of a view with a picture that it cannot get; of other faults in a view as well.
_PICTURE_REFUSED = frozenset({"invalid_arguments", "invalid_blocks"})


class Shown(Enum):
    """Whether Slack shows a view that it was sent."""

    YES = auto()
    NO = auto()
    PICTURE_REFUSED = auto()  # it may show the same without pictures


async def shown(call: Call, view: Mapping[str, Any], sending: Awaitable[object]) -> Shown:
    """Send a view, and see what became of it.

    Slack takes no view with a picture that it has no more: whoever opens it again gets it without. Meanwhile
    the pictures are looked for, and copied again where Slack has lost them.
    """
    try:
        await sending
    except (SlackFailure, TimeoutError) as failure:
        call.count("view_failed")
        if not isinstance(failure, SlackRefused) or failure.code not in _PICTURE_REFUSED:
            return Shown.NO
    else:
        return Shown.YES
    if copies := files_in(view["blocks"]):
        await call.desk.store.run(knowledge_pictures.doubt, copies, now=call.now, urgent=True)
    return Shown.PICTURE_REFUSED


async def open_view(call: Call, view: Mapping[str, Any]) -> bool:
    """Open a modal with the right that this interaction carries; False where Slack did not."""
    opening = call.desk.gateway.open_view(call.trigger_id, view)
    return await shown(call, view, opening) is Shown.YES


async def view_failed(call: Call, words: Words, key: str) -> Reply | None:
    """Say one sentence to the one person: as the command's answer, else where they are, else directly."""
    if call.kind is Kind.COMMAND:
        return Reply(text=words.text(key))
    place = call.channel_id or call.actor.user_id
    await call.desk.store.run(outgoing.whisper, call.actor.user_id, place, key, call.now, urgent=True)
    return None
