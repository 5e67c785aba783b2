"""Who belongs into a conversation, and what happens when one of them leaves the roster or the channel goes.

The right people are the asker, those of the brand who had a hand in the case and its leads, the officers of
an association that acts for it, the account manager with the deputy, and for security concerns the platform's
security team. A group message takes eight, so the most needed come first.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.enforcement import outgoing
from bot.enforcement.outgoing import Drawing
from storage.queries import account_managers, audit, conversations, people
from storage.records.channels import ChannelBinding, ChannelMember
from storage.records.conversation_sheets import Taking, Topic
from storage.records.conversations import (
    Concern,
    Conversation,
    ConversationMember,
    Part,
    TalkOutcome,
    TalkState,
)
from storage.records.roster import Person, Role, RoleGrant

LEADING = (Role.LEAD, Role.SMALL_MEMBER)
OF_A_BRAND = (*LEADING, Role.EXPERT)
MOST_OF_A_KIND = 3  # leads, officers, staff where nobody is named
MOST_EXPERTS = 2


def right_people(session: Session, talk: Conversation, topic: Topic, asker: Person) -> list[Taking]:
    """Everybody who should be in it, the most needed first, each once with the first reason."""
    pair = account_managers.of(session, talk.holder_id)
    named = [Taking(person, part) for person, part in _pair(pair.manager, pair.deputy)]
    if not named:
        named = _as(Part.STAFF, people.holding(session, (Role.PLATFORM_STAFF,))[:MOST_OF_A_KIND])
    security = conversations.security_team(session) if talk.concern is Concern.SECURITY else []
    leads = people.holding(session, LEADING, talk.holder_id)[:MOST_OF_A_KIND]
    experts = _still(session, talk.holder_id, topic.expert_ids)[:MOST_EXPERTS]
    officers = conversations.officers(session, conversations.associations(session, talk.holder_id))
    found = [
        Taking(asker, Part.ASKER),
        *named[:1],
        *_as(Part.SECURITY, security),
        *_as(Part.EXPERT, experts),
        *_as(Part.LEAD, leads[:1]),
        *_as(Part.ADVISOR, officers[:1]),
        *named[1:],
        *_as(Part.LEAD, leads[1:]),
        *_as(Part.ADVISOR, officers[1:MOST_OF_A_KIND]),
    ]
    once: dict[str, Taking] = {}
    for each in found:
        once.setdefault(each.person.id, each)
    return list(once.values())


def seat(session: Session, talk: Conversation, taking: Iterable[Taking], now: datetime) -> None:
    """Keep who takes part."""
    session.add_all(
        ConversationMember(conversation_id=talk.id, person_id=each.person.id, part=each.part, since=now)
        for each in taking
    )
    session.flush()


def bring_managers(session: Session, holder_id: str, now: datetime) -> None:
    """A company got another manager or deputy: they join its open conversations."""
    pair = account_managers.of(session, holder_id)
    named = _pair(pair.manager, pair.deputy)
    for talk in conversations.open_of_holder(session, holder_id):
        present = {each.person.id for each in conversations.members(session, talk.id)}
        coming = [Taking(person, part) for person, part in named if person.id not in present]
        seat(session, talk, coming, now)
        for each in coming:
            outgoing.conversation(session, talk.id, "invite", now, user_id=each.person.user_id)
        if coming and talk.channel_id:
            outgoing.draw(session, Drawing.CONVERSATION, talk.id, talk.channel_id, now)


def keepers(session: Session, talk_id: str) -> list[Person]:
    """Who keeps a conversation's channel clean: the leads of the company that it is of."""
    talk = session.get(Conversation, talk_id)
    return people.holding(session, LEADING, talk.holder_id) if talk else []


def see_out(
    session: Session, binding: ChannelBinding, strangers: Sequence[ChannelMember], now: datetime
) -> None:
    """Those who took part and are on no roster any more are taken out; strangers are left to the keepers."""
    for stranger in strangers:
        person = people.by_user(session, stranger.user_id)
        kept = conversations.membership(session, binding.scope_id, person.id) if person else None
        if kept is None:
            continue
        kept.until = now
        session.add(kept)
        outgoing.conversation(session, binding.scope_id, "remove", now, user_id=stranger.user_id)


def lost(session: Session, binding: ChannelBinding, now: datetime) -> None:
    """Somebody archived the channel, or took the bot out of it: that ended the conversation."""
    talk = session.get(Conversation, binding.scope_id, with_for_update=True)
    binding.unbound_at = now
    session.add(binding)
    if talk is None or talk.state is not TalkState.OPEN:
        return
    talk.state, talk.outcome, talk.closed_at, talk.next_at = TalkState.CLOSED, TalkOutcome.GONE, now, None
    session.add(talk)
    session.flush()
    audit.record(
        session,
        at=now,
        actor="bot",
        role="",
        operation="conversation_lost",
        subject_kind="conversation",
        subject_id=talk.id,
        tenant=talk.holder_id,
        outcome="done",
    )
    asker = session.get_one(Person, talk.asker_id)
    outgoing.draw(session, Drawing.CONVERSATION_NEWS, talk.id, asker.user_id, now)


def _pair(manager: Person | None, deputy: Person | None) -> list[tuple[Person, Part]]:
    pair = ((manager, Part.MANAGER), (deputy, Part.DEPUTY))
    return [(person, part) for person, part in pair if person is not None]


def _as(part: Part, found: Sequence[Person]) -> list[Taking]:
    return [Taking(person, part) for person in found]


def _still(session: Session, holder_id: str, person_ids: Sequence[str]) -> list[Person]:
    """Those of these people who are on the holder's roster and can act."""
    found = session.exec(
        select(Person)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .where(
            col(Person.id).in_(set(person_ids)),
            col(Person.is_deleted).is_(False),
            col(RoleGrant.scope_id) == holder_id,
            col(RoleGrant.until).is_(None),
        )
        .order_by(col(Person.id))
    ).all()
    return list({person.id: person for person in found}.values())
