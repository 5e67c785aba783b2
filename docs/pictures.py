"""Take the pictures of the documents in the sandbox itself, so that they show what the product does today.

`make pictures` starts a fresh sandbox, lets its people act in a real browser, and writes docs/pictures/*.png.
It needs an installed Chromium. Nothing is compared: pictures differ from machine to machine by their fonts.
"""

import asyncio
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Browser, Locator, Page, async_playwright

PLACE = Path(__file__).parent / "pictures"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HANNAH, JONAS = "U0HANNAH1", "U0JONAS01"  # lead and expert of Marlowe & Finch
BRAND, GROUP = "C0BRAND06", "C0GROUP01"
WIDTH, HEIGHT = 1200, 800
TALL = 1080
READY_SECONDS = 120


@asynccontextmanager
async def sandbox() -> AsyncIterator[str]:
    """A fresh sandbox on free ports; its address."""
    with tempfile.TemporaryDirectory() as state:
        options = ("up", "--state", state, "--port", "0", "--bot-port", "0")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.sandbox", *options, stdout=asyncio.subprocess.PIPE
        )
        if process.stdout is None:
            raise RuntimeError("the sandbox has no output")
        try:
            async with asyncio.timeout(READY_SECONDS):
                said = ""
                while "ready" not in said:
                    said = (await process.stdout.readline()).decode()
            yield re.findall(r"http://[^/ ]+", said)[0]
        finally:
            process.terminate()
            await process.wait()


async def post(url: str, path: str, **body: object) -> Any:
    """Use one of the page's doors."""
    async with aiohttp.ClientSession() as session, session.post(f"{url}{path}", json=body) as answer:
        return await answer.json()


async def pictured_listings(url: str) -> list[str]:
    """Two listings of the brand that have pictures."""
    address = f"{url}/sandbox/market/listings?q=Marlowe"
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        listings = (await answer.json())["listings"]
    return [each["id"] for each in listings if each["picture"]][:2]


class Studio:
    """The browser, the sandbox's address, and how a person opens a page there."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url

    async def page(self, user: str, place: str, *, dark: bool = False, height: int = HEIGHT) -> Page:
        """A page of this person."""
        context = await self._browser.new_context(
            viewport={"width": WIDTH, "height": height},
            color_scheme="dark" if dark else "light",
            locale="en-GB",
        )
        page = await context.new_page()
        await page.goto(f"{self._url}/?as={user}&{place}")
        return page

    async def take(self, page: Page, name: str, *seen: Locator) -> None:
        """Wait until everything named is seen and every picture in it is there, then take the picture."""
        for each in seen:
            await each.first.wait_for()
        await page.wait_for_load_state("networkidle")
        await page.wait_for_timeout(400)  # the page's transitions
        await page.screenshot(path=PLACE / f"{name}.png")


async def take_card(studio: Studio, url: str) -> None:
    """A request in the brand's channel, before and after its answer."""
    reasons = ["The price is 70 % below the catalogue", "The seller opened nine days ago"]
    asked = (await pictured_listings(url))[:1]
    await post(url, "/sandbox/market/ask", listing_ids=asked, reasons=reasons, deadline_hours=24)
    page = await studio.page(JONAS, f"channel={BRAND}", height=TALL)
    fake = page.locator("[data-action=request_fake]")
    await studio.take(page, "request", fake)
    await fake.first.click()
    await page.get_by_test_id("confirm").get_by_role("button", name="Fake").click()
    await page.get_by_text("removed the listing").first.wait_for()
    dark = await studio.page(JONAS, f"channel={BRAND}", dark=True, height=TALL)
    await studio.take(dark, "verdict", dark.get_by_text("removed the listing"))


async def take_notice(studio: Studio, url: str) -> None:
    """The form of a notice, prefilled."""
    page = await studio.page(HANNAH, f"channel={BRAND}", height=TALL)
    composer = page.get_by_test_id("composer")
    links = [f"{url}/item/{each}" for each in await pictured_listings(url)]
    await composer.fill(f"/notice {' '.join(links)}")
    await composer.press("Enter")
    await studio.take(page, "notice", page.get_by_test_id("modal"))
    await page.get_by_test_id("modal").get_by_role("button", name="Cancel").click()


async def take_home(studio: Studio) -> None:
    """App Home of a brand lead."""
    page = await studio.page(HANNAH, "app=home")
    await studio.take(page, "home", page.get_by_role("button", name="File a notice"))


async def take_market(studio: Studio) -> None:
    """The marketplace's side."""
    page = await studio.page(JONAS, f"channel={BRAND}&panel=market")
    await studio.take(page, "marketplace", page.get_by_test_id("listing-search"))


async def take_digest(studio: Studio, url: str) -> None:
    """A working group's morning."""
    page = await studio.page(HANNAH, f"channel={GROUP}&panel=market")
    await page.get_by_test_id("market-tab-mode").click()
    await page.get_by_test_id("clock-morning").click()
    page = await studio.page(HANNAH, f"channel={GROUP}")
    await page.get_by_test_id("message").first.wait_for(timeout=90_000)  # a tick of the bot, each 30 seconds
    await studio.take(page, "digest", page.get_by_test_id("message"))


async def main() -> None:
    """Take them all, in an order in which each finds what the one before has left."""
    chromium = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if chromium is None:
        sys.exit("No Chromium is installed; pictures need one.")
    PLACE.mkdir(exist_ok=True)
    async with sandbox() as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        studio = Studio(browser, url)
        await take_card(studio, url)
        await take_notice(studio, url)
        await take_home(studio)
        await take_market(studio)
        await take_digest(studio, url)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
