"""People and the marketplace around one counter-notice: Nordlys says Fake, the seller objects."""

from typing import Any

from sqlmodel import select

from storage.records.counter_notices import CounterNotice
from tests.bot_under_test import Product
from tests.notice_desk import PATIENCE, shown
from tests.workspace import Json

LISTING = "48143"
CHANNEL = "C0BRAND01"
INGRID, MIKKEL = "U0INGRID1", "U0MIKKEL1"  # Nordlys's lead, and an expert of theirs


class CounterDesk:
    """What people and the marketplace do over and over."""

    def __init__(self, product: Product) -> None:
        self.product, self.ws = product, product.ws

    async def removed(self, listing_id: str = LISTING) -> Json:
        """An expert says Fake and the listing goes; the takedown as the marketplace has it."""
        (result,) = await self.ws.ask([listing_id])
        assert "error" not in result, result
        card = await self.saying("request_fake")
        value = next(each for each in _elements(card) if each.get("action_id") == "request_fake")["value"]
        done = await self.ws.click(MIKKEL, CHANNEL, card["ts"], "request_fake", type="button", value=value)
        assert done == {"ok": True}, done

        async def look() -> Json | None:
            found: list[Json] = await self.ws.market("takedowns")
            return next((each for each in found if each["reported"] == "removed"), None)

        takedown = await self.ws.wait_for(look, PATIENCE)
        assert takedown is not None
        return takedown

    async def relay(self, takedown: Json, **body: Any) -> Json:
        """The marketplace relays what the seller wrote, with two papers."""
        told = {
            "external_id": "cn-1",
            "regime": "mercado_libre",
            "ground": "authorized",
            "statement": "We bought these from your <!channel> distributor.",
            "papers": ["Invoice 771", "Letter of authorisation"],
        }
        return await self.ws.post(f"/sandbox/market/takedowns/{takedown['key']}/counter-notices", told | body)

    async def saying(self, words: str, user: str = INGRID, channel: str = CHANNEL) -> Json:
        """The newest message of a channel that says something, or has a button of that name."""

        async def look() -> Json | None:
            messages = await self.ws.messages(user, channel)
            found = [m for m in messages if words in shown(m) or words in str(m["blocks"])]
            return found[-1] if found else None

        seen = await self.ws.wait_for(look, PATIENCE)
        assert seen is not None
        return seen

    async def home_saying(self, words: str, user: str = INGRID) -> None:
        """Wait until a person's App Home says something."""

        async def look() -> bool:
            return words in str(await self.ws.home(user))

        await self.ws.wait_for(look, PATIENCE)

    async def press(self, user: str, card: Json, action_id: str) -> Json:
        """Press a button of a card and take the form that it opens."""
        await self.ws.click(user, CHANNEL, card["ts"], action_id)
        views = await self.ws.views(user)
        assert views, "no form was opened"
        view: Json = views[-1]
        return view

    async def at_market(self, state: str) -> Json:
        """The counter-notice at the marketplace, once it is in a state."""

        async def look() -> Json | None:
            found: list[Json] = await self.ws.market("counter-notices")
            return next((each for each in found if each["state"] == state), None)

        counter = await self.ws.wait_for(look, PATIENCE)
        assert counter is not None
        return counter

    async def decide(self, state: str, reason: str = "") -> Json:
        """The marketplace decides."""
        body = {"state": state, "reason": reason}
        return await self.ws.post("/sandbox/market/counter-notices/cn-1/decide", body)

    async def stored(self) -> CounterNotice:
        """The only counter-notice in the bot's database."""
        return await self.product.store.read(lambda session: session.exec(select(CounterNotice)).one())


def _elements(card: Json) -> list[Json]:
    return [each for block in card["blocks"] or [] for each in block.get("elements", [])]
