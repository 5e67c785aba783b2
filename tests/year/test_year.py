"""A simulated year, held against a recount by hand: the small one with every run, the whole one in its lane.

A year is what the use cases make of it on a database at full durability. The oracle then tells from the raw
history alone what every page must show. See docs/operate/year.md.
"""

import asyncio
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from storage.engine import Store, open_store
from tests.year.agenda import Size
from tests.year.doors import doors
from tests.year.history import History
from tests.year.oracle import Oracle
from tests.year.pages import Pages
from tests.year.script import live_through
from tests.year.world import BEGIN, END, Character, World, found

SMALL = Size(holders=8, notices=360, requests=60, sellers=12, nights=60, slot=timedelta(hours=24), sample=10)
# The whole year is that of two alliances side by side, for one process writes to a SQLite database.
HALF = Size(
    holders=350,
    notices=100_000,
    requests=10_000,
    sellers=1_500,
    nights=1,
    slot=timedelta(hours=3),
    sample=100,
)
SEEDS = (7, 8)
LONG = 30  # seconds, after which somebody waits
RAM_DISK = Path("/dev/shm")  # noqa: S108  # nothing secret, and its directory is our own


@pytest.fixture
def ordered_store(database_url: str) -> Iterator[Store]:
    """A store that takes units in the order in which they come, on PostgreSQL too."""
    opened = open_store(database_url, pool_size=1)
    yield opened
    opened.close_sync()


@pytest.fixture
def year_url(sqlite_template: Path, tmp_path: Path) -> Iterator[str]:
    """A database on a RAM disk where the system has one: how fast a disk is says nothing about a year."""
    with TemporaryDirectory(dir=RAM_DISK if RAM_DISK.is_dir() else tmp_path) as directory:
        path = Path(directory) / "goodfaith.db"
        shutil.copyfile(sqlite_template, path)
        yield f"sqlite:///{path}"


class Told:
    """Says how far a year has come, for whoever waits for a long one; a short one is over before."""

    def __init__(self, size: Size) -> None:
        self._name = f"year {size.seed}"
        self._began, self._processor = time.monotonic(), time.process_time()
        self._ten_days_ago = 0.0

    def day_over(self, day: int) -> None:
        """After every tenth day: what it took, and what it will take at the pace of the last ten."""
        took = time.monotonic() - self._began
        if day and day % 10 == 0:
            days = (END - BEGIN).days
            expected = took + (days - day) * (took - self._ten_days_ago) / 10
            self.say(f"day {day} of {days}, expected to live through all in {expected:.0f} s")
            self._ten_days_ago = took

    def say(self, what: str) -> None:
        """To the terminal, past the capture of a test that runs beside others."""
        took, processor = time.monotonic() - self._began, time.process_time() - self._processor
        if took > LONG:
            sys.stderr.write(f"{self._name}: {took:.0f} s, {processor:.0f} s of processor time: {what}\n")


def simulate(store: Store, size: Size) -> tuple[World, Oracle, Pages, Told]:
    """A whole year, and its recount."""
    told = Told(size)
    world = store.run_sync(found, size.holders, size.seed)
    history = asyncio.run(_history(store, world, size, told))
    told.say(f"lived through, {dict(Counter(fact['kind'] for fact in history.facts))}")
    oracle = Oracle(world, history)
    told.say("recounted by hand")
    return world, oracle, Pages(store, world, oracle, END), told


async def _history(store: Store, world: World, size: Size, told: Told) -> History:
    async with doors(store, world) as hands:
        history = await live_through(world, hands, size, told.day_over)
        assert hands.knocked
        return history


def check_brands(world: World, oracle: Oracle) -> None:
    """Brands enter, are warned, fall and return by the published rule."""
    of_character = {
        character: [holder.number for holder in world.holders if holder.character is character]
        for character in Character
    }
    steps: dict[int, list[str]] = {}
    for number, _, _, becomes in oracle.standing.log:
        steps.setdefault(number, []).append(becomes)
    falling = steps[of_character[Character.FALLING][0]]
    assert falling[0] == "good_faith"
    assert "warned" in falling
    assert "excluded" in falling
    assert "good_faith" in falling[falling.index("excluded") :]
    assert any("excluded" in steps.get(number, []) for number in of_character[Character.CONTESTED])
    assert any(steps.get(number, [])[:1] == ["good_faith"] for number in of_character[Character.STEADY])


def test_every_figure_of_a_small_year_is_what_a_recount_by_hand_gives(ordered_store: Store) -> None:
    world, oracle, pages, _ = simulate(ordered_store, SMALL)
    check_brands(world, oracle)
    pages.check_all(brands=1)
    assert pages.compared > 1_000


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_figure_of_a_year_is_what_a_recount_by_hand_gives(year_url: str, seed: int) -> None:
    store = open_store(year_url)
    world, oracle, pages, told = simulate(store, replace(HALF, seed=seed))
    check_brands(world, oracle)
    pages.check_all(brands=6)
    told.say(f"{pages.compared} figures compared, all of them equal")
    store.close_sync()
