"""The door of the Slack Web API: tokens, scopes, faults and arguments, then the method itself."""

import asyncio
import json
import time
from io import BytesIO
from typing import Any

from aiohttp import web

from bot.sandbox.faults import Fault
from bot.sandbox.methods import channels, chat, conversations, files, people, usergroups, views
from bot.sandbox.methods.table import Method
from bot.sandbox.records import Json
from bot.sandbox.refusal import Refusal
from bot.sandbox.sandbox import Sandbox

METHODS: dict[str, Method] = {
    **chat.METHODS,
    **channels.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **people.METHODS,
    **usergroups.METHODS,
    **views.METHODS,
}
STRUCTURED = frozenset({"blocks", "view", "metadata", "attachments", "files"})
SILENCE_SECONDS = 120.0


class WebApi:
    """Answers /api/{method} as Slack does."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """The Web API, the upload addresses and the private files."""
        return [
            web.route("*", "/api/{method}", self.call),
            web.post("/upload/v1/{file_id}", self.upload),
            web.get("/files-pri/{key}/{name}", self.download),
        ]

    async def call(self, request: web.Request) -> web.Response:
        """One method call."""
        name = request.match_info["method"]
        fault = self.sandbox.faults.take(name)
        if fault is not None and fault.kind != "lost_after_effect":
            self._remember(name, {}, fault.kind)
            return await _failure(fault)
        arguments: Json = {}
        try:
            await _read_arguments(request, arguments, METHODS.get(name))
            body = self._perform(name, _token(request, arguments), arguments)
        except Refusal as refusal:
            body = refusal.answer()
        self._remember(name, arguments, body.get("error"))
        if fault is not None and request.transport is not None:
            request.transport.abort()
        return web.json_response(body, headers=self._scope_headers(name))

    def _perform(self, name: str, token: str, arguments: Json) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise Refusal("unknown_method")
        self._check_token(token, method)
        if method.scope:
            self.sandbox.require(method.scope)
        return method.run(self.sandbox, arguments)

    def _check_token(self, token: str, method: Method) -> None:
        credentials = self.sandbox.credentials
        if not token:
            raise Refusal("not_authed")
        if token not in (credentials.bot_token, credentials.app_token):
            raise Refusal("invalid_auth")
        if (token == credentials.app_token) != method.app_token:
            raise Refusal("not_allowed_token_type")

    def _remember(self, name: str, arguments: Json, error: str | None) -> None:
        self.sandbox.calls.append({"method": name, "arguments": arguments, "error": error, "at": time.time()})

    def _scope_headers(self, name: str) -> dict[str, str]:
        method = METHODS.get(name)
        accepted = method.scope if method else None
        headers = {"x-oauth-scopes": ",".join(sorted(self.sandbox.manifest.scopes))}
        return headers | ({"x-accepted-oauth-scopes": accepted} if accepted else {})

    async def upload(self, request: web.Request) -> web.Response:
        """The bytes of a file, raw or as a form."""
        stored = self.sandbox.memory.files.get(request.match_info["file_id"])
        if stored is None:
            return web.Response(status=404, text="not found")
        if request.content_type == "multipart/form-data":
            parts = await request.post()
            part = next((value for value in parts.values() if isinstance(value, web.FileField)), None)
            stored.content = part.file.read() if part else b""
        else:
            stored.content = await request.read()
        return web.Response(text=f"OK - {len(stored.content)}")

    async def download(self, request: web.Request) -> web.Response:
        """A private file, for the app's token; anybody else is sent to a page for signing in, as at Slack."""
        stored = self.sandbox.memory.files.get(request.match_info["key"].rpartition("-")[2])
        readable = "files:read" in self.sandbox.manifest.scopes
        if _token(request, {}) != self.sandbox.credentials.bot_token or not readable:
            return web.Response(status=302, headers={"Location": f"{self.sandbox.base_url}/"})
        if stored is None or not self.sandbox.workspace.may_read(stored):
            return web.Response(status=404, text="not found")
        return web.Response(body=BytesIO(stored.content), content_type=stored.mimetype)


async def _failure(fault: Fault) -> web.Response:
    if fault.kind == "429":
        body = {"ok": False, "error": "ratelimited"}
        return web.json_response(body, status=429, headers={"Retry-After": str(fault.retry_after)})
    if fault.kind == "timeout":
        await asyncio.sleep(SILENCE_SECONDS)
    if fault.kind == "ok_false":
        return web.json_response({"ok": False, "error": fault.error})
    return web.Response(status=500, text="server error")


def _token(request: web.Request, arguments: Json) -> str:
    header = request.headers.get("Authorization", "")
    return header.removeprefix("Bearer ") or str(arguments.pop("token", ""))


async def _read_arguments(request: web.Request, arguments: Json, method: Method | None) -> None:
    """Fill in query, form and JSON body alike; structured arguments may come as JSON inside a string.

    :raises Refusal: invalid_json, or invalid_blocks_format for structured arguments that are no JSON
    """
    arguments |= dict(request.query)
    if request.content_type == "application/json":
        try:
            body: Any = await request.json()
        except ValueError:
            raise Refusal("invalid_json") from None
        if isinstance(body, dict) and not (method and method.form_only):
            arguments |= body
    elif request.can_read_body:
        arguments |= dict(await request.post())
    for name in STRUCTURED & arguments.keys():
        if isinstance(arguments[name], str):
            try:
                arguments[name] = json.loads(arguments[name])
            except ValueError:
                raise Refusal("invalid_blocks_format") from None
