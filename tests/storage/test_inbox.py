"""A request that is sent twice is taken once."""

import asyncio
from datetime import timedelta

from storage.engine import Store
from storage.queries import inbox
from tests.storage.cases import NOW


async def test_of_many_copies_of_one_request_one_is_taken(store: Store) -> None:
    copies = await asyncio.gather(*(store.run(inbox.seen, "Ev1", "events", NOW) for _ in range(12)))
    assert sorted(copies) == [False] + [True] * 11


async def test_a_key_is_forgotten_when_it_is_old(store: Store) -> None:
    await store.run(inbox.seen, "old", "events", NOW - timedelta(days=2))
    await store.run(inbox.seen, "new", "events", NOW)
    assert await store.run(inbox.prune, NOW - timedelta(days=1)) == 1
    assert await store.run(inbox.seen, "new", "events", NOW)
    assert not await store.run(inbox.seen, "old", "events", NOW)
