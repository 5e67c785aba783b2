"""The smallest alliance in which somebody can give a verdict."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import text
from sqlmodel import Session

from storage.columns import new_id
from storage.records.authenticity import Answer, AuthenticityRequest, Outcome, RequestState, Verdict
from storage.records.listings import Listing
from storage.records.platform import PlatformClient
from storage.records.roster import HolderKind, HolderSize, Person, RightsHolder, Standing

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """One open request and who may answer it."""

    request_id: str
    holder_id: str
    person_id: str


def open_case(session: Session) -> Case:
    holder = RightsHolder(
        name="Anker",
        name_key="anker",
        kind=HolderKind.COMPANY,
        size=HolderSize.SMALL,
        industry="tools",
        country="DE",
        standing=Standing.GOOD_FAITH,
        standing_since=NOW,
        created_at=NOW,
    )
    person = Person(team_id="T1", user_id="U1")
    listing = Listing(
        key="shop:1", key_version=1, marketplace="shop", url="https://shop.example/1", first_seen_at=NOW
    )
    client = PlatformClient(
        name="Shop", name_key="shop", marketplace="shop", webhook_url="https://shop.example", created_at=NOW
    )
    session.add_all([holder, person, listing, client])
    session.flush()
    request = AuthenticityRequest(
        client_id=client.id,
        external_id="1",
        body_hash="0",
        brand_named="Anker",
        holder_id=holder.id,
        listing_id=listing.id,
        snapshot={},
        reasons=[],
        state=RequestState.OPEN,
        round=0,
        created_at=NOW,
        changed_at=NOW,
    )
    session.add(request)
    return Case(request.id, holder.id, person.id)


def give_verdict(session: Session, case: Case, answer: Answer = Answer.FAKE) -> str:
    verdict = Verdict(
        id=new_id(),
        request_id=case.request_id,
        round=1,
        holder_id=case.holder_id,
        answer=answer,
        outcome=Outcome.TAKEDOWN,
        person_id=case.person_id,
        role="expert",
        standing="good_faith",
        late=False,
        at=NOW,
    )
    session.add(verdict)
    session.flush()
    return verdict.id


def end_leases(session: Session) -> None:
    """As if the holders had died a while ago: leases follow the database's clock, which no test can move."""
    past = text("UPDATE outbox SET lease_until = '2020-01-01 00:00:00.000000' WHERE lease_until IS NOT NULL")
    session.connection().execute(past)
