"""Standing from end to end: earned and lost in the brand's channel, looked at, set and ruled by hand."""

from datetime import timedelta
from typing import Any

import aiohttp
from sqlmodel import Session, col, select

from bot.enforcement import standing
from bot.enforcement.standing import Delta
from storage.records.roster import RightsHolder, Standing
from storage.records.standing import StandingChange
from tests.bot_under_test import Product
from tests.notice_desk import PATIENCE, shown
from tests.office import changed, go, home_at, press, texts, top, values

pytest_plugins = ["tests.bot_under_test"]

FAKE = "counterfeit_no_test_buy"
NORDLYS, BRIGHTWATER = "C0BRAND01", "C0BRAND08"
INGRID, MIKKEL, LENA = "U0INGRID1", "U0MIKKEL1", "U0LENA001"


def holder(product: Product, name: str) -> RightsHolder:
    def read(session: Session) -> RightsHolder:
        return session.exec(select(RightsHolder).where(col(RightsHolder.name) == name)).one()

    return product.store.read_sync(read)


async def give(product: Product, name: str, decided: int, removed: int, upheld: int = 0) -> None:
    """So many decisions at once, as the hooks count them."""
    now = product.bot.clock()
    delta = Delta(holder(product, name).id, now.date(), FAKE, decided, removed, upheld)
    await product.store.run(standing.count, [delta], now=now)


async def saying(product: Product, user: str, channel: str, words: str) -> dict[str, Any]:
    """The newest message of a channel that says something, or has a button of that name."""

    async def look() -> dict[str, Any] | None:
        found = [
            m
            for m in await product.ws.messages(user, channel)
            if words in shown(m) or words in str(m["blocks"])
        ]
        return found[-1] if found else None

    message = await product.ws.wait_for(look, PATIENCE)
    assert message is not None
    return message


async def _says_no_more(product: Product, ts: str, words: str) -> bool:
    messages = await product.ws.messages(LENA, BRIGHTWATER)
    return not any(words in shown(m) for m in messages if m["ts"] == ts)


async def test_a_brand_earns_standing_is_warned_and_loses_it_in_its_channel(product: Product) -> None:
    ws = product.ws
    await give(product, "Brightwater Outdoor GmbH", 20, 20)
    told = await saying(product, LENA, BRIGHTWATER, "has earned good-faith standing")
    assert "100%*: 20 removed of 20 decided; at least 90%" in shown(told)
    assert "2 more upheld counter-notices, and standing is lost" in shown(told)

    (asked,) = await ws.ask(["48163"])
    assert "error" not in asked, asked
    await saying(product, LENA, BRIGHTWATER, "takedown at once")
    await give(product, "Brightwater Outdoor GmbH", 0, 0, 1)
    warned = await saying(product, LENA, BRIGHTWATER, "is close to losing")
    assert "1 more upheld counter-notice, and standing is lost" in shown(warned)
    assert holder(product, "Brightwater Outdoor GmbH").standing is Standing.WARNED

    await give(product, "Brightwater Outdoor GmbH", 0, 0, 1)
    lost = await saying(product, LENA, BRIGHTWATER, "has lost good-faith standing, until")
    assert "10%*: 2 of 20 removed; at most 5%" in shown(lost)
    assert "a second person confirms each Fake" in shown(lost)
    card = await saying(product, LENA, BRIGHTWATER, "request_fake")
    await ws.wait_for(lambda: _says_no_more(product, card["ts"], "takedown at once"), PATIENCE)
    for rival in ws.sandbox.memory.messages.items():
        if rival[0] != BRIGHTWATER:
            assert not any("good-faith standing" in str(m.blocks) for m in rival[1]), rival[0]


async def test_a_refusal_at_the_marketplace_counts_and_the_nightly_recount_agrees(product: Product) -> None:
    ws = product.ws
    await give(product, "Nordlys AS", 20, 18)
    await ws.ask(["48143"])
    card = await saying(product, MIKKEL, NORDLYS, "request_fake")
    await ws.click(MIKKEL, NORDLYS, card["ts"], "request_fake")

    async def counted() -> bool:
        def read(session: Session) -> bool:
            force, now = standing.in_force(session), product.bot.clock()
            nordlys = session.exec(select(RightsHolder).where(col(RightsHolder.name) == "Nordlys AS")).one()
            return standing.figures_of(session, nordlys.id, force.rule, now).total.removed == 19

        return await product.store.read(read)

    await ws.wait_for(counted, PATIENCE)
    await ws.advance(timedelta(days=1).total_seconds())
    # What was given by hand stands in no case: the recount finds it, puts it right and says so.
    await saying(product, ws.member("Wei"), ws.channel("openbazaar-team"), "recount of standings found 1")
    async with aiohttp.ClientSession() as session, session.get(f"{product.url}/metrics") as answer:
        assert "goodfaith_standing_recount_wrong 1.0" in await answer.text()


async def test_home_shows_standing_and_leads_to_its_figures_and_no_rival_sees_them(product: Product) -> None:
    ws = product.ws
    await give(product, "Nordlys AS", 57, 54, 1)
    await home_at(ws, INGRID, "figures", "54 of 57")
    view = await go(ws, MIKKEL, NORDLYS, f"standing:{holder(product, 'Nordlys AS').id}")
    page = texts(view)
    assert "Takedown success *94.7%*: 54 removed of 57 decided; at least 90%." in page
    assert "Counter-notices upheld *1.9%*: 1 of 54 removed; at most 5%." in page
    assert "Founding member" in page
    assert not any(value.startswith("standing_form") for value in values(view))
    rival = await go(ws, LENA, BRIGHTWATER)
    assert not any(value == f"standing:{holder(product, 'Nordlys AS').id}" for value in values(rival))
    assert "standings" not in values(rival)


async def test_two_administrators_choose_another_rule_and_everybody_is_judged_by_it(product: Product) -> None:
    ws, admin, second = product.ws, product.ws.member("Noor"), product.ws.member("Ruth")
    await give(product, "Brightwater Outdoor GmbH", 100, 100, 3)
    await saying(product, LENA, BRIGHTWATER, "has earned good-faith standing")
    view = await go(ws, admin, ws.channel("openbazaar-team"), "standings")
    assert "*Brightwater Outdoor GmbH* · Good faith" in texts(view)
    view = await press(ws, admin, view, "standing_rule_form")
    answer = await ws.submit(admin, view["id"], {"version": "2022-04", "enrolment": "everybody"})
    assert "rule in force" in answer["errors"]["version"]
    answer = await ws.submit(admin, view["id"], {"version": "2015-04", "enrolment": "everybody"})
    assert answer.get("ok"), answer
    assert "Waits for another administrator" in texts(await changed(ws, admin, view))

    view = await go(ws, second, ws.channel("alliance-lobby"), "approvals")
    assert "another rule: *2015, one month and 1.5%*" in texts(view)
    review = next(value for value in values(view) if value.startswith("approval:"))
    view = await press(ws, second, view, review)
    assert (await ws.submit(second, view["id"])).get("ok")
    await ws.advance(61)
    lost = await saying(product, LENA, BRIGHTWATER, "has lost good-faith standing")
    assert "at most 1.5%" in shown(lost)


async def test_what_two_people_set_by_hand_is_told_with_its_reason(product: Product) -> None:
    ws, admin, second = product.ws, product.ws.member("Noor"), product.ws.member("Ruth")
    holder_id = holder(product, "Brightwater Outdoor GmbH").id
    view = await go(
        ws,
        admin,
        ws.channel("openbazaar-team"),
        "standings",
        f"standing:{holder_id}",
        f"standing_form:{holder_id}",
    )
    asked = {"standing": "good_faith", "reason": "A trial agreed in the committee"}
    assert (await ws.submit(admin, view["id"], asked)).get("ok")
    view = await go(ws, second, ws.channel("alliance-lobby"), "approvals")
    assert "A trial agreed in the committee" in texts(view)
    review = next(value for value in values(view) if value.startswith("approval:"))
    view = await press(ws, second, view, review)
    assert (await ws.submit(second, view["id"])).get("ok")
    told = await saying(product, LENA, BRIGHTWATER, "Two administrators changed the standing")
    assert "A trial agreed in the committee" in shown(told)

    def change(session: Session) -> StandingChange:
        return session.exec(select(StandingChange).where(col(StandingChange.holder_id) == holder_id)).one()

    kept = product.store.read_sync(change)
    assert kept.by.endswith(second)
    await ws.click(LENA, BRIGHTWATER, told["ts"], "office_go")
    assert "By hand" in texts(await top(ws, LENA))
