"""Strikes follow removals and are taken back with them; a policy proposes a measure once, even in a race."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.contract.sellers import SanctionReport
from bot.contract.takedowns import TakedownReport
from bot.enforcement import category_bans, sanctions, sellers, strike_policies, takedown_progress
from bot.enforcement.access import OPERATOR, Denied
from bot.enforcement.refusals import Refused
from bot.enforcement.sanctions import WrongSanctionReport
from storage.engine import Store
from storage.records.sellers import (
    CategoryBan,
    Likeness,
    Measure,
    PolicyName,
    Relisting,
    RemovedTrace,
    Sanction,
    SanctionState,
    Strike,
)
from storage.records.takedowns import Takedown
from tests.enforcement.request_world import NOW, World, build, question, who

DAY = timedelta(days=1)


@pytest.fixture
def world(store: Store) -> World:
    return build(store)


def switch(world: World, policy: str = PolicyName.THREE_STRIKES.value, **more: str) -> None:
    """A policy counts from now on."""
    given = {"client_id": world.client.client_id, "policy": policy, "valid": "365", "apart": "3"} | more
    world.store.run_sync(strike_policies.switch, OPERATOR, given, now=NOW)


def take_down(world: World, item: str, day: float, brand: str = "Nordlys", expert: str = "ines") -> str:
    """A listing is asked about, found fake and removed that many days later; the takedown's id."""
    at = NOW + day * DAY
    (received,) = world.receive(question(brand, item), now=at)
    recorded = world.answer(expert, received.id, now=at)
    assert recorded is not None
    takedown = max(world.rows(Takedown), key=lambda row: row.id)
    report(world, takedown.id, "removed", at)
    return str(takedown.id)


def report(world: World, takedown_id: str, state: str, at: Any) -> None:
    told = TakedownReport.model_validate({"event_id": f"{takedown_id}-{state}", "state": state})
    world.store.run_sync(takedown_progress.report_takedown, world.client, takedown_id, told, now=at)


def bans(world: World) -> list[dict[str, Any]]:
    """What the marketplace was told."""
    return [each["data"] for each in world.outgoing("webhook") if each["type"] == "seller.ban_proposed"]


def test_the_third_strike_proposes_a_ban_once(world: World) -> None:
    switch(world)
    removed = [take_down(world, item, day) for item, day in (("1", 0), ("2", 4))]
    assert bans(world) == []
    removed.append(take_down(world, "3", 8))
    (ban,) = bans(world)
    assert ban["seller"] == {"id": "s-17", "name": "shoe.corner"}
    assert ban["policy"] == {"name": "three_strikes", "version": 1, "counted": 3, "needed": 3}
    assert sorted(ban["takedown_ids"]) == sorted(removed)
    take_down(world, "4", 12)
    assert len(bans(world)) == 1
    assert len(world.rows(Strike)) == 4


def test_removals_within_three_days_are_one_strike(world: World) -> None:
    switch(world)
    for item, day in (("1", 0), ("2", 1), ("3", 2), ("4", 2.5)):
        take_down(world, item, day)
    assert len(world.rows(Strike)) == 4
    assert bans(world) == []


def test_a_repeated_report_is_no_second_strike(world: World) -> None:
    switch(world)
    takedown_id = take_down(world, "1", 0)
    told = TakedownReport.model_validate({"event_id": "again", "state": "removed"})
    world.store.run_sync(
        takedown_progress.report_takedown, world.client, takedown_id, told, now=NOW + 9 * DAY
    )
    assert len(world.rows(Strike)) == 1


def test_putting_a_listing_back_takes_the_strike_and_the_ban_back(world: World) -> None:
    switch(world)
    removed = [take_down(world, item, day) for item, day in (("1", 0), ("2", 4), ("3", 8))]
    report(world, removed[0], "reinstated", NOW + 9 * DAY)
    assert [row.taken_back_at is not None for row in world.rows(Strike, removal_id=removed[0])] == [True]
    (sanction,) = world.rows(Sanction)
    assert sanction.state is SanctionState.WITHDRAWN
    told = [each["data"] for each in world.outgoing("webhook") if each["type"] == "seller.sanction_withdrawn"]
    assert [each["sanction_id"] for each in told] == [sanction.id]
    take_down(world, "5", 12)
    assert len(bans(world)) == 2  # crossed again, which is another crossing


def test_an_upheld_counter_notice_takes_a_strike_back_once(world: World) -> None:
    switch(world)
    takedown_id = take_down(world, "1", 0)
    for _ in range(2):
        world.store.run_sync(sellers.removal_reversed, takedown_id, NOW + DAY)
    (strike,) = world.rows(Strike)
    assert strike.taken_back_at == NOW + DAY
    assert world.rows(RemovedTrace) == []


def test_a_ban_that_the_marketplace_declined_stays_declined(world: World) -> None:
    switch(world)
    for item, day in (("1", 0), ("2", 4), ("3", 8)):
        take_down(world, item, day)
    (sanction,) = world.rows(Sanction)
    declined = SanctionReport.model_validate(
        {"event_id": "e1", "state": "declined", "reason": "First offence"}
    )
    for _ in range(2):
        read = world.store.run_sync(
            sanctions.report_sanction, world.client, sanction.id, declined, now=NOW + 9 * DAY
        )
        assert read.state == "declined"
    other = SanctionReport.model_validate({"event_id": "e2", "state": "carried_out"})
    with pytest.raises(WrongSanctionReport):
        world.store.run_sync(sanctions.report_sanction, world.client, sanction.id, other, now=NOW + 9 * DAY)
    take_down(world, "4", 12)
    assert len(bans(world)) == 1


def test_a_sanction_is_reported_by_its_own_marketplace_or_its_staff_alone(world: World) -> None:
    switch(world)
    for item, day in (("1", 0), ("2", 4), ("3", 8)):
        take_down(world, item, day)
    (sanction,) = world.rows(Sanction)
    done = SanctionReport.model_validate({"event_id": "e1", "state": "carried_out"})
    for stranger in (world.other_client, who("ines"), who("nobody")):
        with pytest.raises(Denied):
            world.store.run_sync(sanctions.report_sanction, stranger, sanction.id, done, now=NOW)
    read = world.store.run_sync(sanctions.report_sanction, who("pia"), sanction.id, done, now=NOW)
    assert read.state == "carried_out"
    lines = world.store.read_sync(strike_policies.overview, who("pia"))
    assert [line.sanctions for line in lines if line.policy] == [
        {(Measure.BAN, SanctionState.CARRIED_OUT): 1}
    ]


def test_strikes_expire_and_the_step_can_be_reached_anew(world: World) -> None:
    switch(world, valid="30")
    for item, day in (("1", 0), ("2", 4), ("3", 8), ("4", 60), ("5", 64), ("6", 68)):
        take_down(world, item, day)
    assert len(bans(world)) == 2


def test_without_a_policy_strikes_are_kept_and_nothing_is_proposed(world: World) -> None:
    for item, day in (("1", 0), ("2", 4), ("3", 8)):
        take_down(world, item, day)
    assert len(world.rows(Strike)) == 3
    assert world.rows(Sanction) == []
    switch(world)
    take_down(world, "4", 12)
    assert len(bans(world)) == 1  # the past counts with the next strike


def test_points_lead_from_a_warning_to_a_ban(world: World) -> None:
    switch(world, PolicyName.POINTS.value, apart="0")
    for number in range(8):
        take_down(world, str(number), number)
    told = [
        each["data"]["measure"] for each in world.outgoing("webhook") if each["type"].startswith("seller.")
    ]
    assert told == [
        *("severe_warning", "restriction_7_days", "restriction_14_days", "restriction_21_days", "ban"),
    ]


def test_two_removals_at_once_propose_one_ban(world: World) -> None:
    switch(world)
    take_down(world, "1", 0)
    take_down(world, "2", 4)
    opened = []
    for item, day in (("3", 8), ("4", 8)):
        (received,) = world.receive(question(item=item), now=NOW + day * DAY)
        world.answer("ines", received.id, now=NOW + day * DAY)
        opened.append(max(world.rows(Takedown), key=lambda row: row.id).id)
    reports = [
        threading.Thread(target=report, args=(world, takedown_id, "removed", NOW + 8 * DAY))
        for takedown_id in opened
    ]
    for each in reports:
        each.start()
    for each in reports:
        each.join()
    assert len(bans(world)) == 1
    assert len(world.rows(Sanction)) == 1


def test_a_policy_says_what_it_would_have_done_before_it_is_switched_on(world: World) -> None:
    for number in range(3):
        take_down(world, str(number), number * 4)
    for seller, items in (("s-1", 1), ("s-2", 2)):
        for number in range(items):
            asked = question(item=f"{seller}{number}")
            asked["listing"]["seller"] = {"id": seller}
            (received,) = world.receive(asked, now=NOW + number * 4 * DAY)
            world.answer("ines", received.id, now=NOW + number * 4 * DAY)
            takedown = max(world.rows(Takedown), key=lambda row: row.id)
            report(world, takedown.id, "removed", NOW + number * 4 * DAY)
    tried = {
        policy: world.store.read_sync(
            strike_policies.histogram,
            who("pia"),
            strike_policies.Wanted.read(
                {"client_id": world.client.client_id, "policy": policy, "valid": "365", "apart": apart}
            ),
            NOW + 20 * DAY,
        )
        for policy, apart in (("three_strikes", "3"), ("points", "0"))
    }
    assert tried["three_strikes"].reached == {Measure.BAN: 1, None: 2}
    assert tried["points"].reached == {Measure.RESTRICTION_7_DAYS: 2, Measure.SEVERE_WARNING: 1}
    assert world.rows(Sanction) == []


@pytest.mark.parametrize(
    "wrong", [{"valid": "0"}, {"valid": "x"}, {"valid": "9999"}, {"apart": "-1"}, {"policy": "guess"}]
)
def test_a_policy_that_makes_no_sense_is_refused(world: World, wrong: dict[str, str]) -> None:
    with pytest.raises(Refused):
        switch(world, **wrong)


def test_only_two_administrators_switch_a_policy(world: World) -> None:
    given = {"client_id": world.client.client_id, "policy": "points", "valid": "365", "apart": "0"}
    for person in ("pia", "ines", "lars", "nobody"):
        with pytest.raises(Denied):
            world.store.run_sync(strike_policies.switch, who(person), given, now=NOW, proposed_by="x")


def test_a_listing_that_comes_back_is_known_by_item_title_and_picture(world: World) -> None:
    take_down(world, "1", 0)
    same_title = question(item="2")
    same_title["listing"]["title"] = "NORDLYS  runner-1!"
    same_picture = question(item="3")
    same_picture["listing"]["pictures"] = ["https://market.example/p/1.jpg"]
    again = question(item="1", external_id="again")
    another_seller = question(item="4")
    another_seller["listing"] |= {
        "title": "Nordlys runner 1",
        "pictures": ["https://market.example/p/1.jpg"],
        "seller": {"id": "s-99"},
    }
    received = world.receive(same_title, same_picture, again, another_seller, now=NOW + DAY)
    found = {row.subject_id: row.likeness for row in world.rows(Relisting)}
    assert found == {
        received[0].id: Likeness.TITLE,
        received[1].id: Likeness.PICTURE,
        received[2].id: Likeness.ITEM,
    }


def test_a_listing_that_was_put_back_is_not_called_relisted(world: World) -> None:
    takedown_id = take_down(world, "1", 0)
    report(world, takedown_id, "reinstated", NOW + DAY)
    world.receive(question(item="1", external_id="again"), now=NOW + 2 * DAY)
    assert world.rows(Relisting) == []


def test_a_card_that_called_a_listing_relisted_is_drawn_again_when_that_is_over(world: World) -> None:
    takedown_id = take_down(world, "1", 0)
    (received,) = world.receive(question(item="1", external_id="again"), now=NOW + DAY)
    assert [row.subject_id for row in world.rows(Relisting)] == [received.id]
    world.store.run_sync(lambda session: session.connection().execute(text("DELETE FROM outbox")).rowcount)
    report(world, takedown_id, "reinstated", NOW + 2 * DAY)
    assert world.rows(Relisting) == []
    assert received.id in [drawn["subject_id"] for drawn in world.outgoing("draw")]


def test_looking_for_relistings_costs_the_same_for_one_listing_and_for_many(sqlite_store: Store) -> None:
    world = build(sqlite_store)
    take_down(world, "1", 0)

    def cost(numbers: range) -> int:
        asked: list[str] = []

        def watch(session: Any) -> None:
            raw = session.connection().connection.driver_connection
            raw.set_trace_callback(lambda text: asked.append(text) if "removed_trace" in text else None)

        sqlite_store.run_sync(watch)
        world.receive(*(question(item=f"x{number}") for number in numbers))
        sqlite_store.run_sync(
            lambda session: session.connection().connection.driver_connection.set_trace_callback(None)
        )
        return len(asked)

    assert cost(range(1)) == cost(range(1, 41)) == 1


def test_banned_goods_are_kept_by_the_platform_team(world: World) -> None:
    client_id = world.client.client_id
    ban_id = world.store.run_sync(
        category_bans.add_ban, who("pia"), client_id, "Air-bag  inflators", "They kill", now=NOW
    )
    with pytest.raises(Refused):
        world.store.run_sync(category_bans.add_ban, who("pia"), client_id, "AIR-BAG inflators", "", now=NOW)
    with pytest.raises(Denied):
        world.store.run_sync(category_bans.add_ban, who("lars"), client_id, "Watches", "", now=NOW)
    (ban,) = world.store.read_sync(category_bans.bans, who("pia"), client_id)
    assert (ban.goods, ban.reason) == ("Air-bag inflators", "They kill")
    world.store.run_sync(category_bans.end_ban, who("pia"), ban_id, now=NOW + DAY)
    assert world.store.read_sync(category_bans.bans, who("pia"), client_id) == []
    assert [row.ended_at for row in world.rows(CategoryBan)] == [NOW + DAY]
