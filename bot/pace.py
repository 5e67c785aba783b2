"""How fast the outbox may go where a receiver turns it away: Slack limits a channel, and a whole workspace.

It does not say which. Where a lane had something taken just before, its channel has had enough: the lane
waits, the others go on. Where it had not, it is the workspace's limit: everything of that kind waits, and
afterwards one goes at a time until a minute has passed without such a refusal.
Either way the row keeps its place in the line: what waited must not be overtaken by what became due later.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

CROWDED = timedelta(minutes=1)  # so long one goes at a time
JUST_BEFORE = timedelta(seconds=5)  # a channel may have one message a second, and a few at once


@dataclass
class _Crowd:
    paused_until: datetime
    ends_at: datetime


class Pace:
    """What one worker has learned, by kind of row. `most` deliveries of a kind go at a time at best."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lanes: dict[str, dict[str, datetime]] = {}  # kind -> lane -> when it may try again
        self._taken: dict[str, dict[str, datetime]] = {}  # kind -> lane -> when something was taken, in order
        self._crowds: dict[str, _Crowd] = {}

    def taken(self, kind: str, lane: str, now: datetime) -> None:
        """A delivery went through."""
        lanes = self._taken.setdefault(kind, {})
        lanes.pop(lane, None)
        lanes[lane] = now
        while lanes[oldest := next(iter(lanes))] <= now - JUST_BEFORE:
            del lanes[oldest]

    def refused(self, kind: str, lane: str, seconds: float, now: datetime) -> bool:
        """One was told to wait. True where its row keeps its place; False where it waits for itself alone."""
        until = now + timedelta(seconds=seconds)
        taken = self._taken.get(kind, {}).get(lane)
        if taken and taken > now - JUST_BEFORE:
            waiting = {each: moment for each, moment in self._lanes.get(kind, {}).items() if moment > now}
            self._lanes[kind] = waiting | {lane: until}
            return lane != ""
        crowd = self._crowd(kind, now)
        paused = max(until, crowd.paused_until) if crowd else until
        self._crowds[kind] = _Crowd(paused, paused + CROWDED)
        return True

    def room(self, kind: str, under_way: int, now: datetime) -> int:
        """How many more of a kind may begin now."""
        crowd = self._crowd(kind, now)
        if crowd is None:
            return self._most - under_way
        return 0 if crowd.paused_until > now else max(0, 1 - under_way)

    def slow(self, now: datetime) -> set[str]:
        """The kinds that go one at a time, or wait."""
        return {kind for kind in self._crowds if self._crowd(kind, now)}

    def waiting(self, now: datetime) -> set[str]:
        """The lanes that may not try again yet."""
        return {
            lane for lanes in self._lanes.values() for lane, moment in lanes.items() if lane and moment > now
        }

    def _crowd(self, kind: str, now: datetime) -> _Crowd | None:
        crowd = self._crowds.get(kind)
        return crowd if crowd and crowd.ends_at > now else None
