"""The review queue in a browser: by keyboard alone; two experts at once; somebody who leaves the company.

Tab, arrows and Enter answer; Enter alone does not.
"""

import asyncio

import pytest
from playwright.async_api import Locator, Page, expect

from tests.bot_under_test import Product
from tests.browser.conftest import OpenPage
from tests.browser.hands import SLOWLY, card, press, says, sure, write

pytestmark = pytest.mark.browser

INGRID, MIKKEL, NORDLYS = "U0INGRID1", "U0MIKKEL1", "C0BRAND01"
LISTINGS = ["48143", "48155", "48231"]


async def tab_to(page: Page, found: Locator) -> None:
    """Press Tab until this has the focus."""
    for _ in range(40):
        if await found.evaluate("element => element === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError("Tab does not lead there")


async def test_three_requests_are_answered_by_keyboard(product: Product, open_page: OpenPage) -> None:
    await product.ws.ask(LISTINGS, deadline_hours=24)
    page = await open_page(f"{product.ws.url}/?as={MIKKEL}&channel={NORDLYS}")
    await expect(page.get_by_text("Genuine or fake?")).to_have_count(3, timeout=SLOWLY)
    await page.get_by_test_id("composer").fill("/goodfaith queue")
    await page.keyboard.press("Enter")
    modal = page.get_by_test_id("modal")
    await expect(modal).to_contain_text("1 of 3", timeout=SLOWLY)

    # Nothing is chosen, so the button answers nothing.
    submit = modal.get_by_role("button", name="Next")
    await tab_to(page, submit)
    await page.keyboard.press("Enter")
    await expect(modal).to_contain_text("1 of 3")

    # The second answer by arrow, then the button.
    fake = modal.get_by_role("radio", name="Fake")
    for place, said in (("2 of 3", "Genuine is recorded"), ("3 of 3", "Genuine is recorded")):
        await tab_to(page, fake)
        await page.keyboard.press("ArrowDown")
        await expect(modal.get_by_role("radio", name="Genuine")).to_be_checked()
        await tab_to(page, submit)
        await page.keyboard.press("Enter")
        await expect(modal).to_contain_text(place, timeout=SLOWLY)
        await expect(modal).to_contain_text(said)

    # A Fake takes one more Enter, in a view of its own.
    await tab_to(page, fake)
    await page.keyboard.press("Space")
    await tab_to(page, submit)
    await page.keyboard.press("Enter")
    await expect(modal).to_contain_text("The takedown starts at once", timeout=SLOWLY)
    await tab_to(page, modal.get_by_role("button", name="Fake", exact=True))
    await page.keyboard.press("Enter")
    await expect(modal).to_contain_text("no other request waits for an answer", timeout=SLOWLY)


async def clear(page: Page) -> list[str]:
    """Call everything genuine until nothing is left; the listings that were seen."""
    modal, seen = page.get_by_test_id("modal"), []
    done = modal.get_by_text("no other request waits for an answer")
    await write(page, "/goodfaith queue")
    listing = modal.locator("a[href*='/item/']").first
    await expect(listing).to_be_visible(timeout=SLOWLY)
    while not await done.count():
        address = await listing.get_attribute("href") or ""
        seen.append(address)
        await modal.get_by_role("radio", name="Genuine").check()
        await press(modal, "Next")
        other = modal.locator(f"a[href*='/item/']:not([href='{address}'])").first
        await expect(other.or_(done)).to_be_visible(timeout=SLOWLY)
    return seen


async def test_two_experts_clear_thirty_requests_and_a_leaver_answers_none(
    product: Product, open_page: OpenPage
) -> None:
    found = (await product.ws.market("listings", q="Nordlys", page="1"))["listings"]
    found += (await product.ws.market("listings", q="Nordlys", page="2"))["listings"]
    numbers = [each["id"] for each in found if each["brand"] == "Nordlys"][:31]
    assert len(numbers) == 31
    await product.ws.ask(numbers[:30], deadline_hours=24)
    mikkel, ingrid = [
        await open_page(f"{product.ws.url}/?as={user}&channel={NORDLYS}") for user in (MIKKEL, INGRID)
    ]
    for page in (mikkel, ingrid):
        await expect(card(page, "Genuine or fake?")).to_have_count(30, timeout=2 * SLOWLY)
    seen_by_mikkel, seen_by_ingrid = await asyncio.gather(clear(mikkel), clear(ingrid))
    assert not set(seen_by_mikkel) & set(seen_by_ingrid)
    assert len(seen_by_mikkel) + len(seen_by_ingrid) == 30
    assert min(len(seen_by_mikkel), len(seen_by_ingrid)) > 5

    # One more is asked; its card stands open before an expert who leaves the company.
    for page in (mikkel, ingrid):
        await page.get_by_test_id("modal-close").click()
    await product.ws.ask(numbers[30:], deadline_hours=24)
    still_open = card(mikkel, "Genuine or fake?").filter(has=mikkel.get_by_role("button", name="Genuine"))
    await expect(still_open).to_have_count(1, timeout=SLOWLY)
    await remove_from_roster(ingrid, "Mikkel Aas")
    await press(still_open, "Genuine")
    await says(card(mikkel, "Only visible to you"), "or it is not yours to act on")
    await expect(still_open).to_have_count(1)
    await expect(card(ingrid, "not yours to act on")).to_have_count(0)


async def remove_from_roster(page: Page, name: str) -> None:
    """The lead takes somebody off the roster."""
    await write(page, "/goodfaith")
    modal = page.get_by_test_id("modal")
    await modal.locator("[data-action=office_go]").filter(has_text="Open").first.wait_for(timeout=SLOWLY)
    line = modal.get_by_text("The roster, brands and channels").locator("xpath=ancestor::*[.//button][1]")
    await line.get_by_role("button").click()
    person = modal.get_by_text(f"@{name}").locator("xpath=ancestor::*[.//button][1]")
    await person.get_by_role("button").click(timeout=SLOWLY)
    await modal.locator("[data-action=office_remove_person]").click(timeout=SLOWLY)
    await sure(page, "Remove")
    await expect(modal.get_by_role("button", name="Add a person")).to_be_visible(timeout=SLOWLY)
    await expect(modal.get_by_text(name)).to_have_count(0)
    await page.get_by_test_id("modal-close").click()
