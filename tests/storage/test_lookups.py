"""Look-ups that run with every message find their row by an index, however many people the bot has met."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlmodel import Session

from storage.engine import Store
from storage.queries import people, standing


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
