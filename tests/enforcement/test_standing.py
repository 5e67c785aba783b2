"""Standing as it is computed: each decision counts once, in its transaction; time and people move it too."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from bot.contract.takedowns import TakedownReport
from bot.enforcement import roster, standing, standing_office, standing_watch
from bot.enforcement.access import OPERATOR, Denied
from bot.enforcement.notices import ItemMove, Move, move_notice, withdraw_notice
from bot.enforcement.refusals import Refused
from bot.enforcement.retractions import retract_verdict
from bot.enforcement.standing import Delta
from bot.enforcement.standing_rules import DEFAULT, window_start
from bot.enforcement.takedown_progress import never_arrived, report_takedown, sending_ended
from storage.engine import Store
from storage.queries import standing as queries
from storage.records.audit import AuditEntry
from storage.records.authenticity import Verdict
from storage.records.notices import ItemState, Notice, NoticeItem, NoticeState
from storage.records.outbox import OutboxRow, OutboxState
from storage.records.roster import RightsHolder, Standing
from storage.records.standing import Counted, StandingCause, StandingChange, StandingRecount, StandingTally
from storage.records.takedowns import Takedown, TakedownCause, TakedownState
from tests.enforcement.request_world import NOW, World, build, who

FAKE = "counterfeit_no_test_buy"


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """The world on SQLite: for rules that no database decides."""
    return build(sqlite_store)


@pytest.fixture
def world_on_each(store: Store) -> World:
    """The world on each database: for statements."""
    return build(store)


def takedown(world: World, item: str = "811", now: datetime = NOW) -> str:
    """An expert of Nordlys says Fake; the takedown's id."""
    request_id = world.ask(item=item)
    world.answer("ines", request_id, now=now)
    verdict = world.one(Verdict, request_id=request_id)
    found: str = world.one(TakedownCause, subject_id=verdict.id).takedown_id
    return found


def report(world: World, takedown_id: str, state: str, now: datetime = NOW) -> None:
    """The marketplace says what it did."""
    told = TakedownReport.model_validate({"event_id": f"{state}-{now}", "state": state, "reason": "policy"})
    world.store.run_sync(report_takedown, world.client, takedown_id, told, now=now)


def retract(world: World, takedown_id: str, now: datetime = NOW) -> None:
    """The expert takes it back."""
    cause = world.one(TakedownCause, takedown_id=takedown_id)
    request_id = world.one(Verdict, id=cause.subject_id).request_id
    world.store.run_sync(retract_verdict, who("lars"), request_id, 1, "mistaken", now=now)


def tally(world: World, holder: str = "Nordlys") -> list[tuple[date, int, int, int]]:
    """A rights holder's tallies, by day."""
    rows = world.rows(StandingTally, holder_id=world.holders[holder])
    return sorted((row.day, row.decided, row.removed, row.upheld) for row in rows)


def give(world: World, decided: int, removed: int, upheld: int = 0, now: datetime = NOW, **more: Any) -> None:
    """So many decisions at once, as the hooks count them."""
    holder = world.holders[more.pop("holder", "Nordlys")]
    delta = Delta(holder, now.date(), more.pop("code", FAKE), decided, removed, upheld)
    world.store.run_sync(standing.count, [delta], now=now)


def stands(world: World, holder: str = "Nordlys") -> Standing:
    found: Standing = world.one(RightsHolder, id=world.holders[holder]).standing
    return found


def differences(world: World) -> list[dict[str, Any]]:
    return world.store.read_sync(queries.differences)


TODAY = NOW.date()
NEXT = NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("steps", "tallies"),
    [
        (["removed"], [(TODAY, 1, 1, 0)]),
        (["removed", "removed"], [(TODAY, 1, 1, 0)]),
        (["refused"], [(TODAY, 1, 0, 0)]),
        (["refused", "removed"], [(TODAY, 1, 1, 0)]),  # a later removal corrects the first day
        (["removed", "reinstated"], [(TODAY, 1, 1, 0)]),  # what the seller gets back counts as upheld, or not
        (["removed", "upheld"], [(TODAY, 1, 1, 0), (NEXT.date(), 0, 0, 1)]),
        (["removed", "upheld", "upheld"], [(TODAY, 1, 1, 0), (NEXT.date(), 0, 0, 1)]),
        (["removed", "retracted"], [(TODAY, 1, 0, 0)]),
        (["refused", "retracted"], [(TODAY, 1, 0, 0)]),
        (["sent", "retracted"], [(NEXT.date(), 1, 0, 0)]),
        (["sent", "retracted", "removed"], [(NEXT.date(), 1, 0, 0)]),
        (["retracted"], []),  # surely never sent: nobody was harmed
        (["unclear", "retracted", "gone"], [(NEXT.date(), 0, 0, 0)]),
    ],
)
def test_a_takedown_counts_once_on_the_day_of_its_first_decision(
    world_on_each: World, steps: list[str], tallies: list[tuple[date, int, int, int]]
) -> None:
    world = world_on_each
    takedown_id = takedown(world)
    key = world.one(Takedown, id=takedown_id).key

    def send(state: TakedownState, row: OutboxState) -> None:
        def change(session: Session) -> None:
            session.exec(select(OutboxRow).where(col(OutboxRow.key) == f"webhook:{key}")).one().state = row

        world.change(change)
        world.store.run_sync(sending_ended, key, state, None, now=NOW)

    def lose(session: Session) -> None:
        session.exec(
            select(OutboxRow).where(col(OutboxRow.state) == OutboxState.UNKNOWN)
        ).one().state = OutboxState.DEAD

    now = NOW
    for step in steps:
        match step:
            case "retracted":
                retract(world, takedown_id, now)
            case "upheld":
                world.store.run_sync(
                    standing.counter_notice_upheld, takedown_id, world.holders["Nordlys"], now=now
                )
            case "sent":
                send(TakedownState.SENT, OutboxState.SENT)
            case "unclear":
                send(TakedownState.UNCLEAR, OutboxState.UNKNOWN)
            case "gone":
                world.change(lose)
                world.store.run_sync(never_arrived, key, now=now)
            case _:
                report(world, takedown_id, step, now)
        now = NEXT
    assert tally(world) == tallies
    assert differences(world) == []


def test_a_takedown_counts_for_each_rights_holder_that_asked_for_it(world: World) -> None:
    takedown_id = takedown(world, "900")
    set_by_operator(world, "Halden", Standing.GOOD_FAITH)
    world.answer("petra", world.ask("Halden", "900"))
    world.answer("noor", world.ask("Nordlys", "900", external_id="asked again"))
    assert len(world.rows(TakedownCause, takedown_id=takedown_id)) == 3
    report(world, takedown_id, "removed")
    assert tally(world) == tally(world, "Halden") == [(TODAY, 1, 1, 0)]
    assert differences(world) == []


def review(world: World, item: str) -> Notice:
    """Tansy has no standing: its Fake becomes a notice for review."""
    world.answer("tess", world.ask("Tansy", item))
    notice: Notice = world.one(Notice, state=NoticeState.SUBMITTED)
    return notice


def move(world: World, notice_id: str, state: NoticeState, now: datetime = NOW, *kept: str) -> None:
    event = f"{state}-{now}-{kept}"
    moves = [ItemMove(item, ItemState.KEPT) for item in kept]
    world.store.run_sync(move_notice, world.client, notice_id, Move(event, state, items=moves), now=now)


def test_a_listing_of_a_reviewed_notice_counts_when_it_is_decided(world_on_each: World) -> None:
    world = world_on_each
    first = review(world, "1")
    move(world, first.id, NoticeState.ACTIONED)
    second = review(world, "2")
    move(world, second.id, NoticeState.REJECTED)
    third = review(world, "3")
    item = world.one(NoticeItem, notice_id=third.id).id
    move(world, third.id, NoticeState.PARTIALLY_ACTIONED, NOW, item)
    assert tally(world, "Tansy") == [(TODAY, 3, 1, 0)]
    move(world, third.id, NoticeState.ACTIONED, NEXT)
    assert tally(world, "Tansy") == [(TODAY, 3, 2, 0)]
    world.store.run_sync(withdraw_notice, who("tess"), first.id, "mistaken", now=NEXT)
    assert tally(world, "Tansy") == [(TODAY, 3, 1, 0)]
    assert world.one(NoticeItem, notice_id=first.id).counted is Counted.RETRACTED
    assert differences(world) == []


def test_a_brand_enters_is_warned_falls_and_returns(world_on_each: World) -> None:
    world = world_on_each
    give(world, 19, 19, holder="Tansy")
    assert stands(world, "Tansy") is Standing.APPLICANT
    give(world, 1, 1, holder="Tansy")
    assert stands(world, "Tansy") is Standing.GOOD_FAITH
    give(world, 2, 0, holder="Tansy", now=NEXT)
    assert stands(world, "Tansy") is Standing.WARNED
    give(world, 1, 0, holder="Tansy", now=NEXT)
    assert stands(world, "Tansy") is Standing.EXCLUDED
    holder = world.one(RightsHolder, id=world.holders["Tansy"])
    back = holder.standing_until
    assert back is not None
    assert back == holder.standing_due
    give(world, 30, 30, holder="Tansy", now=NEXT + timedelta(days=60))
    assert stands(world, "Tansy") is Standing.EXCLUDED

    returns = datetime.combine(back, datetime.min.time(), UTC)
    assert world.store.run_sync(standing_watch.look_at_due, now=returns - timedelta(seconds=1)) == 0
    assert world.store.run_sync(standing_watch.look_at_due, now=returns) == 1
    assert stands(world, "Tansy") is Standing.GOOD_FAITH

    changes = sorted(world.rows(StandingChange), key=lambda change: (change.at, change.id))
    causes = [change.cause for change in changes]
    assert causes == [
        StandingCause.EARNED,
        StandingCause.WARNED,
        StandingCause.LOST,
        StandingCause.EARNED,
    ]
    assert {change.rule for change in changes} == {DEFAULT.version}
    assert changes[2].figures["codes"] == {FAKE: [23, 20, 0]}
    assert changes[2].until == back
    audited = [row.outcome for row in world.rows(AuditEntry, operation="compute_standing")]
    assert audited == [cause.value for cause in causes]
    notes = [each for each in world.outgoing("draw") if each["drawing"] == "standing_note"]
    assert [each["subject_id"] for each in notes] == [change.id for change in changes]
    assert {each["place"] for each in notes} == {"CTANSY"}


def test_who_enters_with_nothing_to_spare_is_warned_at_once(world_on_each: World) -> None:
    world = world_on_each
    give(world, 20, 18, holder="Tansy")
    assert stands(world, "Tansy") is Standing.WARNED
    causes = [change.cause for change in sorted(world.rows(StandingChange), key=lambda change: change.id)]
    assert causes == [StandingCause.EARNED, StandingCause.WARNED]
    give(world, 1, 0, holder="Tansy")  # the next refusal costs it: the warning had to come before
    assert stands(world, "Tansy") is Standing.EXCLUDED


def test_days_that_leave_the_window_change_standing_by_time_alone(world: World) -> None:
    give(world, 20, 20, holder="Tansy")
    give(world, 3, 0, holder="Halden")
    give(world, 20, 20, holder="Halden", now=NEXT)
    assert stands(world, "Halden") is Standing.PILOT  # three of twenty-three were refused
    due = world.one(RightsHolder, id=world.holders["Halden"]).standing_due
    leaves = datetime.combine(due, datetime.min.time(), UTC)
    assert world.store.run_sync(standing_watch.look_at_due, now=leaves) == 2
    assert stands(world, "Halden") is Standing.GOOD_FAITH
    assert stands(world, "Tansy") is Standing.GOOD_FAITH  # nothing is left to judge it by
    assert world.store.run_sync(standing_watch.look_at_due, now=leaves) == 0


async def test_decisions_at_the_same_moment_see_each_other(world_on_each: World) -> None:
    world = world_on_each
    give(world, 20, 20)
    deltas = [
        Delta(world.holders["Nordlys"], TODAY, code, decided=1)
        for code in (FAKE, "design", "trademark_in_listing")
    ]
    await asyncio.gather(*(world.store.run(standing.count, [delta], now=NOW) for delta in deltas))
    assert stands(world) is Standing.EXCLUDED  # by 20 of 23; none of them alone would do
    assert len(world.rows(StandingChange, cause=StandingCause.LOST)) == 1


def test_a_retraction_can_cost_standing(world: World) -> None:
    takedowns = [takedown(world, str(number)) for number in range(20)]
    for takedown_id in takedowns:
        report(world, takedown_id, "removed")
    for takedown_id in takedowns[:3]:
        retract(world, takedown_id)
    assert tally(world) == [(TODAY, 20, 17, 0)]
    assert stands(world) is Standing.EXCLUDED


def set_by_operator(world: World, holder: str, becomes: Standing, now: datetime = NOW) -> None:
    world.store.run_sync(
        roster.set_standing, OPERATOR, world.holders[holder], becomes, reason="Founding member", now=now
    )


def test_a_standing_set_by_hand_holds_for_a_window_and_is_logged_with_its_reason(world: World) -> None:
    give(world, 40, 20, holder="Tansy")
    set_by_operator(world, "Tansy", Standing.GOOD_FAITH)
    give(world, 1, 0, holder="Tansy")
    assert stands(world, "Tansy") is Standing.GOOD_FAITH
    change = world.one(StandingChange)
    assert (change.cause, change.by, change.reason) == (
        StandingCause.BY_HAND,
        "operator",
        "Founding member",
    )
    assert change.figures["codes"] == {FAKE: [40, 20, 0]}
    until = world.one(RightsHolder, id=world.holders["Tansy"]).standing_until
    later = datetime.combine(until, datetime.min.time(), UTC)
    give(world, 20, 0, holder="Tansy", now=later)
    assert stands(world, "Tansy") is Standing.EXCLUDED


def test_the_suspended_come_back_by_hand_alone(world: World) -> None:
    set_by_operator(world, "Nordlys", Standing.SUSPENDED)
    give(world, 100, 100)
    assert stands(world) is Standing.SUSPENDED
    set_by_operator(world, "Nordlys", Standing.APPLICANT)
    give(world, 1, 1)
    assert stands(world) is Standing.GOOD_FAITH


def choose(world: World, version: str, *, pilot_only: bool = False, now: datetime = NOW) -> None:
    world.store.run_sync(standing_office.choose_rule, OPERATOR, version, pilot_only=pilot_only, now=now)


def test_another_rule_counts_for_everybody_from_the_next_tick_on(world_on_each: World) -> None:
    world = world_on_each
    give(world, 100, 100, 3)
    assert stands(world) is Standing.GOOD_FAITH
    choose(world, "2015-04")
    while world.store.run_sync(standing_watch.look_at_due, now=NOW):
        pass
    assert stands(world) is Standing.EXCLUDED
    assert world.one(StandingChange).rule == "2015-04"
    with pytest.raises(Refused, match="same_rule"):
        choose(world, "2015-04")
    with pytest.raises(Refused, match="unknown_rule"):
        choose(world, "1999-01")


def test_while_enrolment_is_open_to_the_pilot_list_alone_others_earn_nothing(world: World) -> None:
    choose(world, DEFAULT.version, pilot_only=True)
    give(world, 50, 50, holder="Tansy")
    assert stands(world, "Tansy") is Standing.APPLICANT
    set_by_operator(world, "Tansy", Standing.PILOT)
    give(world, 1, 1, holder="Tansy")
    assert stands(world, "Tansy") is Standing.GOOD_FAITH


@pytest.mark.parametrize(
    ("name", "sees"), [("ines", True), ("lars", True), ("petra", False), ("pia", True), ("nobody", False)]
)
def test_a_standing_is_shown_to_its_own_people_and_the_platform_team(
    world: World, name: str, sees: bool
) -> None:
    give(world, 30, 29, 1)
    holder_id = world.holders["Nordlys"]
    if not sees:
        with pytest.raises(Denied):
            world.store.read_sync(standing_office.sheet, who(name), holder_id, NOW)
        return
    sheet = world.store.read_sync(standing_office.sheet, who(name), holder_id, NOW)
    assert sheet.figures.total.decided == 30
    assert sheet.figures.since == window_start(TODAY, DEFAULT)
    assert [(loss.measure.value, loss.more) for loss in sheet.outlook.losses] == [
        ("counter", 1),
        ("takedown", 3),
    ]


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
                *("actioned", "rejected", "withdrawn", "day"),
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
            case "actioned" | "rejected" | "withdrawn":
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
        if step == "withdrawn":
            world.store.run_sync(withdraw_notice, who("tess"), notice_id, "mistaken", now=self.now)
        else:
            move(world, notice_id, NoticeState(step), self.now)


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
