"""The sandbox's command line: `serve` runs the local workspace alone, `up` the whole product."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.sandbox.alliance import DEFAULT_FILE, memory_from, read_alliance
from bot.sandbox.manifest import read_manifest
from bot.sandbox.sandbox import Credentials, Options, Sandbox
from bot.sandbox.server import Server
from bot.sandbox.state import Trouble
from bot.sandbox.up import up


def parser() -> argparse.ArgumentParser:
    """Both commands and their options."""
    root = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    commands = root.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="the local workspace and marketplace alone")
    serve.add_argument("--port", type=int, default=0)
    serve.add_argument("--data", type=Path, default=DEFAULT_FILE, help="the alliance file")
    serve.add_argument("--manifest", type=Path, default=Path("manifest.yml"))
    serve.add_argument("--signing-secret", required=True)
    serve.add_argument("--bot-token", required=True)
    serve.add_argument("--app-token", default="")
    serve.add_argument("--bot-url", default="", help="where the bot listens, without a path")
    serve.add_argument("--retry-scale", type=float, default=1.0, help="below 1 hurries retries of events")
    up_ = commands.add_parser("up", help="the whole product: workspace, marketplace and bot")
    up_.add_argument("--port", type=int, default=8700, help="the page's port, if it is free")
    up_.add_argument("--bot-port", type=int, default=8701, help="the bot's port, if it is free")
    up_.add_argument("--data", type=Path, default=DEFAULT_FILE, help="the alliance file")
    up_.add_argument("--manifest", type=Path, default=Path("manifest.yml"))
    up_.add_argument(
        "--state", type=Path, default=Path(".sandbox"), help="what the next start comes back from"
    )
    up_.add_argument("--fresh", action="store_true", help="forget what was and start anew")
    up_.add_argument("--socket-mode", action="store_true", help="run the bot over Socket Mode")
    return root


async def serve(arguments: argparse.Namespace) -> None:
    """Run the local workspace until it is told to stop; says where it is in one line of JSON."""
    credentials = Credentials(arguments.bot_token, arguments.signing_secret, arguments.app_token)
    options = Options(arguments.bot_url, arguments.retry_scale)
    memory = memory_from(read_alliance(arguments.data))
    server = Server(Sandbox(memory, read_manifest(arguments.manifest), credentials, options))
    print(json.dumps({"url": await server.start(arguments.port)}), flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await server.stop()


async def until_told(work: Coroutine[Any, Any, None]) -> None:
    """Run something until it ends, or until Ctrl-C or a request to end lets it clean up."""
    task = asyncio.ensure_future(work)
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(sign, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


def main() -> None:
    """Run the chosen command."""
    arguments = parser().parse_args()
    try:
        asyncio.run(until_told(serve(arguments) if arguments.command == "serve" else up(arguments)))
    except Trouble as trouble:
        sys.exit(str(trouble))


if __name__ == "__main__":
    main()
