"""Talk to us: somebody asks for a conversation, the right people get one, and it ends with an outcome.

A conversation belongs to one rights holder. For each subject at most one lives: whoever asks again is led to
it. A security concern of a company for which an association acts needs that association's word first.
Slack is asked through the outbox (`bot/conversations.py`); until it has answered the conversation is opening.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.enforcement import censures, conversation_people, outgoing
from bot.enforcement.access import Actor, Column, Denied, Grant, Operation, Subject, authorize, may, tenants
from bot.enforcement.outgoing import Drawing
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from bot.words.text import plain
from storage.errors import violated
from storage.queries import conversations, seller_pages
from storage.records.conversation_sheets import Asking, Pointed, Taking, TalkSheet, Topic
from storage.records.conversations import (
    ENDINGS,
    LONGEST,
    THREADS,
    About,
    Concern,
    Conversation,
    Part,
    TalkForm,
    TalkOutcome,
    TalkState,
)
from storage.records.misuse import Censure
from storage.records.roster import Person, RightsHolder

_TITLE = 120
_NEED_APPROVAL = frozenset({Concern.SECURITY})
_APART = THREADS | {TalkForm.DIRECT}
_NEED_NONE = frozenset({Column.ASSOCIATION_OFFICER, Column.PLATFORM_STAFF})

_CARDS = {
    About.REQUEST: Drawing.REQUEST_CARD,
    About.NOTICE: Drawing.NOTICE_CARD,
    About.COUNTER_NOTICE: Drawing.COUNTER_NOTICE_CARD,
    About.CENSURE: Drawing.CENSURE,
    About.STANDING: Drawing.STANDING_NOTE,
}


def to_ask(session: Session, actor: Actor, pointed: Pointed) -> Asking:
    """What may be asked about a subject; `Denied` where it is missing or not this person's."""
    if pointed.about is About.HOME and _of_platform(session, actor):
        return Asking(pointed, {})
    if pointed.about in (About.HOME, About.SELLER):
        holders = _own(session, actor, pointed)
        names = conversations.holder_names(session, holders)
        title = conversations.seller_name(session, pointed.subject_id)
        found = _living(session, actor, pointed, next(iter(names))) if len(names) == 1 else None
        return Asking(pointed, names, title, found)
    topic, _ = _asked(session, actor, pointed, "")
    holder = session.get_one(RightsHolder, topic.holder_id)
    found = _living(session, actor, pointed, topic.holder_id)
    return Asking(pointed, {holder.id: holder.name}, plain(topic.title, _TITLE), found)


def start(
    session: Session,
    actor: Actor,
    pointed: Pointed,
    concern: Concern,
    text: str,
    *,
    now: datetime,
    holder_id: str = "",
) -> TalkSheet:
    """Ask for a conversation, or be led to the one that lives.

    Raises `Refused` where an association would have to agree and has nobody to do it.
    """
    topic, grant = _asked(session, actor, pointed, holder_id)
    subject_id = _subject_id(pointed, concern, grant)
    living = conversations.live(session, topic.holder_id, pointed.about, subject_id)
    if living is not None:
        return _join(session, actor, grant, living, now)
    asker = session.get_one(Person, grant.person_id)
    talk = Conversation(
        holder_id=topic.holder_id,
        brand_id=topic.brand_id or conversations.first_brand(session, topic.holder_id),
        about=pointed.about,
        subject_id=subject_id,
        concern=concern,
        title=plain(topic.title, _TITLE),
        text=text.strip()[:LONGEST],
        asker_id=asker.id,
        role=grant.role,
        asked_at=now,
        state=TalkState.OPENING,
    )
    approver = _approver(session, grant, talk)
    if approver is not None:
        talk.state, talk.association_id = TalkState.WAITING, approver
    try:
        with session.begin_nested():
            session.add(talk)
            session.flush()
    except IntegrityError as race:
        if violated(race) != "uq_conversation_live":
            raise
        first = conversations.live(session, topic.holder_id, pointed.about, subject_id)
        if first is None:
            raise
        return _join(session, actor, grant, first, now)
    told = {"about": talk.about.value, "case": talk.subject_id, "concern": concern.value}
    note(session, actor, grant, Operation.TALK, subject_of(talk), now, outcome=talk.state.value, **told)
    if talk.state is TalkState.WAITING:
        conversation_people.seat(session, talk, [Taking(asker, Part.ASKER)], now)
        for officer in conversations.officers(session, [approver or ""]):
            outgoing.draw(session, Drawing.CONVERSATION_APPROVAL, talk.id, officer.user_id, now)
        outgoing.draw(session, Drawing.CONVERSATION_NEWS, talk.id, asker.user_id, now)
    else:
        conversation_people.seat(
            session, talk, conversation_people.right_people(session, talk, topic, asker), now
        )
        outgoing.conversation(session, talk.id, "open", now)
    return _sheet(session, talk)


def to_decide(session: Session, actor: Actor, talk_id: str) -> TalkSheet:
    """A conversation that waits for the word of this person's association."""
    talk, _ = _waiting(session, actor, talk_id)
    return _sheet(session, talk)


def approve(session: Session, actor: Actor, talk_id: str, *, now: datetime) -> None:
    """The association agrees: the conversation opens."""
    talk, grant = _decide(session, actor, talk_id, TalkState.OPENING, "", now)
    asker = session.get_one(Person, talk.asker_id)
    topic = conversations.topic(session, talk.about, talk.subject_id) or Topic(talk.holder_id)
    seated = {each.person.id for each in conversations.members(session, talk.id)}
    found = conversation_people.right_people(session, talk, topic, asker)
    if grant.person_id not in {each.person.id for each in found}:
        found.append(Taking(session.get_one(Person, grant.person_id), Part.ADVISOR))
    conversation_people.seat(session, talk, [each for each in found if each.person.id not in seated], now)
    outgoing.conversation(session, talk.id, "open", now)


def decline(session: Session, actor: Actor, talk_id: str, reason: str, *, now: datetime) -> None:
    """The association disagrees and says why; nothing opens, and the asker is told."""
    if not reason.strip():
        raise Refused("talk.form.say_why")
    _decide(session, actor, talk_id, TalkState.DECLINED, reason.strip()[:LONGEST], now)


def to_close(session: Session, actor: Actor, talk_id: str) -> TalkSheet:
    """An open conversation that this person may close."""
    talk, _ = _open(session, actor, talk_id)
    return _sheet(session, talk)


def close(
    session: Session, actor: Actor, talk_id: str, outcome: TalkOutcome, text: str, *, now: datetime
) -> None:
    """End a conversation with what came of it; the channel hears it last, and is archived where it can be."""
    talk, grant = _open(session, actor, talk_id)
    if outcome not in ENDINGS:
        raise Refused("talk.form.pick_an_outcome")
    talk.state, talk.outcome, talk.outcome_text = TalkState.CLOSED, outcome, text.strip()[:LONGEST]
    talk.closed_by, talk.closed_at, talk.next_at = grant.person_id, now, None
    session.add(talk)
    session.flush()
    tell(session, talk, now)
    show_case(session, talk, now)
    if talk.channel_id:
        outgoing.draw(session, Drawing.CONVERSATION_END, talk.id, talk.channel_id, now)
    if talk.form in (TalkForm.CHANNEL, TalkForm.GROUP):
        outgoing.conversation(session, talk.id, "end", now, after=talk.channel_id)
    note(session, actor, grant, Operation.CLOSE_TALK, subject_of(talk), now, outcome=outcome.value)


def tell(session: Session, talk: Conversation, now: datetime) -> None:
    """Draw again what shows how a conversation stands: its first message, the asker's note, App Homes."""
    asker = session.get_one(Person, talk.asker_id)
    outgoing.draw(session, Drawing.CONVERSATION_NEWS, talk.id, asker.user_id, now)
    if talk.channel_id:
        outgoing.draw(session, Drawing.CONVERSATION, talk.id, talk.channel_id, now)
    have_it = conversations.readers(session, talk.id)
    for each in conversations.members(session, talk.id):
        outgoing.refresh_home(session, each.person.user_id, now)
        # Who is not in that channel has it by message.
        if talk.form in _APART or each.person.user_id in have_it:
            outgoing.draw(session, Drawing.CONVERSATION, talk.id, each.person.user_id, now)


def show_case(session: Session, talk: Conversation, now: datetime) -> None:
    """Draw the card of the case where it is talked about, as it is now."""
    card = _CARDS.get(talk.about)
    shown = talk.channel_id and talk.form is not TalkForm.TEAM  # the team reads its own card of it
    if card is not None and shown and (talk.brand_id or talk.about is About.CENSURE):
        outgoing.draw(session, card, talk.subject_id, talk.channel_id, now)


def subject_of(talk: Conversation) -> Subject:
    """Whose it is, for `authorize`."""
    return Subject("conversation", talk.id, holder_id=talk.holder_id, owner_id=talk.asker_id)


def _approver(session: Session, grant: Grant, talk: Conversation) -> str | None:
    """The association whose word is needed: not where its own officer asks, or the platform."""
    if talk.concern not in _NEED_APPROVAL or grant.column in _NEED_NONE:
        return None
    acting = conversations.associations(session, talk.holder_id)
    for association_id in acting:
        if conversations.officers(session, [association_id]):
            return association_id
    if acting:
        raise Refused("talk.no_officer")
    return None


def _asked(session: Session, actor: Actor, pointed: Pointed, holder_id: str) -> tuple[Topic, Grant]:
    """Whose subject it is, and that this person may talk about it."""
    topic = conversations.topic(session, pointed.about, pointed.subject_id)
    if pointed.about is About.HOME and _of_platform(session, actor):
        topic = Topic(holder_id) if session.get(RightsHolder, holder_id) else None
    elif pointed.about in (About.HOME, About.SELLER):
        own = _own(session, actor, pointed)
        if not holder_id and len(own) == 1:
            (holder_id,) = own
        if holder_id not in own:
            raise _missing(actor, pointed.subject_id)
        topic = Topic(holder_id, title=conversations.seller_name(session, pointed.subject_id))
    subject = Subject(
        "conversation", f"{pointed.about}:{pointed.subject_id}", holder_id=topic.holder_id if topic else None
    )
    grant = authorize(session, actor, Operation.TALK, subject)
    if topic is None or not grant.person_id:
        raise _missing(actor, pointed.subject_id)
    if pointed.about is About.CENSURE:
        censure = session.get_one(Censure, pointed.subject_id)
        if grant.person_id not in {person.id for person in censures.recipients(session, censure)}:
            raise _missing(actor, pointed.subject_id)
    return topic, grant


def _own(session: Session, actor: Actor, pointed: Pointed) -> Collection[str]:
    """For which rights holders one may ask where the subject does not say: the person's own."""
    found = tenants(session, actor, Operation.TALK)
    if not found and _of_platform(session, actor):
        raise Refused("talk.from_a_case")
    if pointed.about is About.SELLER and found:
        found = seller_pages.dealing_with(session, pointed.subject_id, found)
    if not found:
        raise _missing(actor, pointed.subject_id)
    return found


def _of_platform(session: Session, actor: Actor) -> bool:
    """Whether this person may ask for every company alike, and has none of their own."""
    anybody = may(session, actor, Operation.TALK, Subject("conversation"))
    return anybody and not tenants(session, actor, Operation.TALK)


def _subject_id(pointed: Pointed, concern: Concern, grant: Grant) -> str:
    """Without a case each person has their own conversation about each concern."""
    return f"{concern.value}-{grant.person_id}" if pointed.about is About.HOME else pointed.subject_id


def _living(session: Session, actor: Actor, pointed: Pointed, holder_id: str) -> TalkSheet | None:
    if pointed.about is About.HOME:
        return None
    living = conversations.live(session, holder_id, pointed.about, pointed.subject_id)
    return _sheet(session, living) if living else None


def _join(session: Session, actor: Actor, grant: Grant, talk: Conversation, now: datetime) -> TalkSheet:
    """Whoever asks for what is there already takes part in it."""
    if conversations.membership(session, talk.id, grant.person_id) is None:
        person = session.get_one(Person, grant.person_id)
        conversation_people.seat(session, talk, [Taking(person, Part.JOINED)], now)
        if talk.state is TalkState.OPEN:
            outgoing.conversation(session, talk.id, "invite", now, user_id=person.user_id)
            tell(session, talk, now)
        note(session, actor, grant, Operation.TALK, subject_of(talk), now, outcome="joined")
    return _sheet(session, talk)


def _waiting(session: Session, actor: Actor, talk_id: str) -> tuple[Conversation, Grant]:
    talk = session.get(Conversation, talk_id, with_for_update=True)
    # By the association, not by the holder: another association with a mandate does not speak for this one.
    subject = Subject("conversation", talk_id, holder_id=talk.association_id if talk else None)
    grant = authorize(session, actor, Operation.APPROVE_TALK, subject)
    if talk is None:
        raise _missing(actor, talk_id, Operation.APPROVE_TALK)
    if talk.state is not TalkState.WAITING:
        raise Refused("talk.decided_already")
    return talk, grant


def _decide(
    session: Session, actor: Actor, talk_id: str, state: TalkState, reason: str, now: datetime
) -> tuple[Conversation, Grant]:
    talk, grant = _waiting(session, actor, talk_id)
    talk.state, talk.reason, talk.decided_by, talk.decided_at = state, reason, grant.person_id, now
    session.add(talk)
    session.flush()
    for officer in conversations.officers(session, [talk.association_id or ""]):
        outgoing.draw(session, Drawing.CONVERSATION_APPROVAL, talk.id, officer.user_id, now)
    tell(session, talk, now)
    note(session, actor, grant, Operation.APPROVE_TALK, subject_of(talk), now, outcome=state.value)
    return talk, grant


def _open(session: Session, actor: Actor, talk_id: str) -> tuple[Conversation, Grant]:
    talk = session.get(Conversation, talk_id, with_for_update=True)
    subject = subject_of(talk) if talk else Subject("conversation", talk_id)
    grant = authorize(session, actor, Operation.CLOSE_TALK, subject)
    if talk is None:
        raise _missing(actor, talk_id, Operation.CLOSE_TALK)
    if talk.state is not TalkState.OPEN:
        raise Refused("talk.not_open")
    return talk, grant


def _sheet(session: Session, talk: Conversation) -> TalkSheet:
    found = conversations.sheet(session, talk.id)
    if found is None:
        raise LookupError(talk.id)
    return found


def _missing(actor: Actor, subject_id: str, operation: Operation = Operation.TALK) -> Denied:
    return Denied(actor, operation, Subject("conversation", subject_id))
