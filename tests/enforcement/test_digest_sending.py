"""Digests come once for each local day, week or month, whatever stops between, and say when they are late."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel import Session

from bot.enforcement import digest_sending, digests
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY
from bot.enforcement.channels import Scope
from bot.enforcement.digest_calendar import DAY, local_day, pending
from bot.enforcement.digest_sending import CUT_OFF, digest_tick
from bot.enforcement.digests import Schedule
from storage.engine import Store, open_store
from storage.queries import channels
from storage.records.calendars import Span
from storage.records.channels import ChannelPurpose, ChannelState
from storage.records.digests import DigestSubscription, Lateness
from tests.enforcement.digest_world import (
    CHANNEL,
    MORNING,
    NAMES,
    NOON,
    ZONE,
    World,
    digest_rows,
    drawings,
    found,
    subscribe,
    who,
)

POSTED = [("digest", CHANNEL), ("digest_detail", CHANNEL)]


def group(world: World) -> Scope:
    return Scope(ChannelPurpose.GROUP, world.group)


def _same(now: datetime) -> datetime:
    return now


def tick(store: Store, now: datetime = MORNING) -> int:
    return asyncio.run(digest_tick(store, lambda: now, MONDAY_TO_FRIDAY))


def begin(store: Store, fill: Callable[[Session, World], None] | None = None, **due: Any) -> World:
    """A group whose digest is due at MORNING, after `fill` put cases in."""

    def do(session: Session) -> World:
        world = found(session)
        subscribe(session, world, **{"due": MORNING, **due})
        if fill:
            fill(session, world)
        return world

    return store.run_sync(do)


def subscription(store: Store) -> DigestSubscription:
    def read(session: Session) -> DigestSubscription:
        return session.get_one(DigestSubscription, (CHANNEL, Span.DAY))

    return store.read_sync(read)


def test_a_morning_gives_one_message_and_its_details(store: Store) -> None:
    begin(store, lambda session, world: world.busy(session))
    assert [tick(store), tick(store), tick(store, MORNING + timedelta(minutes=1))] == [1, 0, 0]
    assert drawings(store) == POSTED
    (digest,) = digest_rows(store)
    assert (digest.local_date, digest.due_at) == (date(2026, 11, 19), MORNING)
    assert digest.figures["last"] == "2026-11-18"
    assert (digest.figures["notices"]["window"], digest.figures["notices"]["cases"]) == (1, 15)
    assert subscription(store).next_due_at == MORNING + DAY


def test_nothing_comes_before_its_time(store: Store) -> None:
    begin(store, lambda session, world: world.busy(session))
    assert tick(store, MORNING - timedelta(seconds=1)) == 0
    assert digest_rows(store) == []


def test_an_empty_day_is_quiet(store: Store) -> None:
    begin(store)
    assert tick(store) == 0
    assert drawings(store) == []
    assert [digest.figures for digest in digest_rows(store)] == [{}]


def test_a_thin_week_is_told_once_when_it_is_over(sqlite_store: Store) -> None:
    def fill(session: Session, world: World) -> None:
        for days, holder in enumerate(NAMES):  # one on each day from Monday to Sunday
            world.notice(session, holder, NOON + timedelta(days=days - 2))

    begin(sqlite_store, fill)
    told = [tick(sqlite_store, MORNING + timedelta(days=days)) for days in range(9)]
    assert told == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    notices = digest_rows(sqlite_store)[4].figures["notices"]
    assert (notices["window"], notices["cases"]) == (7, 5)


def test_whether_a_day_is_quiet_does_not_tell_of_a_single_case(sqlite_store: Store) -> None:
    def fill(session: Session, world: World) -> None:
        for holder in NAMES[:3]:
            world.busy(session, NOON - timedelta(days=60), each=3)
            world.notice(session, holder)

    begin(sqlite_store, fill)
    assert tick(sqlite_store) == 0


def test_after_a_long_stop_only_the_newest_digest_is_made(store: Store) -> None:
    def fill(session: Session, world: World) -> None:
        for days in range(-5, 6):
            world.busy(session, NOON + timedelta(days=days))

    begin(store, fill)
    now = MORNING + timedelta(days=4, hours=8)
    assert [tick(store, now), tick(store, now)] == [1, 0]
    (digest,) = digest_rows(store)
    assert (digest.local_date, digest.made_at) == (date(2026, 11, 23), now)
    assert digest.due_at == MORNING + timedelta(days=4)
    assert (digest.late, digest.missed_since) == (Lateness.DOWN, MORNING.date())
    assert subscription(store).next_due_at == MORNING + timedelta(days=5)


def test_what_comes_after_its_cut_off_is_not_sent_and_the_next_one_says_so(sqlite_store: Store) -> None:
    def fill(session: Session, world: World) -> None:
        for days in range(4):
            world.busy(session, NOON + timedelta(days=days))

    begin(sqlite_store, fill)
    too_late = MORNING + CUT_OFF + timedelta(minutes=1)
    assert tick(sqlite_store, too_late) == 0
    assert drawings(sqlite_store) == []
    assert [tick(sqlite_store, MORNING + days * DAY) for days in (1, 2)] == [1, 1]
    missed = [digest.missed_since for digest in digest_rows(sqlite_store)]
    assert missed == [MORNING.date(), MORNING.date(), None]


@pytest.mark.parametrize(
    ("late", "reason"), [(timedelta(minutes=20), None), (timedelta(hours=2), Lateness.DOWN)]
)
def test_a_late_digest_says_why(sqlite_store: Store, late: timedelta, reason: Lateness | None) -> None:
    begin(sqlite_store, lambda session, world: world.busy(session))
    assert tick(sqlite_store, MORNING + late) == 1
    assert [digest.late for digest in digest_rows(sqlite_store)] == [reason]


@pytest.mark.parametrize("state", [ChannelState.PAUSED, ChannelState.BROKEN])
def test_a_digest_waits_while_its_channel_cannot_be_written_to(
    sqlite_store: Store, state: ChannelState
) -> None:
    def set_state(session: Session, wanted: ChannelState) -> None:
        binding = channels.bound(session, CHANNEL)
        assert binding is not None
        binding.state = wanted

    begin(sqlite_store, lambda session, world: world.busy(session))
    sqlite_store.run_sync(set_state, state)
    assert tick(sqlite_store) == 0
    sqlite_store.run_sync(set_state, ChannelState.BOUND)
    assert tick(sqlite_store, MORNING + timedelta(hours=2)) == 1
    assert [digest.late for digest in digest_rows(sqlite_store)] == [Lateness.CHANNEL]


def test_a_new_hour_gives_no_second_digest_on_the_same_date(store: Store) -> None:
    world = begin(store, lambda session, world: world.busy(session))
    assert tick(store) == 1
    noon = Schedule(hour=12, zone=ZONE)
    store.run_sync(digests.configure, who("chair"), group(world), Span.DAY, noon, now=MORNING)
    assert subscription(store).next_due_at == MORNING.replace(hour=12) + DAY
    assert tick(store, MORNING.replace(hour=12)) == 0
    assert len(digest_rows(store)) == 1


def test_what_was_stopped_does_not_come(store: Store) -> None:
    world = begin(store, lambda session, world: world.busy(session))
    store.run_sync(digests.configure, who("chair"), group(world), Span.DAY, None, now=NOON)
    assert tick(store) == 0
    store.run_sync(digests.configure, who("chair"), group(world), Span.DAY, None, now=NOON)


def test_a_change_between_counting_and_claiming_wins(sqlite_store: Store) -> None:
    world = begin(sqlite_store, lambda session, world: world.busy(session))
    seen = subscription(sqlite_store)
    sqlite_store.run_sync(
        digests.configure,
        who("chair"),
        group(world),
        Span.DAY,
        Schedule(hour=10, zone=ZONE),
        now=MORNING,
    )
    late = pending(seen.next_due_at, MORNING, digest_sending.times_of(seen), CUT_OFF)
    assert not sqlite_store.run_sync(digest_sending._claim, seen, late, {"any": "figure"}, now=MORNING)
    assert digest_rows(sqlite_store) == []


@pytest.mark.postgres
async def test_replicas_that_race_make_one_digest(postgres_url: str) -> None:
    stores = [open_store(postgres_url), open_store(postgres_url)]
    try:
        await asyncio.to_thread(begin, stores[0], lambda session, world: world.busy(session))
        for days, posts in enumerate((1, 0, 0, 0, 1)):  # a day with enough cases, and on Monday its week
            now = MORNING + timedelta(days=days)
            racing = [digest_tick(store, partial(_same, now), MONDAY_TO_FRIDAY) for store in stores * 3]
            assert sum(await asyncio.gather(*racing)) == posts
        assert [digest.local_date for digest in digest_rows(stores[0])] == [
            date(2026, 11, 19) + timedelta(days=days) for days in range(5)
        ]
        assert drawings(stores[1]) == POSTED * 2
    finally:
        for store in stores:
            await store.close()


async def test_ticks_that_overlap_on_one_store_make_one_digest(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    try:
        await asyncio.to_thread(begin, store, lambda session, world: world.busy(session))
        racing = [digest_tick(store, partial(_same, MORNING), MONDAY_TO_FRIDAY) for _ in range(6)]
        assert sum(await asyncio.gather(*racing)) == 1
        assert drawings(store) == POSTED
    finally:
        await store.close()


def test_a_restart_repeats_nothing(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    begin(store, lambda session, world: world.busy(session))
    assert tick(store) == 1
    store.close_sync()
    store = open_store(sqlite_url)
    assert tick(store) == 0
    assert drawings(store) == POSTED
    store.close_sync()


@pytest.mark.parametrize(
    ("zone", "hour", "start"),
    [
        ("Europe/Berlin", 2, datetime(2026, 3, 27, tzinfo=UTC)),
        ("Europe/Berlin", 2, datetime(2026, 10, 23, tzinfo=UTC)),
        ("Asia/Beirut", 0, datetime(2026, 3, 27, tzinfo=UTC)),
        ("America/Havana", 0, datetime(2026, 10, 30, tzinfo=UTC)),
        ("Australia/Lord_Howe", 1, datetime(2026, 10, 2, tzinfo=UTC)),
    ],
)
def test_each_local_date_has_one_digest_through_a_clock_change(
    sqlite_store: Store, zone: str, hour: int, start: datetime
) -> None:
    begin(sqlite_store, due=start, hour=hour, zone=zone)
    for step in range(4 * 48):
        tick(sqlite_store, start + timedelta(minutes=30) * step)
    dates = [digest.local_date for digest in digest_rows(sqlite_store)]
    assert dates == [dates[0] + timedelta(days=number) for number in range(len(dates))]
    assert len(dates) >= 4
    assert dates[-1] >= local_day(start + timedelta(days=3), zone)
