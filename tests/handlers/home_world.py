"""An alliance for App Home's tests: companies with something of everything, and one with more than fits."""

from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.enforcement import account_managers, people, rights, roster
from bot.enforcement.access import OPERATOR
from bot.enforcement.people import Profile
from bot.enforcement.rights import RightDetails
from storage.columns import new_id
from storage.engine import Store
from storage.records.authenticity import (
    Answer,
    AuthenticityRequest,
    Outcome,
    RequestState,
    SampleTodo,
    Verdict,
)
from storage.records.listings import Listing
from storage.records.misuse import Censure, CensureKind, CensureState
from storage.records.notices import Notice, NoticeDraft, NoticeOrigin, NoticeState, ReasonCode
from storage.records.platform import PlatformClient
from storage.records.rights import RightKind
from storage.records.roster import Brand, Person, RightsHolder, Role
from storage.records.second_look import Ground
from storage.records.takedowns import Takedown, TakedownState
from tests.enforcement.alliance import NOW, TEAM, Alliance, found

HOUR = timedelta(hours=1)
LONG = "Runner <!channel> *bold* " * 12


def with_profiles(store: Store) -> Alliance:
    """The alliance, of whose people Slack has said who they are; Pia answers for Nordlys."""
    alliance = found(store)
    for name in ("ada", "alan", "pia", "lena", "emil", "hugo", "tess", "olga", "greta", "nobody"):
        profile = Profile(TEAM, f"U{name.upper()}", name=name.title(), zone="UTC", restricted=name == "greta")
        person = store.run_sync(people.meet, TEAM, profile.user_id, NOW)
        store.run_sync(people.note_profile, person.id, profile, now=NOW)
    store.run_sync(roster.add_guest, OPERATOR, alliance.holders["nordlys"], "UGRETA", now=NOW)
    alliance.do(account_managers.name, "ada", alliance.holders["nordlys"], "UPIA")
    return alliance


def client_of(alliance: Alliance) -> str:
    clients = alliance.all(PlatformClient)
    return str(clients[0].id)


def add_brand(session: Session, holder_id: str, name: str) -> str:
    brand = Brand(holder_id=holder_id, name=name, name_key=name.casefold(), created_at=NOW)
    session.add(brand)
    session.flush()
    return brand.id


def fill(alliance: Alliance, name: str, number: int, *, brand_id: str = "", prefix: str = "Runner") -> None:
    """So many of everything for one rights holder; its lead has drafts and a warning."""
    lead = {"nordlys": "lena", "halden": "hugo", "tansy": "tess"}[name]
    holder_id, brand_id = alliance.holders[name], brand_id or alliance.brands[name]
    alliance.store.run_sync(_fill, holder_id, brand_id, alliance.person(lead), number, prefix)
    details = RightDetails(
        kind=RightKind.TRADEMARK,
        title=f"{prefix} mark",
        number=prefix,
        territory="Norway",
        expires_on=date(2026, 12, 24),
    )
    right = alliance.do(rights.register_right, "operator", holder_id, details)
    alliance.do(rights.confirm_right, "operator", right.id)


def _fill(session: Session, holder_id: str, brand_id: str, lead_id: str, number: int, prefix: str) -> None:
    client = session.exec(select(PlatformClient)).first() or PlatformClient(
        name="Open Bazaar",
        name_key="open bazaar",
        marketplace="openbazaar",
        webhook_url="https://market.example/h",
        created_at=NOW,
    )
    session.add(client)
    session.flush()
    other = session.exec(select(Person.id).where(col(Person.user_id) == "UEMIL")).one()
    for each in range(number):
        _case(session, client.id, holder_id, brand_id, lead_id, other, f"{prefix} {each} {LONG}")
    for kind in ("warning", "suspension") if number > 1 else ("warning",):
        session.add(
            Censure(
                kind=CensureKind(kind),
                state=CensureState.PROPOSED,
                person_id=lead_id,
                holder_id=holder_id,
                reason="why",
                figures={},
                proposed_at=NOW,
            )
        )


def _case(
    session: Session, client_id: str, holder_id: str, brand_id: str, lead_id: str, other_id: str, title: str
) -> None:
    listing = Listing(
        key=f"openbazaar:{title[:20]}:{brand_id}",
        key_version=1,
        marketplace="openbazaar",
        url="https://market.example/item",
        title=title,
        first_seen_at=NOW,
    )
    session.add(listing)
    session.flush()

    def request(state: RequestState, suffix: str, *, routed: bool = True) -> AuthenticityRequest:
        made = AuthenticityRequest(
            client_id=client_id,
            external_id=f"{title[:20]}:{brand_id}:{suffix}",
            body_hash="0",
            brand_named="A brand " + LONG,
            brand_id=brand_id if routed else None,
            holder_id=holder_id if routed else None,
            listing_id=listing.id,
            snapshot={},
            reasons=[],
            deadline=NOW + HOUR,
            state=state,
            created_at=NOW - HOUR,
            changed_at=NOW,
        )
        session.add(made)
        session.flush()
        return made

    def notice(state: NoticeState, **more: Any) -> None:
        session.add(
            Notice(
                reference=f"GF-{new_id()}",
                holder_id=holder_id,
                brand_id=brand_id,
                marketplace="openbazaar",
                client_id=client_id,
                origin=NoticeOrigin.MEMBER,
                reason_code=ReasonCode.OTHER,
                explanation="",
                statements=[],
                submitter_id=other_id,
                submitter_name="Emil",
                submitter_email="",
                role="BM",
                immediate=False,
                state=state,
                submitted_at=NOW - HOUR,
                changed_at=NOW,
                **more,
            )
        )
        session.flush()

    request(RequestState.OPEN, "open")
    request(RequestState.UNROUTED, "unrouted", routed=False)
    answered = request(RequestState.ANSWERED, "answered")
    verdict = Verdict(
        request_id=answered.id,
        round=1,
        holder_id=holder_id,
        answer=Answer.GENUINE,
        outcome=Outcome.CLOSED,
        person_id=lead_id,
        role="BL",
        standing="good_faith",
        late=False,
        at=NOW - HOUR,
    )
    session.add(verdict)
    session.flush()
    session.add(
        SampleTodo(verdict_id=verdict.id, request_id=answered.id, holder_id=holder_id, created_at=NOW)
    )
    session.add(
        Takedown(
            key=listing.id,
            client_id=client_id,
            listing_id=listing.id,
            holder_id=holder_id,
            brand_id=brand_id,
            reason_code="other",
            state=TakedownState.REMOVED,
            created_at=NOW - 2 * HOUR,
            removed_at=NOW - HOUR,
            changed_at=NOW,
        )
    )
    notice(NoticeState.CLARIFICATION_REQUIRED, due_at=NOW + HOUR, complaint_url="https://market.example/c")
    notice(NoticeState.RECEIVED, second_ground=Ground.FIRST)
    notice(NoticeState.ACTIONED, decided_at=NOW - HOUR)
    session.add(
        NoticeDraft(
            person_id=lead_id,
            body={"form": {"links": ["https://a.example/1\n", ""]}},
            created_at=NOW,
            changed_at=NOW,
        )
    )


def grow(alliance: Alliance, number: int, *, first: int = 0) -> None:
    """Give Lena every role there is, and so many companies more."""

    def do(session: Session) -> None:
        lena = session.get_one(Person, alliance.person("lena"))
        like = session.get_one(RightsHolder, alliance.holders["nordlys"]).model_dump(exclude={"id"})
        for each in range(first, first + number):
            name = f"Company {each:03d} <!channel> {'x' * 60}"
            holder = RightsHolder(**like | {"name": name, "name_key": name.casefold()})
            session.add(holder)
            session.flush()
            add_brand(session, holder.id, f"{name} brand")
            roster.give(session, OPERATOR, lena, Role.LEAD, holder.id, NOW)
        for role in (Role.ADMINISTRATOR, Role.PLATFORM_STAFF):
            roster.give(session, OPERATOR, lena, role, "", NOW)
        for row in session.exec(select(RightsHolder)).all():
            roster.give(session, OPERATOR, lena, Role.LEAD, row.id, NOW)

    alliance.store.run_sync(do)
    for holder in alliance.all(RightsHolder)[:20]:
        alliance.do(account_managers.name, "operator", holder.id, "ULENA")
