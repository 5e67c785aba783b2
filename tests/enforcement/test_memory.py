"""Genuine, remembered: which question is the same, who is asked all the same, what the platform is told."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from bot.contract.requests import ReadRequest
from bot.enforcement import platform_view
from bot.enforcement.memory import same_goods
from bot.enforcement.outgoing import Drawing
from bot.enforcement.requests import Receipt
from bot.enforcement.retractions import retract_verdict
from storage.engine import Store
from storage.queries import memory
from storage.records.audit import AuditEntry
from storage.records.authenticity import Answer, RequestState, Verdict
from storage.records.memory import RememberedAnswer
from storage.records.messages import DrawnMessage
from tests.enforcement.request_world import LATER, NOW, World, build, question, who
from tests.statements import everything_sent

KEEP = timedelta(days=180)
EUR = {"amount": "39.90", "currency": "EUR"}


@pytest.fixture
def world(store: Store) -> World:
    return build(store)


def listing(**changes: Any) -> dict[str, Any]:
    return {"title": "Nordlys trail runner, size 42", "price": EUR, **changes}


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"title": "NORDLYS Trail-Runner — size 42!"}, True),
        ({"title": "size 42 runner trail Nordlys"}, True),
        ({"title": "Nordlys trail runner, size 43"}, False),  # 4 of 6 words
        ({"title": "Nordlys trail runner new, size 42"}, True),  # 5 of 6
        ({"title": "Halden watch"}, False),
        ({"title": "?!"}, False),
        ({"price": {"amount": "43.89", "currency": "EUR"}}, True),
        ({"price": {"amount": "43.90", "currency": "EUR"}}, False),
        ({"price": {"amount": "35.91", "currency": "EUR"}}, True),
        ({"price": {"amount": "35.90", "currency": "EUR"}}, False),
        ({"price": {"amount": "39.90", "currency": "USD"}}, False),
        ({"price": None}, False),
    ],
)
def test_what_is_the_same_offer(changes: dict[str, Any], same: bool) -> None:
    assert same_goods(listing(), listing(**changes)) is same


def test_prices_that_are_both_unknown_are_the_same() -> None:
    assert same_goods(listing(price=None), listing(price=None))
    assert not same_goods(listing(price=None), listing())


def said(world: World, answer: Answer = Answer.GENUINE, item: str = "811") -> str:
    request_id = world.ask("Nordlys", item)
    world.answer("ines", request_id, answer)
    return request_id


def again(world: World, name: str = "again", item: str = "811", **more: Any) -> Any:
    """The marketplace asks about the same item under another id."""
    at, keep = more.pop("at", LATER), more.pop("keep", KEEP)
    asked = question("Nordlys", item, external_id=name)
    asked["listing"] |= more
    (received,) = world.receive(asked, now=at, keep=keep)
    assert received.receipt is Receipt.NEW
    return received


def read(world: World, request_id: str) -> ReadRequest:
    return world.store.read_sync(platform_view.request_of, world.client, request_id)


def test_a_repeated_question_is_answered_from_memory_with_its_date(world: World) -> None:
    said(world)
    received = again(world)
    assert received.state is RequestState.ANSWERED
    shown = read(world, received.id)
    assert shown.state == "answered"
    assert shown.verdict is not None
    assert (shown.verdict.answer, shown.verdict.remembered) == ("genuine", True)
    assert shown.verdict.at == "2026-11-20T09:00:00Z"
    first, second = world.webhooks("verdict.recorded")
    assert first["verdict"]["remembered"] is False
    assert second == shown.model_dump(mode="json")
    assert first["verdict"]["expert"] == second["verdict"]["expert"]


def test_no_expert_is_asked_and_no_verdict_is_made_up(world: World) -> None:
    said(world)
    received = again(world)
    cards = [each for each in world.outgoing("draw") if each["drawing"] == "request_card"]
    assert received.id not in {each["subject_id"] for each in cards}
    assert len(world.rows(Verdict)) == 1
    kept = world.one(RememberedAnswer)
    assert (kept.request_id, kept.verdict_id) == (received.id, world.one(Verdict).id)
    (entry,) = world.rows(AuditEntry, subject_id=received.id)
    assert kept.verdict_id in entry.details


def test_the_same_request_again_is_a_repetition_and_not_answered_twice(world: World) -> None:
    said(world)
    again(world)
    asked = question("Nordlys", "811", external_id="again")
    (received,) = world.receive(asked, now=LATER, keep=KEEP)
    assert (received.receipt, received.state) == (Receipt.REPEATED, RequestState.ANSWERED)
    assert len(world.webhooks("verdict.recorded")) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"price": {"amount": "19.90", "currency": "EUR"}},
        {"title": "Something else altogether"},
        {"seller": {"id": "s-99", "name": "another"}},
        {"at": NOW + KEEP},
        {"keep": timedelta()},
        {"item": "812"},
    ],
)
def test_another_offer_another_seller_or_an_old_answer_asks_the_experts(
    world: World, changes: dict[str, Any]
) -> None:
    said(world)
    assert again(world, **changes).state is RequestState.OPEN


@pytest.mark.parametrize("answer", [each for each in Answer if each is not Answer.GENUINE])
def test_nothing_but_genuine_is_remembered(world: World, answer: Answer) -> None:
    said(world, answer)
    assert again(world).state is RequestState.OPEN


def test_the_newest_verdict_speaks(world: World) -> None:
    said(world)
    received = again(world, price={"amount": "19.90", "currency": "EUR"})
    world.answer("lars", received.id, Answer.FAKE, now=LATER)
    assert again(world, "third").state is RequestState.OPEN


def test_a_question_of_another_brand_about_the_same_listing_is_asked(world: World) -> None:
    said(world)
    asked = question("Nordlys", "811", external_id="again") | {"brand": "Halden"}
    (received,) = world.receive(asked, now=LATER, keep=KEEP)
    assert received.state is RequestState.OPEN


def test_a_listing_whose_seller_is_unknown_is_asked_every_time(world: World) -> None:
    asked = question("Nordlys", "811")
    asked["listing"]["seller"] = None
    (received,) = world.receive(asked)
    world.answer("ines", received.id, Answer.GENUINE)
    (received,) = world.receive(asked | {"external_id": "again"}, now=LATER, keep=KEEP)
    assert received.state is RequestState.OPEN


def test_taking_the_answer_back_forgets_it_and_tells_whom_it_was_told_again(world: World) -> None:
    first = said(world)
    received = again(world)
    world.store.run_sync(retract_verdict, who("ines"), first, 1, "not sure", now=LATER)
    told = world.webhooks("verdict.retracted")
    assert [each["id"] for each in told] == [first, received.id]
    assert all(each["verdict"]["retracted"] and each["reason"] == "not sure" for each in told)
    assert len({each["id"] for each in world.outgoing("webhook")}) == len(world.outgoing("webhook"))
    assert again(world, "third").state is RequestState.OPEN


def test_the_first_card_is_drawn_again_where_its_brand_is_and_nowhere_else(world: World) -> None:
    first = said(world)
    assert world.store.read_sync(memory.cards, [first]) == []

    def drawn(session: Session) -> None:
        for place in ("CNORDLYS", "CELSEWHERE"):
            session.add(
                DrawnMessage(
                    kind=Drawing.REQUEST_CARD,
                    subject_id=first,
                    place=place,
                    channel_id=place,
                    ts="1",
                    drawn_at=NOW,
                )
            )

    world.change(drawn)
    assert world.store.read_sync(memory.cards, [first]) == [(first, "CNORDLYS")]
    again(world)
    repeats = world.store.read_sync(memory.repeats, world.one(Verdict).id)
    assert (repeats.times, repeats.last) == (1, LATER)


def test_a_batch_is_answered_in_as_many_statements_as_one(sqlite_store: Store) -> None:
    world = build(sqlite_store)
    for item in range(20):
        said(world, item=str(item))

    def selects(*items: int) -> int:
        asked = [question("Nordlys", str(item), external_id=f"x{len(items)}-{item}") for item in items]
        with everything_sent() as heard:
            received = world.receive(*asked, now=LATER, keep=KEEP)
        assert all(each.state is RequestState.ANSWERED for each in received)
        return sum(1 for each in heard if each.text.lstrip().startswith("SELECT"))

    assert selects(*range(20)) == selects(0)
