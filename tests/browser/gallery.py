"""A small Bolt app that shows every block and element of Block Kit, for the tests of the sandbox's page."""

import re
from typing import Any

from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.workspace import BOT_TOKEN, SIGNING_SECRET, Workspace

Json = dict[str, Any]

ANY = re.compile(".*")
MARKUP = """*bold* _italic_ ~strike~ `code`
> a quote
• an item
<https://example.org/item/1|the listing> <javascript:alert(1)|trap> &lt;b&gt;not markup&lt;/b&gt; AT&amp;T
<@U0INGRID1> <#C0BRAND01> <!here> <!date^1795345200^{date_num} {time}|some day>
```preformatted *text*```"""


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    """A mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def option(value: str) -> Json:
    """An option that says its value."""
    return {"text": plain(value.capitalize()), "value": value, "description": plain(f"about {value}")}


OPTIONS = [option("one"), option("two"), option("three")]
CONFIRM = {
    "title": plain("Say fake?"),
    "text": mrkdwn("It *starts*."),
    "confirm": plain("Yes"),
    "deny": plain("No"),
}


def element(kind: str, **fields: Any) -> Json:
    """An element whose action id is its kind."""
    return {"type": kind, "action_id": kind, **fields}


ACTIONS = [
    element("button", text=plain("Fake"), style="danger", value="fake", confirm=CONFIRM),
    element("static_select", option_groups=[{"label": plain("Group"), "options": OPTIONS}]),
    element("multi_static_select", options=OPTIONS, initial_options=OPTIONS[:2]),
    element("external_select", min_query_length=1),
    element("multi_external_select", min_query_length=1),
    element("users_select", initial_user="U0INGRID1"),
    element("multi_users_select"),
    element("conversations_select"),
    element("multi_conversations_select"),
    element("channels_select"),
    element("multi_channels_select"),
    element("overflow", options=OPTIONS),
    element("checkboxes", options=OPTIONS, initial_options=OPTIONS[:1]),
    element("radio_buttons", options=OPTIONS, initial_option=OPTIONS[1]),
    element("datepicker", initial_date="2026-11-23"),
    element("timepicker", initial_time="09:00"),
    element("datetimepicker", initial_date_time=1795345200),
]
RICH_TEXT: Json = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [{"type": "text", "text": "Rich", "style": {"bold": True}}],
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U0INGRID1"}]}
            ],
        },
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "pre"}]},
    ],
}


def blocks(picture: str) -> list[Json]:
    """Every block that a message takes."""
    image = {"type": "image", "image_url": picture, "alt_text": "A listing"}
    return [
        {"type": "header", "text": plain("Is this listing genuine?")},
        {"type": "section", "text": mrkdwn(MARKUP), "accessory": image},
        {"type": "section", "fields": [mrkdwn("*Brand*\nNordlys"), plain("Plain *text*")]},
        {"type": "divider"},
        {**image, "title": plain("The picture")},
        {"type": "context", "elements": [image, mrkdwn("Request *mp-1*")]},
        {"type": "actions", "elements": ACTIONS},
        RICH_TEXT,
    ]


def typed(kind: str, label: str, *, optional: bool = True, **fields: Any) -> Json:
    """An input block named after its element."""
    return {
        "type": "input",
        "block_id": kind,
        "label": plain(label),
        "optional": optional,
        "element": element(kind, **fields),
    }


FORM: Json = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("File a notice"),
    "submit": plain("Submit"),
    "close": plain("Cancel"),
    "blocks": [
        typed("static_select", "Right", optional=False, options=OPTIONS),
        typed("plain_text_input", "Links", optional=False, multiline=True, focus_on_load=True),
        typed("email_text_input", "E-mail"),
        typed("url_text_input", "Proof"),
        typed("number_input", "How many", is_decimal_allowed=False, min_value="1"),
        typed("multi_users_select", "Colleagues"),
        typed("external_select", "Seller", min_query_length=1),
        typed("checkboxes", "Statements", options=OPTIONS),
        typed("radio_buttons", "Kind", options=OPTIONS),
        typed("datepicker", "Deadline"),
        typed("timepicker", "Hour"),
        typed("datetimepicker", "Moment"),
        typed("file_input", "Evidence", max_files=2),
        {"type": "actions", "elements": [{"type": "button", "action_id": "more", "text": plain("Add more")}]},
    ],
}


class GalleryApp:
    """Shows its gallery, opens its form at /notice, refuses what is no link, and remembers what it gets."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.client = AsyncWebClient(token=BOT_TOKEN, base_url=workspace.api_url)
        self.bolt = AsyncApp(client=self.client, signing_secret=SIGNING_SECRET, process_before_response=True)
        self.actions: list[Json] = []
        self.submitted: list[Json] = []
        self.bolt.command("/notice")(self._open)
        self.bolt.command("/digest")(self._answer)
        self.bolt.shortcut(ANY)(self._open)
        self.bolt.view("form")(self._submit)
        self.bolt.action("more")(self._more)
        self.bolt.action(ANY)(self._act)
        self.bolt.options(ANY)(self._offer)
        self.bolt.event("app_home_opened")(self._home)
        self._runner = web.AppRunner(self.bolt.web_app("/slack/events"), shutdown_timeout=0.2)

    async def serve(self) -> None:
        """Listen, and tell the workspace where."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.workspace.connect(f"http://127.0.0.1:{self._runner.addresses[0][1]}")

    async def stop(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def show(self, channel: str) -> str:
        """Post everything into a channel; gives back the timestamp."""
        picture = f"{self.workspace.url}/page/icon.svg"
        posted = await self.client.chat_postMessage(channel=channel, text="Gallery", blocks=blocks(picture))
        return str(posted["ts"])

    async def _open(self, ack: Any, body: Json) -> None:
        await self.client.views_open(trigger_id=body["trigger_id"], view=FORM)
        await ack()

    async def _answer(self, ack: Any) -> None:
        await ack("Only *you* see this.")

    async def _submit(self, ack: Any, body: Json) -> None:
        values = body["view"]["state"]["values"]
        if "https://" not in values["plain_text_input"]["plain_text_input"]["value"]:
            await ack(response_action="errors", errors={"plain_text_input": "Line 1 is no address."})
            return
        self.submitted.append(values)
        await ack()

    async def _more(self, ack: Any, body: Json) -> None:
        view = FORM | {
            "blocks": [*FORM["blocks"][:2], typed("rich", "More links", optional=True), *FORM["blocks"][2:]]
        }
        view["blocks"][2]["element"] = {"type": "plain_text_input", "action_id": "rich"}
        await self.client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)
        await ack()

    async def _act(self, ack: Any, body: Json) -> None:
        self.actions.append(body["actions"][0])
        await ack()

    async def _offer(self, ack: Any, body: Json) -> None:
        await ack(options=[{"text": plain(f"{body['value']} shop"), "value": "shop"}])

    async def _home(self, ack: Any, event: Json) -> None:
        home = {"type": "home", "blocks": blocks(f"{self.workspace.url}/page/icon.svg")}
        await self.client.views_publish(user_id=event["user"], view=home)
        await ack()
