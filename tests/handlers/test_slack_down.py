"""Slack's API or the marketplace is down, also across a restart: nothing is lost, and cards catch up."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlmodel import Session, col, func, select

from bot.app import Bot
from storage.records.authenticity import Verdict
from storage.records.outbox import OutboxRow, OutboxState
from tests.bot_under_test import Product, start_product
from tests.handlers.test_authenticity import INGRID, MIKKEL, Floor
from tests.line import Line
from tests.workspace import Json, Workspace

CHANNEL = "C0BRAND01"
FIVE_MINUTES = 300


class Outage(Floor):
    """The product with its line to Slack in the test's hand, and questions to Nordlys on their cards."""

    def __init__(self, product: Product, line: Line) -> None:
        super().__init__(product)
        self.line = line

    async def cards(self, count: int) -> list[Json]:
        """Ask so many questions and get their cards."""
        catalogue = self.ws.server.market.memory.listings.values()
        listings = [each.id for each in catalogue if each.brand == "Nordlys"][:count]
        await self.ws.ask(listings)

        async def look() -> list[Json]:
            messages = [m for m in await self.ws.messages(MIKKEL, CHANNEL) if "request_fake" in str(m)]
            return messages if len(messages) == count else []

        return await self.ws.wait_for(look, 20)

    async def begin(self, kind: str) -> None:
        """Slack is down: `refused` nobody listens, `500` it fails, `429` it has no time."""
        if kind == "refused":
            await self.line.cut()
        else:
            await self.ws.fault("*", kind, times=None, retry_after=30)

    async def end(self, kind: str) -> None:
        """Slack is back; the clock goes on, so that nobody waits for a back-off."""
        if kind == "refused":
            await self.line.mend()
        await self.ws.clear_faults()
        await self.ws.advance(60)

    async def restart(self) -> None:
        """Another bot over the same database, on the same line."""
        await self.product.bot.stop()
        self.product.bot = Bot(self.product.bot.settings)
        await self.product.bot.start()
        self.ws.connect(self.product.url)

    async def count(self, state: OutboxState, kind: str) -> int:
        """How many outbox rows of a kind are in a state."""

        def read(session: Session) -> int:
            wanted = (col(OutboxRow.state) == state) & (col(OutboxRow.kind) == kind)
            return session.exec(select(func.count()).select_from(OutboxRow).where(wanted)).one()

        return await self.product.store.read(read)

    async def verdicts(self) -> int:
        return await self.product.store.read(
            lambda session: session.exec(select(func.count()).select_from(Verdict)).one()
        )


@pytest_asyncio.fixture
async def outage(workspace: Workspace, sqlite_url: str) -> AsyncIterator[Outage]:
    line = Line(int(workspace.url.rpartition(":")[2]))
    await line.mend()
    product = await start_product(workspace, sqlite_url)
    await product.bot.stop()
    settings = product.bot.settings.model_copy(update={"slack_api_url": f"http://127.0.0.1:{line.port}/api/"})
    product.bot = Bot(settings)
    await product.bot.start()
    workspace.connect(product.url)
    yield Outage(product, line)
    await product.bot.stop()
    await line.cut()


@pytest.mark.parametrize("kind", ["refused", "500", "429"])
async def test_every_click_is_durable_while_slack_is_down_also_after_a_restart(
    outage: Outage, kind: str
) -> None:
    cards = await outage.cards(4)
    await outage.begin(kind)
    for card in cards[:2]:
        await outage.click(MIKKEL, CHANNEL, card, "request_fake")  # acknowledged, or this fails
    assert await outage.verdicts() == 2
    await outage.restart()
    for card in cards[2:]:
        await outage.click(INGRID, CHANNEL, card, "request_fake")
    assert await outage.verdicts() == 4

    async def taken_down() -> bool:
        return len(await outage.effects()) == 4

    await outage.ws.wait_for(taken_down, 20)  # the marketplace hears though Slack does not
    await outage.end(kind)

    async def caught_up() -> bool:
        messages = await outage.ws.messages(MIKKEL, CHANNEL)
        return sum("removed the listing" in str(message["blocks"]) for message in messages) == 4

    await outage.ws.wait_for(caught_up, 30)
    assert [effect["count"] for effect in await outage.effects()] == [1] * 4
    ours = [m for m in await outage.ws.messages(MIKKEL, CHANNEL) if not m["ephemeral"]]
    assert len(ours) == 4


async def test_a_sentence_for_the_moment_is_dropped_when_the_moment_is_over(outage: Outage) -> None:
    (card,) = await outage.cards(1)
    await outage.begin("refused")
    await outage.click(MIKKEL, CHANNEL, card, "request_fake")
    await outage.click(INGRID, CHANNEL, card, "request_genuine")  # too late, which a whisper would say
    assert await outage.count(OutboxState.READY, "whisper") + await outage.count(
        OutboxState.SENDING, "whisper"
    )
    await outage.ws.advance(FIVE_MINUTES + 1)

    async def dropped() -> bool:
        return await outage.count(OutboxState.DROPPED, "whisper") == 1

    await outage.ws.wait_for(dropped, 30)
    await outage.end("refused")
    await outage.card(INGRID, CHANNEL, "removed the listing", 30)
    assert not any(message["ephemeral"] for message in await outage.ws.messages(INGRID, CHANNEL))


async def test_a_card_that_slack_never_confirmed_is_there_once(outage: Outage) -> None:
    await outage.ws.fault("chat.postMessage", "lost_after_effect", times=1)
    await outage.cards(1)

    async def settled() -> bool:
        return await outage.count(OutboxState.SENT, "draw") == 1

    await outage.ws.wait_for(settled, 20)
    assert len(await outage.ws.messages(MIKKEL, CHANNEL)) == 1


async def test_a_marketplace_that_is_down_for_hours_delays_and_the_card_says_so(outage: Outage) -> None:
    (card,) = await outage.cards(1)
    await outage.ws.market_mode("down")
    await outage.click(MIKKEL, CHANNEL, card, "request_fake")
    await outage.card(MIKKEL, CHANNEL, "We look whether it arrived before we ask again", 20)
    for _ in range(3):
        await outage.ws.advance(2 * 3600)
    await outage.restart()
    await outage.card(MIKKEL, CHANNEL, "We look whether it arrived before we ask again", 20)
    assert await outage.effects() == []
    await outage.ws.market_mode("normal")
    await outage.ws.advance(600)
    await outage.card(MIKKEL, CHANNEL, "removed the listing", 30)
    assert [effect["count"] for effect in await outage.effects()] == [1]
