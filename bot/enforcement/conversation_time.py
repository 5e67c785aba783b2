"""How a conversation gets its place in Slack, and what time does to one that the platform does not answer.

What Slack did is written down step by step, so that a crash between two steps repeats neither. When a
business day has passed, the conversation itself is looked at: where nobody of the platform has said a word,
the account manager is reminded, a business day later the deputy, each once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.clock import Clock
from bot.enforcement import channels as bindings
from bot.enforcement import outgoing
from bot.enforcement.business_clock import Calendar, after_business_days
from bot.enforcement.conversations import show_case, tell
from bot.enforcement.outgoing import Drawing
from storage.engine import Store
from storage.errors import violated
from storage.queries import account_managers, audit, channels, conversations, installation
from storage.records.channels import ChannelBinding, ChannelMember, ChannelPurpose, ChannelState
from storage.records.conversations import About, Conversation, TalkForm, TalkState
from storage.records.roster import Person

REMINDERS = 2
_OF_ONE_PERSON = frozenset({About.HOME, About.CENSURE})


@dataclass(frozen=True)
class Plan:
    """What Slack is to be asked for. `channel_id` where it made a channel already."""

    name: str
    user_ids: Sequence[str]  # the most needed first
    channel_id: str
    thread: tuple[TalkForm, str] | None  # in whose channel a thread may begin, where posts arrive there


def plan(session: Session, talk_id: str) -> Plan | None:
    """How a conversation is to be opened; None where it is open by now."""
    talk = session.get(Conversation, talk_id)
    if talk is None or talk.state is not TalkState.OPENING:
        return None
    people = [each.person.user_id for each in conversations.members(session, talk_id)]
    return Plan(name_of(talk), people, talk.channel_id, _thread(session, talk))


def _thread(session: Session, talk: Conversation) -> tuple[TalkForm, str] | None:
    """A case's people are in its brand's channel; one person's concern is nothing for colleagues there."""
    if talk.about in _OF_ONE_PERSON:
        form, own = TalkForm.TEAM, channels.channel_of(session, ChannelPurpose.PLATFORM)
    elif talk.brand_id:
        form, own = TalkForm.THREAD, channels.channel_of(session, ChannelPurpose.BRAND, talk.brand_id)
    else:
        return None
    return (form, own.channel_id) if own is not None and own.state is ChannelState.BOUND else None


def name_of(talk: Conversation) -> str:
    """The channel's name: the same for ever, silent about whose it is, and not to be guessed."""
    about = talk.about.value.replace("_", "-")
    return f"talk-{about}-{talk.id[-12:].lower()}"


def created(session: Session, talk_id: str, channel_id: str) -> None:
    """Slack made the channel: from here on no other is asked for."""
    talk = session.get_one(Conversation, talk_id, with_for_update=True)
    talk.channel_id = channel_id
    session.add(talk)


def opened(
    session: Session,
    talk_id: str,
    form: TalkForm,
    channel_id: str,
    present: Collection[str],
    *,
    calendar: Calendar,
    now: datetime,
) -> bool:
    """The conversation is there: bind its channel, say who is here and why, show the case.

    `present`: the Slack users in it. False where the place belongs to something else already.
    """
    talk = session.get_one(Conversation, talk_id, with_for_update=True)
    if talk.state is not TalkState.OPENING:
        return True
    if form in (TalkForm.CHANNEL, TalkForm.GROUP) and not _bound(session, talk, channel_id, present, now):
        return False
    talk.state, talk.form, talk.channel_id, talk.opened_at = TalkState.OPEN, form, channel_id, now
    talk.next_at = after_business_days(now, 1, calendar) if channel_id else None
    session.add(talk)
    session.flush()
    tell(session, talk, now)
    if form is TalkForm.GROUP:
        taking = {each.person.user_id for each in conversations.members(session, talk_id)}
        left_out(session, talk_id, sorted(taking - set(present)), now=now)
    show_case(session, talk, now)
    _keep(session, talk, "conversation_opened", form.value, now)
    return True


def left_out(session: Session, talk_id: str, user_ids: Collection[str], *, now: datetime) -> None:
    """Those whom its place takes no more have it by direct message."""
    for user_id in user_ids:
        outgoing.draw(session, Drawing.CONVERSATION, talk_id, user_id, now)


def moves(session: Session, talk_id: str, user_id: str, *, now: datetime) -> bool:
    """Somebody comes to a group message, which cannot grow: it says so, then all get another one.

    False where the conversation was closed meanwhile: nothing is said.
    """
    talk = session.get_one(Conversation, talk_id, with_for_update=True)
    if talk.state is not TalkState.OPEN or talk.form is not TalkForm.GROUP:
        return False
    outgoing.draw(session, Drawing.CONVERSATION_MOVED, talk_id, talk.channel_id, now)
    outgoing.conversation(session, talk_id, "move", now, after=talk.channel_id, user_id=user_id)
    return True


def moved(
    session: Session, talk_id: str, channel_id: str, present: Collection[str], *, now: datetime
) -> bool:
    """The other group message is there. False where it belongs to another conversation already."""
    talk = session.get_one(Conversation, talk_id, with_for_update=True)
    if talk.state is not TalkState.OPEN or talk.channel_id == channel_id:
        return True
    old = channels.channel_of(session, ChannelPurpose.CONVERSATION, talk_id)
    if old is not None:
        old.unbound_at = now
        session.flush()
    if not _bound(session, talk, channel_id, present, now):
        if old is not None:
            old.unbound_at = None
        return False
    talk.channel_id = channel_id
    session.add(talk)
    session.flush()
    tell(session, talk, now)
    show_case(session, talk, now)
    _keep(session, talk, "conversation_moved", TalkForm.GROUP.value, now)
    return True


def ended(session: Session, talk_id: str, *, now: datetime) -> str:
    """The last word is said: the channel is bound no more. Its id, where it can be archived."""
    talk = session.get_one(Conversation, talk_id)
    binding = channels.channel_of(session, ChannelPurpose.CONVERSATION, talk_id)
    if binding is not None:
        binding.unbound_at = now
        session.add(binding)
    return talk.channel_id if talk.form is TalkForm.CHANNEL else ""


async def conversation_tick(store: Store, clock: Clock) -> int:
    """Have a look at every conversation whose time has come; at how many."""
    found = await store.read(conversations.due, clock())
    for talk_id in found:
        await store.run(time_passed, talk_id, now=clock())
    return len(found)


def time_passed(session: Session, talk_id: str, *, now: datetime) -> bool:
    """Claim the moment, and have the conversation looked at; False where that was done already."""
    talk = session.get(Conversation, talk_id, with_for_update=True)
    if talk is None or talk.next_at is None or talk.next_at > now:
        return False
    talk.next_at = None
    session.add(talk)
    outgoing.conversation(session, talk.id, "look", now)
    return True


def looked(
    session: Session, talk_id: str, authors: Collection[str], *, calendar: Calendar, now: datetime
) -> None:
    """Who has written in it: where nobody of the platform has, the manager hears of it, then the deputy."""
    talk = session.get_one(Conversation, talk_id, with_for_update=True)
    if talk.state is not TalkState.OPEN or talk.answered_at is not None:
        return
    if conversations.staff_ids(session, authors):
        talk.answered_at = now
        session.add(talk)
        return
    if talk.reminded >= REMINDERS:
        return
    person = _responsible(session, talk, now)
    talk.reminded += 1
    talk.next_at = after_business_days(now, 1, calendar) if talk.reminded < REMINDERS else None
    session.add(talk)
    session.flush()
    team = channels.channel_of(session, ChannelPurpose.PLATFORM)
    place = person.user_id if person else (team.channel_id if team else "")
    if place:
        outgoing.draw(session, Drawing.CONVERSATION_REMINDER, talk.id, place, now)
    _keep(session, talk, "conversation_reminded", "manager" if talk.reminded == 1 else "deputy", now)


def _responsible(session: Session, talk: Conversation, now: datetime) -> Person | None:
    """The manager the first time, the deputy the second; the other way round while the manager is away."""
    pair = account_managers.of(session, talk.holder_id)
    first = pair.acting(now)
    second = pair.manager if first is pair.deputy else pair.deputy
    return first if talk.reminded == 0 else second


def _bound(
    session: Session, talk: Conversation, channel_id: str, present: Collection[str], now: datetime
) -> bool:
    """Bind the channel to this conversation alone, with those who are in it."""
    binding = ChannelBinding(
        channel_id=channel_id,
        purpose=ChannelPurpose.CONVERSATION,
        scope_id=talk.id,
        state=ChannelState.BOUND,
        locale=session.get_one(Person, talk.asker_id).locale,
        bound_by="bot",
        bound_at=now,
    )
    try:
        with session.begin_nested():
            session.add(binding)
            session.flush()
    except IntegrityError as error:
        if violated(error) != "uq_channel_binding_channel":
            raise
        return False
    home = installation.current(session)
    session.add_all(
        ChannelMember(binding_id=binding.id, user_id=user_id, since=now)
        for user_id in sorted(set(present) - {home.bot_user_id if home else ""})
    )
    session.flush()
    bindings.settle(session, [binding], now)
    return True


def _keep(session: Session, talk: Conversation, operation: str, outcome: str, now: datetime) -> None:
    audit.record(
        session,
        at=now,
        actor="bot",
        role="",
        operation=operation,
        subject_kind="conversation",
        subject_id=talk.id,
        tenant=talk.holder_id,
        outcome=outcome,
    )
