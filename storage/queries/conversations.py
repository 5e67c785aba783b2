"""Reading conversations: what one would be about, who is in it, whose are open, which wait for an answer."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage.records.authenticity import AuthenticityRequest, Verdict
from storage.records.conversation_sheets import Taking, TalkSheet, Topic
from storage.records.conversations import (
    LIVE,
    About,
    Conversation,
    ConversationMember,
    Part,
    SecurityContact,
    TalkState,
)
from storage.records.counter_notices import CounterNotice, CounterNoticeAnswer
from storage.records.listings import Listing, Seller
from storage.records.messages import DrawnMessage
from storage.records.misuse import Censure
from storage.records.notices import Notice
from storage.records.roster import Brand, Mandate, Person, RightsHolder, Role, RoleGrant
from storage.records.standing import StandingChange

BATCH = 100
HEAD = "conversation"  # the drawing that begins a conversation


def topic(session: Session, about: About, subject_id: str) -> Topic | None:
    """Whose a case is; None where it does not exist, belongs to nobody yet, or is no one tenant's alone."""
    match about:
        case About.REQUEST:
            return _request(session, subject_id)
        case About.NOTICE:
            notice = session.get(Notice, subject_id)
            return (
                Topic(notice.holder_id, notice.brand_id, notice.reference, [notice.submitter_id])
                if notice
                else None
            )
        case About.COUNTER_NOTICE:
            return _counter_notice(session, subject_id)
        case About.CENSURE:
            censure = session.get(Censure, subject_id)
            return Topic(censure.holder_id) if censure else None
        case About.STANDING:
            change = session.get(StandingChange, subject_id)
            return Topic(change.holder_id) if change else None
        case About.SELLER | About.HOME:
            return None


def seller_name(session: Session, seller_id: str) -> str:
    """What a seller is called."""
    seller = session.get(Seller, seller_id)
    return (seller.name or seller.external_id) if seller else ""


def live(session: Session, holder_id: str, about: About, subject_id: str) -> Conversation | None:
    """The one conversation about it that is not over, locked."""
    return session.exec(
        select(Conversation)
        .where(
            col(Conversation.holder_id) == holder_id,
            col(Conversation.about) == about,
            col(Conversation.subject_id) == subject_id,
            col(Conversation.state).in_(LIVE),
        )
        .with_for_update()
    ).first()


def members(session: Session, conversation_id: str) -> list[Taking]:
    """Who takes part now, those who were there first before the others."""
    rows = session.exec(
        select(Person, ConversationMember.part)
        .join(ConversationMember, col(ConversationMember.person_id) == col(Person.id))
        .where(
            col(ConversationMember.conversation_id) == conversation_id,
            col(ConversationMember.until).is_(None),
        )
        .order_by(col(ConversationMember.since), col(ConversationMember.id))
    ).all()
    return [Taking(person, Part(part)) for person, part in rows]


def membership(session: Session, conversation_id: str, person_id: str) -> ConversationMember | None:
    """Somebody's present part in a conversation."""
    return session.exec(
        select(ConversationMember).where(
            col(ConversationMember.conversation_id) == conversation_id,
            col(ConversationMember.person_id) == person_id,
            col(ConversationMember.until).is_(None),
        )
    ).first()


def sheet(session: Session, conversation_id: str) -> TalkSheet | None:
    """A conversation as it is shown."""
    talk = session.get(Conversation, conversation_id)
    if talk is None:
        return None
    brand = session.get(Brand, talk.brand_id) if talk.brand_id else None
    association = session.get(RightsHolder, talk.association_id) if talk.association_id else None
    head = session.exec(
        select(DrawnMessage.ts).where(
            col(DrawnMessage.kind) == HEAD,
            col(DrawnMessage.subject_id) == conversation_id,
            col(DrawnMessage.place) == talk.channel_id,
        )
    ).first()
    return TalkSheet(
        talk,
        session.get_one(RightsHolder, talk.holder_id),
        brand.name if brand else "",
        session.get_one(Person, talk.asker_id),
        members(session, conversation_id),
        association.name if association else "",
        session.get(Person, talk.decided_by) if talk.decided_by else None,
        session.get(Person, talk.closed_by) if talk.closed_by else None,
        head or "",
    )


def readers(session: Session, conversation_id: str) -> set[str]:
    """Who has its first message where they read alone, by Slack user."""
    found = session.exec(
        select(DrawnMessage.place).where(
            col(DrawnMessage.kind) == HEAD, col(DrawnMessage.subject_id) == conversation_id
        )
    )
    return set(found.all())


def open_of(session: Session, person_id: str, *, limit: int = 100, offset: int = 0) -> list[Conversation]:
    """The conversations that are not over and in which somebody takes part, the newest first."""
    return list(
        session.exec(
            select(Conversation)
            .join(ConversationMember, col(ConversationMember.conversation_id) == col(Conversation.id))
            .where(
                col(ConversationMember.person_id) == person_id,
                col(ConversationMember.until).is_(None),
                col(Conversation.state).in_(LIVE),
            )
            .order_by(col(Conversation.asked_at).desc(), col(Conversation.id).desc())
            .limit(limit)
            .offset(offset)
        ).all()
    )


def open_of_holder(session: Session, holder_id: str) -> list[Conversation]:
    """The open conversations of a rights holder."""
    return list(
        session.exec(
            select(Conversation)
            .where(col(Conversation.holder_id) == holder_id, col(Conversation.state) == TalkState.OPEN)
            .order_by(col(Conversation.asked_at))
        ).all()
    )


def open_count(session: Session, person_id: str) -> int:
    """How many those are."""
    return session.exec(
        select(func.count())
        .select_from(Conversation)
        .join(ConversationMember, col(ConversationMember.conversation_id) == col(Conversation.id))
        .where(
            col(ConversationMember.person_id) == person_id,
            col(ConversationMember.until).is_(None),
            col(Conversation.state).in_(LIVE),
        )
    ).one()


def waiting_for(session: Session, association_ids: Collection[str]) -> list[Conversation]:
    """What waits for the word of one of these associations, the oldest first."""
    return list(
        session.exec(
            select(Conversation)
            .where(
                col(Conversation.state) == TalkState.WAITING,
                col(Conversation.association_id).in_(association_ids),
            )
            .order_by(col(Conversation.asked_at), col(Conversation.id))
            .limit(BATCH)
        ).all()
    )


def due(session: Session, now: datetime) -> Sequence[str]:
    """The conversations in which it is time to look for an answer of the platform."""
    return session.exec(
        select(Conversation.id)
        .where(col(Conversation.next_at) <= now)
        .order_by(col(Conversation.next_at))
        .limit(BATCH)
    ).all()


def associations(session: Session, holder_id: str) -> list[str]:
    """The associations that act for a rights holder under a mandate, the oldest mandate first."""
    return list(
        session.exec(
            select(Mandate.association_id)
            .where(col(Mandate.holder_id) == holder_id, col(Mandate.until).is_(None))
            .order_by(col(Mandate.since), col(Mandate.id))
        ).all()
    )


def officers(session: Session, association_ids: Collection[str]) -> list[Person]:
    """The officers of these associations who can act, each once."""
    found = session.exec(
        select(Person)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .where(
            col(RoleGrant.scope_id).in_(association_ids),
            col(RoleGrant.role) == Role.ASSOCIATION_OFFICER,
            col(RoleGrant.until).is_(None),
            col(Person.is_deleted).is_(False),
            col(Person.is_bot).is_(False),
        )
        .order_by(col(RoleGrant.since), col(RoleGrant.id))
    ).all()
    return list({person.id: person for person in found}.values())


def security_team(session: Session) -> list[Person]:
    """Whom security concerns are brought to: those named who are still of the platform's team."""
    found = session.exec(
        select(Person)
        .join(SecurityContact, col(SecurityContact.person_id) == col(Person.id))
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .where(
            col(SecurityContact.until).is_(None),
            col(RoleGrant.role) == Role.PLATFORM_STAFF,
            col(RoleGrant.until).is_(None),
            col(Person.is_deleted).is_(False),
        )
        .order_by(col(SecurityContact.since), col(SecurityContact.id))
    ).all()
    return list({person.id: person for person in found}.values())


def security_contact(session: Session, person_id: str) -> SecurityContact | None:
    """The row that names somebody now."""
    return session.exec(
        select(SecurityContact).where(
            col(SecurityContact.person_id) == person_id, col(SecurityContact.until).is_(None)
        )
    ).first()


def staff_ids(session: Session, user_ids: Collection[str]) -> set[str]:
    """Which of these Slack users are of the platform's team."""
    return set(
        session.exec(
            select(Person.user_id)
            .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
            .where(
                col(Person.user_id).in_(user_ids),
                col(RoleGrant.role) == Role.PLATFORM_STAFF,
                col(RoleGrant.until).is_(None),
            )
        ).all()
    )


def belonging(session: Session, conversation_id: str) -> set[str]:
    """Who may be in a conversation: the holder's people, officers that act for it, the platform's team."""
    talk = session.get(Conversation, conversation_id)
    if talk is None:
        return set()
    of_associations = associations(session, talk.holder_id)
    known = session.exec(
        select(Person.user_id)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .where(
            col(RoleGrant.until).is_(None),
            col(Person.is_deleted).is_(False),
            (col(RoleGrant.scope_id) == talk.holder_id)
            | (col(RoleGrant.role) == Role.PLATFORM_STAFF)
            | (
                col(RoleGrant.scope_id).in_(of_associations)
                & (col(RoleGrant.role) == Role.ASSOCIATION_OFFICER)
            ),
        )
    )
    return set(known.all())


def first_brand(session: Session, holder_id: str) -> str | None:
    """The oldest brand of a rights holder."""
    return session.exec(
        select(Brand.id)
        .where(col(Brand.holder_id) == holder_id)
        .order_by(col(Brand.created_at), col(Brand.id))
        .limit(1)
    ).first()


def holder_names(session: Session, holder_ids: Collection[str]) -> dict[str, str]:
    """Id -> name of these rights holders, by name."""
    found = session.exec(
        select(RightsHolder.id, RightsHolder.name)
        .where(col(RightsHolder.id).in_(holder_ids))
        .order_by(col(RightsHolder.name_key))
    )
    return dict(found.all())


def _request(session: Session, request_id: str) -> Topic | None:
    request = session.get(AuthenticityRequest, request_id)
    if request is None or request.holder_id is None:
        return None
    experts = session.exec(
        select(Verdict.person_id).where(
            col(Verdict.request_id) == request_id, col(Verdict.holder_id) == request.holder_id
        )
    ).all()
    return Topic(request.holder_id, request.brand_id, str(request.snapshot.get("title") or ""), experts)


def _counter_notice(session: Session, counter_id: str) -> Topic | None:
    counter = session.get(CounterNotice, counter_id)
    if counter is None:
        return None
    listing = session.get(Listing, counter.listing_id) if counter.listing_id else None
    experts = session.exec(
        select(CounterNoticeAnswer.person_id).where(col(CounterNoticeAnswer.counter_notice_id) == counter_id)
    ).all()
    title = (listing.title or listing.url) if listing else ""
    return Topic(counter.holder_id, counter.brand_id, title, experts)
