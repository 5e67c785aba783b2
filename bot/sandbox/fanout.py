"""Pushes what changed to the open pages, each page hearing only what its person may see."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable

from bot.sandbox.records import Json

QUEUE_LIMIT = 2_000


class FanOut:
    """One queue per open page, kept by the person who looks at it."""

    def __init__(self) -> None:
        self._pages: dict[str, set[asyncio.Queue[Json]]] = defaultdict(set)

    def open(self, user: str) -> asyncio.Queue[Json]:
        """A queue on which this person's page hears; give it back with `close`."""
        queue: asyncio.Queue[Json] = asyncio.Queue(QUEUE_LIMIT)
        self._pages[user].add(queue)
        return queue

    def close(self, user: str, queue: asyncio.Queue[Json]) -> None:
        """The page is gone."""
        self._pages[user].discard(queue)

    def tell(self, users: Iterable[str], event: Json) -> None:
        """Send one event to every page of these people; a page that stopped reading misses it."""
        for user in set(users):
            for queue in self._pages.get(user, ()):
                if not queue.full():
                    queue.put_nowait(event)

    def tell_all(self, event: Json) -> None:
        """Send one event to every page."""
        self.tell(list(self._pages), event)
