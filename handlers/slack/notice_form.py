"""Filing a notice from Slack: the command, the two shortcuts, App Home, and the form that they open."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.enforcement import notice_drafts
from bot.enforcement.listing_identity import find_links
from bot.enforcement.notice_filing import Filed, Incomplete, Review, file_notice
from bot.enforcement.notice_form import Problem
from bot.gateway import SlackFailure
from bot.words.catalogue import Words
from handlers.blocks.notice_form import TICKED, form_view, review_view
from handlers.guard import BadForm, Call, Reply, notice_view
from handlers.payloads import Form, Pointer, part, text_at
from handlers.slack.views import open_view, view_failed
from storage.records.notice_sheets import FormSheet

_PICKED = ("holder_id", "brand_id", "right_id", "reason")
_TYPED = ("explanation", "order_number", "email", "work", "signature", "address", "telephone")
_TICKED = ("statement", "authority")
_LINKS = "links_"
# Where a message of people or of apps holds addresses: its text, its rich text, its attachments.
_HOLDS_LINKS = frozenset({"text", "url", "value", "fallback", "title_link", "from_url", "image_url"})


async def handle_notice(call: Call) -> Reply | None:
    """`/notice [links]`."""
    text = text_at(call.body, "text")
    return await _open(call, find_links(text) or text.split())


async def handle_file_notice(call: Call) -> Reply | None:
    """The global shortcut, and the button in App Home."""
    return await _open(call, [])


async def handle_report_listing(call: Call) -> Reply | None:
    """The shortcut on a message: the links that it holds."""
    told = "\n".join(_texts(part(call.body, "message")))
    return await _open(call, list(dict.fromkeys(find_links(told))))


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, value in node.items():
            if isinstance(value, str) and name in _HOLDS_LINKS:
                yield value
            else:
                yield from _texts(value)
    elif isinstance(node, list):
        for each in node:
            yield from _texts(each)


async def handle_open_draft(call: Call) -> Reply | None:
    """Go on with a draft, from App Home."""
    sheet = await call.read(notice_drafts.read_draft, Pointer.parse(call.value).id, now=call.now)
    words = await call.words()
    if not await open_view(call, form_view(words, sheet)):
        return await view_failed(call, words, "notices.form.try_again")
    return None


async def handle_drop_draft(call: Call) -> None:
    """Throw a draft away, from App Home."""
    await call.act(notice_drafts.drop_draft, Pointer.parse(call.value).id)


async def handle_redraw(call: Call) -> None:
    """A pick on which other fields depend: the form is drawn again, with everything that was typed."""
    sheet = await call.act(notice_drafts.save_draft, _draft_id(call), typed_in(call.body))
    await _redraw(call, sheet)


async def handle_more_links(call: Call) -> None:
    """One more input for links."""
    typed = typed_in(call.body)
    sheet = await call.act(notice_drafts.save_draft, _draft_id(call), typed, another_input=True)
    await _redraw(call, sheet)


async def handle_submit(call: Call) -> Reply:
    """The form was sent: file it, say what is missing, or show what needs a second look."""
    desk = call.desk
    outcome = await call.act(
        file_notice, _draft_id(call), typed_in(call.body), desk.own_marketplaces, limits=desk.limits
    )
    words = await call.words()
    match outcome:
        case Incomplete(problems=problems):
            raise BadForm(_at_blocks(call.body, sentences(words, problems)))
        case Review(sheet=sheet):
            return Reply(push=review_view(words, sheet))
        case Filed():
            return Reply(clear=True)


async def handle_submit_reviewed(call: Call) -> Reply:
    """The person has seen what needed a second look."""
    desk = call.desk
    outcome = await call.act(
        file_notice, _draft_id(call), {}, desk.own_marketplaces, reviewed=True, limits=desk.limits
    )
    words = await call.words()
    match outcome:
        case Incomplete():
            return Reply(update=notice_view(words, words.text("notices.form.changed_meanwhile")))
        case Review(sheet=sheet):
            return Reply(update=review_view(words, sheet))
        case Filed():
            return Reply(clear=True)


async def handle_close(call: Call) -> None:
    """The form was closed without being sent."""
    await call.act(notice_drafts.leave_draft, _draft_id(call), typed_in(call.body))


async def _open(call: Call, links: Sequence[str]) -> Reply | None:
    sheet = await call.act(notice_drafts.open_draft, links, call.channel_id)
    words = await call.words()
    if not await open_view(call, form_view(words, sheet)):
        return await view_failed(call, words, "notices.form.kept")
    return None


async def _redraw(call: Call, sheet: FormSheet) -> None:
    view = form_view(await call.words(), sheet)
    try:
        await call.desk.gateway.update_view(
            text_at(call.body, "view", "id"), view, text_at(call.body, "view", "hash")
        )
    except (SlackFailure, TimeoutError):
        call.count("view_failed")  # what was typed is kept, and the next pick draws again


def _draft_id(call: Call) -> str:
    return Pointer.parse(text_at(call.body, "view", "private_metadata")).id


def typed_in(body: Mapping[str, Any]) -> dict[str, Any]:
    """What the form shows, by the fields of a draft; a field that it does not show is left out."""
    form = Form.of(body)
    blocks = {block.partition(":")[0]: block for block in form.values}
    typed: dict[str, Any] = {}
    typed.update((name, form.choice(blocks[name])) for name in _PICKED if name in blocks)
    typed.update((name, form.text(blocks[name])) for name in _TYPED if name in blocks)
    typed.update((name, TICKED in form.choices(blocks[name])) for name in _TICKED if name in blocks)
    inputs = sorted((block for block in blocks if block.startswith(_LINKS)), key=_position)
    if inputs:
        typed["links"] = tuple(form.text(block) for block in inputs)
    return typed


def _position(block: str) -> int:
    number = block.removeprefix(_LINKS)
    return int(number) if number.isdecimal() else 0


def sentences(words: Words, problems: Sequence[Problem]) -> dict[str, str]:
    """What to say at each field; of many lines in the way the first three are said and the rest counted."""
    by_field: dict[str, list[str]] = {}
    for problem in problems:
        sentence = words.text(problem.key)
        if problem.line:
            sentence = words.text("notices.form.line", line=problem.line, sentence=sentence)
        by_field.setdefault(problem.field, []).append(sentence)
    return {name: " ".join(_first(words, said)) for name, said in by_field.items()}


def _first(words: Words, said: Sequence[str]) -> Sequence[str]:
    if len(said) <= 3:
        return said
    return [*said[:3], words.count("notices.form.more_lines", len(said) - 3)]


def _at_blocks(body: Mapping[str, Any], told: Mapping[str, str]) -> dict[str, str]:
    """The sentences under the blocks of the form; one whose field is not drawn stands at the links."""
    blocks = {block.partition(":")[0]: block for block in Form.of(body).values}
    placed: dict[str, str] = {}
    for name, sentence in told.items():
        block = blocks.get(name, f"{_LINKS}1")
        placed[block] = f"{placed[block]} {sentence}" if block in placed else sentence
    return placed
