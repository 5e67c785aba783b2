"""How fast the outbox may go where a receiver turns it away: Slack limits a channel, and a whole workspace.

It does not say which. A refusal in one lane is taken for that lane's: its row waits, the others go on. When a
second lane is turned away before the first may try again, it is the workspace's: then everything of that kind
waits, each row keeps its place in the line, and afterwards it begins slowly and grows with what is taken.
Turning up again and again would cost calls, and rows that wait behind others would lose their order.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

CROWDED = timedelta(minutes=1)  # after the last refusal the next one is the workspace's without asking twice


@dataclass
class _Crowd:
    refused: dict[str, datetime] = field(default_factory=dict)  # lane -> when it may try again
    paused_until: datetime | None = None
    crowded_until: datetime | None = None
    most: float = 1.0  # deliveries at a time


class Pace:
    """What one worker has learned, by kind of row. `most` deliveries of a kind go at a time at best."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._crowds: dict[str, _Crowd] = {}

    def refused(self, kind: str, lane: str, seconds: float, now: datetime) -> bool:
        """One was told to wait. True where everything of its kind has to; then its row keeps its place."""
        crowd = self._crowds.setdefault(kind, _Crowd(most=self._most))
        until = now + timedelta(seconds=seconds)
        crowd.refused = {each: moment for each, moment in crowd.refused.items() if moment > now}
        crowd.refused[lane] = until
        crowded = crowd.crowded_until is not None and crowd.crowded_until > now
        if len(crowd.refused) < 2 and not crowded:
            return False
        crowd.paused_until = max(until, crowd.paused_until or until)
        crowd.crowded_until = until + CROWDED
        crowd.most = max(1.0, crowd.most / 2)
        return True

    def taken(self, kind: str) -> None:
        """A delivery went through: a little more may go at a time."""
        crowd = self._crowds.get(kind)
        if crowd is not None:
            crowd.most = min(self._most, crowd.most + 1 / crowd.most)

    def room(self, kind: str, under_way: int, now: datetime) -> int:
        """How many more of a kind may begin now."""
        crowd = self._crowds.get(kind)
        if crowd is None:
            return self._most - under_way
        if crowd.paused_until is not None and crowd.paused_until > now:
            return 0
        return max(0, int(crowd.most) - under_way)

    def slow(self) -> set[str]:
        """The kinds of which fewer may go at a time than the worker could send."""
        return {kind for kind, crowd in self._crowds.items() if crowd.most < self._most}
