"""People, conversations, messages, files and views in the shapes in which Slack's API gives them out."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.sandbox.records import Channel, Json, Message, Person, StoredFile, View
from bot.sandbox.workspace import Workspace


def person_json(workspace: Workspace, person: Person, *, email: bool, locale: bool) -> Json:
    """A user object (docs.slack.dev/reference/objects/user-object)."""
    team = person.team_id or workspace.memory.team_id
    offset = datetime.now(UTC).astimezone(ZoneInfo(person.tz)).utcoffset()
    profile: Json = {
        "real_name": person.name,
        "display_name": person.handle,
        "title": person.title,
        "team": team,
    }
    if email and person.email:
        profile["email"] = person.email
    body: Json = {
        "id": person.user_id,
        "team_id": team,
        "name": person.handle,
        "real_name": person.name,
        "deleted": person.deleted,
        "is_bot": person.bot,
        "is_app_user": False,
        "updated": 0,
        "profile": profile,
    }
    if person.deleted:
        return body
    body |= {
        "tz": person.tz,
        "tz_label": person.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "is_admin": person.admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.guest or person.single_channel,
        "is_ultra_restricted": person.single_channel,
    }
    if team != workspace.memory.team_id:
        body["is_stranger"] = True
    if locale:
        body["locale"] = person.locale
    return body


def app_user_json(workspace: Workspace) -> Json:
    """The app's own user."""
    memory = workspace.memory
    return {
        "id": memory.bot_user_id,
        "team_id": memory.team_id,
        "name": memory.bot_name.lower(),
        "real_name": memory.bot_name,
        "deleted": False,
        "is_bot": True,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "tz": "Etc/UTC",
        "profile": {"real_name": memory.bot_name, "api_app_id": memory.app_id, "team": memory.team_id},
    }


def channel_json(workspace: Workspace, channel: Channel) -> Json:
    """A conversation object (docs.slack.dev/reference/objects/conversation-object)."""
    bot = workspace.memory.bot_user_id
    body: Json = {
        "id": channel.channel_id,
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "public",
        "is_archived": channel.archived,
        "is_general": False,
        "is_shared": channel.shared,
        "is_ext_shared": channel.shared,
        "is_org_shared": False,
        "context_team_id": workspace.memory.team_id,
    }
    if channel.kind == "im":
        return body | {"user": next(member for member in channel.members if member != bot), "is_open": True}
    return body | {
        "name": channel.name or f"mpdm-{channel.channel_id.lower()}",
        "is_member": bot in channel.members,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def message_json(workspace: Workspace, message: Message, *, metadata: bool = False) -> Json:
    """A message object, with its metadata only where it was asked for."""
    memory = workspace.memory
    body: Json = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
    if message.user == memory.bot_user_id:
        body |= {"bot_id": bot_id(workspace), "app_id": memory.app_id, "team": memory.team_id}
    if message.blocks:
        body["blocks"] = message.blocks
    if message.attachments:
        body["attachments"] = message.attachments
    if message.edited:
        body["edited"] = {"user": message.user, "ts": message.ts}
    if message.files:
        body["files"] = [file_json(workspace, memory.files[file_id]) for file_id in message.files]
    if message.reactions:
        body["reactions"] = message.reactions_json()
    if metadata and message.metadata:
        body["metadata"] = message.metadata
    return body | _thread_fields(workspace, message)


def _thread_fields(workspace: Workspace, message: Message) -> Json:
    if message.thread_ts:
        return {"thread_ts": message.thread_ts}
    replies = workspace.thread(message.channel, message.ts)[1:]
    if not replies:
        return {}
    return {"thread_ts": message.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts}


def bot_id(workspace: Workspace) -> str:
    """The app's bot id, which differs from its user id."""
    return "B" + workspace.memory.bot_user_id[1:]


def file_json(workspace: Workspace, stored: StoredFile) -> Json:
    """A file object; its address needs the bot's token."""
    address = f"{workspace.base_url}/files-pri/{workspace.memory.team_id}-{stored.id}/{stored.name}"
    return {
        "id": stored.id,
        "name": stored.name,
        "title": stored.title or stored.name,
        **({"alt_txt": stored.alt_text} if stored.alt_text else {}),
        "mimetype": stored.mimetype,
        "filetype": stored.name.rpartition(".")[2],
        "user": stored.owner,
        "size": len(stored.content),
        "mode": "hosted",
        "is_external": False,
        "url_private": address,
        "url_private_download": address,
    }


def view_json(workspace: Workspace, view: View) -> Json:
    """A view object as methods return it and payloads carry it."""
    memory = workspace.memory
    return {
        "id": view.id,
        "team_id": memory.team_id,
        "type": view.type,
        "blocks": view.blocks,
        "private_metadata": view.private_metadata,
        "callback_id": view.callback_id,
        "state": {"values": view.state},
        "hash": view.hash,
        "title": view.title,
        "submit": view.submit,
        "close": view.close,
        "clear_on_close": view.clear_on_close,
        "notify_on_close": view.notify_on_close,
        "submit_disabled": view.submit_disabled,
        "external_id": view.external_id,
        "root_view_id": view.root_view_id,
        "previous_view_id": view.previous_view_id,
        "app_id": memory.app_id,
        "app_installed_team_id": memory.team_id,
        "bot_id": bot_id(workspace),
    }


def page_view(view: View) -> Json:
    """A view as the page draws it."""
    names = ("id", "type", "callback_id", "title", "submit", "close", "blocks", "private_metadata", "hash")
    return {name: getattr(view, name) for name in names} | {"state": {"values": view.state}}
