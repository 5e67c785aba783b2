"""The page's own door, on loopback only: what one person sees and what that person does."""

import json
import mimetypes
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.sandbox.interactions import Interactions, Problem
from bot.sandbox.records import Channel, Json, Message, Person, View
from bot.sandbox.refusal import Refusal
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.slack_json import page_view

PAGE = Path(__file__).parent / "page"
COLOURS = ("#7a3e9d", "#0b7285", "#b4530a", "#2b8a3e", "#a61e4d", "#1864ab", "#5c940d", "#862e9c")
EMOJI_NAME = re.compile(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?")
OWN_HOSTS = frozenset({"127.0.0.1", "localhost"})
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def refuse(sentence: str, status: int = 400) -> web.HTTPException:
    """An HTTP error with a plain sentence for the page."""
    kinds: dict[int, type[web.HTTPError]] = {
        400: web.HTTPBadRequest,
        403: web.HTTPForbidden,
        404: web.HTTPNotFound,
    }
    return kinds[status](text=json.dumps({"error": sentence}), content_type="application/json")


@web.middleware
async def plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals and problems become one plain sentence; other sites' pages may not knock."""
    if request.path.startswith("/sandbox/"):
        origin = request.headers.get("Origin")
        foreign = origin is not None and origin.split("://")[-1] != request.host
        if foreign or request.url.host not in OWN_HOSTS:
            raise refuse("This door is for the sandbox's own page.", 403)
    try:
        return await handler(request)
    except Refusal as refusal:
        raise refuse(refusal.code.replace("_", " "), 404) from None
    except Problem as problem:
        raise refuse(str(problem)) from None


async def keep_fresh(_: web.Request, response: web.StreamResponse) -> None:
    """A browser asks again each time: after an upgrade it must not show the old page."""
    response.headers.setdefault("Cache-Control", "no-cache")


async def body_of(request: web.Request) -> Json:
    """The JSON object in the body.

    :raises web.HTTPBadRequest: it is none
    """
    try:
        document: Any = await request.json()
    except ValueError:
        raise refuse("The body must be JSON.") from None
    if not isinstance(document, dict):
        raise refuse("The body must be a JSON object.")
    return document


class PageDoor:
    """The routes of the workspace's page."""

    def __init__(self, sandbox: Sandbox, interactions: Interactions) -> None:
        self.sandbox = sandbox
        self.interactions = interactions

    def routes(self) -> list[web.AbstractRouteDef]:
        """Everything that a person at the page can see or do."""
        return [
            web.get("/", self.page),
            web.get("/archives/{rest:.*}", self.page),
            web.get("/app_redirect", self.page),
            web.static("/page", PAGE),
            web.get("/sandbox/people", self.people),
            web.get("/sandbox/state", self.state),
            web.get("/sandbox/messages", self.messages),
            web.post("/sandbox/messages", self.say),
            web.post("/sandbox/reactions", self.react),
            web.get("/sandbox/channels", self.other_channels),
            web.post("/sandbox/home", self.open_home),
            web.post("/sandbox/actions", self.act),
            web.post("/sandbox/view/submit", self.submit),
            web.post("/sandbox/view/close", self.close_view),
            web.post("/sandbox/shortcuts", self.shortcut),
            web.post("/sandbox/options", self.options),
            web.post("/sandbox/files", self.upload),
            web.get("/sandbox/files/{file_id}", self.file),
            web.get("/sandbox/ws", self.listen),
        ]

    async def page(self, _: web.Request) -> web.FileResponse:
        """The page itself."""
        return web.FileResponse(PAGE / "index.html")

    def _person(self, user: Any) -> Person:
        person = self.sandbox.workspace.person(str(user))
        if person.deleted:
            raise refuse("This account is deactivated.", 403)
        return person

    def _shown_person(self, person: Person) -> Json:
        place = list(self.sandbox.memory.people).index(person.user_id)
        return {
            "user_id": person.user_id,
            "name": person.name,
            "title": person.title,
            "company": person.company,
            "tz": person.tz,
            "locale": person.locale,
            "color": COLOURS[place % len(COLOURS)],
            "is_admin": person.admin,
            "deleted": person.deleted,
        }

    async def people(self, _: web.Request) -> web.Response:
        """Everybody whom the page can act as, and those whom it cannot."""
        return web.json_response([self._shown_person(p) for p in self.sandbox.memory.people.values()])

    async def state(self, request: web.Request) -> web.Response:
        """All that one person's page starts with."""
        person = self._person(request.query.get("as"))
        memory, manifest = self.sandbox.memory, self.sandbox.manifest
        home = memory.homes.get(person.user_id)
        return web.json_response(
            {
                "me": self._shown_person(person),
                "team": {"id": memory.team_id, "name": memory.team_name},
                "app": {
                    "user_id": memory.bot_user_id,
                    "name": memory.bot_name,
                    "read_only": manifest.messages_read_only,
                },
                "clock": self.sandbox.clock.shown(),
                "channels": self.sandbox.workspace.page_channels(person.user_id),
                "commands": [
                    {name: entry.get(name, "") for name in ("command", "description", "usage_hint")}
                    for entry in manifest.commands
                ],
                "shortcuts": [
                    {name: entry.get(name, "") for name in ("callback_id", "name", "type", "description")}
                    for entry in manifest.shortcuts
                ],
                "home": page_view(home) if home else None,
                "view_stack": [page_view(view) for view in self.sandbox.views.stack(person.user_id)],
            }
        )

    def _channel(self, person: Person, channel_id: Any) -> Channel:
        channel = self.sandbox.workspace.channel(str(channel_id))
        if person.user_id not in channel.members:
            raise refuse("You are not in this conversation.", 404)
        return channel

    def _message(self, person: Person, place: Json) -> Message:
        channel = self._channel(person, place.get("channel"))
        message = self.sandbox.workspace.message(channel.channel_id, str(place.get("ts")))
        if person.user_id not in self.sandbox.workspace.audience(message):
            raise Refusal("message_not_found")
        return message

    def _view(self, person: Person, view_id: Any) -> View:
        view = self.sandbox.views.find(str(view_id))
        if view.user != person.user_id:
            raise Refusal("not_found")
        return view

    async def messages(self, request: web.Request) -> web.Response:
        """What one person may read in one conversation; reading it marks it as read."""
        person = self._person(request.query.get("as"))
        channel = self._channel(person, request.query.get("channel"))
        said = self.sandbox.workspace.said_to(person.user_id, channel)
        if said:
            channel.read[person.user_id] = said[-1].ts
        return web.json_response({"messages": [self.sandbox.workspace.page_message(m) for m in said]})

    async def other_channels(self, request: web.Request) -> web.Response:
        """The public channels that a person is not in."""
        person = self._person(request.query.get("as"))
        others = [
            channel
            for channel in self.sandbox.memory.channels.values()
            if channel.kind == "public" and person.user_id not in channel.members
        ]
        shown = self.sandbox.workspace.drawn_channels(others, person.user_id)
        return web.json_response({"channels": shown})

    async def say(self, request: web.Request) -> web.Response:
        """A message, or a slash command."""
        body = await body_of(request)
        person = self._person(body.get("as"))
        channel = self._channel(person, body.get("channel"))
        text = str(body.get("text") or "").strip()
        if channel.kind == "im" and self.sandbox.manifest.messages_read_only:
            raise refuse("This app takes no messages here.")
        if text.startswith("/"):
            await self.interactions.command(person, channel, text)
        elif channel.archived:
            raise refuse("This channel is archived.")
        elif text:
            self.sandbox.workspace.post(channel, person.user_id, text, thread_ts=body.get("thread_ts"))
        return web.json_response({"ok": True})

    async def react(self, request: web.Request) -> web.Response:
        """An emoji by its name, with or without a skin tone, is put on a message or taken away."""
        body = await body_of(request)
        person = self._person(body.get("as"))
        message = self._message(person, body.get("message") or {})
        name = str(body.get("name") or "")
        if not EMOJI_NAME.fullmatch(name) or message.ephemeral_for:
            raise refuse("That cannot be put on this message.")
        added = self.sandbox.workspace.react(message, person.user_id, name)
        self.sandbox.events.reacted(message, person.user_id, name, added=added)
        return web.json_response({"ok": True})

    async def open_home(self, request: web.Request) -> web.Response:
        """The App Home tab was opened."""
        person = self._person((await body_of(request)).get("as"))
        channel = self.sandbox.workspace.direct_channel([person.user_id])
        self.sandbox.events.home_opened(person.user_id, channel)
        return web.json_response({"ok": True})

    async def act(self, request: web.Request) -> web.Response:
        """An element was used."""
        body = await body_of(request)
        person = self._person(body.get("as"))
        holder = self._holder(person, body)
        block_id, action_id = str(body.get("block_id")), str(body.get("action_id"))
        given, typed = body.get("action") or {}, (body.get("state") or {}).get("values") or {}
        if isinstance(holder, View):
            await self.interactions.click_view(person, holder, block_id, action_id, given, typed)
        else:
            await self.interactions.click_message(person, holder, block_id, action_id, given, typed)
        return web.json_response({"ok": True})

    def _holder(self, person: Person, body: Json) -> Message | View:
        container: Json = body.get("container") or {}
        if container.get("type") == "view":
            return self._view(person, container.get("view_id"))
        return self._message(person, container)

    async def submit(self, request: web.Request) -> web.Response:
        """A form was submitted."""
        body = await body_of(request)
        person = self._person(body.get("as"))
        view = self._view(person, body.get("view_id"))
        typed = (body.get("state") or {}).get("values") or {}
        errors = await self.interactions.submit(person, view, typed)
        return web.json_response({"errors": errors} if errors else {"ok": True})

    async def close_view(self, request: web.Request) -> web.Response:
        """A modal was closed without submitting it."""
        body = await body_of(request)
        person = self._person(body.get("as"))
        view = self._view(person, body.get("view_id"))
        await self.interactions.close(person, view, clear=bool(body.get("clear")))
        return web.json_response({"ok": True})

    async def shortcut(self, request: web.Request) -> web.Response:
        """A shortcut was chosen."""
        body = await body_of(request)
        person = self._person(body.get("as"))
        place = body.get("message")
        message = self._message(person, place) if place else None
        await self.interactions.shortcut(person, str(body.get("callback_id")), message)
        return web.json_response({"ok": True})

    async def options(self, request: web.Request) -> web.Response:
        """Somebody types into an external select."""
        body = await body_of(request)
        person = self._person(body.get("as"))
        ids = str(body.get("block_id")), str(body.get("action_id"))
        found = await self.interactions.options(
            person, self._holder(person, body), *ids, str(body.get("value") or "")
        )
        return web.json_response(found)

    async def upload(self, request: web.Request) -> web.Response:
        """A file for a file input."""
        parts = await request.post()
        person = self._person(parts.get("as"))
        part = parts.get("file")
        if not isinstance(part, web.FileField):
            raise refuse("There is no file in this form.")
        mimetype = mimetypes.guess_type(part.filename)[0] or "application/octet-stream"
        stored = self.sandbox.workspace.add_file(part.filename, mimetype, person.user_id, part.file.read())
        return web.json_response({"file": self.sandbox.workspace.page_file(stored)})

    async def file(self, request: web.Request) -> web.Response:
        """The bytes of a file."""
        stored = self.sandbox.memory.files.get(request.match_info["file_id"])
        if stored is None:
            raise refuse("There is no such file.", 404)
        safe = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        return web.Response(body=stored.content, content_type=stored.mimetype, headers=safe)

    async def listen(self, request: web.Request) -> web.WebSocketResponse:
        """What changes, as it changes."""
        person = self._person(request.query.get("as"))
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        queue = self.sandbox.fanout.open(person.user_id)
        self.sandbox.delivery.start(_forward(socket, queue.get))
        try:
            async for _ in socket:
                pass
        finally:
            self.sandbox.fanout.close(person.user_id, queue)
        return socket


async def _forward(socket: web.WebSocketResponse, next_event: Callable[[], Awaitable[Json]]) -> None:
    while not socket.closed:
        event = await next_event()
        if not socket.closed:
            await socket.send_json(event)
