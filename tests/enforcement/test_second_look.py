"""When a second person is asked in spite of good standing: the rule as a table, and what clicks lead to."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.enforcement.authenticity import Recorded, record_verdict
from bot.enforcement.confirmations import confirm_fake, decline_fake
from bot.enforcement.limits import NO_LIMITS, Limits
from bot.enforcement.retractions import retract_verdict
from bot.enforcement.second_look import Record, ground_of
from storage.engine import Store
from storage.records.audit import AuditEntry
from storage.records.authenticity import Answer, Outcome, Verdict
from storage.records.notices import Notice
from storage.records.roster import Person, RightsHolder, RoleGrant
from storage.records.second_look import Ground
from storage.records.takedowns import Takedown
from tests.enforcement.request_world import NOW, World, build, question, who

TAKEDOWN, CONFIRM, REVIEW = Outcome.TAKEDOWN, Outcome.AWAITING_CONFIRMATION, Outcome.REVIEW
ALL = Limits(first=True, answers_a_minute=12, fakes_an_hour=300, fakes_a_day=1000, seller_listings=500)
FIRST = Limits(first=True)
KNOWN = Record(stood=True)


@pytest.fixture
def world(sqlite_store: Store) -> World:
    return build(sqlite_store)


@pytest.fixture
def world_on_each(store: Store) -> World:
    return build(store)


@pytest.mark.parametrize(
    ("limits", "record", "pilot", "ground"),
    [
        (ALL, KNOWN, False, None),
        (ALL, Record(stood=False), False, Ground.FIRST),
        (ALL, Record(stood=False), True, None),
        (replace(ALL, first=False), Record(stood=False), False, None),
        (ALL, replace(KNOWN, answers_in_minute=11), False, None),
        (ALL, replace(KNOWN, answers_in_minute=12), False, Ground.SPEED),
        (ALL, replace(KNOWN, answers_in_minute=12), True, Ground.SPEED),
        (ALL, replace(KNOWN, fakes_in_hour=299), False, None),
        (ALL, replace(KNOWN, fakes_in_hour=300), False, Ground.VOLUME),
        (ALL, replace(KNOWN, fakes_in_day=999), False, None),
        (ALL, replace(KNOWN, fakes_in_day=1000), False, Ground.VOLUME),
        (ALL, replace(KNOWN, large_seller=True), False, Ground.LARGE_SELLER),
        (replace(ALL, seller_listings=0), replace(KNOWN, large_seller=True), False, None),
        (NO_LIMITS, Record(False, 10**6, 10**6, 10**6, large_seller=True), False, None),
        # The first that holds is the one that is told.
        (ALL, Record(False, 99, 999, 9999, large_seller=True), False, Ground.FIRST),
        (ALL, Record(True, 99, 999, 9999, large_seller=True), False, Ground.SPEED),
    ],
)
def test_the_grounds_for_a_second_person(
    limits: Limits, record: Record, pilot: bool, ground: Ground | None
) -> None:
    assert ground_of(limits, record, pilot=pilot) is ground


def fake(world: World, item: str, limits: Limits, name: str = "ines", **more: object) -> Outcome:
    """Somebody says Fake of another listing; what it leads to."""
    at = more.pop("at", NOW)
    assert isinstance(at, datetime)
    recorded = world.answer(name, world.ask("Nordlys", item, **more), now=at, limits=limits)
    assert recorded is not None
    return recorded.outcome


def test_the_first_fake_of_a_person_waits_for_a_second_one_and_says_why(world_on_each: World) -> None:
    world = world_on_each
    assert fake(world, "1", FIRST) is CONFIRM
    assert world.rows(Takedown) == []
    verdict = world.one(Verdict)
    assert verdict.second_ground is Ground.FIRST
    (entry,) = world.rows(AuditEntry, operation="answer_fake")
    assert '"second_ground":"first"' in entry.details


def test_a_person_whose_fake_was_confirmed_decides_alone_from_then_on(world_on_each: World) -> None:
    world = world_on_each
    assert fake(world, "1", FIRST) is CONFIRM
    assert fake(world, "2", FIRST) is CONFIRM
    world.store.run_sync(confirm_fake, who("lars"), _first(world), 1, now=NOW)
    assert fake(world, "3", FIRST) is TAKEDOWN
    assert fake(world, "4", FIRST, name="noor") is CONFIRM


def _first(world: World) -> str:
    return str(min(verdict.request_id for verdict in world.rows(Verdict)))


def test_a_fake_that_was_declined_or_taken_back_is_no_first_one(world: World) -> None:
    assert fake(world, "1", FIRST) is CONFIRM
    world.store.run_sync(decline_fake, who("lars"), _first(world), 1, "no", now=NOW)
    assert fake(world, "2", FIRST) is CONFIRM
    assert fake(world, "3", NO_LIMITS) is TAKEDOWN
    done = next(each for each in world.rows(Verdict) if each.outcome is TAKEDOWN)
    world.store.run_sync(retract_verdict, who("ines"), done.request_id, 1, "oh", now=NOW)
    assert fake(world, "4", FIRST) is CONFIRM


def test_on_the_pilot_list_nobody_s_first_fake_waits(world: World) -> None:
    def enlist(session: Session) -> None:
        session.get_one(RightsHolder, world.holders["Nordlys"]).pilot = True

    world.change(enlist)
    assert fake(world, "1", FIRST) is TAKEDOWN


def test_answers_that_come_too_fast_ask_for_a_second_person_until_a_minute_has_passed(
    world_on_each: World,
) -> None:
    world, limits = world_on_each, Limits(answers_a_minute=3)
    for number in range(3):
        answer = Answer.GENUINE if number else Answer.CANNOT_TELL
        world.answer("ines", world.ask("Nordlys", str(number)), answer, now=NOW, limits=limits)
    assert fake(world, "8", limits) is CONFIRM
    assert fake(world, "9", limits, name="noor") is TAKEDOWN
    assert fake(world, "10", limits, at=NOW + timedelta(seconds=60)) is TAKEDOWN


@pytest.mark.parametrize(
    ("limits", "calm_after"),
    [(Limits(fakes_an_hour=2), timedelta(hours=1)), (Limits(fakes_a_day=2), timedelta(days=1))],
)
def test_many_fakes_ask_for_a_second_person_until_they_are_old(
    world_on_each: World, limits: Limits, calm_after: timedelta
) -> None:
    world = world_on_each
    assert [fake(world, str(number), limits) for number in range(3)] == [TAKEDOWN, TAKEDOWN, CONFIRM]
    assert fake(world, "8", limits, at=NOW + calm_after) is TAKEDOWN


def test_many_answers_that_are_no_fakes_are_no_volume(world: World) -> None:
    for number in range(4):
        world.answer("ines", world.ask("Nordlys", str(number)), Answer.GENUINE)
    assert fake(world, "8", Limits(fakes_an_hour=2)) is TAKEDOWN


def test_a_seller_with_many_listings_asks_for_a_second_person(world_on_each: World) -> None:
    world, limits = world_on_each, Limits(seller_listings=3)
    world.ask("Nordlys", "1")
    assert fake(world, "2", limits) is TAKEDOWN
    assert fake(world, "3", limits) is CONFIRM
    other = question("Nordlys", "4")["listing"] | {"seller": {"id": "small", "name": "small"}}
    assert fake(world, "4", limits, listing=other) is TAKEDOWN


def test_where_nobody_else_can_confirm_the_marketplace_reviews(world: World) -> None:
    def leave(session: Session) -> None:
        others = select(Person.id).where(col(Person.user_id).in_(("ULARS", "UNOOR")))
        session.execute(update(RoleGrant).where(col(RoleGrant.person_id).in_(others)).values(until=NOW))

    world.change(leave)
    assert fake(world, "1", FIRST) is REVIEW
    assert world.one(Verdict).second_ground is Ground.FIRST
    assert len(world.rows(Notice)) == 1


def test_the_promise_of_the_card_is_kept_when_it_said_only_at_once(world: World) -> None:
    request_id = world.ask()
    assert world.answer("ines", request_id, promised=[TAKEDOWN], limits=FIRST) is None
    assert world.rows(Verdict) == []
    both = world.answer("ines", request_id, promised=[TAKEDOWN, CONFIRM], limits=FIRST)
    assert both is not None
    assert both.outcome is CONFIRM


def test_of_many_acts_at_the_same_moment_no_more_pass_than_the_limit(world_on_each: World) -> None:
    world = world_on_each
    limits = Limits(fakes_an_hour=3)
    asked = [world.ask("Nordlys", str(number)) for number in range(12)]

    async def race() -> list[Recorded | None]:
        clicks = [
            world.store.run(record_verdict, who("ines"), each, 1, Answer.FAKE, now=NOW, limits=limits)
            for each in asked
        ]
        return await asyncio.gather(*clicks)

    outcomes = [each.outcome for each in asyncio.run(race()) if each]
    assert sorted(outcomes) == sorted([TAKEDOWN] * 3 + [CONFIRM] * 9)
