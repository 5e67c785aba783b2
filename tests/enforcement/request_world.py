"""A small alliance for tests of requests: a rights holder of each kind, a marketplace, a platform team."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from bot.contract.requests import AskedRequest
from bot.enforcement import authenticity, platform, requests
from bot.enforcement.access import OPERATOR, Actor
from bot.enforcement.authenticity import Recorded
from bot.enforcement.requests import Received
from storage.engine import Store
from storage.records.authenticity import Answer, AuthenticityRequest
from storage.records.channels import ChannelBinding, ChannelPurpose, ChannelState
from storage.records.outbox import OutboxRow
from storage.records.roster import (
    Brand,
    HolderKind,
    HolderSize,
    Person,
    RightsHolder,
    Role,
    RoleGrant,
    Standing,
)
from tests.enforcement.founding import founded

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
TEAM = "T1"
OWN = {"market.example": "openbazaar", "elsewhere.example": "otherbazaar"}

# (brand, standing, its people by role, whether it has a channel)
HOLDERS: tuple[tuple[str, Standing, dict[str, Role], bool], ...] = (
    ("Nordlys", Standing.GOOD_FAITH, {"ines": Role.EXPERT, "lars": Role.LEAD, "noor": Role.EXPERT}, True),
    ("Halden", Standing.PILOT, {"petra": Role.EXPERT, "otto": Role.LEAD}, True),
    ("Tansy", Standing.APPLICANT, {"tess": Role.EXPERT}, True),
    ("Oriel", Standing.GOOD_FAITH, {"sam": Role.SMALL_MEMBER}, True),
    ("Kestrel", Standing.GOOD_FAITH, {"kay": Role.SMALL_MEMBER, "kim": Role.SMALL_MEMBER}, True),
    ("Mute", Standing.GOOD_FAITH, {"mia": Role.EXPERT}, False),
)


@dataclass
class World:
    """The alliance, and hands to act in it."""

    store: Store
    client: Actor
    other_client: Actor
    brands: dict[str, str] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)

    def receive(
        self, *asked: dict[str, Any], now: datetime = NOW, client: Actor | None = None, **more: Any
    ) -> list[Received]:
        """The marketplace asks."""
        models = [AskedRequest.model_validate(each) for each in asked]
        return self.store.run_sync(
            requests.receive_requests, client or self.client, models, OWN, now=now, **more
        )

    def ask(self, brand: str = "Nordlys", item: str = "811", **more: Any) -> str:
        """The marketplace asks one question; the request's id."""
        (received,) = self.receive(question(brand, item, **more))
        assert received.id, received
        return received.id

    def answer(
        self,
        name: str,
        request_id: str,
        answer: Answer = Answer.FAKE,
        *,
        round_: int = 1,
        now: datetime = NOW,
        **more: Any,
    ) -> Recorded | None:
        """Somebody clicks."""
        return self.store.run_sync(
            authenticity.record_verdict, who(name), request_id, round_, answer, now=now, **more
        )

    def request(self, request_id: str) -> AuthenticityRequest:
        """The request as stored."""
        found: AuthenticityRequest = self.one(AuthenticityRequest, id=request_id)
        return found

    def one(self, table: type[SQLModel], **where: Any) -> Any:
        """The only row like that."""
        (row,) = self.rows(table, **where)
        return row

    def rows(self, table: type[SQLModel], **where: Any) -> list[Any]:
        """Every row like that."""

        def read(session: Session) -> list[Any]:
            wanted = [getattr(table, name) == value for name, value in where.items()]
            return list(session.exec(select(table).where(*wanted)))

        return self.store.read_sync(read)

    def outgoing(self, kind: str) -> list[dict[str, Any]]:
        """What was decided to be sent, in order."""

        def read(session: Session) -> list[dict[str, Any]]:
            rows = session.exec(
                select(OutboxRow).where(col(OutboxRow.kind) == kind).order_by(col(OutboxRow.id))
            )
            return [row.payload for row in rows]

        return self.store.read_sync(read)

    def webhooks(self, event: str) -> list[dict[str, Any]]:
        """The data of the webhooks of one kind."""
        return [each["data"] for each in self.outgoing("webhook") if each["type"] == event]

    def change(self, what: Callable[[Session], None]) -> None:
        """Something else happens in the alliance."""
        self.store.run_sync(what)


def who(name: str) -> Actor:
    """A person of the world as Slack signs them."""
    return Actor(team_id=TEAM, user_id=f"U{name.upper()}")


def question(brand: str = "Nordlys", item: str = "811", **more: Any) -> dict[str, Any]:
    """What a marketplace asks about one of its items."""
    asked: dict[str, Any] = {
        "external_id": f"mp-{brand}-{item}",
        "brand": brand,
        "listing": {
            "marketplace": "openbazaar",
            "url": f"https://market.example/item/{item}",
            "title": f"{brand} runner {item}",
            "price": {"amount": "39.90", "currency": "EUR"},
            "seller": {"id": "s-17", "name": "shoe.corner"},
            "pictures": [f"https://market.example/p/{item}.jpg"],
        },
        "reasons": ["Price is 70 % below the catalogue"],
    }
    return asked | more


def build(store: Store) -> World:
    """Found the world in an empty database."""
    return founded(store, _found)


def _found(session: Session, store: Store) -> World:
    first = platform.create_client(
        session, OPERATOR, "Open Bazaar", "openbazaar", "http://127.0.0.1:1/hooks", now=NOW
    )
    second = platform.create_client(
        session, OPERATOR, "Other Bazaar", "otherbazaar", "http://127.0.0.1:1/other", now=NOW
    )
    session.flush()
    world = World(store, Actor(client_id=first.id), Actor(client_id=second.id))
    for brand, standing, people, has_channel in HOLDERS:
        _holder(session, world, brand, standing, people)
        if has_channel:
            bind(session, ChannelPurpose.BRAND, world.brands[brand], f"C{brand.upper()}")
    bind(session, ChannelPurpose.PLATFORM, "", "CPLATFORM")
    _person(session, "pia", Role.PLATFORM_STAFF, "")
    _person(session, "nobody", None, "")
    _person(session, "guest", Role.EXPERT, world.holders["Nordlys"], is_guest=True)
    return world


def bind(session: Session, purpose: ChannelPurpose, scope_id: str, channel_id: str) -> None:
    """Bind a channel without its ceremony."""
    session.add(
        ChannelBinding(
            channel_id=channel_id,
            purpose=purpose,
            scope_id=scope_id,
            state=ChannelState.BOUND,
            bound_by="operator",
            bound_at=NOW,
        )
    )


def _holder(session: Session, world: World, brand: str, standing: Standing, people: dict[str, Role]) -> None:
    holder = RightsHolder(
        name=f"{brand} AS",
        name_key=f"{brand} as".casefold(),
        kind=HolderKind.COMPANY,
        size=HolderSize.SMALL,
        industry="clothing",
        country="NO",
        standing=standing,
        standing_since=NOW,
        created_at=NOW,
    )
    session.add(holder)
    session.flush()
    owned = Brand(holder_id=holder.id, name=brand, name_key=brand.casefold(), created_at=NOW)
    session.add(owned)
    session.flush()
    world.brands[brand], world.holders[brand] = owned.id, holder.id
    for name, role in people.items():
        _person(session, name, role, holder.id)


def _person(session: Session, name: str, role: Role | None, scope_id: str, *, is_guest: bool = False) -> None:
    person = Person(
        team_id=TEAM, user_id=f"U{name.upper()}", name=name.title(), is_guest=is_guest, profile_at=NOW
    )
    session.add(person)
    session.flush()
    if role:
        session.add(
            RoleGrant(person_id=person.id, role=role, scope_id=scope_id, since=NOW, granted_by="operator")
        )
