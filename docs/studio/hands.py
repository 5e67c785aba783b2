"""The studio in which the documents' pictures are taken: a fresh sandbox, a browser, hands for its page."""

import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Browser, Locator, Page, TimeoutError  # noqa: A004  # Playwright's own

PLACE = Path(__file__).parent.parent / "pictures"
WIDTH, HEIGHT, TALL = 1200, 800, 1080
PHONE = (390, 844)
READY_SECONDS = 120
PATIENCE_MS, TRIES, SETTLED_MS = 8_000, 4, 1_500
HANNAH, JONAS = "U0HANNAH1", "U0JONAS01"  # lead and expert of Marlowe & Finch
MARCO = "U0MARCO01"  # an expert of Brightwater, which is not in good standing yet
NOOR, RUTH = "U0NOOR001", "U0RUTH001"  # administrators
SOFIA = "U0SOFIA01"  # lead of Orchard Lane
PRIYA = "U0PRIYA01"  # lead of Fathom Mobile, chair of Electronics and watches
KWAME, FIONA = "U0KWAME01", "U0FIONA01"  # lead of Stride Union, chair of Food and drink
BRAND, OTHER_BRAND, THIRD_BRAND, FOURTH_BRAND = "C0BRAND06", "C0BRAND08", "C0BRAND09", "C0BRAND10"
GROUP, ASSOCIATION, PLATFORM = "C0GROUP01", "C0ASSOC01", "C0PLATFM1"
REASONS = ["The price is 70 % below the catalogue", "The seller opened nine days ago"]


@asynccontextmanager
async def sandbox(data: Path | None = None) -> AsyncIterator[str]:
    """A fresh sandbox on free ports, of the usual alliance or of the one in `data`; its address."""
    with tempfile.TemporaryDirectory() as state:
        options = ["up", "--state", state, "--port", "0", "--bot-port", "0"]
        if data:
            options += ["--data", str(data)]
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


async def listings_of(url: str, brand: str) -> list[str]:
    """The brand's listings that have pictures."""
    address = f"{url}/sandbox/market/listings?q={brand}"
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        listings = (await answer.json())["listings"]
    return [each["id"] for each in listings if each["picture"]]


async def ask(url: str, *listings: str) -> None:
    """Let the marketplace ask about these."""
    await post(url, "/sandbox/market/ask", listing_ids=listings, reasons=REASONS, deadline_hours=24)


class Studio:
    """The browser, the sandbox's address, and how a person opens a page there."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url

    async def page(
        self, user: str, place: str, *, dark: bool = False, width: int = WIDTH, height: int = HEIGHT
    ) -> Page:
        """A page of this person."""
        context = await self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            locale="en-GB",
        )
        page = await context.new_page()
        await page.goto(f"{self._url}/?as={user}&{place}")
        await page.wait_for_timeout(SETTLED_MS)  # App Home is drawn anew when it is opened
        return page

    async def take(self, page: Page, name: str, *seen: Locator) -> None:
        """Wait until everything named is seen and every picture in it is there, then take the picture."""
        for each in seen:
            await each.first.wait_for()
        await page.wait_for_load_state("networkidle")
        await page.wait_for_timeout(400)  # the page's transitions
        await page.screenshot(path=PLACE / f"{name}.png")

    async def keep(self, name: str, address: str) -> None:
        """Keep a picture that the bot has posted as it is."""
        async with aiohttp.ClientSession() as session, session.get(address) as answer:
            (PLACE / f"{name}.png").write_bytes(await answer.read())


async def press(button: Locator, seen: Locator) -> None:
    """Press a button of Home until this is seen: Home may be drawn anew under the hand."""
    for _ in range(TRIES):
        await button.first.click()
        with suppress(TimeoutError):
            await seen.first.wait_for(timeout=PATIENCE_MS)
            return
    raise TimeoutError("the button leads nowhere")


async def command(page: Page, text: str) -> Locator:
    """Type a command; the modal that it opens."""
    composer = page.get_by_test_id("composer")
    await composer.fill(text)
    await composer.press("Enter")
    modal = page.get_by_test_id("modal")
    await modal.wait_for()
    return modal


async def leave(page: Page) -> None:
    """Close the modals. A person has one stack of them on all pages: an open one would hide the next."""
    modal = page.get_by_test_id("modal")
    while await modal.count():
        drawn = await modal.inner_text()
        await page.keyboard.press("Escape")
        for _ in range(TRIES):  # one below it may be next
            await page.wait_for_timeout(300)
            if not await modal.count() or await modal.inner_text() != drawn:
                break


async def pick(modal: Locator, action: str, chosen: str) -> None:
    """Choose one of a select's options, by a part of its words."""
    await modal.locator(f"[data-action={action}]").get_by_role("combobox").click()
    await modal.get_by_role("option", name=chosen).click()
