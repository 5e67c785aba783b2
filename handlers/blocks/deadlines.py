"""A warning: what must be decided soon, how long is left, and the buttons that decide it right there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.words.catalogue import Words
from bot.words.text import escape, link
from bot.words.text import plain as one_line
from handlers.blocks.authenticity import Asking, afterwards, answers, assign_button
from handlers.blocks.conversations import talk_button
from handlers.blocks.parts import Block, actions, context, header, moment_token, section
from storage.records.authenticity import RequestState
from storage.records.conversations import About
from storage.records.deadlines import WaitsFor

MOST_LISTED = 10  # of cases with their buttons; what comes after them is counted
_SOON = "deadlines.title"
_TITLE = 120
_NAME = 75
_LINK = 500


@dataclass(frozen=True)
class Waiting:
    """A case that is not decided. `left` is business time, negative after `due_at`.

    `asking` is there for a request that this reader may answer, as its card has it.
    """

    case: Any
    waits_for: WaitsFor
    due_at: datetime
    left: timedelta
    asking: Asking | None = None


@dataclass(frozen=True)
class Warned:
    """What a warning lists for one reader: what waits, most urgent first, and what is done by now."""

    waiting: Sequence[Waiting]
    waiting_more: int
    done: int


def warning(words: Words, message_id: str, warned: Warned, now: datetime) -> list[Block]:
    """The message."""
    blocks = [header(words.text(_title(warned, now)))]
    for number, each in enumerate(warned.waiting):
        blocks.append(section(f"*{_named(words, each)}*\n{_facts(words, each, now)}"))
        if buttons := [*_buttons(words, each), *_talk(words, each)]:
            blocks.append(actions(*buttons, block_id=f"{message_id}:{number}"))
    small = []
    if warned.waiting_more:
        small.append(words.count("deadlines.more", warned.waiting_more))
    if any(each.due_at < now and each.asking for each in warned.waiting):
        small.append(words.text("deadlines.late_counts"))
    if warned.done:
        small.append(words.count("deadlines.done", warned.done))
    return [*blocks, context(*small)] if small else blocks


def warning_text(words: Words, warned: Warned, now: datetime) -> str:
    """The message in one line, for notifications."""
    count = len(warned.waiting) + warned.waiting_more
    title = _title(warned, now)
    return words.count("deadlines.text", count) if title == _SOON else words.text(title)


def due_in(words: Words, left: timedelta) -> str:
    """How much business time is left, or by how much it was missed."""
    key = "deadlines.left" if left > timedelta() else "deadlines.late_by"
    return words.text(key, span=words.span(left))


def _title(warned: Warned, now: datetime) -> str:
    if not warned.waiting:
        return "deadlines.title_done"
    return "deadlines.title_late" if all(each.due_at < now for each in warned.waiting) else _SOON


def _named(words: Words, waiting: Waiting) -> str:
    if _is_notice(waiting):
        brand = escape(one_line(waiting.case.brand, _NAME))
        return words.text("deadlines.notice", reference=waiting.case.reference, brand=brand)
    return escape(one_line(waiting.case.snapshot["title"], _TITLE))


def _facts(words: Words, waiting: Waiting, now: datetime) -> str:
    case = waiting.case
    due = "deadlines.due" if now <= waiting.due_at else "deadlines.was_due"
    told = [
        words.text(
            f"deadlines.waits.{waiting.waits_for.value}",
            marketplace=escape(one_line(case.client or "", _NAME)),
            brand=escape(one_line(case.brand or "", _NAME)),
        ),
        words.text(due, moment=moment_token(words, waiting.due_at), left=due_in(words, waiting.left)),
    ]
    url = case.complaint_url if _is_notice(waiting) else case.snapshot["url"]
    if url and len(url) <= _LINK:
        key = "deadlines.open_complaint" if _is_notice(waiting) else "deadlines.open_listing"
        told.append(link(url, words.text(key)))
    return "\n".join(told)


def _buttons(words: Words, waiting: Waiting) -> list[Block]:
    """What this reader can do about it, with the very buttons of the case's own card."""
    if waiting.waits_for is WaitsFor.NO_BRAND:
        return [assign_button(words, waiting.case)]
    if waiting.asking is None:
        return []
    if waiting.case.state is RequestState.OPEN:
        return answers(words, waiting.case, waiting.asking)
    return afterwards(words, waiting.case)


def _talk(words: Words, waiting: Waiting) -> list[Block]:
    """The way to somebody who can help, where it is clear whose case it is."""
    if waiting.case.holder_id is None:
        return []
    about = About.NOTICE if _is_notice(waiting) else About.REQUEST
    return [talk_button(words, about, waiting.case.id)]


def _is_notice(waiting: Waiting) -> bool:
    return hasattr(waiting.case, "reference")
