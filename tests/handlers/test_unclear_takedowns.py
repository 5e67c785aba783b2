"""A takedown whose sending stayed unclear is taken back: it ends, whether it had arrived or not."""

import pytest
from sqlmodel import select

from storage.records.takedowns import Takedown, TakedownState
from tests.bot_under_test import Product
from tests.handlers.test_authenticity import CHANNEL, MIKKEL, NORDLYS, Floor


@pytest.mark.parametrize(
    ("mode", "ends", "says"),
    [
        ("down", TakedownState.CANCELLED, "cancelled before it was sent"),
        ("error_before_effect", TakedownState.CANCELLED, "cancelled before it was sent"),
        ("error_after_effect", TakedownState.REINSTATED, "OpenBazaar put the listing back"),
    ],
)
async def test_what_was_taken_back_while_its_sending_was_unclear_comes_to_an_end(
    product: Product, mode: str, ends: TakedownState, says: str
) -> None:
    floor, channel = Floor(product), CHANNEL[NORDLYS]
    await floor.ask(NORDLYS)
    card = await floor.card(MIKKEL, channel, "Genuine or fake?")
    await product.ws.market_mode(mode)
    await floor.click(MIKKEL, channel, card, "request_fake")

    async def tried() -> bool:
        return (await _takedown(product)).state is not TakedownState.REQUESTED

    await product.ws.wait_for(tried)
    answered = await floor.card(MIKKEL, channel, ", says <@")
    await floor.click(MIKKEL, channel, answered, "request_retract")
    view = (await product.ws.views(MIKKEL))[-1]
    assert await product.ws.submit(MIKKEL, view["id"], {"reason": "I mistook it."}) == {"ok": True}
    await product.ws.market_mode("normal")
    await product.ws.advance(600)
    await floor.card(MIKKEL, channel, says, seconds=20)
    assert (await _takedown(product)).state is ends


async def _takedown(product: Product) -> Takedown:
    return await product.store.read(lambda session: session.exec(select(Takedown)).one())
