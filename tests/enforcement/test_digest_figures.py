"""A group's figures: each of the days that it says, and none of them telling of one rival's case."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from bot.enforcement.business_clock import MONDAY_TO_FRIDAY
from bot.enforcement.digest_figures import GroupDays, told_until
from bot.enforcement.suppression import passes
from storage.engine import Store
from storage.records.authenticity import Answer
from storage.records.calendars import Span
from storage.records.digest_figures import DigestFigures
from storage.records.groups import GroupKind, GroupMember, WorkingGroup
from storage.records.takedowns import TakedownState
from tests.enforcement.digest_world import NAMES, NOON, ZONE, World, found
from tests.statements import everything_sent

Fill = Callable[[Session, World], None]

WEDNESDAY = NOON.date()
SUNDAY = date(2026, 11, 22)
END_OF_MONTH = date(2026, 11, 30)
DAY = timedelta(days=1)


def figures_of(
    session: Session, world: World, span: Span = Span.DAY, until: date = WEDNESDAY
) -> DigestFigures:
    return GroupDays(session, world.group, span, until, ZONE, MONDAY_TO_FRIDAY).figures()


def several(store: Store, fill: Fill, *asked: tuple[Span, date]) -> list[DigestFigures]:
    def do(session: Session) -> list[DigestFigures]:
        world = found(session)
        fill(session, world)
        session.flush()
        return [figures_of(session, world, span, until) for span, until in asked]

    return store.run_sync(do)


def figures(store: Store, fill: Fill) -> DigestFigures:
    return several(store, fill, (Span.DAY, WEDNESDAY))[0]


def test_a_group_without_cases_has_no_figures_and_no_message(store: Store) -> None:
    told = figures(store, lambda _session, _world: None)
    assert told.model_copy(update={"course": ()}) == DigestFigures(first=WEDNESDAY, last=WEDNESDAY, zone=ZONE)
    assert {(bar.notices, bar.requests, bar.removed) for bar in told.course} == {(None, None, None)}
    assert told_until(told) is None


def test_everything_is_counted_where_it_belongs(store: Store) -> None:
    def fill(session: Session, world: World) -> None:
        for holder in NAMES:
            for _ in range(2):
                world.notice(session, holder, due=NOON, after=timedelta(0))
                world.verdict(session, holder, answer=Answer.GENUINE)
                world.takedown(session, holder)
            for answer in (Answer.CANNOT_TELL, Answer.NEED_SAMPLE):
                world.verdict(session, holder, answer=answer)
            world.notice(session, holder, NOON - 2 * DAY, due=NOON)
            for _ in range(3):
                world.request(session, holder, deadline=NOON + DAY)
                world.takedown(session, holder, state=TakedownState.REFUSED)
            for _ in range(5):
                world.verdict(session, holder, asked=NOON - timedelta(minutes=90))

    told = figures(store, fill).model_dump(exclude_none=True)
    assert told["notices"] == {"window": 1, "cases": 15}
    assert told["requests"] == {"window": 1, "cases": 55}
    assert told["verdicts"] == {"window": 1, "rows": {"fake": 35, "genuine": 15, "other": 15}, "total": 65}
    assert told["takedowns"] == {"window": 1, "rows": {"started": 35}, "total": 15}
    assert told["attainment"] == {"window": 1, "percent": 65}  # surely, of about 15 in time and 5 late
    assert told["responses"] == {"window": 1, "median": 120}  # five of nine after 90 minutes
    assert told["deadlines"] == {"window": 1, "cases": 20}


@pytest.mark.parametrize(
    ("at", "told_of"),
    [
        (datetime.fromisoformat("2026-11-17T23:59:59.999999+00:00"), None),  # told in its own digest
        (datetime.fromisoformat("2026-11-18T00:00:00+00:00"), (1, None)),
        (datetime.fromisoformat("2026-11-18T23:59:59.999999+00:00"), (1, None)),
        (datetime.fromisoformat("2026-11-19T00:00:00+00:00"), None),
        (datetime.fromisoformat("2026-11-15T23:59:59.999999+00:00"), (7, date(2026, 11, 15))),
        (datetime.fromisoformat("2026-11-09T00:00:00+00:00"), (7, date(2026, 11, 15))),
        (datetime.fromisoformat("2026-10-25T23:59:59.999999+00:00"), (28, date(2026, 10, 25))),
        (datetime.fromisoformat("2026-09-28T00:00:00+01:00"), (28, date(2026, 10, 25))),
        (datetime.fromisoformat("2026-09-27T23:59:59.999999+01:00"), None),
    ],
)
def test_a_thin_day_falls_back_to_the_last_whole_week_then_month(
    sqlite_store: Store, at: datetime, told_of: tuple[int, date | None] | None
) -> None:
    told = figures(sqlite_store, lambda session, world: world.busy(session, at)).notices
    # Where only one day of a week has cases the week is told as that day: the rest of it may not be.
    assert ((told.window, told.until) if told else None) == told_of


def test_a_change_is_told_only_where_both_figures_are(store: Store) -> None:
    def fill(session: Session, world: World) -> None:
        world.busy(session, NOON, each=4)
        world.busy(session, NOON - DAY)
        for holder in NAMES:
            for _ in range(2):
                world.request(session, holder)
        for holder in NAMES[:3]:
            world.request(session, holder, NOON - DAY)

    told = figures(store, fill)
    assert told.notices is not None
    assert told.requests is not None
    assert (told.notices.cases, told.notices.before) == (30, 15)
    assert (told.requests.cases, told.requests.before) == (15, None)


def test_a_week_and_its_days_do_not_give_a_thin_day_away(sqlite_store: Store) -> None:
    def fill(session: Session, world: World) -> None:
        for day in range(-2, 3):
            world.busy(session, NOON + day * DAY)
        world.notice(session, NAMES[0], NOON + 3 * DAY)  # Saturday's only case

    week, month = several(sqlite_store, fill, (Span.WEEK, SUNDAY), (Span.MONTH, END_OF_MONTH))
    assert week.notices is not None
    assert (week.notices.window, week.notices.days, week.notices.cases) == (7, 5, 70)
    assert (month.first, month.last) == (date(2026, 11, 2), date(2026, 11, 29))
    assert month.notices is not None
    assert (month.notices.days, month.notices.cases) == (5, 70)


def test_a_seller_is_named_only_when_its_own_cell_may_be_told(store: Store) -> None:
    def fill(session: Session, world: World) -> None:
        sellers = {
            name: world.seller(session, name) for name in ("Many", "Today", "Few", "One rival", "Long")
        }
        in_october = datetime.fromisoformat("2026-10-20T12:00:00+00:00")
        for holder in NAMES[:6]:
            for _ in range(2):
                world.takedown(session, holder, in_october, seller=sellers["Many"])
                world.takedown(session, holder, in_october - timedelta(days=40), seller=sellers["Long"])
                world.takedown(session, holder, seller=sellers["Today"])
            world.takedown(session, holder, seller=sellers["Few"])
            world.takedown(session, holder, seller=sellers["One rival"])
        for _ in range(40):
            world.takedown(session, NAMES[0], seller=sellers["One rival"])

    named = figures(store, fill).sellers
    assert [(seller.name, seller.marketplace) for seller in named] == [("Many", "Open"), ("Today", "Open")]


def test_who_joins_or_leaves_brings_and_takes_no_figures(sqlite_store: Store) -> None:
    """Two members join on Tuesday evening: Monday's cases of theirs are not the group's, Tuesday's are."""
    joined = NOON - timedelta(hours=15)

    def fill(session: Session, world: World) -> None:
        late = [world.holders[name] for name in NAMES[5:]]
        for member in session.exec(select(GroupMember).where(col(GroupMember.holder_id).in_(late))):
            member.since = joined
        for name in NAMES:
            for at in (NOON - 2 * DAY, NOON - DAY):
                for _ in range(6):
                    world.notice(session, name, at)

    days = [(Span.DAY, WEDNESDAY - 2 * DAY), (Span.DAY, WEDNESDAY - DAY)]
    told = [each.notices for each in several(sqlite_store, fill, *days)]
    assert [each.cases for each in told if each] == [30, 40]


def test_a_group_is_not_told_what_would_tell_a_group_within_it_apart(sqlite_store: Store) -> None:
    def fill(session: Session, world: World) -> None:
        world.busy(session)
        inner = WorkingGroup(name="Inner", name_key="inner", kind=GroupKind.INDUSTRY, created_at=NOON)
        session.add(inner)
        session.flush()
        for name in NAMES[:6]:
            long_ago = NOON - timedelta(days=300)
            session.add(GroupMember(group_id=inner.id, holder_id=world.holders[name], since=long_ago))

    assert figures(sqlite_store, fill).notices is None


def test_every_count_walks_its_days_and_no_history_in_a_fixed_number_of_queries(sqlite_store: Store) -> None:
    def do(session: Session) -> tuple[list[str], int]:
        world = found(session)
        with everything_sent() as asked:
            figures_of(session, world)
        explain = session.connection().exec_driver_sql
        plans = [explain(f"EXPLAIN QUERY PLAN {each.text}", tuple(each.values)) for each in asked]
        return [str(row.detail) for plan in plans for row in plan], len(asked)

    details, queries = sqlite_store.run_sync(do)
    cases = re.compile(r"(SCAN|SEARCH) (notice|authenticity_request|verdict|takedown)\b")
    walks = [detail for detail in details if cases.match(detail)]
    within = r"INDEX ix_\w+ \(\w+>\? AND \w+<\?\)|ix_authenticity_request_\w*state|_1 \(id=\?\)"
    assert walks
    assert [walk for walk in walks if not re.search(within, walk)] == []
    # Membership; six counts of three stretches each, in the worst case; sellers of three; what falls due;
    # reasons of three stretches, and sellers of those before them.
    assert queries <= 1 + 7 * 3 + 3 + 1 + 3 + 3


class Taken(Exception):
    """What was seen in a transaction that is taken back."""

    def __init__(self, seen: Any) -> None:
        self.seen = seen


@pytest.fixture
def neighbours(sqlite_store: Store) -> Callable[[date, Fill, Fill], tuple[list[str], list[str]]]:
    """Every digest that speaks of a day, as bytes, before and after one more case; Wednesday may be told."""

    def busy(session: Session) -> World:
        world = found(session)
        for holder in NAMES:
            for kind in KINDS:
                for _ in range(2):
                    put(session, world, kind, holder, NOON)
        return world

    world = sqlite_store.run_sync(busy)

    def told(session: Session, day: date) -> list[str]:
        session.flush()
        asked = [(Span.DAY, day), (Span.WEEK, day + 7 * DAY), (Span.MONTH, END_OF_MONTH)]
        return [figures_of(session, world, *each).model_dump_json() for each in asked]

    def compare(day: date, fill: Fill, change: Fill) -> tuple[list[str], list[str]]:
        def do(session: Session) -> None:
            fill(session, world)
            before = told(session, day)
            change(session, world)
            raise Taken((before, told(session, day)))

        try:
            sqlite_store.run_sync(do)
        except Taken as taken:
            seen: tuple[list[str], list[str]] = taken.seen
            return seen
        raise AssertionError

    return compare


# Few rights holders, or one case each: such cells are hidden, and mostly stay so with one case more.
THIN = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 4), max_size=4) | st.sets(
    st.sampled_from(NAMES), max_size=6
).map(lambda holders: dict.fromkeys(holders, 1))
KINDS = ["notice", "request", "fake", "genuine", "other", "takedown", "due", "deadline"]


def put(session: Session, world: World, kind: str, holder: str, at: datetime) -> None:
    match kind:
        case "notice":
            world.notice(session, holder, at)
        case "due":
            world.notice(session, holder, at - timedelta(days=300), due=at)
        case "request":
            world.request(session, holder, at)
        case "deadline":
            world.request(session, holder, at - timedelta(days=300), deadline=at)
        case "takedown":
            world.takedown(session, holder, at)
        case _:
            answer = Answer.CANNOT_TELL if kind == "other" else Answer(kind)
            world.verdict(session, holder, at, answer)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=THIN,
    kind=st.sampled_from(KINDS),
    changed=st.sampled_from(NAMES),
    days=st.sampled_from([-12, -1, 1, 3]),
)
def test_a_case_in_a_hidden_cell_leaves_what_others_read_the_same_to_the_byte(
    neighbours: Callable[[date, Fill, Fill], tuple[list[str], list[str]]],
    before: dict[str, int],
    kind: str,
    changed: str,
    days: int,
) -> None:
    after = before | {changed: before.get(changed, 0) + 1}
    assume(not passes(before))
    assume(not passes(after))
    at = NOON + days * DAY

    def fill(session: Session, world: World) -> None:
        for holder, cases in before.items():
            for _ in range(cases):
                put(session, world, kind, holder, at)

    seen = neighbours(at.date(), fill, lambda session, world: put(session, world, kind, changed, at))
    assert seen[0] == seen[1]
    assert '"cases":15' in seen[0][-1]  # Wednesday is told all the same
