"""Good-faith standing: what counts in it and on which day, its rules, every change with its figures.

Figures are kept as tallies by rights holder, reason code and UTC day. What a cause of a takedown or an item
of a notice counts for stands in its own row, so that all tallies can be counted again from there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from storage.columns import enum_column, json_column, new_id
from storage.records.roster import RightsHolder, Standing


class Counted(StrEnum):
    """What a decided case counts as. All three are decided, only the first is a success.

    `retracted`: the rights holder took it back after the marketplace had, or may have had, its word.
    """

    REMOVED = "removed"
    REFUSED = "refused"
    RETRACTED = "retracted"


class StandingCause(StrEnum):
    """Why a standing changed."""

    EARNED = "earned"
    WARNED = "warned"
    EASED = "eased"
    LOST = "lost"
    READMITTED = "readmitted"
    BY_HAND = "by_hand"


class StandingTally(SQLModel, table=True):
    """One rights holder's decisions of one UTC day under one reason code."""

    __tablename__ = "standing_tally"
    __table_args__ = (
        # Covers the sums of a window: for each code they read one stretch, and no rows scattered over years.
        Index("ix_standing_tally_window", "holder_id", "reason_code", "day", "decided", "removed", "upheld"),
    )

    day: date = Field(primary_key=True)
    holder_id: str = Field(foreign_key="rights_holder.id", primary_key=True)
    reason_code: str = Field(primary_key=True)
    decided: int
    removed: int
    upheld: int  # counter-notices upheld on that day


class StandingChange(SQLModel, table=True):
    """One change of a standing, with the figures and the rule that it followed from. Insert-only."""

    __tablename__ = "standing_change"
    __table_args__ = (Index("ix_standing_change_holder", "holder_id", "at"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    holder_id: str = Field(foreign_key="rights_holder.id")
    before: Standing = Field(sa_column=enum_column(Standing, "before"))
    after: Standing = Field(sa_column=enum_column(Standing, "after"))
    cause: StandingCause = Field(sa_column=enum_column(StandingCause, "cause"))
    rule: str  # its version
    figures: dict[str, Any] = Field(sa_column=json_column())  # as `Figures.kept` writes them
    until: date | None = None  # figures change nothing before that day
    by: str  # the actor, as the audit writes it; "bot" where it followed from the figures
    reason: str = ""
    at: datetime


class StandingRuleChoice(SQLModel, table=True):
    """Two administrators chose another rule. The newest counts. Insert-only."""

    __tablename__ = "standing_rule_choice"
    __table_args__ = (Index("ix_standing_rule_choice_at", "at", "id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    version: str
    pilot_only: bool  # only the pilot list can earn standing
    by: str
    at: datetime


class StandingRecount(SQLModel, table=True):
    """One night's recount of all tallies from the cases themselves. One a UTC day; insert-only."""

    __tablename__ = "standing_recount"
    __table_args__ = (UniqueConstraint("day", name="uq_standing_recount_day"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    day: date
    tallies: int  # how many were compared
    wrong: int
    missed: int  # decided takedowns and notices that counted for nobody
    details: list[dict[str, Any]] = Field(sa_column=json_column())  # the first of those that were wrong
    at: datetime


@dataclass(frozen=True)
class Rule:
    """A published rule of standing; its figures never change under its version."""

    version: str
    entry: Fraction  # the least takedown success to enter with
    stay: Fraction  # and to stay with
    counter: Fraction  # the highest counter-notice success
    window: int  # months
    reentry: int  # months
    minimum: int  # decided cases; fewer are not judged
    each_code: bool  # every reason code has to meet the conditions as well

    @cached_property
    def refused(self) -> Fraction:
        """The highest share of refused takedowns to stay with."""
        return 1 - self.stay


class Tally(NamedTuple):
    """Decided cases, those of them that were removed, and counter-notices upheld."""

    decided: int = 0
    removed: int = 0
    upheld: int = 0


@dataclass(frozen=True)
class Figures:
    """A rights holder's window from `since` on, by reason code; `oldest` is the first day with any."""

    since: date
    codes: Mapping[str, Tally] = field(default_factory=dict)
    oldest: date | None = None

    @cached_property
    def total(self) -> Tally:
        return Tally(*map(sum, zip(*self.codes.values(), strict=True))) if self.codes else Tally()

    def kept(self) -> dict[str, Any]:
        """As a change keeps them: the window's first day, and decided, removed, upheld by reason code."""
        codes = {code: list(tally) for code, tally in self.codes.items()}
        return {"since": self.since.isoformat(), "codes": codes}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Figures":
        """What `kept` wrote."""
        codes = {code: Tally(*numbers) for code, numbers in kept["codes"].items()}
        return cls(date.fromisoformat(kept["since"]), codes)


class Measure(StrEnum):
    """The two figures that are judged."""

    TAKEDOWN = "takedown"
    COUNTER = "counter"


@dataclass(frozen=True)
class Loss:
    """What would lose standing: so many more bad ends of one kind, in total (code "") or under one code."""

    measure: Measure
    code: str
    more: int


@dataclass(frozen=True)
class Outlook:
    """What comes next: the nearest losses while standing is held, else how many removals in a row earn it."""

    losses: Sequence[Loss] = ()
    removals: int | None = None


@dataclass(frozen=True)
class StandingSheet:
    """Everything that the page of one rights holder's standing shows."""

    holder: RightsHolder
    rule: Rule
    figures: Figures
    outlook: Outlook
    history: Sequence[StandingChange]
    sets: bool  # whether the reader may propose another standing


@dataclass(frozen=True)
class StandingLine:
    """One rights holder in the list of all."""

    holder: RightsHolder
    total: Tally
