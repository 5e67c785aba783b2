"""Product knowledge as it is read and written: beside a request, on its pages, in its forms."""

from collections.abc import Sequence
from typing import Any

from bot.words.catalogue import Words
from bot.words.text import escape
from bot.words.text import plain as one_line
from handlers.blocks.office import form, listed, page, pager, row, select, text_input
from handlers.blocks.parts import (
    Block,
    actions,
    button,
    context,
    field,
    header,
    kept_picture,
    moment_token,
    option,
    section,
)
from handlers.ids import KnowledgeId, OfficeId
from handlers.payloads import Pointer
from storage.records.knowledge import KnowledgeSheet, KnowledgeVersion, LineState, ShownPicture

TEXT, POINTS, STAY, FILES, CAPTIONS, LINE = "known", "points", "stay", "files", "captions", "line"
LONGEST_TEXT = 3000
LONGEST_CAPTION = 150
MOST_PICTURES = 5
_NAME = 75
_TITLE = 120
_SHORT = 240  # of the text, beside a request
_POINTS = 3  # beside a request
_PART = 1000  # of a text, in one section: marks that are made harmless take more room
_VERSIONS = 10
_CAPTION = 60  # of one picture, among those of an earlier version
_FILETYPES = ["png", "jpg", "jpeg"]


def block_of(name: str, version: int) -> str:
    """A block of the form: of each version another one, for Slack keeps in a block what was typed before."""
    return f"{name}-{version}"


def caption_name(picture_id: str) -> str:
    """What is asked about one picture: what it shows."""
    return f"caption-{picture_id}"


def knowledge_block(
    words: Words, request_id: str, sheet: KnowledgeSheet | None, lines: Sequence[Any], *, pictures: bool
) -> list[Block]:
    """What a request's card says about its line: how to tell a fake, or that somebody may say which line.

    Nothing where the brand has no lines. `pictures`: whether Slack may be asked to show one.
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
    return [in_short(words, sheet, pictures=pictures), actions(*([more] if sheet.text else []), menu)]


def in_short(words: Words, sheet: KnowledgeSheet, *, pictures: bool) -> Block:
    """The first of what is known of a line, with its first picture small beside it."""
    shown = [each for each in sheet.pictures if each.copy_id] if pictures else []
    first = _picture(words, sheet, shown[0]) if shown else None
    return section(short(words, sheet), accessory=first)


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
    blocks += [_picture(words, sheet, each, titled=True) for each in sheet.pictures if each.copy_id]
    if waiting := sum(not each.copy_id for each in sheet.pictures):
        blocks.append(context(words.count("knowledge.page.pictures_waiting", waiting)))
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
    if writes and sheet.version > 1:
        label = words.text("knowledge.page.history")
        buttons.append(button(label, OfficeId.NEXT, f"knowledge_history:{sheet.line_id}"))
    if takes_back and sheet.text and not sheet.ended:
        label = words.text("knowledge.page.take_back")
        buttons.append(button(label, KnowledgeId.END, f"knowledge_end:{sheet.line_id}"))
    return buttons


def history_page(words: Words, sheet: KnowledgeSheet, versions: Sequence[KnowledgeVersion]) -> Block:
    """Every version, the newest first."""
    blocks: list[Block] = [header(_name(sheet))]
    for version in versions[:_VERSIONS]:
        author = f"<@{version.author}>"
        moment = moment_token(words, version.at)
        blocks.append(
            context(words.text("knowledge.page.version", n=version.version, person=author, moment=moment))
        )
        blocks += _told(words, version) or [section(words.text("knowledge.page.taken_back"))]
        if version.pictures:
            told = words.listing([escape(one_line(each.caption, _CAPTION)) for each in version.pictures])
            blocks.append(context(words.text("knowledge.page.pictures", told=told)))
    if len(versions) > _VERSIONS:
        blocks.append(context(words.count("knowledge.page.older", len(versions) - _VERSIONS)))
    here, back = f"knowledge_history:{sheet.line_id}", f"knowledge:{sheet.line_id}"
    return page(words, words.text("knowledge.title"), blocks, here=here, back=back)


def knowledge_form(words: Words, sheet: KnowledgeSheet) -> Block:
    """Write how to tell a fake, or correct what is there. The form knows which version its writer read."""
    typed = text_input(sheet.text, most=LONGEST_TEXT, several_lines=True)
    blocks = [
        section(words.text("knowledge.form.about", line=escape(one_line(sheet.line, _NAME)))),
        field(
            block_of(TEXT, sheet.version),
            words.text("knowledge.form.text"),
            typed,
            hint=words.text("knowledge.form.text_hint"),
        ),
        field(
            block_of(POINTS, sheet.version),
            words.text("knowledge.form.points"),
            text_input("\n".join(sheet.points), most=LONGEST_TEXT, several_lines=True),
            hint=words.text("knowledge.form.points_hint"),
            optional=True,
        ),
        *_there(words, sheet),
        *_added(words, sheet.version),
    ]
    return form(
        words,
        words.text("knowledge.title"),
        blocks,
        callback_id=KnowledgeId.FORM,
        here=str(Pointer("knowledge_form", f"{sheet.line_id}-{sheet.version}")),
        back=f"knowledge:{sheet.line_id}",
    )


def _there(words: Words, sheet: KnowledgeSheet) -> list[Block]:
    """What the pictures that are there show, and which of them stay."""
    if not sheet.pictures:
        return []
    blocks = []
    for n, each in enumerate(sheet.pictures, start=1):
        typed = text_input(each.caption, most=LONGEST_CAPTION)
        label = words.text("knowledge.form.caption", n=n)
        blocks.append(field(block_of(caption_name(each.id), sheet.version), label, typed, optional=True))
    options = [
        option(words.text("knowledge.form.stays", n=n, caption=each.caption), each.id)
        for n, each in enumerate(sheet.pictures, start=1)
    ]
    ticked = {"type": "checkboxes", "action_id": STAY, "options": options, "initial_options": options}
    asked = field(block_of(STAY, sheet.version), words.text("knowledge.form.stay"), ticked, optional=True)
    return [*blocks, asked]


def _added(words: Words, version: int) -> list[Block]:
    """More pictures, and what those show."""
    picked: Block = {
        "type": "file_input",
        "action_id": FILES,
        "filetypes": _FILETYPES,
        "max_files": MOST_PICTURES,
    }
    hint = words.text("knowledge.form.files_hint", most=MOST_PICTURES)
    typed = text_input(most=(LONGEST_CAPTION + 1) * MOST_PICTURES, several_lines=True)
    told = words.text("knowledge.form.captions_hint")
    files, captions = block_of(FILES, version), block_of(CAPTIONS, version)
    return [
        field(files, words.text("knowledge.form.files"), picked, hint=hint, optional=True),
        field(captions, words.text("knowledge.form.captions"), typed, hint=told, optional=True),
    ]


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
    """Points and text of a version."""
    blocks: list[Block] = []
    if known.points:
        points = "\n".join(f"• {escape(point)}" for point in known.points)
        blocks.append(section(f"{words.text('knowledge.page.points')}\n{points}"))
    return [*blocks, *(section(escape(part)) for part in parts_of(known.text))]


def _picture(words: Words, sheet: KnowledgeSheet, shown: ShownPicture, *, titled: bool = False) -> Block:
    line = one_line(sheet.line, _NAME)
    alt = words.text("knowledge.page.picture", line=line, caption=shown.caption)
    return kept_picture(shown.copy_id, alt, shown.caption if titled else "")


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
