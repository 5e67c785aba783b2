"""Objections to what a marketplace removed on a notice by itself: the same life, counted in the same way."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlmodel import Session

from bot.contract.counter_notices import CounterNoticeStatus, RelayedCounterNotice
from bot.contract.webhooks import EVENTS
from bot.enforcement import counter_notices
from bot.enforcement.access import Denied
from bot.enforcement.counter_intake import Receipt
from bot.enforcement.counter_notices import WrongDecision
from bot.enforcement.notices import withdraw_notice
from storage.engine import Store
from storage.queries import counter_notices as kept
from storage.queries import misuse as misused
from storage.records.counter_notices import CounterState
from storage.records.misuse import Unfounded
from storage.records.notices import ItemState, Notice, NoticeItem, NoticeState
from storage.records.roster import Role
from storage.records.sellers import Strike
from storage.records.takedowns import CauseKind, Takedown, TakedownCause, TakedownState
from tests.enforcement.counter_world import ACCEPT, CONTEST, Bench, against, relayed
from tests.enforcement.request_world import NOW, _person, build, who
from tests.enforcement.standing_world import TODAY, differences, move, review, tally
from tests.enforcement.test_counter_answers import SILENCE

S = CounterState


@pytest.fixture
def bench(sqlite_store: Store) -> Bench:
    """The world on SQLite."""
    return Bench(build(sqlite_store))


@pytest.fixture
def bench_on_each(store: Store) -> Bench:
    """The same on each database."""
    return Bench(build(store))


def removed(bench: Bench, item: str = "1") -> tuple[Notice, str]:
    """Tansy has no standing: its Fake becomes a notice, which the marketplace decides; notice and item."""
    world = bench.world
    notice = review(world, item)
    # Who may answer comes later: with two people its Fake would have waited for the second.
    world.change(lambda session: _person(session, "tara", Role.LEAD, world.holders["Tansy"]))
    move(world, notice.id, NoticeState.ACTIONED)
    return notice, str(world.one(NoticeItem, notice_id=notice.id).id)


def opened(bench: Bench, item_id: str, **more: Any) -> str:
    received = bench.relay(against(item_id, **more))
    assert received.read is not None, received
    return received.read.id


def back(bench: Bench, counter_id: str, event_id: str = "b1") -> Any:
    told = CounterNoticeStatus(event_id=event_id, state="reinstated")
    return bench.world.store.run_sync(
        counter_notices.decide, bench.world.client, counter_id, told, now=NOW + timedelta(hours=1)
    )


def test_it_is_relayed_accepted_counted_once_and_put_back(bench_on_each: Bench) -> None:
    bench = bench_on_each
    world = bench.world
    notice, item_id = removed(bench)
    counter_id = opened(bench, item_id)
    assert world.store.read_sync(kept.removal_of_notice, notice.id).objections == 1
    assert bench.answer("tara", counter_id, ACCEPT) is S.UPHELD
    (asked,) = world.webhooks("reinstatement.requested")
    EVENTS["reinstatement.requested"].model_validate(asked)
    assert (asked["takedown_id"], asked["item_id"]) == (None, item_id)
    assert asked["counter_notice_id"] == counter_id
    assert tally(world, "Tansy") == [(TODAY, 1, 1, 1)]
    assert back(bench, counter_id).reinstated_at is not None
    assert back(bench, counter_id, "b2").reinstated_at == back(bench, counter_id).reinstated_at
    assert bench.steps(counter_id) == ["accepted", "reinstated"]
    assert world.one(NoticeItem, id=item_id).state is ItemState.KEPT
    assert world.one(Notice, id=notice.id).state is NoticeState.REJECTED
    assert world.store.read_sync(kept.removal_of_notice, notice.id).upheld == 1
    assert tally(world, "Tansy") == [(TODAY, 1, 1, 1)]
    assert differences(world) == []
    assert world.one(Strike).taken_back_at is not None
    (ending,) = world.store.read_sync(misused.endings, TODAY, holder_id=world.holders["Tansy"])
    assert ending.kind is Unfounded.UPHELD
    assert bench.relay(against(item_id, external_id="cn-2")).receipt is Receipt.CONFLICT


@pytest.mark.parametrize(
    ("ends", "state", "upheld"),
    [
        ("silence", S.UPHELD, 1),
        ("upheld", S.UPHELD, 1),
        ("reinstated", S.UPHELD, 1),
        ("rejected", S.REJECTED, 0),
        ("withdrawn", S.WITHDRAWN, 0),
    ],
)
def test_every_end_counts_as_against_a_takedown(
    bench: Bench, ends: str, state: CounterState, upheld: int
) -> None:
    notice, item_id = removed(bench)
    counter_id = opened(bench, item_id)
    match ends:
        case "silence":
            bench.pass_time(SILENCE)
        case "reinstated":
            back(bench, counter_id)
        case _:
            bench.answer("tara", counter_id, CONTEST)
            bench.decide(counter_id, ends)
    assert bench.counter(counter_id).state is state
    assert sum(row[3] for row in tally(bench.world, "Tansy")) == upheld
    assert sum(row[2] for row in tally(bench.world, "Tansy")) == 1
    # Whatever follows, the removal stays one and is upheld once.
    if ends != "reinstated":  # nothing of it is left to withdraw
        bench.world.store.run_sync(withdraw_notice, who("tess"), notice.id, "mistaken", now=NOW)
    assert sum(row[2] for row in tally(bench.world, "Tansy")) == upheld
    assert differences(bench.world) == []


def test_a_withdrawn_notice_takes_no_objection_and_what_was_open_counts_no_second_time(bench: Bench) -> None:
    notice, item_id = removed(bench)
    counter_id = opened(bench, item_id)
    bench.world.store.run_sync(withdraw_notice, who("tess"), notice.id, "mistaken", now=NOW)
    bench.decide(counter_id, "upheld")
    assert tally(bench.world, "Tansy") == [(TODAY, 1, 0, 0)]
    assert differences(bench.world) == []
    assert bench.relay(against(item_id, external_id="cn-2")).field == "item_id"


def test_while_another_notice_keeps_the_listing_down_it_is_not_asked_back(bench: Bench) -> None:
    _, item_id = removed(bench)

    without = {"id", "reference", "verdict_id", "holder_id"}

    def another(session: Session) -> None:
        first = session.get_one(NoticeItem, item_id)
        listed = session.get_one(Notice, first.notice_id).model_dump(exclude=without)
        notice = Notice(**listed, reference="GF-OTHER", holder_id=bench.world.holders["Halden"])
        session.add(notice)
        session.flush()
        session.add(
            NoticeItem(notice_id=notice.id, listing_id=first.listing_id, state=ItemState.REMOVED, position=0)
        )

    bench.world.change(another)
    counter_id = opened(bench, item_id)
    bench.answer("tara", counter_id, ACCEPT)
    assert bench.world.webhooks("reinstatement.requested") == []
    sheet = bench.world.store.read_sync(kept.sheet, counter_id)
    assert sheet is not None
    assert sheet.removal is TakedownState.REMOVED


def test_a_removal_decided_on_the_notice_of_an_open_takedown_ends_that_takedown(bench: Bench) -> None:
    """The marketplace decided the notice and never reported the takedown that went with it."""
    world = bench.world
    notice, item_id = removed(bench)
    world.answer("ines", world.ask("Nordlys", "9"))
    takedown_id = world.one(Takedown).id

    def attach(session: Session) -> None:
        item = session.get_one(NoticeItem, item_id)
        item.counted = item.counted_on = None
        takedown = session.get_one(Takedown, takedown_id)
        takedown.state = TakedownState.SENT
        session.add(
            TakedownCause(
                takedown_id=takedown_id,
                kind=CauseKind.NOTICE_ITEM,
                subject_id=item_id,
                holder_id=notice.holder_id,
                at=NOW,
            )
        )

    world.change(attach)
    counter_id = opened(bench, item_id)
    assert bench.counter(counter_id).takedown_id == takedown_id
    bench.answer("tara", counter_id, ACCEPT)
    cause = world.one(TakedownCause, subject_id=item_id)
    assert (cause.withdrawn_at, cause.upheld_on) == (NOW, TODAY)
    with pytest.raises(WrongDecision):
        back(bench, counter_id)


def test_an_item_that_counted_before_its_takedown_counts_as_upheld_itself(bench: Bench) -> None:
    world = bench.world
    notice, item_id = removed(bench)
    world.answer("ines", world.ask("Nordlys", "9"))
    takedown_id = world.one(Takedown).id

    def attach(session: Session) -> None:
        session.add(
            TakedownCause(
                takedown_id=takedown_id,
                kind=CauseKind.NOTICE_ITEM,
                subject_id=item_id,
                holder_id=notice.holder_id,
                at=NOW,
            )
        )

    world.change(attach)
    bench.report(takedown_id, "removed")
    counter_id = opened(bench, item_id)
    bench.answer("tara", counter_id, ACCEPT)
    assert world.one(NoticeItem, id=item_id).upheld_on == TODAY
    assert sum(row[3] for row in tally(world, "Tansy")) == 1
    assert differences(world) == []


def test_nobody_else_relays_it_and_both_names_at_once_are_none(bench: Bench) -> None:
    _, item_id = removed(bench)
    for actor in (bench.world.other_client, who("tara"), who("nobody")):
        with pytest.raises(Denied):
            bench.relay(against(item_id), actor)
    with pytest.raises(Denied):
        bench.relay(against("01J00000000000000000000000"))
    for body in (against(item_id) | {"takedown_id": item_id}, relayed("") | {"takedown_id": None}):
        with pytest.raises(ValueError, match="give this or item_id"):
            RelayedCounterNotice.model_validate_json(orjson.dumps(body))
    opened(bench, item_id)
    assert bench.relay(against(item_id)).receipt is Receipt.REPEATED
    assert bench.relay(against(item_id, external_id="cn-2")).fault == "has an open counter-notice"
    assert bench.relay(against(item_id, statement="Other")).receipt is Receipt.CONFLICT
