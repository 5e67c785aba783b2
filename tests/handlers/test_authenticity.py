"""Requests from end to end: the marketplace asks at its panel, experts click, the real bot in between."""

import asyncio
from typing import Any

from sqlmodel import Session, select

from bot.sandbox.marketplace.catalogue import Listing
from handlers.ids import TalkId
from storage.records.roster import RightsHolder
from tests.bot_under_test import Product
from tests.workspace import Json

NORDLYS, BRIGHTWATER, TANSY, HALDEN = "48143", "48163", "48225", "48126"
SECOND_OF_NORDLYS = "48155"
CHANNEL = {NORDLYS: "C0BRAND01", HALDEN: "C0BRAND02", TANSY: "C0BRAND07", BRIGHTWATER: "C0BRAND08"}
PLATFORM = "C0PLATFM1"
INGRID, MIKKEL, CLAIRE = "U0INGRID1", "U0MIKKEL1", "U0CLAIRE1"
LENA, MARCO, AOIFE, NOOR = "U0LENA001", "U0MARCO01", "U0AOIFE01", "U0NOOR001"


class Floor:
    """What people and the marketplace do over and over."""

    def __init__(self, product: Product) -> None:
        self.product, self.ws = product, product.ws

    async def ask(self, listing_id: str, **details: Any) -> None:
        """The marketplace asks about one listing."""
        (result,) = await self.ws.ask([listing_id], **details)
        assert "error" not in result, result

    async def card(self, user: str, channel: str, holds: str = "", seconds: float = 30.0) -> Json:
        """The newest message in a channel, digests aside, once it holds some words."""

        async def look() -> Json | None:
            said = await self.ws.messages(user, channel)
            messages = [m for m in said if not m["thread_ts"] and "digest_open" not in str(m["blocks"])]
            return messages[-1] if messages and holds in str(messages[-1]["blocks"]) else None

        found = await self.ws.wait_for(look, seconds)
        assert found is not None
        return found

    async def click(self, user: str, channel: str, card: Json, action_id: str) -> None:
        """Press a button of a card, with the value that it carries."""
        elements = [e for block in card["blocks"] for e in block.get("elements", [])]
        element = next(e for e in elements if e.get("action_id") == action_id)
        done = await self.ws.click(
            user, channel, card["ts"], action_id, type="button", value=element.get("value", "")
        )
        assert done == {"ok": True}, done

    async def effects(self) -> list[Json]:
        """The distinct takedowns that took effect, with how often each was asked for."""
        found: list[Json] = await self.ws.market("effects")
        return found

    async def whisper(self, user: str, channel: str, holds: str) -> Json:
        """A sentence that only this person sees."""

        async def look() -> Json | None:
            messages = await self.ws.messages(user, channel)
            found = [m for m in messages if m.get("ephemeral") and holds in m["text"]]
            return found[-1] if found else None

        seen = await self.ws.wait_for(look)
        assert seen is not None
        return seen


def buttons(card: Json) -> list[str]:
    """What can be pressed on a card, apart from the way to people, which stands on every one."""
    elements = [e for block in card["blocks"] if block["type"] == "actions" for e in block["elements"]]
    return [element["action_id"] for element in elements if element["action_id"] != TalkId.OPEN]


async def test_one_click_of_fake_takes_the_listing_down_once(product_on_each: Product) -> None:
    floor = Floor(product_on_each)
    await floor.ask(NORDLYS, deadline_hours=24)
    card = await floor.card(MIKKEL, "C0BRAND01", "Genuine or fake?")
    assert "starts the takedown at once" in str(card["blocks"])
    assert buttons(card) == [
        "request_fake",
        "request_genuine",
        "request_cannot_tell",
        "request_need_sample",
        "request_not_our_brand",
    ]
    await floor.click(MIKKEL, "C0BRAND01", card, "request_fake")
    answered = await floor.card(INGRID, "C0BRAND01", "removed the listing")
    assert answered["ts"] == card["ts"]
    assert f"*Fake*, says <@{MIKKEL}>" in str(answered["blocks"])
    assert buttons(answered) == ["request_retract"]
    (effect,) = await floor.effects()
    assert effect["count"] == 1


async def test_of_two_clicks_at_once_one_counts_and_the_other_is_told_who_decided(product: Product) -> None:
    floor = Floor(product)
    await floor.ask(NORDLYS)
    card = await floor.card(MIKKEL, "C0BRAND01", "Genuine or fake?")
    await asyncio.gather(
        floor.click(MIKKEL, "C0BRAND01", card, "request_fake"),
        floor.click(INGRID, "C0BRAND01", card, "request_genuine"),
    )
    answered = await floor.card(MIKKEL, "C0BRAND01", ", says <@")
    assert buttons(answered) == ["request_retract"]
    first, second = (MIKKEL, INGRID) if f"says <@{MIKKEL}>" in str(answered) else (INGRID, MIKKEL)
    await floor.whisper(second, "C0BRAND01", f"Already answered: <@{first}> said")
    assert not any(message.get("ephemeral") for message in await product.ws.messages(first, "C0BRAND01"))


async def test_nobody_outside_the_brand_sees_the_card(product: Product) -> None:
    floor = Floor(product)
    await floor.ask(NORDLYS)
    await floor.card(MIKKEL, "C0BRAND01", "Genuine or fake?")
    for user in (CLAIRE, LENA, NOOR):
        state = await product.ws.state(user)
        for channel in state["channels"]:
            messages = await product.ws.messages(user, channel["id"])
            assert "Genuine or fake?" not in str(messages)


async def test_a_second_person_confirms_before_anything_is_taken_down(product: Product) -> None:
    floor = Floor(product)
    channel = CHANNEL[BRIGHTWATER]
    await floor.ask(BRIGHTWATER)
    card = await floor.card(MARCO, channel, "a second person of your company must confirm")
    await floor.click(MARCO, channel, card, "request_fake")
    waiting = await floor.card(LENA, channel, "A second person must confirm before")
    assert buttons(waiting) == ["request_confirm", "request_decline", "request_retract"]
    await floor.click(MARCO, channel, waiting, "request_confirm")
    await floor.whisper(MARCO, channel, "You said Fake yourself")
    assert await floor.effects() == []
    await floor.click(LENA, channel, waiting, "request_confirm")
    await floor.card(LENA, channel, "removed the listing")
    assert [effect["count"] for effect in await floor.effects()] == [1]


async def test_the_second_person_disagrees_with_a_reason(product: Product) -> None:
    floor = Floor(product)
    channel = CHANNEL[BRIGHTWATER]
    await floor.ask(BRIGHTWATER)
    card = await floor.card(MARCO, channel, "Genuine or fake?")
    await floor.click(MARCO, channel, card, "request_fake")
    waiting = await floor.card(LENA, channel, "A second person must confirm before")
    await floor.click(LENA, channel, waiting, "request_decline")
    view = (await product.ws.views(LENA))[-1]
    assert (await product.ws.submit(LENA, view["id"], {"reason": "The seam is *ours* <!channel>"})) == {
        "ok": True
    }
    card = await floor.card(LENA, channel, "disagrees")
    assert "<!channel>" not in str(card["blocks"])
    heard = [each["data"] for each in await product.ws.market("received")]
    assert heard[0]["verdict"]["outcome"] == "disputed"
    assert await floor.effects() == []


async def test_a_fake_that_nobody_can_confirm_becomes_a_notice(product: Product) -> None:
    floor = Floor(product)
    channel = CHANNEL[TANSY]
    await floor.ask(TANSY)
    card = await floor.card(AOIFE, channel, "becomes a notice that the marketplace reviews")
    await floor.click(AOIFE, channel, card, "request_fake")

    async def look() -> bool:
        messages = await product.ws.messages(AOIFE, channel)
        return any("It became notice" in str(message["blocks"]) for message in messages)

    await product.ws.wait_for(look)
    (notice,) = await product.ws.wait_for(lambda: product.ws.market("notices"))
    assert notice["submitter"] == {"name": "Tansy Studio", "email": ""}
    assert await floor.effects() == []


async def test_taking_an_answer_back_puts_the_listing_back(product: Product) -> None:
    floor = Floor(product)
    await floor.ask(NORDLYS)
    card = await floor.card(MIKKEL, "C0BRAND01", "Genuine or fake?")
    await floor.click(MIKKEL, "C0BRAND01", card, "request_fake")
    answered = await floor.card(MIKKEL, "C0BRAND01", "removed the listing")
    await floor.click(INGRID, "C0BRAND01", answered, "request_retract")
    view = (await product.ws.views(INGRID))[-1]
    assert (await product.ws.submit(INGRID, view["id"], {"reason": "It is last year's model"})) == {
        "ok": True
    }
    card = await floor.card(MIKKEL, "C0BRAND01", "put the listing back.")
    assert f"*Taken back* by <@{INGRID}>" in str(card["blocks"])
    await floor.card(MIKKEL, "C0BRAND01", "OpenBazaar put the listing back")
    listing = product.ws.server.market.memory.listings[NORDLYS]
    assert isinstance(listing, Listing)
    assert listing.state == "restored"


async def test_after_its_time_taking_an_answer_back_says_so_and_who_still_can(product: Product) -> None:
    floor = Floor(product)
    await floor.ask(NORDLYS)
    card = await floor.card(MIKKEL, "C0BRAND01", "Genuine or fake?")
    await floor.click(MIKKEL, "C0BRAND01", card, "request_genuine")
    answered = await floor.card(MIKKEL, "C0BRAND01", "*Genuine*")
    await product.ws.advance(25 * 3600)
    await product.bot._follow_clock()
    await floor.click(MIKKEL, "C0BRAND01", answered, "request_retract")
    said = await floor.whisper(MIKKEL, "C0BRAND01", "can take it back for 24 hours, and that time is over.")
    assert "The lead of your company still can" in said["text"]
    assert await product.ws.views(MIKKEL) == []
    await floor.click(INGRID, "C0BRAND01", answered, "request_retract")
    assert len(await product.ws.views(INGRID)) == 1


async def test_not_our_brand_goes_back_and_the_platform_team_asks_another(product: Product) -> None:
    floor = Floor(product)
    await floor.ask(NORDLYS)
    card = await floor.card(MIKKEL, "C0BRAND01", "Genuine or fake?")
    await floor.click(MIKKEL, "C0BRAND01", card, "request_not_our_brand")
    back = await floor.card(MIKKEL, "C0BRAND01", "Not your brand")
    assert buttons(back) == []
    unrouted = await floor.card(NOOR, PLATFORM, "Whom shall we ask instead?")
    await floor.click(NOOR, PLATFORM, unrouted, "request_assign")
    view = (await product.ws.views(NOOR))[-1]
    options = next(b for b in view["blocks"] if "element" in b)["element"]["options"]
    halden = next(option for option in options if option["text"]["text"] == "Halden")
    assert (await product.ws.submit(NOOR, view["id"], {"brand": halden["value"]})) == {"ok": True}
    await floor.card(CLAIRE, "C0BRAND02", "Genuine or fake?")
    await floor.card(NOOR, PLATFORM, "Assigned to Halden")


async def test_a_needed_sample_is_put_before_the_lead_who_ticks_it_off(product: Product) -> None:
    floor = Floor(product)
    await floor.ask(NORDLYS)
    card = await floor.card(MIKKEL, "C0BRAND01", "Genuine or fake?")
    await floor.click(MIKKEL, "C0BRAND01", card, "request_need_sample")

    async def look() -> list[Json]:
        return [m for m in await product.ws.direct_messages(INGRID) if "sample is needed" in str(m)]

    (todo,) = await product.ws.wait_for(look)
    await floor.click(INGRID, todo["channel"], todo, "sample_done")

    async def done() -> bool:
        return any("Done by" in str(message["blocks"]) for message in await look())

    await product.ws.wait_for(done)


async def test_a_withdrawn_request_says_so_on_its_card(product: Product) -> None:
    floor = Floor(product)
    await floor.ask(NORDLYS)
    card = await floor.card(MIKKEL, "C0BRAND01", "Genuine or fake?")
    (request,) = await product.ws.market("requests")
    await product.ws.post(
        f"/sandbox/market/requests/{request['external_id']}/withdraw", {"reason": "The seller took it down"}
    )
    withdrawn = await floor.card(MIKKEL, "C0BRAND01", "The seller took it down")
    assert withdrawn["ts"] == card["ts"]
    assert buttons(withdrawn) == []


async def test_a_marketplace_whose_answers_get_lost_acts_once(product: Product) -> None:
    floor = Floor(product)
    await product.ws.market_mode("error_after_effect", obey="by_hand", times=2)
    await floor.ask(NORDLYS)
    card = await floor.card(MIKKEL, "C0BRAND01", "Genuine or fake?")
    await floor.click(MIKKEL, "C0BRAND01", card, "request_fake")
    await floor.card(MIKKEL, "C0BRAND01", "has our request", seconds=20)
    (effect,) = await floor.effects()
    assert effect["count"] == 1


async def test_the_first_fake_of_somebodyoff_the_pilot_list_asks_a_second_person(product: Product) -> None:
    floor = Floor(product)
    await product.store.run(off_the_pilot_list)
    await floor.ask(NORDLYS)
    card = await floor.card(MIKKEL, "C0BRAND01", "A second person must confirm your first Fake")
    assert "starts the takedown at once" in str(card["blocks"])
    await floor.click(MIKKEL, "C0BRAND01", card, "request_fake")
    waiting = await floor.card(INGRID, "C0BRAND01", "It is the first Fake of this person")
    assert await floor.effects() == []
    await floor.click(INGRID, "C0BRAND01", waiting, "request_confirm")
    await floor.card(INGRID, "C0BRAND01", "removed the listing")
    await floor.ask(SECOND_OF_NORDLYS)
    card = await floor.card(MIKKEL, "C0BRAND01", "Genuine or fake?")
    await floor.click(MIKKEL, "C0BRAND01", card, "request_fake")
    await floor.card(MIKKEL, "C0BRAND01", "removed the listing")
    assert [effect["count"] for effect in await floor.effects()] == [1, 1]


async def test_a_repeated_question_is_answered_from_memory_and_shown_on_the_first_card(
    product: Product,
) -> None:
    floor = Floor(product)
    await floor.ask(NORDLYS)
    card = await floor.card(MIKKEL, "C0BRAND01", "Genuine or fake?")
    await floor.click(MIKKEL, "C0BRAND01", card, "request_genuine")
    await floor.card(MIKKEL, "C0BRAND01", "*Genuine*, says")
    await floor.ask(NORDLYS)
    first = await floor.card(MIKKEL, "C0BRAND01", "The marketplace asked again")
    assert first["ts"] == card["ts"]

    async def heard() -> list[Json]:
        told = [each["data"] for each in await product.ws.market("received")]
        return [each for each in told if each["verdict"]["remembered"]]

    (again,) = await product.ws.wait_for(heard)
    assert (again["state"], again["verdict"]["answer"]) == ("answered", "genuine")


def off_the_pilot_list(session: Session) -> None:
    for holder in session.exec(select(RightsHolder)):
        holder.pilot = False
