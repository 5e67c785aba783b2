"""The picture of attainment: a channel's own figures as a chart, and the same in words."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import reduce

from sqlmodel import Session

from bot.charts.attainment import Chart, Point, svg
from bot.enforcement.service_levels import chart_brands, daily
from bot.messenger import Viewer
from bot.pictures import Pictured
from bot.words.catalogue import Words
from bot.words.text import escape
from bot.words.text import plain as one_line
from handlers.blocks.service_levels import share, window_text
from storage.records.calendars import Window
from storage.records.channels import ChannelPurpose
from storage.records.service_figures import Tally

_NAMED_DAYS = 10  # of those below the target, in the words for a screen reader


def paint_attainment(
    session: Session, subject_id: str, viewer: Viewer, now: datetime, *, zone: str, target: int
) -> Pictured | None:
    """The chart of a window, `first:last`, for a brand's, an association's or the platform team's channel."""
    if viewer.purpose is None or viewer.purpose is ChannelPurpose.GROUP:
        return None
    first, _, last = subject_id.partition(":")
    window = Window(date.fromisoformat(first), date.fromisoformat(last))
    name, brand_ids = chart_brands(session, viewer.purpose, viewer.scope_id)
    days = daily(session, brand_ids, window, now, zone)
    return _pictured(viewer.words, one_line(name, 22), days, target) if days else None


def _pictured(words: Words, name: str, days: Sequence[tuple[date, Tally]], target: int) -> Pictured:
    whose = name or words.text("service.all_brands")
    tally = reduce(Tally.plus, (each for _, each in days))
    percent = words.percent(Decimal(target) / 100)
    told = {
        "whose": whose,
        "window": window_text(words, Window(days[0][0], days[-1][0])),
        "target": percent,
        "percent": share(words, tally) if tally.due else "",
        "in_time": words.number(tally.in_time),
        "due": words.number(tally.due),
    }
    any_due = bool(tally.due)
    title = words.text("service.chart_title", **told)
    chart = Chart(
        title=title,
        subtitle=words.text("service.chart_subtitle" if any_due else "service.chart_nothing", **told),
        points=[Point(words.short_day(day), each.share) for day, each in days],
        target=target / 100,
        target_label=words.text("service.chart_target", **told),
        reached_label=words.text("service.chart_reached"),
        missed_label=words.text("service.chart_missed"),
    )
    comment = "service.chart_comment" if any_due else "service.chart_comment_nothing"
    said = words.text(comment, **{**told, "whose": escape(whose)})
    alt = "service.chart_alt" if any_due else "service.chart_alt_nothing"
    heard = words.text(alt, **told, days=_below(words, days, target))
    return Pictured(title, said, heard, svg(chart))


def _below(words: Words, days: Sequence[tuple[date, Tally]], target: int) -> str:
    """The days below the target in words, for whoever does not see the picture."""
    below = [
        words.text("service.chart_alt_day", day=words.short_day(day), percent=share(words, each))
        for day, each in days
        if each.due and not each.reaches(target)
    ]
    return words.listing(below[:_NAMED_DAYS]) if below else words.text("service.chart_alt_none_below")
