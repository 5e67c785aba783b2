"""The store's promises, held on both databases."""

from datetime import UTC, datetime

from storage.engine import Store
from storage.queries import audit

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_health_names_the_database(store: Store) -> None:
    assert (await store.health()).database.split()[0] in {"SQLite", "PostgreSQL"}


async def test_an_empty_chain_is_intact(store: Store) -> None:
    assert (await store.read(audit.verify)).intact
