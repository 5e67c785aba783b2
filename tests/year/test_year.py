"""A simulated year, held against a recount by hand: the small one with every run, the whole one in its lane.

A year is what the use cases make of it on a database at full durability. The oracle then tells from the raw
history alone what every page must show. See docs/operate/year.md.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from storage.engine import Store, open_store
from tests.year.agenda import Size
from tests.year.doors import doors
from tests.year.history import History
from tests.year.oracle import Oracle
from tests.year.pages import Pages
from tests.year.script import live_through
from tests.year.world import END, Character, World, found

SMALL = Size(holders=8, notices=360, requests=60, sellers=12, nights=60, slot=timedelta(hours=24), sample=10)
# The whole year is that of two alliances side by side, for one process writes to a SQLite database.
HALF = Size(
    holders=350,
    notices=100_000,
    requests=10_000,
    sellers=1_500,
    nights=1,
    slot=timedelta(hours=2),
    sample=100,
)
SEEDS = (7, 8)


@pytest.fixture
def ordered_store(database_url: str) -> Iterator[Store]:
    """A store that takes units in the order in which they come, on PostgreSQL too."""
    opened = open_store(database_url, pool_size=1)
    yield opened
    opened.close_sync()


def simulate(store: Store, size: Size) -> tuple[World, Oracle, Pages]:
    """A whole year, and its recount."""
    world = store.run_sync(found, size.holders, size.seed)
    began, processor = time.monotonic(), time.process_time()
    history = asyncio.run(_history(store, world, size))
    print(  # noqa: T201  # what docs/operate/year.md gives
        f"{len(history.facts)} facts in {time.monotonic() - began:.0f} s, "
        f"{time.process_time() - processor:.0f} s of processor time",
        dict(Counter(fact["kind"] for fact in history.facts)),
    )
    oracle = Oracle(world, history)
    return world, oracle, Pages(store, world, oracle, END)


async def _history(store: Store, world: World, size: Size) -> History:
    async with doors(store, world) as hands:
        history = await live_through(world, hands, size)
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
    world, oracle, pages = simulate(ordered_store, SMALL)
    check_brands(world, oracle)
    pages.check_all(brands=1)
    assert pages.compared > 1_000


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_figure_of_a_year_is_what_a_recount_by_hand_gives(sqlite_url: str, seed: int) -> None:
    store = open_store(sqlite_url)
    world, oracle, pages = simulate(store, replace(HALF, seed=seed))
    check_brands(world, oracle)
    pages.check_all(brands=10)
    store.close_sync()
