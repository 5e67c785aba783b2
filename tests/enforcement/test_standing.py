"""Standing as it is computed: each decision counts once, in its transaction; time and people move it too."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from bot.enforcement import standing, standing_office, standing_watch
from bot.enforcement.access import OPERATOR, Denied
from bot.enforcement.notices import withdraw_notice
from bot.enforcement.refusals import Refused
from bot.enforcement.standing import Delta
from bot.enforcement.standing_rules import DEFAULT, window_start
from bot.enforcement.takedown_progress import never_arrived, sending_ended
from storage.engine import Store
from storage.records.audit import AuditEntry
from storage.records.notices import NoticeItem, NoticeState
from storage.records.outbox import OutboxRow, OutboxState
from storage.records.roster import RightsHolder, Standing
from storage.records.standing import Counted, StandingCause, StandingChange
from storage.records.takedowns import Takedown, TakedownCause, TakedownState
from tests.enforcement.request_world import NOW, World, build, who
from tests.enforcement.standing_world import (
    FAKE,
    NEXT,
    TODAY,
    differences,
    give,
    move,
    report,
    retract,
    review,
    set_by_operator,
    stands,
    takedown,
    tally,
)


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """The world on SQLite: for rules that no database decides."""
    return build(sqlite_store)


@pytest.fixture
def world_on_each(store: Store) -> World:
    """The world on each database: for statements."""
    return build(store)


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
