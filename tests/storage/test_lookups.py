"""Look-ups that run with every message find their row by an index, however many people the bot has met."""

from typing import Any

from sqlmodel import Session

from storage.engine import Store
from storage.queries import people


def test_a_person_is_found_by_an_index_with_and_without_the_workspace(sqlite_store: Store) -> None:
    def plans(session: Session) -> list[str]:
        asked: list[str] = []
        raw: Any = session.connection().connection.driver_connection
        raw.set_trace_callback(asked.append)
        people.by_user(session, "U1")
        people.find(session, "T1", "U1")
        raw.set_trace_callback(None)
        queries = [query for query in asked if "FROM person" in query]
        return [str(row[3]) for query in queries for row in raw.execute(f"EXPLAIN QUERY PLAN {query}")]

    found = sqlite_store.run_sync(plans)
    assert len(found) == 2
    assert all(plan.startswith("SEARCH person USING INDEX") for plan in found), found
