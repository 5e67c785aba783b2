"""The forms of product knowledge: write it, take it back, say of which line a request is."""

from bot.enforcement import knowledge
from bot.words.text import plain
from handlers.blocks.knowledge import LINE, LONGEST_TEXT, PICTURES, POINTS, TEXT
from handlers.guard import Call, Reply
from handlers.payloads import Form, Malformed
from handlers.slack.office import here, next_page, on_field

_FIELDS = {
    "knowledge.text_missing": TEXT,
    "knowledge.too_long": TEXT,
    "knowledge.written_meanwhile": TEXT,
    "knowledge.line_ended": TEXT,
    "knowledge.too_many_points": POINTS,
    "knowledge.bad_pictures": PICTURES,
}


async def handle_form(call: Call) -> Reply:
    """How to tell a fake was written or corrected."""
    line_id, version = _version(call)
    form = Form.of(call.body)
    written = call.act(
        knowledge.write,
        line_id,
        version,
        "\n".join(_lines(form.text(TEXT))),
        [line.removeprefix("• ") for line in _lines(form.text(POINTS))],
        form.text(PICTURES).split(),
    )
    await on_field(call, written, _FIELDS)
    return await next_page(call, f"knowledge:{line_id}")


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
