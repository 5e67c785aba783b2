"""Sellers who share something become one group, however and in whatever order it comes in."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.enforcement import networks, seller_view
from bot.enforcement.access import Denied
from bot.enforcement.networks import TOO_COMMON, Fact, groups, value_hash
from bot.enforcement.refusals import Refused
from storage.engine import Store
from storage.records.authenticity import AuthenticityRequest
from storage.records.listings import Seller
from storage.records.sellers import SellerTrait, TraitKind
from tests.enforcement.request_world import NOW, World, build, question, who


@pytest.fixture
def world(store: Store) -> World:
    return build(store)


def sell(world: World, seller: str, item: str, **known: Any) -> str:
    """The marketplace asks about a seller's listing and tells what it knows of them; the seller's id."""
    asked = question(item=item)
    asked["listing"]["pictures"] = known.pop("pictures", [])
    asked["listing"]["seller"] = {"id": seller, "name": seller, **known}
    world.receive(asked)
    return str(world.one(Seller, external_id=seller).id)


def link(world: World) -> None:
    world.store.run_sync(networks.link_new, now=NOW)


def together(world: World) -> set[frozenset[str]]:
    """The networks, each as the names of its sellers."""
    found: dict[str, set[str]] = {}
    for seller in world.rows(Seller):
        if seller.network_id:
            found.setdefault(seller.network_id, set()).add(seller.external_id)
    return {frozenset(names) for names in found.values()}


def test_what_is_shared_makes_one_group_step_by_step(world: World) -> None:
    sell(world, "a", "1", contacts=["+47 900 00 001"], pictures=["https://market.example/p/1.jpg"])
    sell(world, "b", "2", contacts=["+4790000001"])
    sell(world, "c", "3", addresses=["Harbour Road 5, Bergen"])
    link(world)
    assert together(world) == {frozenset("ab")}
    sell(world, "d", "4", addresses=["harbour road 5 / BERGEN"], shipments=["Sender 77-X"])
    link(world)
    assert together(world) == {frozenset("ab"), frozenset("cd")}
    sell(world, "e", "5", shipments=["sender 77 x"], pictures=["https://market.example/p/1.jpg"])
    link(world)
    assert together(world) == {frozenset("abcde")}
    assert all(trait.linked_at for trait in world.rows(SellerTrait))


def test_what_everybody_shares_links_nobody(world: World) -> None:
    for number in range(TOO_COMMON + 1):
        sell(world, f"s{number}", str(number), pictures=["https://market.example/catalogue.jpg"])
    link(world)
    assert together(world) == set()


def test_what_links_sellers_stays_out_of_the_request(world: World) -> None:
    sell(world, "a", "1", contacts=["a@seller.example"])
    (request,) = world.rows(AuthenticityRequest)
    assert request.snapshot["seller"] == {"id": "a", "name": "a"}


def test_a_fact_of_the_platform_team_links_at_once(world: World) -> None:
    first, second = sell(world, "a", "1"), sell(world, "b", "2")
    for seller_id in (first, second):
        world.store.run_sync(
            networks.note_fact, who("pia"), seller_id, TraitKind.CONTACT, "wei@x.example", now=NOW
        )
    assert together(world) == {frozenset("ab")}
    with pytest.raises(Refused):
        world.store.run_sync(networks.note_fact, who("pia"), first, TraitKind.CONTACT, " - ", now=NOW)
    with pytest.raises(Denied):
        world.store.run_sync(networks.note_fact, who("ines"), first, TraitKind.CONTACT, "x", now=NOW)


def test_the_platform_team_reads_what_is_shared_and_a_brand_only_the_kind(world: World) -> None:
    mine = sell(world, "a", "1", contacts=["canary@seller.example"])
    sell(world, "b", "2", contacts=["canary@seller.example"])
    asked = question("Halden", "3")
    asked["listing"]["seller"] = {"id": "c", "name": "c", "contacts": ["canary@seller.example"]}
    world.receive(asked)
    link(world)
    sheet = world.store.read_sync(seller_view.network, who("pia"), mine)
    assert [each.external_id for each in sheet.members] == ["a", "b", "c"]
    assert [trait.shown for trait in sheet.traits] == ["canary@seller.example"]
    with pytest.raises(Denied):
        world.store.read_sync(seller_view.network, who("ines"), mine)
    seen = world.store.read_sync(seller_view.sheet, who("ines"), mine, NOW + timedelta(days=1))
    assert [each.external_id for each in seen.linked] == ["b"]  # c is nobody that Nordlys has a case with
    assert list(seen.kinds.values()) == [{TraitKind.CONTACT}]
    assert "canary" not in repr(seen)


def test_a_trait_is_kept_once_for_each_seller(world: World) -> None:
    seller_id = sell(world, "a", "1")
    facts = [Fact(seller_id, TraitKind.ADDRESS, text) for text in ("Bergen 5", " bergen-5 ", "Bergen 6")]
    world.store.run_sync(networks.keep, facts, NOW)
    world.store.run_sync(networks.keep, facts, NOW)
    assert len(world.rows(SellerTrait)) == 2


def test_addresses_of_pictures_are_taken_to_the_letter_but_for_case() -> None:
    assert value_hash(TraitKind.PICTURE, "https://a/1-2.jpg") != value_hash(
        TraitKind.PICTURE, "https://a/12.jpg"
    )
    assert value_hash(TraitKind.CONTACT, "1-2") == value_hash(TraitKind.CONTACT, "12")
    assert value_hash(TraitKind.CONTACT, "12") != value_hash(TraitKind.ADDRESS, "12")


links = st.lists(st.lists(st.integers(0, 15), min_size=1, max_size=4), max_size=20)


@given(links)
def test_groups_are_what_walking_from_one_to_the_next_reaches(told: list[list[int]]) -> None:
    def reached(start: int) -> frozenset[int]:
        seen, todo = {start}, [start]
        while todo:
            here = todo.pop()
            near = {each for link in told if here in link for each in link} - seen
            seen |= near
            todo += near
        return frozenset(seen)

    assert {frozenset(group) for group in groups(told)} == {reached(each) for link in told for each in link}


@given(links, st.integers(1, 20))
def test_groups_found_in_two_goes_are_those_found_in_one(told: list[list[int]], cut: int) -> None:
    first = groups(told[:cut])
    assert sorted(map(sorted, groups([*first, *told[cut:]]))) == sorted(map(sorted, groups(told)))
