"""What is looked up for each removal, request and search about sellers finds its rows by an index."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import Session

from storage.engine import Store
from storage.queries import networks, seller_pages, sellers, strike_policies
from storage.records.sellers import Severity

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LOOKUPS: dict[str, Any] = {
    "a name": lambda session: seller_pages.starting_with(session, "shoe", None, 20),
    "a name in one's own cases": lambda session: seller_pages.starting_with(session, "shoe", ["h"], 20),
    "traces": lambda session: sellers.known_traces(session, ["a", "b"]),
    "offences": lambda session: sellers.offences(session, ["a"], [Severity.SERIOUS], NOW, NOW, 5),
    "next offences": lambda session: sellers.next_offences(
        session, "a", Severity.SERIOUS, NOW, NOW, ["x"], 1
    ),
    "late strikes": lambda session: sellers.struck_lately(session, ["a"], NOW),
    "strikes of a page": lambda session: seller_pages.strikes(session, "a", ["h"], 10),
    "takedowns": lambda session: seller_pages.takedown_states(session, "a", ["h"]),
    "questions": lambda session: seller_pages.request_count(session, "a", ["h"]),
    "relistings": lambda session: seller_pages.relistings(session, "a", None, 3),
    "a card's relisting": lambda session: seller_pages.last_relisting(session, "a", "h"),
    "a notice's sellers": lambda session: seller_pages.sellers_of_notice(session, "a", 2),
    "common traits": lambda session: networks.common_traits(session, ["a"], 20),
    "who shares": lambda session: networks.sharing(session, ["a"]),
    "members": lambda session: networks.members(session, "a", 20),
    "shared": lambda session: networks.shared(session, "a", 20, 20),
    "direct links": lambda session: networks.links(session, "a", ["b"]),
    "new traits": lambda session: networks.unlinked_traits(session, 5),
    "the past": lambda session: list(strike_policies.history(session, "openbazaar", NOW)),
}


@pytest.mark.parametrize("name", LOOKUPS)
def test_nothing_is_searched_from_end_to_end(sqlite_store: Store, name: str) -> None:
    def plans(session: Session) -> list[str]:
        asked: list[str] = []
        raw: Any = session.connection().connection.driver_connection
        raw.set_trace_callback(asked.append)
        LOOKUPS[name](session)
        raw.set_trace_callback(None)
        queries = [query for query in asked if query.lstrip().upper().startswith("SELECT")]
        assert queries
        return [str(row[3]) for query in queries for row in raw.execute(f"EXPLAIN QUERY PLAN {query}")]

    found = sqlite_store.run_sync(plans)
    scans = [plan for plan in found if plan.startswith("SCAN") and "ix_seller_trait_new" not in plan]
    assert scans == [], found
