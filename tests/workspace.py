"""A local Slack workspace for tests: the sandbox server on a free port, and hands that act as its people.

Everything goes over the page's door by HTTP, as a person at the page would do it. Answers come back as the
server's JSON: `{"ok": true}`, `{"errors": {...}}` or `{"error": "sentence"}`.
"""

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from bot.sandbox.alliance import memory_from, read_alliance
from bot.sandbox.forms import VALUE_FIELD, elements
from bot.sandbox.manifest import read_manifest
from bot.sandbox.marketplace.catalogue import Listing
from bot.sandbox.sandbox import Credentials, Options, Sandbox
from bot.sandbox.server import Server

Json = dict[str, Any]
Found = TypeVar("Found")

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "manifest.yml"
BOT_TOKEN = "xoxb-sandbox"
APP_TOKEN = "xapp-sandbox"
SIGNING_SECRET = "sandbox-signing-secret"

_manifest = functools.cache(read_manifest)  # a file of this size takes as long to read as a server to start


class Workspace:
    """One running sandbox and a client of its page's door."""

    def __init__(self, server: Server, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.sandbox = server.sandbox
        self.session = session

    @classmethod
    async def start(
        cls,
        manifest: Path = MANIFEST,
        *,
        bot_url: str = "",
        document: Json | None = None,
        options: Options | None = None,
        listings: list[Listing] | None = None,
    ) -> "Workspace":
        """Start a fresh workspace out of the alliance file, or out of `document` in the same shape."""
        options = options or Options(retry_scale=0.002)
        options.bot_url = options.bot_url or bot_url
        credentials = Credentials(BOT_TOKEN, SIGNING_SECRET, APP_TOKEN)
        memory = memory_from(document or read_alliance())
        server = Server(Sandbox(memory, _manifest(manifest), credentials, options), listings)
        await server.start()
        return cls(server, aiohttp.ClientSession(server.sandbox.base_url))

    async def stop(self) -> None:
        """Stop the server."""
        await self.session.close()
        await self.server.stop()

    @property
    def url(self) -> str:
        """The server's address."""
        return self.sandbox.base_url

    @property
    def api_url(self) -> str:
        """What SLACK_API_URL points to."""
        return f"{self.url}/api/"

    def connect(self, bot_url: str) -> None:
        """Where the bot listens, without a path; Slack's requests go to /slack/events there."""
        self.server.connect(bot_url)

    def member(self, name: str) -> str:
        """The user id of the person whose name starts like this."""
        return next(p.user_id for p in self.sandbox.memory.people.values() if p.name.startswith(name))

    def channel(self, name: str) -> str:
        """The id of the channel of this name."""
        return next(c.channel_id for c in self.sandbox.memory.channels.values() if c.name == name)

    async def get(self, path: str, **query: str) -> Any:
        """GET one of the door's routes."""
        async with self.session.get(path, params=query) as response:
            return await response.json()

    async def post(self, path: str, body: Json) -> Json:
        """POST to one of the door's routes."""
        async with self.session.post(path, json=body) as response:
            answer: Json = await response.json()
            return answer

    # What a person does

    async def command(self, user: str, line: str, channel: str) -> Json:
        """Type a slash command."""
        return await self.post("/sandbox/messages", {"as": user, "channel": channel, "text": line})

    async def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Json:
        """Write a message."""
        body = {"as": user, "channel": channel, "text": text, "thread_ts": thread_ts}
        return await self.post("/sandbox/messages", body)

    async def click(
        self, user: str, channel: str, ts: str, action_id: str, *, block_id: str | None = None, **fields: Any
    ) -> Json:
        """Use an element of a message; `fields` are the element's own, such as `selected_option`."""

        async def body() -> Json:
            shown = next((m for m in await self.messages(user, channel) if m["ts"] == ts), None)
            return {
                "as": user,
                "container": {"type": "message", "channel": channel, "ts": ts},
                "block_id": block_id or _block_of(shown["blocks"] if shown else [], action_id),
                "action_id": action_id,
                "action": fields,
            }

        return await self._press(body)

    async def click_view(
        self,
        user: str,
        view_id: str,
        action_id: str,
        *,
        block_id: str | None = None,
        values: Json | None = None,
        **fields: Any,
    ) -> Json:
        """Use an element of a modal or of App Home; `values` is what else is typed, as for `submit`."""

        async def body() -> Json:
            view = await self._view(user, view_id)
            return {
                "as": user,
                "container": {"type": "view", "view_id": view_id},
                "block_id": block_id or _block_of(view["blocks"], action_id),
                "action_id": action_id,
                "action": fields,
                "state": {"values": typed(view, values or {})},
            }

        return await self._press(body)

    async def _press(self, body: Callable[[], Awaitable[Json]]) -> Json:
        """Press what is shown. A card redrawn under the finger has new block ids: it is pressed again."""
        pressed = await body()
        while (done := await self.post("/sandbox/actions", pressed)) == {"error": "This element is gone."}:
            again = await body()
            if again["block_id"] in ("missing", pressed["block_id"]):
                break
            pressed = again
        return done

    async def submit(self, user: str, view_id: str, values: Json | None = None) -> Json:
        """Submit a modal. `values` by action id or block id: text, an option's value, or a list."""
        view = await self._view(user, view_id)
        body = {"as": user, "view_id": view_id, "state": {"values": typed(view, values or {})}}
        return await self.post("/sandbox/view/submit", body)

    async def close_view(self, user: str, view_id: str, *, clear: bool = False) -> Json:
        """Close a modal."""
        return await self.post("/sandbox/view/close", {"as": user, "view_id": view_id, "clear": clear})

    async def open_home(self, user: str) -> Json:
        """Open the App Home tab."""
        return await self.post("/sandbox/home", {"as": user})

    async def shortcut(self, user: str, callback_id: str, message: tuple[str, str] | None = None) -> Json:
        """Choose a shortcut, on the message (channel, ts) where one is given."""
        place = {"channel": message[0], "ts": message[1]} if message else None
        return await self.post(
            "/sandbox/shortcuts", {"as": user, "callback_id": callback_id, "message": place}
        )

    async def react(self, user: str, channel: str, ts: str, name: str) -> Json:
        """Put an emoji on a message, or take the own one away."""
        place = {"channel": channel, "ts": ts}
        return await self.post("/sandbox/reactions", {"as": user, "message": place, "name": name})

    async def options(self, user: str, view_id: str, action_id: str, value: str) -> Json:
        """Type into an external select of a view."""
        view = await self._view(user, view_id)
        body = {
            "as": user,
            "container": {"type": "view", "view_id": view_id},
            "block_id": _block_of(view["blocks"], action_id),
            "action_id": action_id,
            "value": value,
        }
        return await self.post("/sandbox/options", body)

    async def upload(self, user: str, name: str, content: bytes) -> Json:
        """Upload a file for a file input; gives back the file."""
        form = aiohttp.FormData({"as": user})
        form.add_field("file", content, filename=name)
        async with self.session.post("/sandbox/files", data=form) as response:
            uploaded: Json = (await response.json())["file"]
            return uploaded

    # What a person sees

    async def state(self, user: str) -> Json:
        """All that a person's page starts with."""
        state: Json = await self.get("/sandbox/state", **{"as": user})
        return state

    async def messages(self, user: str, channel: str) -> list[Json]:
        """What a person may read in a conversation, oldest first; nothing where the person is not in it."""
        answer = await self.get("/sandbox/messages", **{"as": user, "channel": channel})
        found: list[Json] = answer.get("messages", [])
        return found

    async def direct_messages(self, user: str) -> list[Json]:
        """What a person reads in the direct conversation with the app."""
        places = [entry["id"] for entry in (await self.state(user))["channels"] if entry["kind"] == "im"]
        return [message for place in places for message in await self.messages(user, place)]

    async def views(self, user: str) -> list[Json]:
        """A person's open modals, bottom first."""
        stack: list[Json] = (await self.state(user))["view_stack"]
        return stack

    async def home(self, user: str) -> Json | None:
        """A person's App Home."""
        home: Json | None = (await self.state(user))["home"]
        return home

    async def _view(self, user: str, view_id: str) -> Json:
        state = await self.state(user)
        shown = [*state["view_stack"], *([state["home"]] if state["home"] else [])]
        return next((view for view in shown if view["id"] == view_id), {"blocks": []})

    # What happens to the workspace

    async def join(self, user: str, channel: str) -> Json:
        """Let a person, or the app by its user id, join a channel."""
        return await self.post("/sandbox/channels/join", {"as": user, "channel": channel})

    async def leave(self, user: str, channel: str) -> Json:
        """Let a person, or the app by its user id, leave a channel."""
        return await self.post("/sandbox/channels/leave", {"as": user, "channel": channel})

    async def archive(self, user: str, channel: str, *, archived: bool = True) -> Json:
        """Archive a channel or bring it back."""
        return await self.post(
            "/sandbox/channels/archive", {"as": user, "channel": channel, "archived": archived}
        )

    async def change_person(self, user: str, **changes: Any) -> Json:
        """Change fields of a person, such as `tz`, `guest` or `deleted`."""
        return await self.post(f"/sandbox/people/{user}", changes)

    async def fault(self, method: str, kind: str, **details: Any) -> Json:
        """Order 429, 500, timeout, lost_after_effect or ok_false; `times`, `retry_after`, `error`."""
        return await self.post("/sandbox/faults", {"method": method, "kind": kind, **details})

    async def clear_faults(self) -> None:
        """A Slack that works again."""
        async with self.session.delete("/sandbox/faults"):
            pass

    async def calls(self, method: str) -> list[Json]:
        """The bot's calls of one Web API method: `{"method", "arguments", "error", "at"}`."""
        calls: list[Json] = await self.get("/sandbox/calls", method=method)
        return calls

    async def advance(self, seconds: float) -> None:
        """Move the sandbox's clock on."""
        await self.post("/sandbox/clock", {"advance_seconds": seconds})

    # The marketplace

    async def market(self, what: str, **query: str) -> Any:
        """One list of the marketplace's panel: listings, requests, notices, takedowns, received, effects."""
        return await self.get(f"/sandbox/market/{what}", **query)

    async def market_client(self, api_key: str, webhook_secret: str) -> None:
        """Tell the marketplace its key and secret at the bot."""
        await self.post("/sandbox/market/client", {"api_key": api_key, "webhook_secret": webhook_secret})

    async def ask(self, listing_ids: list[str], **details: Any) -> list[Json]:
        """Let the marketplace ask about listings: `brand`, `product_line`, `reasons`, `deadline_hours`."""
        body = {"listing_ids": listing_ids, "reasons": ["Price far below the catalogue"], **details}
        results: list[Json] = (await self.post("/sandbox/market/ask", body))["results"]
        return results

    async def market_mode(
        self, mode: str = "normal", *, obey: str = "at_once", times: int | None = None
    ) -> None:
        """How the marketplace's webhook behaves, for `times` deliveries or until told otherwise."""
        await self.post("/sandbox/market/mode", {"mode": mode, "obey": obey, "times": times})

    async def wait_for(self, look: Callable[[], Awaitable[Found]], seconds: float = 45.0) -> Found:
        """Look again and again until something true is seen.

        :raises AssertionError: it was not seen in time
        """
        until = time.monotonic() + seconds
        while True:
            found = await look()
            if found:
                return found
            if time.monotonic() > until:
                raise AssertionError(f"not seen within {seconds} s; last seen: {found!r}")
            await asyncio.sleep(0.02)


def _block_of(blocks: list[Json] | None, action_id: str) -> str:
    for block, element in elements(blocks or []):
        if element.get("action_id") == action_id:
            return str(block["block_id"])
    return "missing"


def typed(view: Json, values: Json) -> Json:
    """A view's state as the page sends it: what it shows, with these values typed or chosen."""
    state: Json = {}
    for block, element in elements(view["blocks"]):
        name = VALUE_FIELD.get(element["type"])
        key = next((key for key in (element["action_id"], block["block_id"]) if key in values), None)
        shown = view.get("state", {}).get("values", {}).get(block["block_id"], {}).get(element["action_id"])
        if name and (key or shown):
            chosen = _chosen(element, name, values[key]) if key else shown[name]
            entry = {"type": element["type"], name: chosen}
            state.setdefault(block["block_id"], {})[element["action_id"]] = entry
    return state


def _chosen(element: Json, name: str, value: Any) -> Any:
    options = [*element.get("options", [])]
    for group in element.get("option_groups", []):
        options += group["options"]
    if name == "selected_option" and isinstance(value, str):
        offered = (option for option in options if option["value"] == value)
        return next(offered, {"text": {"type": "plain_text", "text": value}, "value": value})
    if name == "selected_options" and value and isinstance(value[0], str):
        return [option for option in options if option["value"] in value]
    return value
