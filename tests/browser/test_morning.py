"""A morning of all four kinds of digest in two languages, and the way from a number to the cases behind it."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.bot_under_test import Product, start_product
from tests.browser.conftest import OpenPage
from tests.browser.hands import SLOWLY, card
from tests.workspace import Workspace

pytestmark = pytest.mark.browser

# Who reads where, how that channel's digest begins, and the page of Home behind the button named after it.
KINDS = (
    ("U0HANNAH1", "C0GROUP01", "Everyday goods: ", "Open on your Home tab: Requests", "Needs you"),
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
async def product(workspace: Workspace, sqlite_url: str) -> AsyncIterator[Product]:
    """The product with a few days behind it, so that a digest has something to tell."""
    running = await start_product(workspace, sqlite_url, days=3)
    yield running
    await running.bot.stop()


async def test_four_kinds_of_digest_come_in_a_morning_and_lead_to_what_is_behind_them(
    product: Product, open_page: OpenPage
) -> None:
    # After this hour the morning has come everywhere, in Shanghai at midnight and in London at nine.
    morning = datetime.combine(product.bot.clock().date() + timedelta(days=1), time(9, 5), UTC)
    await product.ws.advance((morning - product.bot.clock()).total_seconds())
    for number, (user, channel, headline, button, behind) in enumerate(KINDS):
        scheme = "dark" if number % 2 else "light"
        page = await open_page(f"{product.ws.url}/?as={user}&channel={channel}", scheme=scheme)
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
