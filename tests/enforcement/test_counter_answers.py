"""The brand's answer to a counter-notice: who gives it, with whom, once, in time and on a known ground."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.enforcement import counter_answers
from bot.enforcement.access import Denied
from bot.enforcement.confirmations import confirm_fake
from bot.enforcement.counter_answers import Answer, Unfit
from bot.enforcement.refusals import Refused
from storage.engine import Store
from storage.records.counter_notices import (
    ContestCode,
    CounterNoticeAnswer,
    CounterState,
    DecidedBy,
    Position,
)
from storage.records.roster import HolderKind, HolderSize, Mandate, RightsHolder, Role, Standing
from storage.records.takedowns import Takedown
from tests.enforcement.counter_world import ACCEPT, CONTEST, Bench
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
