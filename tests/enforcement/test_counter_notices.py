"""Counter-notices: taken once, answered once and in time, decided, and what follows for the listing."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.clock import ShiftedClock
from bot.contract.webhooks import EVENTS
from bot.enforcement import counter_answers, counter_notices
from bot.enforcement.access import Actor, Denied
from bot.enforcement.confirmations import confirm_fake
from bot.enforcement.counter_answers import Answer, Unfit
from bot.enforcement.counter_intake import Receipt
from bot.enforcement.counter_notices import WrongDecision
from bot.enforcement.counter_time import counter_notice_tick
from bot.enforcement.refusals import Refused
from bot.enforcement.retractions import retract_verdict
from storage.engine import Store
from storage.queries import counter_notices as kept
from storage.queries import standing
from storage.records.audit import AuditEntry
from storage.records.authenticity import AuthenticityRequest
from storage.records.counter_notices import (
    ContestCode,
    CounterNotice,
    CounterNoticeAnswer,
    CounterNoticePaper,
    CounterState,
    DecidedBy,
    Position,
)
from storage.records.roster import HolderKind, HolderSize, Mandate, RightsHolder, Role, Standing
from storage.records.sellers import Strike
from storage.records.standing import StandingTally
from storage.records.takedowns import Takedown, TakedownState
from tests.enforcement.counter_world import ACCEPT, CONTEST, PAPER, Bench, relayed
from tests.enforcement.request_world import NOW, _person, build, who

S = CounterState
DUE = datetime(2026, 11, 24, tzinfo=UTC)  # the end of the third day after Friday 20 November
WARNING = (DUE - NOW) * 2 / 3
SILENCE = DUE - NOW
COURT = Answer(
    Position.CONTEST, ContestCode.COURT_ACTION, "We went to court.", reference="Court of Oslo 26-1"
)


@pytest.fixture
def bench(sqlite_store: Store) -> Bench:
    """The world on SQLite: for rules that no database decides."""
    return Bench(build(sqlite_store))


@pytest.fixture
def bench_on_each(store: Store) -> Bench:
    """The world on each database: for constraints, races and statements."""
    return Bench(build(store))


def test_a_counter_notice_is_kept_whole_and_drawn_for_its_brand(bench_on_each: Bench) -> None:
    bench = bench_on_each
    takedown_id = bench.removed()
    counter_id = bench.open(takedown_id)
    counter = bench.counter(counter_id)
    assert (counter.state, counter.chance, counter.due_at) == (S.OPEN, 1, DUE)
    assert (counter.takedown_id, counter.holder_id) == (takedown_id, bench.world.holders["Nordlys"])
    assert counter.seller_id == bench.takedown(takedown_id).seller_id
    paper: CounterNoticePaper = bench.world.one(CounterNoticePaper)
    assert (paper.title, paper.sha256, paper.size) == (PAPER["title"], PAPER["sha256"], PAPER["size"])
    drawn = [each for each in bench.world.outgoing("draw") if each["drawing"] == "counter_notice_card"]
    assert [each["place"] for each in drawn] == ["CNORDLYS"]
    (entry,) = bench.world.rows(AuditEntry, operation="submit_counter_notice")
    assert entry.tenant == bench.world.holders["Nordlys"]


def test_the_same_id_is_the_same_counter_notice_and_with_another_body_a_conflict(
    bench_on_each: Bench,
) -> None:
    bench = bench_on_each
    takedown_id = bench.removed()
    first = bench.relay(relayed(takedown_id))
    again = bench.relay(relayed(takedown_id))
    other = bench.relay(relayed(takedown_id, statement="Something else"))
    assert (first.receipt, again.receipt, other.receipt) == (
        Receipt.NEW,
        Receipt.REPEATED,
        Receipt.CONFLICT,
    )
    assert again.read == first.read
    assert other.field == "external_id"
    assert len(bench.world.rows(CounterNotice)) == 1


def test_only_one_is_open_against_one_takedown(bench: Bench) -> None:
    takedown_id = bench.removed()
    bench.open(takedown_id)
    second = bench.relay(relayed(takedown_id, external_id="cn-2"))
    assert (second.receipt, second.field) == (Receipt.CONFLICT, "takedown_id")


def test_a_listing_that_was_not_removed_has_nothing_to_object_to(bench: Bench) -> None:
    bench.world.answer("ines", bench.world.ask())
    (takedown,) = bench.world.rows(Takedown)
    received = bench.relay(relayed(takedown.id))
    assert (received.receipt, received.field) == (Receipt.CONFLICT, "takedown_id")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"papers": []}, "papers"),
        ({"regime": "dmca"}, "particulars.name"),
        ({"regime": "china_ecommerce", "particulars": {"name": "Li Wei"}}, "particulars.telephone"),
        (
            {"regime": "alibaba", "papers": [], "particulars": {"name": "Li Wei"}},
            "papers",
        ),
        ({"filed_at": "2026-11-20T09:00:01Z"}, "filed_at"),
    ],
)
def test_what_a_regime_asks_for_is_named_where_it_is_missing(
    bench: Bench, more: dict[str, Any], field: str
) -> None:
    received = bench.relay(relayed(bench.removed(), **more))
    assert (received.receipt, received.field) == (Receipt.INVALID, field)
    assert bench.world.rows(CounterNotice) == []


def test_a_seller_who_files_too_late_is_refused_by_when_they_filed_not_when_it_is_relayed(
    bench: Bench,
) -> None:
    takedown_id = bench.removed()  # Friday: Saturday, Monday and Tuesday are the seller's three days
    relayed_at = NOW + timedelta(days=9)
    late = relayed(takedown_id, filed_at="2026-11-25T00:00:00Z")
    in_time = relayed(takedown_id, filed_at="2026-11-24T23:59:59Z")
    refused = bench.relay(late, now=relayed_at)
    assert (refused.receipt, refused.field) == (Receipt.INVALID, "filed_at")
    assert bench.relay(in_time, now=relayed_at).receipt is Receipt.NEW


def test_a_sellers_chances_are_used_up(bench: Bench) -> None:
    takedown_id = bench.removed()
    for chance in (1, 2):
        counter_id = bench.open(takedown_id, regime="tiktok_shop", external_id=f"cn-{chance}")
        assert bench.counter(counter_id).chance == chance
        bench.decide(counter_id, "rejected")
    third = bench.relay(relayed(takedown_id, regime="tiktok_shop", external_id="cn-3"))
    assert (third.receipt, third.field) == (Receipt.CONFLICT, "regime")


def test_one_that_was_withdrawn_uses_no_chance(bench: Bench) -> None:
    takedown_id = bench.removed()
    bench.decide(bench.open(takedown_id), "withdrawn")
    again = bench.open(takedown_id, external_id="cn-2")
    assert bench.counter(again).chance == 1


def test_the_marketplaces_own_earlier_time_counts_and_a_later_one_does_not(bench: Bench) -> None:
    earlier = bench.open(bench.removed(), reply_by="2026-11-23T09:00:00Z")
    assert bench.counter(earlier).due_at == datetime(2026, 11, 23, 9, tzinfo=UTC)
    later = bench.open(bench.removed(item="812"), external_id="cn-2", reply_by="2026-12-23T09:00:00Z")
    assert bench.counter(later).due_at == DUE


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


def test_nobody_answers_after_the_time_even_before_the_clock_has_seen_it(bench: Bench) -> None:
    counter_id = bench.open()
    with pytest.raises(Refused) as refused:
        bench.answer("lars", counter_id, now=DUE)
    assert refused.value.key == "counter_notices.too_late"
    assert bench.answer("lars", counter_id, now=DUE - timedelta(seconds=1)) is S.CONTESTED


def test_of_many_answers_at_once_one_counts(bench_on_each: Bench) -> None:
    bench = bench_on_each
    counter_id = bench.open()
    store = bench.world.store

    async def race() -> list[Any]:
        answers = [ACCEPT, CONTEST] * 10
        units = [
            store.run(counter_answers.answer, who("lars"), counter_id, 1, given, now=NOW) for given in answers
        ]
        return await asyncio.gather(*units, return_exceptions=True)

    outcomes = asyncio.run(race())
    won = [each for each in outcomes if isinstance(each, CounterState)]
    assert len(won) == 1
    assert all(isinstance(each, Refused) for each in outcomes if each not in won)
    assert len(bench.world.rows(CounterNoticeAnswer)) == 1
    assert len(bench.world.webhooks("counter_notice.answered")) == 1


def test_a_small_member_proposes_and_a_second_person_agrees(bench_on_each: Bench) -> None:
    bench = bench_on_each
    counter_id = bench.open(_by_two(bench))
    assert bench.answer("kay", counter_id) is S.AWAITING_CONFIRMATION
    assert bench.read(counter_id).answer is None
    assert bench.world.webhooks("counter_notice.answered") == []
    with pytest.raises(Refused) as refused:
        _confirm(bench, "kay", counter_id)
    assert refused.value.key == "counter_notices.not_your_own"
    assert _confirm(bench, "kim", counter_id) is S.CONTESTED
    assert len(bench.world.webhooks("counter_notice.answered")) == 1


def test_declined_another_answer_can_be_given(bench_on_each: Bench) -> None:
    bench = bench_on_each
    counter_id = bench.open(_by_two(bench))
    bench.answer("kay", counter_id, ACCEPT)
    store = bench.world.store
    store.run_sync(counter_answers.decline, who("kim"), counter_id, 1, "They are fakes.", now=NOW)
    assert bench.counter(counter_id).state is S.OPEN
    with pytest.raises(Refused):
        bench.answer("kim", counter_id)  # a button of the round before
    assert bench.answer("kim", counter_id, round_=2) is S.AWAITING_CONFIRMATION
    assert _confirm(bench, "kay", counter_id, 2) is S.CONTESTED
    assert bench.steps(counter_id) == ["proposed", "declined", "proposed", "contested"]


def test_an_answer_that_nobody_confirmed_was_none(bench: Bench) -> None:
    counter_id = bench.open(_by_two(bench))
    bench.answer("kay", counter_id)
    bench.pass_time(WARNING)
    bench.pass_time(SILENCE)
    assert bench.counter(counter_id).decided_by is DecidedBy.SILENCE
    assert bench.read(counter_id).answer is not None


@pytest.mark.parametrize(
    ("name", "allowed"), [("lars", True), ("ines", False), ("otto", False), ("pia", False), ("guest", False)]
)
def test_only_the_brands_lead_answers(bench: Bench, name: str, allowed: bool) -> None:
    counter_id = bench.open()
    if allowed:
        bench.answer(name, counter_id)
        return
    with pytest.raises(Denied):
        bench.answer(name, counter_id)
    with pytest.raises(Denied):
        bench.world.store.read_sync(counter_answers.to_answer, who(name), counter_id, 1, now=NOW)
    assert bench.counter(counter_id).state is S.OPEN


def test_the_officer_of_an_association_with_a_mandate_answers_for_its_member(bench: Bench) -> None:
    counter_id = bench.open()
    world = bench.world

    def found(session: Any) -> None:
        association = RightsHolder(
            name="Makers",
            name_key="makers",
            kind=HolderKind.ASSOCIATION,
            size=HolderSize.LARGE,
            industry="clothing",
            country="NO",
            standing=Standing.APPLICANT,
            standing_since=NOW,
            created_at=NOW,
        )
        session.add(association)
        session.flush()
        _person(session, "olga", Role.ASSOCIATION_OFFICER, association.id)
        session.add(
            Mandate(
                association_id=association.id,
                holder_id=world.holders["Nordlys"],
                document="mandate.pdf",
                since=NOW,
            )
        )

    with pytest.raises(Denied):
        bench.answer("olga", counter_id)
    world.change(found)
    assert bench.answer("olga", counter_id) is S.CONTESTED


@pytest.mark.parametrize(
    ("regime", "given", "field"),
    [
        ("mercado_libre", Answer(Position.CONTEST, None, "Why"), "code"),
        ("mercado_libre", Answer(Position.CONTEST, ContestCode.FORGED, "Why"), "code"),
        ("mercado_libre", Answer(Position.CONTEST, ContestCode.ILLEGIBLE, ""), "explanation"),
        ("mercado_libre", Answer(Position.CONTEST, ContestCode.ILLEGIBLE, "Why", links=["ftp://x"]), "links"),
        (
            "mercado_libre",
            Answer(Position.CONTEST, ContestCode.ILLEGIBLE, "Why", links=["https://x.example"] * 21),
            "links",
        ),
        ("dsa", Answer(Position.CONTEST, ContestCode.COURT_ACTION, "Why"), "reference"),
    ],
)
def test_an_answer_that_does_not_fit_names_its_field(
    bench: Bench, regime: str, given: Answer, field: str
) -> None:
    counter_id = bench.open(bench.removed(), regime=regime)
    with pytest.raises(Unfit) as unfit:
        bench.answer("lars", counter_id, given)
    assert unfit.value.field == field
    assert bench.counter(counter_id).state is S.OPEN


def test_under_a_statute_only_a_court_contests(bench: Bench) -> None:
    particulars = {"name": "Li Wei", "telephone": "+86 10 1", "signature": "Li Wei"}
    counter_id = bench.open(bench.removed(), regime="china_ecommerce", particulars=particulars)
    assert bench.counter(counter_id).due_at == datetime(2026, 12, 6, tzinfo=UTC)
    with pytest.raises(Unfit):
        bench.answer("lars", counter_id, CONTEST)
    assert bench.answer("lars", counter_id, COURT) is S.CONTESTED


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
    bench.report(takedown_id, "reinstated")
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
    assert bench.world.store.read_sync(standing.differences) == []


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
    assert bench.world.store.read_sync(standing.differences) == []
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


def _by_two(bench: Bench) -> str:
    """A removed listing of Kestrel's, whose two small members confirmed each other."""
    request_id = bench.world.ask("Kestrel")
    bench.world.answer("kay", request_id)
    bench.world.store.run_sync(confirm_fake, who("kim"), request_id, 1, now=NOW)
    takedown: Takedown = bench.world.one(Takedown)
    bench.report(takedown.id, "removed")
    return takedown.id


def _confirm(bench: Bench, name: str, counter_id: str, round_: int = 1) -> CounterState:
    return bench.world.store.run_sync(counter_answers.confirm, who(name), counter_id, round_, now=NOW)
