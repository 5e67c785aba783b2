"""The review queue in a browser by keyboard alone: Tab, arrows and Enter answer; Enter alone does not."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.bot_under_test import Product
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser

MIKKEL, NORDLYS = "U0MIKKEL1", "C0BRAND01"
LISTINGS = ["48143", "48155", "48231"]
SLOWLY = 20_000


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
