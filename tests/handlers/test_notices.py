"""Notices from end to end: a member at the page, the real bot, the marketplace at its panel."""

from storage.records.audit import AuditEntry
from storage.records.notices import Notice, NoticeDraft
from tests.bot_under_test import Product
from tests.notice_desk import EXPLANATION, PATIENCE, REFERENCE, Desk, shown


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


async def test_a_withdrawn_notice_says_when_its_listings_came_back(product: Product) -> None:
    desk = Desk(product)
    listing = (await desk.ws.market("listings"))["listings"][0]
    card = await desk.file(f"{desk.ws.url}{listing['url']}", "without a test buy")
    await desk.card_saying("1 of 1 listing removed")
    await desk.ws.click(desk.mikkel, desk.channel, card["ts"], "notice_withdraw")
    view = (await desk.ws.views(desk.mikkel))[-1]
    assert await desk.ws.submit(desk.mikkel, view["id"], {"reason": "The wrong shop"}) == {"ok": True}
    assert "Withdrawn" in shown(await desk.card_saying("0 of 1 listing removed"))


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
