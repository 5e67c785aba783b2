"""Sellers from end to end: a third strike, what each reader sees, a network's picture, two administrators."""

from datetime import timedelta
from typing import Any

import pytest

from bot.clock import utc_now
from bot.enforcement import networks
from tests.bot_under_test import Product
from tests.notice_desk import Desk as NoticeDesk
from tests.office import changed, go, press, texts, top, values
from tests.workspace import Json

pytest_plugins = ["tests.bot_under_test"]

CITY_KICKS = ("48143", "48155", "48381", "48606")  # listings of one seller, all Nordlys
FOOTWEAR = "48231"  # Nordlys, of another seller
QUICK_TIMEPIECES = "48392"  # Halden, of a seller with the same sender
LATER = 4 * 86400 + 60.0


class Desk:
    """People, and what they do over and over."""

    def __init__(self, product: Product) -> None:
        self.product, self.ws = product, product.ws
        names = ("Ingrid", "Mikkel", "Claire", "Wei", "Noor", "Ruth")
        self.ingrid, self.mikkel, self.claire, self.wei, self.noor, self.ruth = map(self.ws.member, names)
        self.nordlys, self.platform = self.ws.channel("brand-nordlys"), self.ws.channel("openbazaar-team")

    async def card(self, user: str, channel: str, holds: str) -> Json:
        """The newest message in a channel that holds some words."""

        async def look() -> Json | None:
            found = [each for each in await self.ws.messages(user, channel) if holds in texts(each)]
            return found[-1] if found else None

        seen = await self.ws.wait_for(look)
        assert seen is not None
        return seen

    async def click(self, user: str, message: Json, action_id: str) -> None:
        """Press a button of a message."""
        element = next(
            each
            for block in message["blocks"]
            for each in [*block.get("elements", []), block.get("accessory", {})]
            if each.get("action_id") == action_id
        )
        done = await self.ws.click(
            user,
            message["channel"],
            message["ts"],
            action_id,
            type="button",
            value=element.get("value", ""),
        )
        assert done == {"ok": True}, done

    async def remove(self, listing_id: str) -> Json:
        """A listing is asked about, called fake and removed; its card."""
        await self.ws.ask([listing_id])
        title = self.ws.server.market.memory.listings[listing_id].title[:20]

        async def look(state: str) -> Json | None:
            messages = await self.ws.messages(self.mikkel, self.nordlys)
            found = [each for each in messages if title in texts(each) and state in texts(each)]
            return found[-1] if found else None

        asked = await self.ws.wait_for(lambda: look("Genuine or fake?"))
        assert asked is not None
        asked["channel"] = self.nordlys
        await self.click(self.mikkel, asked, "request_fake")
        done = await self.ws.wait_for(lambda: look("removed the listing"))
        assert done is not None
        return {**done, "channel": self.nordlys}

    async def wait_days(self) -> None:
        """Four days go by, for the bot as well."""
        until = self.product.bot.clock() + timedelta(days=4)
        await self.ws.advance(LATER)

        async def there() -> bool:
            return self.product.bot.clock() >= until

        await self.ws.wait_for(there)

    async def strike_out(self) -> Json:
        """Three removals days apart; the last card."""
        await self.remove(CITY_KICKS[0])
        await self.wait_days()
        await self.remove(CITY_KICKS[1])
        await self.wait_days()
        return await self.remove(CITY_KICKS[2])

    async def seller(self, user: str, channel: str, typed: str) -> Json:
        """`/seller` with something to look for, and the page that opens."""
        answer = await self.ws.command(user, f"/seller {typed}".strip(), channel)
        assert answer.get("ok"), answer
        return await top(self.ws, user)


@pytest.fixture
def desk(product: Product) -> Desk:
    return Desk(product)


async def test_a_third_strike_proposes_a_ban_that_the_marketplace_carries_out(
    product_on_each: Product,
) -> None:
    desk = Desk(product_on_each)
    card = await desk.strike_out()
    proposed = await desk.card(desk.noor, desk.platform, "A ban is proposed")
    assert "city-kicks" in texts(proposed)
    assert "3 of 3 strikes" in texts(proposed)
    (sanction,) = await desk.ws.market("sanctions")
    assert (sanction["state"], sanction["measure"], len(sanction["webhook_ids"])) == ("proposed", "ban", 1)
    path = f"/sandbox/market/sanctions/{sanction['sanction_id']}/report"
    await desk.ws.post(path, {"state": "carried_out"})
    await desk.card(desk.noor, desk.platform, "Carried out by the marketplace")
    assert desk.ws.server.market.memory.listings[CITY_KICKS[3]].state == "removed"
    assert await desk.ws.messages(desk.mikkel, desk.platform) == []

    await desk.click(desk.mikkel, card, "office_go")
    page = texts(await top(desk.ws, desk.mikkel))
    assert "Carried out by the marketplace" in page
    assert "You see your own cases" in page


async def test_the_platform_team_answers_from_the_card(desk: Desk) -> None:
    await desk.strike_out()
    proposed = await desk.card(desk.wei, desk.platform, "A ban is proposed")
    proposed["channel"] = desk.platform
    await desk.click(desk.wei, proposed, "office_next")
    form = await top(desk.ws, desk.wei)
    assert (await desk.ws.submit(desk.wei, form["id"], {"reason": "The seller has *sold* the shop"})).get(
        "ok"
    )
    await desk.card(desk.wei, desk.platform, "Declined by the marketplace")


async def test_a_relisted_item_says_so_on_its_card_to_its_own_brand(desk: Desk) -> None:
    await desk.remove(CITY_KICKS[0])
    await desk.wait_days()
    await desk.ws.ask([CITY_KICKS[0]])
    card = await desk.card(desk.mikkel, desk.nordlys, "Relisted after its removal")
    assert "Genuine or fake?" in texts(card)


async def test_a_notice_leads_to_the_seller_of_its_listings(desk: Desk) -> None:
    await desk.remove(CITY_KICKS[0])
    notices = NoticeDesk(desk.product)
    one = await notices.file(notices.link(int(CITY_KICKS[0])))
    assert "Relisted after its removal" in texts(one)
    assert "Seller city-kicks" in texts(one)

    await desk.ws.ask([CITY_KICKS[1], FOOTWEAR])
    await notices.file(" ".join(notices.link(int(listing)) for listing in (CITY_KICKS[1], FOOTWEAR)))
    several = {**await desk.card(desk.mikkel, desk.nordlys, "Sellers"), "channel": desk.nordlys}
    await desk.click(desk.mikkel, several, "office_go")
    page = await top(desk.ws, desk.mikkel)
    assert "city-kicks" in texts(page)
    assert "s-1127" in texts(page)


async def test_each_reader_finds_and_sees_their_own_cases_alone(desk: Desk) -> None:
    await desk.remove(CITY_KICKS[0])
    own = await desk.seller(desk.ingrid, desk.nordlys, "city-k")
    assert "Questions to you" in texts(own)
    assert "Nordlys Fuze X" in texts(own)
    assert "Note a fact" not in texts(own)

    whole = await desk.seller(desk.wei, desk.platform, "S-1120".lower())
    assert "1 of 3 strikes" in texts(whole)
    assert "Nordlys AS" in texts(whole)
    link = f"{desk.ws.url}/item/{CITY_KICKS[0]}"
    assert "Nordlys AS" in texts(await desk.seller(desk.noor, desk.platform, link))

    halden = desk.ws.channel("brand-halden")
    for typed in ("city-kicks", "s-1120", link):
        await desk.ws.command(desk.claire, f"/seller {typed}", halden)
        assert await desk.ws.views(desk.claire) == []
    page = f"seller:{_seller_id(whole)}"
    await desk.ws.command(desk.claire, "/goodfaith", halden)
    menu = await top(desk.ws, desk.claire)
    await desk.ws.click_view(
        desk.claire, menu["id"], "office_go", block_id=menu["blocks"][-3]["block_id"], value=page
    )
    assert "city-kicks" not in texts(await top(desk.ws, desk.claire))


async def test_the_search_offers_what_begins_like_that(desk: Desk) -> None:
    await desk.remove(CITY_KICKS[0])
    page = await desk.seller(desk.ingrid, desk.nordlys, "")
    (option,) = (await desk.ws.options(desk.ingrid, page["id"], "seller_pick", "CITY"))["options"]
    assert option["text"]["text"] == "city-kicks · s-1120"
    await desk.ws.click_view(
        desk.ingrid, page["id"], "seller_pick", type="external_select", selected_option=option
    )
    assert "city-kicks" in texts(await changed(desk.ws, desk.ingrid, page))
    offered = await desk.ws.options(desk.claire, (await _empty_search(desk))["id"], "seller_pick", "city")
    assert offered["options"] == []


async def test_a_fact_links_two_sellers_and_the_network_comes_as_a_picture(desk: Desk) -> None:
    await desk.ws.ask([CITY_KICKS[0]])
    await desk.ws.ask([QUICK_TIMEPIECES])
    await desk.product.store.run(networks.link_new, now=utc_now())
    view = await desk.seller(desk.wei, desk.platform, "city-kicks")
    assert "quick-timepieces · shipment" in texts(view)
    seller_id = _seller_id(view)
    form = await press(desk.ws, desk.wei, view, f"fact_form:{seller_id}")
    filled = {"kind": "contact", "text": "wei@seller.example"}
    assert (await desk.ws.submit(desk.wei, form["id"], filled)).get("ok")
    view = await changed(desk.ws, desk.wei, form)
    view = await press(desk.ws, desk.wei, view, f"network:{seller_id}")
    assert "Sender 4471, Port Depot" in texts(view)
    view = await press(desk.ws, desk.wei, view, seller_id)
    assert "on its way" in texts(view)

    async def picture() -> list[Any]:
        messages = await desk.ws.direct_messages(desk.wei)
        return [each for each in messages if "Network of city-kicks" in str(each)]

    assert await desk.ws.wait_for(picture)

    own = await desk.seller(desk.ingrid, desk.nordlys, "city-kicks")
    for secret in ("quick-timepieces", "Sender 4471", "wei@seller.example"):
        assert secret not in texts(own)


async def test_a_policy_is_tried_proposed_and_switched_on_by_a_second_administrator(desk: Desk) -> None:
    await desk.remove(CITY_KICKS[0])
    view = await go(desk.ws, desk.noor, desk.platform, "policies")
    client = next(value for value in values(view) if value.startswith("policy:")).partition(":")[2]
    view = await press(desk.ws, desk.noor, view, f"policy:{client}")
    assert "Three strikes, version 1" in texts(view)
    form = await press(desk.ws, desk.noor, view, f"policy_form:{client}")
    wrong = await desk.ws.submit(desk.noor, form["id"], {"policy": "points", "valid": "0", "apart": "0"})
    assert wrong.get("errors"), wrong
    filled = {"policy": "points", "valid": "365"}  # the days apart as they are published
    assert (await desk.ws.submit(desk.noor, form["id"], filled)).get("ok")
    trial = await changed(desk.ws, desk.noor, form)
    assert "Severe warning" in texts(trial)
    await press(desk.ws, desk.noor, trial, f"policy_trial:{client}-points-365-0")

    async def asked() -> Json | None:
        found = await desk.ws.direct_messages(desk.ruth)
        return next((each for each in found if "this policy: *Points*" in texts(each)), None)

    proposal = await desk.ws.wait_for(asked)
    assert proposal is not None
    await desk.click(desk.ruth, proposal, "office_review")
    review = await top(desk.ws, desk.ruth)
    assert (await desk.ws.submit(desk.ruth, review["id"])).get("ok")
    await desk.ws.close_view(desk.noor, trial["id"], clear=True)
    view = await go(desk.ws, desk.noor, desk.platform, "policies", f"policy:{client}")
    assert "Points, version 2" in texts(view)


async def test_the_platform_team_keeps_the_banned_goods(desk: Desk) -> None:
    view = await go(desk.ws, desk.wei, desk.platform, "policies")
    client = next(value for value in values(view) if value.startswith("policy:")).partition(":")[2]
    view = await press(desk.ws, desk.wei, view, f"policy:{client}")
    assert "Try a policy" not in texts(view)
    view = await press(desk.ws, desk.wei, view, f"bans:{client}")
    assert "Air-bag inflators" in texts(view)
    form = await press(desk.ws, desk.wei, view, f"ban_form:{client}")
    again = await desk.ws.submit(
        desk.wei, form["id"], {"goods": "AIR-BAG inflators and modules", "reason": ""}
    )
    assert "already" in str(again["errors"]["goods"])
    assert (await desk.ws.submit(desk.wei, form["id"], {"goods": "Lock picks", "reason": "Law"})).get("ok")
    view = await changed(desk.ws, desk.wei, form)
    assert "Lock picks" in texts(view)
    ban = next(
        block["accessory"]["value"]
        for block in view["blocks"]
        if "Lock picks" in str(block.get("text")) and "accessory" in block
    )
    assert "Lock picks" not in texts(await press(desk.ws, desk.wei, view, ban))


async def _empty_search(desk: Desk) -> Json:
    return await desk.seller(desk.claire, desk.ws.channel("brand-halden"), "")


def _seller_id(view: Json) -> str:
    return next(value for value in values(view) if value.startswith("fact_form:")).partition(":")[2]
