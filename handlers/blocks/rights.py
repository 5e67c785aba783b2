"""A right that ends soon: in the company's channel, and in App Home's list of what waits."""

from datetime import date

from bot.words.catalogue import Words
from bot.words.text import escape
from bot.words.text import plain as one_line
from handlers.blocks.parts import Block, button, section
from handlers.ids import HomeId
from storage.records.rights import Right

_TITLE = 150


def reminder_text(words: Words, right: Right, today: date) -> str:
    """When it ends, or ended, and what that means."""
    ends = right.expires_on or today
    key = "home.right_ended" if ends < today else "home.right_ends"
    return words.text(key, title=escape(one_line(right.title, _TITLE)), day=words.day(ends))


def reminder(words: Words, right: Right, today: date, *, renews: bool = True) -> list[Block]:
    """The same with its number, and the way to register what follows it, for whoever may."""
    kind = words.text(f"rights.kind.{right.kind}")
    number = escape(f"{right.office} {right.number}".strip())
    told = f"{reminder_text(words, right, today)}\n{kind} · {number}"
    if not renews:
        return [section(told)]
    renew = button(words.text("home.renew"), HomeId.REGISTER_RIGHT, f"right_form:{right.holder_id}")
    return [section(told, accessory=renew)]
