"""What a transaction decides to say: the few kinds of outbox rows, written beside the facts they follow from.

A drawing's row names only what to draw and where; what it looks like is read when it is sent. A webhook's
body is fixed here, because its receiver may be shown the same id twice and must see the same body.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from storage.queries import outbox, people

HOME_FRESH = timedelta(minutes=15)  # whoever looked longer ago has it published when they look again
HOME_PAUSE = timedelta(seconds=2)  # what others change meanwhile is shown together


class Outgoing(StrEnum):
    """Kinds of outbox rows; each has one deliverer."""

    DRAW = "draw"
    PICTURE = "picture"
    FILE = "file"
    COPY = "copy"
    WHISPER = "whisper"
    HOME = "home"
    PROFILE = "profile"
    WEBHOOK = "webhook"
    CONVERSATION = "conversation"
    MEMBERSHIP = "membership"


class Parcel(StrEnum):
    """What can be sent to a person as a file. `handlers/parcels.py` knows how it is made."""

    EVIDENCE = "evidence"
    EXPORT = "export"
    REPORT = "report"
    AGGREGATES = "aggregates"


class Painting(StrEnum):
    """What can be drawn as a picture. `handlers/drawings.py` knows how."""

    DIGEST = "digest_chart"
    GROWTH = "growth"
    SELLER_NETWORK = "seller_network"
    ATTAINMENT = "attainment"


class Drawing(StrEnum):
    """What can be drawn as a Slack message. `handlers/drawings.py` knows how."""

    REQUEST_CARD = "request_card"
    UNROUTED_CARD = "unrouted_card"
    SAMPLE_TODO = "sample_todo"
    NOTICE_CARD = "notice_card"
    NOTICE_EVENT = "notice_event"
    COUNTER_NOTICE_CARD = "counter_notice_card"
    COUNTER_NOTICE_STEP = "counter_notice_step"
    DIGEST = "digest"
    DIGEST_DETAIL = "digest_detail"
    CHANNEL_NOTE = "channel_note"
    DEADLINE_WARNING = "deadline_warning"
    APPROVAL_CARD = "approval_card"
    GROUP_APPLICATION = "group_application"
    FINDING = "finding"
    FINDING_REQUEST = "finding_request"
    CENSURE = "censure"
    STANDING_NOTE = "standing_note"
    STANDING_RECOUNT = "standing_recount"
    SANCTION_CARD = "sanction_card"
    RIGHT_REMINDER = "right_reminder"
    EXPORT = "export"
    CONVERSATION = "conversation"
    CONVERSATION_END = "conversation_end"
    CONVERSATION_MOVED = "conversation_moved"
    CONVERSATION_NEWS = "conversation_news"
    CONVERSATION_APPROVAL = "conversation_approval"
    CONVERSATION_REMINDER = "conversation_reminder"


def draw(session: Session, drawing: Drawing, subject_id: str, place: str, now: datetime) -> None:
    """Draw a row, or draw it again. `place` is a channel id, or a user id for a direct message.

    Several draws of one row in one place that wait at the same time become one.
    """
    outbox.enqueue(
        session,
        kind=Outgoing.DRAW,
        subject_id=f"{drawing}:{subject_id}",
        now=now,
        lane=place,
        payload={"drawing": drawing.value, "subject_id": subject_id, "place": place},
        coalesce=True,
    )


def picture(session: Session, kind: Painting, subject_id: str, place: str, now: datetime) -> None:
    """Post a picture of what is in the rows when it is drawn.

    One that waits to be posted is not asked for twice.
    """
    outbox.enqueue(
        session,
        kind=Outgoing.PICTURE,
        subject_id=f"{kind}:{subject_id}",
        now=now,
        lane=place,
        payload={"picture": kind.value, "subject_id": subject_id, "place": place},
        coalesce=True,
    )


def file(session: Session, parcel: Parcel, subject_id: str, user_id: str, now: datetime) -> None:
    """Send a file to a person, made of what is in the rows when it is sent, if they may have it then.

    One that waits to be sent is not asked for twice.
    """
    outbox.enqueue(
        session,
        kind=Outgoing.FILE,
        subject_id=f"{parcel}:{subject_id}",
        now=now,
        lane=f"file:{user_id}",  # apart from what is said meanwhile of how far it has come
        payload={"parcel": parcel.value, "subject_id": subject_id, "place": user_id},
        coalesce=True,
    )


def copy(session: Session, picture_id: str, now: datetime) -> None:
    """Let Slack have a copy of a picture that is kept here, or see whether it has it still."""
    outbox.enqueue(
        session,
        kind=Outgoing.COPY,
        subject_id=picture_id,
        now=now,
        lane=f"copy:{picture_id}",
        payload={"picture_id": picture_id},
        coalesce=True,
    )


def whisper(
    session: Session, user_id: str, channel_id: str, key: str, now: datetime, **values: str | int
) -> None:
    """One sentence for one person: a catalogue key and its values, for five minutes.

    `channel_id` is where the person is, or the user id for the direct conversation.
    """
    outbox.enqueue(
        session,
        kind=Outgoing.WHISPER,
        subject_id=user_id,
        now=now,
        payload={"user_id": user_id, "channel_id": channel_id, "key": key, "values": values},
        urgent=True,
    )


def refresh_homes(session: Session, scope_id: str, now: datetime) -> None:
    """Publish again the App Homes of a holder's people, or of those without one (""), who looked lately."""
    for user_id in people.watchers(session, scope_id, now - HOME_FRESH):
        refresh_home(session, user_id, now, pause=HOME_PAUSE)


def refresh_homes_of(session: Session, scope_ids: Collection[str], now: datetime) -> None:
    """The same for several at once."""
    for user_id in people.watchers_of(session, scope_ids, now - HOME_FRESH):
        refresh_home(session, user_id, now, pause=HOME_PAUSE)


def refresh_home(session: Session, user_id: str, now: datetime, *, pause: timedelta = timedelta()) -> None:
    """Publish a person's App Home again, if they opened it lately; at once, or after a pause."""
    outbox.enqueue(
        session,
        kind=Outgoing.HOME,
        subject_id=user_id,
        now=now,
        lane=f"home:{user_id}",
        payload={"user_id": user_id},
        not_before=now + pause,
        coalesce=True,
    )


def refresh_own_home(session: Session, person: Any, now: datetime) -> None:
    """As `refresh_home`, of a person who was read and did something; nothing where nobody looks."""
    if person.home_opened_at is not None and now - person.home_opened_at <= HOME_FRESH:
        refresh_home(session, person.user_id, now)


def refresh_profile(session: Session, person_id: str, user_id: str, now: datetime) -> None:
    """Read again what Slack says of a person."""
    outbox.enqueue(
        session,
        kind=Outgoing.PROFILE,
        subject_id=person_id,
        now=now,
        payload={"person_id": person_id, "user_id": user_id},
        coalesce=True,
    )


def keep_step(session: Session, binding_id: str, channel_id: str, now: datetime) -> None:
    """Let Slack's list of who is in a bound channel follow the rosters, where the workspace allows it."""
    outbox.enqueue(
        session,
        kind=Outgoing.MEMBERSHIP,
        subject_id=binding_id,
        now=now,
        lane=f"members:{channel_id}",
        payload={"binding_id": binding_id},
        coalesce=True,
    )


def keep_user_group(session: Session, group_id: str, now: datetime) -> None:
    """Let the Slack user group of a working group follow its members, where the workspace allows it."""
    outbox.enqueue(
        session,
        kind=Outgoing.MEMBERSHIP,
        subject_id=group_id,
        now=now,
        lane=f"members:{group_id}",
        payload={"group_id": group_id},
        coalesce=True,
    )


def webhook(
    session: Session,
    client_id: str,
    event: str,
    key: str,
    data: Mapping[str, Any],
    now: datetime,
    *,
    case: str = "",
) -> None:
    """Tell a platform. `key` becomes `webhook-id`: the same effect has the same key for ever.

    Messages of one `case` go out in the order in which they were decided, one after the other.
    """
    outbox.enqueue(
        session,
        kind=Outgoing.WEBHOOK,
        subject_id=client_id,
        now=now,
        key=f"webhook:{key}",
        lane=f"client:{client_id}:{case or key}",
        payload={"type": event, "id": key, "timestamp": now.isoformat(), "data": dict(data)},
    )


def conversation(
    session: Session, conversation_id: str, step: str, now: datetime, *, after: str = "", user_id: str = ""
) -> None:
    """Take a step of a conversation in Slack; `bot/conversations.py` knows them all.

    `after`: the channel in which everything else is to be said first.
    """
    outbox.enqueue(
        session,
        kind=Outgoing.CONVERSATION,
        subject_id=conversation_id,
        now=now,
        lane=after or f"conversation:{conversation_id}",
        payload={"conversation_id": conversation_id, "step": step, "user_id": user_id},
    )


def take_back_webhooks(session: Session, keys: Sequence[str], now: datetime) -> set[str]:
    """Unsay what surely did not arrive: the keys of those; of the others nobody can know that."""
    taken = outbox.withdraw(session, [f"webhook:{key}" for key in keys], now=now)
    return {key.removeprefix("webhook:") for key in taken}
