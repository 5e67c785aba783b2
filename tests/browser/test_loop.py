"""The loop of the product, walked in a browser by the people who use it.

A member files, the marketplace asks back and acts; the marketplace asks, experts answer, what is fake is
taken down once; one answer is taken back.
"""

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from tests.bot_under_test import Product
from tests.browser.conftest import OpenPage
from tests.browser.hands import SLOWLY, card, choose, press, says, sure, write

pytestmark = pytest.mark.browser

INGRID, MIKKEL, CLAIRE, PRIYA = "U0INGRID1", "U0MIKKEL1", "U0CLAIRE1", "U0PRIYA01"
LENA, MARCO, NOOR = "U0LENA001", "U0MARCO01", "U0NOOR001"
NORDLYS, HALDEN, FATHOM = "C0BRAND01", "C0BRAND02", "C0BRAND04"
BRIGHTWATER = "C0BRAND08"
EXPLANATION = "The sole has no pattern and the box is blank, as on each of the four pairs that we bought."

Look = Callable[..., Awaitable[Page]]


@pytest.fixture
def look(product: Product, open_page: OpenPage) -> Look:
    """`await look(user, "channel=C...")`: what this person sees there."""

    async def looked(user: str, place: str) -> Page:
        page = await open_page(f"{product.ws.url}/?as={user}&{place}")
        page.set_default_timeout(SLOWLY)
        return page

    return looked


async def ask(market: Page, titles: list[str]) -> None:
    """Tick the listings with these titles at the marketplace, and ask their brands."""
    await market.get_by_test_id("market-tab-listings").click()
    for title in titles:
        await market.get_by_test_id("listing-search").fill(title)
        listing = market.get_by_test_id("listings").get_by_role("listitem").filter(has_text=title)
        await listing.get_by_role("checkbox").check()
    await market.get_by_test_id("ask-send").click()
    await expect(market.get_by_test_id("ask-results").get_by_role("listitem")).to_have_count(len(titles))


async def takedowns(product: Product, count: int) -> None:
    """The marketplace took down so many listings, each of them once."""

    async def all_removed() -> bool:
        found = await product.ws.market("effects")
        return len(found) == count and all(each["reported"] for each in found)

    await product.ws.wait_for(all_removed, SLOWLY / 1000)
    assert [each["count"] for each in await product.ws.market("effects")] == [1] * count


async def test_a_notice_is_mended_filed_asked_back_and_acted_on(product: Product, look: Look) -> None:
    page = await look(MIKKEL, f"channel={NORDLYS}")
    first, second = (f"{product.ws.url}/item/{number}" for number in (48143, 48151))
    await write(page, f"/notice {first} {second}")
    modal = page.get_by_test_id("modal")
    await choose(modal, "notice_right", "Trade mark")
    await choose(modal, "notice_reason", "Trade mark misused in the listing")
    links = modal.get_by_role("textbox", name="Listings", exact=True)
    await expect(links).to_have_value(f"{first}\n{second}")
    await links.fill(f"{first}\nno address\n{second}")
    await modal.locator("[data-action=explanation]").fill(EXPLANATION)
    await modal.get_by_role("checkbox", name="I state this").check()
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal.locator("[data-block=links_1] .input-error")).to_contain_text("Line 2: ")
    await expect(modal.locator("[data-action=explanation]")).to_have_value(EXPLANATION)
    await links.fill(f"{first}\n{second}")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_have_count(0, timeout=SLOWLY)
    await says(card(page, "Only visible to you"), re.compile(r"Filed as GF-\w{4}-\w{4}"))
    notice = card(page, "0 of 2 listings removed")
    await says(notice, "Submitted")

    market = await look(NOOR, "panel=market")
    await market.get_by_test_id("market-tab-notices").click()
    received = market.get_by_role("article", name="Notice GF-")
    await received.get_by_label("Complaint number").fill("OB-771")
    await received.get_by_test_id("move-received").click()
    await says(card(page, "OB-771"), "Received")
    await received.get_by_test_id("move-clarification_required").click()
    await market.get_by_test_id("reason").get_by_role("textbox").fill("Please show the mark on the box.")
    await press(market.get_by_test_id("reason"), "Send")
    await says(card(page, "Please show the mark on the box."), "The marketplace asks for more")
    await received.get_by_role("checkbox").last.uncheck()
    await received.get_by_test_id("move-partially_actioned").click()
    await says(card(page, "1 of 2 listings removed"), "Acted on in part")

    await card(page, "OB-771").get_by_test_id("replies").click()
    thread = page.get_by_test_id("thread-messages").get_by_test_id("message")
    told = ["has received this notice", "asks for more before it can decide", "decided in part"]
    await expect(thread.filter(has_text=re.compile("|".join(told)))).to_contain_text(told)


async def test_experts_answer_once_what_is_fake_goes_once_and_an_answer_is_taken_back(
    product: Product, look: Look
) -> None:
    market = await look(NOOR, "panel=market")
    await ask(market, ["Nordlys Fuze X - Noir/ Blanc/ Onyx", "Halden Jazzmaster Seaview Chrono"])
    await ask(market, ["Fathom X 256GB Silver (AT&T) Jailbroken!"])

    mikkel, ingrid = await look(MIKKEL, f"channel={NORDLYS}"), await look(INGRID, f"channel={NORDLYS}")
    claire = await look(CLAIRE, f"channel={HALDEN}")
    shoes = card(mikkel, "Nordlys Fuze X")
    await says(shoes, "Fake starts the takedown at once.")
    await press(shoes, "Fake")
    await press(mikkel.get_by_test_id("confirm"), "Cancel")
    await expect(shoes.get_by_role("button", name="Genuine")).to_be_visible()
    await press(shoes, "Fake")
    await sure(mikkel, "Fake")
    await says(shoes, "OpenBazaar removed the listing")
    await says(shoes, "Fake, says @Mikkel Aas")
    await expect(shoes.get_by_role("button", name="Genuine")).to_have_count(0)

    watch = card(claire, "Halden Jazzmaster")
    await watch.get_by_role("button", name="Cannot tell", exact=True).dblclick()
    await says(watch, "Cannot tell, says @Claire Vuilleumier")
    phone = await look(PRIYA, f"channel={FATHOM}")
    await press(card(phone, "Jailbroken"), "Genuine")
    await says(card(phone, "Jailbroken"), "Genuine, says @Priya Raman")
    await takedowns(product, 1)

    retract = card(ingrid, "Nordlys Fuze X")
    await press(retract, "Take the answer back")
    modal = ingrid.get_by_test_id("modal")
    await modal.get_by_role("textbox", name="Reason").fill("It is last year's model.")
    await modal.get_by_test_id("modal-submit").click()
    await says(retract, "OpenBazaar put the listing back")
    await says(retract, "Taken back by @Ingrid Solberg")
    await says(retract, "It is last year's model.")

    await market.get_by_test_id("market-tab-requests").click()
    answers = market.get_by_test_id("requests").get_by_role("row").locator("td:nth-of-type(4)")
    await expect(answers).to_have_text(["genuine", "cannot tell", "taken back"], timeout=SLOWLY)
    verdicts = [each for each in await product.ws.market("received") if each["type"] == "verdict.recorded"]
    assert len(verdicts) == 3
    await takedowns(product, 1)


async def test_where_one_word_is_not_enough_a_second_expert_confirms(product: Product, look: Look) -> None:
    await ask(await look(NOOR, "panel=market"), ["Brightwater pink knitted hat with brim"])
    marco, lena = await look(MARCO, f"channel={BRIGHTWATER}"), await look(LENA, f"channel={BRIGHTWATER}")
    hat = card(marco, "Brightwater pink knitted hat")
    await says(hat, "a second person of your company must confirm")
    await press(hat, "Fake")
    await sure(marco, "Fake")
    await says(hat, "A second person must confirm before anything is taken down.")
    await press(hat, "Confirm: fake")
    await sure(marco, "Confirm: fake")
    await says(card(marco, "Only visible to you"), "You said Fake yourself.")
    await takedowns(product, 0)

    await lena.get_by_test_id("app").click()
    await says(lena.get_by_test_id("home"), "waits for a second expert to confirm the Fake")
    await lena.get_by_test_id(f"channel-{BRIGHTWATER}").click()
    await press(card(lena, "Brightwater pink knitted hat"), "Confirm: fake")
    await sure(lena, "Confirm: fake")
    await says(hat, "OpenBazaar removed the listing")
    await takedowns(product, 1)
