"""The sandbox's command line: `serve` runs the local workspace alone, `up` the whole product."""

import argparse
import asyncio
import json
import signal
from pathlib import Path

from bot.sandbox.alliance import DEFAULT_FILE, memory_from, read_alliance
from bot.sandbox.manifest import read_manifest
from bot.sandbox.sandbox import Credentials, Options, Sandbox
from bot.sandbox.server import Server


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
    return root


async def serve(arguments: argparse.Namespace) -> None:
    """Run the local workspace until it is told to stop; says where it is in one line of JSON."""
    credentials = Credentials(arguments.bot_token, arguments.signing_secret, arguments.app_token)
    options = Options(arguments.bot_url, arguments.retry_scale)
    memory = memory_from(read_alliance(arguments.data))
    server = Server(Sandbox(memory, read_manifest(arguments.manifest), credentials, options))
    print(json.dumps({"url": await server.start(arguments.port)}), flush=True)
    await told_to_stop()
    await server.stop()


async def told_to_stop() -> None:
    """Wait for Ctrl-C or a polite request to end."""
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    await stop.wait()


def main() -> None:
    """Run the chosen command."""
    asyncio.run(serve(parser().parse_args()))


if __name__ == "__main__":
    main()
