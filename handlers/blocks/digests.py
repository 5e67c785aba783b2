"""The digest as a message, and its details for the thread."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.words.catalogue import Words
from bot.words.text import escape, plain
from handlers.blocks.digest_sections import Told, days, details, heads
from handlers.blocks.parts import Block, button, context, header, section
from handlers.ids import DigestId
from storage.records.channels import ChannelPurpose
from storage.records.digest_figures import Section
from storage.records.digests import DigestSheet, Lateness, Place

_NAME = 80
_MOST_BLOCKS = 48  # of the fifty that a message may have


def place_name(words: Words, place: Place) -> str:
    """Whose digest it is."""
    if place.purpose is ChannelPurpose.PLATFORM:
        return words.text("digests.platform")
    return plain(place.name, _NAME)


def message(
    words: Words, sheet: DigestSheet, sections: Sequence[Section], late: Lateness | None
) -> tuple[str, list[Block]]:
    """A morning's digest: its plain text and its blocks."""
    figures = sheet.figures
    name, stretch = place_name(words, sheet.place), days(words, figures)
    blocks = [header(words.text("digests.headline", name=name, days=stretch))]
    notes = _notes(Words(words.locale, ZoneInfo(figures.zone)), sheet, late)
    if notes:
        blocks.append(context(*notes))
    told = Told(figures, sheet.place.purpose)
    for part, text in heads(words, told, sections):
        label = words.text("digests.open_label", section=words.text(f"digests.section.{part}"))
        blocks.append(
            section(text, accessory=button(words.text("digests.open"), DigestId.OPEN, part, label=label))
        )
    blocks.append(context(*_footnotes(words, told)))
    return words.text("digests.text", name=escape(name), days=stretch), blocks


def detail(words: Words, sheet: DigestSheet, sections: Sequence[Section]) -> tuple[str, list[Block]]:
    """What stands in the thread below it."""
    name, stretch = escape(place_name(words, sheet.place)), days(words, sheet.figures)
    told = Told(sheet.figures, sheet.place.purpose)
    blocks = [section(text) for text in details(words, told, sections)][:_MOST_BLOCKS]
    if not blocks:
        blocks = [section(words.text("digests.no_details"))]
    return words.text("digests.text", name=name, days=stretch), blocks


def _notes(words: Words, sheet: DigestSheet, late: Lateness | None) -> list[str]:
    """That it is late and why, and which were not sent before it."""
    digest = sheet.digest
    notes = []
    if late is not None:
        notes.append(words.text(f"digests.late.{late}", due=words.moment(digest.due_at)))
    if digest.missed_since is not None:
        first, last = digest.missed_since, digest.local_date - timedelta(days=1)
        if first >= last:
            notes.append(words.text("digests.missed_day", day=words.day(first)))
        else:
            notes.append(words.text("digests.missed_days", first=words.day(first), last=words.day(last)))
    return notes


def _footnotes(words: Words, told: Told) -> list[str]:
    if told.aggregate:
        return [words.text("digests.rounded"), words.text("digests.changes.before")]
    return [words.text(f"digests.changes.{told.figures.span}")]
