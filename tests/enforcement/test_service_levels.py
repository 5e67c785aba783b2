"""What was promised and kept: counted from closed days as from the notices, and shown to nobody else."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlmodel import Session, col, select

from bot.clock import Clock
from bot.enforcement import service_levels
from bot.enforcement.access import Actor, Denied
from bot.enforcement.response_times import nearest_rank
from bot.enforcement.service_closing import Report, closing_tick
from bot.enforcement.service_levels import Counting, window_of
from storage.engine import Store
from storage.records.audit import AuditEntry
from storage.records.calendars import Span, Window
from storage.records.channels import ChannelBinding, ChannelPurpose, ChannelState
from storage.records.notices import Notice, NoticeState
from storage.records.outbox import OutboxRow
from storage.records.rights import RightKind
from storage.records.service_figures import Answers, Asked, Cut, Tally, Topic
from storage.records.service_levels import ServiceClose, ServiceDay
from tests.enforcement.notice_world import NOW, TEAM, World, found, who
from tests.enforcement.service_world import CALENDAR, EARLY, LATE, ZONE, answered, asked, at, file, shown

TODAY = date(2026, 11, 21)  # a Saturday


@pytest.fixture
def world(store: Store) -> World:
    return store.run_sync(found)


async def close(store: Store, now: datetime = NOW) -> Report:
    clock: Clock = lambda: now  # noqa: E731  # a clock that stands still
    return await closing_tick(store, clock, ZONE)


@pytest.mark.parametrize(
    ("span", "back", "first", "last"),
    [
        (Span.DAY, 0, date(2026, 11, 21), date(2026, 11, 21)),
        (Span.DAY, 21, date(2026, 10, 31), date(2026, 10, 31)),
        (Span.WEEK, 0, date(2026, 11, 16), date(2026, 11, 22)),
        (Span.WEEK, 1, date(2026, 11, 9), date(2026, 11, 15)),
        (Span.MONTH, 0, date(2026, 11, 1), date(2026, 11, 30)),
        (Span.MONTH, 9, date(2026, 2, 1), date(2026, 2, 28)),
        (Span.MONTH, 11, date(2025, 12, 1), date(2025, 12, 31)),
        (Span.MONTH, 12, date(2025, 11, 1), date(2025, 11, 30)),
    ],
)
def test_windows_are_whole_days_weeks_from_monday_and_months(
    span: Span, back: int, first: date, last: date
) -> None:
    assert window_of(span, back, TODAY) == Window(first, last)


@pytest.mark.parametrize(
    ("in_time", "due", "reached"), [(97, 100, True), (96, 100, False), (0, 0, True), (969, 1000, False)]
)
def test_a_target_is_reached_in_whole_notices(in_time: int, due: int, reached: bool) -> None:
    assert Tally(due, in_time).reaches(97) is reached


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, 0), ([4], 0.9, 4), ([1, 2], 0.5, 1), ([1, 2, 3], 0.5, 2), (list(range(1, 11)), 0.9, 9)],
)
def test_a_quantile_is_a_real_value_by_nearest_rank(
    values: list[float], share: float, expected: float
) -> None:
    assert nearest_rank(values, share) == expected


async def test_a_notice_counts_on_the_day_it_falls_due_whatever_became_of_it_later(
    store: Store, world: World
) -> None:
    def history(session: Session) -> None:
        file(session, world, at(18), EARLY)
        file(session, world, at(18), timedelta())  # at the very moment
        file(session, world, at(18), EARLY, state=NoticeState.REJECTED)
        file(session, world, at(18), EARLY, state=NoticeState.WITHDRAWN)  # after it was decided
        file(session, world, at(18), LATE)
        file(session, world, at(18), None)
        file(session, world, None, None)  # owes no decision
        file(session, world, NOW + timedelta(hours=1), None)  # is not due yet

    store.run_sync(history)
    expected = Tally(due=6, in_time=4, rejected=1)
    for _ in range(2):
        page = store.read_sync(shown, "staff", Asked(span=Span.MONTH))
        assert page.tally == expected
        day = store.read_sync(shown, "staff", Asked(span=Span.DAY, back=3))
        assert day.tally == expected
        assert day.window == Window(date(2026, 11, 18), date(2026, 11, 18))
        assert (await close(store)).differed == ()


async def test_every_split_of_every_span_equals_a_recount_by_hand_open_and_closed(
    store: Store, world: World
) -> None:
    chance = Random(5)
    holders, kinds = ["nordlys", "halden", "tansy", "glen"], [RightKind.TRADEMARK, RightKind.COPYRIGHT, None]

    def history(session: Session) -> None:
        for _ in range(160):
            file(
                session,
                world,
                at(chance.randint(2, 20), chance.randint(0, 23)),
                chance.choice([EARLY, EARLY, LATE, None]),
                holder=chance.choice(holders),
                right=chance.choice(kinds),
                state=chance.choice([NoticeState.ACTIONED, NoticeState.REJECTED]),
                lane=chance.choice(["", "", "partner"]),
            )

    def by_hand(session: Session, belongs: Callable[[Notice], bool]) -> Tally:
        due = [each for each in session.exec(select(Notice)).all() if belongs(each)]
        kept = [each for each in due if each.decided_at and each.due_at and each.decided_at <= each.due_at]
        return Tally(len(due), len(kept), sum(each.state is NoticeState.REJECTED for each in kept))

    def compare(session: Session) -> None:
        everything = shown(session, "staff", Asked())
        assert everything.tally == by_hand(session, lambda _: True)
        by_brand = {line.name: line.tally for line in shown(session, "staff", Asked(cut=Cut.BRAND)).lines}
        by_association = shown(session, "staff", Asked(cut=Cut.ASSOCIATION)).lines
        ids = world.holders
        for holder in holders:
            expected = by_hand(session, lambda each, own=ids[holder]: each.holder_id == own)  # type: ignore[misc]  # mypy infers no lambda defaults
            assert by_brand[f"{holder.title()} brand"] == expected
        glen = {ids["glen"], ids["tansy"]}
        assert {line.name or line.key: line.tally for line in by_association} == {
            "Glen": by_hand(session, lambda each: each.holder_id in glen),
            "service.no_association": by_hand(session, lambda each: each.holder_id not in glen),
        }
        by_size = shown(session, "staff", Asked(cut=Cut.SIZE)).lines
        assert {line.key: line.tally for line in by_size} == {"register.size.medium": everything.tally}
        by_right = {line.key: line.tally for line in shown(session, "staff", Asked(cut=Cut.RIGHT)).lines}
        assert by_right["service.no_right"] == by_hand(session, lambda each: each.right_id is None)
        week = shown(session, "staff", Asked(span=Span.WEEK, back=1))
        monday, sunday = (datetime(2026, 11, day, tzinfo=UTC) - timedelta(hours=1) for day in (9, 16))
        assert week.tally == by_hand(
            session, lambda each: bool(each.due_at and monday <= each.due_at < sunday)
        )
        lanes = service_levels.lanes(session, who("staff"), Asked(), now=NOW, zone=ZONE, target=97)
        tallies = {line.lane.id if line.lane else "": line.tally for line in lanes.lines}
        assert tallies["partner"] == by_hand(session, lambda each: each.lane == "partner")
        own = shown(session, "lead", Asked())
        assert own.tally == by_hand(session, lambda each: each.holder_id == ids["nordlys"])

    store.run_sync(history)
    store.read_sync(compare)
    report = await close(store)
    assert report.differed == ()
    assert report.recounted == report.closed == 19
    assert len(store.read_sync(lambda session: session.exec(select(ServiceDay)).all())) > 19
    store.read_sync(compare)
    assert await close(store) == Report(0)


async def test_a_recount_that_differs_is_put_right_and_says_so(store: Store, world: World) -> None:
    store.run_sync(file, world, at(18), EARLY)
    await close(store)

    def tamper(session: Session) -> None:
        for row in session.exec(select(ServiceDay)).all():
            row.in_time = 0
            session.add(row)

    store.run_sync(tamper)
    assert store.read_sync(shown, "staff", Asked()).tally == Tally(1, 0)
    store.run_sync(file, world, at(22), EARLY)
    report = await close(store, at(23, 6))
    assert report.differed == (date(2026, 11, 18),)
    page = store.read_sync(shown, "staff", Asked(), at(23, 6))
    assert page.tally == Tally(2, 2)
    assert page.recount is not None
    assert (page.recount.days, page.recount.differed) == (5, 1)
    entry = store.read_sync(
        lambda session: session.exec(
            select(AuditEntry).where(col(AuditEntry.operation) == "service_recount")
        ).one()
    )
    assert entry.outcome == "corrected"


async def test_a_recount_is_of_the_latest_days_each_night_of_each_day_weekly_and_of_all_where_a_month_ends(
    sqlite_store: Store,
) -> None:
    world = sqlite_store.run_sync(found)
    sqlite_store.run_sync(file, world, at(1), EARLY)
    nights: dict[date, set[date]] = {}
    for night in range(75):
        now = at(2, 6) + timedelta(days=night, minutes=-night)  # each a little earlier than the one before
        await close(sqlite_store, now)
        nights[now.date()] = {row.day for row in sqlite_store.read_sync(closes) if row.checked_at == now}
        if now.day == 1:
            assert len(nights[now.date()]) == min(35, (now.date() - date(2026, 11, 1)).days)
    assert sum(map(len, nights.values())) <= 13 * len(nights)
    day, age = date(2026, 11, 20), [timedelta(days=number) for number in range(1, 36)]
    looked_at = [each.days for each in age if day in nights[day + each]]
    assert looked_at == [*range(1, 9), 11, 18, 25, 32]  # the eleventh was the first of December
    assert not any(day in nights[each] for each in nights if each > day + age[-1])


async def test_where_the_recount_of_a_months_end_did_not_come_the_next_one_is_of_all_days(
    sqlite_store: Store,
) -> None:
    world = sqlite_store.run_sync(found)
    sqlite_store.run_sync(file, world, at(1), EARLY)
    for night in range(29):
        await close(sqlite_store, at(2, 6) + timedelta(days=night))
    first = at(2, 6) + timedelta(days=29)
    assert first.day == 1
    checked = {row.day: row.checked_at for row in sqlite_store.read_sync(closes)}
    await close(sqlite_store, first)

    def forget(session: Session) -> None:
        for row in closes(session):
            row.checked_at = checked.get(row.day)
            session.add(row)

    sqlite_store.run_sync(forget)
    await close(sqlite_store, first + timedelta(days=1))
    looked_at = [row for row in sqlite_store.read_sync(closes) if row.checked_at == first + timedelta(days=1)]
    assert len(looked_at) == 31


def closes(session: Session) -> Sequence[ServiceClose]:
    return session.exec(select(ServiceClose)).all()


def test_a_brand_reads_its_own_an_association_its_members_and_a_rival_nothing_of_it(
    store: Store, world: World
) -> None:
    def history(session: Session) -> None:
        file(session, world, at(18), EARLY)
        file(session, world, at(18), LATE, holder="tansy")
        file(session, world, at(18), LATE, holder="glen")

    store.run_sync(history)
    assert store.read_sync(shown, "expert", Asked()).tally == Tally(1, 1)
    assert store.read_sync(shown, "rival", Asked()).tally == Tally()
    assert store.read_sync(shown, "officer", Asked()).tally == Tally(2, 0)
    assert store.read_sync(shown, "small", Asked()).tally == Tally(1, 0)
    assert store.read_sync(shown, "staff", Asked()).tally == Tally(3, 1)
    for topic in Topic:
        names = store.read_sync(_names_for_a_rival, topic)
        assert "Nordlys" not in names
        assert "Tansy" not in names
    with pytest.raises(Denied):
        store.read_sync(service_levels.reader_of, Actor(TEAM, "UNOBODY"))


def _names_for_a_rival(session: Session, topic: Topic) -> str:
    asked = Asked(topic=topic, cut=Cut.BRAND)
    return repr(service_levels.show(session, who("rival"), asked, "", now=NOW, calendar=CALENDAR, target=97))


def test_breaches_are_listed_newest_first_and_counted(store: Store, world: World) -> None:
    def history(session: Session) -> None:
        file(session, world, at(17), EARLY)
        file(session, world, at(17), LATE)
        file(session, world, at(18), None, holder="tansy")

    store.run_sync(history)
    page = store.read_sync(
        lambda session: service_levels.breaches(session, who("staff"), Asked(), now=NOW, zone=ZONE)
    )
    assert (page.total, [each.reference for each in page.found]) == (2, ["GF-2", "GF-1"])
    own = store.read_sync(
        lambda session: service_levels.breaches(session, who("lead"), Asked(), now=NOW, zone=ZONE)
    )
    assert (own.total, [each.reference for each in own.found]) == (1, ["GF-1"])


@pytest.mark.parametrize(
    ("actor", "purpose", "scope", "posts"),
    [
        ("lead", ChannelPurpose.BRAND, "nordlys", True),
        ("rival", ChannelPurpose.BRAND, "nordlys", False),
        ("staff", ChannelPurpose.BRAND, "nordlys", True),
        ("staff", ChannelPurpose.PLATFORM, "", True),
        ("lead", ChannelPurpose.PLATFORM, "", False),
        ("officer", ChannelPurpose.ASSOCIATION, "glen", True),
        ("lead", ChannelPurpose.ASSOCIATION, "glen", False),
        ("staff", ChannelPurpose.GROUP, "", False),
        ("lead", None, "", False),
    ],
)
def test_a_chart_goes_only_where_its_figures_belong(
    store: Store, world: World, actor: str, purpose: ChannelPurpose | None, scope: str, posts: bool
) -> None:
    def bind(session: Session) -> None:
        if purpose is not None:
            scopes = world.brands if purpose is ChannelPurpose.BRAND else world.holders
            scope_id = scopes.get(scope, "")
            session.add(
                ChannelBinding(
                    channel_id="C1",
                    purpose=purpose,
                    scope_id=scope_id,
                    state=ChannelState.BOUND,
                    bound_by="test",
                    bound_at=NOW,
                )
            )

    def post(session: Session) -> None:
        service_levels.post_chart(session, who(actor), "C1", Asked(), now=NOW, zone=ZONE)

    def posted(session: Session) -> list[str]:
        rows = session.exec(select(OutboxRow).where(col(OutboxRow.kind) == "picture")).all()
        return [row.payload["place"] for row in rows]

    store.run_sync(bind)
    if posts:
        store.run_sync(post)
        assert store.read_sync(posted) == ["C1"]
    else:
        with pytest.raises(Denied):
            store.run_sync(post)


def test_an_empty_alliance_has_empty_pages(store: Store, world: World) -> None:
    for topic in Topic:
        page = store.read_sync(
            lambda session, topic=topic: service_levels.show(
                session, who("staff"), Asked(topic=topic), "", now=NOW, calendar=CALENDAR, target=97
            )
        )
        assert page.everybody
    assert (
        store.read_sync(lambda session: Counting(session, None, NOW, ZONE).by("day", Window(TODAY, TODAY)))
        == {}
    )


def test_answers_are_timed_from_when_that_brand_was_asked(store: Store, world: World) -> None:
    def history(session: Session) -> None:
        friday = at(13, 15)
        answered(session, world, friday, timedelta(hours=1))
        answered(session, world, friday, timedelta(hours=2), late=True)
        answered(session, world, friday, timedelta(days=3))  # over the weekend: a day of business time
        answered(session, world, friday, timedelta(hours=4), holder="halden", deadline=False)
        sent_back = answered(session, world, friday, timedelta(hours=5), holder="halden")
        again = friday + timedelta(hours=5)  # given to another brand
        answered(session, world, again, timedelta(hours=1), request=sent_back)
        asked(session, world, friday, at(16))  # overdue

    store.run_sync(history)
    wanted = Asked(topic=Topic.RESPONSES)
    page = store.read_sync(
        lambda session: service_levels.responses(session, who("staff"), wanted, now=NOW, calendar=CALENDAR)
    )
    hour = 3600
    lines = {line.holder: line for line in page.lines}
    assert lines["Nordlys"] == Answers("Nordlys", 4, hour, 24 * hour, 5, 3)
    assert lines["Halden"] == Answers("Halden", 2, 4 * hour, 5 * hour, 1, 1)
    assert page.total == Answers("", 6, 2 * hour, 24 * hour, 6, 4)
    own = store.read_sync(
        lambda session: service_levels.responses(session, who("rival"), wanted, now=NOW, calendar=CALENDAR)
    )
    assert [line.holder for line in own.lines] == ["Halden"]
    assert own.total == Answers("", 2, 4 * hour, 5 * hour, 1, 1)
