"""Service levels as people read them: counts with the days that they are of, breaches, answers, lanes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from storage.records.calendars import Span, Window
from storage.records.deadlines import WaitsFor
from storage.records.service_levels import FastLane


class Cut(StrEnum):
    """By what attainment is split."""

    TIME = "time"
    BRAND = "brand"
    ASSOCIATION = "association"
    SIZE = "size"
    RIGHT = "right"


class Tally(NamedTuple):
    """Notices that fell due, those of them decided by then, and those of these that were rejected."""

    due: int = 0
    in_time: int = 0
    rejected: int = 0

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(*map(sum, zip(self, other, strict=True)))

    @property
    def share(self) -> float | None:
        """Of one; None where nothing fell due."""
        return self.in_time / self.due if self.due else None

    def reaches(self, percent: int) -> bool:
        """Whether the share reaches a target, counted in whole notices."""
        return 100 * self.in_time >= percent * self.due


@dataclass(frozen=True)
class Line:
    """One row of a list: a name, a key of the catalogue in place of one, or a window."""

    tally: Tally
    name: str = ""
    key: str = ""
    window: Window | None = None


@dataclass(frozen=True)
class Recount:
    """What the last nightly recount of closed days said."""

    at: datetime
    days: int
    differed: int


@dataclass(frozen=True)
class Attainment:
    """A page of attainment."""

    window: Window
    tally: Tally
    lines: Sequence[Line]
    target: int  # percent
    everybody: bool  # all brands, or those of the reader
    recount: Recount | None = None


@dataclass(frozen=True)
class Breach:
    """A notice that was not decided when it was due. `reason`: what it waited for then, if that is known."""

    reference: str
    brand: str
    due_at: datetime
    decided_at: datetime | None
    reason: WaitsFor | None


@dataclass(frozen=True)
class Breaches:
    """A page of breaches, the newest first."""

    window: Window
    total: int
    found: Sequence[Breach]


@dataclass(frozen=True)
class Answers:
    """How fast a rights holder answers authenticity requests; the times are seconds of business time.

    `deadlines` counts the answers to requests that had a deadline, and those still unanswered after it.
    """

    holder: str  # its name; empty for all together
    answered: int
    median: float
    ninth: float  # nine of ten answers came within this
    deadlines: int
    inside: int


@dataclass(frozen=True)
class Responses:
    """A page of response times: all brands of the reader together, then each."""

    window: Window
    total: Answers
    lines: Sequence[Answers]


@dataclass(frozen=True)
class LaneLine:
    """A lane beside the ordinary one, which has no row: what was promised and what came of it."""

    lane: FastLane | None
    tally: Tally
    upheld: int  # counter-notices of sellers that were upheld against what was removed in it
    members: Sequence[str]


@dataclass(frozen=True)
class Lanes:
    """The evaluation of the fast lanes over a window."""

    window: Window
    lines: Sequence[LaneLine]
    target: int  # of the ordinary lane, in percent
    hours: int
    changes: bool  # whether the reader may ask for a change of membership


@dataclass(frozen=True)
class OwnMonth:
    """What App Home shows of the month so far: the reader's notices, and how fast they answered."""

    window: Window
    tally: Tally
    answers: Answers


class Topic(StrEnum):
    """The pages of service levels."""

    ATTAINMENT = "attainment"
    BREACHES = "breaches"
    RESPONSES = "responses"
    LANES = "lanes"


@dataclass(frozen=True)
class Asked:
    """What a reader wants to see: a span, so many spans ago, how it is split, which page of its list."""

    topic: Topic = Topic.ATTAINMENT
    span: Span = Span.MONTH
    cut: Cut = Cut.TIME
    back: int = 0
    page: int = 0


@dataclass(frozen=True)
class Shown:
    """A page with what was asked for, and the channel where its chart could be posted."""

    asked: Asked
    found: Attainment | Breaches | Responses | Lanes
    everybody: bool
    channel_id: str = ""
    postable: bool = False
