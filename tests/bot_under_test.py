"""The whole product in one process for end-to-end tests: workspace, marketplace and the real bot, seeded.

Nothing is replaced: the bot is built by `bot/app.py`, Slack is the sandbox server, the database is real.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest_asyncio

from bot.app import Bot
from bot.clock import utc_now
from bot.sandbox.alliance import read_alliance
from bot.seed import seed
from bot.settings import Settings
from storage.engine import Store
from tests.workspace import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Workspace

SECRET = "a master secret of the tests, long enough"


@dataclass
class Product:
    """The running product: `ws` acts as people, `bot` is the bot, `client` holds the marketplace's key."""

    ws: Workspace
    bot: Bot
    client: dict[str, Any]

    @property
    def store(self) -> Store:
        """The bot's database."""
        return self.bot.store

    @property
    def url(self) -> str:
        """Where the bot listens."""
        return f"http://127.0.0.1:{self.bot.port}"

    async def restart(self) -> None:
        """Stop the bot and start another over the same database."""
        await self.bot.stop()
        self.bot = Bot(self.bot.settings)
        await self.bot.start()
        self.ws.connect(self.url)


def environment_for(workspace: Workspace, database_url: str, *, socket_mode: bool = False) -> dict[str, str]:
    """The settings by name, as `make sandbox` gives them."""
    given = {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_API_URL": workspace.api_url,
        "GOODFAITH_DATABASE_URL": database_url,
        "GOODFAITH_HOST": "127.0.0.1",
        "GOODFAITH_PORT": "0",
        "GOODFAITH_SECRET": SECRET,
        "GOODFAITH_OWN_MARKETPLACES": f"{urlsplit(workspace.url).netloc}=openbazaar",
        "GOODFAITH_ALLOW_PRIVATE_WEBHOOKS": "true",
        "GOODFAITH_CLOCK_URL": f"{workspace.url}/sandbox/clock",
    }
    return given | (
        {"SLACK_APP_TOKEN": APP_TOKEN} if socket_mode else {"SLACK_SIGNING_SECRET": SIGNING_SECRET}
    )


def settings_for(workspace: Workspace, database_url: str, *, socket_mode: bool = False) -> Settings:
    """The same settings, checked."""
    return Settings.load(environment_for(workspace, database_url, socket_mode=socket_mode), None, {})


async def start_product(
    workspace: Workspace, database_url: str, *, socket_mode: bool = False, days: int = 0
) -> Product:
    """Seed an empty, migrated database, with so many days of history, and start the bot over it."""
    settings = settings_for(workspace, database_url, socket_mode=socket_mode)
    bot = Bot(settings)
    document = read_alliance() | {"history": {"days": days, "seed": 7, "cases_per_day": 24}}
    seeded = seed(bot.store, settings, document, utc_now(), workspace.url)
    await bot.start()
    workspace.connect(f"http://127.0.0.1:{bot.port}")
    client = seeded["clients"][0]
    await workspace.market_client(client["api_key"], client["webhook_secret"])
    return Product(workspace, bot, client)


@pytest_asyncio.fixture
async def product(workspace: Workspace, sqlite_url: str) -> AsyncIterator[Product]:
    """The product over SQLite and HTTP, freshly seeded, without history."""
    running = await start_product(workspace, sqlite_url)
    yield running
    await running.bot.stop()


@pytest_asyncio.fixture
async def product_on_each(workspace: Workspace, database_url: str) -> AsyncIterator[Product]:
    """As `product`, once on each database."""
    running = await start_product(workspace, database_url)
    yield running
    await running.bot.stop()
