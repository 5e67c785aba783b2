"""Look-ups that run with every message find their row by an index, however many people the bot has met."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlmodel import Session

from storage.engine import Store
from storage.queries import people, service_levels, standing
from tests.enforcement import notice_world
from tests.enforcement.notice_world import NOW
from tests.enforcement.service_world import LATE, at, file


def plans(session: Session, asking: Callable[[Session], object], of: str) -> list[str]:
    """The plans of what is asked of a table."""
    asked: list[str] = []
    raw: Any = session.connection().connection.driver_connection
    raw.set_trace_callback(asked.append)
    asking(session)
    raw.set_trace_callback(None)
    queries = [query for query in asked if f"FROM {of}" in query]
    return [str(row[3]) for query in queries for row in raw.execute(f"EXPLAIN QUERY PLAN {query}")]


def test_a_person_is_found_by_an_index_with_and_without_the_workspace(sqlite_store: Store) -> None:
    def both(session: Session) -> None:
        people.by_user(session, "U1")
        people.find(session, "T1", "U1")

    found = sqlite_store.run_sync(plans, both, "person")
    assert len(found) == 2
    assert all(plan.startswith("SEARCH person USING INDEX") for plan in found), found


def test_a_nights_recount_reads_the_tallies_of_its_days_alone(sqlite_store: Store) -> None:
    def recount(session: Session) -> None:
        standing.differences(session, date(2026, 11, 1))
        standing.number_of_tallies(session, date(2026, 11, 1))

    found = sqlite_store.run_sync(plans, recount, "standing_tally")
    read = [plan for plan in found if "standing_tally" in plan]
    assert len(read) == 2
    assert all(plan.startswith("SEARCH standing_tally") and "(day>?)" in plan for plan in read), found


def test_the_sums_of_a_window_read_its_days_alone_and_sort_nothing(sqlite_store: Store) -> None:
    def sums(session: Session) -> None:
        standing.windows(session, ["one", "another"], date(2026, 11, 1))

    read = "SEARCH standing_tally USING COVERING INDEX ix_standing_tally_window"
    found = sqlite_store.run_sync(plans, sums, "standing_tally")
    assert found == [f"{read} (holder_id=? AND reason_code=? AND day>?)"]


def test_missed_notices_are_looked_for_among_listings_that_do_not_count_themselves(
    sqlite_store: Store,
) -> None:
    found = sqlite_store.run_sync(plans, lambda session: standing.missed_notices(session, 1), "notice_item")
    assert "SCAN notice_item USING COVERING INDEX ix_notice_item_uncounted" in found
    assert not any(plan.startswith("USE TEMP B-TREE") for plan in found), found


def test_the_reasons_of_breaches_are_found_by_their_notices_and_not_among_everybodys(
    sqlite_store: Store,
) -> None:
    world = sqlite_store.run_sync(notice_world.found)
    sqlite_store.run_sync(file, world, at(1), LATE)

    def breaches(session: Session) -> None:
        assert service_levels.breaches(session, at(1), NOW, None, limit=15, offset=0)

    (plan,) = sqlite_store.run_sync(plans, breaches, "deadline")
    assert plan.startswith("SEARCH deadline USING INDEX")
    assert plan.endswith("(subject_kind=? AND subject_id=?)")


def test_what_was_upheld_is_found_by_its_days_whoever_asks(sqlite_store: Store) -> None:
    def upheld(session: Session) -> None:
        service_levels.upheld(session, date(2026, 11, 1), date(2026, 11, 30), ["one", "another"])

    found = sqlite_store.run_sync(plans, upheld, "notice JOIN notice_item")
    by_day = [plan for plan in found if "(upheld_on>? AND upheld_on<?)" in plan]
    assert len(by_day) == 2, found
