"""Product knowledge as it is read and written: beside a request, on its pages, in its forms."""

from collections.abc import Sequence
from typing import Any

from bot.words.catalogue import Words
from bot.words.text import escape, link
from bot.words.text import plain as one_line
from handlers.blocks.office import form, listed, page, pager, row, select, text_input
from handlers.blocks.parts import (
    Block,
    actions,
    button,
    context,
    field,
    header,
    moment_token,
    option,
    picture,
    section,
)
from handlers.ids import KnowledgeId, OfficeId
from handlers.payloads import Pointer
from storage.records.knowledge import KnowledgeSheet, LineState

TEXT, POINTS, PICTURES, LINE = "known", "points", "pictures", "line"
LONGEST_TEXT = 3000
_NAME = 75
_TITLE = 120
_SHORT = 240  # of the text, beside a request
_POINTS = 3  # beside a request
_PART = 1000  # of a text, in one section: marks that are made harmless take more room
_VERSIONS = 10
_LINK = 2000  # in one element beside others


def knowledge_block(
    words: Words, request_id: str, sheet: KnowledgeSheet | None, lines: Sequence[Any]
) -> list[Block]:
    """What a request's card says about its line: how to tell a fake, or that somebody may say which line.

    Nothing where the brand has no lines.
    """
    if not lines:
        return []
    sort = f"request_line:{request_id}"
    if sheet is None:
        way = button(words.text("knowledge.card.set_line"), OfficeId.GO, sort)
        return [section(words.text("knowledge.card.no_line"), accessory=way)]
    choices = [option(words.text("knowledge.card.change_line"), sort)]
    write = "knowledge.card.correct" if sheet.text else "knowledge.card.write"
    choices.insert(0, option(words.text(write), f"knowledge_form:{sheet.line_id}"))
    menu: Block = {"type": "overflow", "action_id": OfficeId.NEXT, "options": choices}
    more = button(words.text("knowledge.card.more"), OfficeId.GO, f"knowledge:{sheet.line_id}")
    return [section(short(words, sheet)), actions(*([more] if sheet.text else []), menu)]


def short(words: Words, sheet: KnowledgeSheet) -> str:
    """The line, and the first of what is known of it."""
    line = escape(one_line(sheet.line, _NAME))
    if not sheet.text:
        return words.text("knowledge.card.nothing_yet", line=line)
    points = [f"• {escape(point)}" for point in sheet.points[:_POINTS]]
    told = escape(one_line(sheet.text, _SHORT))
    return "\n".join([words.text("knowledge.card.head", line=line), *points, told])


def sheet_page(words: Words, sheet: KnowledgeSheet, *, writes: bool, takes_back: bool, back: str) -> Block:
    """Everything that is known of a line."""
    blocks: list[Block] = [header(_name(sheet))]
    if not sheet.text:
        key = "knowledge.page.taken_back" if sheet.version else "knowledge.page.nothing"
        blocks.append(section(words.text(key)))
    blocks += _told(words, sheet)
    if sheet.version and sheet.at:
        blocks.append(context(_signed(words, sheet)))
    if sheet.ended:
        blocks.append(section(words.text("knowledge.line_ended")))
    blocks.append(context(words.text("knowledge.page.who_reads")))
    buttons = _ways(words, sheet, writes=writes, takes_back=takes_back)
    blocks += [actions(*buttons)] if buttons else []
    here = f"knowledge:{sheet.line_id}"
    return page(words, words.text("knowledge.title"), blocks, here=here, back=back)


def _ways(words: Words, sheet: KnowledgeSheet, *, writes: bool, takes_back: bool) -> list[Block]:
    buttons = []
    if writes and not sheet.ended:
        label = words.text("knowledge.card.correct" if sheet.text else "knowledge.card.write")
        buttons.append(button(label, OfficeId.GO, f"knowledge_form:{sheet.line_id}", style="primary"))
    if sheet.pictures:
        label = words.text("knowledge.page.show_pictures")
        buttons.append(button(label, KnowledgeId.PICTURES, f"knowledge_pictures:{sheet.line_id}"))
    if writes and sheet.version > 1:
        label = words.text("knowledge.page.history")
        buttons.append(button(label, OfficeId.NEXT, f"knowledge_history:{sheet.line_id}"))
    if takes_back and sheet.text and not sheet.ended:
        label = words.text("knowledge.page.take_back")
        buttons.append(button(label, KnowledgeId.END, f"knowledge_end:{sheet.line_id}"))
    return buttons


def pictures_page(words: Words, sheet: KnowledgeSheet) -> Block:
    """A line's pictures. They have a page of their own: Slack takes no page with one that it cannot get."""
    shown = [
        picture(url, words.text("knowledge.page.picture", n=n, line=one_line(sheet.line, _NAME)))
        for n, url in enumerate(sheet.pictures, start=1)
    ]
    blocks = [header(_name(sheet)), *listed(shown, words.text("knowledge.page.no_pictures"))]
    here, back = f"knowledge_pictures:{sheet.line_id}", f"knowledge:{sheet.line_id}"
    return page(words, words.text("knowledge.title"), blocks, here=here, back=back)


def history_page(words: Words, sheet: KnowledgeSheet, versions: Sequence[Any]) -> Block:
    """Every version, the newest first."""
    blocks: list[Block] = [header(_name(sheet))]
    for version in versions[:_VERSIONS]:
        author = f"<@{version.user_id}>"
        moment = moment_token(words, version.at)
        blocks.append(
            context(words.text("knowledge.page.version", n=version.version, person=author, moment=moment))
        )
        blocks += _told(words, version) or [section(words.text("knowledge.page.taken_back"))]
    if len(versions) > _VERSIONS:
        blocks.append(context(words.count("knowledge.page.older", len(versions) - _VERSIONS)))
    here, back = f"knowledge_history:{sheet.line_id}", f"knowledge:{sheet.line_id}"
    return page(words, words.text("knowledge.title"), blocks, here=here, back=back)


def knowledge_form(words: Words, sheet: KnowledgeSheet) -> Block:
    """Write how to tell a fake, or correct what is there. The form knows which version its writer read."""
    typed = text_input(sheet.text, most=LONGEST_TEXT, several_lines=True)
    blocks = [
        section(words.text("knowledge.form.about", line=escape(one_line(sheet.line, _NAME)))),
        field(TEXT, words.text("knowledge.form.text"), typed, hint=words.text("knowledge.form.text_hint")),
        field(
            POINTS,
            words.text("knowledge.form.points"),
            text_input("\n".join(sheet.points), most=LONGEST_TEXT, several_lines=True),
            hint=words.text("knowledge.form.points_hint"),
            optional=True,
        ),
        field(
            PICTURES,
            words.text("knowledge.form.pictures"),
            text_input("\n".join(sheet.pictures), most=LONGEST_TEXT, several_lines=True),
            hint=words.text("knowledge.form.pictures_hint"),
            optional=True,
        ),
    ]
    return form(
        words,
        words.text("knowledge.title"),
        blocks,
        callback_id=KnowledgeId.FORM,
        here=str(Pointer("knowledge_form", f"{sheet.line_id}-{sheet.version}")),
        back=f"knowledge:{sheet.line_id}",
    )


def end_form(words: Words, sheet: KnowledgeSheet) -> Block:
    """Take back what is known of a line: a question, and no way around it."""
    return form(
        words,
        words.text("knowledge.title"),
        [section(words.text("knowledge.form.take_back", line=escape(one_line(sheet.line, _NAME))))],
        callback_id=KnowledgeId.END_FORM,
        here=str(Pointer("knowledge_end", f"{sheet.line_id}-{sheet.version}")),
        back=f"knowledge:{sheet.line_id}",
        submit=words.text("knowledge.page.take_back"),
    )


def line_form(words: Words, case: Any, chosen: str, lines: Sequence[Any]) -> Block:
    """Of which of the brand's lines a request's listing is."""
    title = escape(one_line(case.snapshot["title"], _TITLE))
    blocks: list[Block] = [section(f"*{title}*")]
    named = case.snapshot.get("product_line")
    if named:
        blocks.append(context(words.text("knowledge.form.named", name=escape(one_line(named, _NAME)))))
    here = f"request_line:{case.id}"
    if not lines:
        blocks.append(section(words.text("knowledge.form.no_lines")))
        return page(words, words.text("knowledge.form.line"), blocks, here=here)
    picked = select([option(one_line(line.name, _NAME), line.id) for line in lines], chosen)
    blocks.append(field(LINE, words.text("knowledge.form.line"), picked))
    return form(
        words, words.text("knowledge.form.line"), blocks, callback_id=KnowledgeId.LINE_FORM, here=here
    )


def lines_page(
    words: Words, told: str, lines: Sequence[LineState], number: int, total: int, address: str
) -> Block:
    """A rights holder's lines, or all of which something is known: what is known of each."""
    rows = [
        row(_state(words, line), words.text("register.open"), f"knowledge:{line.line_id}") for line in lines
    ]
    blocks = [section(told), *listed(rows, words.text("knowledge.page.no_lines"))]
    blocks += pager(words, f"{address}-", number, total)
    here = f"{address}-{number}"
    return page(words, words.text("knowledge.title"), blocks, here=here, back="menu")


def _state(words: Words, line: LineState) -> str:
    name = f"*{escape(one_line(line.brand, _NAME))}: {escape(one_line(line.line, _NAME))}*"
    if not line.known or line.at is None:
        return f"{name}\n{words.text('knowledge.page.nothing')}"
    return f"{name}\n{words.text('knowledge.page.known_since', moment=moment_token(words, line.at))}"


def _signed(words: Words, sheet: KnowledgeSheet) -> str:
    moment = moment_token(words, sheet.at) if sheet.at else ""
    if not sheet.author:
        return words.text("knowledge.page.version_outside", n=sheet.version, moment=moment)
    return words.text("knowledge.page.version", n=sheet.version, person=f"<@{sheet.author}>", moment=moment)


def _told(words: Words, known: Any) -> list[Block]:
    """Points, text and pictures of a version."""
    blocks: list[Block] = []
    if known.points:
        points = "\n".join(f"• {escape(point)}" for point in known.points)
        blocks.append(section(f"{words.text('knowledge.page.points')}\n{points}"))
    blocks += [section(escape(part)) for part in parts_of(known.text)]
    links = [
        link(url, words.text("authenticity.card.picture_link", n=n))
        for n, url in enumerate(known.pictures, start=1)
    ]
    links = [each for each in links if len(each) <= _LINK]
    return [*blocks, context(*links)] if links else blocks


def _name(sheet: KnowledgeSheet) -> str:
    return one_line(f"{sheet.brand}: {sheet.line}", 150)


def parts_of(text: str) -> list[str]:
    """A text in pieces that fit a section each, cut where a line or a word ends."""
    parts = []
    while len(text) > _PART:
        cut = max(text.rfind("\n", 0, _PART), text.rfind(" ", 0, _PART))
        cut = cut if cut > 0 else _PART
        parts.append(text[:cut])
        text = text[cut:].strip()
    return [*parts, text] if text else parts
