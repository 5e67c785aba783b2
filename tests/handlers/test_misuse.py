"""Misuse by hand: proposed in the register, answered from the message that tells of it, then decided."""

from typing import Any

from sqlmodel import Session, col, select

from storage.records.roster import RightsHolder
from tests.bot_under_test import Product
from tests.handlers.test_authenticity import CHANNEL, NORDLYS, SECOND_OF_NORDLYS, Floor
from tests.office import changed, go, press, texts, top, values

pytest_plugins = ["tests.bot_under_test"]
Json = dict[str, Any]


def nordlys(product: Product) -> str:
    def read(session: Session) -> str:
        return session.exec(select(RightsHolder.id).where(col(RightsHolder.name) == "Nordlys AS")).one()

    return product.store.read_sync(read)


async def told(product: Product, user: str, sentence: str) -> tuple[str, Json]:
    """A direct message that says this, and where it is."""
    ws = product.ws

    async def look() -> Json | None:
        return next((m for m in await ws.direct_messages(user) if sentence in texts(m)), None)

    found = await ws.wait_for(look)
    assert found is not None
    place = next(entry["id"] for entry in (await ws.state(user))["channels"] if entry["kind"] == "im")
    return place, found


async def propose(product: Product, user: str, view: Json, offer: str, *way: str) -> Json:
    """Go on to a reporter and propose something against them."""
    ws = product.ws
    for address in way:
        view = await press(ws, user, view, address)
    address = next(value for value in values(view) if value.startswith(f"{offer}:"))
    view = await press(ws, user, view, address)
    answer = await ws.submit(user, view["id"], {"reason": "Five listings of our *own* shop <!channel>"})
    assert answer.get("ok"), answer
    return await changed(ws, user, view)


async def decide(product: Product, user: str, sentence: str) -> None:
    """The second person reads the proposal and confirms it."""
    ws = product.ws
    place, card = await told(product, user, sentence)
    value = next(value for value in values(card) if value.startswith("approval:"))
    await ws.click(user, place, card["ts"], "office_review", value=value)
    view = await top(ws, user)
    answer = await ws.submit(user, view["id"])
    assert answer.get("ok"), answer


async def test_a_reporter_is_warned_answers_is_suspended_and_cannot_click(product: Product) -> None:
    ws, floor = product.ws, Floor(product)
    admin, second, mikkel = ws.member("Noor"), ws.member("Ruth"), ws.member("Mikkel")
    ingrid = ws.member("Ingrid")
    await floor.ask(NORDLYS)
    card = await floor.card(mikkel, CHANNEL[NORDLYS], "Genuine or fake?")
    await floor.click(mikkel, CHANNEL[NORDLYS], card, "request_fake")
    answered = await floor.card(mikkel, CHANNEL[NORDLYS], "removed the listing")
    await floor.click(ingrid, CHANNEL[NORDLYS], answered, "request_retract")
    reason = (await ws.views(ingrid))[-1]
    assert (await ws.submit(ingrid, reason["id"], {"reason": "Our own shop"})) == {"ok": True}
    await floor.card(mikkel, CHANNEL[NORDLYS], "put the listing back")

    view = await go(ws, admin, ws.channel("openbazaar-team"), "misuse")
    assert f"<@{mikkel}>" in texts(view)
    (address,) = [value for value in values(view) if value.startswith("reporter:")]
    shown = await propose(product, admin, view, "warn_person", address)
    assert "Warning proposed" in texts(shown)

    place, message = await told(product, mikkel, "A warning is proposed")
    assert "<!channel>" not in str(message["blocks"])
    assert "*1* of 1 decided" in texts(message)
    censure = next(value for value in values(message))
    await ws.click(mikkel, place, message["ts"], "censure_answer", value=censure)
    form = await top(ws, mikkel)
    assert (await ws.submit(mikkel, form["id"], {"answer": "I took them for the old model"})) == {"ok": True}
    await told(product, mikkel, "I took them for the old model")
    await told(product, second, "I took them for the old model")
    await decide(product, second, "Warn <@")
    await told(product, mikkel, "You are warned")

    await propose(product, admin, shown, "suspend_person", "misuse", address)
    await told(product, mikkel, "A suspension is proposed")
    await decide(product, second, "Suspend <@")
    await told(product, mikkel, "You are suspended")

    await floor.ask(SECOND_OF_NORDLYS)
    card = await floor.card(mikkel, CHANNEL[NORDLYS], "Genuine or fake?")
    await floor.click(mikkel, CHANNEL[NORDLYS], card, "request_genuine")
    await floor.whisper(mikkel, CHANNEL[NORDLYS], "You are suspended")
    answer = await ws.command(mikkel, "/notice", CHANNEL[NORDLYS])
    assert answer == {"ok": True}

    async def told_twice() -> bool:
        messages = await ws.messages(mikkel, CHANNEL[NORDLYS])
        return sum("You are suspended" in m["text"] for m in messages if m.get("ephemeral")) == 2

    assert await ws.wait_for(told_twice)


async def test_a_lead_looks_at_the_own_people_and_the_platform_s_staff_reads_no_names(
    product: Product,
) -> None:
    ws, floor = product.ws, Floor(product)
    mikkel = ws.member("Mikkel")
    await ws.market_mode("normal", obey="by_hand")
    await floor.ask(NORDLYS)
    card = await floor.card(mikkel, CHANNEL[NORDLYS], "Genuine or fake?")
    await floor.click(mikkel, CHANNEL[NORDLYS], card, "request_fake")
    card = await floor.card(mikkel, CHANNEL[NORDLYS], "has our request")
    await floor.click(mikkel, CHANNEL[NORDLYS], card, "request_retract")
    view = (await ws.views(mikkel))[-1]
    assert (await ws.submit(mikkel, view["id"], {"reason": "No, sorry"})) == {"ok": True}
    await floor.card(mikkel, CHANNEL[NORDLYS], "Taken back")

    holder = nordlys(product)
    lead = ws.member("Ingrid")
    view = await go(ws, lead, CHANNEL[NORDLYS], f"roster:{holder}", f"misuse:{holder}")
    assert f"<@{mikkel}>" in texts(view)
    view = await go(ws, ws.member("Wei"), ws.channel("openbazaar-team"), "misuse")
    assert f"<@{mikkel}>" not in texts(view)
    assert "expert-" in texts(view)
