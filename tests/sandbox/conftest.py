"""The sandbox's tests run it with an app of their own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.sandbox.trial_app import TrialApp
from tests.workspace import Workspace


@pytest_asyncio.fixture
async def trial() -> AsyncIterator[TrialApp]:
    """A workspace with the trial app installed and listening over HTTP."""
    workspace = await Workspace.start(Path(__file__).parent / "manifest.yml")
    app = TrialApp(workspace)
    await app.serve()
    yield app
    await app.stop()
    await workspace.stop()
