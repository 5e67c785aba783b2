"""Two administrators by hand: asked by one, confirmed by another, a key shown once and kept nowhere."""

import re
from typing import Any

from sqlmodel import Session, col, select

from bot.enforcement import platform
from storage.queries import people
from storage.records.outbox import OutboxRow
from storage.records.platform import PlatformClient
from storage.records.roster import RightsHolder, Role, Standing
from tests.bot_under_test import Product
from tests.office import changed, go, press, texts, top, values

pytest_plugins = ["tests.bot_under_test"]


async def card_for(product: Product, user: str, sentence: str) -> tuple[str, dict[str, Any]]:
    """The direct message with a proposal, and the place of the conversation."""
    ws = product.ws

    async def look() -> dict[str, Any] | None:
        return next((m for m in await ws.direct_messages(user) if sentence in texts(m)), None)

    card = await ws.wait_for(look)
    assert card is not None
    place = next(entry["id"] for entry in (await ws.state(user))["channels"] if entry["kind"] == "im")
    return place, card


async def test_without_a_second_administrator_the_form_says_who_is_missing(product: Product) -> None:
    ws, admin = product.ws, product.ws.member("Noor")
    await ws.change_person(ws.member("Ruth"), deleted=True)

    async def alone() -> bool:
        return len(await product.store.read(people.holding, (Role.ADMINISTRATOR,))) == 1

    assert await ws.wait_for(alone)
    holder = _holder(product, "Tansy Studio")
    view = await go(
        ws, admin, ws.channel("openbazaar-team"), "holders", f"holder:{holder}", f"standing_form:{holder}"
    )
    answer = await ws.submit(admin, view["id"], {"standing": "pilot", "reason": "A trial"})
    assert "goodfaith admin add" in answer["errors"]["standing"]


async def test_a_standing_changes_only_when_the_second_administrator_confirms(product: Product) -> None:
    ws, admin = product.ws, product.ws.member("Noor")
    second = ws.member("Ruth")
    holder = _holder(product, "Tansy Studio")
    view = await go(
        ws, admin, ws.channel("openbazaar-team"), "holders", f"holder:{holder}", f"standing_form:{holder}"
    )
    answer = await ws.submit(admin, view["id"], {"standing": "good_faith", "reason": "A trial"})
    assert answer.get("ok"), answer
    assert "Waits for another administrator" in texts(await changed(ws, admin, view))
    assert _standing(product, holder) is Standing.APPLICANT

    place, card = await card_for(product, second, "gets the standing")
    value = next(value for value in values(card) if value.startswith("approval:"))
    await ws.click(second, place, card["ts"], "office_review", value=value)
    view = await top(ws, second)
    answer = await ws.submit(second, view["id"])
    assert answer.get("ok"), answer
    assert _standing(product, holder) is Standing.GOOD_FAITH
    await card_for(product, second, "Confirmed by")


async def test_the_proposer_cannot_confirm_and_may_take_it_back(product: Product) -> None:
    ws, admin = product.ws, product.ws.member("Noor")
    second = ws.member("Ruth")
    view = await go(ws, admin, ws.channel("openbazaar-team"), "platform")
    client = _client(product)
    view = await press(ws, admin, view, f"client:{client}")
    view = await press(ws, admin, view, client)
    assert "Waits for another administrator" in texts(view)
    assert not any(value.startswith("approval:") for value in values(view))
    (value,) = [value for value in values(view) if value != "menu"]
    view = await press(ws, admin, view, value)
    assert "Nothing waits for an administrator." in texts(view)
    await card_for(product, second, "Declined by")


async def test_a_new_key_is_shown_once_to_the_one_who_confirms_and_works(product: Product) -> None:
    ws, admin = product.ws, product.ws.member("Noor")
    second = ws.member("Ruth")
    client = _client(product)
    view = await go(ws, admin, ws.channel("openbazaar-team"), "platform", f"client:{client}")
    await press(ws, admin, view, client)
    view = await go(ws, second, ws.channel("alliance-lobby"), "approvals")
    review = next(value for value in values(view) if value.startswith("approval:"))
    view = await press(ws, second, view, review)
    answer = await ws.submit(second, view["id"])
    assert answer.get("ok"), answer
    shown = await changed(ws, second, view)
    (key,) = re.findall(r"gfk_\w+", texts(shown))
    actor = await product.store.read(platform.authenticate, key)
    assert actor.client_id == client
    secret = key.rpartition("_")[2]
    assert not await product.store.read(_holds, secret)
    assert secret not in texts(await top(ws, admin))


def _holder(product: Product, name: str) -> str:
    def read(session: Session) -> str:
        return session.exec(select(RightsHolder.id).where(col(RightsHolder.name) == name)).one()

    return product.store.read_sync(read)


def _standing(product: Product, holder_id: str) -> Standing:
    def read(session: Session) -> Standing:
        return session.get_one(RightsHolder, holder_id).standing

    return product.store.read_sync(read)


def _client(product: Product) -> str:
    def read(session: Session) -> str:
        return session.exec(select(PlatformClient.id)).one()

    return product.store.read_sync(read)


def _holds(session: Session, secret: str) -> bool:
    """Whether the secret stands in anything that waits to be sent."""
    return any(secret in str(row.payload) for row in session.exec(select(OutboxRow)).all())
