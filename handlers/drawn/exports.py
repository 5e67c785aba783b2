"""Exports and weekly reports as files: read page by page, written and drawn in the child process."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from bot.charts import report
from bot.charts.render import Charts
from bot.enforcement import exports, reports
from bot.enforcement.exports import MOST_ROWS, Plan
from bot.files import Made
from bot.messenger import Drawn, Viewer
from bot.sheets import Cell, Table, csv_of, xlsx_of
from bot.words.catalogue import Words, words_for
from bot.words.text import escape
from bot.words.text import plain as one_line
from handlers.blocks.exports import progress, progress_text
from storage.engine import Store
from storage.queries import exports as kept
from storage.records.exports import BrandWeek, ExportFormat, ExportSubject, WeekFigures

PAGE = 1000
_TOLD_EVERY = 10  # pages
_GROUPS = {
    "notices": ("notices", "notices_decided", "notices_in_time", "listings_removed"),
    "requests": ("requests", "fakes", "genuine"),
    "takedowns": ("takedowns", "removed"),
    "counter_notices": ("counter_notices", "upheld"),
}


def draw_export(session: Session, export_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """How far an export has come, for who asked for it."""
    export = exports.own(session, export_id, viewer.place) if viewer.purpose is None else None
    if export is None:
        return None
    return Drawn(progress_text(viewer.words, export), progress(viewer.words, export))


async def make_export(
    store: Store, export_id: str, viewer: Viewer, now: datetime, *, charts: Charts
) -> Made | None:
    """The file of an export for who asked for it, while they may have it."""
    plan = await store.read(exports.plan, export_id, viewer.place)
    if plan is None:
        return None
    words = viewer.words
    tables: list[Table] = []
    number, cut = 0, False
    for subject in plan.subjects:
        rows = await _rows(store, plan, subject, words, number, now)
        cut = cut or len(rows) >= MOST_ROWS
        number += len(rows)
        columns = [words.text(f"exports.column.{column}") for column in kept.COLUMNS[subject]]
        tables.append(Table(words.text(f"exports.subject.{subject.value}"), columns, rows))
    as_book = plan.export.format is ExportFormat.XLSX
    content = await (charts.run(xlsx_of, tables) if as_book else charts.run(csv_of, tables[0]))
    await store.run(exports.made, export_id, number, now=now)
    days = f"{words.day(plan.export.first)} – {words.day(plan.export.last)}"
    told = {"holder": one_line(plan.holder, 75), "days": days, "zone": str(words.zone)}
    comment = words.count("exports.here", number, **{name: escape(each) for name, each in told.items()})
    if cut:
        comment = f"{comment}\n{words.text('exports.cut', most=words.number(MOST_ROWS))}"
    what = "cases" if len(plan.subjects) > 1 else plan.subjects[0].value
    stem = f"{what}-{plan.export.first}-{plan.export.last}".replace("_", "-")
    return Made(
        f"{stem}.{plan.export.format.value}", words.text("exports.file_title", **told), comment, content
    )


async def make_report(
    store: Store, report_id: str, viewer: Viewer, now: datetime, *, charts: Charts
) -> Made | None:
    """A brand's week as a picture of one page, for who gets it."""
    week = await store.read(reports.week_of, report_id, viewer.place)
    if week is None:
        return None
    words = viewer.words
    page = _page(words, week, now)
    # Where the machine has no font for the reader's script, the page is drawn in English.
    plain = _page(words_for(None, str(words.zone)), week, now)
    content = await charts.png(report.svg(page), report.svg(plain))
    await store.run(reports.made, report_id, now=now)
    told = {"brand": one_line(week.brand, 75), "days": _days(words, week.week)}
    comment = words.text("exports.report_here", **{name: escape(each) for name, each in told.items()})
    title = words.text("exports.report_title", **told)
    return Made(f"report-{week.week}.png", title, comment, content, alt=_spoken(page))


async def _rows(
    store: Store, plan: Plan, subject: ExportSubject, words: Words, before: int, now: datetime
) -> Sequence[Sequence[Cell]]:
    holder_id, since, until = plan.export.holder_id, plan.since, plan.until
    if subject is ExportSubject.SELLERS:
        found = await store.read(kept.sellers, holder_id, since, until)
        return [[_cell(each, words) for each in row] for row in found]
    rows: list[list[Cell]] = []
    after: tuple[datetime, str] | None = None
    while len(rows) < MOST_ROWS:
        found = await store.read(kept.page, subject, holder_id, since, until, after, PAGE)
        rows += [[_cell(each, words) for each in row[2:]] for row in found]
        if len(found) < PAGE:
            break
        after = (found[-1][0], found[-1][1])
        if len(rows) % (PAGE * _TOLD_EVERY) == 0:
            await store.run(exports.come_so_far, plan.export.id, before + len(rows), now=now)
    return rows


def _cell(value: Any, words: Words) -> Cell:
    """A value as a cell: moments in the reader's zone, words of ours as they are, a yes as a number."""
    if isinstance(value, datetime):
        return _local(value, words.zone)
    if isinstance(value, StrEnum):
        return value.value
    if value is None or isinstance(value, str | int):
        return int(value) if isinstance(value, bool) else value
    return str(value)


def _local(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _days(words: Words, week: date) -> str:
    return f"{words.day(week)} – {words.day(week + timedelta(days=6))}"


def _page(words: Words, week: BrandWeek, now: datetime) -> report.Page:
    groups = [
        report.Group(
            words.text(f"exports.report_group.{name}"), [_line(words, each, week) for each in figures]
        )
        for name, figures in _GROUPS.items()
    ]
    days = [
        report.Day(words.short_day(week.week + timedelta(days=number)), each, words.number(each))
        for number, each in enumerate(week.days)
    ]
    made = words.text("exports.report_made", moment=words.moment(now), zone=str(words.zone))
    return report.Page(
        title=one_line(week.brand, 40),
        subtitle=words.text(
            "exports.report_subtitle", holder=one_line(week.holder, 40), days=_days(words, week.week)
        ),
        columns=(
            words.text("exports.report_now_column"),
            words.text("exports.report_before_column"),
            words.text("exports.report_change_column"),
        ),
        groups=groups,
        days_title=words.text("exports.report_days"),
        days=days,
        footer=(words.text("exports.report_own"), made),
    )


def _line(words: Words, name: str, week: BrandWeek) -> report.Line:
    now, before = _of(week.now, name), _of(week.before, name)
    change = now - before
    sign = "+" if change > 0 else "\u2212" if change < 0 else "\u00b1"
    return report.Line(
        words.text(f"exports.figure.{name}"),
        words.number(now),
        words.number(before),
        f"{sign}{words.number(abs(change))}",
    )


def _of(figures: WeekFigures, name: str) -> int:
    return int(getattr(figures, name))


def _spoken(page: report.Page) -> str:
    """The page for a screen reader."""
    lines = [f"{line.label}: {line.now} ({line.change})" for group in page.groups for line in group.lines]
    return "; ".join([f"{page.title}, {page.subtitle}", *lines])
