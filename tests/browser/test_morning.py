"""Digests in a browser: a morning of all four kinds in two languages, and a night in which clocks change."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.bot_under_test import Product, start_product
from tests.browser.conftest import OpenPage
from tests.browser.hands import SLOWLY, card, choose, press, says, write
from tests.handlers.test_digests import next_change
from tests.workspace import Workspace

pytestmark = pytest.mark.browser

LONDON = ZoneInfo("Europe/London")
HANNAH, GROUP = "U0HANNAH1", "C0GROUP01"
# Who reads where, how that channel's digest begins, and the page of Home behind the button named after it.
KINDS = (
    (HANNAH, GROUP, "Everyday goods: ", "Open on your Home tab: Requests", "Needs you"),
    ("U0MIKKEL1", "C0BRAND01", "Nordlys: ", "Open on your Home tab: New notices", "Notices"),
    (
        "U0FIONA01",
        "C0ASSOC01",
        "Glen Avon Whisky Association: ",
        "Open on your Home tab: Verdicts",
        "Figures",
    ),
    ("U0WEI0001", "C0PLATFM1", "全部品牌：", "在主页标签中查看：判定", "Figures"),
)


@pytest_asyncio.fixture
async def lived(workspace: Workspace, sqlite_url: str) -> AsyncIterator[Product]:
    """The product with a few days behind it, so that a digest has something to tell."""
    running = await start_product(workspace, sqlite_url, days=3)
    yield running
    await running.bot.stop()


async def test_four_kinds_of_digest_come_in_a_morning_and_lead_to_what_is_behind_them(
    lived: Product, open_page: OpenPage
) -> None:
    hannah = await open_page(f"{lived.ws.url}/?as={HANNAH}&channel={GROUP}")
    await write(hannah, "/digest")
    modal = hannah.get_by_test_id("modal")
    await says(modal, "As the channel would be told now")
    await press(modal, "Cancel")
    await expect(modal).to_have_count(0)

    # After this hour the morning has come everywhere, in Shanghai at midnight and in London at nine.
    morning = datetime.combine(lived.bot.clock().date() + timedelta(days=1), time(9, 5), UTC)
    await lived.ws.advance((morning - lived.bot.clock()).total_seconds())
    for number, (user, channel, headline, button, behind) in enumerate(KINDS):
        scheme = "dark" if number % 2 else "light"
        page = await open_page(f"{lived.ws.url}/?as={user}&channel={channel}", scheme=scheme)
        digest = card(page, headline).filter(has=page.get_by_role("button", name=button)).first
        await expect(digest).to_be_visible(timeout=2 * SLOWLY)
        await chart_is_seen(page, digest)
        await digest.get_by_role("button", name=button).click()
        way = card(page, "Only visible to you").get_by_role("link")
        await way.last.click(timeout=SLOWLY)
        home = page.get_by_test_id("home")
        await expect(home.get_by_role("button", name=f"{behind}, shown now")).to_be_visible(timeout=SLOWLY)


async def chart_is_seen(page: Page, digest: Locator) -> None:
    """The chart in the digest's thread has loaded, and says in words what it shows."""
    await expect(digest.get_by_test_id("replies")).to_contain_text("2", timeout=SLOWLY)
    await digest.get_by_test_id("replies").click()
    chart = page.get_by_test_id("thread-messages").get_by_role("img", name=re.compile("\\d")).last
    await expect(chart).to_be_visible(timeout=SLOWLY)
    await expect(chart).to_have_js_property("complete", True, timeout=SLOWLY)
    assert await chart.evaluate("picture => picture.naturalWidth") > 300


async def test_a_chair_changes_the_hour_over_a_night_in_which_clocks_change(
    product: Product, open_page: OpenPage
) -> None:
    """London's clock goes from 01:00 to 02:00, so that 01:30 is never shown there: 02:30 stands for it."""
    change = next_change(product.bot.clock().date())
    midnight = datetime.combine(change, time(), UTC)

    async def it_is(hours: float) -> None:
        then = midnight + timedelta(hours=hours)
        await product.ws.advance((then - product.bot.clock()).total_seconds())
        await product.ws.wait_for(lambda: asyncio.sleep(0, product.bot.clock() >= then))
        await expect(page.get_by_test_id("clock")).to_contain_text(f"{then.astimezone(LONDON):%-H:%M}")

    page = await open_page(f"{product.ws.url}/?as={HANNAH}&channel={GROUP}")
    await expect(page.get_by_test_id("composer")).to_be_visible()
    modal = page.get_by_test_id("modal")

    async def set_hour(hour: str, following: str) -> None:
        await write(page, "/digest")
        await choose(modal, "digest_time", hour)
        await modal.get_by_role("checkbox", name="Tell also when there is nothing to tell").check()
        await modal.get_by_test_id("modal-submit").click()
        await says(modal, f"The next digest comes on {following}")
        await modal.get_by_role("button", name="Close").last.click()
        await expect(modal).to_have_count(0)

    await it_is(-2)
    await set_hour("01:30", f"{change.day} {change:%b %Y}, 02:30 BST")
    digest = card(page, f"Everyday goods: {change - timedelta(days=1):%A, %-d %B %Y}")
    await it_is(1.6)
    await expect(digest).to_have_count(1, timeout=2 * SLOWLY)
    after = change + timedelta(days=1)
    await set_hour("07:00", f"{after.day} {after:%b %Y}, 07:00 BST")
    await it_is(24 + 6.2)
    await expect(card(page, f"Everyday goods: {change:%A, %-d %B %Y}")).to_have_count(1, timeout=2 * SLOWLY)
    await expect(digest).to_have_count(1)
