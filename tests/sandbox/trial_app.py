"""A small Bolt app that the sandbox's tests install: only a real client shows whether it is like Slack."""

import asyncio
from typing import Any

from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.workspace import BOT_TOKEN, SIGNING_SECRET, Workspace

Json = dict[str, Any]

FORM: Json = {
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "Trial"},
    "submit": {"type": "plain_text", "text": "Send"},
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "what",
            "label": {"type": "plain_text", "text": "What"},
            "element": {"type": "plain_text_input", "action_id": "what", "max_length": 50},
        },
        {
            "type": "actions",
            "block_id": "more",
            "elements": [
                {
                    "type": "button",
                    "action_id": "push",
                    "text": {"type": "plain_text", "text": "More"},
                    "value": "1",
                }
            ],
        },
    ],
}
BUTTONS: list[Json] = [
    {
        "type": "actions",
        "block_id": "choice",
        "elements": [
            {
                "type": "button",
                "action_id": "yes",
                "text": {"type": "plain_text", "text": "Yes"},
                "value": "y-1",
            },
            {
                "type": "static_select",
                "action_id": "pick",
                "options": [{"text": {"type": "plain_text", "text": "One"}, "value": "1"}],
            },
        ],
    }
]


class TrialApp:
    """Remembers every payload it gets under the payload's type, and answers as a test told it to."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.client = AsyncWebClient(token=BOT_TOKEN, base_url=workspace.api_url)
        self.seen: dict[str, list[Json]] = {}
        self.submission: Json = {}
        self.bolt = AsyncApp(client=self.client, signing_secret=SIGNING_SECRET, process_before_response=True)
        self._listen()
        self._runner: web.AppRunner | None = None

    async def serve(self) -> None:
        """Listen for signed HTTP and tell the workspace where."""
        self._runner = web.AppRunner(self.bolt.web_app("/slack/events"), shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.workspace.connect(f"http://127.0.0.1:{self._runner.addresses[0][1]}")

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    def remember(self, body: Json) -> None:
        """Keep a payload."""
        kind = body["event"]["type"] if "event" in body else body.get("type") or body["command"]
        self.seen.setdefault(kind, []).append(body)

    def _listen(self) -> None:
        self.bolt.command("/form")(self._open_form)
        self.bolt.command("/echo")(self._echo)
        self.bolt.command("/silent")(self._silent)
        self.bolt.action({"action_id": "push"})(self._push)
        self.bolt.action({"action_id": "yes"})(self._acknowledge)
        self.bolt.action({"action_id": "pick"})(self._acknowledge)
        self.bolt.view("form")(self._submitted)
        self.bolt.view_closed("form")(self._acknowledge)
        self.bolt.shortcut("report")(self._acknowledge)
        self.bolt.shortcut("begin")(self._acknowledge)
        for event in (
            "app_home_opened",
            "member_joined_channel",
            "user_change",
            "group_archive",
            "group_left",
            "reaction_added",
            "reaction_removed",
        ):
            self.bolt.event(event)(self._acknowledge)

    async def _open_form(self, ack: Any, body: Json) -> None:
        self.remember(body)
        await self.client.views_open(trigger_id=body["trigger_id"], view=FORM)
        await ack()

    async def _echo(self, ack: Any, body: Json) -> None:
        self.remember(body)
        await ack(body["text"])

    async def _silent(self, body: Json) -> None:
        self.remember(body)
        await asyncio.sleep(0.5)

    async def _push(self, ack: Any, body: Json) -> None:
        self.remember(body)
        await self.client.views_push(trigger_id=body["trigger_id"], view={**FORM, "callback_id": "pushed"})
        await ack()

    async def _submitted(self, ack: Any, body: Json) -> None:
        self.remember(body)
        await ack(**self.submission)

    async def _acknowledge(self, ack: Any, body: Json) -> None:
        self.remember(body)
        await ack()
