"""App Home as each role sees it, and that it stays whole, small and quick however much there is to show."""

import re
from typing import Any

import aiohttp
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.words.catalogue import words_for
from handlers.drawn.home import draw_home
from storage.records.roster import Person, RightsHolder
from tests.bot_under_test import Product
from tests.office import go, texts

pytest_plugins = ["tests.bot_under_test"]


async def opened(product: Product, name: str, seen: str = "") -> dict[str, Any]:
    """A person's App Home after they opened it, once it says `seen`."""
    ws, user = product.ws, product.ws.member(name)
    await ws.open_home(user)

    async def look() -> dict[str, Any] | None:
        home = await ws.home(user)
        return home if home and seen in texts(home) else None

    found = await ws.wait_for(look)
    assert found is not None
    return found


async def seen(product: Product, user: str, sentence: str) -> dict[str, Any]:
    """A person's App Home once it says this, without their opening it again."""

    async def look() -> dict[str, Any] | None:
        home = await product.ws.home(user)
        return home if home and sentence in texts(home) else None

    found = await product.ws.wait_for(look)
    assert found is not None
    return found


async def press(
    product: Product, user: str, home: dict[str, Any], action_id: str, sentence: str
) -> dict[str, Any]:
    """Press a button of App Home; the view once it says this."""
    value = next(
        element["value"]
        for block in home["blocks"]
        for element in block.get("elements", [])
        if element.get("action_id") == action_id
    )
    answer = await product.ws.click_view(user, home["id"], action_id, type="button", value=value)
    assert answer.get("ok"), answer
    return await seen(product, user, sentence)


async def published(product: Product) -> int:
    """How often the bot has published an App Home."""
    return len(await product.ws.calls("views.publish"))


def actions_of(home: dict[str, Any]) -> set[str]:
    return {
        element["action_id"]
        for block in home["blocks"]
        for element in [*block.get("elements", []), block.get("accessory", {})]
        if "action_id" in element
    }


async def test_an_open_request_stands_in_the_homes_of_its_experts_alone(product: Product) -> None:
    ws = product.ws
    found = await ws.market("listings", q="Nordlys")
    listing = found["listings"][0]
    await ws.ask([listing["id"]], brand="Nordlys", deadline_hours=5)
    home = await opened(product, "Mikkel", listing["title"][:20])
    assert "waits for an answer" in texts(home)
    assert "left" in texts(home)
    other = await opened(product, "Claire")
    assert listing["title"][:20] not in texts(other)


async def test_a_request_without_a_brand_waits_for_the_platform_team(product: Product) -> None:
    ws = product.ws
    found = await ws.market("listings", q="Nordlys")
    await ws.ask([found["listings"][0]["id"]], brand="No such brand")
    home = await opened(product, "Wei", "No such brand")
    assert "request_assign" in actions_of(home)


async def test_a_person_whose_account_was_closed_loses_everything_at_once(product: Product) -> None:
    user = product.ws.member("Mikkel")
    await product.ws.change_person(user, deleted=True)

    def closed(session: Session) -> bool:
        return session.exec(select(Person.is_deleted).where(col(Person.user_id) == user)).one()

    async def look() -> bool:
        return await product.store.read(closed)

    assert await product.ws.wait_for(look)
    view = await product.store.read(draw_home, user, words_for("en"), utc_now())
    assert "You are on no roster yet" in texts(view)


async def test_a_change_of_locale_or_zone_is_known_at_once(product: Product) -> None:
    user = product.ws.member("Mikkel")
    await product.ws.change_person(user, tz="Asia/Tokyo")

    def zone(session: Session) -> str:
        return session.exec(select(Person.zone).where(col(Person.user_id) == user)).one()

    async def look() -> bool:
        return await product.store.read(zone) == "Asia/Tokyo"

    assert await product.ws.wait_for(look)


async def test_what_slack_says_of_a_person_is_read_again_when_it_is_old(product: Product) -> None:
    user = product.ws.member("Gail")

    def forget(session: Session) -> None:
        person = session.exec(select(Person).where(col(Person.user_id) == user)).one()
        person.name, person.is_guest, person.profile_at = "", False, None
        session.add(person)

    def known(session: Session) -> tuple[str, bool]:
        return session.exec(select(Person.name, Person.is_guest).where(col(Person.user_id) == user)).one()

    async def look() -> bool:
        return tuple(await product.store.read(known)) == ("Gail Porter", True)

    await product.store.run(forget)
    await product.ws.open_home(user)
    assert await product.ws.wait_for(look)


async def test_a_home_is_walked_through_its_pages_and_stays_where_it_was_when_it_changes(
    product: Product,
) -> None:
    ws = product.ws
    mikkel, channel = ws.member("Mikkel"), "C0BRAND01"
    listings = (await ws.market("listings", q="Nordlys"))["listings"][:2]
    await ws.ask([listing["id"] for listing in listings])

    async def cards() -> list[dict[str, Any]]:
        found = [message for message in await ws.messages(mikkel, channel) if message["bot"]]
        return found if len(found) == 2 else []

    first = (await ws.wait_for(cards))[0]
    home = await opened(product, "Mikkel", "waits for an answer")
    await press(product, mikkel, home, "home_tab_figures", "2 listings asked about")
    button = next(
        e for b in first["blocks"] for e in b.get("elements", []) if e.get("action_id") == "request_fake"
    )
    await ws.click(mikkel, channel, first["ts"], "request_fake", type="button", value=button["value"])
    home = await seen(product, mikkel, "1 takedown, 1 removed")
    assert "Answers: 1 fake, 0 genuine, 0 other" in texts(home)
    home = await press(product, mikkel, home, "home_tab_now", "removed: ")
    await press(product, mikkel, home, "home_tab_company", "Account manager: ")
    assert "Nordlys" not in texts(await opened(product, "Claire"))


async def test_an_administrator_names_an_account_manager_whom_the_company_sees_at_once(
    product: Product,
) -> None:
    ws = product.ws
    mikkel, admin, lobby = ws.member("Mikkel"), ws.member("Ruth"), ws.channel("alliance-lobby")
    home = await opened(product, "Mikkel", f"<@{ws.member('Wei')}>")
    holder = await product.store.read(holder_named, "nordlys as")
    view = await go(ws, admin, lobby, "holders", f"holder:{holder}", f"manager_form:{holder}")
    answer = await ws.submit(admin, view["id"], {"manager": ws.member("Ingrid"), "deputy": None})
    assert answer == {"errors": {"manager": "Pick somebody of the platform's team."}}
    answer = await ws.submit(admin, view["id"], {"manager": ws.member("Noor"), "deputy": ws.member("Wei")})
    assert answer.get("ok"), answer
    await seen(product, mikkel, f"Account manager: <@{ws.member('Noor')}>")
    staff = await opened(product, "Noor")
    staff = await press(product, ws.member("Noor"), staff, "home_tab_company", "Nordlys AS")
    answer = await ws.click_view(
        ws.member("Noor"), staff["id"], "home_away", type="datepicker", selected_date=str(utc_now().date())
    )
    assert answer.get("ok"), answer
    await seen(product, mikkel, "stands in")
    assert home["id"]


def holder_named(session: Session, name_key: str) -> str:
    return session.exec(select(RightsHolder.id).where(col(RightsHolder.name_key) == name_key)).one()


async def test_a_burst_of_changes_is_shown_in_few_publishes_and_only_to_who_looks(product: Product) -> None:
    ws = product.ws
    mikkel = ws.member("Mikkel")
    await opened(product, "Mikkel", "Nothing waits")
    before = await published(product)
    listings = (await ws.market("listings", q="Nordlys"))["listings"][:2]
    for number in range(25):
        await ws.ask([listings[number % 2]["id"]], brand="Nordlys")
    await seen(product, mikkel, "Page 1 of")
    assert await published(product) - before <= 12


async def test_how_long_an_interaction_took_is_measured(product: Product) -> None:
    await opened(product, "Wei")
    async with aiohttp.ClientSession() as session, session.get(f"{product.url}/metrics") as answer:
        figures = await answer.text()
    counted = re.search(r'goodfaith_interaction_seconds_count{kind="event"} (\d+)', figures)
    assert counted is not None
    assert int(counted[1]) >= 1
