"""The pages of exports: whose cases, the form, the brands with their weekly reports, how far one has come."""

from collections.abc import Sequence
from datetime import date, timedelta

from bot.words.catalogue import Words
from bot.words.text import escape
from bot.words.text import plain as one_line
from handlers.blocks.office import cut, form, listed, page, pager, row
from handlers.blocks.parts import Block, actions, button, context, field, header, option, section
from handlers.ids import ExportId
from storage.records.exports import Export, ExportFormat, ExportSubject
from storage.records.roster import Brand, RightsHolder

SUBJECTS, FORMAT, FIRST, LAST = "subjects", "format", "first", "last"
_NAME = 75
_DAYS = 30  # that the form offers at first


def holders_page(words: Words, holders: Sequence[RightsHolder], number: int) -> Block:
    """Whose cases to export, for who stands for several."""
    rows = [
        row(escape(one_line(each.name, _NAME)), words.text("exports.choose"), f"export:{each.id}")
        for each in cut(holders, number)
    ]
    blocks = listed(rows, words.text("exports.nobody")) + pager(words, "exports:", number, len(holders))
    return page(words, words.text("exports.title"), blocks, here="exports", back="menu")


def export_page(
    words: Words, holder: RightsHolder, brands: Sequence[tuple[Brand, bool]], number: int, back: str
) -> Block:
    """What of one rights holder can be had outside Slack."""
    here = f"export:{holder.id}"
    blocks = [
        section(f"*{escape(one_line(holder.name, _NAME))}*\n{words.text('exports.about')}"),
        actions(
            button(words.text("exports.cases"), ExportId.GO, f"export_form:{holder.id}", style="primary")
        ),
        header(words.text("exports.reports")),
        context(words.text("exports.reports_about")),
        *(block for brand, weekly in cut(brands, number) for block in _brand(words, brand, weekly=weekly)),
        *pager(words, f"{here}-", number, len(brands)),
    ]
    if not brands:
        blocks.append(section(words.text("exports.no_brands")))
    return page(words, words.text("exports.title"), blocks, here=here, back=back)


def export_form(words: Words, holder: RightsHolder, today: date) -> Block:
    """Which tables, of which days, as what."""
    subjects = [option(words.text(f"exports.subject.{each.value}"), each.value) for each in ExportSubject]
    formats = [option(words.text(f"exports.format.{each.value}"), each.value) for each in ExportFormat]
    first = today - timedelta(days=_DAYS - 1)
    blocks = [
        section(words.text("exports.form_about", holder=escape(one_line(holder.name, _NAME)))),
        field(
            SUBJECTS,
            words.text("exports.subjects"),
            {"type": "checkboxes", "action_id": SUBJECTS, "options": subjects, "initial_options": subjects},
        ),
        field(FIRST, words.text("exports.first"), _date(FIRST, first)),
        field(LAST, words.text("exports.last"), _date(LAST, today), hint=words.text("exports.days_hint")),
        field(
            FORMAT,
            words.text("exports.format"),
            {"type": "radio_buttons", "action_id": FORMAT, "options": formats, "initial_option": formats[-1]},
        ),
        context(words.text("exports.yours_alone")),
    ]
    return form(
        words,
        words.text("exports.title"),
        blocks,
        callback_id=ExportId.FORM,
        here=f"export_form:{holder.id}",
        submit=words.text("exports.submit"),
    )


def asked_page(words: Words, holder_id: str, files: int) -> Block:
    """It was asked for: where it will come."""
    told = section(words.count("exports.asked", files))
    return page(
        words, words.text("exports.title"), [told], here=f"export:{holder_id}", back=f"export:{holder_id}"
    )


def progress_text(words: Words, export: Export) -> str:
    """How far an export has come, in one line."""
    key = "exports.progress" if export.made_at is None else "exports.made"
    return words.count(key, export.number)


def progress(words: Words, export: Export) -> list[Block]:
    """The same as a message."""
    return [section(progress_text(words, export))]


def _brand(words: Words, brand: Brand, *, weekly: bool) -> list[Block]:
    state = words.text("exports.weekly_on" if weekly else "exports.weekly_off")
    change = words.text("exports.stop_weekly" if weekly else "exports.start_weekly")
    name = escape(one_line(brand.name, _NAME))
    return [
        section(f"*{name}* · {state}"),
        actions(
            button(words.text("exports.report_now"), ExportId.REPORT, brand.id),
            button(change, ExportId.STOP_WEEKLY if weekly else ExportId.START_WEEKLY, brand.id),
        ),
    ]


def _date(action_id: str, day: date) -> Block:
    return {"type": "datepicker", "action_id": action_id, "initial_date": day.isoformat()}
