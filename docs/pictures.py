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
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Browser, Locator, Page, TimeoutError, async_playwright  # noqa: A004  # Playwright's own

PLACE = Path(__file__).parent / "pictures"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HANNAH, JONAS = "U0HANNAH1", "U0JONAS01"  # lead and expert of Marlowe & Finch
MARCO = "U0MARCO01"  # an expert of Brightwater, which is not in good standing yet
NOOR, RUTH = "U0NOOR001", "U0RUTH001"  # administrators
BRAND, OTHER_BRAND, THIRD_BRAND, GROUP = "C0BRAND06", "C0BRAND08", "C0BRAND09", "C0GROUP01"
SOFIA = "U0SOFIA01"  # lead of Orchard Lane
KWAME, FIONA = "U0KWAME01", "U0FIONA01"  # lead of Stride Union, chair of Food and drink
SIGNS = "The lid carries our seal, the glass has no mould number.\nThe label is glued over an older one."
WIDTH, HEIGHT = 1200, 800
TALL = 1080
PHONE = (390, 844)
READY_SECONDS = 120
PATIENCE_MS, TRIES, SETTLED_MS = 8_000, 4, 1_500
REASONS = ["The price is 70 % below the catalogue", "The seller opened nine days ago"]
CONCERN = "Three shops sell the same print with the same invoice. Can you look at them together?"
PAGES = (  # the page of Home, its button, the picture's name, what stands in it
    ("Figures", "Show figures", "standing", "Takedown success"),
    ("Figures", "Open service levels", "service-levels", "decided in time"),
    ("Figures", "Export and reports", "exports", "Choose"),
    ("Company", "Manage roster", "roster", "Brands and channels"),
)
EXPLANATION = "The label is printed, not woven, and the pattern does not meet at the seam."


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


async def press(button: Locator, seen: Locator) -> None:
    """Press a button of Home until this is seen: Home may be drawn anew under the hand."""
    for _ in range(TRIES):
        await button.first.click()
        with suppress(TimeoutError):
            await seen.first.wait_for(timeout=PATIENCE_MS)
            return
    raise TimeoutError("the button leads nowhere")


async def take_request(studio: Studio, url: str, listing: str) -> None:
    """A request in the brand's channel: the question, what Fake asks back, the answer."""
    await ask(url, listing)
    page = await studio.page(JONAS, f"channel={BRAND}", height=TALL)
    fake = page.locator("[data-action=request_fake]")
    await studio.take(page, "request", fake)
    await fake.first.click()
    confirm = page.get_by_test_id("confirm")
    await studio.take(page, "confirm", confirm)
    await confirm.get_by_role("button", name="Fake").click()
    await page.get_by_text("removed the listing").first.wait_for()
    dark = await studio.page(JONAS, f"channel={BRAND}", dark=True, height=TALL)
    await studio.take(dark, "verdict", dark.get_by_text("removed the listing"))


async def take_queue(studio: Studio, url: str, listings: list[str]) -> None:
    """The review queue, and what is known of the line in it."""
    asked = {"listing_ids": listings, "reasons": REASONS, "deadline_hours": 24, "product_line": "shirts"}
    await post(url, "/sandbox/market/ask", **asked)
    page = await studio.page(JONAS, f"channel={BRAND}", height=TALL)
    await page.locator("[data-action=request_fake]").first.wait_for()
    await post(url, "/sandbox/messages", **{"as": JONAS, "channel": BRAND, "text": "/goodfaith queue"})
    modal = page.get_by_test_id("modal")
    await studio.take(page, "review-queue", modal.get_by_text("How to tell a fake"))
    await modal.get_by_role("button", name="More").click()
    await studio.take(page, "knowledge", modal.get_by_text("Look at this first"))
    for _ in range(2):
        await page.keyboard.press("Escape")


async def take_talk(studio: Studio) -> None:
    """Talk to us: what is asked about a removed listing, and the channel that opens."""
    page = await studio.page(JONAS, f"channel={BRAND}", height=TALL)
    modal = page.get_by_test_id("modal")
    await page.locator("[data-action=talk_open]").last.click()
    await modal.locator("[data-action=choice]").get_by_role("combobox").click()
    await modal.get_by_role("option", name="belong together").click()
    await modal.locator("[data-action=text]").fill(CONCERN)
    await studio.take(page, "talk-form", modal.get_by_text("In a few lines"))
    await modal.get_by_test_id("modal-submit").click()
    await modal.get_by_text("Your conversation is").wait_for()
    await modal.get_by_role("button", name="Close").last.click()
    await modal.wait_for(state="detached")
    await page.get_by_text(re.compile("^talk-request")).first.click()
    close = page.locator("[data-action=talk_close]")
    await studio.take(page, "talk", close)
    await close.first.click()
    await modal.get_by_role("radio", name="Solved").check()
    await studio.take(page, "talk-close", modal)
    await modal.get_by_role("button", name="Cancel").click()
    await modal.wait_for(state="detached")


async def take_counter_notice(studio: Studio) -> None:
    """The seller of the listing that was removed objects, and the brand's lead reads it."""
    desk = await studio.page(NOOR, "panel=market")
    await desk.get_by_test_id("market-tab-takedowns").click()
    await desk.get_by_test_id("report-counter").first.click()
    await desk.get_by_test_id("relay-send").click()
    await desk.get_by_test_id("relay").wait_for(state="detached")
    page = await studio.page(HANNAH, f"channel={BRAND}", height=TALL)
    contest = page.locator("[data-action=counter_contest]")
    await contest.scroll_into_view_if_needed()
    await studio.take(page, "counter-notice", contest)
    await contest.click()
    modal = page.get_by_test_id("modal")
    await studio.take(page, "contest", modal.get_by_text("Ground"))
    # A person has one stack of modals, whatever page they look at: an open one would hide the next.
    await modal.get_by_role("button", name="Cancel").click()
    await modal.wait_for(state="detached")


async def take_second_word(studio: Studio, url: str) -> None:
    """On a phone: a Fake that a second expert must confirm."""
    await ask(url, (await listings_of(url, "Brightwater"))[0])
    width, height = PHONE
    page = await studio.page(MARCO, f"channel={OTHER_BRAND}", dark=True, width=width, height=height)
    await page.locator("[data-action=request_fake]").click()
    await page.get_by_test_id("confirm").get_by_role("button", name="Fake").click()
    waits = page.get_by_role("button", name="Confirm: fake")
    await waits.scroll_into_view_if_needed()
    await studio.take(page, "phone", waits)


async def take_notice(studio: Studio, url: str, listings: list[str]) -> None:
    """The form of a notice with a fault on its field, and the card with its thread once it was received."""
    page = await studio.page(HANNAH, f"channel={BRAND}", height=TALL)
    composer, modal = page.get_by_test_id("composer"), page.get_by_test_id("modal")
    links = [f"{url}/item/{each}" for each in listings]
    await composer.fill(f"/notice {' '.join(links)}")
    await composer.press("Enter")
    for action, chosen in (("notice_right", "Trade mark"), ("notice_reason", "misused in the listing")):
        await modal.locator(f"[data-action={action}]").get_by_role("combobox").click()
        await modal.get_by_role("option", name=chosen).click()
    field = modal.locator("[data-action=links_1]")
    await field.fill("\n".join([links[0], "the blue one", links[1]]))
    await modal.locator("[data-action=explanation]").fill(EXPLANATION)
    await modal.get_by_role("checkbox").check()
    await modal.get_by_test_id("modal-submit").click()
    error = modal.locator(".input-error")
    await error.wait_for()
    await field.scroll_into_view_if_needed()
    await studio.take(page, "notice", error)
    await field.fill("\n".join(links))
    await modal.get_by_test_id("modal-submit").click()
    await page.get_by_text("of 2 listings removed").wait_for()
    await work_notice(studio)
    await page.get_by_test_id("replies").last.click()
    await studio.take(page, "followed", page.get_by_text("asks for more before"))


async def work_notice(studio: Studio) -> None:
    """The marketplace receives the notice and asks back."""
    desk = await studio.page(NOOR, "panel=market", height=520)
    await desk.get_by_test_id("market-tab-notices").click()
    await desk.get_by_label("Complaint number").fill("OB-2026-0815")
    await desk.get_by_test_id("move-received").click()
    await desk.locator("[data-state=received]").wait_for()
    await studio.take(desk, "desk", desk.get_by_test_id("notices"))
    await desk.get_by_test_id("move-clarification_required").click()
    await desk.get_by_test_id("reason").get_by_role("textbox").fill("Please show the label of a genuine one.")
    await desk.get_by_test_id("reason").get_by_role("button", name="Send").click()


async def take_home(studio: Studio, url: str, listing: str) -> None:
    """App Home of a brand lead, with something that waits."""
    await ask(url, listing)
    page = await studio.page(HANNAH, "app=home", height=TALL)
    await studio.take(page, "home", page.get_by_text("waits for an answer"))
    width, height = PHONE
    phone = await studio.page(HANNAH, "app=home", width=width, height=height)
    await studio.take(phone, "home-phone", phone.get_by_text("waits for an answer"))


async def take_market(studio: Studio) -> None:
    """The marketplace beside the conversation."""
    page = await studio.page(JONAS, f"channel={BRAND}&panel=market", width=1520, height=900)
    await page.get_by_role("button", name="Show beside the conversation").click()
    await page.get_by_test_id("listing-search").fill("Marlowe")
    listings = page.get_by_test_id("listings").get_by_role("listitem")
    await listings.filter(has_text="printed, size M").get_by_role("checkbox").check()
    await studio.take(page, "marketplace", page.get_by_test_id("ask-send"))


async def take_approval(studio: Studio) -> None:
    """What one administrator proposed, as another one reviews it."""
    page = await studio.page(NOOR, "app=home")
    modal = page.get_by_test_id("modal")
    seen = modal.get_by_text("their brands, people and mandates")
    await press(page.get_by_role("button", name="Open the register"), seen)
    await studio.take(page, "register", seen)
    await modal.get_by_role("button", name="Open").nth(1).click()
    await modal.get_by_text("Brightwater").wait_for()
    await modal.get_by_role("button", name="Open").first.click()
    await modal.get_by_role("button", name="Change").click()
    await modal.get_by_role("combobox").click()
    await modal.get_by_role("option", name="Good faith").click()
    await modal.get_by_role("textbox").fill("Its figures of another marketplace were audited.")
    await modal.get_by_test_id("modal-submit").click()
    await modal.get_by_text("Waits for another administrator.").wait_for()
    other = await studio.page(RUTH, "app=home", dark=True)
    seen = other.get_by_test_id("modal").get_by_text("Proposed by")
    await press(other.get_by_role("button", name="Review"), seen)
    await studio.take(other, "approval", seen)


async def take_pages(studio: Studio) -> None:
    """The pages behind Home's buttons, and the working groups."""
    page = await studio.page(HANNAH, "app=home", height=TALL)
    home, modal = page.get_by_test_id("home"), page.get_by_test_id("modal")
    for tab, button, name, seen in PAGES:
        here = home.get_by_role("button", name=f"{tab}, shown now")
        await press(home.get_by_role("button", name=tab, exact=True).or_(here), here)
        await press(home.get_by_role("button", name=button, exact=True), modal.get_by_text(seen))
        await studio.take(page, name, modal)
        await page.keyboard.press("Escape")
        await modal.wait_for(state="detached")
    await page.get_by_test_id(f"channel-{BRAND}").click()
    composer = page.get_by_test_id("composer")
    await composer.fill("/goodfaith")
    await composer.press("Enter")
    line = modal.get_by_text("The working groups: ").locator("xpath=ancestor::*[.//button][1]")
    await line.get_by_role("button").click()
    await studio.take(page, "groups", modal.get_by_text("Industry working group"))
    await page.keyboard.press("Escape")
    await modal.wait_for(state="detached")


async def take_joining(studio: Studio) -> None:
    """The directory; and a company asks to join a group, whose chair reads it."""
    page = await studio.page(KWAME, f"channel={THIRD_BRAND}")
    composer, modal = page.get_by_test_id("composer"), page.get_by_test_id("modal")
    await composer.fill("/goodfaith directory")
    await composer.press("Enter")
    await studio.take(page, "directory", modal.get_by_text("By country"))
    await modal.get_by_role("button", name="Open", exact=True).last.click()
    line = modal.get_by_text("Food and drink").first.locator("xpath=ancestor::*[.//button][1]")
    await line.get_by_role("button").first.click()
    await modal.get_by_role("button", name="Ask to join").click()
    await modal.locator("textarea").fill("We sell drinks for runners under the same name.")
    await studio.take(page, "join", modal)
    await modal.get_by_test_id("modal-submit").click()
    chair = await studio.page(FIONA, "app=home")
    await chair.get_by_test_id("app-tab-messages").click()
    await studio.take(chair, "join-asked", chair.get_by_text("Stride Union Inc. asks to join"))


async def take_morning(studio: Studio) -> None:
    """A brand's morning with its chart, dark."""
    page = await studio.page(HANNAH, f"channel={BRAND}", dark=True, width=TALL, height=TALL)
    digest = page.get_by_test_id("message").filter(has_text="Standing of Marlowe")
    await digest.get_by_test_id("replies").click()
    await studio.take(page, "morning", page.get_by_test_id("thread-messages").get_by_text("how it went"))


async def take_digest(studio: Studio) -> None:
    """A working group's morning."""
    desk = await studio.page(HANNAH, "panel=market")
    await desk.get_by_test_id("market-tab-mode").click()
    await desk.get_by_test_id("clock-morning").click()
    page = await studio.page(HANNAH, f"channel={GROUP}")
    replies = page.get_by_test_id("replies")
    await replies.wait_for(timeout=60_000)
    await studio.take(page, "digest", replies)


async def take_finding(studio: Studio) -> None:
    """Something that a member has seen, as its group reads it."""
    page = await studio.page(SOFIA, f"channel={GROUP}")
    composer, modal = page.get_by_test_id("composer"), page.get_by_test_id("modal")
    await composer.fill("/goodfaith share")
    await composer.press("Enter")
    await modal.get_by_label("The pattern, in a few words").fill("Honey jars with a genuine lid")
    await modal.get_by_label("What kind of sellers?").fill("New shops with one product")
    await modal.get_by_label("How to recognise it, or what to do").fill(SIGNS)
    await modal.get_by_label("Without my company’s name").check()
    await modal.get_by_test_id("modal-submit").click()
    await modal.get_by_role("button", name="Close", exact=True).last.click()
    shown = await studio.page(JONAS, f"channel={GROUP}")
    await studio.take(shown, "finding", shown.get_by_text("Shared by a member"))


async def main() -> None:
    """Take them all, in an order in which each finds what the one before has left."""
    chromium = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if chromium is None:
        sys.exit("No Chromium is installed; pictures need one.")
    PLACE.mkdir(exist_ok=True)
    async with sandbox() as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        studio = Studio(browser, url)
        first, second, third, fourth, fifth = (await listings_of(url, "Marlowe"))[:5]
        await take_request(studio, url, first)
        await take_talk(studio)
        await take_queue(studio, url, [fifth])
        await take_counter_notice(studio)
        await take_market(studio)
        await take_second_word(studio, url)
        await take_notice(studio, url, [second, third])
        await take_home(studio, url, fourth)
        await take_approval(studio)
        await take_pages(studio)
        await take_joining(studio)
        await take_finding(studio)
        await take_digest(studio)
        await take_morning(studio)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
