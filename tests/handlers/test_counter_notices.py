"""Counter-notices from end to end: a seller objects at the marketplace, the brand answers in its channel."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.enforcement.access import OPERATOR
from bot.enforcement.platform import create_client, create_key
from storage.queries import people
from storage.records.counter_notices import CounterState, DecidedBy
from storage.records.roster import Role, RoleGrant
from tests.bot_under_test import Product
from tests.counter_desk import CHANNEL, INGRID, MIKKEL, CounterDesk
from tests.notice_desk import Desk as NoticeDesk
from tests.notice_desk import shown

WHY = "The letter names another shop, and the invoice is for other goods."


async def test_one_is_contested_with_papers_and_rejected(product_on_each: Product) -> None:
    desk = CounterDesk(product_on_each)
    takedown = await desk.removed()
    relayed = await desk.relay(takedown)
    assert relayed["state"] == "open", relayed
    card = await desk.saying("Invoice 771")
    assert "We bought these from your" in shown(card)
    assert "If nobody answers by" in shown(card)
    assert "shown to your brand alone" in shown(card)
    await desk.ws.open_home(INGRID)
    await desk.home_saying("Counter-notice · *Nordlys*")

    form = await desk.press(INGRID, card, "counter_contest")
    typed = {"code": "not_authorised", "explanation": WHY, "links": "evidence.example/letter"}
    refused = await desk.ws.submit(INGRID, form["id"], typed)
    assert set(refused["errors"]) == {"links"}
    mended = typed | {"links": "https://evidence.example/letter\nhttps://evidence.example/shop"}
    assert await desk.ws.submit(INGRID, form["id"], mended) == {"ok": True}

    told = await desk.at_market("contested")
    assert told["answer"]["explanation"] == WHY
    assert [each["url"] for each in told["answer"]["evidence"]] == mended["links"].splitlines()
    assert INGRID not in str(told)
    await desk.saying("do not authorise this seller")
    await desk.decide("rejected", "The papers are not enough.")
    done = await desk.saying("decided for you")
    assert "The papers are not enough." in shown(done)
    assert done["ts"] == card["ts"]
    assert (await desk.ws.market("takedowns"))[0]["state"] == "removed"
    thread = [m for m in await desk.ws.messages(INGRID, CHANNEL) if m["thread_ts"] == card["ts"]]
    assert next(shown(m).split(".")[0] for m in thread if m["ts"] != card["ts"]).startswith("Contested")


async def test_silence_is_announced_and_then_brings_the_listing_back(product: Product) -> None:
    desk = CounterDesk(product)
    await desk.relay(await desk.removed())
    card = await desk.saying("Invoice 771")
    counter = await desk.stored()
    window = counter.due_at - counter.received_at
    await desk.ws.advance(window.total_seconds() * 0.7)
    warning = await desk.saying("is still open")
    assert warning["ts"] != card["ts"]
    assert "counter_contest" in str(warning["blocks"])
    await desk.ws.advance(window.total_seconds() * 0.31)
    await desk.saying("put the listing back.")
    after = await desk.stored()
    assert (after.state, after.decided_by) == (CounterState.UPHELD, DecidedBy.SILENCE)
    assert (await desk.at_market("upheld"))["decided_by"] == "silence"
    assert (await desk.ws.market("takedowns"))[0]["state"] == "reinstated"

    async def quiet() -> bool:
        messages = await desk.ws.messages(INGRID, CHANNEL)
        return not any("counter_contest" in str(m["blocks"]) for m in messages)

    await desk.ws.wait_for(quiet)


async def test_one_is_accepted_from_the_warning_and_the_return_is_confirmed(product: Product) -> None:
    desk = CounterDesk(product)
    await desk.relay(await desk.removed())
    await desk.saying("Invoice 771")
    counter = await desk.stored()
    await desk.ws.advance((counter.due_at - counter.received_at).total_seconds() * 0.7)
    warning = await desk.saying("is still open")
    form = await desk.press(INGRID, warning, "counter_accept")
    assert await desk.ws.submit(INGRID, form["id"], {"explanation": "Sorry."}) == {"ok": True}
    told = await desk.at_market("upheld")
    assert (told["answer"]["position"], told["answer"]["explanation"]) == ("accept", "Sorry.")
    await desk.saying("put the listing back.")
    after = await desk.stored()
    assert after.decided_by is DecidedBy.BRAND
    assert after.reinstated_at is not None
    assert after.reinstated_at - counter.received_at > timedelta(days=1)


async def test_whoever_may_not_answer_is_told_nothing_and_changes_nothing(product: Product) -> None:
    desk = CounterDesk(product)
    await desk.relay(await desk.removed())
    card = await desk.saying("Invoice 771")
    await desk.ws.click(MIKKEL, CHANNEL, card["ts"], "counter_contest")
    assert await desk.ws.views(MIKKEL) == []
    assert (await desk.stored()).state is CounterState.OPEN


async def test_of_two_forms_the_second_keeps_what_was_typed(product: Product) -> None:
    desk = CounterDesk(product)
    await desk.relay(await desk.removed())
    card = await desk.saying("Invoice 771")
    first = await desk.press(INGRID, card, "counter_accept")
    await desk.decide("withdrawn")
    refused = await desk.ws.submit(INGRID, first["id"], {"explanation": "Sorry."})
    assert "moved on" in refused["errors"]["explanation"]
    assert (await desk.stored()).state is CounterState.WITHDRAWN


async def test_the_papers_of_a_seller_reach_no_other_channel(product: Product) -> None:
    desk = CounterDesk(product)
    await desk.relay(await desk.removed(), statement="A secret of the seller's")
    await desk.saying("A secret of the seller's")
    memory = desk.ws.sandbox.memory
    for channel, messages in memory.messages.items():
        told = [m for m in messages if "Invoice 771" in str(m.blocks) or "A secret" in str(m.blocks)]
        assert bool(told) == (channel == CHANNEL), channel


async def test_a_removed_listings_card_says_how_long_its_seller_may_object(product: Product) -> None:
    desk = CounterDesk(product)
    takedown = await desk.removed()
    # The sandbox's marketplace is in China, where no time binds the seller.
    card = await desk.saying("may object to the removal at any time")
    assert "E-Commerce Law" in shown(card)
    await desk.relay(takedown)
    await desk.saying("Invoice 771")

    async def follows() -> bool:
        messages = await desk.ws.messages(INGRID, CHANNEL)
        followed = next(m for m in messages if m["ts"] == card["ts"])
        return "Counter-notice: the seller objects" in shown(followed)

    await desk.ws.wait_for(follows)


async def test_a_notice_taken_down_at_once_says_the_same_on_its_card(product: Product) -> None:
    notices, desk = NoticeDesk(product), CounterDesk(product)
    listing = (await desk.ws.market("listings"))["listings"][0]
    await notices.file(f"{desk.ws.url}{listing['url']}", "without a test buy")
    await notices.card_saying("may object to the removal at any time")
    (takedown,) = await desk.ws.market("takedowns")
    await desk.relay(takedown)
    await notices.card_saying("One seller objects.")
    card = await desk.saying("Invoice 771")
    form = await desk.press(INGRID, card, "counter_accept")
    assert await desk.ws.submit(INGRID, form["id"], {}) == {"ok": True}
    await notices.card_saying("0 of 1 listing removed")
    await desk.saying("put the listing back.")


async def test_what_the_marketplace_removed_on_a_notice_by_itself_is_objected_to_and_put_back(
    product: Product,
) -> None:
    notices, desk = NoticeDesk(product), CounterDesk(product)
    ws = desk.ws
    listing = (await ws.market("listings"))["listings"][0]
    await notices.file(f"{ws.url}{listing['url']}")

    async def received() -> dict[str, Any] | None:
        found: list[dict[str, Any]] = await ws.market("notices")
        return found[0] if found else None

    notice = await ws.wait_for(received)
    assert notice is not None
    path = f"/sandbox/market/notices/{notice['notice_id']}"
    await ws.post(f"{path}/move", {"state": "actioned"})
    await notices.card_saying("may object to the removal at any time")
    body = {
        "external_id": "cn-1",
        "regime": "mercado_libre",
        "ground": "authorized",
        "statement": "We are authorised.",
        "papers": ["Invoice 771"],
    }
    relayed = await ws.post(f"{path}/items/{notice['items'][0]['id']}/counter-notices", body)
    assert relayed["state"] == "open", relayed
    await notices.card_saying("One seller objects.")
    form = await desk.press(INGRID, await desk.saying("Invoice 771"), "counter_accept")
    assert await ws.submit(INGRID, form["id"], {}) == {"ok": True}
    await desk.saying("put the listing back.")
    await notices.card_saying("One counter-notice was upheld.")
    assert (await desk.stored()).reinstated_at is not None


async def test_of_two_small_members_one_proposes_and_the_other_agrees_or_not(product: Product) -> None:
    desk = CounterDesk(product)
    await desk.relay(await desk.removed())
    await product.store.run(_make_small)
    card = await desk.saying("Invoice 771")
    form = await desk.press(INGRID, card, "counter_accept")
    assert await desk.ws.submit(INGRID, form["id"], {"explanation": "Sorry."}) == {"ok": True}
    waiting = await desk.saying("counter_confirm")
    assert "counts as none" in shown(waiting)
    await desk.ws.click(INGRID, CHANNEL, card["ts"], "counter_confirm")
    assert (await desk.stored()).state is CounterState.AWAITING_CONFIRMATION
    form = await desk.press(MIKKEL, waiting, "counter_decline")
    assert await desk.ws.submit(MIKKEL, form["id"], {"reason": "They are fakes."}) == {"ok": True}
    await desk.saying("They are fakes.")
    again = await desk.saying("counter_contest")
    form = await desk.press(MIKKEL, again, "counter_contest")
    typed = {"code": "illegible", "explanation": WHY}
    assert await desk.ws.submit(MIKKEL, form["id"], typed) == {"ok": True}
    waiting = await desk.saying("counter_confirm")
    await desk.ws.click(INGRID, CHANNEL, waiting["ts"], "counter_confirm")
    told = await desk.at_market("contested")
    assert (told["answer"]["code"], told["answer"]["explanation"]) == ("illegible", WHY)
    await desk.saying("> agreed, ")


def _make_small(session: Session) -> None:
    """Nordlys's two people become members of a small company."""
    for user_id in (INGRID, MIKKEL):
        person = people.by_user(session, user_id)
        assert person is not None
        for grant in session.exec(select(RoleGrant).where(col(RoleGrant.person_id) == person.id)):
            grant.role = Role.SMALL_MEMBER
            session.add(grant)


async def test_one_is_contested_with_files_that_the_marketplace_gets_and_no_rival(
    product_on_each: Product,
) -> None:
    product = product_on_each
    desk, ws = CounterDesk(product), product.ws
    await desk.relay(await desk.removed())
    form = await desk.press(INGRID, await desk.saying("Invoice 771"), "counter_contest")
    letter = await ws.upload(INGRID, "letter.pdf", b"%PDF-1.7 canary-letter")
    note = await ws.upload(INGRID, "note.txt", b"canary-note")
    page = await ws.upload(INGRID, "page.pdf", b"<html>no PDF at all</html>")
    large = await ws.upload(INGRID, "large.pdf", b"%PDF-1.7")
    ws.sandbox.memory.files[large["id"]].content += bytes(5_000_000)
    gone = await ws.upload(INGRID, "gone.pdf", b"%PDF-1.7 gone")
    program = await ws.upload(INGRID, "run.exe", b"MZ")
    typed = {"code": "not_authorised", "explanation": WHY}
    for wrong, fault, why in (
        (program, {}, "of these types"),
        (page, {}, "page.pdf is no PDF"),
        (large, {}, "larger than 5 MB"),
        (gone, {"kind": "ok_false", "error": "file_deleted"}, "not there any more"),
        (gone, {"kind": "429"}, "still on its way"),
    ):
        if fault:
            await ws.fault("files.info", **fault)
        refused = await ws.submit(INGRID, form["id"], typed | {"files": [letter, wrong]})
        assert why in refused["errors"]["files"], (wrong["name"], refused)
    assert await ws.submit(INGRID, form["id"], typed | {"files": [letter, note]}) == {"ok": True}

    told = await desk.at_market("contested")
    assert [each["title"] for each in told["answer"]["files"]] == ["letter.pdf", "note.txt"]
    foreign = await product.store.run(_other_marketplace)
    for key, status in ((product.client["api_key"], 200), (foreign, 404)):
        address = (
            f"{product.url}/api/v1/counter-notices/{told['id']}/evidence/{told['answer']['files'][0]['id']}"
        )
        async with ws.session.get(address, headers={"Authorization": f"Bearer {key}"}) as answer:
            assert answer.status == status
            if status == 200:
                assert await answer.read() == b"%PDF-1.7 canary-letter"
                assert answer.headers["Content-Disposition"].startswith("attachment")
                assert answer.content_type == "application/pdf"
    card = await desk.saying("Files that go with it")
    assert "SHA-256 " + told["answer"]["files"][1]["sha256"][:12] in shown(card)
    assert await ws.click(MIKKEL, CHANNEL, card["ts"], "counter_files") == {"ok": True}

    async def sent() -> bool:
        files = [file for message in await ws.direct_messages(MIKKEL) for file in message["files"]]
        return len(files) == 2

    await ws.wait_for(sent)
    for channel, messages in ws.sandbox.memory.messages.items():
        seen = any("Files that go with it" in str(m.blocks) for m in messages)
        assert seen == (channel == CHANNEL), channel


def _other_marketplace(session: Session) -> str:
    """The key of another marketplace."""
    client = create_client(
        session, OPERATOR, "Other", "otherbazaar", "http://127.0.0.1:1/hooks", now=utc_now()
    )
    session.flush()
    return create_key(session, OPERATOR, client.id, now=utc_now()).api_key
