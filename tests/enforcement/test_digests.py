"""Digests come once for each local day, say what may be said, and obey those who may set them."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import Session, select

from bot.enforcement import digests
from bot.enforcement.access import OPERATOR, Denied
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY
from bot.enforcement.digest_calendar import DAY, local_day
from bot.enforcement.digests import Schedule, digest_tick
from bot.enforcement.refusals import Refused
from storage.engine import Store, open_store
from storage.queries import channels
from storage.records.audit import AuditEntry
from storage.records.channels import ChannelState
from storage.records.groups import DigestSubscription
from storage.records.outbox import OutboxRow
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
NINE = Schedule(hour=9, zone=ZONE)


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
        return session.get_one(DigestSubscription, CHANNEL)

    return store.read_sync(read)


def test_a_morning_gives_one_message_and_its_details(store: Store) -> None:
    begin(store, lambda session, world: world.busy(session))
    assert [tick(store), tick(store), tick(store, MORNING + timedelta(minutes=1))] == [1, 0, 0]
    assert drawings(store) == POSTED
    (digest,) = digest_rows(store)
    assert (digest.local_date, digest.due_at) == (date(2026, 11, 19), MORNING)
    assert digest.figures["last"] == "2026-11-18"
    assert digest.figures["notices"] == {"window": 1, "cases": 15, "before": None}
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


def test_a_thin_week_is_told_once_a_week(sqlite_store: Store) -> None:
    def fill(session: Session, world: World) -> None:
        for days, holder in enumerate(NAMES):
            world.notice(session, holder, NOON - timedelta(days=days))
            world.notice(session, holder, NOON + timedelta(days=days + 1))

    begin(sqlite_store, fill)
    told = [tick(sqlite_store, MORNING + timedelta(days=days)) for days in range(9)]
    assert told == [1, 0, 0, 0, 0, 0, 0, 1, 0]
    assert digest_rows(sqlite_store)[0].figures["notices"] == {"window": 7, "cases": 5, "before": None}


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
    assert subscription(store).next_due_at == MORNING + timedelta(days=5)


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


def test_a_new_hour_gives_no_second_digest_on_the_same_date(store: Store) -> None:
    world = begin(store, lambda session, world: world.busy(session))
    assert tick(store) == 1
    noon = Schedule(hour=12, zone=ZONE)
    store.run_sync(digests.configure, who("chair"), world.group, noon, now=MORNING)
    assert subscription(store).next_due_at == MORNING.replace(hour=12)
    assert tick(store, MORNING.replace(hour=12)) == 0
    assert len(digest_rows(store)) == 1
    assert subscription(store).next_due_at == MORNING.replace(hour=12) + DAY


def test_what_was_stopped_does_not_come(store: Store) -> None:
    world = begin(store, lambda session, world: world.busy(session))
    store.run_sync(digests.configure, who("chair"), world.group, None, now=NOON)
    assert tick(store) == 0
    store.run_sync(digests.configure, who("chair"), world.group, None, now=NOON)


def test_a_change_between_counting_and_claiming_wins(sqlite_store: Store) -> None:
    world = begin(sqlite_store, lambda session, world: world.busy(session))
    seen = subscription(sqlite_store)
    sqlite_store.run_sync(
        digests.configure, who("chair"), world.group, Schedule(hour=10, zone=ZONE), now=MORNING
    )
    newest = digests._newest(seen, MORNING)
    assert not sqlite_store.run_sync(digests._claim, seen, newest, {"any": "figure"}, now=MORNING)
    assert digest_rows(sqlite_store) == []


@pytest.mark.postgres
async def test_replicas_that_race_make_one_digest(postgres_url: str) -> None:
    stores = [open_store(postgres_url), open_store(postgres_url)]
    try:
        await asyncio.to_thread(begin, stores[0], lambda session, world: world.busy(session))
        for days in range(5):
            now = MORNING + timedelta(days=days)
            racing = [digest_tick(store, partial(_same, now), MONDAY_TO_FRIDAY) for store in stores * 3]
            assert sum(await asyncio.gather(*racing)) == (days == 0)
        assert [digest.local_date for digest in digest_rows(stores[0])] == [
            date(2026, 11, 19) + timedelta(days=days) for days in range(5)
        ]
        assert drawings(stores[1]) == POSTED
    finally:
        for store in stores:
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


@pytest.mark.parametrize("name", ["chair", "admin"])
def test_chairs_and_administrators_set_the_hour(store: Store, name: str) -> None:
    world = store.run_sync(found)
    kept = store.run_sync(digests.configure, who(name), world.group, NINE, now=NOON)
    assert kept is not None
    assert (subscription(store).hour, subscription(store).next_due_at) == (9, MORNING)
    half_past = Schedule(hour=7, minute=30, zone="Asia/Kathmandu")
    store.run_sync(digests.configure, who(name), world.group, half_past, now=NOON)
    assert subscription(store).next_due_at == datetime(2026, 11, 19, 1, 45, tzinfo=UTC)
    entries = store.read_sync(lambda session: list(session.exec(select(AuditEntry))))
    assert [entry.operation for entry in entries] == ["configure_digest"] * 2
    assert "07:30 Asia/Kathmandu" in entries[-1].details


@pytest.mark.parametrize("name", ["expert", "outsider", "staff", "nobody"])
def test_nobody_else_sets_the_hour(store: Store, name: str) -> None:
    world = store.run_sync(found)
    for schedule in (NINE, None):
        with pytest.raises(Denied):
            store.run_sync(digests.configure, who(name), world.group, schedule, now=NOON)
    with pytest.raises(Denied):
        store.run_sync(digests.configure, who("chair"), "another group", NINE, now=NOON)


def test_a_group_that_does_not_exist_is_denied_and_one_without_a_channel_says_so(sqlite_store: Store) -> None:
    def unbind(session: Session) -> None:
        binding = channels.bound(session, CHANNEL)
        assert binding is not None
        binding.unbound_at = NOON

    world = sqlite_store.run_sync(found)
    with pytest.raises(Denied):
        sqlite_store.run_sync(digests.configure, OPERATOR, "another group", NINE, now=NOON)
    sqlite_store.run_sync(unbind)
    with pytest.raises(Refused) as refused:
        sqlite_store.run_sync(digests.configure, who("chair"), world.group, NINE, now=NOON)
    assert refused.value.key == "digests.no_channel"


@pytest.mark.parametrize(
    "wrong",
    [
        {"hour": 24, "zone": ZONE},
        {"hour": 9, "minute": 15, "zone": ZONE},
        {"hour": 9, "zone": "Europe/Nowhere"},
        {"hour": 9, "zone": ZONE, "group_id": "other"},
    ],
)
def test_a_schedule_is_a_half_hour_in_a_known_zone(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Schedule.model_validate(wrong)


@pytest.mark.parametrize(
    ("name", "sees", "sets"),
    [
        ("expert", True, False),
        ("chair", True, True),
        ("admin", True, True),
        ("staff", True, False),
        ("outsider", False, False),
        ("nobody", False, False),
    ],
)
def test_a_preview_is_for_the_group_and_those_who_serve_it(
    store: Store, name: str, *, sees: bool, sets: bool
) -> None:
    world = store.run_sync(found)
    shown = store.read_sync(digests.groups_to_preview, who(name))
    assert [group.id for group in shown] == ([world.group] if sees else [])
    assert (store.read_sync(digests.group_here, who(name), CHANNEL) == world.group) is sees
    if sees:
        assert look(store, world, name).may_configure is sets
    else:
        with pytest.raises(Denied):
            look(store, world, name)


def look(store: Store, world: World, name: str = "expert", now: datetime = NOON) -> Any:
    return store.read_sync(
        digests.preview, who(name), world.group, now=now, calendar=MONDAY_TO_FRIDAY, zone=ZONE
    )


def test_a_preview_counts_up_to_the_last_full_hour(store: Store) -> None:
    world = store.run_sync(found)
    store.run_sync(lambda session: world.busy(session, NOON + timedelta(minutes=10)))
    before = look(store, world, now=NOON + timedelta(minutes=59))
    assert (before.until, before.figures.notices) == (NOON, None)
    after = look(store, world, now=NOON + timedelta(minutes=61))
    assert (after.until, after.figures.notices.cases) == (NOON + timedelta(hours=1), 15)


def test_a_preview_begins_with_the_local_day(sqlite_store: Store) -> None:
    world = begin(sqlite_store, zone="Asia/Kathmandu")
    just_after_midnight = datetime(2026, 11, 18, 18, 20, tzinfo=UTC)
    shown = look(sqlite_store, world, now=just_after_midnight)
    assert shown.figures.last == date(2026, 11, 19)
    assert shown.until == datetime(2026, 11, 18, 18, 15, tzinfo=UTC)


def test_the_way_to_ones_own_figures_is_whispered_to_members_only(store: Store) -> None:
    store.run_sync(found)
    address = "slack://app?team=T1&amp;id=A1&amp;tab=home"
    store.run_sync(digests.own_figures, who("expert"), CHANNEL, address, now=NOON)
    (row,) = store.read_sync(lambda session: list(session.exec(select(OutboxRow))))
    assert (row.kind, row.payload["user_id"], row.payload["values"]) == (
        "whisper",
        "UEXPERT",
        {"address": address},
    )
    for name, channel in (("outsider", CHANNEL), ("expert", "C0OTHER")):
        with pytest.raises(Denied):
            store.run_sync(digests.own_figures, who(name), channel, address, now=NOON)
