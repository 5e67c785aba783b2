"""Notices from end to end: a member at the page, the real bot, the marketplace at its panel."""

import re
from typing import Any

from sqlmodel import func, select

from storage.records.audit import AuditEntry
from storage.records.notices import Notice, NoticeDraft
from tests.bot_under_test import Product
from tests.workspace import Json

EXPLANATION = "The sole has no pattern and the box is blank, as on each of the four pairs that we bought."
PATIENCE = 20.0  # seconds; a busy machine is no fault of the bot
REFERENCE = re.compile(r"GF-[2-9A-Z]{4}-[2-9A-Z]{4}")


class Desk:
    """Mikkel and Ingrid of Nordlys, and what they do over and over."""

    def __init__(self, product: Product) -> None:
        self.product, self.ws = product, product.ws
        self.mikkel, self.ingrid = self.ws.member("Mikkel"), self.ws.member("Ingrid")
        self.channel = next(
            channel.channel_id
            for channel in self.ws.sandbox.memory.channels.values()
            if channel.channel_id == "C0BRAND01"
        )

    def link(self, number: int) -> str:
        return f"{self.ws.url}/item/{number}"

    async def form(self, user: str = "", text: str = "", channel: str = "") -> Json:
        """Type `/notice` and get the form."""
        user = user or self.mikkel
        answer = await self.ws.command(user, f"/notice {text}".strip(), channel or self.channel)
        assert answer == {"ok": True}
        return (await self.ws.views(user))[-1]

    async def pick(self, view: Json, action_id: str, text: str, user: str = "") -> Json:
        """Pick an option whose text holds some words, and get the form as it is drawn then."""
        user = user or self.mikkel
        block = next(b for b in view["blocks"] if b.get("element", {}).get("action_id") == action_id)
        offered = block["element"]["options"]
        option = next(each for each in offered if text in each["text"]["text"])
        done = await self.ws.click_view(
            user,
            view["id"],
            action_id,
            values={action_id: option["value"]},
            type="static_select",
            selected_option=option,
        )
        assert done == {"ok": True}
        return (await self.ws.views(user))[-1]

    async def ready(self, text: str, reason: str = "misused in the listing", user: str = "") -> Json:
        """The form with its picks made."""
        view = await self.form(user, text)
        view = await self.pick(view, "notice_right", "Trade mark", user)
        return await self.pick(view, "notice_reason", reason, user)

    async def file(self, text: str, reason: str = "misused in the listing", **typed: Any) -> Json:
        """File a notice and get the message that is its card."""
        view = await self.ready(text, reason)
        values = {"explanation": EXPLANATION, "statement": ["yes"], **typed}
        assert await self.ws.submit(self.mikkel, view["id"], values) == {"ok": True}
        return await self.card()

    async def card(self) -> Json:
        """The newest card in the brand's channel."""

        async def look() -> Json | None:
            messages = await self.ws.messages(self.mikkel, self.channel)
            cards = [m for m in messages if m["text"].startswith("Notice GF-") and not m["ephemeral"]]
            return cards[-1] if cards else None

        found = await self.ws.wait_for(look, PATIENCE)
        assert found is not None
        return found

    async def card_saying(self, words: str) -> Json:
        """The card, once it says something."""

        async def look() -> Json | None:
            card = await self.card()
            return card if words in shown(card) else None

        found = await self.ws.wait_for(look, PATIENCE)
        assert found is not None
        return found

    async def thread(self, ts: str, words: str) -> Json:
        """The reply under a card that says something."""

        async def look() -> Json | None:
            messages = await self.ws.messages(self.mikkel, self.channel)
            replies = [m for m in messages if m["thread_ts"] == ts and words in shown(m)]
            return replies[0] if replies else None

        found = await self.ws.wait_for(look, PATIENCE)
        assert found is not None
        return found

    async def whisper(self, user: str, channel: str, words: str) -> Json:
        """What only one person sees."""

        async def look() -> Json | None:
            messages = await self.ws.messages(user, channel)
            return next((m for m in messages if m["ephemeral"] and words in m["text"]), None)

        found = await self.ws.wait_for(look, PATIENCE)
        assert found is not None
        return found

    async def received(self) -> Json:
        """The notice as the marketplace has it."""

        async def look() -> Json | None:
            found = await self.ws.market("notices")
            return found[0] if found else None

        notice = await self.ws.wait_for(look, PATIENCE)
        assert notice is not None
        return notice

    async def move(self, notice_id: str, state: str, **details: Any) -> Json:
        return await self.ws.post(f"/sandbox/market/notices/{notice_id}/move", {"state": state, **details})

    async def count(self, table: type[Any]) -> int:
        found: int = await self.product.store.read(
            lambda session: session.exec(select(func.count()).select_from(table)).one()
        )
        return found


def shown(message: Json) -> str:
    """Every text of a message, markup and plain."""
    texts = [message["text"]]

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("text"), str):
                texts.append(node["text"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for each in node:
                walk(each)

    walk(message["blocks"])
    return "\n".join(texts)


def button_of(view: Json, action_id: str) -> Json:
    """A button of a view as Slack sends it when it is pressed."""
    found = [each for block in view["blocks"] for each in block.get("elements", [])]
    value = next(each["value"] for each in found if each.get("action_id") == action_id)
    return {"type": "button", "value": value}


def picked(view: Json, block: str) -> bool:
    """Whether the select in the block of this beginning shows a pick."""
    values = view["state"]["values"]
    held: Json = next((values[name] for name in values if name.startswith(block)), {})
    return any(each.get("selected_option") for each in held.values())


async def test_a_notice_with_an_error_first_is_mended_filed_and_followed_to_its_end(
    product_on_each: Product,
) -> None:
    desk = Desk(product_on_each)
    links = "\n".join([desk.link(101), "not a listing", desk.link(102), desk.link(103)])
    view = await desk.ready(f"{desk.link(101)} {desk.link(102)}")
    typed = {"links_1": links, "explanation": "Fake!\0", "statement": ["yes"]}
    refused = await desk.ws.submit(desk.mikkel, view["id"], typed)
    assert set(refused["errors"]) == {"links_1", "explanation"}
    assert refused["errors"]["links_1"].startswith("Line 2: ")
    assert await desk.count(Notice) == 0

    mended = typed | {"links_1": links.replace("not a listing\n", ""), "explanation": EXPLANATION}
    assert await desk.ws.submit(desk.mikkel, view["id"], mended) == {"ok": True}
    assert await desk.ws.views(desk.mikkel) == []
    card = await desk.card()
    reference = REFERENCE.search(card["text"])
    assert reference
    assert "Submitted" in shown(card)
    assert "0 of 3 listings removed" in shown(card)
    assert reference[0] in (await desk.whisper(desk.mikkel, desk.channel, "Filed as"))["text"]

    notice = await desk.received()
    assert notice["reference"] == reference[0]
    assert [each["listing"]["item_id"] for each in notice["items"]] == ["101", "102", "103"]
    await desk.move(notice["notice_id"], "received", complaint_number="OB-771")
    await desk.card_saying("OB-771")
    await desk.thread(card["ts"], "has received this notice")
    asked = "Please show the mark on the <!channel> box"
    await desk.move(notice["notice_id"], "clarification_required", reason=asked)
    assert asked in shown(await desk.card_saying("asks for more"))
    await desk.thread(card["ts"], "asks for more")
    items = [{"id": notice["items"][0]["id"], "state": "removed"}]
    await desk.move(notice["notice_id"], "partially_actioned", items=items)
    decided = await desk.card_saying("1 of 3 listings removed")
    assert decided["ts"] == card["ts"]
    await desk.thread(card["ts"], "decided in part")
    late = await desk.move(notice["notice_id"], "received")
    assert "error" in late


async def test_the_command_in_a_foreign_channel_tells_that_channel_nothing(product: Product) -> None:
    desk = Desk(product)
    elsewhere = next(
        channel.channel_id
        for channel in desk.ws.sandbox.memory.channels.values()
        if desk.mikkel in channel.members and channel.channel_id != desk.channel
    )
    view = await desk.form(channel=elsewhere, text=desk.link(1))
    view = await desk.pick(view, "notice_right", "Trade mark")
    view = await desk.pick(view, "notice_reason", "misused in the listing")
    await desk.ws.submit(desk.mikkel, view["id"], {"explanation": EXPLANATION, "statement": ["yes"]})
    whisper = await desk.whisper(desk.mikkel, elsewhere, "Filed as")
    assert f"<#{desk.channel}>" in whisper["text"]
    await desk.card()
    for user in desk.ws.sandbox.memory.channels[elsewhere].members:
        told = [m for m in await desk.ws.messages(user, elsewhere) if "GF-" in shown(m)]
        assert all(m["ephemeral"] and user == desk.mikkel for m in told)


async def test_three_hundred_links_go_in_by_adding_inputs(product: Product) -> None:
    desk = Desk(product)
    view = await desk.ready(desk.link(0))
    for _ in range(5):
        await desk.ws.click_view(desk.mikkel, view["id"], "notice_more_links", type="button")
    view = (await desk.ws.views(desk.mikkel))[-1]
    chunks = [[desk.link(number) for number in range(start, start + 50)] for start in range(0, 300, 50)]
    typed = {f"links_{number}": "\n".join(chunk) for number, chunk in enumerate(chunks, start=1)}
    typed |= {"explanation": EXPLANATION}
    assert await desk.ws.submit(desk.mikkel, view["id"], typed | {"statement": ["yes"]}) == {"ok": True}
    card = await desk.card()
    assert "0 of 300 listings removed" in shown(card)
    assert "and 290 more" in shown(card)
    assert len((await desk.received())["items"]) == 300


async def test_a_pick_redraws_the_form_and_keeps_what_was_typed(product: Product) -> None:
    desk = Desk(product)
    view = await desk.form(text=desk.link(1))
    view = await desk.pick(view, "notice_right", "Trade mark")
    assert "order_number" not in {block["block_id"] for block in view["blocks"]}
    reason = next(b for b in view["blocks"] if b["block_id"].startswith("reason:"))
    with_test_buy = next(
        each for each in reason["element"]["options"] if each["value"] == "counterfeit_test_buy"
    )
    await desk.ws.click_view(
        desk.mikkel,
        view["id"],
        "notice_reason",
        values={"notice_reason": "counterfeit_test_buy", "explanation": EXPLANATION},
        type="static_select",
        selected_option=with_test_buy,
    )
    view = (await desk.ws.views(desk.mikkel))[-1]
    assert "order_number" in {block["block_id"] for block in view["blocks"]}
    typed = view["state"]["values"]
    assert typed["explanation"]["explanation"]["value"] == EXPLANATION
    assert typed["links_1"]["links_1"]["value"] == desk.link(1)


async def test_what_is_reported_already_is_shown_before_the_rest_is_filed(product: Product) -> None:
    desk = Desk(product)
    first = await desk.file(desk.link(1))
    reference = REFERENCE.search(first["text"])
    assert reference
    view = await desk.ready(f"{desk.link(1)} {desk.link(2)}")
    typed = {"explanation": EXPLANATION, "statement": ["yes"]}
    assert await desk.ws.submit(desk.mikkel, view["id"], typed) == {"ok": True}
    review = (await desk.ws.views(desk.mikkel))[-1]
    assert review["callback_id"] == "notice_review_form"
    assert reference[0] in shown({"text": "", "blocks": review["blocks"]})
    assert await desk.count(Notice) == 1
    assert await desk.ws.submit(desk.mikkel, review["id"]) == {"ok": True}
    assert await desk.ws.views(desk.mikkel) == []
    assert await desk.count(Notice) == 2


async def test_a_draft_is_kept_when_slack_does_not_open_the_form(product: Product) -> None:
    desk = Desk(product)
    await desk.ws.fault("views.open", "500", times=1)
    await desk.ws.command(desk.mikkel, f"/notice {desk.link(5)}", desk.channel)
    assert await desk.ws.views(desk.mikkel) == []
    await desk.whisper(desk.mikkel, desk.channel, "kept as a draft")
    assert await desk.count(NoticeDraft) == 1


async def test_a_draft_waits_in_app_home_to_be_continued_or_thrown_away(product: Product) -> None:
    desk = Desk(product)
    await desk.ws.open_home(desk.mikkel)
    await desk.ws.fault("views.open", "500", times=1)
    await desk.ws.command(desk.mikkel, f"/notice {desk.link(5)}", desk.channel)

    async def offered() -> Json | None:
        home = await desk.ws.home(desk.mikkel)
        return home if home and "notice_open_draft" in str(home["blocks"]) else None

    home = await desk.ws.wait_for(offered, PATIENCE)
    assert home is not None
    await desk.ws.click_view(
        desk.mikkel, home["id"], "notice_open_draft", **button_of(home, "notice_open_draft")
    )
    view = (await desk.ws.views(desk.mikkel))[-1]
    assert view["state"]["values"]["links_1"]["links_1"]["value"] == desk.link(5)
    await desk.ws.close_view(desk.mikkel, view["id"])
    await desk.ws.click_view(
        desk.mikkel, home["id"], "notice_drop_draft", **button_of(home, "notice_drop_draft")
    )
    assert await desk.count(NoticeDraft) == 0

    async def gone() -> bool:
        return await offered() is None

    await desk.ws.wait_for(gone, PATIENCE)


async def test_an_officer_files_for_a_member_with_a_mandate(product: Product) -> None:
    desk = Desk(product)
    fiona = desk.ws.member("Fiona")
    await desk.ws.shortcut(fiona, "file_notice")
    view = await desk.pick((await desk.ws.views(fiona))[-1], "notice_holder", "Orchard Lane", fiona)
    if not picked(view, "right_id:"):
        view = await desk.pick(view, "notice_right", "Trade mark", fiona)
    view = await desk.pick(view, "notice_reason", "misused in the listing", fiona)
    typed = {"links_1": desk.link(1), "explanation": EXPLANATION, "statement": ["yes"]}
    assert await desk.ws.submit(fiona, view["id"], typed) == {"ok": True}
    notice = await desk.received()
    assert notice["rights_holder"].startswith("Orchard Lane")


async def test_a_closed_form_is_a_draft_and_an_empty_one_is_nothing(product: Product) -> None:
    desk = Desk(product)
    view = await desk.form()
    await desk.ws.close_view(desk.mikkel, view["id"])
    assert await desk.count(NoticeDraft) == 0
    view = await desk.form(text=desk.link(5))
    await desk.ws.close_view(desk.mikkel, view["id"])
    assert await desk.count(NoticeDraft) == 1


async def test_the_message_shortcut_takes_the_links_of_the_message(product: Product) -> None:
    desk = Desk(product)
    text = (
        f"Look: &lt;!channel&gt; <{desk.link(8)}> and <{desk.link(9)}|this one>, and <{desk.link(8)}> again"
    )
    await desk.ws.say(desk.ingrid, desk.channel, text)
    message = (await desk.ws.messages(desk.mikkel, desk.channel))[-1]
    await desk.ws.shortcut(desk.mikkel, "report_listing", (desk.channel, message["ts"]))
    view = (await desk.ws.views(desk.mikkel))[-1]
    assert view["state"]["values"]["links_1"]["links_1"]["value"] == f"{desk.link(8)}\n{desk.link(9)}"


async def test_the_global_shortcut_opens_an_empty_form(product: Product) -> None:
    desk = Desk(product)
    await desk.ws.shortcut(desk.mikkel, "file_notice")
    view = (await desk.ws.views(desk.mikkel))[-1]
    assert view["callback_id"] == "notice_form"


async def test_where_there_is_no_channel_the_person_is_told_directly(product: Product) -> None:
    desk = Desk(product)
    await desk.ws.fault("views.open", "500", times=1)
    await desk.ws.shortcut(desk.mikkel, "file_notice")

    async def told() -> bool:
        messages = await desk.ws.direct_messages(desk.mikkel)
        return any(m["ephemeral"] and "kept as a draft" in m["text"] for m in messages)

    await desk.ws.wait_for(told, PATIENCE)


async def test_the_filer_withdraws_with_a_reason_and_the_marketplace_hears_of_it(product: Product) -> None:
    desk = Desk(product)
    card = await desk.file(desk.link(1))
    await desk.received()
    await desk.ws.click(desk.mikkel, desk.channel, card["ts"], "notice_withdraw")
    view = (await desk.ws.views(desk.mikkel))[-1]
    assert await desk.ws.submit(desk.mikkel, view["id"], {"reason": "Our own distributor"}) == {"ok": True}
    await desk.card_saying("Withdrawn")
    await desk.thread(card["ts"], "Our own distributor")

    async def told() -> bool:
        return any(each["type"] == "notice.withdrawn" for each in await desk.ws.market("received"))

    await desk.ws.wait_for(told, PATIENCE)


async def test_a_complaint_number_is_typed_into_the_card(product: Product) -> None:
    desk = Desk(product)
    card = await desk.file(desk.link(1))
    await desk.ws.click(desk.ingrid, desk.channel, card["ts"], "notice_complaint")
    view = (await desk.ws.views(desk.ingrid))[-1]
    bad = await desk.ws.submit(desk.ingrid, view["id"], {"number": "OB-9", "url": "ftp://market.example/9"})
    assert set(bad["errors"]) == {"url"}
    url = "https://market.example/complaints/9"
    assert await desk.ws.submit(desk.ingrid, view["id"], {"number": "OB-9", "url": url}) == {"ok": True}
    assert f"<{url}|OB-9>" in shown(await desk.card_saying("OB-9"))


async def test_a_counterfeit_notice_in_good_standing_is_taken_down_at_once(product: Product) -> None:
    desk = Desk(product)
    listing = (await desk.ws.market("listings"))["listings"][0]
    card = await desk.file(f"{desk.ws.url}{listing['url']}", "without a test buy")
    assert "asked for at once" in shown(card)
    await desk.card_saying("1 of 1 listing removed")
    await desk.thread(card["ts"], "The marketplace has decided")
    assert [each["count"] for each in await desk.ws.market("effects")] == [1]


async def test_a_marketplace_that_is_down_delays_and_the_card_says_so(product: Product) -> None:
    desk = Desk(product)
    await desk.ws.market_mode("down")
    await desk.file(desk.link(1))
    await desk.card_saying("does not answer at the moment")
    assert await desk.ws.market("notices") == []
    await desk.ws.market_mode("normal")
    await desk.ws.advance(600)
    await desk.received()

    async def silent() -> bool:
        return "does not answer" not in shown(await desk.card())

    await desk.ws.wait_for(silent, PATIENCE)


async def test_a_stranger_gets_no_form_and_the_answer_of_what_does_not_exist(product: Product) -> None:
    desk = Desk(product)
    stranger = desk.ws.member("Wei")  # the platform's own people file nothing
    channel = next(
        channel.channel_id
        for channel in desk.ws.sandbox.memory.channels.values()
        if stranger in channel.members
    )
    before = await desk.count(AuditEntry)
    await desk.ws.command(stranger, f"/notice {desk.link(1)}", channel)
    assert await desk.ws.views(stranger) == []
    await desk.whisper(stranger, channel, "does not exist")
    assert await desk.count(AuditEntry) == before + 1
    assert await desk.count(NoticeDraft) == 0
