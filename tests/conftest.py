"""Fixtures that every test may use."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.workspace import Workspace

pytest_plugins = ["tests.database", "tests.bot_under_test"]


@pytest_asyncio.fixture
async def workspace() -> AsyncIterator[Workspace]:
    """A fresh local Slack workspace with the real manifest; tell it where the bot is with `connect`."""
    running = await Workspace.start()
    yield running
    await running.stop()
