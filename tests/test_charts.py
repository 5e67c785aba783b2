"""Charts: every mark where it belongs, safe with any words, a picture out of a child process that may die."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from xml.etree import ElementTree as ET

import pytest
import pytest_asyncio

from bot.charts.attainment import HEIGHT, WIDTH, Chart, Point, svg
from bot.charts.render import Charts

SPACE = "{http://www.w3.org/2000/svg}"
PNG = b"\x89PNG\r\n\x1a\n"


def chart(*shares: float | None, title: str = "Nordlys: decided in time", target: float = 0.97) -> Chart:
    points = [Point(f"{day} Nov", share) for day, share in enumerate(shares, 1)]
    return Chart(title, "97.4%: 37 of 38", points, target, "Target 97%", "Reached", "Below target")


def drawn(of: Chart) -> ET.Element:
    return ET.fromstring(svg(of))  # noqa: S314  # our own drawing


def circles(picture: ET.Element) -> list[tuple[float, float]]:
    """The marks of days that reached the target; the last is the legend's."""
    return [(float(each.attrib["cx"]), float(each.attrib["cy"])) for each in picture.iter(f"{SPACE}circle")][
        :-1
    ]


def diamonds(picture: ET.Element) -> int:
    """How many days are marked as below the target, without the legend's mark."""
    return sum(each.attrib["d"].endswith("z") for each in picture.iter(f"{SPACE}path")) - 1


def said(picture: ET.Element) -> list[str]:
    return [each.text or "" for each in picture.iter(f"{SPACE}text")]


@pytest.mark.parametrize(
    ("shares", "reached", "missed"),
    [
        ([], 0, 0),
        ([None, None], 0, 0),
        ([1.0], 1, 0),
        ([0.97], 1, 0),
        ([0.9699], 0, 1),
        ([1.0, None, 0.5, 0.98], 2, 1),
        ([0.0] * 31, 0, 31),
    ],
)
def test_each_day_with_something_due_has_one_mark_of_the_right_shape(
    shares: list[float | None], reached: int, missed: int
) -> None:
    picture = drawn(chart(*shares))
    assert (len(circles(picture)), diamonds(picture)) == (reached, missed)


@pytest.mark.parametrize(
    ("lowest", "first"), [(0.99, "90%"), (0.9, "90%"), (0.89, "80%"), (0.5, "50%"), (0.2, "0%")]
)
def test_the_field_begins_low_enough_for_every_day(lowest: float, first: str) -> None:
    assert first in said(drawn(chart(1.0, lowest)))


def test_better_days_stand_higher_and_later_days_further_right() -> None:
    picture = circles(drawn(chart(0.97, 0.98, 1.0)))
    assert [x for x, _ in picture] == sorted(x for x, _ in picture)
    assert [y for _, y in picture] == sorted((y for _, y in picture), reverse=True)


@pytest.mark.parametrize("days", [1, 2, 14, 28, 31])
def test_nothing_is_drawn_outside_and_few_days_are_named(days: int) -> None:
    picture = drawn(chart(*[1.0, 0.91] * days)) if days < 16 else drawn(chart(*[0.91] * days))
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in circles(picture))
    assert sum(bool(re.fullmatch(r"\d+ Nov", text)) for text in said(picture)) <= 6


def test_a_name_of_strange_characters_is_only_words() -> None:
    picture = drawn(chart(1.0, title='</text><script>alert("&\x00\u202e")</script>'))
    assert not list(picture.iter(f"{SPACE}script"))
    assert any(text.startswith("</text><script>") for text in said(picture))


@pytest_asyncio.fixture
async def charts() -> AsyncIterator[Charts]:
    drawing = Charts()
    yield drawing
    drawing.close()


async def test_a_picture_is_twice_the_drawing_and_shows_its_words(charts: Charts) -> None:
    picture, bare = await charts.png(svg(chart(1.0, 0.9))), await charts.png(svg(chart()))
    assert picture.startswith(PNG)
    width, height = (int.from_bytes(picture[start : start + 4]) for start in (16, 20))
    assert (width, height) == (2 * WIDTH, 2 * HEIGHT)
    assert picture != bare


async def test_what_is_no_drawing_is_refused_and_the_next_one_drawn(charts: Charts) -> None:
    with pytest.raises(ValueError, match="unknown token"):
        await charts.png("no drawing")
    assert (await charts.png(svg(chart(1.0)))).startswith(PNG)


async def test_a_child_that_was_killed_is_replaced(charts: Charts) -> None:
    await charts.png(svg(chart(1.0)))
    pool = charts._pool
    assert pool is not None
    for child in list(pool._processes):
        os.kill(child, signal.SIGKILL)
    await asyncio.sleep(0.2)
    assert (await charts.png(svg(chart(1.0)))).startswith(PNG)
