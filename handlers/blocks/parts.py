"""The small parts that every builder draws with. Plain text by default: markup only where we wrote it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.words.catalogue import Words
from bot.words.text import escape

Block = dict[str, Any]
_BUTTON_TEXT = 75
_HEADER_TEXT = 150
_SECTION_TEXT = 3000
_OPTION_TEXT = 75
_TITLE_TEXT = 24


def plain(text: str, limit: int = _SECTION_TEXT) -> Block:
    """A plain_text object, cut to Slack's limit for its place."""
    return {
        "type": "plain_text",
        "text": text if len(text) <= limit else text[: limit - 1] + "…",
        "emoji": True,
    }


def markup(markdown: str) -> Block:
    """A mrkdwn object that makes nothing of its own out of names or addresses in it."""
    return {"type": "mrkdwn", "text": markdown[:_SECTION_TEXT], "verbatim": True}


def header(text: str) -> Block:
    """A header block."""
    return {"type": "header", "text": plain(text, _HEADER_TEXT)}


def section(markdown: str, *, block_id: str = "", accessory: Block | None = None) -> Block:
    """A section of our own markup; strangers' text in it must have gone through `bot.words.text.escape`."""
    block: Block = {"type": "section", "text": markup(markdown)}
    if block_id:
        block["block_id"] = block_id
    if accessory:
        block["accessory"] = accessory
    return block


def fields(pairs: Sequence[tuple[str, str]]) -> Block:
    """Up to ten labelled values beside each other; values are markup, as in `section`."""
    told = [markup(f"*{label}*\n{value}") for label, value in pairs[:10]]
    return {"type": "section", "fields": told}


def context(*markdown: str) -> Block:
    """Small grey lines."""
    return {"type": "context", "elements": [markup(line) for line in markdown[:10]]}


def divider() -> Block:
    """A line."""
    return {"type": "divider"}


def button(
    text: str,
    action_id: str,
    value: str = "",
    *,
    style: str = "",
    confirm: Block | None = None,
    label: str = "",
) -> Block:
    """A button; `label` is what a screen reader says, `value` a pointer."""
    made: Block = {"type": "button", "action_id": action_id, "text": plain(text, _BUTTON_TEXT)}
    if value:
        made["value"] = value
    if style:
        made["style"] = style
    if confirm:
        made["confirm"] = confirm
    if label:
        made["accessibility_label"] = label[:_BUTTON_TEXT]
    return made


def confirm(title: str, text: str, yes: str, no: str, *, danger: bool = False) -> Block:
    """Slack's own "are you sure" dialog."""
    made: Block = {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }
    if danger:
        made["style"] = "danger"
    return made


def actions(*elements: Block, block_id: str = "") -> Block:
    """A row of buttons and selects."""
    block: Block = {"type": "actions", "elements": list(elements)}
    if block_id:
        block["block_id"] = block_id
    return block


def option(text: str, value: str) -> Block:
    """One option of a select, of radio buttons or of checkboxes."""
    return {"text": plain(text, _OPTION_TEXT), "value": value}


def quoted(text: str) -> str:
    """What somebody wrote, behind a bar, for a section."""
    return "\n".join(f">{escape(line)}" for line in text.splitlines())


def moment_token(words: Words, at: datetime) -> str:
    """A moment that Slack writes in each reader's own zone."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}}, {{time}}|{words.moment(at)}>"


def picture(url: str, alt: str) -> Block:
    """A picture block; `alt` is what a screen reader says."""
    return {"type": "image", "image_url": url, "alt_text": alt[:2000]}


def kept_picture(file_id: str, alt: str, title: str = "") -> Block:
    """A picture that Slack keeps for the bot, as a block; `title` stands above it."""
    block: Block = {"type": "image", "slack_file": {"id": file_id}, "alt_text": alt[:2000]}
    if title:
        block["title"] = plain(title, 2000)
    return block


def field(
    block_id: str,
    label: str,
    element: Block,
    *,
    hint: str = "",
    optional: bool = False,
    dispatch: bool = False,
) -> Block:
    """A labelled input of a modal."""
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, 2000),
        "element": element,
        "optional": optional,
    }
    if hint:
        block["hint"] = plain(hint, 2000)
    if dispatch:
        block["dispatch_action"] = True
    return block


def modal(
    words: Words,
    title: str,
    blocks: Sequence[Block],
    *,
    callback_id: str,
    submit: str = "",
    metadata: str = "",
    notify_on_close: bool = False,
) -> Block:
    """A modal view; without `submit` it can only be closed. `metadata` is a pointer."""
    view: Block = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, _TITLE_TEXT),
        "close": plain(words.text("common.close" if not submit else "common.cancel"), _TITLE_TEXT),
        "blocks": list(blocks),
        "private_metadata": metadata,
        "notify_on_close": notify_on_close,
    }
    if submit:
        view["submit"] = plain(submit, _TITLE_TEXT)
    return view
