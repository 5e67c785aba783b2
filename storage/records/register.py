"""What the register shows of the rows: people with their roles, rights holders with their numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from storage.records.channels import ChannelBinding
from storage.records.roster import Brand, Mandate, Person, RightsHolder, Role


@dataclass(frozen=True)
class Member:
    """A person on a roster, with the roles they hold there."""

    person: Person
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class Held:
    """A role that somebody holds, and the name of what it is for: a rights holder, a group, or nothing."""

    role: Role
    scope_id: str
    scope_name: str


@dataclass(frozen=True)
class HolderLine:
    """A rights holder in a list."""

    holder: RightsHolder
    brands: int
    people: int


@dataclass(frozen=True)
class BrandLine:
    """A brand and its channel, where it has one."""

    brand: Brand
    channel: ChannelBinding | None


@dataclass(frozen=True)
class MandateLine:
    """A mandate and the names of both sides."""

    mandate: Mandate
    association: str
    member: str


@dataclass(frozen=True)
class MemberLine:
    """A rights holder in a group, since when, and the last day of its term where it has one."""

    holder: RightsHolder
    since: datetime
    ends_on: date | None


@dataclass(frozen=True)
class Seat:
    """A chair of a group or a deputy, since when, and the last day of the term where there is one."""

    person: Person
    since: datetime
    deputy: bool
    ends_on: date | None


@dataclass(frozen=True)
class DirectoryTotals:
    """The size of the alliance now; people are those on a rights holder's roster."""

    holders: int
    brands: int
    people: int
    groups: int


@dataclass(frozen=True)
class Growth:
    """The size of the alliance at a moment."""

    at: datetime
    holders: int
    people: int
    memberships: int


@dataclass(frozen=True)
class Overview:
    """The alliance now, by each cut, and at the end of each of the last months, now among them."""

    totals: DirectoryTotals
    counts: Mapping[str, Mapping[str, int]]
    growth: Sequence[Growth]
