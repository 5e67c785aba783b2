"""The picture of a digest: how it went by day or week as a chart, and the same in words.

It holds what the digest holds and nothing else: of a group, what is too few to show is a gap.
"""

from datetime import datetime

from sqlmodel import Session

from bot.charts.course import Chart, Row, svg
from bot.charts.render import is_far
from bot.enforcement.outgoing import Drawing
from bot.messenger import Viewer
from bot.pictures import Pictured
from bot.words.catalogue import Words, words_for
from bot.words.text import escape
from bot.words.text import plain as one_line
from handlers.blocks.digests import place_name
from handlers.drawn.digests import Read, read_digest
from storage.records.calendars import Span
from storage.records.channels import ChannelPurpose
from storage.records.digest_figures import Bar

_NAME = 32  # characters that stand beside the rest of the title


def paint_digest(session: Session, digest_id: str, viewer: Viewer, _now: datetime) -> Pictured | None:
    """The chart in a digest's thread; None where the digest has none, or is another channel's."""
    read = read_digest(session, digest_id, viewer)
    if read is None or not read.sheet.figures.course:
        return None
    words = read.words
    name = place_name(words, read.sheet.place)
    title = words.text("digest_charts.title", name=one_line(name, _NAME))
    heard = " ".join(_heard(words, row, read.sheet.figures.course) for row in _rows(words, read))
    return Pictured(
        title=title,
        comment=words.text("digest_charts.comment", name=escape(one_line(name, 80))),
        alt=words.text("digest_charts.alt", title=title, told=heard),
        svg=svg(_chart(words, read, name)),
        plain=_plain(read),
        thread_of=(Drawing.DIGEST, digest_id),
    )


def _chart(words: Words, read: Read, name: str) -> Chart:
    grouped = read.sheet.place.purpose is ChannelPurpose.GROUP
    return Chart(
        title=words.text("digest_charts.title", name=one_line(name, _NAME)),
        subtitle=words.text("digest_charts.rounded" if grouped else _over(read)),
        labels=[_label(words, bar) for bar in read.sheet.figures.course],
        rows=_rows(words, read),
        too_few=words.text("digest_charts.too_few"),
    )


def _plain(read: Read) -> str:
    """In English, for a machine without a font for the channel's language or for its name."""
    words = words_for(None, read.sheet.figures.zone)
    name = place_name(words, read.sheet.place)
    latin = "".join(letter for letter in name if not is_far(letter)).strip()
    return svg(_chart(words, read, latin or words.text("digest_charts.nameless")))


def _over(read: Read) -> str:
    return "digest_charts.weeks" if read.sheet.figures.span is Span.MONTH else "digest_charts.days"


def _rows(words: Words, read: Read) -> list[Row]:
    course = read.sheet.figures.course
    return [
        Row(words.text("digest_charts.notices"), [bar.notices for bar in course]),
        Row(words.text("digest_charts.requests"), [bar.requests for bar in course]),
        Row(words.text("digest_charts.removed"), [bar.removed for bar in course]),
    ]


def _label(words: Words, bar: Bar) -> str:
    if bar.first == bar.last:
        return words.short_day(bar.last)
    return words.text("digest_charts.week", first=words.short_day(bar.first), last=words.short_day(bar.last))


def _heard(words: Words, row: Row, course: tuple[Bar, ...]) -> str:
    """A row for whoever does not see the picture."""
    told = [
        words.text(
            "digest_charts.heard",
            day=_label(words, bar),
            told=words.text("digest_charts.too_few") if number is None else words.number(number),
        )
        for bar, number in zip(course, row.numbers, strict=True)
    ]
    return words.text("digest_charts.row", name=row.name, told=", ".join(told))
