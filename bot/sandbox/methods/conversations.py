"""conversations.*: what the app may know of the conversations that it is in, and of public ones."""

from bot.sandbox.methods.table import Method, flag, one_page, required
from bot.sandbox.records import SCOPE_FAMILIES, Channel, Json
from bot.sandbox.refusal import Refusal
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.slack_json import channel_json, message_json

MOST_INVITED = 100
FAMILY_KIND = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}


def _channel(sandbox: Sandbox, arguments: Json, right: str) -> Channel:
    channel = sandbox.workspace.channel_for_app(str(required(arguments, "channel")))
    sandbox.require(f"{channel.scope_family}:{right}")
    return channel


def info(sandbox: Sandbox, arguments: Json) -> Json:
    """conversations.info"""
    channel = _channel(sandbox, arguments, "read")
    body = channel_json(sandbox.workspace, channel)
    if flag(arguments, "include_num_members"):
        body["num_members"] = len(channel.members)
    if flag(arguments, "include_locale"):
        body["locale"] = "en-GB"
    return {"ok": True, "channel": body}


def members(sandbox: Sandbox, arguments: Json) -> Json:
    """conversations.members: the ids of everybody in it, the app's own among them"""
    channel = _channel(sandbox, arguments, "read")
    return one_page(channel.members, "members", arguments, 100)


def history(sandbox: Sandbox, arguments: Json) -> Json:
    """conversations.history: newest first, without replies and without what one person alone sees"""
    channel = _channel(sandbox, arguments, "history")
    if sandbox.memory.bot_user_id not in channel.members:
        raise Refusal("not_in_channel")
    said = [
        message
        for message in reversed(sandbox.memory.messages.get(channel.channel_id, []))
        if not message.ephemeral_for
        and message.thread_ts in (None, message.ts)
        and _between(message.ts, arguments)
    ]
    metadata = flag(arguments, "include_all_metadata")
    shown = [message_json(sandbox.workspace, message, metadata=metadata) for message in said]
    body = one_page(shown, "messages", arguments, 100)
    return body | {"has_more": bool(body["response_metadata"]["next_cursor"])}


def _between(ts: str, arguments: Json) -> bool:
    oldest, latest = float(arguments.get("oldest") or 0), float(arguments.get("latest") or "inf")
    if flag(arguments, "inclusive"):
        return oldest <= float(ts) <= latest
    return oldest < float(ts) < latest


def replies(sandbox: Sandbox, arguments: Json) -> Json:
    """conversations.replies: the parent first"""
    channel = _channel(sandbox, arguments, "history")
    thread = sandbox.workspace.thread(channel.channel_id, str(required(arguments, "ts")))
    if not thread:
        raise Refusal("thread_not_found")
    metadata = flag(arguments, "include_all_metadata")
    shown = [
        message_json(sandbox.workspace, message, metadata=metadata)
        for number, message in enumerate(thread)
        if number == 0 or _between(message.ts, arguments)
    ]
    body = one_page(shown, "messages", arguments, 1000)
    return body | {"has_more": bool(body["response_metadata"]["next_cursor"])}


def open_direct(sandbox: Sandbox, arguments: Json) -> Json:
    """conversations.open: a direct conversation with one person, or a group one with up to eight"""
    if arguments.get("channel"):
        channel = sandbox.workspace.channel_for_app(str(arguments["channel"]))
    else:
        users = required(arguments, "users")
        wanted = users if isinstance(users, list) else str(users).split(",")
        sandbox.require("im:write" if len(wanted) == 1 else "mpim:write")
        if len(wanted) > 8:
            raise Refusal("too_many_users")
        channel = sandbox.workspace.direct_channel(wanted)
    if flag(arguments, "return_im"):
        return {"ok": True, "channel": channel_json(sandbox.workspace, channel)}
    return {"ok": True, "channel": {"id": channel.channel_id}}


def list_all(sandbox: Sandbox, arguments: Json) -> Json:
    """conversations.list: public ones, and of the others those the app is in"""
    types = str(arguments.get("types") or "public_channel").split(",")
    kinds = {FAMILY_KIND[name.strip()] for name in types if name.strip() in FAMILY_KIND}
    bot = sandbox.memory.bot_user_id
    found = [
        channel
        for channel in sandbox.memory.channels.values()
        if channel.kind in kinds and (channel.kind == "public" or bot in channel.members)
    ]
    for kind in kinds:
        sandbox.require(f"{SCOPE_FAMILIES[kind]}:read")
    if flag(arguments, "exclude_archived"):
        found = [channel for channel in found if not channel.archived]
    shown = [channel_json(sandbox.workspace, channel) for channel in found]
    return one_page(shown, "channels", arguments, 100)


def join(sandbox: Sandbox, arguments: Json) -> Json:
    """conversations.join: public channels only"""
    channel = sandbox.workspace.channel_for_app(str(required(arguments, "channel")))
    if channel.kind != "public":
        raise Refusal("method_not_supported_for_channel_type")
    if channel.archived:
        raise Refusal("is_archived")
    bot = sandbox.memory.bot_user_id
    if bot not in channel.members:
        channel.members.append(bot)
        sandbox.events.joined(bot, channel)
        sandbox.workspace.tell_channels(channel.members)
    return {"ok": True, "channel": channel_json(sandbox.workspace, channel)}


def invite(sandbox: Sandbox, arguments: Json) -> Json:
    """conversations.invite: all or, with `force`, those who can come; the errors of the others are named"""
    channel = _managed(sandbox, arguments)
    if channel.archived:
        raise Refusal("is_archived")
    users = required(arguments, "users")
    wanted = users if isinstance(users, list) else [user for user in str(users).split(",") if user]
    if len(wanted) > MOST_INVITED:
        raise Refusal("too_many_users")
    faults = {user: code for user in wanted if (code := _why_not(sandbox, channel, user))}
    if faults and not (flag(arguments, "force") and len(faults) < len(wanted)):
        raise Refusal(next(iter(faults.values())))
    for user in wanted:
        if user not in faults:
            channel.members.append(user)
            sandbox.events.joined(user, channel)
    sandbox.workspace.tell_channels(channel.members)
    body: Json = {"ok": True, "channel": channel_json(sandbox.workspace, channel)}
    if faults:
        body["errors"] = [{"user": user, "ok": False, "error": code} for user, code in faults.items()]
    return body


def _why_not(sandbox: Sandbox, channel: Channel, user: str) -> str:
    if user == sandbox.memory.bot_user_id:
        return "cant_invite_self"
    person = sandbox.memory.people.get(user)
    if person is None or person.deleted:
        return "user_not_found"
    if user in channel.members:
        return "already_in_channel"
    return "user_is_ultra_restricted" if person.single_channel else ""


def kick(sandbox: Sandbox, arguments: Json) -> Json:
    """conversations.kick"""
    channel = _managed(sandbox, arguments)
    user = str(required(arguments, "user"))
    if user == sandbox.memory.bot_user_id:
        raise Refusal("cant_kick_self")
    sandbox.workspace.person(user)
    if user not in channel.members:
        raise Refusal("not_in_channel")
    channel.members.remove(user)
    sandbox.events.left(user, channel)
    sandbox.workspace.tell_channels([user, *channel.members])
    return {"ok": True}


def _managed(sandbox: Sandbox, arguments: Json) -> Channel:
    channel = sandbox.workspace.channel_for_app(str(required(arguments, "channel")))
    if channel.kind not in ("public", "private"):
        raise Refusal("method_not_supported_for_channel_type")
    sandbox.require("channels:manage" if channel.kind == "public" else "groups:write")
    return channel


METHODS = {
    "conversations.info": Method(info, form_only=True),
    "conversations.members": Method(members, form_only=True),
    "conversations.history": Method(history, form_only=True),
    "conversations.replies": Method(replies, form_only=True),
    "conversations.open": Method(open_direct),
    "conversations.invite": Method(invite),
    "conversations.kick": Method(kick),
    "conversations.list": Method(list_all, form_only=True),
    "conversations.join": Method(join, "channels:join"),
}
