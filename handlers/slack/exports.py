"""Asking for a file of one's own cases, or for a brand's week on one page."""

from datetime import date

from bot.enforcement import aggregates, exports, reports
from bot.enforcement.exports import Wanted
from bot.enforcement.refusals import Refused
from handlers.blocks import aggregates as aggregates_blocks
from handlers.blocks.exports import FIRST, FORMAT, LAST, SUBJECTS, asked_page
from handlers.guard import BadForm, Call, Reply
from handlers.payloads import Form, Malformed, one_of
from handlers.slack.export_pages import scope_of
from handlers.slack.office import here, show
from storage.errors import StoreError
from storage.records.calendars import Span
from storage.records.exports import ExportFormat, ExportSubject

_FIELD_OF = {"exports.nothing": SUBJECTS, "exports.wrong_days": LAST, "exports.too_long": FIRST}


async def handle_open(call: Call) -> Reply | None:
    """Show whose cases can be exported."""
    return await show(call, "exports")


async def handle_form(call: Call) -> Reply:
    """Ask for the files. What stands in the way is said on its field."""
    holder_id, form = here(call).detail, Form.of(call.body)
    try:
        first, last = date.fromisoformat(form.text(FIRST)), date.fromisoformat(form.text(LAST))
    except ValueError as error:
        raise Malformed("no day") from error
    wanted = Wanted(
        [one_of(ExportSubject, each) for each in form.choices(SUBJECTS)],
        one_of(ExportFormat, form.choice(FORMAT)),
        first,
        last,
    )
    try:
        files = await call.act(exports.ask, holder_id, wanted)
    except Refused as refused:
        sentence = (await call.words()).text(refused.key, **refused.values)
        raise BadForm({_FIELD_OF.get(refused.key, FORMAT): sentence}) from refused
    except StoreError as error:
        raise BadForm({FORMAT: (await call.words()).text("common.not_recorded")}) from error
    return Reply(update=asked_page(await call.words(), holder_id, files))


async def handle_figures_form(call: Call) -> Reply:
    """Ask for a group's or an association's figures. What stands in the way is said on its field."""
    address, form = here(call), Form.of(call.body)
    spans = [one_of(Span, each) for each in form.choices(aggregates_blocks.SPANS)]
    format_ = one_of(ExportFormat, form.choice(aggregates_blocks.FORMAT))
    try:
        await call.act(aggregates.ask, scope_of(address.detail), spans, format_)
    except Refused as refused:
        sentence = (await call.words()).text(refused.key, **refused.values)
        on = aggregates_blocks.SPANS if refused.key == "exports.nothing" else aggregates_blocks.FORMAT
        raise BadForm({on: sentence}) from refused
    return Reply(update=aggregates_blocks.asked_page(await call.words(), str(address)))


async def handle_report(call: Call) -> Reply | None:
    """Send a brand's last week now."""
    await call.act(reports.ask, call.value)
    return await show(call, str(here(call)))


async def handle_start_weekly(call: Call) -> Reply | None:
    """Send it every week from the next on."""
    await call.act(reports.subscribe, call.value)
    return await show(call, str(here(call)))


async def handle_stop_weekly(call: Call) -> Reply | None:
    """Send it no longer."""
    await call.act(reports.unsubscribe, call.value)
    return await show(call, str(here(call)))
