"""Notices with due moments, for the tests of service levels and fast lanes."""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from bot.enforcement import service_levels
from bot.enforcement.business_clock import Calendar
from bot.enforcement.notice_drafts import open_draft
from bot.enforcement.notice_filing import Filed, file_notice
from storage.records.authenticity import Answer, AuthenticityRequest, Outcome, RequestState, Verdict
from storage.records.listings import Listing
from storage.records.notices import Notice, NoticeOrigin, NoticeState, ReasonCode
from storage.records.rights import RightKind
from storage.records.roster import Person
from storage.records.service_figures import Asked, Attainment
from storage.records.service_levels import LaneMember
from tests.enforcement.notice_world import NOW, OWN, World, item, who

ZONE = "Europe/Berlin"
CALENDAR = Calendar("", ZONE)
LATE, EARLY = timedelta(hours=3), timedelta(hours=-3)


def at(day: int, hour: int = 12) -> datetime:
    """An hour of November."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def file(
    session: Session,
    world: World,
    due_at: datetime | None,
    decided: timedelta | None,
    *,
    holder: str = "nordlys",
    state: NoticeState = NoticeState.ACTIONED,
    right: RightKind | None = RightKind.TRADEMARK,
    lane: str = "",
) -> Notice:
    """A notice that was due then, and decided so long after, or not at all."""
    person = session.exec(select(Person).where(col(Person.user_id) == "ULEAD")).one()
    number = len(session.exec(select(Notice.id)).all())
    decided_at = due_at + decided if due_at and decided is not None else None
    notice = Notice(
        reference=f"GF-{number}",
        holder_id=world.holders[holder],
        brand_id=world.brands[holder],
        right_id=world.rights[holder, right] if right else None,
        marketplace="openbazaar",
        client_id=world.client,
        origin=NoticeOrigin.MEMBER,
        reason_code=ReasonCode.OTHER,
        explanation="",
        statements=[],
        submitter_id=person.id,
        submitter_name="",
        submitter_email="",
        role="BM",
        immediate=False,
        state=state if decided_at else NoticeState.RECEIVED,
        submitted_at=NOW,
        lane=lane,
        due_at=due_at,
        decided_at=decided_at,
        decided_as=state if decided_at else None,
        changed_at=NOW,
    )
    session.add(notice)
    session.flush()
    return notice


def shown(session: Session, name: str, asked: Asked, now: datetime = NOW) -> Attainment:
    return service_levels.attainment(session, who(name), asked, now=now, zone=ZONE, target=97)


def file_one(session: Session, world: World, number: int, now: datetime) -> Notice:
    """File a notice through the form's use case."""
    draft = open_draft(session, who("expert"), [item(number)], "", now=now)
    session.flush()
    typed = world.typed(item(number))
    filed = file_notice(session, who("expert"), draft.draft_id, typed, OWN, reviewed=True, now=now)
    assert isinstance(filed, Filed)
    session.flush()
    return session.exec(select(Notice).where(col(Notice.reference) == filed.notices[0].reference)).one()


def join(session: Session, world: World, *lanes: str) -> None:
    """Put Nordlys into these lanes."""
    for lane in lanes:
        session.add(
            LaneMember(lane_id=lane, holder_id=world.holders["nordlys"], since=NOW, granted_by="test")
        )


def asked(session: Session, world: World, at_: datetime, deadline: datetime | None) -> AuthenticityRequest:
    """A question to Nordlys that nobody has answered."""
    number = len(session.exec(select(AuthenticityRequest.id)).all())
    listing = Listing(key=f"l{number}", key_version=1, marketplace="openbazaar", url="", first_seen_at=at_)
    session.add(listing)
    session.flush()
    request = AuthenticityRequest(
        client_id=world.client,
        external_id=f"x{number}",
        body_hash="",
        brand_named="",
        brand_id=world.brands["nordlys"],
        holder_id=world.holders["nordlys"],
        listing_id=listing.id,
        snapshot={},
        reasons=[],
        deadline=deadline,
        state=RequestState.OPEN,
        asked_at=at_,
        created_at=at_,
        changed_at=at_,
    )
    session.add(request)
    session.flush()
    return request


def answered(
    session: Session,
    world: World,
    at_: datetime,
    after: timedelta,
    *,
    holder: str = "nordlys",
    late: bool = False,
    deadline: bool = True,
    request: AuthenticityRequest | None = None,
) -> AuthenticityRequest:
    """A question with its answer so long after it; with `request` the answer of the next round."""
    person = session.exec(select(Person).where(col(Person.user_id) == "ULEAD")).one()
    if request is None:
        request = asked(session, world, at_, at_ + timedelta(days=2) if deadline else None)
        request.holder_id, request.state = world.holders[holder], RequestState.ANSWERED
    else:
        request.round, request.asked_at = request.round + 1, at_
    session.add(request)
    session.add(
        Verdict(
            request_id=request.id,
            round=request.round,
            holder_id=world.holders[holder],
            answer=Answer.GENUINE,
            outcome=Outcome.CLOSED,
            person_id=person.id,
            role="BM",
            standing="good_faith",
            late=late,
            at=at_ + after,
        )
    )
    session.flush()
    return request
