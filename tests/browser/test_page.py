"""The sandbox's page in a real browser, with an app that shows every block and element.

Handles for browser tests. Roles and names come first: what a person sees is what a test asks for.

- `/?as=U...` acts as a person; `&channel=C...`, `&app=home|messages|about`, `&thread=ts` and `&panel=market`
  go somewhere.
- test ids: `person` (opens the picker), `act-as-U...`, `channel-C...`, `app`, `app-tab-home|messages|about`,
  `market-toggle`, `messages`, `message` (with `data-ts`), `replies`, `thread-messages`, `composer`,
  `thread-composer`, `suggestions`, `home`, `modal`, `modal-submit`, `modal-close`, `confirm`, `toast`,
  `clock`, `scheme`, `details-open`.
- every element of a view or message carries `data-action` (its action id), every block `data-block` (its
  block id); a select is `role=combobox` inside it and its choices are `role=option`.
- the form of a modal carries `data-view` and `data-callback`.
- the marketplace: `market-tab-listings|requests|notices|takedowns|received|mode`, `listing-search`,
  `listing-ID`, `tick-ID`, `ask`, `ask-brand`, `ask-deadline`, `ask-send`, `ask-results`, `request-EXTERNAL`,
  `notice-ID`, `item-ID`, `move-STATE`, `reason`, `takedown-KEY`, `report-STATE`, `mode-NAME`,
  `obey-at_once|by_hand`, `clock-hour|day|morning|reset`, `clock-now`; a state carries `data-state`.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser.cable import Cable
from tests.browser.conftest import OpenPage
from tests.browser.gallery import ACTIONS, FORM, GalleryApp
from tests.workspace import Workspace

pytestmark = pytest.mark.browser

INGRID, MIKKEL, NORDLYS = "U0INGRID1", "U0MIKKEL1", "C0BRAND01"
BOTH_SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


@pytest_asyncio.fixture
async def gallery(workspace: Workspace) -> AsyncIterator[GalleryApp]:
    """The workspace with the gallery as its app."""
    app = GalleryApp(workspace)
    await app.serve()
    yield app
    await app.stop()


def address(workspace: Workspace, user: str = INGRID, place: str = f"channel={NORDLYS}") -> str:
    return f"{workspace.url}/?as={user}&{place}"


async def write(page: Page, text: str) -> None:
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("composer").press("Enter")


async def open_form(page: Page) -> Locator:
    await write(page, "/notice")
    modal = page.get_by_test_id("modal")
    await expect(modal).to_be_visible()
    return modal


async def choose(where: Locator, action: str, name: str) -> None:
    await where.locator(f"[data-action={action}]").get_by_role("combobox").click()
    await where.get_by_role("option", name=name).click()


@BOTH_SCHEMES
async def test_every_block_and_element_is_drawn(
    gallery: GalleryApp, open_page: OpenPage, scheme: str
) -> None:
    ts = await gallery.show(NORDLYS)
    page = await open_page(address(gallery.workspace), scheme=scheme)
    message = page.locator(f"[data-ts='{ts}']")
    for element in ACTIONS:
        await expect(message.locator(f"[data-action={element['action_id']}]")).to_be_visible()
    await expect(page.locator(".block-unknown")).to_have_count(0)
    await expect(page.locator("html")).to_have_attribute("data-scheme", scheme)
    await page.get_by_test_id("scheme").click()
    await expect(page.locator("html")).not_to_have_attribute("data-scheme", scheme)


async def test_text_becomes_what_slack_makes_of_it_and_never_markup(
    gallery: GalleryApp, open_page: OpenPage
) -> None:
    ts = await gallery.show(NORDLYS)
    page = await open_page(address(gallery.workspace))
    text = page.locator(f"[data-ts='{ts}'] [data-type=section]").first
    for tag, words in [("strong", "bold"), ("em", "italic"), ("s", "strike"), ("code", "code")]:
        await expect(text.locator(tag)).to_have_text(words)
    await expect(text.locator("blockquote")).to_have_text("a quote")
    await expect(text.locator("pre")).to_have_text("preformatted *text*")
    await expect(text.get_by_role("link", name="the listing")).to_have_attribute(
        "href", "https://example.org/item/1"
    )
    await expect(text).to_contain_text("trap <b>not markup</b> AT&T")
    await expect(text).to_contain_text("2026-11-22 12:00")
    await expect(text.locator(".mention")).to_have_text(["@Ingrid Solberg", "#brand-nordlys", "@here"])
    await expect(text.get_by_role("link", name="trap")).to_have_count(0)


async def test_what_one_person_writes_another_reads_at_once(gallery: GalleryApp, open_page: OpenPage) -> None:
    workspace = gallery.workspace
    mine = await open_page(address(workspace))
    theirs = await open_page(address(workspace, MIKKEL))
    await write(mine, "Look, @Mikkel Aas: https://example.org/item/9 & <more>")
    heard = theirs.get_by_test_id("message").last
    await expect(heard).to_contain_text("Look, @Mikkel Aas: https://example.org/item/9 & <more>")
    [said] = await workspace.messages(INGRID, NORDLYS)
    assert said["text"] == "Look, <@U0MIKKEL1>: <https://example.org/item/9> &amp; &lt;more&gt;"
    await heard.hover()
    await heard.get_by_role("button", name="Reply in thread").click()
    await theirs.get_by_test_id("thread-composer").fill("I see it.")
    await theirs.get_by_test_id("thread-composer").press("Enter")
    await expect(mine.get_by_test_id("replies")).to_contain_text("1 reply")


async def test_a_command_is_suggested_and_its_answer_is_seen_by_one_person(
    gallery: GalleryApp, open_page: OpenPage
) -> None:
    mine = await open_page(address(gallery.workspace))
    theirs = await open_page(address(gallery.workspace, MIKKEL))
    await mine.get_by_test_id("composer").press_sequentially("/dig")
    await expect(mine.get_by_test_id("suggestions").get_by_role("option")).to_contain_text(["/digest"])
    await mine.keyboard.press("Tab")
    await mine.keyboard.press("Enter")
    await expect(mine.get_by_test_id("message").last).to_contain_text("Only visible to you")
    await expect(theirs.get_by_test_id("message")).to_have_count(0)
    await write(mine, "/nonsense")
    await expect(mine.get_by_test_id("toast")).to_be_visible()
    await expect(mine.get_by_test_id("composer")).to_have_value("/nonsense")


@BOTH_SCHEMES
async def test_a_form_shows_errors_on_their_fields_and_keeps_what_was_typed(
    gallery: GalleryApp, open_page: OpenPage, scheme: str
) -> None:
    page = await open_page(address(gallery.workspace), scheme=scheme)
    modal = await open_form(page)
    links = modal.get_by_role("textbox", name="Links", exact=True)
    await expect(links).to_be_focused()
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal.locator(".input-error")).to_have_count(2)
    await choose(modal, "static_select", "Two")
    await links.fill("no address")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal.locator("[data-block=plain_text_input] .input-error")).to_have_text(
        "Line 1 is no address."
    )
    await expect(links).to_be_focused()
    await modal.get_by_role("button", name="Add more").click()
    await expect(modal.get_by_role("textbox", name="More links")).to_be_visible()
    await expect(links).to_have_value("no address")
    await links.fill("https://example.org/1")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_have_count(0)
    [values] = gallery.submitted
    assert values["static_select"]["static_select"]["selected_option"]["value"] == "two"


async def test_every_input_sends_its_value_as_slack_does(gallery: GalleryApp, open_page: OpenPage) -> None:
    page = await open_page(address(gallery.workspace))
    modal = await open_form(page)
    await choose(modal, "static_select", "One")
    fields = {"plain_text_input": "https://a.example", "email_text_input": "a@b.example", "number_input": "3"}
    for action, text in {**fields, "url_text_input": "https://b.example"}.items():
        await modal.locator(f"[data-action={action}]").fill(text)
    await choose(modal, "multi_users_select", "Mikkel Aas")
    await modal.locator("[data-action=external_select]").get_by_role("combobox").press_sequentially("shoe")
    await modal.get_by_role("option", name="shoe shop").click()
    await modal.get_by_role("checkbox", name="Three").check()
    await modal.get_by_role("radio", name="Two").check()
    await modal.locator("[data-action=datepicker]").fill("2026-12-01")
    await modal.locator("[data-action=timepicker]").fill("10:30")
    await modal.locator("[data-action=datetimepicker]").fill("2026-11-22T12:00")
    await modal.locator("[data-action=file_input] input").set_input_files(
        {"name": "links.csv", "mimeType": "text/csv", "buffer": b"link"}
    )
    await expect(modal.locator(".file-list")).to_contain_text("links.csv")
    await modal.get_by_test_id("modal-submit").click()
    await expect(modal).to_have_count(0)
    [sent] = gallery.submitted
    found = {block: next(iter(entry.values())) for block, entry in sent.items()}
    assert found["multi_users_select"]["selected_users"] == [MIKKEL]
    assert found["external_select"]["selected_option"]["value"] == "shop"
    assert [chosen["value"] for chosen in found["checkboxes"]["selected_options"]] == ["three"]
    assert found["radio_buttons"]["selected_option"]["value"] == "two"
    assert found["datepicker"]["selected_date"] == "2026-12-01"
    assert found["timepicker"]["selected_time"] == "10:30"
    assert found["datetimepicker"]["selected_date_time"] == 1795345200
    assert [file["name"] for file in found["file_input"]["files"]] == ["links.csv"]
    assert set(found) == {block["block_id"] for block in FORM["blocks"] if block["type"] == "input"}


async def test_a_form_is_left_by_keyboard_and_the_composer_has_the_focus_again(
    gallery: GalleryApp, open_page: OpenPage
) -> None:
    page = await open_page(address(gallery.workspace))
    modal = await open_form(page)
    for _ in range(40):
        await page.keyboard.press("Tab")
        assert await page.evaluate(
            "document.activeElement === document.body || "
            "document.querySelector('dialog').contains(document.activeElement)"
        )
    await page.keyboard.press("Escape")
    await expect(modal).to_have_count(0)
    await expect(page.get_by_test_id("composer")).to_be_focused()
    assert await gallery.workspace.views(INGRID) == []


async def test_a_button_with_a_question_acts_only_after_yes(gallery: GalleryApp, open_page: OpenPage) -> None:
    await gallery.show(NORDLYS)
    page = await open_page(address(gallery.workspace))
    fake, question = page.get_by_role("button", name="Fake"), page.get_by_test_id("confirm")
    await fake.click()
    await expect(question).to_contain_text("It starts.")
    await question.get_by_role("button", name="No").click()
    await expect(question).to_have_count(0)
    assert gallery.actions == []
    await fake.click()
    await question.get_by_role("button", name="Yes").click()
    await gallery.workspace.wait_for(lambda: asyncio.sleep(0, gallery.actions))
    assert gallery.actions[0]["value"] == "fake"


async def test_a_choice_in_a_message_reaches_the_app_by_keyboard_alone(
    gallery: GalleryApp, open_page: OpenPage
) -> None:
    await gallery.show(NORDLYS)
    page = await open_page(address(gallery.workspace))
    await page.locator("[data-action=static_select]").get_by_role("combobox").focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        await page.keyboard.press(key)
    await gallery.workspace.wait_for(lambda: asyncio.sleep(0, gallery.actions))
    assert gallery.actions[0]["selected_option"]["value"] == "two"


async def test_home_is_drawn_when_it_is_opened_and_shortcuts_open_forms(
    gallery: GalleryApp, open_page: OpenPage
) -> None:
    page = await open_page(address(gallery.workspace))
    await page.get_by_test_id("app").click()
    await expect(page.get_by_test_id("home")).to_contain_text("Is this listing genuine?")
    await page.get_by_test_id("app-tab-about").click()
    await expect(page.get_by_text("File a notice for one listing or many")).to_be_visible()
    await page.get_by_test_id(f"channel-{NORDLYS}").click()
    await page.get_by_role("button", name="Shortcuts").click()
    await page.get_by_role("menuitem", name="File a notice").click()
    await expect(page.get_by_test_id("modal")).to_be_visible()


async def test_a_person_is_switched_and_the_address_remembers(
    gallery: GalleryApp, open_page: OpenPage
) -> None:
    page = await open_page(address(gallery.workspace))
    await page.get_by_test_id("person").click()
    await page.get_by_role("searchbox", name="Search people").fill("OpenBazaar")
    await page.get_by_test_id("act-as-U0NOOR001").click()
    await expect(page.get_by_test_id("person")).to_contain_text("Noor Haddad")
    await expect(page.get_by_test_id("channel-C0PLATFM1")).to_be_visible()
    await expect(page.get_by_test_id(f"channel-{NORDLYS}")).to_have_count(0)
    await page.reload()
    await expect(page.get_by_test_id("person")).to_contain_text("Noor Haddad")


async def test_a_cut_line_is_told_and_comes_back_by_itself(gallery: GalleryApp, open_page: OpenPage) -> None:
    workspace = gallery.workspace
    cable = Cable(int(workspace.url.rsplit(":", 1)[1]))
    port = await cable.plug_in()
    page = await open_page(f"http://127.0.0.1:{port}/?as={INGRID}&channel={NORDLYS}")
    await expect(page.get_by_test_id("messages")).to_be_visible()
    cable.cut()
    lost = page.get_by_text("The connection to the sandbox is lost.")
    await expect(lost).to_be_visible()
    await workspace.say(MIKKEL, NORDLYS, "said meanwhile")
    await cable.plug_in(port)
    await expect(page.get_by_text("said meanwhile")).to_be_visible(timeout=10_000)
    await expect(lost).to_have_count(0)
    cable.cut()


async def test_a_permalink_leads_to_its_message(gallery: GalleryApp, open_page: OpenPage) -> None:
    workspace = gallery.workspace
    ts = await gallery.show(NORDLYS)
    for number in range(30):
        await workspace.say(MIKKEL, NORDLYS, f"line {number}")
    answer = await gallery.client.chat_getPermalink(channel=NORDLYS, message_ts=ts)
    page = await open_page(f"{answer['permalink']}?as={INGRID}")
    await expect(page.locator(f"[data-ts='{ts}']")).to_be_in_viewport()
    await expect(page.get_by_test_id("message").last).not_to_be_in_viewport()


async def test_the_page_fits_a_phone(gallery: GalleryApp, open_page: OpenPage) -> None:
    await gallery.show(NORDLYS)
    page = await open_page(address(gallery.workspace), width=390)
    await expect(page.get_by_test_id("message")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await page.get_by_role("button", name="Conversations").click()
    await page.get_by_test_id("market-toggle").click()
    await expect(page.get_by_test_id("listings").get_by_role("listitem").first).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390


async def test_the_marketplace_lists_and_moves_the_clock(gallery: GalleryApp, open_page: OpenPage) -> None:
    page = await open_page(address(gallery.workspace, place="panel=market"))
    listings = page.get_by_test_id("listings").get_by_role("listitem")
    await expect(listings.nth(1)).to_be_visible()
    await page.get_by_test_id("listing-search").fill("Nordlys")
    await expect(listings.first).to_contain_text("Nordlys")
    await listings.first.get_by_role("checkbox").check()
    await expect(page.get_by_test_id("ask")).to_contain_text("1 listing ticked")
    await page.get_by_test_id("market-tab-mode").click()
    await page.get_by_test_id("clock-morning").click()
    await expect(page.get_by_test_id("clock-now")).to_contain_text("09:00")
    await page.get_by_test_id("clock-reset").click()
    await expect(page.get_by_test_id("clock")).not_to_have_class("top-clock-moved")
