"""Second persons by hand: a first counterfeit notice says so before it is filed; another starts it."""

from tests.bot_under_test import Product
from tests.handlers.test_authenticity import off_the_pilot_list
from tests.notice_desk import EXPLANATION, Desk
from tests.office import texts

pytest_plugins = ["tests.bot_under_test"]


async def test_a_first_counterfeit_notice_waits_for_a_second_person_who_starts_it(product: Product) -> None:
    await product.store.run(off_the_pilot_list)
    desk = Desk(product)
    listing = (await desk.ws.market("listings"))["listings"][0]
    view = await desk.ready(f"{desk.ws.url}{listing['url']}", "without a test buy")
    values = {"explanation": EXPLANATION, "statement": ["yes"]}
    assert await desk.ws.submit(desk.mikkel, view["id"], values) == {"ok": True}
    review = (await desk.ws.views(desk.mikkel))[-1]
    assert "the first counterfeit notice of this person" in texts(review)
    assert await desk.ws.submit(desk.mikkel, review["id"]) == {"ok": True}

    card = await desk.card_saying("a second person of the company can start the takedowns")
    assert (await desk.received())["immediate"] is False
    await desk.ws.click(desk.mikkel, desk.channel, card["ts"], "notice_second")
    await desk.whisper(desk.mikkel, desk.channel, "You filed this notice yourself")
    assert await desk.ws.market("effects") == []
    await desk.ws.click(desk.ingrid, desk.channel, card["ts"], "notice_second")
    await desk.card_saying("1 of 1 listing removed")
    assert [effect["count"] for effect in await desk.ws.market("effects")] == [1]
