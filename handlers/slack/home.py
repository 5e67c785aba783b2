"""App Home: opening it, going from page to page, what can be done there, and what Slack says about people."""

from datetime import date
from typing import Any

from bot.enforcement import account_managers, home, people
from bot.profiles import profile_of
from handlers.blocks.home import EVERYTHING
from handlers.drawn.home import draw_own_home, find_portals
from handlers.guard import Call, Reply
from handlers.ids import HomePage
from handlers.payloads import Malformed, Pointer, one_of, part, text_at
from handlers.slack.office import open_page, redraw
from storage.records.home import NoticeFilter


async def handle_home_opened(call: Call) -> Reply | None:
    """Somebody opened App Home; the outbox publishes it, so that it comes also when Slack is slow."""
    if text_at(call.body, "event", "tab") == "home" and call.actor.user_id:
        await call.act(people.open_home)
    return None


async def handle_tab(call: Call) -> Reply | None:
    """Another page."""
    return await _choose(call, page=one_of(HomePage, call.value).value)


async def handle_choose(call: Call) -> Reply | None:
    """One company or brand alone, or all of them."""
    picked = Pointer.parse(call.value).id
    return await _choose(call, scope_id="" if picked == EVERYTHING else picked)


async def handle_find(call: Call) -> Reply | None:
    """The companies and brands whose names hold what was typed."""
    return Reply(options=await call.read(find_portals, text_at(call.body, "value")))


async def handle_filter(call: Call) -> Reply | None:
    """Other notices."""
    return await _choose(call, which=one_of(NoticeFilter, call.value).value)


async def handle_page(call: Call) -> Reply | None:
    """Another page of the list."""
    turned = Pointer.parse(call.value)
    number = int(turned.detail) if turned.detail.isdecimal() and len(turned.detail) < 5 else 0
    which = None if turned.id == "notices" else turned.id  # whose filter says which of them
    return await _choose(call, list_page=number, which=which)


async def handle_away(call: Call) -> Reply | None:
    """Somebody of the platform's team is away up to a day."""
    actions = part(call.body, "actions")
    picked = text_at(actions[0], "selected_date") if isinstance(actions, list) and actions else ""
    try:
        last_day = date.fromisoformat(picked)
    except ValueError as error:
        raise Malformed("no day was picked") from error
    await call.act(account_managers.go_away, last_day)
    return None


async def handle_back_again(call: Call) -> Reply | None:
    """They are there again."""
    await call.act(account_managers.come_back)
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


async def _choose(call: Call, **chosen: Any) -> Reply | None:
    """Remember the choice, then show it in the place of what was there: one call to Slack."""
    await call.act(home.choose, **chosen)
    await redraw(call, await call.read(draw_own_home, call.now, calendar=call.desk.calendar))
    return None
