"""The addresses that the app may answer to for half an hour, five times (handling-user-interaction)."""

from aiohttp import web

from bot.sandbox.interactions import Interactions
from bot.sandbox.limits import check_message
from bot.sandbox.records import Json, Message
from bot.sandbox.refusal import Refusal
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.tickets import ResponseUrl

STATUS = {"expired_url": 404, "used_url": 404}


class ResponseUrls:
    """Obeys what the app posts to a response URL."""

    def __init__(self, sandbox: Sandbox, interactions: Interactions) -> None:
        self.sandbox = sandbox
        self.interactions = interactions

    def routes(self) -> list[web.RouteDef]:
        """One address for commands, one for everything else."""
        return [
            web.post("/commands/{team}/{key}", self.answer),
            web.post("/actions/{team}/{key}", self.answer),
        ]

    async def answer(self, request: web.Request) -> web.Response:
        """Post, replace or delete, as the body asks."""
        try:
            document: Json = await request.json()
            self._obey(self.sandbox.tickets.use_response_url(request.match_info["key"]), document)
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        except Refusal as refusal:
            return web.json_response(refusal.answer(), status=STATUS.get(refusal.code, 400))
        return web.Response(text="ok")

    def _obey(self, url: ResponseUrl, document: Json) -> None:
        workspace = self.sandbox.workspace
        original = self._original(url)
        if original is not None and document.get("delete_original"):
            workspace.delete(original)
        elif original is not None and document.get("replace_original"):
            text, blocks = str(document.get("text") or ""), document.get("blocks")
            check_message(text, blocks, None, self.sandbox.reach)
            workspace.edit(original, text, blocks)
        else:
            person, channel = workspace.person(url.user), workspace.channel(url.channel)
            self.interactions.say(person, channel, document, document.get("thread_ts"))

    def _original(self, url: ResponseUrl) -> Message | None:
        if url.message_ts is None:
            return None
        message = self.sandbox.workspace.message(url.channel, url.message_ts)
        return message if message.user == self.sandbox.memory.bot_user_id else None
