"""The second person's word: never one's own, once, and what the platform learns of it."""

import asyncio

import pytest

from bot.enforcement.access import Denied
from bot.enforcement.confirmations import confirm_fake, decline_fake, to_decide
from bot.enforcement.refusals import Refused
from bot.enforcement.requests import withdraw_request
from bot.enforcement.retractions import retract_verdict
from storage.engine import Store
from storage.records.authenticity import Confirmation, RequestState
from storage.records.takedowns import Takedown
from tests.enforcement.request_world import LATER, World, build, who


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """The world on SQLite: for rules that no database decides."""
    return build(sqlite_store)


@pytest.fixture
def world_on_each(store: Store) -> World:
    """The world on each database: for races, constraints and statements."""
    return build(store)


@pytest.fixture
def awaiting(world: World) -> str:
    return doubtful(world)


def doubtful(world: World) -> str:
    """A request that petra of Halden, a pilot, called fake."""
    request_id = world.ask("Halden")
    world.answer("petra", request_id)
    return request_id


def confirm(world: World, name: str, request_id: str) -> None:
    world.store.run_sync(confirm_fake, who(name), request_id, 1, now=LATER)


def test_nothing_is_taken_down_before_the_second_word(world: World, awaiting: str) -> None:
    assert world.rows(Takedown) == []
    (told,) = world.webhooks("verdict.recorded")
    assert (told["state"], told["verdict"]["outcome"]) == ("awaiting_confirmation", "awaiting_confirmation")
    assert world.request(awaiting).state is RequestState.AWAITING_CONFIRMATION


def test_a_second_person_confirms_and_the_takedown_starts(world_on_each: World) -> None:
    awaiting = doubtful(world_on_each)
    confirm(world_on_each, "otto", awaiting)
    takedown = world_on_each.one(Takedown)
    first, second = world_on_each.webhooks("verdict.recorded")
    assert (second["state"], second["verdict"]["outcome"]) == ("answered", "takedown")
    assert second["takedown_id"] == takedown.id
    assert first["verdict"]["expert"] == second["verdict"]["expert"]


def test_nobody_confirms_their_own_answer(world: World, awaiting: str) -> None:
    with pytest.raises(Refused) as refused:
        confirm(world, "petra", awaiting)
    assert refused.value.key == "authenticity.not_your_own"
    assert world.rows(Confirmation) == []


@pytest.mark.parametrize("name", ["ines", "pia", "guest", "nobody"])
def test_nobody_of_another_company_confirms_or_declines(world: World, awaiting: str, name: str) -> None:
    with pytest.raises(Denied):
        confirm(world, name, awaiting)
    with pytest.raises(Denied):
        world.store.run_sync(decline_fake, who(name), awaiting, 1, "no", now=LATER)
    with pytest.raises(Denied):
        world.store.run_sync(to_decide, who(name), awaiting, 1)
    assert world.rows(Confirmation) == []


def test_a_declined_fake_is_disputed_and_its_reason_stays_inside(world_on_each: World) -> None:
    awaiting = doubtful(world_on_each)
    world_on_each.store.run_sync(decline_fake, who("otto"), awaiting, 1, "the stitching is ours", now=LATER)
    assert world_on_each.rows(Takedown) == []
    assert world_on_each.request(awaiting).state is RequestState.ANSWERED
    told = world_on_each.webhooks("verdict.recorded")[-1]
    assert (told["state"], told["verdict"]["outcome"]) == ("answered", "disputed")
    assert "stitching" not in str(world_on_each.outgoing("webhook"))


async def test_ten_second_words_at_once_count_once(world_on_each: World) -> None:
    awaiting = doubtful(world_on_each)
    words = [world_on_each.store.run(confirm_fake, who("otto"), awaiting, 1, now=LATER) for _ in range(5)]
    words += [
        world_on_each.store.run(decline_fake, who("otto"), awaiting, 1, "no", now=LATER) for _ in range(5)
    ]
    said = await asyncio.gather(*words, return_exceptions=True)
    assert [each for each in said if each is None] == [None]
    assert all(isinstance(each, Refused) for each in said if each is not None)
    assert len(world_on_each.rows(Confirmation)) == 1
    assert len(world_on_each.webhooks("verdict.recorded")) == 2


async def test_a_second_word_and_a_retraction_at_once_leave_no_takedown_standing(
    world_on_each: World,
) -> None:
    for number in range(6):
        request_id = world_on_each.ask("Halden", str(number))
        world_on_each.answer("petra", request_id)
        await asyncio.gather(
            world_on_each.store.run(confirm_fake, who("otto"), request_id, 1, now=LATER),
            world_on_each.store.run(retract_verdict, who("petra"), request_id, 1, "mistaken", now=LATER),
            return_exceptions=True,
        )
        assert world_on_each.request(request_id).state is RequestState.ANSWERED
    assert {takedown.state.value for takedown in world_on_each.rows(Takedown)} <= {"cancelled"}


def test_a_withdrawn_request_is_not_confirmed(world: World, awaiting: str) -> None:
    world.store.run_sync(withdraw_request, world.client, awaiting, "", now=LATER)
    with pytest.raises(Refused) as refused:
        confirm(world, "otto", awaiting)
    assert refused.value.key == "authenticity.withdrawn"


def test_a_retracted_fake_is_not_confirmed(world: World, awaiting: str) -> None:
    world.store.run_sync(retract_verdict, who("petra"), awaiting, 1, "mistaken", now=LATER)
    with pytest.raises(Refused) as refused:
        confirm(world, "otto", awaiting)
    assert refused.value.key == "authenticity.decided_already"


def test_two_people_of_a_small_company_are_enough(world: World) -> None:
    request_id = world.ask("Kestrel")
    world.answer("kay", request_id)
    confirm(world, "kim", request_id)
    assert len(world.rows(Takedown)) == 1
