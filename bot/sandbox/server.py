"""Puts the doors of the sandbox on one local HTTP server and starts and stops it."""

from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from bot.sandbox.controls import Controls
from bot.sandbox.interactions import Interactions
from bot.sandbox.marketplace.catalogue import Listing, read_listings
from bot.sandbox.marketplace.counter_notices import CounterDesk
from bot.sandbox.marketplace.hooks import Hooks
from bot.sandbox.marketplace.market import Market
from bot.sandbox.marketplace.panel import Panel
from bot.sandbox.marketplace.sanctions import SanctionDesk
from bot.sandbox.marketplace.shop import Shop
from bot.sandbox.page_door import PageDoor, keep_fresh, plain_errors
from bot.sandbox.response_urls import ResponseUrls
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.web_api import WebApi

BODY_LIMIT = 32 * 1024 * 1024
SHUTDOWN_SECONDS = 0.5
CATALOGUE = Path(__file__).parent / "data" / "listings.json"


class Server:
    """One sandbox on one port of 127.0.0.1."""

    def __init__(self, sandbox: Sandbox, listings: Sequence[Listing] | None = None) -> None:
        self.sandbox = sandbox
        self.market = Market(sandbox, read_listings(CATALOGUE) if listings is None else listings)
        interactions = Interactions(sandbox)
        self.app = web.Application(middlewares=[plain_errors], client_max_size=BODY_LIMIT)
        self.app.on_response_prepare.append(keep_fresh)
        self.app.add_routes(WebApi(sandbox).routes())
        self.app.add_routes(ResponseUrls(sandbox, interactions).routes())
        self.app.add_routes(Controls(sandbox).routes())
        self.app.add_routes(PageDoor(sandbox, interactions).routes())
        desk = CounterDesk(self.market)
        sanctions = SanctionDesk(self.market)
        self.app.add_routes(desk.routes())
        self.app.add_routes(Hooks(self.market, desk, sanctions).routes())
        self.app.add_routes(sanctions.routes())
        self.app.add_routes(Panel(self.market).routes())
        self.app.add_routes(Shop(self.market).routes())
        self.app.add_routes([web.get("/link/", sandbox.socket.handle)])
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)

    async def start(self, port: int = 0) -> str:
        """Listen; gives back the server's address.

        :raises OSError: the port is taken
        """
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.sandbox.workspace.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self.sandbox.base_url

    def connect(self, bot_url: str) -> None:
        """Where the bot listens, without a path: Slack's requests and the platform API go there."""
        self.sandbox.delivery.bot_url = bot_url
        self.market.platform.base_url = bot_url

    async def stop(self) -> None:
        """Stop deliveries, sockets and the server."""
        await self.sandbox.close()
        await self.market.platform.close()
        await self._runner.cleanup()
