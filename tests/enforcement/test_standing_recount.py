"""The nightly recount of standing agrees after any history, or puts it right and says so."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from bot.contract.counter_notices import CounterNoticeStatus, RelayedCounterNotice
from bot.enforcement import counter_intake, counter_notices, standing, standing_watch
from bot.enforcement.access import Denied
from bot.enforcement.notices import withdraw_notice
from bot.enforcement.refusals import Refused
from bot.enforcement.takedown_progress import sending_ended
from storage.engine import Store
from storage.queries import standing as queries
from storage.records.audit import AuditEntry
from storage.records.authenticity import Verdict
from storage.records.notices import ItemState, Notice, NoticeItem, NoticeState
from storage.records.roster import Standing
from storage.records.standing import Counted, StandingRecount, StandingTally
from storage.records.takedowns import Takedown, TakedownCause, TakedownState
from tests.enforcement.counter_world import against
from tests.enforcement.request_world import NOW, World, build, who
from tests.enforcement.standing_world import (
    NEXT,
    TODAY,
    differences,
    move,
    report,
    retract,
    review,
    set_by_operator,
    takedown,
    tally,
)


@pytest.fixture
def world_on_each(store: Store) -> World:
    """The world on each database: for statements."""
    return build(store)


async def tick(world: World, now: datetime) -> int | None:
    return await standing_watch.standing_tick(world.store, lambda: now)


async def test_the_nightly_recount_agrees_and_is_made_once_a_day(world_on_each: World) -> None:
    world = world_on_each
    report(world, takedown(world), "removed")
    assert await tick(world, NOW) == 0
    assert await tick(world, NOW) is None
    assert await tick(world, NEXT) == 0
    assert [row.wrong for row in world.rows(StandingRecount)] == [0, 0]
    assert world.rows(AuditEntry, operation="recount_standing") == []


async def test_a_wrong_tally_is_found_put_right_and_said(world_on_each: World) -> None:
    world = world_on_each
    report(world, takedown(world), "removed")

    def spoil(session: Session) -> None:
        row = session.exec(select(StandingTally)).one()
        row.decided, row.upheld = 7, 2

    world.change(spoil)
    assert await tick(world, NOW) == 1
    assert tally(world) == [(TODAY, 1, 1, 0)]
    assert differences(world) == []
    recount = world.one(StandingRecount)
    assert recount.details[0]["decided"] == -6
    (audited,) = world.rows(AuditEntry, operation="recount_standing")
    assert audited.outcome == "wrong"
    told = [each for each in world.outgoing("draw") if each["drawing"] == "standing_recount"]
    assert told == [{"drawing": "standing_recount", "subject_id": recount.id, "place": "CPLATFORM"}]


async def test_what_no_window_holds_any_more_is_counted_again_with_the_first_night_of_a_month(
    world_on_each: World,
) -> None:
    world = world_on_each
    long_ago, next_month = TODAY - timedelta(days=200), NOW + timedelta(days=30)
    report(world, takedown(world), "removed")

    def invent(session: Session) -> None:
        of_today = session.exec(select(StandingTally).where(col(StandingTally.day) == TODAY)).one()
        invented = of_today.model_dump() | {"day": long_ago, "decided": 3}
        session.merge(StandingTally.model_validate(invented))

    world.change(invent)
    assert await tick(world, NOW) == 1
    world.change(invent)
    assert await tick(world, NEXT) == 0
    assert await tick(world, next_month) == 1
    assert [row.tallies for row in world.rows(StandingRecount)] == [2, 1, 2]


async def test_a_decided_case_that_counted_for_nobody_is_found_and_counted(world_on_each: World) -> None:
    world = world_on_each
    takedown_id = takedown(world)
    notice = review(world, "1")

    def decide(session: Session) -> None:
        session.get_one(Takedown, takedown_id).state = TakedownState.REMOVED
        item = session.exec(select(NoticeItem).where(col(NoticeItem.notice_id) == notice.id)).one()
        item.state = ItemState.KEPT

    world.change(decide)
    assert await tick(world, NOW) == 2
    assert world.one(StandingRecount).missed == 2
    assert (tally(world), tally(world, "Tansy")) == ([(TODAY, 1, 1, 0)], [(TODAY, 1, 0, 0)])
    assert await tick(world, NEXT) == 0


def recounted(world: World) -> Counter[tuple[str, str, date, str]]:
    """All figures counted once more in the plainest way, from what each case says of itself."""
    takedowns = {each.id: each for each in world.rows(Takedown)}
    notices = {each.id: each for each in world.rows(Notice)}
    found: Counter[tuple[str, str, date, str]] = Counter()
    for cause in world.rows(TakedownCause):
        key = (cause.holder_id, takedowns[cause.takedown_id].reason_code)
        if cause.counted_on:
            found[(*key, cause.counted_on, "decided")] += 1
            found[(*key, cause.counted_on, "removed")] += cause.counted is Counted.REMOVED
        if cause.upheld_on:
            found[(*key, cause.upheld_on, "upheld")] += 1
    for item in world.rows(NoticeItem):
        if item.counted_on:
            notice = notices[item.notice_id]
            key = (notice.holder_id, notice.reason_code.value)
            found[(*key, item.counted_on, "decided")] += 1
            found[(*key, item.counted_on, "removed")] += item.counted is Counted.REMOVED
        if item.upheld_on:
            notice = notices[item.notice_id]
            found[(notice.holder_id, notice.reason_code.value, item.upheld_on, "upheld")] += 1
    return +found


def tallied(world: World) -> Counter[tuple[str, str, date, str]]:
    found: Counter[tuple[str, str, date, str]] = Counter()
    for row in world.rows(StandingTally):
        for name in ("decided", "removed", "upheld"):
            found[(row.holder_id, row.reason_code, row.day, name)] += getattr(row, name)
    return +found


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("fake", "review", "removed", "refused", "reinstated", "retracted", "upheld", "sent"),
                *("actioned", "rejected", "withdrawn", "objected", "day"),
            ]
        ),
        st.integers(0, 1000),
    ),
    min_size=10,
    max_size=40,
)


class History:
    """A world in which things happen in any order; what its rules refuse does not happen."""

    def __init__(self, world: World) -> None:
        self.world, self.now = world, NOW
        self.items = len(world.rows(Verdict)) * 1000
        set_by_operator(world, "Nordlys", Standing.GOOD_FAITH)  # else few of its Fakes ask for a takedown

    def do(self, step: str, chance: int) -> None:
        """One step on some case that there is."""
        world = self.world
        self.items += 1
        match step:
            case "fake":
                world.answer("ines", world.ask(item=f"t{self.items}"), now=self.now)
            case "review":
                world.answer("tess", world.ask("Tansy", f"n{self.items}"), now=self.now)
            case "day":
                self.now += timedelta(days=1 + chance % 40)
            case "actioned" | "rejected" | "withdrawn" | "objected":
                self._on_notice(step, chance)
            case _:
                self._on_takedown(step, chance)

    def _on_takedown(self, step: str, chance: int) -> None:
        world, ids = self.world, sorted(each.id for each in self.world.rows(Takedown))
        if not ids:
            return
        takedown_id = ids[chance % len(ids)]
        if step == "retracted":
            retract(world, takedown_id, self.now)
        elif step == "upheld":
            holder_id = world.holders["Nordlys"]
            world.store.run_sync(standing.counter_notice_upheld, takedown_id, holder_id, now=self.now)
        elif step == "sent":
            key = world.one(Takedown, id=takedown_id).key
            world.store.run_sync(sending_ended, key, TakedownState.SENT, None, now=self.now)
        else:
            report(world, takedown_id, step, self.now)

    def _on_notice(self, step: str, chance: int) -> None:
        world, ids = self.world, sorted(each.id for each in self.world.rows(Notice))
        if not ids:
            return
        notice_id = ids[chance % len(ids)]
        if step == "objected":
            self._object(notice_id)
        elif step == "withdrawn":
            world.store.run_sync(withdraw_notice, who("tess"), notice_id, "mistaken", now=self.now)
        else:
            move(world, notice_id, NoticeState(step), self.now)

    def _object(self, notice_id: str) -> None:
        """A seller objects to what was removed on a notice, and the marketplace puts it back."""
        item = self.world.rows(NoticeItem, notice_id=notice_id)[0]
        told = against(item.id, external_id=f"cn-{self.items}", filed_at=self.now.isoformat())
        asked = RelayedCounterNotice.model_validate_json(orjson.dumps(told))
        store, client = self.world.store, self.world.client
        received = store.run_sync(counter_intake.relay, client, asked, now=self.now)
        if received.read is not None:
            status = CounterNoticeStatus(event_id="e1", state="reinstated")
            store.run_sync(counter_notices.decide, client, received.read.id, status, now=self.now)


def refusing(act: Callable[[], None]) -> None:
    with suppress(Refused, Denied):
        act()


# No shrinking: every example goes on in the world of the one before it.
@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_what_decisions_add_up_to_is_what_a_recount_finds(world_on_each: World, steps: list[Any]) -> None:
    history = History(world_on_each)
    for step, chance in steps:
        refusing(lambda step=step, chance=chance: history.do(step, chance))  # type: ignore[misc]  # bound now
    assert tallied(world_on_each) == recounted(world_on_each)
    assert world_on_each.store.read_sync(queries.missed_takedowns, 9) == {}
    assert world_on_each.store.read_sync(queries.missed_notices, 9) == []
    assert differences(world_on_each) == []
