"""What a test or the page does to the sandbox itself: time, faults, sockets, people, channels."""

from dataclasses import fields

from aiohttp import web

from bot.sandbox.faults import KINDS, Fault
from bot.sandbox.page_door import body_of, refuse
from bot.sandbox.records import Channel, Json, Person
from bot.sandbox.sandbox import Sandbox


class Controls:
    """Routes under /sandbox/ that no person in Slack has."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """Clock, faults, call log, sockets, people and channels."""
        return [
            web.get("/sandbox/clock", self.clock),
            web.post("/sandbox/clock", self.set_clock),
            web.get("/sandbox/faults", self.faults),
            web.post("/sandbox/faults", self.order_fault),
            web.delete("/sandbox/faults", self.clear_faults),
            web.get("/sandbox/calls", self.calls),
            web.delete("/sandbox/calls", self.forget_calls),
            web.post("/sandbox/sockets/disconnect", self.disconnect),
            web.post("/sandbox/people/{user}", self.change_person),
            web.post("/sandbox/channels/join", self.join),
            web.post("/sandbox/channels/leave", self.leave),
            web.post("/sandbox/channels/archive", self.archive),
        ]

    async def clock(self, _: web.Request) -> web.Response:
        """The offset and the shown moment."""
        return web.json_response(self.sandbox.clock.shown())

    async def set_clock(self, request: web.Request) -> web.Response:
        """`{"offset_seconds"}` sets the offset, `{"advance_seconds"}` adds to it."""
        body = await body_of(request)
        clock = self.sandbox.clock
        try:
            if "offset_seconds" in body:
                clock.offset_seconds = float(body["offset_seconds"])
            clock.offset_seconds += float(body.get("advance_seconds", 0))
        except (TypeError, ValueError):
            raise refuse("Seconds must be a number.") from None
        self.sandbox.fanout.tell_all({"type": "clock", "clock": clock.shown()})
        return web.json_response(clock.shown())

    async def faults(self, _: web.Request) -> web.Response:
        """The orders in force."""
        return web.json_response(self.sandbox.faults.shown())

    async def order_fault(self, request: web.Request) -> web.Response:
        """Order one fault."""
        body = await body_of(request)
        known = {field.name for field in fields(Fault)}
        if body.keys() - known or body.get("kind") not in KINDS:
            raise refuse(f"A fault has {sorted(known)}; its kind is one of {sorted(KINDS)}.")
        self.sandbox.faults.order(Fault(**{"method": "*", **body}))
        return web.json_response({"ok": True})

    async def clear_faults(self, _: web.Request) -> web.Response:
        """A Slack that works again."""
        self.sandbox.faults.clear()
        return web.json_response({"ok": True})

    async def calls(self, request: web.Request) -> web.Response:
        """The Web API calls so far, oldest first, of one method where `method` is given."""
        wanted = request.query.get("method")
        return web.json_response([call for call in self.sandbox.calls if wanted in (None, call["method"])])

    async def forget_calls(self, _: web.Request) -> web.Response:
        """Start the log of calls anew."""
        self.sandbox.calls.clear()
        return web.json_response({"ok": True})

    async def disconnect(self, request: web.Request) -> web.Response:
        """Disconnect the app's sockets for the given `reason`."""
        await self.sandbox.socket.disconnect(str((await body_of(request)).get("reason", "refresh_requested")))
        return web.json_response({"ok": True})

    async def change_person(self, request: web.Request) -> web.Response:
        """Change fields of a person, such as `tz`, `locale`, `deleted` or `guest`."""
        person = self.sandbox.workspace.person(request.match_info["user"])
        body = await body_of(request)
        if body.keys() - {field.name for field in fields(Person)}:
            raise refuse("A person has no such field.")
        for name, value in body.items():
            setattr(person, name, value)
        self.sandbox.events.user_changed(person)
        return web.json_response({"ok": True})

    def _place(self, body: Json) -> tuple[str, Channel]:
        user = str(body.get("as"))
        if user != self.sandbox.memory.bot_user_id:
            self.sandbox.workspace.person(user)
        return user, self.sandbox.workspace.channel(str(body.get("channel")))

    async def join(self, request: web.Request) -> web.Response:
        """Somebody, or the app itself by its user id, joins or is invited."""
        user, channel = self._place(await body_of(request))
        if user not in channel.members:
            channel.members.append(user)
            self.sandbox.events.joined(user, channel)
            self.sandbox.workspace.tell_channels(channel.members)
        return web.json_response({"ok": True})

    async def leave(self, request: web.Request) -> web.Response:
        """Somebody, or the app itself, leaves or is removed."""
        user, channel = self._place(await body_of(request))
        if user in channel.members:
            channel.members.remove(user)
            self.sandbox.events.left(user, channel)
            self.sandbox.workspace.tell_channels([user, *channel.members])
        return web.json_response({"ok": True})

    async def archive(self, request: web.Request) -> web.Response:
        """Archive a channel, or bring it back with `{"archived": false}`."""
        body = await body_of(request)
        user, channel = self._place(body)
        channel.archived = bool(body.get("archived", True))
        self.sandbox.events.archived(channel, user)
        self.sandbox.workspace.tell_channels(channel.members)
        return web.json_response({"ok": True})
