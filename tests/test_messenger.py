"""How drawings reach Slack when Slack refuses, loses an answer, or the message above is missing."""

from sqlalchemy import text

from tests.bot_under_test import Product
from tests.workspace import Json

NORDLYS, INGRID = "C0BRAND01", "U0INGRID1"


async def cards(product: Product) -> list[Json]:
    return [message for message in await product.ws.messages(INGRID, NORDLYS) if message["bot"]]


async def ask(product: Product, number: int = 0) -> None:
    listings = (await product.ws.market("listings", q="Nordlys"))["listings"]
    (result,) = await product.ws.ask([listings[number]["id"]])
    assert "error" not in result, result


async def test_a_message_that_slack_never_takes_does_not_hold_up_its_channel(product: Product) -> None:
    await product.ws.fault("chat.postMessage", "ok_false", error="invalid_arguments", times=1)
    await ask(product)
    await ask(product, 1)
    found = await product.ws.wait_for(lambda: cards(product))
    assert len(found) == 1


async def test_a_revoked_token_delays_and_loses_nothing(product: Product) -> None:
    await product.ws.fault("chat.postMessage", "ok_false", error="token_revoked", times=1)
    await ask(product)
    await product.ws.wait_for(lambda: product.ws.calls("chat.postMessage"))
    assert await cards(product) == []
    await product.store.run(lambda session: session.connection().execute(_DUE))
    found = await product.ws.wait_for(lambda: cards(product))
    assert len(found) == 1


async def test_a_post_whose_answer_was_lost_is_found_again_and_not_repeated(product: Product) -> None:
    await product.ws.fault("chat.postMessage", "lost_after_effect", times=1)
    await ask(product)
    await product.ws.wait_for(lambda: product.ws.calls("conversations.history"), seconds=15)
    await ask(product, 1)
    found = await product.ws.wait_for(lambda: _two(product), seconds=15)
    assert len(found) == 2, "one card for each request"


async def _two(product: Product) -> list[Json]:
    found = await cards(product)
    return found if len(found) > 1 else []


_DUE = text("UPDATE outbox SET next_try = created_at WHERE state = 'ready'")
