"""A retraction overtakes the takedown that it undoes: the listing must not go down after it was put back."""

import pytest

from tests.bot_under_test import Product
from tests.handlers.test_authenticity import CHANNEL, INGRID, NORDLYS, Floor

pytestmark = pytest.mark.faults


async def test_a_retraction_while_the_takedown_is_on_its_way_leaves_the_listing_up(product: Product) -> None:
    floor, place = Floor(product), CHANNEL[NORDLYS]
    await floor.ask(NORDLYS)
    card = await floor.card(INGRID, place, "Genuine or fake?", 20)
    await floor.ws.market_mode("slow", times=2)  # takedown and verdict take two seconds to arrive
    await floor.click(INGRID, place, card, "request_fake")
    answered = await floor.card(INGRID, place, "request_retract", 20)
    await floor.click(INGRID, place, answered, "request_retract")
    view = (await floor.ws.views(INGRID))[-1]
    assert await floor.ws.submit(INGRID, view["id"], {"reason": "The photograph misled me"}) == {"ok": True}
    await floor.card(INGRID, place, "misled", 20)

    async def told_to_put_back() -> bool:
        received = await floor.ws.market("received")
        return any(each["type"] == "reinstatement.requested" for each in received)

    await floor.ws.wait_for(told_to_put_back, 20)

    async def arrived() -> bool:
        return bool(await floor.effects())

    await floor.ws.wait_for(arrived, 20)

    async def put_back() -> bool:
        (effect,) = await floor.effects()
        return bool(effect["state"] == "reinstated" == effect["reported"])

    await floor.ws.wait_for(put_back, 20)
    assert floor.ws.server.market.memory.listings[NORDLYS].state == "restored"
