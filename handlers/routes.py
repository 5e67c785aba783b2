"""The whole route table on one screen, and the few Bolt listeners in front of it.

Bolt gets one listener per kind of interaction; the dictionary behind them makes an interaction cost the same
with five routes and with two hundred.
"""

import re
from collections.abc import Mapping

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from handlers.guard import Desk, Handler, Kind, handle
from handlers.payloads import part, text_at

Routes = Mapping[tuple[Kind, str], Handler]

ROUTES: Routes = {}


_ANY = re.compile(".*", re.DOTALL)


def register(app: AsyncApp, desk: Desk, routes: Routes = ROUTES) -> None:
    """Give Bolt its listeners. What has no route is answered at once and counted."""

    def listener(kind: Kind):  # type: ignore[no-untyped-def]  # Bolt reads the parameters' names
        async def listen(request: AsyncBoltRequest) -> BoltResponse:
            ident = _ident(kind, request.body)
            handler = routes.get((kind, ident))
            if handler is None:
                desk.metrics.interactions.labels(kind.value, "unknown", "unrouted").inc()
                return BoltResponse(status=200 if kind in (Kind.EVENT, Kind.ACTION) else 404, body="")
            return await handle(desk, kind, ident, handler, request)

        return listen

    app.command(_ANY)(listener(Kind.COMMAND))
    app.action(_ANY)(listener(Kind.ACTION))
    app.view_submission(_ANY)(listener(Kind.SUBMIT))
    app.view_closed(_ANY)(listener(Kind.CLOSE))
    app.shortcut(_ANY)(listener(Kind.SHORTCUT))
    app.event(_ANY)(listener(Kind.EVENT))
    app.options(_ANY)(listener(Kind.OPTIONS))


def _ident(kind: Kind, body: Mapping[str, object]) -> str:
    match kind:
        case Kind.COMMAND:
            return text_at(body, "command")
        case Kind.ACTION:
            actions = part(body, "actions")
            return text_at(actions[0], "action_id") if isinstance(actions, list) and actions else ""
        case Kind.SUBMIT | Kind.CLOSE:
            return text_at(body, "view", "callback_id")
        case Kind.SHORTCUT:
            return text_at(body, "callback_id")
        case Kind.EVENT:
            return text_at(body, "event", "type")
        case Kind.OPTIONS:
            return text_at(body, "action_id")
