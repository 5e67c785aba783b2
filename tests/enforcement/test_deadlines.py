"""Every step of a deadline comes at its business time, once, before those who can still act."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Update
from sqlmodel import Session, col, select, update

from bot.contract.webhooks import EVENTS
from bot.enforcement import account_managers, deadlines, platform, roster, routing
from bot.enforcement.access import OPERATOR
from bot.enforcement.business_clock import Calendar
from bot.enforcement.calendars import calendar_of
from bot.enforcement.deadlines import deadline_tick
from bot.enforcement.notice_filing import new_reference
from storage.engine import Store
from storage.prepared import Prepared
from storage.queries import deadlines as queries
from storage.records.authenticity import Answer
from storage.records.deadlines import Deadline, DeadlineWatch, Step, SubjectKind, WaitsFor
from storage.records.messages import DrawnMessage
from storage.records.notices import Notice, NoticeOrigin, NoticeState, ReasonCode
from storage.records.outbox import OutboxRow, OutboxState
from storage.records.roster import Person
from tests.enforcement.request_world import NOW, World, build, question, who

HOUR = timedelta(hours=1)
CHINA = Calendar("CN", "Asia/Shanghai")
REQUEST, NOTICE = SubjectKind.REQUEST, SubjectKind.NOTICE
# NOW is a Friday, nine o'clock: with a day to answer, the deadline is on Monday at nine.
REMINDED, ESCALATED, HANDED_UP, EXPIRED = (
    datetime(2026, 11, 20, 21, 0, tzinfo=UTC),
    datetime(2026, 11, 23, 3, 0, tzinfo=UTC),
    datetime(2026, 11, 23, 6, 36, tzinfo=UTC),
    datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
)
MOMENT = timedelta(seconds=1)


@pytest.fixture
def world(sqlite_store: Store) -> World:
    return build(sqlite_store)


@pytest.fixture
def world_on_each(store: Store) -> World:
    return build(store)


def tick(world: World, now: datetime) -> int:
    return asyncio.run(deadline_tick(world.store, lambda: now))


def told(world: World) -> list[tuple[Step, WaitsFor]]:
    kept = sorted(world.rows(Deadline), key=lambda each: (each.at, each.id))
    return [(each.step, each.reason) for each in kept]


def warned(world: World) -> list[str]:
    """The places in which warnings were drawn, in order."""
    return [each["place"] for each in world.outgoing("draw") if each["drawing"] == "deadline_warning"]


def notice(world: World, state: NoticeState = NoticeState.RECEIVED, **more: Any) -> str:
    """A notice of Nordlys that its marketplace has since NOW."""

    def do(session: Session) -> str:
        ines = session.exec(select(Person).where(col(Person.user_id) == "UINES")).one()
        made = Notice(
            reference=new_reference(),
            holder_id=world.holders["Nordlys"],
            brand_id=world.brands["Nordlys"],
            marketplace="openbazaar",
            client_id=world.client.client_id,
            origin=NoticeOrigin.MEMBER,
            reason_code=ReasonCode.OTHER,
            explanation="",
            statements=[],
            submitter_id=ines.id,
            submitter_name="Ines",
            submitter_email="",
            role="expert",
            immediate=False,
            state=state,
            submitted_at=NOW,
            due_at=EXPIRED,
            changed_at=NOW,
            **more,
        )
        session.add(made)
        session.flush()
        deadlines.watch_notice(session, made, calendar_of(session, made.client_id), NOW)
        return made.id

    return world.store.run_sync(do)


def change(world: World, what: Update) -> None:
    """Something changes behind the deadlines' back."""

    def do(session: Session) -> None:
        session.connection().execute(what)

    world.change(do)


def set_notice(world: World, notice_id: str, **values: Any) -> None:
    change(world, update(Notice).where(col(Notice.id) == notice_id).values(**values))


def test_a_request_without_a_deadline_is_promised_one_by_its_marketplaces_calendar(world: World) -> None:
    assert world.request(world.ask()).deadline == EXPIRED
    calendar = Calendar("CN", "Asia/Shanghai")
    world.store.run_sync(platform.change_calendar, OPERATOR, world.client.client_id, calendar, now=NOW)
    # Friday 17:00 in Shanghai: its weekend begins seven hours later.
    assert world.request(world.ask(item="812")).deadline == datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    later = datetime(2026, 9, 30, 9, 0, tzinfo=UTC)
    (received,) = world.receive(question(item="813"), now=later)
    assert world.request(received.id).deadline == datetime(2026, 10, 8, 9, 0, tzinfo=UTC)


def test_a_silent_brand_is_reminded_then_its_lead_then_the_platform_then_it_expires(
    world_on_each: World,
) -> None:
    request_id = world_on_each.ask()
    places: list[str] = []
    for at in (NOW, REMINDED, ESCALATED, HANDED_UP, EXPIRED):
        tick(world_on_each, at)
        assert len(warned(world_on_each)) == len(places), "nothing comes before its moment is over"
        if at > NOW:
            tick(world_on_each, at + MOMENT)
            tick(world_on_each, at + 2 * MOMENT)
            places.append(warned(world_on_each)[-1])
            assert len(warned(world_on_each)) == len(places), "and nothing comes twice"
    assert places == ["CNORDLYS", "ULARS", "CPLATFORM", "CNORDLYS"]
    assert told(world_on_each) == [
        (step, WaitsFor.NOT_ANSWERED)
        for step in (Step.REMINDER, Step.LEAD, Step.ACCOUNT_MANAGER, Step.EXPIRED)
    ]
    assert not world_on_each.rows(DeadlineWatch)
    (expired,) = world_on_each.webhooks("request.expired")
    EVENTS["request.expired"].model_validate(expired)
    assert (expired["id"], expired["waits_for"]) == (request_id, "not_answered")


def test_an_answer_ends_the_steps_and_a_late_one_is_taken_and_marked(world: World) -> None:
    in_time, late = world.ask(), world.ask(item="812")
    tick(world, REMINDED + MOMENT)
    world.answer("ines", in_time, Answer.GENUINE, now=ESCALATED - HOUR)
    tick(world, EXPIRED + MOMENT)
    assert [each["id"] for each in world.webhooks("request.expired")] == [late]
    kept = world.answer("ines", late, Answer.GENUINE, now=EXPIRED + HOUR)
    assert kept is not None
    assert kept.first
    assert [each["verdict"]["late"] for each in world.webhooks("verdict.recorded")] == [False, True]


def test_one_message_lists_all_that_is_due_in_one_place(world: World) -> None:
    world.receive(*(question(item=str(800 + number)) for number in range(30)))
    world.ask("Halden", "900")
    tick(world, REMINDED + MOMENT)
    assert sorted(warned(world)) == ["CHALDEN", "CNORDLYS"]
    assert len({each.message_id for each in world.rows(Deadline)}) == 2


def test_two_that_tick_at_once_tell_once(store: Store) -> None:
    world = build(store)
    world.receive(*(question(item=str(800 + number)) for number in range(20)))

    async def race() -> None:
        at = REMINDED + MOMENT
        await asyncio.gather(*(deadline_tick(store, lambda: at) for _ in range(5)))

    asyncio.run(race())
    assert warned(world) == ["CNORDLYS"]
    assert len(world.rows(Deadline)) == 20


def test_what_nobody_looked_at_is_told_once_by_its_last_step(world: World) -> None:
    world.ask()
    tick(world, HANDED_UP + MOMENT)
    assert told(world) == [(Step.ACCOUNT_MANAGER, WaitsFor.NOT_ANSWERED)]
    assert warned(world) == ["CPLATFORM"]


@pytest.mark.parametrize(
    ("manager", "deputy", "away", "told_to"),
    [
        ("pia", "petra", False, "UPIA"),
        ("pia", "petra", True, "UPETRA"),
        ("pia", "", True, "CPLATFORM"),
        ("", "", False, "CPLATFORM"),
    ],
)
def test_a_deadline_reaches_the_account_manager_by_name_else_the_deputy_else_the_team(
    world: World, manager: str, deputy: str, away: bool, told_to: str
) -> None:
    world.store.run_sync(roster.add_platform_staff, OPERATOR, "UPETRA", now=NOW)
    if manager:
        users = [f"U{name.upper()}" if name else "" for name in (manager, deputy)]
        world.store.run_sync(account_managers.name, OPERATOR, world.holders["Nordlys"], *users, now=NOW)
    if away:
        world.store.run_sync(account_managers.go_away, who("pia"), HANDED_UP.date(), now=NOW)
    world.ask()
    tick(world, HANDED_UP + MOMENT)
    assert warned(world) == [told_to]


def test_a_request_without_a_brand_is_the_platform_teams_at_every_step(world: World) -> None:
    world.ask("Nobody's")
    world.ask("Mute", "812")  # a brand without a channel is unrouted too
    for at in (REMINDED, ESCALATED, HANDED_UP, EXPIRED):
        tick(world, at + MOMENT)
    assert warned(world) == ["CPLATFORM"] * 4
    assert {reason for _, reason in told(world)} == {WaitsFor.NO_BRAND}
    assert {each.holder_id for each in world.rows(Deadline)} == {None, world.holders["Mute"]}


def test_a_request_sent_back_has_its_steps_again_in_the_next_round(world: World) -> None:
    request_id = world.ask()
    tick(world, REMINDED + MOMENT)
    world.answer("ines", request_id, Answer.NOT_OUR_BRAND, now=REMINDED + HOUR)
    world.store.run_sync(
        routing.assign_request, who("pia"), request_id, world.brands["Halden"], now=REMINDED + HOUR
    )
    tick(world, ESCALATED + MOMENT)
    assert warned(world) == ["CNORDLYS", "UOTTO"]
    rounds = [each.round for each in sorted(world.rows(Deadline), key=lambda each: each.at)]
    assert rounds == [1, 2]


def test_a_fake_that_waits_for_the_second_person_is_still_watched(world: World) -> None:
    request_id = world.ask("Halden")
    world.answer("petra", request_id, now=NOW)
    tick(world, REMINDED + MOMENT)
    assert told(world) == [(Step.REMINDER, WaitsFor.NOT_CONFIRMED)]


def test_a_lead_who_is_gone_is_not_asked_and_a_brand_without_one_is_told_in_its_channel(world: World) -> None:
    change(world, update(Person).where(col(Person.user_id) == "ULARS").values(is_deleted=True))
    world.ask()
    tick(world, ESCALATED + MOMENT)
    assert warned(world) == ["CNORDLYS"]


@pytest.mark.parametrize(
    ("state", "place", "reason"),
    [
        (NoticeState.SUBMITTED, "CPLATFORM", WaitsFor.NOT_RECEIVED),
        (NoticeState.RECEIVED, "CPLATFORM", WaitsFor.NOT_REVIEWED),
        (NoticeState.IN_REVIEW, "CPLATFORM", WaitsFor.IN_REVIEW),
        (NoticeState.CLARIFICATION_REQUIRED, "CNORDLYS", WaitsFor.CLARIFICATION),
    ],
)
def test_a_notice_is_warned_of_twice_before_those_who_can_act_and_its_breach_is_kept_with_its_reason(
    world: World, state: NoticeState, place: str, reason: WaitsFor
) -> None:
    notice(world, state)
    two_thirds = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    assert tick(world, two_thirds) == 0
    for at in (two_thirds, HANDED_UP, EXPIRED):
        tick(world, at + MOMENT)
    assert warned(world) == [place, place]
    assert told(world) == [(step, reason) for step in (Step.TWO_THIRDS, Step.NINE_TENTHS, Step.BREACHED)]
    (breach,) = world.rows(Deadline, step=Step.BREACHED)
    assert (breach.holder_id, breach.due_at) == (world.holders["Nordlys"], EXPIRED)


def test_a_notice_decided_in_time_or_taken_back_breaches_nothing(world: World) -> None:
    decided, withdrawn, released = notice(world), notice(world), notice(world)
    set_notice(world, decided, state=NoticeState.REJECTED, decided_at=NOW + HOUR)
    set_notice(world, withdrawn, state=NoticeState.WITHDRAWN)
    set_notice(world, released, due_at=None)
    tick(world, EXPIRED + MOMENT)
    assert not world.rows(Deadline)
    assert not world.rows(DeadlineWatch)


def test_another_promise_moves_the_steps_that_are_to_come(world: World) -> None:
    moved = notice(world)
    set_notice(world, moved, due_at=EXPIRED + 48 * HOUR)
    tick(world, EXPIRED + MOMENT)
    assert not world.rows(Deadline)
    (watch,) = world.rows(DeadlineWatch)
    assert watch.next_at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # two thirds of 72 hours


def test_a_warning_is_drawn_again_when_its_cases_are_decided_or_late(world: World) -> None:
    first, second = world.ask(), world.ask(item="812")
    tick(world, REMINDED + MOMENT)
    (message_id,) = {each.message_id for each in world.rows(Deadline)}
    world.change(
        lambda session: session.add(
            DrawnMessage(
                kind="deadline_warning",
                subject_id=message_id or "",
                place="CNORDLYS",
                channel_id="CNORDLYS",
                ts="1.0",
                drawn_at=NOW,
            )
        )
    )
    finish(world)
    assert tick(world, REMINDED + HOUR) == 0
    assert warned(world) == ["CNORDLYS"]
    world.answer("ines", first, Answer.GENUINE, now=REMINDED + HOUR)
    assert tick(world, REMINDED + HOUR) == 1
    assert warned(world) == ["CNORDLYS"] * 2
    finish(world)
    tick(world, EXPIRED + MOMENT)
    assert all(each.settled_at for each in world.rows(Deadline, message_id=message_id))
    assert world.request(second).state == "open"


def finish(world: World) -> None:
    """What waits in the outbox is sent, so that the next drawing is a row of its own."""
    change(world, update(OutboxRow).values(state=OutboxState.SENT))


def test_the_tick_asks_a_fixed_number_of_statements(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = build(sqlite_store)
    asked: list[Prepared] = []
    ready = Prepared._ready

    def hear(statement: Prepared, *given: Any) -> Any:
        asked.append(statement)
        return ready(statement, *given)

    monkeypatch.setattr(Prepared, "_ready", hear)

    def statements(number: int, first: int) -> int:
        world.receive(*(question(item=str(first + each)) for each in range(number)))
        asked.clear()
        assert sqlite_store.run_sync(deadlines.take_steps, now=REMINDED + MOMENT) == number
        return len(asked)

    assert 0 < statements(2, 100) == statements(200, 200)


def test_the_tick_finds_what_is_due_by_an_index_and_walks_no_history(sqlite_store: Store) -> None:
    def plans(session: Session) -> list[str]:
        asked: list[str] = []
        raw: Any = session.connection().connection.driver_connection
        raw.set_trace_callback(asked.append)
        queries.due(session, NOW, 5)
        queries.over(session, NOW, 5)
        queries.cases(session, [(REQUEST, "r1"), (NOTICE, "n1")])
        raw.set_trace_callback(None)
        wanted = [query for query in asked if query.startswith("SELECT")]
        return [str(row[3]) for query in wanted for row in raw.execute(f"EXPLAIN QUERY PLAN {query}")]

    found = [plan for plan in sqlite_store.run_sync(plans) if plan.startswith(("SCAN", "SEARCH"))]
    assert "SEARCH deadline_watch USING INDEX ix_deadline_watch_next (next_at<?)" in found
    assert [plan for plan in found if plan.startswith("SCAN")] == [
        "SCAN deadline USING INDEX ix_deadline_unsettled"
    ]
