"""The whole product in one process for end-to-end tests: workspace, marketplace and the real bot, seeded.

Nothing is replaced: the bot is built by `bot/app.py`, Slack is the sandbox server, the database is real.
"""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from sqlmodel import Session, select

from bot.app import Bot
from bot.clock import utc_now
from bot.sandbox.alliance import read_alliance
from bot.seed import seed
from bot.settings import Settings
from storage.engine import Store, open_store
from storage.records.platform import PlatformClient
from tests.enforcement.founding import made
from tests.workspace import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Workspace

NOWHERE = "http://127.0.0.1:9"  # where the marketplace of the template is
PATIENT_SECONDS = 15.0  # how Slack's three seconds end is tested by themselves; a slow machine is no failure
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
    return _environment(workspace.url, database_url) | (
        {"SLACK_APP_TOKEN": APP_TOKEN} if socket_mode else {"SLACK_SIGNING_SECRET": SIGNING_SECRET}
    )


def settings_for(workspace: Workspace, database_url: str, *, socket_mode: bool = False) -> Settings:
    """The same settings, checked."""
    return Settings.load(environment_for(workspace, database_url, socket_mode=socket_mode), None, {})


@dataclass
class Usual:
    """The sandbox's alliance in a store, and the key and secret of its marketplace, which is nowhere yet."""

    store: Store
    client: dict[str, Any]


@dataclass(frozen=True)
class Seeded:
    """A seeded SQLite file, to be copied, and the key and secret of its marketplace."""

    path: Path
    client: dict[str, Any]


async def start_product(
    workspace: Workspace,
    database_url: str,
    *,
    socket_mode: bool = False,
    days: int = 0,
    alliance: dict[str, Any] | None = None,
) -> Product:
    """Seed an empty, migrated database, with so many days of history, and start the bot over it.

    `alliance` is a document in the shape of the sandbox's own, which is taken when none is given.
    """
    settings = settings_for(workspace, database_url, socket_mode=socket_mode)
    bot = Bot(settings)
    if days or alliance:
        client = _seed(bot.store, settings, workspace.url, days, alliance or read_alliance())
    else:
        client = made(bot.store, _usual).client
        await bot.store.run(_move_marketplace, workspace.url)
    return await _run(workspace, bot, client)


@pytest.fixture(scope="session")
def seeded(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    """One seeding for all tests of a worker: it takes as long as a test."""
    path = tmp_path_factory.mktemp("seeded") / "goodfaith.db"
    shutil.copyfile(sqlite_template, path)
    store = open_store(f"sqlite:///{path}")
    client = _usual(store).client
    store.close_sync()
    return Seeded(path, client)


@pytest_asyncio.fixture
async def product(workspace: Workspace, seeded: Seeded, tmp_path: Path) -> AsyncIterator[Product]:
    """The product over SQLite and HTTP, freshly seeded, without history."""
    path = tmp_path / "product.db"
    shutil.copyfile(seeded.path, path)
    bot = Bot(settings_for(workspace, f"sqlite:///{path}"))
    await bot.store.run(_move_marketplace, workspace.url)
    running = await _run(workspace, bot, seeded.client)
    yield running
    await running.bot.stop()


@pytest_asyncio.fixture
async def product_on_each(workspace: Workspace, database_url: str) -> AsyncIterator[Product]:
    """As `product`, once on each database."""
    running = await start_product(workspace, database_url)
    yield running
    await running.bot.stop()


def _environment(sandbox: str, database_url: str) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_API_URL": f"{sandbox}/api/",
        "GOODFAITH_DATABASE_URL": database_url,
        "GOODFAITH_HOST": "127.0.0.1",
        "GOODFAITH_PORT": "0",
        "GOODFAITH_SECRET": SECRET,
        "GOODFAITH_OWN_MARKETPLACES": f"{urlsplit(sandbox).netloc}=openbazaar",
        "GOODFAITH_ALLOW_PRIVATE_WEBHOOKS": "true",
        "GOODFAITH_CLOCK_URL": f"{sandbox}/sandbox/clock",
    }


def _usual(store: Store) -> Usual:
    environment = _environment(NOWHERE, "sqlite:///unused.db") | {"SLACK_SIGNING_SECRET": SIGNING_SECRET}
    settings = Settings.load(environment, None, {})
    return Usual(store, _seed(store, settings, NOWHERE, 0, read_alliance()))


def _seed(
    store: Store, settings: Settings, marketplace: str, days: int, alliance: dict[str, Any]
) -> dict[str, Any]:
    document = alliance | {"history": {"days": days, "seed": 7, "cases_per_day": 24}}
    client: dict[str, Any] = seed(store, settings, document, utc_now(), marketplace)["clients"][0]
    return client


async def _run(workspace: Workspace, bot: Bot, client: dict[str, Any]) -> Product:
    await bot.start()
    workspace.connect(f"http://127.0.0.1:{bot.port}")
    workspace.sandbox.delivery.acknowledge_seconds = PATIENT_SECONDS
    workspace.sandbox.tickets.trigger_seconds = PATIENT_SECONDS
    await workspace.market_client(client["api_key"], client["webhook_secret"])
    return Product(workspace, bot, client)


def _move_marketplace(session: Session, address: str) -> None:
    """The marketplace of this test listens on a port of its own."""
    for client in session.exec(select(PlatformClient)):
        client.webhook_url = client.webhook_url.replace(NOWHERE, address)
