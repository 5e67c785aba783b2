"""Binding channels, and what Slack reports about them: who joins, who leaves, that the bot is out."""

import asyncio

from sqlmodel import Session

from bot.enforcement import channels
from bot.enforcement.access import Actor
from bot.enforcement.channels import Scope, Seen, Strangers
from bot.gateway import VIEW_SECONDS, SlackFailure, SlackRefused
from handlers.blocks.parts import Block
from handlers.guard import BadForm, Call, Reply, words_of
from handlers.payloads import Form, text_at
from handlers.slack.office import here, next_page, on_field, show
from handlers.slack.pages import channel_form, page_of, scope_of
from storage.queries import people

# What Slack says where the bot cannot see a channel at all.
_UNSEEN = frozenset({"channel_not_found", "not_in_channel", "method_not_supported_for_channel_type"})


async def handle_channel_form(call: Call) -> Reply | None:
    """Bind the channel that was chosen. Who is in it is read from Slack before anything is decided."""
    scope = scope_of(here(call).detail)
    chosen = Form.of(call.body).channel("channel")
    seen = await _look(call, chosen)
    locale = await call.read(_locale)
    fields = dict.fromkeys(
        ("channels.archived", "channels.public", "channels.bot_missing", "channels.taken"), "channel"
    )
    try:
        await on_field(call, call.act(channels.bind, scope, seen, locale=locale), fields)
    except Strangers as strangers:
        view = await call.read(_again, scope, chosen, tuple(strangers.user_ids))
        return Reply(update=view)
    return await next_page(call, page_of(scope))


async def handle_unbind(call: Call) -> Reply | None:
    """End a binding."""
    binding_id, _, scope = call.value.partition(":")
    await call.act(channels.unbind, binding_id)
    return await show(call, page_of(scope_of(scope)))


async def handle_let_in(call: Call) -> Reply | None:
    """A stranger may see what is shown in the channel."""
    await call.act(channels.let_in, call.value)
    return None


async def handle_joined(call: Call) -> Reply | None:
    """Slack reports that somebody joined a channel."""
    channel_id, user_id = text_at(call.body, "event", "channel"), text_at(call.body, "event", "user")
    await call.act(channels.someone_joined, channel_id, user_id)
    return None


async def handle_left(call: Call) -> Reply | None:
    """Slack reports that somebody left a channel."""
    channel_id, user_id = text_at(call.body, "event", "channel"), text_at(call.body, "event", "user")
    await call.act(channels.someone_left, channel_id, user_id)
    return None


async def handle_gone(call: Call) -> Reply | None:
    """Slack reports that a channel was archived, or that the bot was removed from it."""
    channel_id = text_at(call.body, "event", "channel")
    await call.act(channels.gone, channel_id, text_at(call.body, "event", "type"))
    return None


async def _look(call: Call, channel_id: str) -> Seen:
    """The channel as Slack shows it now; a field error where Slack does not show it."""
    gateway = call.desk.gateway
    try:
        async with asyncio.timeout(VIEW_SECONDS):
            found = await gateway.channel(channel_id)
            members = await gateway.members(channel_id)
    except SlackRefused as refused:
        key = "channels.bot_missing" if refused.code in _UNSEEN else "channels.slack_refused"
        raise BadForm({"channel": (await call.words()).text(key)}) from refused
    except (SlackFailure, TimeoutError) as failure:
        raise BadForm({"channel": (await call.words()).text("channels.slack_silent")}) from failure
    return Seen(
        channel_id,
        members,
        private=bool(found.get("is_private") or found.get("is_group")),
        archived=bool(found.get("is_archived")),
    )


def _locale(session: Session, actor: Actor) -> str:
    """The language that the channel's cards will have: that of whoever binds it."""
    person = people.find(session, actor.team_id, actor.user_id)
    return person.locale if person else "en-GB"


def _again(session: Session, actor: Actor, scope: Scope, chosen: str, strangers: tuple[str, ...]) -> Block:
    words = words_of(session, actor)
    return channel_form(session, actor, scope, words, chosen=chosen, strangers=strangers)
