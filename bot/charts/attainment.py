"""The chart of attainment: a mark for each day that had something due, and the target as a line across.

Own ground and dark ink, so that it reads the same in a light and in a dark scheme; letters large enough for a
phone, where it is shown at half its size; days below the target differ in shape, not in colour alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 28, 112, 92  # the margins around the field of marks
_FLOORS = (90, 80, 50, 0)  # percents at which the field may begin
_LABELS = 6  # at most so many days are named below the field
_ROOM = 56  # that half a name needs
_GROUND, _EDGE, _GRID, _INK, _SOFT = "#ffffff", "#c9ced6", "#e3e6eb", "#1c2430", "#4d5868"
_REACHED, _MISSED, _TARGET = "#1d5fa8", "#b3460b", "#1c2430"


@dataclass(frozen=True)
class Point:
    """One day: its label, and the share of one that was in time; None where nothing fell due."""

    label: str
    share: float | None


@dataclass(frozen=True)
class Chart:
    """What is drawn, with its words; the target is a share of one."""

    title: str
    subtitle: str
    points: Sequence[Point]
    target: float
    target_label: str
    reached_label: str
    missed_label: str


def svg(chart: Chart) -> str:
    """The drawing, 720 by 440."""
    floor = _floor(chart)
    ground = (
        f'<rect x="1" y="1" width="{WIDTH - 2}" height="{HEIGHT - 2}" rx="14" '
        f'fill="{_GROUND}" stroke="{_EDGE}"/>'
    )
    parts = [
        ground,
        _text(32, 48, chart.title, 28, weight=700),
        _text(32, 82, chart.subtitle, 21, fill=_SOFT),
        *_grid(floor),
        *_target(chart, floor),
        *_line(chart, floor),
        *_marks(chart, floor),
        *_days(chart),
        *_legend(chart),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">{"".join(parts)}</svg>'
    )


def _floor(chart: Chart) -> int:
    """Where the field begins: high enough to tell days apart, low enough to show each."""
    lowest = min([chart.target, *(each.share for each in chart.points if each.share is not None)])
    return next(floor for floor in _FLOORS if 100 * lowest >= floor)


def _x(number: int, chart: Chart) -> float:
    field = WIDTH - _LEFT - _RIGHT
    return round(_LEFT + field * (number + 0.5) / len(chart.points), 1)


def _y(share: float, floor: int) -> float:
    field = HEIGHT - _TOP - _BOTTOM
    return round(_TOP + field * (100 - 100 * share) / (100 - floor), 1)


def _grid(floor: int) -> Iterator[str]:
    for quarter in range(
        0, 101, 50 if floor == 90 else 25
    ):  # at 90 %, quarters of the field are no whole percents
        percent = floor + (100 - floor) * quarter / 100
        y = _y(percent / 100, floor)
        yield f'<path d="M{_LEFT} {y}H{WIDTH - _RIGHT}" stroke="{_GRID}" stroke-width="1.5"/>'
        yield _text(_LEFT - 12, y + 7, f"{percent:.0f}%", 20, fill=_SOFT, anchor="end")


def _target(chart: Chart, floor: int) -> Iterator[str]:
    yield _dashes(_LEFT, _y(chart.target, floor), WIDTH - _LEFT - _RIGHT)


def _dashes(x: float, y: float, length: float) -> str:
    return f'<path d="M{x} {y}h{length}" stroke="{_TARGET}" stroke-width="2.5" stroke-dasharray="9 7"/>'


def _shown(chart: Chart, floor: int) -> list[tuple[float, float, bool]]:
    """(x, y, reached) of every day that had something due."""
    return [
        (_x(number, chart), _y(each.share, floor), each.share >= chart.target)
        for number, each in enumerate(chart.points)
        if each.share is not None
    ]


def _line(chart: Chart, floor: int) -> Iterator[str]:
    for (x, y, _), (next_x, next_y, _) in pairwise(_shown(chart, floor)):
        yield f'<path d="M{x} {y}L{next_x} {next_y}" stroke="{_REACHED}" stroke-width="3" opacity="0.45"/>'


def _marks(chart: Chart, floor: int) -> Iterator[str]:
    for x, y, reached in _shown(chart, floor):
        yield _mark(x, y, reached=reached)


def _mark(x: float, y: float, *, reached: bool) -> str:
    if reached:
        return f'<circle cx="{x}" cy="{y}" r="7" fill="{_REACHED}"/>'
    return f'<path d="M{x} {y - 10}l10 10l-10 10l-10 -10z" fill="{_MISSED}"/>'


def _days(chart: Chart) -> Iterator[str]:
    """Every so many days one is named, so that the names stand apart; the last keeps inside the picture."""
    step = max(1, ceil(len(chart.points) / _LABELS))
    for number in range(0, len(chart.points), step):
        x = _x(number, chart)
        anchor, place = ("end", WIDTH - 14) if x > WIDTH - _ROOM else ("middle", x)
        yield _text(place, HEIGHT - _BOTTOM + 32, chart.points[number].label, 20, fill=_SOFT, anchor=anchor)


def _legend(chart: Chart) -> Iterator[str]:
    y, x = HEIGHT - 22, 40
    yield _mark(x, y - 7, reached=True)
    yield _text(x + 16, y, chart.reached_label, 20)
    yield _mark(x + 214, y - 7, reached=False)
    yield _text(x + 230, y, chart.missed_label, 20)
    yield _dashes(x + 424, y - 7, 41)
    yield _text(x + 472, y, chart.target_label, 20)


def _text(
    x: float, y: float, words: str, size: int, *, fill: str = _INK, anchor: str = "start", weight: int = 400
) -> str:
    said = escape("".join(character for character in words if character.isprintable()))
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{fill}" '
        f'text-anchor="{anchor}">{said}</text>'
    )
