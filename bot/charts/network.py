"""A network of sellers as a picture: sellers on a ring, between them what they share, a line for each one.

Only shared traits are drawn: what one seller has alone links nobody. Names are strangers' text and escaped.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 900, 700
_CENTRE = (WIDTH / 2, HEIGHT / 2 + 10)
_OUTER, _INNER = 265, 135
_LONGEST = 22
_COLOURS: Mapping[str, str] = {
    "picture": "#7a5195",
    "contact": "#ef5675",
    "address": "#ffa600",
    "shipment": "#003f5c",
}
_OPENING = (
    f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
    f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">'
)


@dataclass(frozen=True)
class Node:
    """A seller."""

    id: str
    name: str
    chosen: bool = False  # the one who was looked at


@dataclass(frozen=True)
class Shared:
    """A trait: its kind decides the colour, `label` says it in words, `sellers` have it."""

    kind: str
    label: str
    sellers: frozenset[str]


def svg(title: str, nodes: Sequence[Node], shared: Sequence[Shared], legend: Mapping[str, str]) -> str:
    """The drawing; `legend` names each kind that occurs."""
    at = {node.id: _on_ring(_OUTER, number, len(nodes)) for number, node in enumerate(nodes)}
    hubs = [_between([at[seller] for seller in each.sellers if seller in at]) for each in shared]
    hubs = [_pushed(hub, number, len(hubs)) for number, hub in enumerate(hubs)]
    parts = [
        _OPENING,
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="24" y="36" font-size="22" font-weight="bold" fill="#1d1c1d">{escape(title)}</text>',
    ]
    for each, (x, y) in zip(shared, hubs, strict=True):
        colour = _COLOURS.get(each.kind, "#666666")
        for seller in sorted(each.sellers & at.keys()):
            to_x, to_y = at[seller]
            parts.append(
                f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="{colour}" '
                'stroke-width="2" stroke-opacity="0.55"/>'
            )
    for each, (x, y) in zip(shared, hubs, strict=True):
        colour = _COLOURS.get(each.kind, "#666666")
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" fill="{colour}"/>')
        if len(shared) <= 12:
            parts.append(_label(x, y - 14, each.label, 12, "#454245"))
    for node in nodes:
        x, y = at[node.id]
        fill = "#1264a3" if node.chosen else "#454245"
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{15 if node.chosen else 11}" fill="{fill}"/>')
        parts.append(_label(x, y + (32 if y >= _CENTRE[1] else -22), node.name, 15, "#1d1c1d"))
    for number, kind in enumerate(legend):
        y = HEIGHT - 24 - 24 * (len(legend) - 1 - number)
        parts.append(f'<circle cx="32" cy="{y - 5}" r="7" fill="{_COLOURS.get(kind, "#666666")}"/>')
        parts.append(f'<text x="48" y="{y}" font-size="14" fill="#454245">{escape(legend[kind])}</text>')
    return "".join([*parts, "</svg>"])


def _on_ring(radius: float, number: int, of: int) -> tuple[float, float]:
    angle = 2 * math.pi * number / max(of, 1) - math.pi / 2
    return _CENTRE[0] + radius * 1.2 * math.cos(angle), _CENTRE[1] + radius * math.sin(angle)


def _between(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    if not points:
        return _CENTRE
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def _pushed(point: tuple[float, float], number: int, of: int) -> tuple[float, float]:
    """A little apart from the others, so that two traits of the same sellers do not lie on each other."""
    x, y = _on_ring(_INNER, number, of)
    return point[0] * 0.7 + x * 0.3, point[1] * 0.7 + y * 0.3


def _label(x: float, y: float, text: str, size: int, colour: str) -> str:
    shown = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="middle" '
        f'stroke="#ffffff" stroke-width="4" paint-order="stroke">{escape(shown)}</text>'
    )
