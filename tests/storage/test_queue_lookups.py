"""What the review queue asks with every request finds its rows by an index, however long the history is."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from storage.engine import Store
from storage.queries import knowledge, review_queue

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_everything_in_the_queue_is_found_by_an_index(sqlite_store: Store) -> None:
    def plans(session: Session) -> list[str]:
        asked: list[str] = []
        raw: Any = session.connection().connection.driver_connection
        raw.set_trace_callback(asked.append)
        review_queue.take_next(session, "person", ["holder"], NOW)
        review_queue.genuine_prices(session, "holder", "brand", "EUR", 500)
        review_queue.said_of_seller(session, "seller", "holder")
        knowledge.of_request(session, "request")
        knowledge.of_line(session, "line")
        raw.set_trace_callback(None)
        queries = [query for query in asked if query.startswith(("SELECT", "DELETE"))]
        return [str(row[3]) for query in queries for row in raw.execute(f"EXPLAIN QUERY PLAN {query}")]

    found = sqlite_store.run_sync(plans)
    assert len(found) > 20
    scans = [plan for plan in found if plan.startswith("SCAN")]
    assert scans == ["SCAN anon_1"]  # the newest Genuines, which an index has found
