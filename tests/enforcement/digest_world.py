"""A working group for the tests of digests: its members, its channel, its chair, and cases as needed."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlmodel import Session, col, select

from bot.enforcement.access import Actor
from storage.columns import new_id
from storage.engine import Store
from storage.records.authenticity import Answer, AuthenticityRequest, Outcome, RequestState, Verdict
from storage.records.calendars import Span
from storage.records.channels import ChannelBinding, ChannelPurpose, ChannelState
from storage.records.digests import Digest, DigestSubscription
from storage.records.groups import GroupKind, GroupMember, WorkingGroup
from storage.records.listings import Listing, Seller
from storage.records.notices import Notice, NoticeOrigin, NoticeState, ReasonCode
from storage.records.outbox import OutboxRow
from storage.records.platform import PlatformClient
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
from storage.records.takedowns import Takedown, TakedownState

TEAM = "T1"
CHANNEL = "C0GROUP"
ZONE = "Europe/London"
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday, the day that the digest is about
MORNING = datetime(2026, 11, 19, 9, tzinfo=UTC)
NAMES = ("anker", "berg", "celli", "dorn", "eiche", "falke", "gral")


def who(name: str) -> Actor:
    """The person of this name as Slack signs them."""
    return Actor(team_id=TEAM, user_id=f"U{name.upper()}")


def at_morning() -> datetime:
    """A clock that stands still."""
    return MORNING


@dataclass
class World:
    """The ids of what was founded; people are `expert` of anker, `chair`, `admin`, `staff` and `outsider`."""

    group: str = ""
    holders: dict[str, str] = field(default_factory=dict)
    brands: dict[str, str] = field(default_factory=dict)
    person: str = ""
    client: str = ""
    listing: str = ""
    numbers: "count[int]" = field(default_factory=count)

    def notice(
        self,
        session: Session,
        holder: str,
        at: datetime = NOON,
        *,
        after: timedelta | None = None,
        due: datetime | None = None,
        state: NoticeState = NoticeState.SUBMITTED,
    ) -> None:
        """A notice submitted then, due then, and decided so long after it came."""
        session.add(
            Notice(
                reference=f"GF-{next(self.numbers)}",
                holder_id=self.holders[holder],
                brand_id=self.brands[holder],
                marketplace="openbazaar",
                origin=NoticeOrigin.MEMBER,
                reason_code=ReasonCode.OTHER,
                explanation="",
                statements=[],
                submitter_id=self.person,
                submitter_name="",
                submitter_email="",
                role="BM",
                immediate=False,
                state=state,
                submitted_at=at,
                due_at=due,
                decided_at=at + after if after is not None else None,
                changed_at=at,
            )
        )

    def request(
        self, session: Session, holder: str, at: datetime = NOON, deadline: datetime | None = None
    ) -> str:
        """A request that came then, to be answered by then; its id."""
        request = AuthenticityRequest(
            client_id=self.client,
            external_id=str(next(self.numbers)),
            body_hash="0",
            brand_named=holder,
            brand_id=self.brands[holder],
            holder_id=self.holders[holder],
            listing_id=self.listing,
            snapshot={},
            reasons=[],
            state=RequestState.OPEN,
            deadline=deadline,
            created_at=at,
            changed_at=at,
        )
        session.add(request)
        return request.id

    def verdict(
        self,
        session: Session,
        holder: str,
        at: datetime = NOON,
        answer: Answer = Answer.FAKE,
        asked: datetime | None = None,
    ) -> None:
        """A verdict given then, on a request that came long before or when it is said."""
        request_id = self.request(session, holder, asked or at - timedelta(days=60))
        session.flush()
        session.add(
            Verdict(
                request_id=request_id,
                round=1,
                holder_id=self.holders[holder],
                answer=answer,
                outcome=Outcome.CLOSED,
                person_id=self.person,
                role="BM",
                standing=Standing.GOOD_FAITH,
                late=False,
                at=at,
            )
        )

    def takedown(
        self,
        session: Session,
        holder: str,
        at: datetime = NOON,
        state: TakedownState = TakedownState.REMOVED,
        seller: str | None = None,
        reason: str = "counterfeit_no_test_buy",
    ) -> None:
        """A takedown started then."""
        session.add(
            Takedown(
                key=new_id(),
                client_id=self.client,
                listing_id=self.listing,
                seller_id=seller,
                holder_id=self.holders[holder],
                brand_id=self.brands[holder],
                reason_code=reason,
                state=state,
                created_at=at,
                removed_at=at if state is TakedownState.REMOVED else None,
                changed_at=at,
            )
        )

    def seller(self, session: Session, name: str) -> str:
        """A seller; its id."""
        seller = Seller(marketplace="openbazaar", external_id=name, name=name, first_seen_at=NOON)
        session.add(seller)
        session.flush()
        return seller.id

    def busy(self, session: Session, at: datetime = NOON, each: int = 2) -> None:
        """Two notices of every member: a day that may be shown."""
        for holder in self.holders:
            for _ in range(each):
                self.notice(session, holder, at)


def found(session: Session, names: tuple[str, ...] = NAMES) -> World:
    """A group of these rights holders with a bound channel, and a stranger to it."""
    world = World()
    long_ago = NOON - timedelta(days=400)
    group = WorkingGroup(
        name="Tools & <toys>", name_key="tools", kind=GroupKind.INDUSTRY, created_at=long_ago
    )
    client = PlatformClient(
        name="Open", name_key="open", marketplace="openbazaar", webhook_url="", created_at=long_ago
    )
    listing = Listing(
        key="openbazaar:1", key_version=1, marketplace="openbazaar", url="", first_seen_at=long_ago
    )
    session.add_all([group, client, listing])
    world.group, world.client, world.listing = group.id, client.id, listing.id
    for name in (*names, "stranger"):
        holder = RightsHolder(
            name=name,
            name_key=name,
            kind=HolderKind.COMPANY,
            size=HolderSize.SMALL,
            industry="tools",
            country="DE",
            standing=Standing.GOOD_FAITH,
            standing_since=long_ago,
            created_at=long_ago,
        )
        brand = Brand(holder_id=holder.id, name=name, name_key=name, created_at=long_ago)
        session.add(holder)
        session.flush()
        session.add(brand)
        world.holders[name], world.brands[name] = holder.id, brand.id
    session.flush()
    for name in names:
        session.add(GroupMember(group_id=group.id, holder_id=world.holders[name], since=long_ago))
    people = {
        "expert": (Role.EXPERT, world.holders[names[0]]),
        "outsider": (Role.EXPERT, world.holders["stranger"]),
        "chair": (Role.GROUP_CHAIR, group.id),
        "admin": (Role.ADMINISTRATOR, ""),
        "staff": (Role.PLATFORM_STAFF, ""),
    }
    for name, (role, scope) in people.items():
        person = Person(team_id=TEAM, user_id=f"U{name.upper()}")
        session.add(person)
        session.flush()
        session.add(
            RoleGrant(person_id=person.id, role=role, scope_id=scope, since=long_ago, granted_by="operator")
        )
        world.person = person.id
    session.add(
        ChannelBinding(
            channel_id=CHANNEL,
            purpose=ChannelPurpose.GROUP,
            scope_id=group.id,
            state=ChannelState.BOUND,
            bound_by="operator",
            bound_at=long_ago,
        )
    )
    world.holders.pop("stranger")
    session.flush()
    return world


def subscribe(session: Session, world: World, due: datetime, hour: int = 9, zone: str = ZONE) -> None:
    """A subscription that is due at a moment."""
    session.add(
        DigestSubscription(
            channel_id=CHANNEL,
            span=Span.DAY,
            purpose=ChannelPurpose.GROUP,
            scope_id=world.group,
            sections=[],
            hour=hour,
            zone=zone,
            next_due_at=due,
            changed_by="operator",
            changed_at=NOON - timedelta(days=300),
        )
    )


def digest_rows(store: Store) -> list[Digest]:
    """Every digest, by date."""
    return store.read_sync(
        lambda session: list(session.exec(select(Digest).order_by(col(Digest.local_date))))
    )


def drawings(store: Store) -> list[tuple[str, str]]:
    """(drawing, place) of what waits to be drawn, in order."""
    rows = store.read_sync(lambda session: list(session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))))
    drawn = [row.payload for row in rows if "drawing" in row.payload]
    return [(payload["drawing"], payload["place"]) for payload in drawn]
