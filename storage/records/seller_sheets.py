"""What pages about sellers show of the rows: one seller, one network, one marketplace's policy, its trial."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.records.listings import Seller
from storage.records.platform import PlatformClient
from storage.records.sellers import Measure, PolicyName, SanctionState, StrikePolicy, TraitKind
from storage.records.takedowns import TakedownState


@dataclass(frozen=True)
class Count:
    """What the policy makes of a seller's strikes: the sum, that of the gravest step, which ones counted."""

    policy: PolicyName
    total: int
    needed: int
    strikes: frozenset[str]


@dataclass(frozen=True)
class SellerSheet:
    """A seller as one reader may see them. `whole`: the reader is of the platform team."""

    seller: Seller
    whole: bool
    strikes: Sequence[Any]  # (id, at, severity, reason_code, taken_back_at, title, url, holder)
    standing: int  # strikes that were not taken back, of those that the reader may see
    takedowns: Mapping[TakedownState, int]
    asked: int | None  # requests that went to the reader's companies; None for the platform team
    listings: int | None  # for the platform team
    relistings: Sequence[Any]  # (title, url, likeness, removed_at, found_at)
    count: Count | None  # for the platform team
    sanctions: Sequence[Any]  # for the platform team
    carried_out: Sequence[Any]  # (measure, answered_at)
    others: tuple[int, int] | None  # (days, removals of all members, rounded)
    linked: Sequence[Any]  # (id, name, external_id, marketplace)
    kinds: Mapping[str, Collection[TraitKind]]  # by what each of these is linked directly


@dataclass(frozen=True)
class SharedTrait:
    """A trait that several sellers of one network have; `shown` is for the platform team alone."""

    kind: TraitKind
    value_hash: str
    shown: str
    sellers: int


@dataclass(frozen=True)
class NetworkSheet:
    """A network of sellers with what they share; for the platform team."""

    seller: Seller
    members: Sequence[Any]  # (id, name, external_id, marketplace)
    traits: Sequence[SharedTrait]
    holds: Sequence[tuple[str, str]]  # (value, seller)


@dataclass(frozen=True)
class MarketLine:
    """A marketplace, its policy, and how many of its sanctions stand in which state."""

    client: PlatformClient
    policy: StrikePolicy | None
    sellers: int  # with strikes
    sanctions: Mapping[tuple[Measure, SanctionState], int]


@dataclass(frozen=True)
class Histogram:
    """What a policy would have done: how many sellers would have reached which measure as their gravest."""

    since: datetime
    sellers: int
    reached: Mapping[Measure | None, int]
