"""How fast one key may call: so many calls in a minute, counted by each process for itself.

What is refused for any other reason counts as well, and so does a key that nobody knows: a flood is a flood.
A key is counted by what was presented, so that nobody can use up the calls of another.
"""

import time
from collections import Counter
from collections.abc import Callable
from hashlib import blake2b

WINDOW_SECONDS = 60.0
_MOST_KEYS = 10_000  # of one window; further ones, which can only be made up, share one count
_MADE_UP = b""


class Pace:
    """Counts calls in windows of a minute; `most` calls of one key are let through, 0 lets all through."""

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._ends = 0.0
        self._calls: Counter[bytes] = Counter()

    def wait(self, presented: str) -> int:
        """Count a call of that key: 0 where it may go on, else the seconds until it may be repeated."""
        if not self._most:
            return 0
        now = self._now()
        if now >= self._ends:
            self._ends = now + WINDOW_SECONDS
            self._calls.clear()
        key = blake2b(presented.encode(), digest_size=16).digest()
        if key not in self._calls and len(self._calls) >= _MOST_KEYS:
            key = _MADE_UP
        self._calls[key] += 1
        return 0 if self._calls[key] <= self._most else max(1, round(self._ends - now))
