"""The pages of figures as a file: whose, of which stretches, as what."""

from collections.abc import Sequence

from bot.words.catalogue import Words
from bot.words.text import escape
from bot.words.text import plain as one_line
from handlers.blocks.office import cut, form, listed, page, pager, row
from handlers.blocks.parts import Block, context, field, option, section
from handlers.ids import ExportId
from storage.records.calendars import Span
from storage.records.channels import ChannelPurpose
from storage.records.digests import Place
from storage.records.exports import ExportFormat

COLUMNS = ("stretch", "first", "last", "figure", "value", "days")
SPANS, FORMAT = "spans", "format"
_NAME = 75


def address_of(purpose: ChannelPurpose, scope_id: str) -> str:
    """Where the form of a group or an association is."""
    return f"aggregate_form:{purpose}-{scope_id}"


def places_page(words: Words, places: Sequence[Place], number: int, back: str) -> Block:
    """Whose figures one may have."""
    rows = [
        row(
            escape(one_line(each.name, _NAME)),
            words.text("exports.choose"),
            address_of(each.purpose, each.scope_id),
        )
        for each in cut(places, number)
    ]
    blocks = [section(words.text("exports.figures_about"))]
    blocks += listed(rows, words.text("exports.no_figures"))
    blocks += pager(words, "aggregates:", number, len(places))
    return page(words, words.text("exports.figures"), blocks, here="aggregates", back=back)


def aggregates_form(words: Words, place: Place) -> Block:
    """Of which stretches, and as what."""
    spans = [option(words.text(f"exports.spans.{span}"), span) for span in Span]
    formats = [option(words.text(f"exports.format_one.{each}"), each) for each in ExportFormat]
    key = f"exports.figures_form.{place.purpose}"
    blocks = [
        section(words.text(key, name=escape(one_line(place.name, _NAME)))),
        field(
            SPANS,
            words.text("exports.subjects"),
            {"type": "checkboxes", "action_id": SPANS, "options": spans, "initial_options": spans[1:]},
        ),
        field(
            FORMAT,
            words.text("exports.format"),
            {"type": "radio_buttons", "action_id": FORMAT, "options": formats, "initial_option": formats[-1]},
        ),
        context(words.text("exports.figures_shared")),
    ]
    return form(
        words,
        words.text("exports.figures"),
        blocks,
        callback_id=ExportId.FIGURES_FORM,
        here=address_of(place.purpose, place.scope_id),
        back="aggregates",
        submit=words.text("exports.submit"),
    )


def asked_page(words: Words, here: str) -> Block:
    """It was asked for: where it will come."""
    told = section(words.count("exports.asked", 1))
    return page(words, words.text("exports.figures"), [told], here=here, back="aggregates")
