"""Counter-notices after the brand's turn: silence, decisions, and what follows for listing and standing."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.clock import ShiftedClock
from bot.contract.webhooks import EVENTS
from bot.enforcement import counter_notices
from bot.enforcement.access import Actor, Denied
from bot.enforcement.confirmations import confirm_fake
from bot.enforcement.counter_notices import WrongDecision
from bot.enforcement.counter_time import counter_notice_tick
from bot.enforcement.retractions import retract_verdict
from storage.engine import Store
from storage.queries import counter_notices as kept
from storage.records.audit import AuditEntry
from storage.records.authenticity import AuthenticityRequest
from storage.records.counter_notices import (
    CounterNotice,
    CounterState,
    DecidedBy,
)
from storage.records.sellers import Strike
from storage.records.standing import StandingTally
from storage.records.takedowns import Takedown, TakedownState
from tests.enforcement.counter_world import ACCEPT, Bench, relayed
from tests.enforcement.request_world import NOW, build, who
from tests.enforcement.standing_world import differences

S = CounterState
DUE = datetime(2026, 11, 24, tzinfo=UTC)  # the end of the third day after Friday 20 November
WARNING = (DUE - NOW) * 2 / 3
SILENCE = DUE - NOW


@pytest.fixture
def bench(sqlite_store: Store) -> Bench:
    """The world on SQLite: for rules that no database decides."""
    return Bench(build(sqlite_store))


@pytest.fixture
def bench_on_each(store: Store) -> Bench:
    """The world on each database: for constraints, races and statements."""
    return Bench(build(store))


def test_contested_it_is_the_marketplaces_turn_and_it_is_told_without_a_name(bench_on_each: Bench) -> None:
    bench = bench_on_each
    takedown_id = bench.removed()
    counter_id = bench.open(takedown_id)
    assert bench.answer("lars", counter_id) is S.CONTESTED
    (told,) = bench.world.webhooks("counter_notice.answered")
    EVENTS["counter_notice.answered"].model_validate(told)
    assert (told["state"], told["answer"]["position"], told["answer"]["code"]) == (
        "contested",
        "contest",
        "not_authorised",
    )
    assert told["answer"]["evidence"] == [{"url": "https://evidence.example/1.pdf"}]
    assert "LARS" not in str(told).upper()
    assert bench.takedown(takedown_id).state is TakedownState.REMOVED
    assert bench.pass_time(timedelta(days=30)) == 0
    bench.decide(counter_id, "rejected", reason="The papers do not fit.")
    counter = bench.counter(counter_id)
    assert (counter.state, counter.decided_by) == (S.REJECTED, DecidedBy.PLATFORM)
    assert bench.steps(counter_id) == ["contested", "rejected"]
    assert bench.world.webhooks("reinstatement.requested") == []


def test_accepted_the_listing_is_asked_back_and_its_return_is_confirmed(bench_on_each: Bench) -> None:
    bench = bench_on_each
    takedown_id = bench.removed()
    counter_id = bench.open(takedown_id)
    assert bench.answer("lars", counter_id, ACCEPT) is S.UPHELD
    assert bench.counter(counter_id).decided_by is DecidedBy.BRAND
    assert bench.takedown(takedown_id).state is TakedownState.REINSTATEMENT_REQUESTED
    (asked,) = bench.world.webhooks("reinstatement.requested")
    assert asked["takedown_id"] == takedown_id
    bench.report(takedown_id, "reinstated", NOW + timedelta(hours=1))
    counter = bench.counter(counter_id)
    assert (counter.state, counter.reinstated_at) == (S.UPHELD, NOW + timedelta(hours=1))
    assert bench.steps(counter_id) == ["accepted", "reinstated"]


def test_only_this_holders_cause_ends(bench_on_each: Bench) -> None:
    bench = bench_on_each
    world = bench.world
    world.answer("ines", world.ask())
    bench.also_asked_by("Halden", "petra")
    (takedown,) = world.rows(Takedown)
    # Halden is not in good standing: its Fake waits for a second person, who confirms.
    request = world.one(AuthenticityRequest, external_id="also-Halden")
    world.store.run_sync(confirm_fake, who("otto"), request.id, 1, now=NOW)
    bench.report(takedown.id, "removed")
    counter_id = bench.open(takedown.id)
    bench.answer("lars", counter_id, ACCEPT)
    assert bench.takedown(takedown.id).state is TakedownState.REMOVED
    assert world.webhooks("reinstatement.requested") == []
    second = bench.open(takedown.id, external_id="cn-2")
    assert bench.counter(second).holder_id == world.holders["Halden"]
    bench.answer("otto", second, ACCEPT)
    assert bench.takedown(takedown.id).state is TakedownState.REINSTATEMENT_REQUESTED


def test_silence_is_announced_once_and_then_means_what_the_regime_says(bench_on_each: Bench) -> None:
    bench = bench_on_each
    takedown_id = bench.removed()
    counter_id = bench.open(takedown_id)
    assert bench.pass_time(WARNING - timedelta(seconds=1)) == 0
    assert bench.pass_time(WARNING) == 1
    assert bench.pass_time(WARNING) == 0
    assert bench.steps(counter_id) == ["warned"]
    assert bench.pass_time(SILENCE - timedelta(seconds=1)) == 0
    assert bench.pass_time(SILENCE) == 1
    assert bench.pass_time(SILENCE + timedelta(days=1)) == 0
    counter = bench.counter(counter_id)
    assert (counter.state, counter.decided_by, counter.next_at) == (S.UPHELD, DecidedBy.SILENCE, None)
    assert bench.steps(counter_id) == ["warned", "lapsed"]
    assert bench.takedown(takedown_id).state is TakedownState.REINSTATEMENT_REQUESTED
    (told,) = bench.world.webhooks("counter_notice.lapsed")
    EVENTS["counter_notice.lapsed"].model_validate(told)
    assert (told["state"], told["decided_by"], told["silence"]) == ("upheld", "silence", "reinstate")
    assert len(bench.world.rows(AuditEntry, operation="counter_notice_time")) == 2


def test_where_the_marketplace_decides_silence_leaves_the_listing_removed(bench: Bench) -> None:
    takedown_id = bench.removed()
    counter_id = bench.open(takedown_id, regime="dsa")
    bench.pass_time(timedelta(days=20))
    assert bench.pass_time(timedelta(days=20)) == 0
    assert bench.counter(counter_id).state is S.UNANSWERED
    assert bench.takedown(takedown_id).state is TakedownState.REMOVED
    bench.decide(counter_id, "upheld")
    assert bench.counter(counter_id).decided_by is DecidedBy.PLATFORM
    assert bench.takedown(takedown_id).state is TakedownState.REINSTATEMENT_REQUESTED


def test_after_a_long_stop_the_time_that_passed_counts_at_once(bench: Bench) -> None:
    counter_id = bench.open()
    assert bench.pass_time(timedelta(days=30)) == 1
    assert bench.steps(counter_id) == ["lapsed"]


@pytest.mark.parametrize("state", ["upheld", "rejected", "withdrawn"])
def test_a_decision_is_reported_once_may_be_repeated_and_never_turned(bench: Bench, state: str) -> None:
    counter_id = bench.open()
    assert bench.decide(counter_id, state).state == state
    assert bench.decide(counter_id, state).state == state
    assert bench.decide(counter_id, state, event_id="e2").state == state
    assert bench.steps(counter_id) == [state]
    other = "rejected" if state != "rejected" else "upheld"
    with pytest.raises(WrongDecision):
        bench.decide(counter_id, other, event_id="e3")


def test_a_listing_that_comes_back_decides_what_was_open(bench: Bench) -> None:
    takedown_id = bench.removed()
    counter_id = bench.open(takedown_id)
    answered = bench.report(takedown_id, "reinstated")
    assert answered == bench.report(takedown_id, "reinstated")
    assert answered.causes == [], "its holder asks for it no longer"
    counter = bench.counter(counter_id)
    assert (counter.state, counter.decided_by, counter.reinstated_at) == (
        S.UPHELD,
        DecidedBy.PLATFORM,
        NOW,
    )
    assert bench.world.webhooks("reinstatement.requested") == []


def test_a_brand_that_takes_its_answer_back_agrees_and_is_counted_once(bench: Bench) -> None:
    takedown_id = bench.removed()
    counter_id = bench.open(takedown_id)
    request = bench.world.one(AuthenticityRequest)
    bench.world.store.run_sync(retract_verdict, who("ines"), request.id, 1, "mistaken", now=NOW)
    bench.report(takedown_id, "reinstated")
    counter = bench.counter(counter_id)
    assert (counter.state, counter.decided_by) == (S.UPHELD, DecidedBy.BRAND)
    tallies = bench.world.rows(StandingTally, holder_id=bench.world.holders["Nordlys"])
    counted = [sum(getattr(each, name) for each in tallies) for name in ("decided", "removed", "upheld")]
    assert counted == [1, 0, 0]
    assert differences(bench.world) == []


def test_an_answer_taken_back_after_it_was_overruled_changes_no_listing_and_no_figure(
    bench_on_each: Bench,
) -> None:
    bench = bench_on_each
    takedown_id = bench.removed()
    bench.answer("lars", bench.open(takedown_id), ACCEPT)
    bench.report(takedown_id, "reinstated")
    request = bench.world.one(AuthenticityRequest)
    bench.world.store.run_sync(retract_verdict, who("lars"), request.id, 1, "mistaken", now=NOW)
    assert bench.takedown(takedown_id).state is TakedownState.REINSTATED
    assert len(bench.world.webhooks("reinstatement.requested")) == 1
    tallies = bench.world.rows(StandingTally, holder_id=bench.world.holders["Nordlys"])
    counted = [sum(getattr(each, name) for each in tallies) for name in ("decided", "removed", "upheld")]
    assert counted == [1, 1, 1]
    assert differences(bench.world) == []


def test_no_other_marketplace_and_nobody_in_slack_relays_reads_or_decides(bench: Bench) -> None:
    takedown_id = bench.removed()
    for actor in (bench.world.other_client, who("ines"), who("lars"), who("nobody")):
        with pytest.raises(Denied):
            bench.relay(relayed(takedown_id), actor)
    counter_id = bench.open(takedown_id)
    strangers: list[Actor] = [bench.world.other_client, who("lars")]
    for actor in strangers:
        with pytest.raises(Denied):
            bench.world.store.read_sync(counter_notices.read, actor, counter_id)
    with pytest.raises(Denied):
        bench.world.store.read_sync(counter_notices.find, bench.world.other_client, "cn-1")
    assert bench.world.store.read_sync(counter_notices.find, bench.world.client, "cn-1").id == counter_id


@pytest.mark.parametrize(
    ("ends", "upheld"), [("accepted", 1), ("silence", 1), ("upheld", 1), ("rejected", 0), ("withdrawn", 0)]
)
def test_upheld_counts_in_standing_once_and_the_removal_stays_one(
    bench: Bench, ends: str, upheld: int
) -> None:
    takedown_id = bench.removed()
    counter_id = bench.open(takedown_id)
    match ends:
        case "accepted":
            bench.answer("lars", counter_id, ACCEPT)
        case "silence":
            bench.pass_time(SILENCE)
        case _:
            bench.decide(counter_id, ends)
    if upheld:
        bench.report(takedown_id, "reinstated", NOW + timedelta(hours=1))
    tallies = bench.world.rows(StandingTally, holder_id=bench.world.holders["Nordlys"])
    counted = [sum(getattr(each, name) for each in tallies) for name in ("decided", "removed", "upheld")]
    assert counted == [1, 1, upheld]
    assert differences(bench.world) == []
    (strike,) = bench.world.rows(Strike)
    assert (strike.taken_back_at is not None) == bool(upheld)


def test_what_is_due_is_found_by_its_index(bench: Bench) -> None:
    def plans(session: Any) -> list[str]:
        asked: list[str] = []
        raw: Any = session.connection().connection.driver_connection
        raw.set_trace_callback(asked.append)
        kept.due(session, NOW)
        kept.against(session, "T")
        kept.open_of(session, ["H"], limit=5)
        raw.set_trace_callback(None)
        return [str(row[3]) for query in asked for row in raw.execute(f"EXPLAIN QUERY PLAN {query}")]

    found = bench.world.store.run_sync(plans)
    searched = [plan for plan in found if "counter_notice" in plan]
    assert [plan.partition("INDEX ")[2].split(" ")[0] for plan in searched] == [
        "ix_counter_notice_next",
        "ix_counter_notice_takedown",
        "ix_counter_notice_holder",
    ]


def test_one_whose_time_cannot_pass_does_not_hold_up_the_others(bench: Bench) -> None:
    broken = bench.open(bench.removed())
    sound = bench.open(bench.removed(item="812"), external_id="cn-2")
    bench.world.change(lambda session: setattr(session.get_one(CounterNotice, broken), "regime_version", 99))
    clock = ShiftedClock()
    clock.offset = DUE + timedelta(days=1) - clock()
    with pytest.raises(ExceptionGroup):
        asyncio.run(counter_notice_tick(bench.world.store, clock))
    assert bench.counter(sound).state is S.UPHELD
    assert bench.counter(broken).state is S.OPEN
