"""Product knowledge in Slack, from end to end: written from one card, shown on the next and the platform."""

import aiohttp
from sqlmodel import Session, select

from bot.clock import utc_now
from bot.contract.requests import AskedRequest
from bot.enforcement import product_lines, requests
from bot.enforcement.access import OPERATOR, Actor
from bot.enforcement.product_lines import LineForm
from storage.records.platform import PlatformClient
from storage.records.roster import Brand
from tests.bot_under_test import Product
from tests.office import go, press, texts, top
from tests.workspace import Json

CHANNEL, PLATFORM = "C0BRAND01", "C0PLATFM1"
MIKKEL, NOOR = "U0MIKKEL1", "U0NOOR001"
HOST = "bazaar.example"
SEAM = "The seam at the heel is double; a fake has one."


async def ask(product: Product, number: int, line: str | None) -> str:
    """The marketplace asks about one listing, of a line that it names or not; our id."""

    def receive(session: Session) -> str:
        client = session.exec(select(PlatformClient)).one()
        listing = {
            "marketplace": "openbazaar",
            "url": f"https://{HOST}/item/{number}",
            "title": f"Boot {number}",
        }
        asked = {"external_id": f"k-{number}", "brand": "Nordlys", "listing": listing, "reasons": ["Price"]}
        model = AskedRequest.model_validate(asked | {"product_line": line})
        own = {HOST: "openbazaar"}
        (received,) = requests.receive_requests(
            session, Actor(client_id=client.id), [model], own, now=utc_now()
        )
        return received.id

    return await product.store.run(receive)


async def card(product: Product, number: int, holds: str) -> Json:
    """The card about a listing, once it holds some words."""

    async def look() -> Json | None:
        messages = await product.ws.messages(MIKKEL, CHANNEL)
        found = [
            each for each in messages if f"Boot {number}*" in texts(each) and holds in str(each["blocks"])
        ]
        return found[-1] if found else None

    seen = await product.ws.wait_for(look)
    assert seen is not None
    return seen


async def click(product: Product, message: Json, value: str) -> Json:
    """Press what carries this value on a card, in a menu too; the modal that opens."""
    for block in message["blocks"]:
        for each in [*block.get("elements", []), block.get("accessory", {})]:
            options = [option for option in each.get("options", []) if option["value"] == value]
            if options or each.get("value") == value:
                fields = {"selected_option": options[0]} if options else {"value": value}
                done = await product.ws.click(
                    MIKKEL, CHANNEL, message["ts"], each["action_id"], type=each["type"], **fields
                )
                assert done == {"ok": True}, done
                return await top(product.ws, MIKKEL)
    raise AssertionError(f"nothing leads to {value}")


async def test_an_expert_writes_it_from_a_card_and_later_cards_the_platform_and_the_api_show_it(
    product: Product,
) -> None:
    def add(session: Session) -> str:
        brand = session.exec(select(Brand).where(Brand.name == "Nordlys")).one()
        form = LineForm(brand_id=brand.id, name="Winter boots")
        return product_lines.add_line(session, OPERATOR, form, now=utc_now())

    line = await product.store.run(add)
    first = await ask(product, 1, None)
    form = await click(product, await card(product, 1, "Product line:"), f"request_line:{first}")
    assert (await product.ws.submit(MIKKEL, form["id"], {"line": line})).get("ok")
    page = await top(product.ws, MIKKEL)
    assert "Nothing is written yet" in texts(page)

    form = await press(product.ws, MIKKEL, page, f"knowledge_form:{line}")
    bad = await product.ws.submit(MIKKEL, form["id"], {"known": SEAM, "pictures": "ftp://seam"})
    assert "https" in bad["errors"]["pictures"]
    values = {"known": SEAM, "points": "Seam\nLabel", "pictures": "https://nordlys.example/seam.jpg"}
    assert (await product.ws.submit(MIKKEL, form["id"], values)).get("ok")
    assert SEAM in texts(await top(product.ws, MIKKEL))

    second = await ask(product, 2, "winter boots")
    later = await card(product, 2, SEAM)
    assert "• Seam" in texts(later)
    form = await click(product, later, f"knowledge_form:{line}")
    assert f"{line}-1" in form["private_metadata"]

    page = await go(product.ws, NOOR, PLATFORM, "knowledge_all", f"knowledge:{line}")
    assert SEAM in texts(page)
    assert "by an expert of the brand" in texts(page)
    assert MIKKEL not in str(page)

    headers = {"Authorization": f"Bearer {product.client['api_key']}"}
    path = f"{product.url}/api/v1/authenticity-requests/{second}/knowledge"
    async with aiohttp.ClientSession() as http, http.get(path, headers=headers) as answer:
        told = await answer.json()
    assert (answer.status, told["text"], told["product_line"]) == (200, SEAM, "Winter boots")
