"""Scenes of cases: a request, the queue and what is known, a notice, a counter-notice, a second word."""

from pathlib import Path

from studio.hands import (
    BRAND,
    HANNAH,
    JONAS,
    MARCO,
    NOOR,
    OTHER_BRAND,
    PHONE,
    REASONS,
    RUTH,
    TALL,
    Studio,
    ask,
    command,
    leave,
    listings_of,
    pick,
    post,
    press,
)

EXPLANATION = "The label is printed, not woven, and the pattern does not meet at the seam."
GOODS = Path(__file__).parents[2] / "bot/sandbox/data/pictures"
SHOWN = {
    "clothing-47.jpg": "Genuine: the pattern meets at the pocket",
    "clothing-53.jpg": "A copy: printed label",
}


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


async def take_knowledge(studio: Studio) -> None:
    """An expert adds pictures to what is known of a line."""
    page = await studio.page(JONAS, f"channel={BRAND}", height=1300)
    modal = await command(page, "/goodfaith")
    lines = modal.get_by_text("How to tell a fake: ").locator("xpath=ancestor::*[.//button][1]")
    await lines.get_by_role("button").click()
    line = modal.get_by_text("shirts").locator("xpath=ancestor::*[.//button][1]")
    await line.get_by_role("button").click()
    await modal.get_by_role("button", name="Correct or add").click()
    await modal.locator("[data-block^=files] input").set_input_files([GOODS / name for name in SHOWN])
    await modal.get_by_text("clothing-53.jpg").wait_for()
    await modal.get_by_label("What those pictures show").fill("\n".join(SHOWN.values()))
    await studio.take(page, "knowledge-form", modal)
    await modal.get_by_test_id("modal-submit").click()
    await modal.get_by_text("Look at this first").wait_for()
    await leave(page)


async def take_queue(studio: Studio, url: str, listings: list[str]) -> None:
    """The review queue, and what is known of the line in it."""
    asked = {"listing_ids": listings, "reasons": REASONS, "deadline_hours": 24, "product_line": "shirts"}
    await post(url, "/sandbox/market/ask", **asked)
    page = await studio.page(JONAS, f"channel={BRAND}", height=TALL)
    await page.locator("[data-action=request_fake]").first.wait_for()
    modal = await command(page, "/goodfaith queue")
    await studio.take(page, "review-queue", modal.get_by_text("How to tell a fake"))
    await modal.get_by_role("button", name="More").click()
    await studio.take(page, "knowledge", modal.get_by_text("Look at this first"))
    await leave(page)


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
    await leave(page)


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
    links = [f"{url}/item/{each}" for each in listings]
    modal = await command(page, f"/notice {' '.join(links)}")
    await pick(modal, "notice_right", "Trade mark")
    await pick(modal, "notice_reason", "misused in the listing")
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
    await leave(page)
    await leave(other)
