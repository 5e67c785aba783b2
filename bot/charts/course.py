"""The chart of a digest: how a few counts went, one below the other, a bar for each day or week.

What is too few to show is a gap with words in it, never a bar of no height. Own ground and dark ink, numbers
on the bars instead of an axis, letters large enough for a phone, where it is shown at half its size.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.sax.saxutils import escape

WIDTH = 720
_LEFT, _RIGHT, _TOP, _BOTTOM = 28, 28, 100, 52
_PANEL, _HEAD = 158, 58  # the height of one count, and of its name with the room for numbers above the bars
_GROUND, _EDGE, _LINE, _INK, _SOFT = "#ffffff", "#c9ced6", "#8a93a0", "#1c2430", "#4d5868"
_PAPER = f'fill="{_GROUND}" stroke="{_EDGE}"'
_BAR, _NEWEST = "#7ba7d7", "#1d5fa8"


@dataclass(frozen=True)
class Row:
    """One count: its name, and its number for each bar, None where too few to show."""

    name: str
    numbers: Sequence[int | None]


@dataclass(frozen=True)
class Chart:
    """What is drawn, with its words: a label below each bar, and what a gap says."""

    title: str
    subtitle: str
    labels: Sequence[str]
    rows: Sequence[Row]
    too_few: str


def svg(chart: Chart) -> str:
    """The drawing, 720 wide and as high as its rows need."""
    height = _TOP + _PANEL * len(chart.rows) + _BOTTOM
    parts = [
        f'<rect x="1" y="1" width="{WIDTH - 2}" height="{height - 2}" rx="14" {_PAPER}/>',
        _text(32, 46, chart.title, 27, weight=700),
        _text(32, 78, chart.subtitle, 21, fill=_SOFT),
    ]
    for number, row in enumerate(chart.rows):
        parts += _panel(chart, row, _TOP + _PANEL * number)
    for number, label in enumerate(chart.labels):
        parts.append(_text(_middle(chart, number), height - 22, label, 20, fill=_SOFT, anchor="middle"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">{"".join(parts)}</svg>'
    )


def _panel(chart: Chart, row: Row, top: float) -> Iterator[str]:
    base = top + _PANEL - 12
    room = _PANEL - _HEAD - 12
    most = max([1, *(number for number in row.numbers if number is not None)])
    yield _text(32, top + 24, row.name, 22, weight=700)
    yield f'<path d="M{_LEFT} {base}H{WIDTH - _RIGHT}" stroke="{_LINE}" stroke-width="1.5"/>'
    places = enumerate(row.numbers)
    for hidden, run in groupby(places, key=lambda place: place[1] is None):
        numbers = list(run)
        if hidden:
            yield from _gap(chart, numbers[0][0], len(numbers), base)
            continue
        for number, cases in numbers:
            yield from _bar(chart, number, cases or 0, base, round(room * (cases or 0) / most, 1))


def _bar(chart: Chart, number: int, cases: int, base: float, high: float) -> Iterator[str]:
    wide = round(_step(chart) * 0.62, 1)
    middle = _middle(chart, number)
    high = max(high, 2)
    fill = _NEWEST if number == len(chart.labels) - 1 else _BAR
    yield (
        f'<rect x="{round(middle - wide / 2, 1)}" y="{round(base - high, 1)}" width="{wide}" '
        f'height="{high}" fill="{fill}"/>'
    )
    yield _text(middle, base - high - 8, str(cases), 20, anchor="middle")


def _gap(chart: Chart, first: int, length: int, base: float) -> Iterator[str]:
    step = _step(chart)
    left, wide = _LEFT + step * first + 4, step * length - 8
    yield (
        f'<rect x="{round(left, 1)}" y="{base - 40}" width="{round(wide, 1)}" height="34" rx="6" fill="none" '
        f'stroke="{_LINE}" stroke-width="1.5" stroke-dasharray="5 5"/>'
    )
    yield _text(left + wide / 2, base - 16, chart.too_few, 19, fill=_SOFT, anchor="middle")


def _step(chart: Chart) -> float:
    return (WIDTH - _LEFT - _RIGHT) / max(1, len(chart.labels))


def _middle(chart: Chart, number: int) -> float:
    return round(_LEFT + _step(chart) * (number + 0.5), 1)


def _text(
    x: float, y: float, words: str, size: int, *, fill: str = _INK, anchor: str = "start", weight: int = 400
) -> str:
    said = escape("".join(character for character in words if character.isprintable()))
    return (
        f'<text x="{round(x, 1)}" y="{round(y, 1)}" font-size="{size}" font-weight="{weight}" '
        f'fill="{fill}" text-anchor="{anchor}">{said}</text>'
    )
