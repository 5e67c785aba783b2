"""App Home, and what Slack reports about people."""

from bot.enforcement import people
from bot.profiles import profile_of
from handlers.drawn.home import draw_home_page
from handlers.guard import Call, Reply
from handlers.payloads import Pointer, part, text_at
from handlers.slack.office import open_page, redraw


async def handle_home_opened(call: Call) -> Reply | None:
    """Somebody opened App Home; the outbox publishes it, so that it comes also when Slack is slow."""
    if text_at(call.body, "event", "tab") == "home" and call.actor.user_id:
        await call.act(people.open_home)
    return None


async def handle_page(call: Call) -> Reply | None:
    """Another page of one of the lists."""
    pointer = Pointer.parse(call.value)
    number = int(pointer.detail) if pointer.detail.isdecimal() and len(pointer.detail) < 5 else 0
    view = await call.read(draw_home_page, {pointer.id: number}, call.now, calendar=call.desk.calendar)
    await redraw(call, view)
    return None


async def handle_help(call: Call) -> Reply | None:
    """What one can do here."""
    return await open_page(call, "menu")


async def handle_manage_roster(call: Call) -> Reply | None:
    """A lead keeps the roster."""
    return await open_page(call, call.value)


async def handle_register_right(call: Call) -> Reply | None:
    """A lead registers a right."""
    return await open_page(call, call.value)


async def handle_user_changed(call: Call) -> Reply | None:
    """Slack reports a change of somebody's account: it counts at once."""
    user = part(call.body, "event", "user")
    if isinstance(user, dict):
        await call.act(people.profile_changed, profile_of(user))
    return None
