"""What a digest says: figures that passed suppression, as they are kept in `Digest.figures` and drawn."""

from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from storage.records.groups import DigestSubscription, WorkingGroup


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Count(_Kept):
    """Cases of the last `window` days that end with the digest's day, rounded to 5."""

    window: int
    cases: int


class Split(_Kept):
    """A count by kind; None stands for too few to show."""

    window: int
    rows: dict[str, int | None]
    total: int | None


class Attained(_Kept):
    """The whole percents that were surely reached over the last `window` days."""

    window: int
    percent: int


class NamedSeller(_Kept):
    """A seller whose own cell may be shown. Both are a stranger's words."""

    name: str
    marketplace: str


class DigestFigures(_Kept):
    """One group's day in its zone; what is None is too few to show."""

    day: date
    zone: str
    notices: Count | None
    requests: Count | None
    verdicts: Split | None
    takedowns: Split | None
    attainment: Attained | None
    sellers: tuple[NamedSeller, ...]


@dataclass(frozen=True)
class DigestPreview:
    """A group's day so far, and when its channel gets the digest; `channel_id` is empty without a channel.

    `too_small`: with so few rights holders nothing can ever be shown.
    """

    group: WorkingGroup
    too_small: bool
    channel_id: str
    subscription: DigestSubscription | None
    may_configure: bool
    until: datetime
    figures: DigestFigures
