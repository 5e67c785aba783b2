"""What the pages of App Home share: turning a list's pages, linking to a card, saying when."""

from datetime import datetime

from bot.words.catalogue import Words
from handlers.blocks.parts import Block, actions, button, context
from handlers.ids import HomeId
from storage.records.home import Place


def pager(list_name: str, page: int, size: int, total: int, words: Words) -> list[Block]:
    """Buttons to the pages before and after of a list, where there are any."""
    last = (total - 1) // size
    if last < 1:
        return []
    buttons = []
    if page > 0:
        buttons.append(button(words.text("home.earlier"), HomeId.PAGE_BACK, f"{list_name}:{page - 1}"))
    if page < last:
        buttons.append(button(words.text("home.later"), HomeId.PAGE, f"{list_name}:{page + 1}"))
    told = words.text("home.page", page=page + 1, pages=last + 1, total=words.number(total))
    return [context(told), actions(*buttons)]


def card_link(place: Place, team_id: str, words: Words) -> str:
    """A link to the message that shows it, once there is one."""
    if not place.ts:
        return ""
    address = f"slack://channel?team={team_id}&amp;id={place.channel_id}&amp;message={place.ts}"
    return f"<{address}|{words.text('home.open_card')}>"


def due_text(words: Words, due_at: datetime | None, now: datetime) -> str:
    """How long is left, or since when it is late."""
    if due_at is None:
        return words.text("home.no_deadline")
    if due_at < now:
        return words.text("home.overdue", since=words.span(now - due_at))
    return words.text("home.due", left=words.span(due_at - now))


def joined(*parts: str) -> str:
    """Facts in one line; empty ones are left out."""
    return " · ".join(part for part in parts if part)
