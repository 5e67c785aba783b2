"""Take the pictures of the documents in the sandbox itself, so that they show what the product does today.

`make pictures` starts a fresh sandbox, lets its people act in a real browser, and writes docs/pictures/*.png.
It needs an installed Chromium. Nothing is compared: pictures differ from machine to machine by their fonts.
"""

import asyncio
import shutil
import sys

from playwright.async_api import async_playwright
from studio import cases, portal
from studio.hands import PLACE, Studio, listings_of, sandbox

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


async def take_all(studio: Studio, url: str) -> None:
    """Take them all, in an order in which each finds what the one before has left."""
    first, second, third, fourth, fifth = (await listings_of(url, "Marlowe"))[:5]
    await cases.take_request(studio, url, first)
    await portal.take_talk(studio)
    await cases.take_knowledge(studio)
    await cases.take_queue(studio, url, [fifth])
    await cases.take_counter_notice(studio)
    await cases.take_market(studio)
    await cases.take_second_word(studio, url)
    await cases.take_notice(studio, url, [second, third])
    await portal.take_home(studio, url, fourth)
    await cases.take_approval(studio)
    await portal.take_pages(studio)
    await portal.take_lane(studio)
    await portal.take_report(studio)
    await portal.take_joining(studio)
    await portal.take_declined_talk(studio)
    await portal.take_finding(studio)
    await portal.take_declined_finding(studio)
    await portal.take_settings(studio)
    await portal.take_digest(studio)
    await portal.take_morning(studio)
    await portal.take_association(studio)


async def main() -> None:
    """Start everything, take the pictures, stop everything."""
    chromium = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if chromium is None:
        sys.exit("No Chromium is installed; pictures need one.")
    PLACE.mkdir(exist_ok=True)
    async with sandbox() as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        await take_all(Studio(browser, url), url)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
