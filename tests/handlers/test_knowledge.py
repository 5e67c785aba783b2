"""Product knowledge in Slack, from end to end: written from one card, shown on the next and the platform."""

from functools import partial

import aiohttp
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.contract.requests import AskedRequest
from bot.enforcement import knowledge, knowledge_pictures, product_lines, requests
from bot.enforcement.access import OPERATOR, Actor
from bot.enforcement.evidence import Fetched
from bot.enforcement.knowledge_pictures import Chosen
from bot.enforcement.product_lines import LineForm
from handlers.ids import OfficeId, QueueId
from storage.records.knowledge import KnowledgePicture
from storage.records.platform import PlatformClient
from storage.records.roster import Brand
from tests.bot_under_test import Product
from tests.office import changed, go, open_office, press, texts, top
from tests.workspace import Json

CHANNEL, PLATFORM = "C0BRAND01", "C0PLATFM1"
MIKKEL, NOOR = "U0MIKKEL1", "U0NOOR001"
HOST = "bazaar.example"
PNG = b"\x89PNG\r\n\x1a\n"
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


def shown(session: Session) -> KnowledgePicture | None:
    """The picture once Slack shows its copy."""
    return session.exec(select(KnowledgePicture).where(col(KnowledgePicture.ready_at).is_not(None))).first()


def pictures_in(drawn: Json) -> list[tuple[str, str]]:
    """The files of Slack's that blocks show, each with what a screen reader says."""
    held = [each for block in drawn["blocks"] for each in (block, block.get("accessory", {}))]
    return [(each["slack_file"]["id"], each["alt_text"]) for each in held if "slack_file" in each]


def value_in(view: Json, beginning: str) -> str:
    """The value of the button that leads where an address begins so."""
    values = [
        str(each.get("value", ""))
        for block in view["blocks"]
        for each in [*block.get("elements", []), block.get("accessory", {})]
    ]
    return next(value for value in values if value.startswith(beginning))


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
    seam = await product.ws.upload(MIKKEL, "IMG_1.png", PNG + b"seam")
    page_of_slack = await product.ws.upload(MIKKEL, "page.jpg", b"<html>Sign in</html>")
    foreign = await product.ws.upload(NOOR, "hers.png", PNG)
    values = {"known-0": SEAM, "points-0": "Seam\nLabel", "captions-0": "The double seam"}
    for wrong, why in ((page_of_slack, "page.jpg is no PNG or JPEG"), (foreign, "not there any more")):
        bad = await product.ws.submit(MIKKEL, form["id"], values | {"files-0": [seam, wrong]})
        assert why in bad["errors"]["files-0"], bad
    assert (await product.ws.submit(MIKKEL, form["id"], values | {"files-0": [seam]})).get("ok")
    assert SEAM in texts(await top(product.ws, MIKKEL))
    picture = await product.ws.wait_for(partial(product.store.read, shown))
    assert picture is not None
    assert product.ws.sandbox.memory.files[str(picture.copy_id)].content == PNG + b"seam"

    second = await ask(product, 2, "winter boots")
    later = await card(product, 2, SEAM)
    assert "• Seam" in texts(later)
    assert pictures_in(later) == [(picture.copy_id, "Winter boots: The double seam")]
    form = await click(product, later, f"knowledge_form:{line}")
    assert f"{line}-1" in form["private_metadata"]
    assert (await product.ws.submit(MIKKEL, form["id"], {"known-1": SEAM + "!", "files-1": [seam]})).get("ok")
    page = await top(product.ws, MIKKEL)
    assert pictures_in(page) == [(picture.copy_id, "Winter boots: The double seam")]

    page = await go(product.ws, NOOR, PLATFORM, "knowledge_all", f"knowledge:{line}")
    assert SEAM in texts(page)
    assert pictures_in(page) == [(picture.copy_id, "Winter boots: The double seam")]
    assert "by an expert of the brand" in texts(page)
    assert MIKKEL not in str(page)

    headers = {"Authorization": f"Bearer {product.client['api_key']}"}
    path = f"{product.url}/api/v1/authenticity-requests/{second}/knowledge"
    async with aiohttp.ClientSession() as http, http.get(path, headers=headers) as answer:
        told = await answer.json()
        assert (answer.status, told["text"], told["product_line"]) == (200, SEAM + "!", "Winter boots")
        (file,) = told["pictures"]
        async with http.get(f"{path}/pictures/{file['id']}", headers=headers) as bytes_of:
            assert (bytes_of.status, bytes_of.content_type) == (200, "image/png")
            assert await bytes_of.read() == PNG + b"seam"


async def with_picture(product: Product) -> tuple[str, str]:
    """A line of which something is known, and the copy that Slack shows of its picture."""

    def write(session: Session) -> str:
        brand = session.exec(select(Brand).where(Brand.name == "Nordlys")).one()
        form = LineForm(brand_id=brand.id, name="Winter boots")
        line = product_lines.add_line(session, OPERATOR, form, now=utc_now())
        file = Fetched("F0SEAM001", "seam.png", "image/png", PNG)
        mikkel = Actor(team_id=product.ws.sandbox.memory.team_id, user_id=MIKKEL)
        knowledge_pictures.keep(session, mikkel, line, [file], now=utc_now())
        chosen = [Chosen(file_id=file.file_id)]
        knowledge.write(session, mikkel, line, 0, SEAM, [], chosen, now=utc_now())
        return line

    line = await product.store.run(write)
    kept = await product.ws.wait_for(partial(product.store.read, shown))
    assert kept is not None
    return line, str(kept.copy_id)


async def copied_again(product: Product, lost: str) -> str:
    """The new copy, once Slack shows it."""

    async def another() -> str | None:
        found = await product.store.read(shown)
        return found.copy_id if found and found.copy_id != lost else None

    return str(await product.ws.wait_for(another))


def options_of(block: Json) -> list[Json]:
    """What can be picked from the menus of a block."""
    return [option for each in block.get("elements", []) for option in each.get("options", [])]


async def press_line(product: Product, lines: Json, address: str) -> None:
    """Press what leads to a line's page, whatever comes of it."""
    (row,) = [each for each in lines["blocks"] if each.get("accessory", {}).get("value") == address]
    await product.ws.click_view(
        MIKKEL, lines["id"], OfficeId.GO, block_id=row["block_id"], type="button", value=address
    )


async def test_a_picture_that_slack_has_lost_stops_no_page_and_is_copied_again(product: Product) -> None:
    line, lost = await with_picture(product)
    view = await open_office(product.ws, MIKKEL, CHANNEL)
    lines = await press(product.ws, MIKKEL, view, value_in(view, "knowledge_lines:"))
    address = f"knowledge:{line}"
    before = len(await product.ws.calls("views.update"))

    async def answered() -> bool:
        return len(await product.ws.calls("views.update")) > before

    await product.ws.fault("views.update", "ok_false", error="hash_conflict", times=1)
    await press_line(product, lines, address)
    await product.ws.wait_for(answered)
    kept = await product.store.read(shown)
    assert kept is not None, "a view that was redrawn meanwhile says nothing about its pictures"

    del product.ws.sandbox.memory.files[lost]
    await press_line(product, lines, address)
    again = await copied_again(product, lost)
    page = await press(product.ws, MIKKEL, lines, address)
    assert [file_id for file_id, _ in pictures_in(page)] == [again]


async def test_a_picture_that_slack_has_lost_stops_nobody_in_the_queue(product: Product) -> None:
    line, lost = await with_picture(product)
    await ask(product, 1, "Winter boots")
    await product.ws.command(MIKKEL, "/goodfaith queue", CHANNEL)
    view = await top(product.ws, MIKKEL)
    assert [file_id for file_id, _ in pictures_in(view)] == [lost]
    del product.ws.sandbox.memory.files[lost]
    (picked,) = [each for block in view["blocks"] for each in options_of(block) if each["value"] == line]
    await product.ws.click_view(
        MIKKEL, view["id"], QueueId.LINE, type="static_select", selected_option=picked
    )
    view = await changed(product.ws, MIKKEL, view)
    assert pictures_in(view) == []
    assert SEAM in texts(view)
    assert await copied_again(product, lost)


async def test_a_card_without_the_picture_that_slack_has_lost_has_it_copied_again(product: Product) -> None:
    _, lost = await with_picture(product)
    del product.ws.sandbox.memory.files[lost]
    await ask(product, 1, "Winter boots")
    assert pictures_in(await card(product, 1, SEAM)) == []
    assert await copied_again(product, lost)
