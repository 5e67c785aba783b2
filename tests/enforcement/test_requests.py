"""Requests as they come in: once each, judged alone, to the right brand or to the platform team."""

import asyncio
from typing import Any

import pytest
from sqlmodel import Session, select

from bot.contract.requests import AskedRequest
from bot.enforcement.access import OPERATOR, Actor, Denied
from bot.enforcement.refusals import Refused
from bot.enforcement.requests import Receipt, receive_requests, withdraw_request
from bot.enforcement.routing import assign_request, route_waiting, show_unrouted, to_assign
from storage.engine import Store
from storage.records.audit import AuditEntry
from storage.records.authenticity import Answer, AuthenticityRequest, RequestState
from storage.records.channels import ChannelBinding, ChannelPurpose
from storage.records.listings import Listing, Seller
from storage.records.notices import Notice
from tests.enforcement.request_world import LATER, NOW, OWN, World, bind, build, question, who


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """The world on SQLite: for rules that no database decides."""
    return build(sqlite_store)


@pytest.fixture
def world_on_each(store: Store) -> World:
    """The world on each database: for races, constraints and statements."""
    return build(store)


def places(world: World, request_id: str) -> list[tuple[str, str]]:
    drawn = world.outgoing("draw")
    return [(each["drawing"], each["place"]) for each in drawn if each["subject_id"] == request_id]


def test_a_request_goes_to_its_brands_channel_and_only_there(world_on_each: World) -> None:
    request_id = world_on_each.ask()
    assert world_on_each.request(request_id).state is RequestState.OPEN
    assert places(world_on_each, request_id) == [("request_card", "CNORDLYS")]
    listing = world_on_each.one(Listing)
    assert (listing.key, listing.title) == ("openbazaar:811", "Nordlys runner 811")
    assert world_on_each.one(Seller).external_id == "s-17"
    assert world_on_each.request(request_id).seller_id == world_on_each.one(Seller).id


def test_a_brand_is_found_by_name_in_any_case_or_by_id(world: World) -> None:
    by_id = question(world.brands["Nordlys"], "1", external_id="a")
    by_name = question("nordLYS", "2", external_id="b")
    for received in world.receive(by_id, by_name):
        assert world.request(received.id).brand_id == world.brands["Nordlys"]


def test_the_same_request_again_is_the_same_and_drawn_once(world_on_each: World) -> None:
    (first,) = world_on_each.receive(question())
    (again,) = world_on_each.receive(question(), now=LATER)
    assert (first.receipt, again.receipt) == (Receipt.NEW, Receipt.REPEATED)
    assert first.id == again.id
    assert len(world_on_each.outgoing("draw")) == 1
    assert len(world_on_each.rows(AuditEntry, operation="create_request")) == 1


def test_the_same_id_with_another_body_is_a_conflict(world: World) -> None:
    world.receive(question())
    (again,) = world.receive(question() | {"reasons": ["another"]})
    assert again.receipt is Receipt.CONFLICT
    assert again.field == "external_id"
    assert len(world.rows(AuthenticityRequest)) == 1


def test_two_clients_may_use_the_same_external_id(world: World) -> None:
    other = question()
    other["listing"] = other["listing"] | {
        "marketplace": "otherbazaar",
        "url": "https://elsewhere.example/item/811",
    }
    (first,) = world.receive(question())
    (second,) = world.receive(other, client=world.other_client)
    assert (first.receipt, second.receipt) == (Receipt.NEW, Receipt.NEW)
    assert first.id != second.id


@pytest.mark.parametrize(
    ("listing", "field"),
    [
        ({"marketplace": "otherbazaar"}, "listing.marketplace"),
        ({"url": "https://elsewhere.example/item/811"}, "listing.url"),
        ({"url": "https://www.amazon.de/dp/B000000000"}, "listing.url"),
        ({"url": "https://market.example/"}, "listing.url"),
        ({"item_id": "999"}, "listing.item_id"),
    ],
)
def test_a_marketplace_asks_about_its_own_listings_only(
    world: World, listing: dict[str, Any], field: str
) -> None:
    asked = question()
    asked["listing"] = asked["listing"] | listing
    (received,) = world.receive(asked)
    assert (received.receipt, received.field) == (Receipt.INVALID, field)
    assert world.rows(AuthenticityRequest) == []


def test_an_address_that_only_the_marketplace_can_read_is_known_by_its_item(world: World) -> None:
    asked = question()
    asked["listing"] = asked["listing"] | {"url": "https://cdn.bazaar.example/x?i=9", "item_id": "811"}
    world.receive(asked, question())
    assert [listing.key for listing in world.rows(Listing)] == ["openbazaar:811"]


def test_a_marketplace_is_kept_under_its_own_name_however_it_was_written(world: World) -> None:
    asked = question("Tansy")
    asked["listing"]["marketplace"] = "OpenBazaar"
    (received,) = world.receive(asked)
    assert world.request(received.id).snapshot["marketplace"] == "openbazaar"
    world.answer("tess", received.id)
    assert world.one(Notice).marketplace == "openbazaar"


def test_a_batch_judges_each_alone_and_answers_in_order(world_on_each: World) -> None:
    world_on_each.receive(question(item="1"))
    bad = question(item="3")
    bad["listing"] = bad["listing"] | {"url": "https://market.example/"}
    received = world_on_each.receive(
        question(item="1"),
        question(item="2"),
        bad,
        question(item="1") | {"reasons": ["changed"]},
        question(item="2"),
        question(item="2") | {"reasons": ["changed"]},
    )
    assert [each.receipt for each in received] == [
        Receipt.REPEATED,
        Receipt.NEW,
        Receipt.INVALID,
        Receipt.CONFLICT,
        Receipt.REPEATED,
        Receipt.CONFLICT,
    ]
    assert len(world_on_each.rows(AuthenticityRequest)) == 2


async def test_one_request_sent_twenty_times_at_once_is_kept_once(world_on_each: World) -> None:
    asked = AskedRequest.model_validate(question())
    sent = [
        world_on_each.store.run(receive_requests, world_on_each.client, [asked], OWN, now=NOW)
        for _ in range(20)
    ]
    received = [each for (each,) in await asyncio.gather(*sent)]
    assert [each.receipt for each in received].count(Receipt.NEW) == 1
    assert len({each.id for each in received}) == 1
    assert len(world_on_each.outgoing("draw")) == 1


async def test_batches_that_overlap_in_two_orders_end(world_on_each: World) -> None:
    forth = [AskedRequest.model_validate(question(item=str(n))) for n in range(40)]
    sent = [
        world_on_each.store.run(receive_requests, world_on_each.client, order, OWN, now=NOW)
        for order in (forth, forth[::-1]) * 4
    ]
    received = await asyncio.gather(*sent)
    assert sum(each.receipt is Receipt.NEW for batch in received for each in batch) == 40
    assert len(world_on_each.rows(AuthenticityRequest)) == 40


def test_only_a_connected_marketplace_may_ask(world: World) -> None:
    asked = [AskedRequest.model_validate(question())]
    for actor in (who("ines"), Actor(client_id="01J00000000000000000000000"), OPERATOR):
        with pytest.raises(Denied):
            world.store.run_sync(receive_requests, actor, asked, OWN, now=NOW)


def test_an_unknown_brand_waits_for_the_platform_team(world: World) -> None:
    request_id = world.ask("Nobody's")
    assert world.request(request_id).state is RequestState.UNROUTED
    assert places(world, request_id) == [("unrouted_card", "CPLATFORM")]


def test_a_brand_without_a_channel_gets_its_requests_when_it_has_one(world_on_each: World) -> None:
    request_id = world_on_each.ask("Mute")
    assert world_on_each.request(request_id).state is RequestState.UNROUTED
    world_on_each.change(
        lambda session: bind(session, ChannelPurpose.BRAND, world_on_each.brands["Mute"], "CMUTE")
    )
    world_on_each.store.run_sync(route_waiting, world_on_each.brands["Mute"], LATER)
    assert world_on_each.request(request_id).state is RequestState.OPEN
    assert ("request_card", "CMUTE") in places(world_on_each, request_id)
    assert world_on_each.answer("mia", request_id) is not None


def test_what_a_brand_has_not_answered_follows_it_into_another_channel(world_on_each: World) -> None:
    waits, answered, awaits = (world_on_each.ask("Halden", item) for item in ("1", "2", "3"))
    world_on_each.answer("petra", answered, Answer.GENUINE)
    world_on_each.answer("petra", awaits)

    def move(session: Session) -> None:
        held = ChannelBinding.scope_id == world_on_each.brands["Halden"]
        session.exec(select(ChannelBinding).where(held)).one().unbound_at = NOW
        session.flush()
        bind(session, ChannelPurpose.BRAND, world_on_each.brands["Halden"], "CMOVED")

    world_on_each.change(move)
    world_on_each.store.run_sync(route_waiting, world_on_each.brands["Halden"], LATER)
    moved = [each["subject_id"] for each in world_on_each.outgoing("draw") if each["place"] == "CMOVED"]
    assert sorted(moved) == sorted([waits, awaits])


def test_the_platform_team_sees_what_waits_when_it_gets_its_channel(world: World) -> None:
    def unbind(session: Session) -> None:
        found = session.exec(
            select(ChannelBinding).where(ChannelBinding.purpose == ChannelPurpose.PLATFORM)
        ).one()
        session.delete(found)

    world.change(unbind)
    request_id = world.ask("Nobody's")
    assert places(world, request_id) == []
    world.change(lambda session: bind(session, ChannelPurpose.PLATFORM, "", "CNEW"))
    world.store.run_sync(show_unrouted, NOW)
    assert places(world, request_id) == [("unrouted_card", "CNEW")]


def test_the_platform_team_assigns_a_request_once(world_on_each: World) -> None:
    request_id = world_on_each.ask("Nobody's")
    named, brands = world_on_each.store.run_sync(to_assign, who("pia"), request_id)
    assert named == "Nobody's"
    assert [name for _, name in brands] == ["Halden", "Kestrel", "Mute", "Nordlys", "Oriel", "Tansy"]
    world_on_each.store.run_sync(
        assign_request, who("pia"), request_id, world_on_each.brands["Halden"], now=NOW
    )
    assert world_on_each.request(request_id).holder_id == world_on_each.holders["Halden"]
    assert ("request_card", "CHALDEN") in places(world_on_each, request_id)
    with pytest.raises(Refused) as refused:
        world_on_each.store.run_sync(
            assign_request, who("pia"), request_id, world_on_each.brands["Nordlys"], now=NOW
        )
    assert refused.value.key == "authenticity.assigned_already"


def test_whoever_said_not_ours_is_not_asked_again(world: World) -> None:
    request_id = world.ask()
    world.answer("ines", request_id, Answer.NOT_OUR_BRAND)
    with pytest.raises(Refused) as refused:
        world.store.run_sync(assign_request, who("pia"), request_id, world.brands["Nordlys"], now=NOW)
    assert refused.value.key == "authenticity.assigned_before"
    world.store.run_sync(assign_request, who("pia"), request_id, world.brands["Halden"], now=NOW)
    recorded = world.answer("petra", request_id, round_=2)
    assert recorded is not None
    assert recorded.first


@pytest.mark.parametrize("name", ["ines", "lars", "nobody"])
def test_only_the_platform_team_assigns(world: World, name: str) -> None:
    request_id = world.ask("Nobody's")
    with pytest.raises(Denied):
        world.store.run_sync(assign_request, who(name), request_id, world.brands["Nordlys"], now=NOW)
    with pytest.raises(Denied):
        world.store.run_sync(to_assign, who(name), request_id)


def test_an_unknown_brand_cannot_be_assigned(world: World) -> None:
    request_id = world.ask("Nobody's")
    with pytest.raises(Denied):
        world.store.run_sync(assign_request, who("pia"), request_id, "01J00000000000000000000000", now=NOW)


def test_a_withdrawn_request_says_so_and_can_be_withdrawn_again(world_on_each: World) -> None:
    request_id = world_on_each.ask()
    read = world_on_each.store.run_sync(
        withdraw_request, world_on_each.client, request_id, "sold out", now=NOW
    )
    assert read.state == "withdrawn"
    again = world_on_each.store.run_sync(
        withdraw_request, world_on_each.client, request_id, "other", now=LATER
    )
    assert again == read
    assert world_on_each.request(request_id).withdrawn_reason == "sold out"
    assert len(world_on_each.rows(AuditEntry, operation="withdraw_request")) == 1


def test_what_was_answered_cannot_be_withdrawn(world: World) -> None:
    request_id = world.ask()
    world.answer("ines", request_id)
    with pytest.raises(Refused) as refused:
        world.store.run_sync(withdraw_request, world.client, request_id, "", now=NOW)
    assert refused.value.key == "authenticity.answered_already"


def test_a_foreign_client_cannot_withdraw(world: World) -> None:
    request_id = world.ask()
    for actor in (world.other_client, who("ines")):
        with pytest.raises(Denied):
            world.store.run_sync(withdraw_request, actor, request_id, "", now=NOW)
    assert world.request(request_id).state is RequestState.OPEN
