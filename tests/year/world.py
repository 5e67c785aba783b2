"""Who takes part in a simulated year: rights holders of several characters, two marketplaces, a trade body.

The register is written down directly, as its own use cases have their own tests; whatever happens in the
year goes through the use cases.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

from sqlmodel import Session

from bot.enforcement import strike_policies
from bot.enforcement.access import OPERATOR, Actor
from storage.records.channels import ChannelBinding, ChannelPurpose, ChannelState
from storage.records.platform import PlatformClient
from storage.records.rights import Right, RightKind
from storage.records.roster import (
    Brand,
    HolderKind,
    HolderSize,
    Mandate,
    Person,
    RightsHolder,
    Role,
    RoleGrant,
    Standing,
)
from storage.records.sellers import PolicyName
from storage.records.service_levels import LaneMember

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
END = datetime(2026, 1, 1, tzinfo=UTC)
ZONE = "Europe/Berlin"  # of the platform's figures: its days have 23, 24 and 25 hours
TEAM = "T1"
OWN = {"market.example": "openbazaar", "harbour.example": "harbour"}
BUSY = 3
SIZES = (HolderSize.SMALL, HolderSize.MEDIUM, HolderSize.LARGE)
ASSOCIATION = "Glen association"
STAFF = Actor(team_id=TEAM, user_id="USTAFF")


class Character(StrEnum):
    """How good a rights holder's notices are over the year."""

    STEADY = "steady"
    FALLING = "falling"  # good, bad from May to July, good again
    CONTESTED = "contested"  # sellers are right against it from April to June
    CARELESS = "careless"  # never good enough
    ON_THE_EDGE = "on_the_edge"


CHARACTERS = (
    Character.FALLING,
    Character.CONTESTED,
    Character.STEADY,
    Character.ON_THE_EDGE,
    Character.CARELESS,
    Character.STEADY,
    Character.STEADY,
)


@dataclass(frozen=True)
class Market:
    """A marketplace: whose days it works on, which rules its sellers object under, how it counts strikes."""

    name: str
    host: str
    country: str
    zone: str
    regimes: tuple[str, ...]
    policy: PolicyName


MARKETS = (
    # China works on some Saturdays and Sundays to make up for its holidays; New York changes its clocks.
    Market(
        "openbazaar",
        "market.example",
        "CN",
        "Asia/Shanghai",
        ("alibaba", "china_ecommerce", "mercado_libre"),
        PolicyName.THREE_STRIKES,
    ),
    Market("harbour", "harbour.example", "US", "America/New_York", ("dmca", "dsa"), PolicyName.POINTS),
)


@dataclass(frozen=True)
class Holder:
    """A rights holder with its one brand, as the year's script knows it."""

    id: str
    number: int
    brand_id: str
    brand: str
    character: Character
    size: str
    weight: float  # its share of the year's notices
    rights: dict[str, str]  # kind -> id
    experts: tuple[Actor, ...]
    lanes: tuple[str, ...]
    member: bool  # of the association


@dataclass
class World:
    """Everybody, by the ids that the database gave them."""

    holders: list[Holder] = field(default_factory=list)
    clients: dict[str, str] = field(default_factory=dict)  # marketplace -> client id
    association_id: str = ""

    def actor(self, marketplace: str) -> Actor:
        """A marketplace at the platform API."""
        return Actor(client_id=self.clients[marketplace])


def found(session: Session, holders: int, seed: int) -> World:
    """Write the register of a world with so many rights holders."""
    chance = random.Random(seed)
    world = World()
    for market in MARKETS:
        world.clients[market.name] = _client(session, market)
    world.association_id = _holder(session, ASSOCIATION, HolderSize.MEDIUM, HolderKind.ASSOCIATION)
    _person(session, "USTAFF", Role.PLATFORM_STAFF, "")
    _person(session, "UOFFICER", Role.ASSOCIATION_OFFICER, world.association_id)
    for number in range(holders):
        world.holders.append(_company(session, world, number, chance))
    for place, purpose in (("CPLATFORM", ChannelPurpose.PLATFORM),):
        session.add(_binding(place, purpose, ""))
    session.flush()
    return world


def _company(session: Session, world: World, number: int, chance: random.Random) -> Holder:
    size = SIZES[number % len(SIZES)]
    holder_id = _holder(session, f"Company {number:04}", size, HolderKind.COMPANY)
    brand = Brand(
        holder_id=holder_id, name=f"Brand {number:04}", name_key=f"brand {number:04}", created_at=BEGIN
    )
    session.add(brand)
    session.flush()
    rights = {
        kind.value: _right(session, holder_id, kind) for kind in (RightKind.TRADEMARK, RightKind.DESIGN)
    }
    # One in three has nobody who could confirm a colleague's Fake.
    names = [f"U{number:04}A"] + ([f"U{number:04}B"] if number % 3 else [])
    for position, name in enumerate(names):
        _person(session, name, Role.EXPERT if position else Role.LEAD, holder_id)
    lanes = tuple(lane for lane, each in (("designs", 4), ("partner", 9)) if number % each == 1)
    for lane in lanes:
        session.add(LaneMember(lane_id=lane, holder_id=holder_id, since=BEGIN, granted_by="test"))
    member = number % 5 == 0
    if member:
        mandate = Mandate(
            association_id=world.association_id, holder_id=holder_id, document="letter", since=BEGIN
        )
        session.add(mandate)
    session.add(_binding(f"C{number:04}", ChannelPurpose.BRAND, brand.id))
    # The first are busy in every world, so that their figures are judged in a small one too.
    weight = 10.0 if number < BUSY else chance.lognormvariate(0, 0.8)
    return Holder(
        holder_id,
        number,
        brand.id,
        brand.name,
        CHARACTERS[number % len(CHARACTERS)],
        size.value,
        weight,
        rights,
        tuple(Actor(team_id=TEAM, user_id=name) for name in names),
        lanes,
        member,
    )


def _client(session: Session, market: Market) -> str:
    client = PlatformClient(
        name=market.name.title(),
        name_key=market.name,
        marketplace=market.name,
        webhook_url=f"https://{market.host}/hooks",
        country=market.country,
        zone=market.zone,
        created_at=BEGIN,
    )
    session.add(client)
    session.flush()
    wanted = {
        "client_id": client.id,
        "policy": market.policy.value,
        "valid": "365",
        "apart": _APART[market.policy],
    }
    strike_policies.switch(session, OPERATOR, wanted, now=BEGIN)
    return client.id


_APART = {PolicyName.THREE_STRIKES: "3", PolicyName.POINTS: "0"}


def _holder(session: Session, name: str, size: HolderSize, kind: HolderKind) -> str:
    holder = RightsHolder(
        name=name,
        name_key=name.casefold(),
        kind=kind,
        size=size,
        industry="shoes",
        country="DE",
        standing=Standing.APPLICANT,
        standing_since=BEGIN,
        created_at=BEGIN,
    )
    session.add(holder)
    session.flush()
    return holder.id


def _person(session: Session, user_id: str, role: Role, scope_id: str) -> None:
    email = f"{user_id.lower()}@brand.example"
    person = Person(team_id=TEAM, user_id=user_id, name=user_id.title(), email=email, profile_at=BEGIN)
    session.add(person)
    session.flush()
    session.add(RoleGrant(person_id=person.id, role=role, scope_id=scope_id, since=BEGIN, granted_by="test"))


def _right(session: Session, holder_id: str, kind: RightKind) -> str:
    right = Right(
        holder_id=holder_id,
        kind=kind,
        title=f"{kind.value} of the company",
        number=f"{kind.value}-1",
        office="EUIPO",
        territory="EU",
        expires_on=date(2030, 1, 1),
        registered_by="test",
        registered_at=BEGIN,
        confirmed_by="test",
        confirmed_at=BEGIN,
    )
    session.add(right)
    session.flush()
    return right.id


def _binding(channel_id: str, purpose: ChannelPurpose, scope_id: str) -> ChannelBinding:
    return ChannelBinding(
        channel_id=channel_id,
        purpose=purpose,
        scope_id=scope_id,
        state=ChannelState.BOUND,
        bound_by="test",
        bound_at=BEGIN,
    )
