"""Our own front alone, with as many routes as asked for: `python -m bench.front NUMBER`."""

import asyncio
import sys
import tempfile

from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bench.peers import SECRET, serve
from bot.clock import utc_now
from bot.gateway import Gateway
from bot.metrics import Metrics
from bot.slack_door import HttpDoor
from bot.web import build_web
from handlers.guard import Call, Desk, Handler, Kind
from handlers.routes import register
from storage.engine import open_store


def routes(count: int) -> web.Application:
    """Our own door, guard and Bolt registration with so many routes that do nothing."""

    async def nothing(_: Call) -> None:
        return None

    desk = Desk(
        store=open_store(f"sqlite:///{tempfile.mkdtemp()}/unused.db"),
        gateway=Gateway("xoxb-0", "http://127.0.0.1:9/api/"),
        clock=utc_now,
        metrics=Metrics(),
    )

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id="T0", bot_user_id="U0", bot_id="B0", bot_token="xoxb-0"
        )

    app = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)
    table: dict[tuple[Kind, str], Handler] = {(Kind.ACTION, f"other_{n}"): nothing for n in range(count - 1)}
    table[(Kind.ACTION, "request_genuine")] = nothing
    register(app, desk, table)
    return build_web(slack=HttpDoor(app.async_dispatch, SECRET), platform=[], checks=[], metrics=desk.metrics)


if __name__ == "__main__":
    asyncio.run(serve(routes(int(sys.argv[1]))))
