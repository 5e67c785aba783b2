"""Verdicts taken back: cancelled if surely unsent, else reversed; never both, never neither (I16)."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from bot.contract.webhooks import EVENTS
from bot.enforcement.access import Denied
from bot.enforcement.refusals import Refused
from bot.enforcement.retractions import retract_verdict, to_retract
from bot.enforcement.takedown_progress import may_send, sending_ended
from storage.engine import Store
from storage.queries import outbox
from storage.records.authenticity import Answer, Retraction
from storage.records.notices import Notice, NoticeState
from storage.records.outbox import OutboxRow, OutboxState
from storage.records.takedowns import Takedown, TakedownState
from tests.enforcement.request_world import LATER, NOW, World, build, question, who

S = TakedownState


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """The world on SQLite: for rules that no database decides."""
    return build(sqlite_store)


@pytest.fixture
def world_on_each(store: Store) -> World:
    """The world on each database: for races, constraints and statements."""
    return build(store)


def retract(world: World, name: str, request_id: str, after: timedelta = timedelta(minutes=5)) -> None:
    world.store.run_sync(retract_verdict, who(name), request_id, 1, "mistaken", now=NOW + after)


def hook(world: World) -> OutboxRow:
    """The outbox row of the only takedown."""
    row: OutboxRow = world.one(OutboxRow, key=f"webhook:{world.one(Takedown).key}")
    return row


def set_hook(world: World, state: OutboxState) -> None:
    def change(session: Session) -> None:
        row = session.exec(select(OutboxRow).where(col(OutboxRow.key) == hook(world).key)).one()
        row.state = state

    world.change(change)


@pytest.mark.parametrize("was", [OutboxState.READY, OutboxState.DEAD])
def test_before_it_was_sent_the_takedown_is_cancelled(world_on_each: World, was: OutboxState) -> None:
    request_id = world_on_each.ask()
    world_on_each.answer("ines", request_id)
    set_hook(world_on_each, was)
    retract(world_on_each, "ines", request_id)
    assert world_on_each.one(Takedown).state is S.CANCELLED
    assert hook(world_on_each).state is OutboxState.DROPPED
    assert world_on_each.webhooks("reinstatement.requested") == []
    (told,) = world_on_each.webhooks("verdict.retracted")
    assert (told["verdict"]["retracted"], told["reason"]) == (True, "mistaken")
    EVENTS["verdict.retracted"].model_validate(told)


@pytest.mark.parametrize("was", [OutboxState.SENDING, OutboxState.UNKNOWN, OutboxState.SENT])
def test_once_sending_began_the_platform_is_asked_to_reinstate(
    world_on_each: World, was: OutboxState
) -> None:
    request_id = world_on_each.ask()
    world_on_each.answer("ines", request_id)
    set_hook(world_on_each, was)
    retract(world_on_each, "ines", request_id)
    takedown = world_on_each.one(Takedown)
    assert takedown.state is S.REINSTATEMENT_REQUESTED
    assert hook(world_on_each).state is was
    (told,) = world_on_each.webhooks("reinstatement.requested")
    assert told["takedown_id"] == takedown.id
    assert told["key"] == takedown.key
    hooks = [each["id"] for each in world_on_each.outgoing("webhook")]
    assert len(set(hooks)) == len(hooks)
    EVENTS["reinstatement.requested"].model_validate(told)
    assert not world_on_each.store.read_sync(may_send, takedown.key)


async def test_claiming_and_retracting_at_once_leave_exactly_one_of_sent_and_cancelled(
    world_on_each: World,
) -> None:
    for number in range(15):
        request_id = world_on_each.ask(item=str(number))
        world_on_each.answer("ines", request_id)
        claimed, _ = await asyncio.gather(
            world_on_each.store.run(outbox.claim, owner="w", room=50, now=LATER),
            world_on_each.store.run(retract_verdict, who("ines"), request_id, 1, "mistaken", now=LATER),
        )
        (takedown,) = [each for each in world_on_each.rows(Takedown) if _of(world_on_each, each, request_id)]
        sending = any(row.key == f"webhook:{takedown.key}" for row in claimed)
        assert takedown.state is (S.REINSTATEMENT_REQUESTED if sending else S.CANCELLED)


def _of(world: World, takedown: Takedown, request_id: str) -> bool:
    return takedown.listing_id == world.request(request_id).listing_id


def test_a_send_that_ends_after_the_retraction_does_not_bring_the_takedown_back(world: World) -> None:
    request_id = world.ask()
    world.answer("ines", request_id)
    set_hook(world, OutboxState.SENDING)
    retract(world, "ines", request_id)
    world.store.run_sync(sending_ended, world.one(Takedown).key, S.SENT, None, now=LATER)
    takedown = world.one(Takedown)
    assert takedown.state is S.REINSTATEMENT_REQUESTED
    assert takedown.sent_at == LATER


def test_while_another_verdict_asks_the_takedown_stands(world_on_each: World) -> None:
    first, second = world_on_each.receive(question(), question(external_id="again"))
    world_on_each.answer("ines", first.id)
    world_on_each.answer("noor", second.id)
    retract(world_on_each, "ines", first.id)
    assert world_on_each.one(Takedown).state is S.REQUESTED
    assert world_on_each.webhooks("reinstatement.requested") == []
    retract(world_on_each, "noor", second.id)
    assert world_on_each.one(Takedown).state is S.CANCELLED


def test_a_fake_after_the_retraction_asks_for_a_new_takedown(world: World) -> None:
    first, second = world.receive(question(), question(external_id="again"))
    world.answer("ines", first.id)
    retract(world, "ines", first.id)
    world.answer("noor", second.id)
    assert sorted(each.state.value for each in world.rows(Takedown)) == ["cancelled", "requested"]
    assert len({each.key for each in world.rows(Takedown)}) == 2


def test_a_verdict_is_taken_back_once(world_on_each: World) -> None:
    request_id = world_on_each.ask()
    world_on_each.answer("ines", request_id)
    retract(world_on_each, "ines", request_id)
    with pytest.raises(Refused) as refused:
        retract(world_on_each, "lars", request_id)
    assert refused.value.key == "authenticity.retracted_already"
    assert len(world_on_each.rows(Retraction)) == 1
    assert len(world_on_each.webhooks("verdict.retracted")) == 1


@pytest.mark.parametrize(
    ("name", "hours", "allowed"),
    [
        ("ines", 1, True),
        ("ines", 24, True),
        ("ines", 25, False),
        ("lars", 1, True),
        ("lars", 2000, True),
        ("noor", 1, False),
        ("petra", 1, False),
        ("pia", 1, False),
        ("nobody", 1, False),
    ],
)
def test_the_one_who_answered_has_a_day_and_the_lead_has_for_ever(
    world: World, name: str, hours: int, allowed: bool
) -> None:
    request_id = world.ask()
    world.answer("ines", request_id)
    after = timedelta(hours=hours)
    if allowed:
        title = world.store.read_sync(to_retract, who(name), request_id, 1, now=NOW + after)
        assert title == "Nordlys runner 811"
        retract(world, name, request_id, after)
        return
    with pytest.raises(Denied):
        world.store.read_sync(to_retract, who(name), request_id, 1, now=NOW + after)
    with pytest.raises(Denied):
        retract(world, name, request_id, after)
    assert world.rows(Retraction) == []


@pytest.mark.parametrize(
    ("brand", "name", "key"),
    [("Nordlys", "ines", "authenticity.too_late"), ("Oriel", "sam", "authenticity.too_late_for_all")],
)
def test_whoever_answered_is_told_that_the_time_is_over_and_who_still_can(
    world_on_each: World, brand: str, name: str, key: str
) -> None:
    request_id = world_on_each.ask(brand)
    world_on_each.answer(name, request_id, Answer.GENUINE)
    with pytest.raises(Denied) as denied:
        retract(world_on_each, name, request_id, timedelta(hours=25))
    assert (denied.value.key, denied.value.values) == (key, {"hours": 24})


@pytest.mark.parametrize("name", ["noor", "petra", "pia", "nobody"])
def test_nobody_else_is_told_that_there_is_an_answer(world: World, name: str) -> None:
    request_id = world.ask()
    world.answer("ines", request_id)
    with pytest.raises(Denied) as denied:
        retract(world, name, request_id, timedelta(hours=25))
    assert denied.value.key == "common.not_found"


def test_what_was_taken_back_is_said_to_be_so_after_the_time_too(world: World) -> None:
    request_id = world.ask()
    world.answer("ines", request_id)
    retract(world, "lars", request_id)
    with pytest.raises(Refused) as refused:
        retract(world, "ines", request_id, timedelta(hours=25))
    assert refused.value.key == "authenticity.retracted_already"


@pytest.mark.parametrize("answer", [Answer.GENUINE, Answer.CANNOT_TELL, Answer.NEED_SAMPLE])
def test_any_answer_can_be_taken_back(world: World, answer: Answer) -> None:
    request_id = world.ask()
    world.answer("ines", request_id, answer)
    retract(world, "ines", request_id)
    assert len(world.webhooks("verdict.retracted")) == 1
    assert world.rows(Takedown) == []


def test_not_our_brand_cannot_be_taken_back(world: World) -> None:
    request_id = world.ask()
    world.answer("ines", request_id, Answer.NOT_OUR_BRAND)
    with pytest.raises(Denied):
        retract(world, "ines", request_id)


def test_the_notice_that_a_verdict_became_is_withdrawn_with_it(world_on_each: World) -> None:
    request_id = world_on_each.ask("Tansy")
    world_on_each.answer("tess", request_id)
    retract(world_on_each, "tess", request_id)
    assert world_on_each.one(Notice).state is NoticeState.WITHDRAWN
    (told,) = world_on_each.webhooks("notice.withdrawn")
    EVENTS["notice.withdrawn"].model_validate(told)
