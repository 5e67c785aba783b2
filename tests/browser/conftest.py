"""An installed Chromium for the browser tests, and pages that tell what went wrong inside of them."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
EXPECTED = ("status of 400", "ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE", "WebSocket connection to")
OpenPage = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser without a window; a machine without Chromium fails the test and says so."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("No Chromium is installed; the browser tests need one.")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield running
        await running.close()


@pytest_asyncio.fixture
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """`await open_page(url, scheme="dark", width=390)`; at the end no page may have complained.

    A refusal (HTTP 400) or a lost server is no complaint: the page says it to the person.
    """
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(said in message.text for said in EXPECTED):
            complaints.append(f"{message.type}: {message.text}")

    async def opened(url: str, *, scheme: str = "light", width: int = 1280) -> Page:
        context = await browser.new_context(
            color_scheme="dark" if scheme == "dark" else "light",
            viewport={"width": width, "height": 860},
            locale="en-GB",
        )
        page = await context.new_page()
        page.set_default_timeout(8_000)
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(url)
        return page

    yield opened
    assert complaints == []
