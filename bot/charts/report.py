"""A brand's week on one page: its figures beside those of the week before, and its removals day by day.

Meant for people who never see Slack: it stands alone, prints on one sheet, and says whose figures it holds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH = 900
_MARGIN, _ROW, _BARS = 60, 44, 190
_NOW, _BEFORE, _CHANGE = 560, 690, 840  # where the columns of numbers end
_GROUND, _GRID, _INK, _SOFT, _BAR = "#ffffff", "#d5dae1", "#1c2430", "#4d5868", "#1d5fa8"


@dataclass(frozen=True)
class Line:
    """One figure, with its words."""

    label: str
    now: str
    before: str
    change: str


@dataclass(frozen=True)
class Group:
    """Figures under a heading."""

    title: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Day:
    """One day of the week: its name, how many, and that number as it is written."""

    label: str
    number: int
    shown: str


@dataclass(frozen=True)
class Page:
    """All that is on the page."""

    title: str
    subtitle: str
    columns: tuple[str, str, str]
    groups: Sequence[Group]
    days_title: str
    days: Sequence[Day]
    footer: Sequence[str]


def svg(page: Page) -> str:
    """The drawing, 900 wide and as high as it needs."""
    parts, y = list(_head(page)), 170
    for group in page.groups:
        parts += _group(group, y)
        y += _ROW * (len(group.lines) + 1) + 24
    parts += _days(page, y)
    y += _BARS + 150
    for line in page.footer:
        parts.append(_text(_MARGIN, y, line, 17, fill=_SOFT))
        y += 26
    height = y + 24
    ground = f'<rect width="{WIDTH}" height="{height}" fill="{_GROUND}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">{ground}{"".join(parts)}</svg>'
    )


def _head(page: Page) -> Iterator[str]:
    yield _text(_MARGIN, 74, page.title, 34, weight=700)
    yield _text(_MARGIN, 112, page.subtitle, 21, fill=_SOFT)
    for x, label in zip((_NOW, _BEFORE, _CHANGE), page.columns, strict=True):
        yield _text(x, 150, label, 17, fill=_SOFT, anchor="end")


def _group(group: Group, y: int) -> Iterator[str]:
    yield _text(_MARGIN, y + 26, group.title, 20, weight=700)
    for number, line in enumerate(group.lines, start=1):
        base = y + number * _ROW + 26
        yield f'<path d="M{_MARGIN} {base - 30}H{WIDTH - _MARGIN}" stroke="{_GRID}" stroke-width="1.5"/>'
        yield _text(_MARGIN, base, line.label, 20)
        yield _text(_NOW, base, line.now, 22, weight=700, anchor="end")
        yield _text(_BEFORE, base, line.before, 20, fill=_SOFT, anchor="end")
        yield _text(_CHANGE, base, line.change, 20, anchor="end")


def _days(page: Page, y: int) -> Iterator[str]:
    yield _text(_MARGIN, y + 26, page.days_title, 20, weight=700)
    most = max([day.number for day in page.days] or [0]) or 1
    step = (WIDTH - 2 * _MARGIN) / max(len(page.days), 1)
    ground = y + 60 + _BARS
    yield f'<path d="M{_MARGIN} {ground}H{WIDTH - _MARGIN}" stroke="{_GRID}" stroke-width="2"/>'
    for number, day in enumerate(page.days):
        x, height = _MARGIN + step * (number + 0.5), round((_BARS - 30) * day.number / most, 1)
        if height:
            yield (
                f'<rect x="{x - step / 4:.1f}" y="{ground - height}" width="{step / 2:.1f}" '
                f'height="{height}" rx="4" fill="{_BAR}"/>'
            )
        yield _text(x, ground - height - 10, day.shown, 19, weight=700, anchor="middle")
        yield _text(x, ground + 28, day.label, 18, fill=_SOFT, anchor="middle")


def _text(
    x: float, y: float, text: str, size: int, *, fill: str = _INK, weight: int = 400, anchor: str = "start"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{fill}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )
