"""The way through the register: opening it, going from page to page, showing what came.

There is one view. A button redraws it; a form that was sent comes back as the page to look at next.
"""

from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

from sqlmodel import Session

from bot.enforcement.access import Actor, Operation, Subject, may
from bot.enforcement.refusals import Refused
from handlers.blocks.parts import Block, option
from handlers.guard import BadForm, Call, Reply
from handlers.payloads import Malformed, Pointer, text_at
from handlers.slack.pages import draw
from handlers.slack.views import Shown, open_view, shown, view_failed
from storage.queries import roster

T = TypeVar("T")
PICKED_AT_MOST = 100


async def handle_go(call: Call) -> Reply | None:
    """A button that leads to a page."""
    return await show(call, call.value)


async def handle_pick_holder(call: Call) -> Reply | None:
    """The rights holders whose names hold what was typed."""
    found = await call.read(_holders_like, text_at(call.body, "value"))
    return Reply(options=found)


async def open_page(call: Call, address: str) -> Reply | None:
    """Open the register at a page."""
    view = await call.read(draw, Pointer.parse(address), call.now)
    if await open_view(call, view):
        return None
    return await view_failed(call, await call.words(), "office.slack_silent")


async def show(call: Call, address: str) -> Reply | None:
    """Show a page where the click came from: in the open modal, else in a new one."""
    if text_at(call.body, "view", "type") != "modal":
        return await open_page(call, address)
    await redraw(call, await call.read(draw, Pointer.parse(address), call.now))
    return None


async def redraw(call: Call, view: Block) -> Shown:
    """Put another view in the place of this one, unless it has changed meanwhile."""
    view_id, view_hash = text_at(call.body, "view", "id"), text_at(call.body, "view", "hash")
    return await shown(call, view, call.desk.gateway.update_view(view_id, view, view_hash))


async def next_page(call: Call, address: str) -> Reply:
    """The page that takes the place of a form that was sent."""
    return Reply(update=await call.read(draw, Pointer.parse(address), call.now))


async def on_field(call: Call, act: Awaitable[T], fields: Mapping[str, str]) -> T:
    """Do what a form asks; a refusal stands on its field. `fields`: refusal's key -> block id."""
    try:
        return await act
    except Refused as refused:
        if refused.key not in fields:
            raise
        words = await call.words()
        raise BadForm({fields[refused.key]: words.text(refused.key, **refused.values)}) from refused


def here(call: Call) -> Pointer:
    """The address of the page that a form or a button is on."""
    return Pointer.parse(text_at(call.body, "view", "private_metadata"))


def detail_of(call: Call) -> Pointer:
    """A button's value with both parts."""
    found = Pointer.parse(call.value)
    if not found.detail:
        raise Malformed("half a pointer")
    return found


def _holders_like(session: Session, actor: Actor, typed: str) -> list[dict[str, Any]]:
    operations = (Operation.CHANGE_REGISTER, Operation.PROPOSE_LANE)
    if not any(may(session, actor, operation, Subject("rights_holder")) for operation in operations):
        return []
    wanted = typed.casefold().strip()
    found = [line.holder for line in roster.holders(session) if wanted in line.holder.name_key]
    return [option(holder.name, holder.id) for holder in found[:PICKED_AT_MOST]]
