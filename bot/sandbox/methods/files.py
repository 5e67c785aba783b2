"""files.*, version 2: ask for an address, send the bytes there, complete the upload."""

import mimetypes
from typing import Any

from bot.sandbox.limits import check_message
from bot.sandbox.methods.table import Method, required
from bot.sandbox.records import Channel, Json, StoredFile
from bot.sandbox.refusal import Refusal
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.slack_json import file_json


def _file(sandbox: Sandbox, file_id: Any) -> StoredFile:
    stored = sandbox.memory.files.get(str(file_id))
    if stored is None:
        raise Refusal("file_not_found")
    return stored


def upload_address(sandbox: Sandbox, arguments: Json) -> Json:
    """files.getUploadURLExternal"""
    name = str(required(arguments, "filename"))
    if int(required(arguments, "length")) < 1:
        raise Refusal("invalid_arguments", ["length must be positive"])
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    stored = sandbox.workspace.add_file(name, mimetype, sandbox.memory.bot_user_id)
    stored.alt_text = str(arguments.get("alt_txt") or "")
    return {"ok": True, "upload_url": f"{sandbox.base_url}/upload/v1/{stored.id}", "file_id": stored.id}


def complete(sandbox: Sandbox, arguments: Json) -> Json:
    """files.completeUploadExternal: shares the files in the channels named, or keeps them private"""
    wanted: list[Json] = required(arguments, "files")
    files = [_file(sandbox, entry.get("id")) for entry in wanted]
    for entry, stored in zip(wanted, files, strict=True):
        stored.title = str(entry.get("title") or "")
        if not stored.content:
            raise Refusal("file_not_found")
        stored.complete = True
    text, blocks = str(arguments.get("initial_comment") or ""), arguments.get("blocks")
    if blocks:
        check_message(text, blocks, None, sandbox.reach)
    for channel in _channels(sandbox, arguments):
        sandbox.workspace.post(
            channel,
            sandbox.memory.bot_user_id,
            text,
            blocks=blocks,
            thread_ts=arguments.get("thread_ts"),
            files=[stored.id for stored in files],
        )
        for stored in files:
            stored.shared = True
    return {"ok": True, "files": [file_json(sandbox.workspace, stored) for stored in files]}


def _channels(sandbox: Sandbox, arguments: Json) -> list[Channel]:
    names = str(arguments.get("channels") or arguments.get("channel_id") or "")
    channels = [sandbox.workspace.channel_for_app(name) for name in names.split(",") if name]
    for channel in channels:
        if sandbox.memory.bot_user_id not in channel.members:
            raise Refusal("not_in_channel")
        if channel.archived:
            raise Refusal("is_archived")
    return channels


def info(sandbox: Sandbox, arguments: Json) -> Json:
    """files.info: of files that the app made, that were shared where it is, or given to it in a form"""
    stored = _file(sandbox, required(arguments, "file"))
    if not sandbox.workspace.may_read(stored):
        raise Refusal("file_not_found")
    return {"ok": True, "file": file_json(sandbox.workspace, stored)}


METHODS = {
    "files.getUploadURLExternal": Method(upload_address, "files:write", form_only=True),
    "files.completeUploadExternal": Method(complete, "files:write"),
    "files.info": Method(info, "files:read", form_only=True),
}
