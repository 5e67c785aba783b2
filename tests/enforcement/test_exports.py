"""Exports and weekly reports: one's own cases and nobody else's, for who may, once a week."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.clock import ShiftedClock
from bot.enforcement import exports, reports
from bot.enforcement.access import Denied
from bot.enforcement.confirmations import confirm_fake
from bot.enforcement.exports import Wanted
from bot.enforcement.refusals import Refused
from bot.messenger import Viewer
from bot.words.catalogue import words_for
from handlers.drawn.exports import draw_export
from storage.engine import Store
from storage.queries import exports as kept
from storage.records.authenticity import AuthenticityRequest
from storage.records.exports import (
    BrandReport,
    Export,
    ExportFormat,
    ExportSubject,
    ReportSubscription,
    WeekFigures,
)
from storage.records.notices import NoticeState
from storage.records.roster import Person, RoleGrant
from storage.records.takedowns import Takedown, TakedownCause
from tests.enforcement.counter_world import ACCEPT, Bench
from tests.enforcement.request_world import NOW, World, build, who
from tests.enforcement.standing_world import move, review
from tests.statements import everything_sent

DAY = NOW.date()
SINCE, UNTIL = NOW - timedelta(days=1), NOW + timedelta(days=1)
ALL = Wanted(tuple(ExportSubject), ExportFormat.XLSX, DAY, DAY)
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def world(sqlite_store: Store) -> World:
    return build(sqlite_store)


@pytest.fixture
def world_on_each(store: Store) -> World:
    return build(store)


def rows(world: World, subject: ExportSubject, brand: str = "Nordlys", limit: int = 100) -> list[Any]:
    holder_id = world.holders[brand]
    if subject is ExportSubject.SELLERS:
        return list(world.store.read_sync(kept.sellers, holder_id, SINCE, UNTIL))
    found: list[Any] = []
    after = None
    while True:
        page = world.store.read_sync(kept.page, subject, holder_id, SINCE, UNTIL, after, limit)
        found += page
        if len(page) < limit:
            return found
        after = (page[-1][0], page[-1][1])


def asked_in(world: World, brand: str, since: datetime, until: datetime) -> list[Any]:
    subject, holder_id = ExportSubject.TAKEDOWNS, world.holders[brand]
    return list(world.store.read_sync(kept.page, subject, holder_id, since, until, None, 100))


def test_a_table_holds_ones_own_cases_and_no_word_of_a_rivals(world_on_each: World) -> None:
    world = world_on_each
    bench = Bench(world)
    world.answer("ines", world.ask())
    bench.also_asked_by("Halden", "petra")
    request = world.one(AuthenticityRequest, external_id="also-Halden")
    world.store.run_sync(confirm_fake, who("otto"), request.id, 1, now=NOW)
    (takedown,) = world.rows(Takedown)
    bench.report(takedown.id, "removed")
    counter = bench.open(takedown.id, statement="canary of Nordlys")
    halden = {"external_id": "cn-2", "cause_id": request.id, "statement": "canary of Halden"}
    bench.open(takedown.id, **halden)
    bench.answer("lars", counter, ACCEPT)
    notice = review(world, "77")
    move(world, notice.id, NoticeState.ACTIONED)

    def spoil(session: Session) -> None:
        shared = session.get_one(Takedown, takedown.id)
        shared.state_reason, shared.created_at = "canary of whoever took it back", NOW - timedelta(hours=3)
        first = select(TakedownCause).where(TakedownCause.holder_id == world.holders["Nordlys"])
        session.exec(first).one().at = shared.created_at
        session.get_one(AuthenticityRequest, request.id).external_id = "canary of Halden"

    world.change(spoil)
    told = {subject: rows(world, subject) for subject in ExportSubject}
    assert [len(told[subject]) for subject in ExportSubject] == [0, 1, 1, 1, 1]
    theirs = {subject: rows(world, subject, "Halden") for subject in ExportSubject}
    assert [len(theirs[subject]) for subject in ExportSubject] == [0, 1, 1, 1, 1]
    assert "canary of Nordlys" in str(told)
    assert "Halden" not in str(told)
    # The first who asked is Nordlys; the second learns neither that nor when, for which brand or reason.
    assert "Nordlys" not in str(theirs).replace("Nordlys runner 811", "")
    asked_at = [each[ExportSubject.TAKEDOWNS][0].created_at for each in (told, theirs)]
    assert asked_at == [NOW - timedelta(hours=3), NOW]
    hour = timedelta(hours=1)
    assert [len(asked_in(world, "Halden", *each)) for each in ((SINCE, NOW), (NOW, NOW + hour))] == [0, 1]
    assert theirs[ExportSubject.TAKEDOWNS][0].brand is None
    assert theirs[ExportSubject.TAKEDOWNS][0].reason_code is None
    (filed,) = rows(world, ExportSubject.NOTICES, "Tansy")
    assert (filed.brand, filed.item_state.value) == ("Tansy", "removed")
    (seller,) = told[ExportSubject.SELLERS]
    assert (seller.seller, seller.fakes, seller.removed, seller.upheld) == ("shoe.corner", 1, 1, 1)


def test_pages_leave_nothing_out_and_bring_nothing_twice(world_on_each: World) -> None:
    for number in range(7):
        world_on_each.ask(item=str(number))
    found = [row.external_id for row in rows(world_on_each, ExportSubject.REQUESTS, limit=2)]
    assert sorted(found) == [f"mp-Nordlys-{number}" for number in range(7)]


def ask(world: World, name: str, brand: str = "Nordlys", wanted: Wanted = ALL) -> int:
    number: int = world.store.run_sync(exports.ask, who(name), world.holders[brand], wanted, now=NOW)
    return number


def test_leads_ask_for_their_own_and_nobody_else_asks(world: World) -> None:
    for name in ("ines", "otto", "petra", "pia", "guest", "nobody"):
        with pytest.raises(Denied):
            ask(world, name)
    assert ask(world, "lars") == 1
    assert ask(world, "lars", wanted=Wanted(tuple(ExportSubject)[:4], ExportFormat.CSV, DAY, DAY)) == 4
    with pytest.raises(Refused, match="still_making"):
        ask(world, "lars")
    export = world.rows(Export)[0]
    plan = world.store.read_sync(exports.plan, export.id, "ULARS")
    assert plan is not None
    assert plan.until - plan.since == timedelta(days=1)
    for other in ("UOTTO", "UINES", "UNOBODY"):
        assert world.store.read_sync(exports.plan, export.id, other) is None
        assert world.store.read_sync(exports.own, export.id, other) is None
    _leave(world, "lars")
    assert world.store.read_sync(exports.plan, export.id, "ULARS") is None


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        (Wanted((), ExportFormat.CSV, DAY, DAY), "exports.nothing"),
        (Wanted(ALL.subjects, ExportFormat.CSV, DAY, DAY - timedelta(days=1)), "exports.wrong_days"),
        (Wanted(ALL.subjects, ExportFormat.CSV, DAY, DAY + timedelta(days=366)), "exports.too_long"),
    ],
)
def test_what_cannot_be_asked_for(world: World, wanted: Wanted, key: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(world, "lars", wanted=wanted)
    assert refused.value.key == key


def test_who_waits_for_a_long_one_is_told_how_far_it_has_come_and_nobody_else(world: World) -> None:
    ask(world, "lars")
    export = world.one(Export)
    world.store.run_sync(exports.come_so_far, export.id, 10_000, now=NOW)
    here = {"drawing": "export", "subject_id": export.id, "place": "ULARS"}
    assert [each for each in world.outgoing("draw") if each["drawing"] == "export"] == [here]

    def told(user_id: str) -> str | None:
        viewer = Viewer(words_for("en-GB"), user_id)
        drawn = world.store.read_sync(draw_export, export.id, viewer, NOW)
        return drawn.text if drawn else None

    assert told("ULARS") == "Your export: 10,000 rows so far."
    assert told("UINES") is None
    world.store.run_sync(exports.made, export.id, 12_345, now=NOW)
    assert told("ULARS") == "Your export is made: 12,345 rows."


def _leave(world: World, name: str) -> None:
    def leave(session: Session) -> None:
        person = session.exec(select(Person).where(col(Person.user_id) == who(name).user_id)).one()
        for grant in session.exec(select(RoleGrant).where(col(RoleGrant.person_id) == person.id)):
            grant.until = NOW
            session.add(grant)

    world.change(leave)


def tick(world: World, at: datetime) -> int:
    clock = ShiftedClock()
    clock.offset = at - clock()
    return asyncio.run(reports.report_tick(world.store, clock))


def test_a_report_comes_once_a_week_from_the_next_monday_on(world_on_each: World) -> None:
    world = world_on_each
    brand_id = world.brands["Nordlys"]
    for _ in range(2):
        world.store.run_sync(reports.subscribe, who("lars"), brand_id, now=NOW)
    kept_ = world.one(ReportSubscription)
    assert kept_.next_at == MONDAY
    assert tick(world, MONDAY - timedelta(minutes=1)) == 0
    assert tick(world, MONDAY + timedelta(minutes=1)) == 1
    assert tick(world, MONDAY + timedelta(minutes=2)) == 0
    # Had the next moment been lost, the week is known to be sent.
    world.change(lambda session: setattr(session.get_one(ReportSubscription, kept_.id), "next_at", MONDAY))
    assert tick(world, MONDAY + timedelta(hours=1)) == 1
    (report,) = world.rows(BrandReport)
    assert (report.week, report.weekly) == (date(2026, 11, 16), True)
    assert [row["subject_id"] for row in world.outgoing("file")] == [report.id]
    # After a long stop only the last week comes.
    assert tick(world, MONDAY + timedelta(days=20)) == 1
    assert len(world.rows(BrandReport)) == 2
    world.store.run_sync(reports.unsubscribe, who("lars"), brand_id, now=NOW)
    assert tick(world, MONDAY + timedelta(days=60)) == 0


def test_whoever_left_gets_no_report_any_more(world: World) -> None:
    brand_id = world.brands["Nordlys"]
    world.store.run_sync(reports.subscribe, who("lars"), brand_id, now=NOW)
    world.store.run_sync(reports.ask, who("lars"), brand_id, now=NOW)
    report = world.one(BrandReport)
    _leave(world, "lars")
    assert tick(world, MONDAY + timedelta(minutes=1)) == 1
    assert world.one(ReportSubscription).until is not None
    assert len(world.rows(BrandReport)) == 1
    assert world.store.read_sync(reports.week_of, report.id, "ULARS") is None
    for name in ("ines", "otto", "nobody"):
        with pytest.raises(Denied):
            world.store.run_sync(reports.ask, who(name), brand_id, now=NOW)
        with pytest.raises(Denied):
            world.store.run_sync(reports.subscribe, who(name), brand_id, now=NOW)


def test_one_report_of_a_brand_is_made_for_a_person_at_a_time(world_on_each: World) -> None:
    world = world_on_each

    def ask_for(name: str, brand: str, at: datetime = NOW) -> None:
        world.store.run_sync(reports.ask, who(name), world.brands[brand], now=at)

    ask_for("lars", "Nordlys")
    with pytest.raises(Refused, match="report_waits"):
        ask_for("lars", "Nordlys")
    first = world.one(BrandReport)
    world.store.run_sync(reports.made, first.id, now=NOW)
    ask_for("lars", "Nordlys", NOW + timedelta(days=7))
    # One that has come to nothing for an hour keeps nobody from asking again.
    ask_for("lars", "Nordlys", NOW + timedelta(days=7, hours=2))
    later = [each for each in world.rows(BrandReport) if each.id != first.id]
    assert [(each.week, each.at) for each in later] == [
        (first.week + timedelta(days=7), NOW + timedelta(days=7, hours=2))
    ]


def test_the_reports_of_many_are_sent_in_as_many_statements_as_those_of_one(sqlite_store: Store) -> None:
    world = build(sqlite_store)

    def statements(session: Session) -> int:
        with everything_sent() as sent:
            reports.send_due(session, now=MONDAY)
        return sum(1 for each in sent if "audit" not in each.text and "outbox" not in each.text)

    world.store.run_sync(reports.subscribe, who("lars"), world.brands["Nordlys"], now=NOW)
    one = world.store.run_sync(statements)
    world.store.run_sync(reports.subscribe, who("otto"), world.brands["Halden"], now=NOW)

    def again(session: Session) -> None:
        for report in session.exec(select(BrandReport)):
            session.delete(report)
        for kept_ in session.exec(select(ReportSubscription)):
            kept_.next_at = MONDAY

    world.change(again)
    assert (world.store.run_sync(statements), len(world.rows(BrandReport))) == (one, 2)


def test_a_report_counts_the_brands_own_week_beside_the_one_before(world_on_each: World) -> None:
    world = world_on_each
    bench = Bench(world)
    takedown_id = bench.removed()
    counter = bench.open(takedown_id)
    bench.answer("lars", counter, ACCEPT)
    world.answer("petra", world.ask("Halden", "5"))
    world.store.run_sync(reports.ask, who("lars"), world.brands["Nordlys"], now=MONDAY)
    week = world.store.read_sync(reports.week_of, world.one(BrandReport).id, "ULARS")
    assert week is not None
    assert week.now == WeekFigures(requests=1, fakes=1, takedowns=1, removed=1, counter_notices=1, upheld=1)
    assert week.before == WeekFigures()
    assert week.days == [0, 0, 0, 0, 1, 0, 0]
    assert (week.brand, week.week) == ("Nordlys", date(2026, 11, 16))
