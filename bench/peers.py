"""What the bot is measured against, each as a server in a process of its own: `python -m bench.peers NAME`.

`raw` verifies Slack's signature on aiohttp and answers: the limit. `bolt` is a Bolt app of the locked version
with 20 listeners that only acknowledge. `insert` is aiohttp with one durable SQLite insert each: the limit
of taking something in. `outside` stands for Slack and a marketplace.

Nothing of ours is imported here: its memory and its start would count.
"""

import asyncio
import hashlib
import hmac
import json
import sqlite3
import sys
import time
from pathlib import Path

from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck

from bench.load import PATH

SECRET = "bench-signing-secret"
LISTENERS = 20


def raw() -> web.Application:
    """Signature check and an empty answer."""

    async def click(incoming: web.Request) -> web.Response:
        body = await incoming.read()
        stamp = incoming.headers["X-Slack-Request-Timestamp"]
        if abs(time.time() - int(stamp)) > 300:
            return web.Response(status=401)
        expected = hmac.new(
            SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256
        ).hexdigest()
        if not hmac.compare_digest(f"v0={expected}", incoming.headers["X-Slack-Signature"]):
            return web.Response(status=401)
        return web.Response()

    application = web.Application()
    application.router.add_post(PATH, click)
    return application


def bolt() -> web.Application:
    """Bolt as its documentation shows it, apart from `process_before_response`, without which it polls."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id="T0", bot_user_id="U0", bot_id="B0", bot_token="xoxb-0"
        )

    app = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)

    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    for number in range(LISTENERS - 1):
        app.action(f"other_{number}")(acknowledge)
    app.action("request_genuine")(acknowledge)
    return app.web_app(path=PATH)


def insert(directory: Path) -> web.Application:
    """One row, one commit, full durability, on one connection."""
    database = sqlite3.connect(directory / "limit.db", isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE taken (id INTEGER PRIMARY KEY, body TEXT NOT NULL)")

    async def take(incoming: web.Request) -> web.Response:
        body = await incoming.json()
        await asyncio.to_thread(database.execute, "INSERT INTO taken (body) VALUES (?)", (json.dumps(body),))
        return web.json_response({"state": "open"}, status=202)

    application = web.Application(client_max_size=1 << 20)
    application.router.add_post("/api/v1/authenticity-requests", take)
    return application


def outside() -> web.Application:
    """Slack's API, which takes one message a second and channel, and a marketplace that says yes."""
    number = 0
    free_at: dict[str, float] = {}

    async def slack(incoming: web.Request) -> web.Response:
        nonlocal number
        method = incoming.match_info["method"]
        if method == "users.info":
            return web.json_response({"ok": False, "error": "user_not_found"})
        if method in {"chat.postMessage", "chat.update"}:
            channel = (await incoming.json())["channel"]
            now = time.monotonic()
            if free_at.get(channel, 0.0) > now:
                busy = {"ok": False, "error": "ratelimited"}
                return web.json_response(busy, status=429, headers={"Retry-After": "1"})
            free_at[channel] = now + 1.0
        number += 1
        told = {"ok": True, "channel": "C0", "ts": f"{number}.000001", "team_id": "T0", "user_id": "U0"}
        return web.json_response(told)

    async def market(_: web.Request) -> web.Response:
        return web.json_response({"received": True})

    application = web.Application()
    application.router.add_route("*", "/api/{method}", slack)
    application.router.add_route("*", "/{path:.*}", market)
    return application


async def serve(application: web.Application) -> None:
    """Listen on a free port, say which on standard output, and stay."""
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(json.dumps({"port": runner.addresses[0][1]}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def main(name: str, *details: str) -> None:
    """Serve one of the peers."""
    made = (
        insert(Path(details[0]))
        if name == "insert"
        else {"raw": raw, "bolt": bolt, "outside": outside}[name]()
    )
    asyncio.run(serve(made))


if __name__ == "__main__":
    main(*sys.argv[1:])
