"""A small alliance for the tests of notices: companies, an association with a mandate, one marketplace."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement.access import Actor
from storage.records.notices import ReasonCode
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

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TEAM = "T1"
OWN = {"market.example": "openbazaar"}
EXPLANATION = "The seal is missing and the label is printed on paper, as on every fake that we bought."

PEOPLE = {
    "lead": ("nordlys", Role.LEAD),
    "expert": ("nordlys", Role.EXPERT),
    "other_expert": ("nordlys", Role.EXPERT),
    "rival": ("halden", Role.LEAD),
    "officer": ("glen", Role.ASSOCIATION_OFFICER),
    "small": ("tansy", Role.SMALL_MEMBER),
    "staff": ("", Role.PLATFORM_STAFF),
}
HOLDERS = {
    "nordlys": (HolderKind.COMPANY, Standing.GOOD_FAITH),
    "halden": (HolderKind.COMPANY, Standing.APPLICANT),
    "tansy": (HolderKind.COMPANY, Standing.GOOD_FAITH),
    "glen": (HolderKind.ASSOCIATION, Standing.GOOD_FAITH),
}


@dataclass
class World:
    """The ids of what was founded, by name; `rights` by holder and kind."""

    holders: dict[str, str] = field(default_factory=dict)
    brands: dict[str, str] = field(default_factory=dict)
    rights: dict[tuple[str, RightKind], str] = field(default_factory=dict)
    client: str = ""

    def typed(self, *links: str, holder: str = "nordlys", **changes: Any) -> dict[str, Any]:
        """A complete form of a trade mark notice, with changes."""
        return {
            "holder_id": self.holders[holder],
            "brand_id": self.brands[holder],
            "right_id": self.rights[holder, RightKind.TRADEMARK],
            "reason": ReasonCode.TRADEMARK_IN_LISTING.value,
            "links": ("\n".join(links),),
            "explanation": EXPLANATION,
            "email": "ines@nordlys.example",
            "statement": True,
            **changes,
        }


def who(name: str) -> Actor:
    """The person of this name as Slack signs them."""
    return Actor(team_id=TEAM, user_id=f"U{name.upper()}")


def item(number: int) -> str:
    """The address of a listing of the connected marketplace."""
    return f"https://market.example/item/{number}"


def found(session: Session) -> World:
    """Everybody and everything."""
    world = World()
    for name, (kind, standing) in HOLDERS.items():
        holder = RightsHolder(
            name=name.title(),
            name_key=name,
            kind=kind,
            size=HolderSize.MEDIUM,
            industry="shoes",
            country="NO",
            standing=standing,
            standing_since=NOW,
            created_at=NOW,
        )
        session.add(holder)
        session.flush()
        brand = Brand(
            holder_id=holder.id, name=f"{name.title()} brand", name_key=f"{name} brand", created_at=NOW
        )
        session.add(brand)
        session.flush()
        world.holders[name], world.brands[name] = holder.id, brand.id
        for kind_of_right in (RightKind.TRADEMARK, RightKind.COPYRIGHT):
            right = _right(holder.id, kind_of_right)
            session.add(right)
            world.rights[name, kind_of_right] = right.id
    for name, (holder_name, role) in PEOPLE.items():
        person = Person(
            team_id=TEAM, user_id=f"U{name.upper()}", name=name.title(), email=f"{name}@example.com"
        )
        session.add(person)
        session.flush()
        scope = world.holders.get(holder_name, "")
        session.add(RoleGrant(person_id=person.id, role=role, scope_id=scope, since=NOW, granted_by="test"))
    mandate = Mandate(
        association_id=world.holders["glen"],
        holder_id=world.holders["tansy"],
        document="letter",
        since=NOW,
    )
    client = PlatformClient(
        name="OpenBazaar",
        name_key="openbazaar",
        marketplace="openbazaar",
        webhook_url="https://market.example/hooks",
        created_at=NOW,
    )
    session.add_all([mandate, client])
    session.flush()
    world.client = client.id
    return world


def _right(holder_id: str, kind: RightKind) -> Right:
    return Right(
        holder_id=holder_id,
        kind=kind,
        title=f"{kind.value} of {holder_id[-4:]}",
        number=f"{kind.value}-1",
        office="EUIPO",
        territory="EU",
        expires_on=date(2030, 1, 1),
        registered_by="test",
        registered_at=NOW,
        confirmed_by="test",
        confirmed_at=NOW,
    )
