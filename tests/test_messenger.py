"""How drawings reach Slack when Slack refuses, loses an answer, or the message above is missing."""

from sqlalchemy import text

from bot.clock import utc_now
from bot.gateway import Gateway
from bot.messenger import DrawDeliverer
from bot.outbox import Sent
from storage.engine import Store
from storage.queries import channels
from storage.records.channels import ChannelState
from storage.records.outbox import OutboxRow
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


async def test_a_post_that_cannot_be_looked_up_because_its_channel_is_gone_breaks_the_binding(
    product: Product,
) -> None:
    await product.ws.fault("chat.postMessage", "lost_after_effect", times=1)
    await product.ws.fault("conversations.history", "ok_false", error="channel_not_found", times=1)
    await ask(product)

    async def broken() -> bool:
        binding = await product.store.read(channels.bound, NORDLYS)
        return binding is not None and binding.state is ChannelState.BROKEN

    await product.ws.wait_for(broken, seconds=15)


async def test_a_card_that_somebody_deleted_is_posted_anew(product: Product) -> None:
    await ask(product)
    (card,) = await product.ws.wait_for(lambda: cards(product))
    await product.ws.fault("chat.update", "ok_false", error="message_not_found", times=1)
    (value,) = [
        element["value"]
        for block in card["blocks"]
        for element in block.get("elements", [])
        if element.get("action_id") == "request_cannot_tell"
    ]
    pressed = {"type": "button", "value": value}
    await product.ws.click(INGRID, NORDLYS, card["ts"], "request_cannot_tell", **pressed)
    found = await product.ws.wait_for(lambda: _two(product))
    assert "request_retract" in str(found[-1]["blocks"])


async def test_what_was_meant_for_a_channel_that_is_no_longer_bound_ends(sqlite_store: Store) -> None:
    payload = {"drawing": "request_card", "subject_id": "1", "place": "C0GONE"}
    now = utc_now()
    row = OutboxRow(id=1, kind="draw", subject_id="1", payload=payload, created_at=now, next_try=now)
    unused = Gateway("xoxb-none", "http://127.0.0.1:1/api/")
    deliverer = DrawDeliverer(sqlite_store, unused, utc_now, {})
    assert isinstance(await deliverer.deliver(row), Sent)
    assert isinstance(await deliverer.look_up(row), Sent)


_DUE = text("UPDATE outbox SET next_try = created_at WHERE state = 'ready'")
