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
from handlers.ids import Command, HomeId, NoticeId, Shortcut
from handlers.payloads import part, text_at
from handlers.slack import notice_form, notices

Routes = Mapping[tuple[Kind, str], Handler]

ROUTES: Routes = {
    (Kind.COMMAND, Command.NOTICE): notice_form.handle_notice,
    (Kind.SHORTCUT, Shortcut.FILE_NOTICE): notice_form.handle_file_notice,
    (Kind.SHORTCUT, Shortcut.REPORT_LISTING): notice_form.handle_report_listing,
    (Kind.ACTION, HomeId.FILE_NOTICE): notice_form.handle_file_notice,
    (Kind.ACTION, NoticeId.OPEN_DRAFT): notice_form.handle_open_draft,
    (Kind.ACTION, NoticeId.DROP_DRAFT): notice_form.handle_drop_draft,
    (Kind.ACTION, NoticeId.HOLDER): notice_form.handle_redraw,
    (Kind.ACTION, NoticeId.BRAND): notice_form.handle_redraw,
    (Kind.ACTION, NoticeId.RIGHT): notice_form.handle_redraw,
    (Kind.ACTION, NoticeId.REASON): notice_form.handle_redraw,
    (Kind.ACTION, NoticeId.MORE_LINKS): notice_form.handle_more_links,
    (Kind.SUBMIT, NoticeId.FORM): notice_form.handle_submit,
    (Kind.CLOSE, NoticeId.FORM): notice_form.handle_close,
    (Kind.SUBMIT, NoticeId.REVIEW_FORM): notice_form.handle_submit_reviewed,
    (Kind.ACTION, NoticeId.WITHDRAW): notices.handle_withdraw,
    (Kind.SUBMIT, NoticeId.WITHDRAW_FORM): notices.handle_withdraw_form,
    (Kind.ACTION, NoticeId.COMPLAINT): notices.handle_complaint,
    (Kind.SUBMIT, NoticeId.COMPLAINT_FORM): notices.handle_complaint_form,
}


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
