"""chat.*: what the app says, redraws and takes away."""

from bot.sandbox.limits import POSTED_TEXT, UPDATED_TEXT, check_message
from bot.sandbox.methods.table import Method, required
from bot.sandbox.records import Channel, Json, Message
from bot.sandbox.refusal import Refusal
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.slack_json import message_json


def _target(sandbox: Sandbox, arguments: Json) -> Channel:
    """The conversation to speak in; a user id means the direct conversation with that person."""
    target = str(required(arguments, "channel"))
    if target in sandbox.memory.people:
        return sandbox.workspace.direct_channel([target])
    channel = sandbox.workspace.channel_for_app(target)
    if channel.archived:
        raise Refusal("is_archived")
    return channel


def _check_member(sandbox: Sandbox, channel: Channel) -> None:
    if sandbox.memory.bot_user_id not in channel.members:
        raise Refusal("not_in_channel")


def _check(sandbox: Sandbox, arguments: Json) -> None:
    text = str(arguments.get("text") or "")
    check_message(text, arguments.get("blocks"), arguments.get("attachments"), sandbox.reach)


def post_message(sandbox: Sandbox, arguments: Json) -> Json:
    """chat.postMessage"""
    channel = _target(sandbox, arguments)
    if not (channel.kind == "public" and "chat:write.public" in sandbox.manifest.scopes):
        _check_member(sandbox, channel)
    _check(sandbox, arguments)
    metadata = arguments.get("metadata")
    if metadata is not None and not (isinstance(metadata, dict) and "event_type" in metadata):
        raise Refusal("invalid_metadata_format")
    message = sandbox.workspace.post(
        channel,
        sandbox.memory.bot_user_id,
        str(arguments.get("text") or "")[:POSTED_TEXT],
        blocks=arguments.get("blocks"),
        attachments=arguments.get("attachments"),
        thread_ts=arguments.get("thread_ts"),
        metadata=metadata,
    )
    shown = message_json(sandbox.workspace, message, metadata=True)
    return {"ok": True, "channel": channel.channel_id, "ts": message.ts, "message": shown}


def post_ephemeral(sandbox: Sandbox, arguments: Json) -> Json:
    """chat.postEphemeral"""
    channel = _target(sandbox, arguments)
    user = str(required(arguments, "user"))
    _check_member(sandbox, channel)
    if user not in channel.members:
        raise Refusal("user_not_in_channel")
    _check(sandbox, arguments)
    message = sandbox.workspace.post(
        channel,
        sandbox.memory.bot_user_id,
        str(arguments.get("text") or "")[:POSTED_TEXT],
        blocks=arguments.get("blocks"),
        attachments=arguments.get("attachments"),
        thread_ts=arguments.get("thread_ts"),
        ephemeral_for=user,
    )
    return {"ok": True, "message_ts": message.ts}


def _own_message(sandbox: Sandbox, arguments: Json, otherwise: str) -> Message:
    channel = sandbox.workspace.channel_for_app(str(required(arguments, "channel")))
    message = sandbox.workspace.message(channel.channel_id, str(required(arguments, "ts")))
    if message.ephemeral_for:
        raise Refusal("message_not_found")
    if message.user != sandbox.memory.bot_user_id:
        raise Refusal(otherwise)
    if channel.archived:
        raise Refusal("is_archived")
    return message


def update(sandbox: Sandbox, arguments: Json) -> Json:
    """chat.update: blocks that are not given stay, an empty list takes them away"""
    message = _own_message(sandbox, arguments, "cant_update_message")
    if len(str(arguments.get("text") or "")) > UPDATED_TEXT:
        raise Refusal("msg_too_long")
    _check(sandbox, arguments)
    if isinstance(arguments.get("metadata"), dict):
        message.metadata = arguments["metadata"]
    blocks = arguments.get("blocks")
    sandbox.workspace.edit(message, arguments.get("text"), message.blocks if blocks is None else blocks)
    shown = message_json(sandbox.workspace, message, metadata=True)
    return {
        "ok": True,
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": shown,
    }


def delete(sandbox: Sandbox, arguments: Json) -> Json:
    """chat.delete"""
    message = _own_message(sandbox, arguments, "cant_delete_message")
    sandbox.workspace.delete(message)
    return {"ok": True, "channel": message.channel, "ts": message.ts}


def permalink(sandbox: Sandbox, arguments: Json) -> Json:
    """chat.getPermalink"""
    channel = sandbox.workspace.channel_for_app(str(required(arguments, "channel")))
    message = sandbox.workspace.message(channel.channel_id, str(required(arguments, "message_ts")))
    address = f"{sandbox.base_url}/archives/{channel.channel_id}/p{message.ts.replace('.', '')}"
    if message.thread_ts:
        address += f"?thread_ts={message.thread_ts}&cid={channel.channel_id}"
    return {"ok": True, "channel": channel.channel_id, "permalink": address}


METHODS = {
    "chat.postMessage": Method(post_message, "chat:write"),
    "chat.postEphemeral": Method(post_ephemeral, "chat:write"),
    "chat.update": Method(update, "chat:write"),
    "chat.delete": Method(delete, "chat:write"),
    "chat.getPermalink": Method(permalink, form_only=True),
}
