"""The whole product on one machine: the workspace in this process, the bot as its child process."""

import argparse
import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from bot.sandbox.alliance import memory_from, read_alliance
from bot.sandbox.manifest import read_manifest
from bot.sandbox.marketplace.catalogue import COUNTRY, MARKETPLACE, ZONE
from bot.sandbox.records import Json
from bot.sandbox.sandbox import Credentials, Sandbox
from bot.sandbox.server import Server
from bot.sandbox.snapshot import Snapshot, load, save
from bot.sandbox.state import Keys, StateDirectory, Trouble

READY_SECONDS = 90.0
STOP_SECONDS = 10.0
SAVE_SECONDS = 5.0
LOG_TAIL = 3_000


async def up(arguments: argparse.Namespace) -> None:
    """Start everything and say where it is; stop everything when cancelled or when the bot ends.

    :raises Trouble: a port is taken, the bot cannot be seeded, does not get ready or ends by itself
    """
    state = StateDirectory(arguments.state.resolve())
    keys = state.open(fresh=arguments.fresh)
    server = _server(arguments, state, keys)
    await _listen(server, arguments.port, keys)
    port = _free_port(arguments.bot_port)
    server.connect(f"http://127.0.0.1:{port}")
    environment = _environment(state, keys, port, socket_mode=arguments.socket_mode)
    try:
        if not keys.seeded:
            print("Filling the alliance's first month, which takes a moment ...", flush=True)
            await _seed(arguments.data, server, state, keys, environment)
        async with _bot(state, environment) as bot, _saving(server, state):
            await _ready(f"http://127.0.0.1:{port}/readyz", bot, state)
            print(f"Goodfaith is ready: open {server.sandbox.base_url}/ (Ctrl-C stops it)", flush=True)
            await bot.wait()
            raise _ended(bot, state)
    finally:
        await server.stop()


def _server(arguments: argparse.Namespace, state: StateDirectory, keys: Keys) -> Server:
    kept = load(state.workspace) if state.workspace.exists() else None
    memory = kept.workspace if kept else memory_from(read_alliance(arguments.data))
    credentials = Credentials(keys.bot_token, keys.signing_secret, keys.app_token)
    server = Server(Sandbox(memory, read_manifest(arguments.manifest), credentials))
    if kept:
        server.sandbox.clock.offset_seconds = kept.offset_seconds
        server.market.restore(kept.market)
    return server


async def _listen(server: Server, port: int, keys: Keys) -> None:
    """A sandbox that was seeded keeps its address, because the bot's database holds it."""
    try:
        if keys.url:
            await server.start(int(keys.url.rpartition(":")[2]))
        else:
            keys.url = await server.start(_free_port(port))
    except OSError:
        raise Trouble(
            f"{keys.url} is taken: is this sandbox already running? --fresh starts another."
        ) from None


def _free_port(wanted: int) -> int:
    """The wanted port of 127.0.0.1 when it is free, else any."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Trouble("No port is free on this machine.")


def _environment(state: StateDirectory, keys: Keys, port: int, *, socket_mode: bool) -> dict[str, str]:
    """The bot's settings; those of the person's own installation are left out."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "GOODFAITH_"))
    }
    settings = {
        "SLACK_API_URL": f"{keys.url}/api/",
        "SLACK_BOT_TOKEN": keys.bot_token,
        "SLACK_SIGNING_SECRET": keys.signing_secret,
        "GOODFAITH_DATABASE_URL": os.environ.get("GOODFAITH_DATABASE_URL", state.database_url),
        "GOODFAITH_HOST": "127.0.0.1",
        "GOODFAITH_PORT": str(port),
        "GOODFAITH_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "GOODFAITH_SECRET": keys.master_secret,
        "GOODFAITH_CLOCK_URL": f"{keys.url}/sandbox/clock",
        "GOODFAITH_OWN_MARKETPLACES": f"{keys.url.partition('://')[2]}={MARKETPLACE}",
        "GOODFAITH_PLATFORM_COUNTRY": COUNTRY,
        "GOODFAITH_PLATFORM_ZONE": ZONE,
        "GOODFAITH_ALLOW_PRIVATE_WEBHOOKS": "true",
        "GOODFAITH_LOG_FORMAT": "console",
    }
    if socket_mode:
        settings["SLACK_APP_TOKEN"] = keys.app_token
    return inherited | settings


async def _seed(
    data: Path, server: Server, state: StateDirectory, keys: Keys, environment: dict[str, str]
) -> None:
    """Let the bot read the alliance file; what it prints are the marketplace's key and secret."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "seed", str(data), "--platform-url", keys.url),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complaints = await process.communicate()
    if process.returncode:
        raise Trouble(f"The bot could not read {data}:\n{complaints.decode()[-LOG_TAIL:]}")
    clients: list[Json] = json.loads(printed)["clients"]
    if not clients:
        raise Trouble("This database holds an alliance already, and its keys were shown only once.")
    client = clients[0]
    keys.api_key, keys.webhook_secret = client["api_key"], client["webhook_secret"]
    server.market.set_client(keys.api_key, keys.webhook_secret)
    state.keep(keys)


@asynccontextmanager
async def _bot(
    state: StateDirectory, environment: dict[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot, writing to its log, stopped politely at the end and for good after a while."""
    with state.log.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"), env=environment, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
                try:
                    await asyncio.wait_for(process.wait(), STOP_SECONDS)
                except (TimeoutError, asyncio.CancelledError):
                    process.kill()
                    await process.wait()


@asynccontextmanager
async def _saving(server: Server, state: StateDirectory) -> AsyncIterator[None]:
    """Keep the workspace on disk now and then, and at the end."""

    def keep() -> None:
        sandbox = server.sandbox
        save(Snapshot(sandbox.memory, server.market.memory, sandbox.clock.offset_seconds), state.workspace)

    async def now_and_then() -> None:
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            keep()

    keep()
    saving = asyncio.create_task(now_and_then())
    try:
        yield
    finally:
        saving.cancel()
        keep()


async def _ready(url: str, bot: asyncio.subprocess.Process, state: StateDirectory) -> None:
    async with asyncio.timeout(READY_SECONDS), aiohttp.ClientSession() as session:
        while bot.returncode is None:
            try:
                async with session.get(url) as response:
                    if response.ok:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)
    raise _ended(bot, state)


def _ended(bot: asyncio.subprocess.Process, state: StateDirectory) -> Trouble:
    said = state.log.read_bytes()[-LOG_TAIL:].decode(errors="replace")
    return Trouble(f"The bot ended by itself ({bot.returncode}). The end of {state.log}:\n{said}")
