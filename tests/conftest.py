"""Fixtures that every test may use."""

import gc
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.workspace import ROOT, Workspace

LONG = {"faults", "year", "test_up.py"}
pytest_plugins = ["tests.compiled", "tests.database", "tests.bot_under_test"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first: a run is over when the last of its workers is."""
    items.sort(key=lambda item: LONG.isdisjoint(item.path.relative_to(ROOT).parts))


def pytest_collection_finish() -> None:
    """Modules and collected tests stay to the end: looking through them for garbage took a tenth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


@pytest_asyncio.fixture
async def workspace() -> AsyncIterator[Workspace]:
    """A fresh local Slack workspace with the real manifest; tell it where the bot is with `connect`."""
    running = await Workspace.start()
    yield running
    await running.stop()
