"""Counter-notices as they come in: taken once and whole, or refused with the field that is wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.enforcement.counter_intake import Receipt
from storage.engine import Store
from storage.records.audit import AuditEntry
from storage.records.counter_notices import (
    CounterNotice,
    CounterNoticePaper,
    CounterState,
)
from storage.records.takedowns import Takedown
from tests.enforcement.counter_world import PAPER, Bench, relayed
from tests.enforcement.request_world import NOW, build

S = CounterState
DUE = datetime(2026, 11, 24, tzinfo=UTC)  # the end of the third day after Friday 20 November


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
