"""Scenes of the portal: App Home and its pages, groups, conversations, findings, digests, exports."""

import re

from studio.hands import (
    ASSOCIATION,
    BRAND,
    FIONA,
    FOURTH_BRAND,
    GROUP,
    HANNAH,
    JONAS,
    KWAME,
    NOOR,
    PHONE,
    PLATFORM,
    PRIYA,
    SETTLED_MS,
    SOFIA,
    TALL,
    THIRD_BRAND,
    Studio,
    ask,
    command,
    leave,
    pick,
    press,
)

CONCERN = "Three shops sell the same print with the same invoice. Can you look at them together?"
DANGER = "A seller of infant formula under our name: the seals are broken, and the dates are printed over."
WHY_NOT = "We have this with the authorities already; please wait for what they say."
SIGNS = "The lid carries our seal, the glass has no mould number.\nThe label is glued over an older one."
PAGES = (  # the page of Home, its button, the picture's name, what stands in it
    ("Figures", "Show figures", "standing", "Takedown success"),
    ("Figures", "Open service levels", "service-levels", "decided in time"),
    ("Figures", "Export and reports", "exports", "Export cases"),
    ("Company", "Manage roster", "roster", "Brands and channels"),
)


async def take_home(studio: Studio, url: str, listing: str) -> None:
    """App Home of a brand lead, with something that waits."""
    await ask(url, listing)
    page = await studio.page(HANNAH, "app=home", height=TALL)
    await studio.take(page, "home", page.get_by_text("waits for an answer"))
    width, height = PHONE
    phone = await studio.page(HANNAH, "app=home", width=width, height=height)
    await studio.take(phone, "home-phone", phone.get_by_text("waits for an answer"))


async def take_pages(studio: Studio) -> None:
    """The pages behind Home's buttons, and the working groups."""
    page = await studio.page(HANNAH, "app=home", height=TALL)
    home, modal = page.get_by_test_id("home"), page.get_by_test_id("modal")
    for tab, button, name, seen in PAGES:
        here = home.get_by_role("button", name=f"{tab}, shown now")
        await press(home.get_by_role("button", name=tab, exact=True).or_(here), here)
        await press(home.get_by_role("button", name=button, exact=True), modal.get_by_text(seen))
        await studio.take(page, name, modal)
        await leave(page)
    await page.get_by_test_id(f"channel-{BRAND}").click()
    await command(page, "/goodfaith groups")
    await studio.take(page, "groups", modal.get_by_text("Industry working group"))
    await leave(page)


async def take_joining(studio: Studio) -> None:
    """The directory; and a company asks to join a group, whose chair reads it."""
    page = await studio.page(KWAME, f"channel={THIRD_BRAND}")
    modal = await command(page, "/goodfaith directory")
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


async def take_talk(studio: Studio) -> None:
    """Talk to us: what is asked about a removed listing, and the channel that opens."""
    page = await studio.page(JONAS, f"channel={BRAND}", height=TALL)
    modal = page.get_by_test_id("modal")
    await page.locator("[data-action=talk_open]").last.click()
    await pick(modal, "choice", "belong together")
    await modal.locator("[data-action=text]").fill(CONCERN)
    await studio.take(page, "talk-form", modal.get_by_text("In a few lines"))
    await modal.get_by_test_id("modal-submit").click()
    await modal.get_by_text("Your conversation is").wait_for()
    await leave(page)
    await page.get_by_text(re.compile("^talk-request")).first.click()
    close = page.locator("[data-action=talk_close]")
    await studio.take(page, "talk", close)
    await close.first.click()
    await modal.get_by_role("radio", name="Solved").check()
    await studio.take(page, "talk-close", modal)
    await modal.get_by_test_id("modal-submit").click()
    await modal.wait_for(state="detached")
    await page.get_by_text("This channel is archived.").wait_for()
    await page.emulate_media(color_scheme="dark")
    await studio.take(page, "talk-closed", page.get_by_text("Solved"))


async def take_finding(studio: Studio) -> None:
    """Something that a member has seen, as its group reads it."""
    page = await studio.page(SOFIA, f"channel={GROUP}")
    modal = await command(page, "/goodfaith share")
    await modal.get_by_label("The pattern, in a few words").fill("Honey jars with a genuine lid")
    await modal.get_by_label("What kind of sellers?").fill("New shops with one product")
    await modal.get_by_label("How to recognise it, or what to do").fill(SIGNS)
    await modal.get_by_label("Without my company’s name").check()
    await modal.get_by_test_id("modal-submit").click()
    await modal.get_by_role("button", name="Close", exact=True).last.click()
    shown = await studio.page(JONAS, f"channel={GROUP}")
    await studio.take(shown, "finding", shown.get_by_text("Shared by a member"))


async def take_digest(studio: Studio) -> None:
    """A working group's morning."""
    desk = await studio.page(HANNAH, "panel=market")
    await desk.get_by_test_id("market-tab-mode").click()
    await desk.get_by_test_id("clock-morning").click()
    page = await studio.page(HANNAH, f"channel={GROUP}")
    replies = page.get_by_test_id("replies")
    await replies.wait_for(timeout=60_000)
    await studio.take(page, "digest", replies)


async def take_morning(studio: Studio) -> None:
    """A brand's morning with its chart, dark."""
    page = await studio.page(HANNAH, f"channel={BRAND}", dark=True, width=TALL, height=TALL)
    digest = page.get_by_test_id("message").filter(has_text="Standing of Marlowe")
    await digest.get_by_test_id("replies").click()
    await studio.take(page, "morning", page.get_by_test_id("thread-messages").get_by_text("how it went"))


async def take_lane(studio: Studio) -> None:
    """What is asked about a fast lane."""
    page = await studio.page(NOOR, f"channel={PLATFORM}")
    modal = await command(page, "/service")
    await pick(modal, "service_topic", "Fast lanes")
    await modal.get_by_role("button", name="Change who is in a lane").click()
    await modal.get_by_role("combobox", name="Lane").click()
    await modal.get_by_role("option").first.click()
    await studio.take(page, "lane", modal.get_by_text("An administrator other than you"))
    await leave(page)


async def take_report(studio: Studio) -> None:
    """A brand's week on one page, in the direct messages of its lead."""
    page = await studio.page(HANNAH, "app=home", height=TALL)
    home, modal = page.get_by_test_id("home"), page.get_by_test_id("modal")
    export = home.get_by_role("button", name="Export and reports")
    await press(home.get_by_role("button", name="Figures", exact=True).or_(export), export)
    now = modal.get_by_role("button", name="Send last week's now")
    await press(export, now)
    await now.click()
    await page.wait_for_timeout(SETTLED_MS)
    await leave(page)
    direct = await studio.page(HANNAH, "app=messages", height=TALL)
    shown = direct.get_by_role("img", name="Marlowe").first
    await studio.keep("report", await shown.get_attribute("src") or "")


async def take_declined_talk(studio: Studio) -> None:
    """A conversation about a danger: the association is asked, declines, and who asked reads why."""
    page = await studio.page(SOFIA, "app=home", height=TALL)
    modal = page.get_by_test_id("modal")
    company = page.get_by_test_id("home").get_by_role("button", name="Company", exact=True)
    talk = page.get_by_test_id("home").locator("[data-action=talk_open]")
    await press(company, talk)
    await press(talk, modal)
    await pick(modal, "choice", "a danger to people")
    await modal.locator("[data-action=text]").fill(DANGER)
    await modal.get_by_test_id("modal-submit").click()
    await modal.get_by_text("Goodfaith writes to you").wait_for()
    await leave(page)
    officer = await studio.page(FIONA, "app=messages", height=TALL)
    decline = officer.locator("[data-action=talk_decline]")
    await studio.take(officer, "talk-approval", decline)
    await decline.last.click()
    await officer.get_by_test_id("modal").locator("textarea").fill(WHY_NOT)
    await officer.get_by_test_id("modal-submit").click()
    await officer.get_by_test_id("modal").wait_for(state="detached")
    await page.get_by_test_id("app-tab-messages").click()
    await studio.take(page, "talk-declined", page.get_by_text("did not agree"))


async def take_declined_finding(studio: Studio) -> None:
    """A finding for another group: its chair declines, and who shared it reads why."""
    page = await studio.page(SOFIA, f"channel={FOURTH_BRAND}", height=TALL)
    modal = await command(page, "/goodfaith share")
    await modal.get_by_role("combobox", name="Share with").click()
    await modal.get_by_role("option", name="Electronics and watches").click()
    await page.keyboard.press("Tab")
    await modal.get_by_label("The pattern, in a few words").fill("Gift boxes with a forged invoice inside")
    await modal.get_by_label("How to recognise it, or what to do").fill(SIGNS)
    await modal.get_by_test_id("modal-submit").click()
    await modal.get_by_text("Waiting for the chair").wait_for()
    await leave(page)
    chair = await studio.page(PRIYA, "app=messages", height=TALL)
    decline = chair.locator("[data-action=finding_decline]")
    await studio.take(chair, "finding-asked", decline)
    await decline.last.click()
    await chair.get_by_test_id("modal").locator("textarea").fill("It is about food alone.")
    await chair.get_by_test_id("modal-submit").click()
    await chair.get_by_test_id("modal").wait_for(state="detached")
    await command(page, "/goodfaith findings")
    line = modal.get_by_text("Gift boxes").locator("xpath=ancestor::*[.//button][1]")
    await line.get_by_role("button").first.click()
    await studio.take(page, "finding-declined", modal.get_by_text("declined"))
    await leave(page)


async def take_association(studio: Studio) -> None:
    """An association's morning, on a phone."""
    width, height = PHONE
    page = await studio.page(FIONA, f"channel={ASSOCIATION}", width=width, height=height)
    await studio.take(page, "association", page.get_by_test_id("replies"))


async def take_settings(studio: Studio) -> None:
    """When a brand's digest comes, and what it says."""
    page = await studio.page(HANNAH, f"channel={BRAND}", height=1400)
    modal = await command(page, "/digest")
    form = modal.get_by_role("combobox", name="Time zone")
    await form.scroll_into_view_if_needed()
    await studio.take(page, "digest-settings", form)
    await leave(page)
