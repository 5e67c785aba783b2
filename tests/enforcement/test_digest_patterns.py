"""What a digest calls new: for a group only what it may be told, for others their own cases."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session

from bot.enforcement.business_clock import MONDAY_TO_FRIDAY
from bot.enforcement.digest_figures import GroupDays
from bot.enforcement.digest_patterns import first_time, newly_told
from bot.enforcement.nested_days import Block, fallbacks
from storage.engine import Store
from storage.queries import digest_days
from storage.records.calendars import Span
from storage.records.digest_figures import Pattern, PatternKind
from tests.enforcement.digest_world import NAMES, NOON, ZONE, World, found
from tests.statements import everything_sent

WEDNESDAY, SUNDAY = NOON.date(), date(2026, 11, 22)
DAY = timedelta(days=1)


def patterns(session: Session, world: World, until: date = WEDNESDAY) -> list[tuple[PatternKind, str]]:
    session.flush()
    told = GroupDays(session, world.group, Span.DAY, until, ZONE, MONDAY_TO_FRIDAY).figures()
    return [(pattern.kind, pattern.name) for pattern in told.patterns]


def test_a_group_hears_of_a_seller_and_a_reason_once_they_may_be_told_and_without_numbers(
    store: Store,
) -> None:
    def do(session: Session) -> list[list[tuple[PatternKind, str]]]:
        world = found(session)
        old, new, few = (world.seller(session, name) for name in ("Old", "New", "Few"))
        for name in NAMES:
            for _ in range(2):
                world.takedown(session, name, seller=new, reason="store_front")
                world.takedown(session, name, seller=old)
                world.takedown(session, name, NOON - 8 * DAY, seller=old)
        for name in NAMES[:4]:
            world.takedown(session, name, seller=few, reason="patent")
        return [patterns(session, world, until) for until in (WEDNESDAY, WEDNESDAY + DAY, SUNDAY)]

    wednesday, thursday, sunday = store.run_sync(do)
    assert wednesday == [(PatternKind.NAMED, "New"), (PatternKind.COMMON, "store_front")]
    assert thursday == []
    assert sunday == wednesday  # the week that it ends


def test_what_was_told_on_monday_and_not_on_tuesday_is_not_new_on_wednesday(sqlite_store: Store) -> None:
    def do(session: Session) -> tuple[list[list[tuple[PatternKind, str]]], list[int]]:
        world = found(session)
        seller = world.seller(session, "Again")
        for name in NAMES:
            for at in (NOON - 2 * DAY, NOON - 2 * DAY, NOON, NOON, NOON + 39 * DAY, NOON + 39 * DAY):
                world.takedown(session, name, at, seller=seller, reason="store_front")
        told, queries = [], []
        session.flush()
        for until in (WEDNESDAY - 2 * DAY, WEDNESDAY, WEDNESDAY + 39 * DAY):
            with everything_sent() as sent:
                told.append(patterns(session, world, until))
            queries.append(len(sent))
        return told, queries

    (monday, wednesday, month_later), queries = sqlite_store.run_sync(do)
    assert monday == [(PatternKind.NAMED, "Again"), (PatternKind.COMMON, "store_front")]
    assert wednesday == []
    assert month_later == []  # a Sunday that ends its week and its month; the month before was told of it
    # As without cases; where a seller seems new, those of six days, four weeks and a month before.
    assert max(queries) <= 1 + 7 * 3 + 3 + 1 + 3 + 6 + 4 + 1


@pytest.mark.parametrize("cases", [0, 1, 40])
def test_one_rivals_cases_never_make_a_pattern_nor_undo_one(sqlite_store: Store, cases: int) -> None:
    """Tuesday's cases of one rights holder are hidden, however many: Sunday's digest of the week stays."""

    def do(session: Session) -> list[tuple[PatternKind, str]]:
        world = found(session)
        for name in NAMES:
            for _ in range(2):
                world.takedown(session, name, reason="store_front")
        for _ in range(cases):
            world.takedown(session, NAMES[0], NOON - DAY, reason="store_front")
            world.takedown(session, NAMES[0], NOON - DAY, reason="design")
        return patterns(session, world, SUNDAY)

    assert sqlite_store.run_sync(do) == [(PatternKind.COMMON, "store_front")]


@pytest.mark.parametrize(
    ("told", "new"),
    [
        ({Block(Span.DAY, SUNDAY)}, True),
        ({Block(Span.WEEK, SUNDAY)}, True),
        ({Block(Span.WEEK, SUNDAY), Block(Span.WEEK, SUNDAY - 7 * DAY)}, False),
        ({Block(Span.DAY, SUNDAY), Block(Span.WEEK, SUNDAY - 7 * DAY)}, False),
        ({Block(Span.DAY, SUNDAY), Block(Span.DAY, SUNDAY - DAY)}, False),
        ({Block(Span.DAY, SUNDAY), Block(Span.DAY, SUNDAY - 6 * DAY)}, False),
        ({Block(Span.DAY, SUNDAY), Block(Span.DAY, SUNDAY - 7 * DAY)}, True),  # of another week, untold of it
        ({Block(Span.DAY, SUNDAY), Block(Span.WEEK, SUNDAY - 21 * DAY)}, False),
        ({Block(Span.WEEK, SUNDAY), Block(Span.WEEK, SUNDAY - 21 * DAY)}, False),
        ({Block(Span.WEEK, SUNDAY), Block(Span.WEEK, SUNDAY - 28 * DAY)}, True),  # of the month before
        ({Block(Span.DAY, SUNDAY), Block(Span.MONTH, date(2026, 10, 25))}, False),
        ({Block(Span.MONTH, date(2026, 10, 25))}, False),
    ],
)
def test_what_was_told_this_week_this_month_or_the_month_before_is_not_new(
    told: set[Block], new: bool
) -> None:
    assert (
        bool(newly_told(lambda block: {"it"} & {"it" for _ in told & {block}}, fallbacks(Span.DAY, SUNDAY)))
        is new
    )


def test_a_brand_hears_of_sellers_that_its_company_never_had_and_the_platform_of_those_that_nobody_had(
    store: Store,
) -> None:
    def do(session: Session) -> tuple[list[tuple[str, str, int, bool]], list[str]]:
        world = found(session)
        known, elsewhere, new = (world.seller(session, name) for name in ("Known", "Elsewhere", "New"))
        world.takedown(session, "anker", NOON - 90 * DAY, seller=known)
        world.takedown(session, "berg", NOON - DAY, seller=elsewhere)
        for seller in (known, elsewhere, new, new):
            world.takedown(session, "anker", seller=seller)
        session.flush()
        names = {brand: name for name, brand in world.brands.items()}
        with everything_sent() as asked:
            rows = digest_days.newcomers(session, NOON, NOON + DAY)
        plan = []
        if session.connection().dialect.name == "sqlite":
            explain = session.connection().exec_driver_sql
            plan = [
                str(row.detail)
                for each in asked
                for row in explain(f"EXPLAIN QUERY PLAN {each.text}", tuple(each.values))
            ]
        told = [(names[row.brand_id], row.seller.name, row.cases, row.to_all) for row in rows]
        return sorted(told), plan

    told, plan = store.run_sync(do)
    assert told == [("anker", "Elsewhere", 1, False), ("anker", "New", 2, True)]
    walks = [step for step in plan if "takedown" in step or " old " in step]
    assert all("USING INDEX" in step or "USING COVERING INDEX" in step for step in walks)


def test_only_the_busiest_new_sellers_are_named_and_the_others_counted(sqlite_store: Store) -> None:
    def do(session: Session) -> list[Pattern]:
        world = found(session)
        for cases, name in enumerate("abcde", start=1):
            seller = world.seller(session, name)
            for _ in range(cases):
                world.takedown(session, "anker", seller=seller)
        session.flush()
        return first_time(digest_days.newcomers(session, NOON, NOON + DAY))

    named = sqlite_store.run_sync(do)
    assert [(each.kind, each.name, each.cases) for each in named] == [
        *((PatternKind.SELLER, name, cases) for name, cases in (("e", 5), ("d", 4), ("c", 3))),
        (PatternKind.SELLERS, "", 2),
    ]
