"""The figures of a group or an association as a file: read bit by bit, written in the child process."""

from collections.abc import Iterator
from datetime import datetime

from bot.charts.render import Charts
from bot.enforcement import aggregates
from bot.enforcement.business_clock import Calendar
from bot.enforcement.digest_ledger import Ledger
from bot.files import Made
from bot.messenger import Viewer
from bot.sheets import Cell, Table, csv_of, xlsx_of
from bot.words.catalogue import Words
from bot.words.text import escape
from bot.words.text import plain as one_line
from handlers.blocks.aggregates import COLUMNS
from storage.engine import Store
from storage.records.calendars import Span
from storage.records.channels import ChannelPurpose
from storage.records.digest_figures import Attained, Count, DigestFigures, Responded, Split
from storage.records.exports import ExportFormat

_ANSWERS = ("fake", "genuine", "other")


async def make_aggregates(
    store: Store, export_id: str, viewer: Viewer, now: datetime, *, charts: Charts, calendar: Calendar
) -> Made | None:
    """The file for who asked for it, while they may have it."""
    plan = await store.read(aggregates.plan, export_id, viewer.place)
    if plan is None:
        return None
    words, ledger = viewer.words, Ledger(calendar, now)
    rows: list[list[Cell]] = []
    for span in plan.spans:
        for days in aggregates.stretches(plan.scope.purpose, span, now, calendar.zone):
            figures = await store.read(aggregates.figures, plan.scope, span, days, ledger)
            rows += rows_of(words, span, figures, too_few=plan.scope.purpose is ChannelPurpose.GROUP)
    table = Table(
        words.text("exports.figures"), [words.text(f"exports.column.{name}") for name in COLUMNS], rows
    )
    as_book = plan.export.format is ExportFormat.XLSX
    content = await (charts.run(xlsx_of, [table]) if as_book else charts.run(csv_of, table))
    await store.run(aggregates.made, export_id, now=now)
    name = plan.place.name
    key = f"exports.figures_here.{plan.scope.purpose}"
    return Made(
        f"figures-{ledger.now.date()}.{plan.export.format.value}",
        words.text("exports.figures_of", name=one_line(name, 75)),
        words.text(key, name=escape(one_line(name, 75)), zone=calendar.zone),
        content,
    )


def rows_of(words: Words, span: Span, figures: DigestFigures, *, too_few: bool) -> Iterator[list[Cell]]:
    """A row for each figure of a stretch; one that may not be told says so."""
    stretch: list[Cell] = [
        words.text(f"exports.stretch.{span}"),
        figures.first.isoformat(),
        figures.last.isoformat(),
    ]
    hidden = words.text("digests.too_few") if too_few else None
    length = (figures.last - figures.first).days + 1
    for name, of, value in _values(figures):
        days = (of.days or length) if of and value is not None else None
        yield [*stretch, words.text(f"exports.count.{name}"), hidden if value is None else value, days]
    for seller in figures.sellers:
        shown = words.text("digests.seller", name=seller.name, marketplace=seller.marketplace)
        yield [*stretch, words.text("exports.count.seller"), shown, seller.cases]


def _values(
    figures: DigestFigures,
) -> Iterator[tuple[str, Count | Split | Attained | Responded | None, int | None]]:
    for name, count in (("notices", figures.notices), ("requests", figures.requests)):
        yield name, count, count.cases if count else None
    verdicts, takedowns = figures.verdicts, figures.takedowns
    yield "verdicts", verdicts, verdicts.total if verdicts else None
    for answer in _ANSWERS:
        yield answer, verdicts, verdicts.rows.get(answer) if verdicts else None
    yield "started", takedowns, takedowns.rows.get("started") if takedowns else None
    yield "removed", takedowns, takedowns.total if takedowns else None
    yield "in_time", figures.attainment, figures.attainment.percent if figures.attainment else None
    yield "half_within", figures.responses, figures.responses.median if figures.responses else None
