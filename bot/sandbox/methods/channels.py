"""conversations.create and conversations.archive: a channel's beginning and end.

A test orders the refusals of a workspace that keeps these to its own people (`restricted_action`) as faults.
"""

import re

from bot.sandbox.methods.table import Method, flag, required
from bot.sandbox.records import Channel, Json
from bot.sandbox.refusal import Refusal
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.slack_json import channel_json
from bot.sandbox.workspace import new_id

LONGEST_NAME = 80
NAME = re.compile(r"[\w-]+")


def create(sandbox: Sandbox, arguments: Json) -> Json:
    """conversations.create: the app is in it; a name is taken once, by archived and by unseen channels too"""
    private = flag(arguments, "is_private")
    sandbox.require("groups:write" if private else "channels:manage")
    name = str(arguments.get("name") or "")
    if not name:
        raise Refusal("invalid_name_required")
    if len(name) > LONGEST_NAME:
        raise Refusal("invalid_name_maxlength")
    if name != name.lower() or not NAME.fullmatch(name):
        raise Refusal("invalid_name_specials")
    if any(name == channel.name for channel in sandbox.memory.channels.values()):
        raise Refusal("name_taken")
    bot = sandbox.memory.bot_user_id
    made = Channel(new_id("C"), name, "private" if private else "public", members=[bot])
    sandbox.memory.channels[made.channel_id] = made
    return {"ok": True, "channel": channel_json(sandbox.workspace, made)}


def archive(sandbox: Sandbox, arguments: Json) -> Json:
    """conversations.archive: channels only; everybody in it is told"""
    channel = sandbox.workspace.channel_for_app(str(required(arguments, "channel")))
    if channel.kind not in ("public", "private"):
        raise Refusal("method_not_supported_for_channel_type")
    sandbox.require("channels:manage" if channel.kind == "public" else "groups:write")
    bot = sandbox.memory.bot_user_id
    if bot not in channel.members:
        raise Refusal("not_in_channel")
    if channel.archived:
        raise Refusal("already_archived")
    channel.archived = True
    sandbox.events.archived(channel, bot)
    sandbox.workspace.tell_channels(channel.members)
    return {"ok": True}


METHODS = {
    "conversations.create": Method(create),
    "conversations.archive": Method(archive),
}
