"""The frame of the modal in which the register is kept: one view, redrawn from page to page.

A page's address is `name` or `name:id`. Forms are pages with a button to submit; what comes back from one is
the page to look at next.
"""

from collections.abc import Sequence
from typing import TypeVar

from bot.words.catalogue import Words
from handlers.blocks.parts import Block, actions, button, context, header, modal, plain, section
from handlers.ids import OfficeId

T = TypeVar("T")
PAGE_SIZE = 20  # of each list that a page holds; three lists and their buttons fit


def page(words: Words, title: str, blocks: Sequence[Block], *, here: str, back: str = "") -> Block:
    """A page to look at."""
    return modal(words, title, [*blocks, *_back(words, back)], callback_id=OfficeId.PAGE, metadata=here)


def form(
    words: Words,
    title: str,
    blocks: Sequence[Block],
    *,
    callback_id: str,
    here: str,
    back: str = "",
    submit: str = "",
) -> Block:
    """A page to fill in."""
    return modal(
        words,
        title,
        [*blocks, *_back(words, back)],
        callback_id=callback_id,
        submit=submit or words.text("office.save"),
        metadata=here,
    )


def message(words: Words, sentence: str, *, here: str, back: str) -> Block:
    """A page that says what was done."""
    return page(words, words.text("common.app"), [section(sentence)], here=here, back=back)


def row(markdown: str, label: str, address: str) -> Block:
    """A line that leads to another page."""
    return section(markdown, accessory=button(label, OfficeId.GO, address))


def part(title: str, blocks: Sequence[Block], empty: str) -> list[Block]:
    """A titled part of a page, with a sentence where there is nothing in it."""
    return [header(title), *listed(blocks, empty)]


def listed(blocks: Sequence[Block], empty: str) -> list[Block]:
    """A list that is a whole page, under the page's own title."""
    return list(blocks) or [section(empty)]


def cut(items: Sequence[T], number: int) -> Sequence[T]:
    """What of a list stands on a page."""
    return items[number * PAGE_SIZE : (number + 1) * PAGE_SIZE]


def pager(words: Words, address: str, number: int, total: int) -> list[Block]:
    """Buttons to the pages before and after, where there are any; the page's number ends its address."""
    last = max(total - 1, 0) // PAGE_SIZE
    if last == 0:
        return []
    buttons = []
    if number > 0:
        buttons.append(button(words.text("home.earlier"), OfficeId.GO, f"{address}{number - 1}"))
    if number < last:
        buttons.append(button(words.text("home.later"), OfficeId.NEXT, f"{address}{number + 1}"))
    told = words.text("home.page", page=number + 1, pages=last + 1, total=words.number(total))
    return [context(told), actions(*buttons)]


def text_input(value: str = "", *, most: int = 80, example: str = "", several_lines: bool = False) -> Block:
    """A line to type in; `most` is the number of characters."""
    made: Block = {"type": "plain_text_input", "action_id": "text", "max_length": most}
    if value:
        made["initial_value"] = value
    if example:
        made["placeholder"] = plain(example, 150)
    if several_lines:
        made["multiline"] = True
    return made


def select(options: Sequence[Block], chosen: str = "") -> Block:
    """A list to choose one from; at most a hundred."""
    made: Block = {"type": "static_select", "action_id": "choice", "options": list(options)[:100]}
    if initial := [option for option in options if option["value"] == chosen]:
        made["initial_option"] = initial[0]
    return made


def person_select() -> Block:
    """Somebody of the workspace."""
    return {"type": "users_select", "action_id": "person"}


def _back(words: Words, back: str) -> list[Block]:
    return [actions(button(words.text("office.back"), OfficeId.BACK, back))] if back else []
