"""The form of a notice from end to end: links, picks, drafts, and who gets it at all."""

from storage.records.notices import Notice, NoticeDraft
from tests.bot_under_test import Product
from tests.notice_desk import EXPLANATION, PATIENCE, REFERENCE, Desk, button_of, picked, shown
from tests.workspace import Json


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
