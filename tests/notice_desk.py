"""Hands for notices: what the people of Nordlys and the marketplace do over and over."""

import re
from typing import Any

from sqlmodel import func, select

from tests.bot_under_test import Product
from tests.workspace import Json

EXPLANATION = "The sole has no pattern and the box is blank, as on each of the four pairs that we bought."
PATIENCE = 20.0  # seconds; a busy machine is no fault of the bot
REFERENCE = re.compile(r"GF-[2-9A-Z]{4}-[2-9A-Z]{4}")


class Desk:
    """Mikkel and Ingrid of Nordlys, and what they do over and over."""

    def __init__(self, product: Product) -> None:
        self.product, self.ws = product, product.ws
        self.mikkel, self.ingrid = self.ws.member("Mikkel"), self.ws.member("Ingrid")
        self.channel = next(
            channel.channel_id
            for channel in self.ws.sandbox.memory.channels.values()
            if channel.channel_id == "C0BRAND01"
        )

    def link(self, number: int) -> str:
        return f"{self.ws.url}/item/{number}"

    async def form(self, user: str = "", text: str = "", channel: str = "") -> Json:
        """Type `/notice` and get the form."""
        user = user or self.mikkel
        answer = await self.ws.command(user, f"/notice {text}".strip(), channel or self.channel)
        assert answer == {"ok": True}
        return (await self.ws.views(user))[-1]

    async def pick(self, view: Json, action_id: str, text: str, user: str = "") -> Json:
        """Pick an option whose text holds some words, and get the form as it is drawn then."""
        user = user or self.mikkel
        block = next(b for b in view["blocks"] if b.get("element", {}).get("action_id") == action_id)
        offered = block["element"]["options"]
        option = next(each for each in offered if text in each["text"]["text"])
        done = await self.ws.click_view(
            user,
            view["id"],
            action_id,
            values={action_id: option["value"]},
            type="static_select",
            selected_option=option,
        )
        assert done == {"ok": True}
        return (await self.ws.views(user))[-1]

    async def ready(self, text: str, reason: str = "misused in the listing", user: str = "") -> Json:
        """The form with its picks made."""
        view = await self.form(user, text)
        view = await self.pick(view, "notice_right", "Trade mark", user)
        return await self.pick(view, "notice_reason", reason, user)

    async def file(self, text: str, reason: str = "misused in the listing", **typed: Any) -> Json:
        """File a notice and get the message that is its card."""
        view = await self.ready(text, reason)
        values = {"explanation": EXPLANATION, "statement": ["yes"], **typed}
        assert await self.ws.submit(self.mikkel, view["id"], values) == {"ok": True}
        return await self.card()

    async def card(self) -> Json:
        """The newest card in the brand's channel."""

        async def look() -> Json | None:
            messages = await self.ws.messages(self.mikkel, self.channel)
            cards = [m for m in messages if m["text"].startswith("Notice GF-") and not m["ephemeral"]]
            return cards[-1] if cards else None

        found = await self.ws.wait_for(look, PATIENCE)
        assert found is not None
        return found

    async def card_saying(self, words: str) -> Json:
        """The card, once it says something."""

        async def look() -> Json | None:
            card = await self.card()
            return card if words in shown(card) else None

        found = await self.ws.wait_for(look, PATIENCE)
        assert found is not None
        return found

    async def thread(self, ts: str, words: str) -> Json:
        """The reply under a card that says something."""

        async def look() -> Json | None:
            messages = await self.ws.messages(self.mikkel, self.channel)
            replies = [m for m in messages if m["thread_ts"] == ts and words in shown(m)]
            return replies[0] if replies else None

        found = await self.ws.wait_for(look, PATIENCE)
        assert found is not None
        return found

    async def whisper(self, user: str, channel: str, words: str) -> Json:
        """What only one person sees."""

        async def look() -> Json | None:
            messages = await self.ws.messages(user, channel)
            return next((m for m in messages if m["ephemeral"] and words in m["text"]), None)

        found = await self.ws.wait_for(look, PATIENCE)
        assert found is not None
        return found

    async def received(self) -> Json:
        """The notice as the marketplace has it."""

        async def look() -> Json | None:
            found = await self.ws.market("notices")
            return found[0] if found else None

        notice = await self.ws.wait_for(look, PATIENCE)
        assert notice is not None
        return notice

    async def move(self, notice_id: str, state: str, **details: Any) -> Json:
        return await self.ws.post(f"/sandbox/market/notices/{notice_id}/move", {"state": state, **details})

    async def count(self, table: type[Any]) -> int:
        found: int = await self.product.store.read(
            lambda session: session.exec(select(func.count()).select_from(table)).one()
        )
        return found


def shown(message: Json) -> str:
    """Every text of a message, markup and plain."""
    texts = [message["text"]]

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("text"), str):
                texts.append(node["text"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for each in node:
                walk(each)

    walk(message["blocks"])
    return "\n".join(texts)


def button_of(view: Json, action_id: str) -> Json:
    """A button of a view as Slack sends it when it is pressed."""
    found = [each for block in view["blocks"] for each in block.get("elements", [])]
    value = next(each["value"] for each in found if each.get("action_id") == action_id)
    return {"type": "button", "value": value}


def picked(view: Json, block: str) -> bool:
    """Whether the select in the block of this beginning shows a pick."""
    values = view["state"]["values"]
    held: Json = next((values[name] for name in values if name.startswith(block)), {})
    return any(each.get("selected_option") for each in held.values())
