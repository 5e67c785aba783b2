"""Confirming and declining what another administrator asked for, and asking for keys."""

from sqlmodel import Session

from bot.enforcement import approvals, calendars, platform
from bot.enforcement.access import Actor
from bot.enforcement.approvals import ActName, Made
from handlers.blocks.approvals import made_page
from handlers.guard import Call, Reply
from handlers.payloads import Form, text_at
from handlers.slack.office import detail_of, here, next_page, on_field, show
from handlers.slack.register import CANNOT_ASK
from storage.queries import platform as clients


async def handle_review(call: Call) -> Reply | None:
    """Look at a proposal before deciding."""
    return await show(call, call.value)


async def handle_review_form(call: Call) -> Reply | None:
    """Confirm it. What it made is shown here, in the answer to this very click, and nowhere else."""
    made = await call.act(approvals.confirm, here(call).detail)
    secret = await call.read(_webhook_secret, made, call.desk.webhook_secret)
    return Reply(update=made_page(await call.words(), made.api_key, secret))


async def handle_decline(call: Call) -> Reply | None:
    """Decline it, or take one's own proposal back. The card and App Home are drawn again by themselves."""
    await call.act(approvals.decline, call.value)
    if text_at(call.body, "view", "type") == "modal":
        return await show(call, "approvals")
    return None


async def handle_client_form(call: Call) -> Reply | None:
    """A marketplace's connection is proposed."""
    given = Form.of(call.body)
    asked = {name: given.text(name) for name in ("name", "marketplace", "webhook_url")}
    asked |= calendars.written(call.desk.calendar)
    fields = {
        **dict.fromkeys(CANNOT_ASK, "name"),
        "platform.marketplace_taken": "marketplace",
        "platform.bad_webhook_url": "webhook_url",
    }
    await on_field(call, call.act(approvals.ask, ActName.CONNECT_PLATFORM, asked), fields)
    return await next_page(call, "approvals")


async def handle_webhook_form(call: Call) -> Reply | None:
    """Another webhook address is proposed."""
    asked = {"client_id": here(call).detail, "webhook_url": Form.of(call.body).text("webhook_url")}
    fields = dict.fromkeys((*CANNOT_ASK, "platform.bad_webhook_url"), "webhook_url")
    await on_field(call, call.act(approvals.ask, ActName.CHANGE_WEBHOOK, asked), fields)
    return await next_page(call, "approvals")


async def handle_calendar_form(call: Call) -> Reply | None:
    """Another calendar is proposed."""
    given = Form.of(call.body)
    asked = {name: given.text(name) for name in ("country", "zone", "opens", "closes")}
    asked |= {"client_id": here(call).detail, "reading": given.choice("reading")}
    fields = {
        **dict.fromkeys((*CANNOT_ASK, "platform.bad_country"), "country"),
        "platform.bad_zone": "zone",
        "platform.bad_hours": "closes",
    }
    await on_field(call, call.act(approvals.ask, ActName.CHANGE_CALENDAR, asked), fields)
    return await next_page(call, "approvals")


async def handle_create_key(call: Call) -> Reply | None:
    """A new API key is proposed."""
    await call.act(approvals.ask, ActName.CREATE_KEY, {"client_id": call.value})
    return await show(call, "approvals")


async def handle_revoke_key(call: Call) -> Reply | None:
    """The end of an API key is proposed."""
    pointer = detail_of(call)
    asked = {"key_id": pointer.id, "client_id": pointer.detail}
    await call.act(approvals.ask, ActName.REVOKE_KEY, asked)
    return await show(call, "approvals")


async def handle_rotate_secret(call: Call) -> Reply | None:
    """A new webhook secret is proposed."""
    await call.act(approvals.ask, ActName.ROTATE_SECRET, {"client_id": call.value})
    return await show(call, "approvals")


def _webhook_secret(session: Session, _actor: Actor, made: Made, master: bytes) -> str:
    """The secret of a client that was just connected or whose secret was just changed."""
    if not made.secret_version or clients.client(session, made.client_id) is None:
        return ""
    return platform.webhook_secret(master, made.client_id, made.secret_version)
