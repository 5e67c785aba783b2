"""The forms of product knowledge: write it, take it back, say of which line a request is."""

from itertools import zip_longest

from bot.enforcement import knowledge, knowledge_pictures
from bot.enforcement.knowledge_pictures import Chosen, picture_type_of
from bot.words.text import plain
from handlers.blocks.knowledge import (
    CAPTIONS,
    FILES,
    LINE,
    LONGEST_TEXT,
    POINTS,
    STAY,
    TEXT,
    block_of,
    caption_name,
)
from handlers.guard import Call, Reply
from handlers.payloads import Form, Malformed
from handlers.slack.files import Shelf, fetch_files
from handlers.slack.office import here, next_page, on_field

_FIELDS = {
    "knowledge.text_missing": TEXT,
    "knowledge.too_long": TEXT,
    "knowledge.written_meanwhile": TEXT,
    "knowledge.line_ended": TEXT,
    "knowledge.too_many_points": POINTS,
    "knowledge.too_many_pictures": FILES,
    "knowledge.files.file_gone": FILES,
}
_PICTURES = Shelf(
    knowledge_pictures.missing,
    knowledge_pictures.keep,
    picture_type_of,
    key=lambda why: f"knowledge.files.{why}",
)


async def handle_form(call: Call) -> Reply:
    """How to tell a fake was written or corrected."""
    line_id, version = _version(call)
    form = Form.of(call.body)
    fields = {key: block_of(name, version) for key, name in _FIELDS.items()}
    await on_field(call, _write(call, form, line_id, version), fields)
    return await next_page(call, f"knowledge:{line_id}")


async def _write(call: Call, form: Form, line_id: str, version: int) -> None:
    field = block_of(FILES, version)
    await fetch_files(call, _PICTURES, line_id, file_ids=form.files(field), field=field)
    await call.act(
        knowledge.write,
        line_id,
        version,
        "\n".join(_lines(form.text(block_of(TEXT, version)))),
        [line.removeprefix("• ") for line in _lines(form.text(block_of(POINTS, version)))],
        _chosen(form, version),
    )


def _chosen(form: Form, version: int) -> list[Chosen]:
    """The pictures that stay, then those that were added, each with the line that says what it shows."""
    stay = [
        Chosen(form.text(block_of(caption_name(each), version)), id=each)
        for each in form.choices(block_of(STAY, version))
    ]
    files = form.files(block_of(FILES, version))
    captions = form.text(block_of(CAPTIONS, version)).splitlines()[: len(files)]
    added = zip_longest(captions, files, fillvalue="")
    return [*stay, *(Chosen(caption, file_id=file_id) for caption, file_id in added)]


async def handle_end_form(call: Call) -> Reply:
    """What is known of a line is taken back."""
    line_id, version = _version(call)
    await call.act(knowledge.take_back, line_id, version)
    return await next_page(call, f"knowledge:{line_id}")


async def handle_line_form(call: Call) -> Reply:
    """The product line of a request was picked: what is known of it comes next."""
    line_id = Form.of(call.body).choice(LINE)
    await call.act(knowledge.set_line, here(call).detail, line_id)
    return await next_page(call, f"knowledge:{line_id}")


def _version(call: Call) -> tuple[str, int]:
    """The line and the version that the writer has read."""
    line_id, _, version = here(call).detail.partition("-")
    if not version.isdecimal() or len(version) > 9:
        raise Malformed("no version")
    return line_id, int(version)


def _lines(text: str) -> list[str]:
    return [plain(line, LONGEST_TEXT) for line in text.splitlines()]
