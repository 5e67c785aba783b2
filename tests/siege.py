"""The running product under attack: what hostile requests are sent with, and what must not change by them."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
from sqlmodel import Session, SQLModel, func, select

from bot.clock import utc_now
from bot.enforcement import networks
from bot.sandbox.records import Message
from storage.engine import Store
from tests.bot_under_test import Product
from tests.logged import logged
from tests.slack_hand import Answer, SignedBody, button_in, deliver, interaction, pressed
from tests.workspace import Json

BRAND = "Nordlys"
# What a refused attempt may leave: its trace, the sentence to whoever tried, and that the bot met somebody.
TRACES = {"audit", "inbox", "outbox", "person"}


class Siege:
    """The product under attack, with one open question of Nordlys on its card."""

    def __init__(self, product: Product, session: aiohttp.ClientSession, card: Message) -> None:
        self.product, self.ws, self.session, self.card = product, product.ws, session, card
        self.place = (card.channel, card.ts)

    @property
    def pointer(self) -> str:
        """The value behind the card's Fake button."""
        found = button_in(self.card, "request_fake")
        assert found
        return str(found[1]["value"])

    @property
    def request_id(self) -> str:
        return self.pointer.partition(":")[0]

    def click(self, user_id: str, action_id: str = "request_fake", value: Any = None) -> SignedBody:
        payload = pressed(self.ws, user_id, self.place, action_id, self.pointer if value is None else value)
        return interaction(payload)

    async def send(self, request: SignedBody) -> Answer:
        return await deliver(self.session, self.product.url, request)

    async def count(self, table: type[Any]) -> int:
        return await self.product.store.read(
            lambda session: session.exec(select(func.count()).select_from(table)).one()
        )

    async def whispers(self, user_id: str) -> list[str]:
        """What only that person was told in the brand's channel."""
        messages = self.ws.sandbox.memory.messages[self.card.channel]
        return [message.text for message in messages if message.ephemeral_for == user_id]


async def besiege(product: Product, session: aiohttp.ClientSession) -> Siege:
    market = product.ws.server.market
    listing = next(each for each in market.memory.listings.values() if each.brand == BRAND)
    await product.ws.ask([listing.id])
    channel = product.ws.channel("brand-nordlys")

    async def look() -> Message | None:
        messages = product.ws.sandbox.memory.messages.get(channel, [])
        return next((each for each in messages if button_in(each, "request_fake")), None)

    card = await product.ws.wait_for(look, 20)
    assert card is not None
    siege = Siege(product, session, card)
    await drained(siege)
    return siege


def everything(store: Store) -> dict[str, list[str]]:
    """Every row of every table that a refused attempt must not touch."""

    def read(session: Session) -> dict[str, list[str]]:
        tables = (table for table in SQLModel.metadata.sorted_tables if table.name not in TRACES)
        return {
            table.name: sorted(repr(tuple(row)) for row in session.connection().execute(table.select()))
            for table in tables
        }

    return store.read_sync(read)


@contextmanager
def quiet(*foreseen: str) -> Iterator[None]:
    """No error is logged meanwhile but those events: whatever is refused was foreseen."""
    with logged() as records:
        yield
    errors = [vars(record) for record in records if record.levelno >= logging.ERROR]
    loud = [line for line in errors if line["msg"] not in foreseen]
    assert not loud, loud


def reason_form(siege: Siege, user_id: str) -> SignedBody:
    """The form of a retraction, made up from the outside."""
    return submission(siege, user_id, "request_reason_form", f"{siege.request_id}:1-retract")


def submission(siege: Siege, user_id: str, callback_id: str, private_metadata: str) -> SignedBody:
    """A form that the bot never drew for this person."""
    payload = pressed(siege.ws, user_id, siege.place, "x", "x") | {"type": "view_submission"}
    del payload["actions"], payload["channel"], payload["container"]
    values = {"reason": {"reason": {"type": "plain_text_input", "value": "No reason at all, really"}}}
    view: Json = {"id": "V1", "type": "modal", "callback_id": callback_id, "hash": "1.x", "blocks": []}
    view |= {"private_metadata": private_metadata, "state": {"values": values}}
    return interaction(payload | {"view": view})


async def drained(siege: Siege) -> None:
    async def empty() -> bool:
        return await siege.product.bot._worker.age() == 0

    await asyncio.sleep(0.2)
    await siege.ws.wait_for(empty, 20)
    # The clock would link the sellers that came in at some moment of its own: nothing is left to it.
    await networks.link_tick(siege.product.store, utc_now)
