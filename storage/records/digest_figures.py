"""What a digest says: the figures of its days, as they are kept in `Digest.figures` and drawn.

One shape for all kinds. A group's figures passed suppression and are rounded; a brand's, an association's and
the platform's are exact. `before` is always the same figure of the equally long stretch before, told by the
same rules: None where it may not be told or is not known.
"""

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from storage.records.calendars import Span


class Section(StrEnum):
    """A part of a digest that its channel may choose to hear."""

    NOTICES = "notices"
    REQUESTS = "requests"
    VERDICTS = "verdicts"
    REMOVALS = "removals"
    ATTAINMENT = "attainment"
    RESPONSES = "responses"
    SELLERS = "sellers"
    PATTERNS = "patterns"
    DEADLINES = "deadlines"
    STANDING = "standing"  # a brand's
    LINES = "lines"  # by member, by brand


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _OfDays(_Kept):
    """What is told of `window` days. Of a group it may be an older stretch, or one with days left out."""

    window: int
    until: date | None = None  # its last day, where that is not the digest's
    days: int | None = None  # of how many of them, where the others are too few to show


class Count(_OfDays):
    """Cases of these days; a group's are in steps of 5."""

    cases: int
    before: int | None = None


class Split(_OfDays):
    """A count by kind; None stands for too few to show. `before` is that of the total."""

    rows: dict[str, int | None]
    total: int | None
    before: int | None = None


class Attained(_OfDays):
    """The whole percents decided in time; `of` is None where they are a bound that is surely reached."""

    percent: int
    before: int | None = None
    of: int | None = None  # notices that fell due


class Responded(_OfDays):
    """How fast requests were answered: whole minutes of business time, a group's rounded up to steps."""

    median: int
    ninth: int | None = None  # nine of ten answers came within this
    before: int | None = None  # the median


class NamedSeller(_Kept):
    """A seller that came up again and again. Name and marketplace are a stranger's words."""

    name: str
    marketplace: str
    cases: int | None = None  # None where only the name may be told


class PatternKind(StrEnum):
    """What is new."""

    RELISTING = "relisting"  # removed listings that came back
    REASON = "reason"  # a reason code that came up far more often; `name` is the code
    SELLER = "seller"  # of whom the readers never had a takedown before
    SELLERS = "sellers"  # how many more such sellers
    NAMED = "named"  # a seller whom a group may be told now, and could not before
    COMMON = "common"  # a reason code that a group may be told now, and could not before
    FINDING = "finding"  # what a member shared


class Pattern(_Kept):
    """Something that was not there before; `name` is a stranger's or a member's words."""

    kind: PatternKind
    name: str = ""
    marketplace: str = ""  # of a seller
    cases: int | None = None


class ItemKind(StrEnum):
    """What waits for a brand."""

    REQUEST = "request"
    NOTICE = "notice"  # that needs clarification
    COUNTER = "counter"


class Item(_Kept):
    """One case that waits, by name; `title` is a stranger's words."""

    kind: ItemKind
    brand: str
    title: str
    due_at: datetime | None = None


class Waiting(_Kept):
    """What waits for an answer now: how many of each kind, and the first of them by deadline."""

    requests: int = 0
    clarifications: int = 0
    counters: int = 0
    unrouted: int = 0
    items: tuple[Item, ...] = ()

    @property
    def total(self) -> int:
        """All together."""
        return self.requests + self.clarifications + self.counters + self.unrouted


class StandingOf(_Kept):
    """A rights holder's standing, and what comes next: removals that earn it, bad ends that lose it."""

    holder: str
    standing: str  # a `Standing`
    removals: int | None = None
    losses: tuple[tuple[str, int], ...] = ()  # (a `Measure`, so many more)


class Line(_Kept):
    """One brand's, or one member's, part of it."""

    name: str
    notices: int = 0
    requests: int = 0
    verdicts: int = 0
    fake: int = 0
    removed: int = 0
    due: int = 0
    in_time: int = 0
    waiting: int = 0


class Bar(_Kept):
    """One bar of the digest's chart: a day or a week; None is too few to show."""

    first: date
    last: date
    notices: int | None
    requests: int | None
    removed: int | None


class DigestFigures(_Kept):
    """What happened in the days [first, last] of a zone; what is None is too few to show, or not known."""

    span: Span = Span.DAY
    first: date
    last: date
    zone: str
    notices: Count | None = None
    requests: Count | None = None
    verdicts: Split | None = None
    takedowns: Split | None = None
    attainment: Attained | None = None
    responses: Responded | None = None
    sellers: tuple[NamedSeller, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    deadlines: Count | None = None  # open cases that fall due in the coming `window` days
    waiting: Waiting | None = None  # exact, so never a group's
    standing: tuple[StandingOf, ...] = ()
    lines: tuple[Line, ...] = ()
    course: tuple[Bar, ...] = ()  # how it went, for the chart
    this_year: Line | None = None  # since 1 January, in a monthly digest
