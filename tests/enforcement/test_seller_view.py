"""What of a seller each reader learns: of a rival's cases nothing, not even that there are some."""

from datetime import timedelta

import pytest

from bot.contract.sellers import SanctionReport
from bot.contract.takedowns import TakedownReport
from bot.enforcement import sanctions, seller_view, strike_policies, takedown_progress
from bot.enforcement.access import OPERATOR, Denied
from storage.engine import Store
from storage.records.listings import Seller
from storage.records.sellers import Sanction
from storage.records.takedowns import Takedown
from tests.enforcement.request_world import NOW, OWN, World, build, question, who

DAY = timedelta(days=1)
EXPERT = {"Nordlys": "ines", "Halden": "petra", "Oriel": "sam", "Kestrel": "kay"}


@pytest.fixture
def world(store: Store) -> World:
    return build(store)


def asked(world: World, brand: str, item: str, day: float = 0, seller: str = "s-17") -> str:
    """A brand is asked about a listing whose title names the brand; the request's id."""
    about = question(brand, item)
    about["listing"] |= {"title": f"canary-{brand}-{item}", "seller": {"id": seller, "name": "Shoe.Corner"}}
    (received,) = world.receive(about, now=NOW + day * DAY)
    return received.id


def removed(world: World, brand: str, item: str, day: float) -> None:
    request_id = asked(world, brand, item, day)
    expert = EXPERT[brand]
    known = {row.id for row in world.rows(Takedown)}
    world.answer(expert, request_id, now=NOW + day * DAY)
    for row in world.rows(Takedown):
        if row.id not in known:
            told = TakedownReport.model_validate({"event_id": row.id, "state": "removed"})
            world.store.run_sync(
                takedown_progress.report_takedown, world.client, row.id, told, now=NOW + day * DAY
            )


def seller_of(world: World, external_id: str = "s-17") -> str:
    return str(world.one(Seller, external_id=external_id).id)


def test_a_rival_s_cases_do_not_show(world: World) -> None:
    removed(world, "Nordlys", "1", 0)
    removed(world, "Nordlys", "2", 5)
    asked(world, "Halden", "3", 6)
    seller_id = seller_of(world)
    whole = world.store.read_sync(seller_view.sheet, who("pia"), seller_id, NOW + 7 * DAY)
    assert (whole.standing, whole.listings, whole.whole) == (2, 3, True)
    own = world.store.read_sync(seller_view.sheet, who("petra"), seller_id, NOW + 7 * DAY)
    assert (own.standing, own.asked, own.takedowns, own.listings) == (0, 1, {}, None)
    assert (own.count, own.sanctions, own.relistings, own.strikes) == (None, (), [], [])
    assert own.others is None
    assert "canary-Nordlys" not in repr(own)


def test_a_seller_without_a_case_of_one_s_own_is_as_missing_as_none(world: World) -> None:
    removed(world, "Nordlys", "1", 0)
    seller_id = seller_of(world)
    for stranger in ("petra", "nobody", "guest"):
        with pytest.raises(Denied):
            world.store.read_sync(seller_view.sheet, who(stranger), seller_id, NOW)
    for typed in ("Shoe", "s-17", "https://market.example/item/1"):
        assert list(world.store.read_sync(seller_view.search, who("petra"), typed, OWN)) == []
        (found,) = world.store.read_sync(seller_view.search, who("ines"), typed, OWN)
        assert found.id == seller_id


def test_what_the_marketplace_carried_out_is_public_and_what_is_only_proposed_is_not(world: World) -> None:
    given = {"client_id": world.client.client_id, "policy": "three_strikes", "valid": "365", "apart": "3"}
    world.store.run_sync(strike_policies.switch, OPERATOR, given, now=NOW)
    for item, day in (("1", 0), ("2", 4), ("3", 8)):
        removed(world, "Nordlys", item, day)
    asked(world, "Halden", "4", 9)
    seller_id = seller_of(world)
    own = world.store.read_sync(seller_view.sheet, who("petra"), seller_id, NOW + 9 * DAY)
    assert (own.sanctions, own.carried_out) == ((), [])
    (sanction,) = world.rows(Sanction)
    done = SanctionReport.model_validate({"event_id": "e", "state": "carried_out"})
    world.store.run_sync(sanctions.report_sanction, world.client, sanction.id, done, now=NOW + 9 * DAY)
    own = world.store.read_sync(seller_view.sheet, who("petra"), seller_id, NOW + 9 * DAY)
    assert [row.measure.value for row in own.carried_out] == ["ban"]


def test_of_all_members_a_rounded_number_shows_once_there_are_enough(world: World) -> None:
    number = 0
    for brand in ("Nordlys", "Kestrel", "Oriel"):
        for _ in range(3):
            number += 1
            removed(world, brand, str(number), number * 0.1)
    asked(world, "Halden", "99", 1)
    seller_id = seller_of(world)
    today = world.store.read_sync(seller_view.sheet, who("petra"), seller_id, NOW + timedelta(hours=2))
    assert today.others is None  # of a day that is not over nothing shows
    later = world.store.read_sync(seller_view.sheet, who("petra"), seller_id, NOW + 3 * DAY)
    if later.others is not None:  # small members' Fakes wait for a second person where one is asked
        assert later.others[1] % 5 == 0


def test_search_finds_the_beginning_of_a_name_whatever_its_case_and_never_reads_patterns(
    world: World,
) -> None:
    asked(world, "Nordlys", "1")
    asked(world, "Nordlys", "2", seller="s-18")
    for typed, many in (
        ("shoe", 2),
        ("SHOE.C", 2),
        ("corner", 0),
        ("%", 0),
        ("sho_", 0),
        ("S-17", 0),
        ("s-17", 1),
    ):
        assert len(world.store.read_sync(seller_view.search, who("pia"), typed, OWN)) == many, typed


def test_whose_cases_a_reader_may_see(world: World) -> None:
    with pytest.raises(Denied):
        world.store.read_sync(seller_view.reach, who("nobody"))
    assert world.store.read_sync(seller_view.reach, who("pia")) is None
    assert world.store.read_sync(seller_view.reach, who("ines")) == {world.holders["Nordlys"]}
