"""The buttons and forms of counter-notices: accept, contest, and the second person's word."""

from bot.enforcement import counter_answers, evidence
from bot.enforcement.counter_answers import Answer, Unfit
from bot.enforcement.refusals import Refused
from handlers.blocks.counter_notice_forms import (
    CODE,
    EXPLANATION,
    FILES,
    LINKS,
    REASON,
    REFERENCE,
    accept_form,
    contest_form,
    decline_form,
)
from handlers.guard import BadForm, Call, Reply
from handlers.payloads import Form, Malformed, Pointer, one_of, text_at
from handlers.slack.files import Shelf, fetch_files
from handlers.slack.views import open_view, view_failed
from storage.errors import StoreError
from storage.records.counter_notices import ContestCode, Position

_FILES = Shelf(
    evidence.missing,
    evidence.keep,
    evidence.media_type_of,
    key=lambda why: f"counter_notices.form.{why}",
)


async def handle_accept(call: Call) -> Reply | None:
    """Ask whether the seller is right indeed, and say what follows."""
    counter_id, round_, _ = _pointed(call.value)
    found = await call.read(counter_answers.to_answer, counter_id, round_, now=call.now)
    words = await call.words()
    if not await open_view(call, accept_form(words, found.sheet, found.sheet.client.name)):
        return await view_failed(call, words, "counter_notices.form.try_again")
    return None


async def handle_contest(call: Call) -> Reply | None:
    """Ask on which ground, and what shows it."""
    counter_id, round_, _ = _pointed(call.value)
    found = await call.read(counter_answers.to_answer, counter_id, round_, now=call.now)
    words = await call.words()
    market, largest = found.sheet.client.name, call.desk.largest_evidence
    view = contest_form(words, found.sheet, market, found.rule.contests, largest)
    if not await open_view(call, view):
        return await view_failed(call, words, "counter_notices.form.try_again")
    return None


async def handle_answer_form(call: Call) -> None:
    """Answer. Whatever stands in the way is said in the form, so that nothing typed is lost."""
    counter_id, round_, position = _pointed(text_at(call.body, "view", "private_metadata"))
    form = Form.of(call.body)
    code = form.choice(CODE)
    given = Answer(
        position=one_of(Position, position),
        code=one_of(ContestCode, code) if code else None,
        explanation=form.text(EXPLANATION),
        reference=form.text(REFERENCE),
        links=[line.strip() for line in form.text(LINKS).splitlines() if line.strip()],
        files=form.files(FILES),
    )
    try:
        await fetch_files(call, _FILES, counter_id, round_, file_ids=given.files, field=FILES)
        await call.act(counter_answers.answer, counter_id, round_, given)
    except Unfit as unfit:
        raise BadForm(
            {_shown(form, unfit.field): (await call.words()).text(unfit.key, **unfit.values)}
        ) from unfit
    except Refused as refused:
        raise BadForm({EXPLANATION: (await call.words()).text(refused.key, **refused.values)}) from refused
    except StoreError as error:
        raise BadForm({EXPLANATION: (await call.words()).text("common.not_recorded")}) from error


async def handle_confirm(call: Call) -> None:
    """A second person agrees with an answer."""
    counter_id, round_, _ = _pointed(call.value)
    await call.act(counter_answers.confirm, counter_id, round_)


async def handle_decline(call: Call) -> Reply | None:
    """A second person disagrees: ask why."""
    counter_id, round_, _ = _pointed(call.value)
    sheet = await call.read(counter_answers.to_confirm, counter_id, round_)
    words = await call.words()
    if not await open_view(call, decline_form(words, sheet)):
        return await view_failed(call, words, "counter_notices.form.try_again")
    return None


async def handle_decline_form(call: Call) -> None:
    """Take the answer out, with the reason given."""
    counter_id, round_, _ = _pointed(text_at(call.body, "view", "private_metadata"))
    await call.act(counter_answers.decline, counter_id, round_, Form.of(call.body).text(REASON))


async def handle_files(call: Call) -> None:
    """Bring the files of an answer into the person's direct conversation with the bot."""
    await call.act(counter_answers.send_files, Pointer.parse(call.value).id)


def _shown(form: Form, field: str) -> str:
    return field if field in form.values else EXPLANATION


def _pointed(text: str) -> tuple[str, int, str]:
    """`counter:round-position` as a button or a form carries it."""
    pointer = Pointer.parse(text)
    round_, _, position = pointer.detail.partition("-")
    if not round_.isdecimal() or len(round_) > 4:
        raise Malformed("no round")
    return pointer.id, int(round_), position
