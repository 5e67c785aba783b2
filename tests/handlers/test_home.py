"""App Home as each role sees it, and that it stays whole, small and quick however much there is to show."""

import json
import re
import time
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.enforcement import roster
from bot.enforcement.access import OPERATOR, Actor
from bot.words.catalogue import words_for
from handlers.drawn.home import draw_home, draw_home_page
from storage.records.authenticity import AuthenticityRequest, RequestState
from storage.records.listings import Listing
from storage.records.notices import NoticeDraft
from storage.records.platform import PlatformClient
from storage.records.roster import Brand, Person, RightsHolder, Role
from tests.bot_under_test import Product
from tests.office import texts

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


def actions_of(home: dict[str, Any]) -> set[str]:
    return {
        element["action_id"]
        for block in home["blocks"]
        for element in [*block.get("elements", []), block.get("accessory", {})]
        if "action_id" in element
    }


@pytest.mark.parametrize(
    ("name", "says", "offers", "hides"),
    [
        (
            "Mikkel",
            ["expert at Nordlys AS", "Needs you now", "Notices"],
            ["home_file_notice"],
            ["Administration"],
        ),
        ("Ingrid", ["lead at Nordlys AS"], ["home_manage_roster", "home_register_right"], ["Tansy"]),
        ("Fiona", ["association officer", "Your working groups"], ["home_file_notice"], ["Tansy"]),
        ("Wei", ["platform staff", "Requests without a brand"], [], ["Needs you now", "Administration"]),
        ("Noor", ["administrator", "Administration"], ["office_go"], ["Needs you now"]),
        ("Gail", ["You are on no roster yet"], ["home_help"], ["Notices", "Administration"]),
    ],
)
async def test_each_role_sees_its_own_sections(
    product: Product, name: str, says: list[str], offers: list[str], hides: list[str]
) -> None:
    home = await opened(product, name)
    for sentence in says:
        assert sentence in texts(home)
    assert set(offers) <= actions_of(home)
    for sentence in hides:
        assert sentence not in texts(home)


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


async def test_a_home_with_everything_on_it_keeps_to_slacks_limits_and_turns_its_pages(
    product: Product,
) -> None:
    user = product.ws.member("Ingrid")
    await product.store.run(fill, user)
    actor = Actor(product.ws.sandbox.memory.team_id, user)
    view = await product.store.read(draw_home, user, words_for("en"), utc_now())
    assert len(view["blocks"]) <= 100
    assert len(json.dumps(view)) < 250_000
    assert "Listing 0 " in texts(view)
    assert "Page 1 of 4, 35 in all" in texts(view)
    turned = await product.store.read(draw_home_page, actor, {"requests": 3}, utc_now())
    assert "Listing 34 " in texts(turned)
    assert "Listing 0 " not in texts(turned)


async def test_a_full_home_is_drawn_in_few_milliseconds(product: Product) -> None:
    user = product.ws.member("Ingrid")
    await product.store.run(fill, user)
    took = []
    for _ in range(5):
        began = time.thread_time()
        product.store.read_sync(draw_home, user, words_for("en"), utc_now())
        took.append(time.thread_time() - began)
    assert min(took) < 0.15


def fill(session: Session, user_id: str) -> None:
    """Give one person every role, and more of everything than a page holds."""
    now = utc_now()
    person = session.exec(select(Person).where(col(Person.user_id) == user_id)).one()
    for holder in session.exec(select(RightsHolder)).all():
        if not roster.give(session, OPERATOR, person, Role.LEAD, holder.id, now):
            continue
    for role in (Role.ADMINISTRATOR, Role.PLATFORM_STAFF):
        roster.give(session, OPERATOR, person, role, "", now)
    client = session.exec(select(PlatformClient)).one()
    brands = session.exec(select(Brand)).all()
    for number in range(60):
        brand = brands[number % len(brands)]
        unrouted = number >= 35
        listing = Listing(
            key=f"openbazaar:full-{number}",
            key_version=1,
            marketplace="openbazaar",
            url=f"https://market.example/item/full-{number}",
            title=f"Listing {number} " + "<!channel> *bold* " * 20,
            first_seen_at=now,
        )
        session.add(listing)
        session.flush()
        session.add(
            AuthenticityRequest(
                client_id=client.id,
                external_id=f"full-{number}",
                body_hash="0",
                brand_named=brand.name,
                brand_id=None if unrouted else brand.id,
                holder_id=None if unrouted else brand.holder_id,
                listing_id=listing.id,
                snapshot={},
                reasons=[],
                deadline=now + timedelta(hours=number),
                state=RequestState.UNROUTED if unrouted else RequestState.OPEN,
                created_at=now,
                changed_at=now,
            )
        )
    for _ in range(9):
        session.add(
            NoticeDraft(
                person_id=person.id,
                body={"form": {"links": ["https://a.example/1\n", ""]}},
                created_at=now,
                changed_at=now,
            )
        )


async def test_own_figures_count_ones_own_cases_and_nobody_elses(product: Product) -> None:
    ws = product.ws
    mikkel, channel = ws.member("Mikkel"), "C0BRAND01"
    listings = (await ws.market("listings", q="Nordlys"))["listings"][:2]
    await ws.ask([listing["id"] for listing in listings])

    async def cards() -> list[dict[str, Any]]:
        found = [message for message in await ws.messages(mikkel, channel) if message["bot"]]
        return found if len(found) == 2 else []

    first = (await ws.wait_for(cards))[0]
    button = next(
        e for b in first["blocks"] for e in b.get("elements", []) if e.get("action_id") == "request_fake"
    )
    await ws.click(mikkel, channel, first["ts"], "request_fake", type="button", value=button["value"])
    home = await opened(product, "Mikkel", "1 takedown, 1 removed")
    assert "2 listings asked about" in texts(home)
    assert "Answers: 1 fake, 0 genuine, 0 other" in texts(home)
    assert "Your figures" not in texts(await opened(product, "Claire"))


async def test_how_long_an_interaction_took_is_measured(product: Product) -> None:
    await opened(product, "Wei")
    async with aiohttp.ClientSession() as session, session.get(f"{product.url}/metrics") as answer:
        figures = await answer.text()
    counted = re.search(r'goodfaith_interaction_seconds_count{kind="event"} (\d+)', figures)
    assert counted is not None
    assert int(counted[1]) >= 1
