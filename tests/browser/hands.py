"""What people do at the page over and over: write, read a card, press a button, choose."""

import re

from playwright.async_api import Locator, Page, expect

SLOWLY = 20_000  # milliseconds: what passes through the outbox twice


async def write(page: Page, text: str) -> None:
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("composer").press("Enter")


def card(page: Page, *words: str) -> Locator:
    """The message in the conversation that says all of this."""
    found = page.get_by_test_id("messages").get_by_test_id("message")
    for said in words:
        found = found.filter(has_text=said)
    return found


async def says(found: Locator, words: str | re.Pattern[str]) -> None:
    await expect(found).to_contain_text(words, timeout=SLOWLY)


async def press(found: Locator, name: str) -> None:
    await found.get_by_role("button", name=name, exact=True).click()


async def sure(page: Page, name: str) -> None:
    """Answer the question that a button asks back."""
    await press(page.get_by_test_id("confirm"), name)
    await expect(page.get_by_test_id("confirm")).to_have_count(0)


async def choose(modal: Locator, action: str, name: str) -> None:
    await modal.locator(f"[data-action={action}]").get_by_role("combobox").click()
    await modal.get_by_role("option", name=name).click()
