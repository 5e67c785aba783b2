"""A notice as its card shows it, what its thread says, and the two small forms that its buttons open."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from bot.words.catalogue import UnknownWord, Words
from bot.words.text import escape, link
from bot.words.text import plain as one_line
from handlers.blocks.parts import (
    Block,
    actions,
    button,
    confirm,
    context,
    field,
    fields,
    header,
    modal,
    moment_token,
    plain,
    section,
)
from handlers.ids import NoticeId
from storage.records.listings import Listing
from storage.records.notice_sheets import NoticeSheet
from storage.records.notices import (
    UNDECIDED,
    WITHDRAWABLE,
    ItemState,
    Notice,
    NoticeEvent,
    NoticeItem,
    NoticeState,
)
from storage.records.rights import Right

MOST_LISTED = 10
_LONGEST_LINK = 500
_LONGEST_LIST = 2900
_LONGEST_EXPLANATION = 600

_ASKS = frozenset({NoticeState.CLARIFICATION_REQUIRED, NoticeState.REJECTED, NoticeState.WITHDRAWN})
_MARKS = {ItemState.OPEN: "", ItemState.REMOVED: "removed", ItemState.KEPT: "kept"}


class Line(StrEnum):
    """How the message to the marketplace fares."""

    SENT = "sent"
    WAITING = "waiting"
    REFUSED = "refused"
    NONE = "none"


def marketplace_name(words: Words, marketplace: str, client: str | None) -> str:
    """What people call a marketplace: the name under which it has its line to us, else its own."""
    if client:
        return one_line(client, 75)
    try:
        return words.text(f"notices.marketplace.{marketplace}")
    except UnknownWord:
        return one_line(marketplace, 75)


def right_in_words(words: Words, right: Right) -> str:
    """A right as people pick it: kind, number, office, title."""
    kind = words.text(f"rights.kind.{right.kind.value}")
    title = one_line(right.title, 75)
    if not right.office:
        return words.text("rights.in_words_without_office", kind=kind, title=title)
    return words.text(
        "rights.in_words",
        kind=kind,
        number=one_line(right.number, 40),
        office=one_line(right.office, 20),
        title=title,
    )


def card_text(words: Words, sheet: NoticeSheet) -> str:
    """The one line of a card, for notifications."""
    state = words.text(f"notices.state.{sheet.notice.state.value}")
    return words.text("notices.card.text", reference=sheet.notice.reference, state=state)


def card(words: Words, sheet: NoticeSheet, line: Line) -> list[Block]:
    """The card that follows a notice to its end."""
    notice = sheet.notice
    market = marketplace_name(words, notice.marketplace, sheet.client.name if sheet.client else None)
    blocks = [
        header(words.text("notices.card.title", reference=notice.reference)),
        fields(_facts(words, sheet, market)),
        section(_listed(words, sheet)),
    ]
    if notice.explanation:
        shown = plain(one_line(notice.explanation, _LONGEST_EXPLANATION))
        blocks.append({"type": "section", "text": shown})
    if notice.state in _ASKS and notice.state_reason:
        key = "own_words" if notice.state is NoticeState.WITHDRAWN else "their_words"
        blocks.append(section(words.text(f"notices.card.{key}")))
        blocks.append({"type": "section", "text": plain(one_line(notice.state_reason, 2000))})
    if notice.state is NoticeState.CLARIFICATION_REQUIRED:
        blocks.append(section(words.text("notices.card.answer_there")))
    blocks.append(context(*_small_print(words, sheet, line, market)))
    buttons = _buttons(words, sheet)
    return [*blocks, actions(*buttons)] if buttons else blocks


def _facts(words: Words, sheet: NoticeSheet, market: str) -> list[tuple[str, str]]:
    notice = sheet.notice
    told = [
        ("brand", escape(one_line(sheet.brand.name, 100))),
        ("marketplace", escape(market)),
        ("reason", words.text(f"notices.reason.{notice.reason_code.value}")),
        ("state", f"*{words.text(f'notices.state.{notice.state.value}')}*"),
        ("progress", _progress(words, sheet)),
    ]
    if sheet.right:
        told.insert(2, ("right", escape(right_in_words(words, sheet.right))))
    return [(words.text(f"notices.card.{name}"), value) for name, value in told]


def _progress(words: Words, sheet: NoticeSheet) -> str:
    removed = sheet.by_state.get(ItemState.REMOVED, 0)
    return words.count("notices.card.removed", sheet.total, removed=words.number(removed))


def _listed(words: Words, sheet: NoticeSheet) -> str:
    lines: list[str] = []
    for item, listing in sheet.items[:MOST_LISTED]:
        grown = f"{item.position + 1}. {_listing(words, item, listing)}"
        if sum(map(len, lines)) + len(grown) > _LONGEST_LIST:
            break
        lines.append(grown)
    if sheet.total > len(lines):
        lines.append(words.count("notices.and_more", sheet.total - len(lines)))
    return "\n".join(lines)


def _listing(words: Words, item: NoticeItem, listing: Listing) -> str:
    number = words.text("notices.item.number", number=listing.item_id) if listing.item_id else ""
    name = one_line(listing.title or number or listing.url.partition("://")[2], 120)
    shown = link(listing.url, name) if len(listing.url) <= _LONGEST_LINK else escape(name)
    if listing.title and listing.item_id:
        shown = f"{shown} ({escape(one_line(listing.item_id, 64))})"
    mark = _MARKS[item.state]
    return f"{shown}: {words.text(f'notices.item.{mark}')}" if mark else shown


def _small_print(words: Words, sheet: NoticeSheet, line: Line, market: str) -> list[str]:
    notice = sheet.notice
    told = [
        words.text(
            "notices.card.filed_by",
            person=f"<@{sheet.submitter.user_id}>",
            moment=moment_token(words, notice.submitted_at),
        )
    ]
    if notice.due_at and notice.decided_at is None:
        told.append(_promised(words, sheet, notice.due_at))
    if notice.immediate and notice.state is not NoticeState.WITHDRAWN:
        told.append(words.text("notices.card.immediate"))
    if notice.second_ground and notice.state in UNDECIDED:
        told.append(_second_look(words, notice))
    if line is not Line.SENT and notice.state is NoticeState.SUBMITTED:
        told.append(words.text(f"notices.card.line_{line.value}", marketplace=escape(market)))
    if notice.complaint_number or notice.complaint_url:
        number = notice.complaint_number or words.text("notices.card.complaint_without_number")
        told.append(
            words.text("notices.card.complaint", number=link(notice.complaint_url, one_line(number, 100)))
        )
    return told


def _promised(words: Words, sheet: NoticeSheet, due_at: datetime) -> str:
    """When the marketplace is to have decided, and by which lane's promise."""
    due = words.text("service.card_due", moment=moment_token(words, due_at))
    if sheet.lane is None:
        return due
    hours = words.number(sheet.notice.target_hours)
    lane = words.text("service.card_lane", lane=escape(one_line(sheet.lane.name, 75)), hours=hours)
    return f"{due}. {lane}"


def _second_look(words: Words, notice: Notice) -> str:
    if notice.immediate:
        return words.text("second_look.notice_seconded")
    why = words.text(f"second_look.notice.{notice.second_ground}")
    return f"{why} {words.text('second_look.notice_waits')}"


def _buttons(words: Words, sheet: NoticeSheet) -> list[Block]:
    notice, buttons = sheet.notice, []
    if notice.second_ground and not notice.immediate and notice.state in UNDECIDED:
        label = words.text("second_look.start")
        sure = confirm(
            label,
            words.count("second_look.start_sure", sheet.by_state.get(ItemState.OPEN, 0)),
            label,
            words.text("common.cancel"),
            danger=True,
        )
        buttons.append(button(label, NoticeId.SECOND, notice.id, style="danger", confirm=sure))
    if notice.state is not NoticeState.WITHDRAWN:
        key = "change_complaint" if notice.complaint_number else "add_complaint"
        buttons.append(button(words.text(f"notices.card.{key}"), NoticeId.COMPLAINT, notice.id))
    if notice.state in WITHDRAWABLE:
        buttons.append(button(words.text("notices.card.withdraw"), NoticeId.WITHDRAW, notice.id))
    return buttons


def event_text(words: Words, event: NoticeEvent, sheet: NoticeSheet) -> str:
    """What the thread says when a notice entered a state."""
    if event.state in (NoticeState.ACTIONED, NoticeState.PARTIALLY_ACTIONED):
        return words.text(f"notices.event.{event.state.value}", progress=_progress(words, sheet))
    return words.text(f"notices.event.{event.state.value}")


def event_blocks(words: Words, event: NoticeEvent, sheet: NoticeSheet) -> Sequence[Block]:
    """The same with the reason that was given, as it was written."""
    said: list[Block] = [section(event_text(words, event, sheet))]
    if event.reason:
        said.append({"type": "section", "text": plain(one_line(event.reason, 2000))})
    return said


def withdraw_view(words: Words, notice_id: str, reference: str) -> Block:
    """Why a notice is withdrawn."""
    reason: Block = {
        "type": "plain_text_input",
        "action_id": "reason",
        "multiline": True,
        "min_length": 3,
        "max_length": 1000,
    }
    return modal(
        words,
        words.text("notices.withdraw.title"),
        [
            section(words.text("notices.withdraw.intro", reference=reference)),
            field("reason", words.text("notices.withdraw.reason"), reason),
        ],
        callback_id=NoticeId.WITHDRAW_FORM,
        submit=words.text("notices.withdraw.submit"),
        metadata=notice_id,
    )


def complaint_view(words: Words, notice_id: str, number: str, url: str) -> Block:
    """The marketplace's own number and link."""
    typed: Block = {"type": "plain_text_input", "action_id": "number", "max_length": 100}
    address: Block = {"type": "url_text_input", "action_id": "url"}
    if number:
        typed["initial_value"] = number
    if url:
        address["initial_value"] = url
    return modal(
        words,
        words.text("notices.complaint.title"),
        [
            field("number", words.text("notices.complaint.number"), typed),
            field("url", words.text("notices.complaint.url"), address, optional=True),
        ],
        callback_id=NoticeId.COMPLAINT_FORM,
        submit=words.text("notices.complaint.submit"),
        metadata=notice_id,
    )
