"""Delivers what is said in Slack: drawings, whispers and App Homes. Handed to the outbox by kind.

A drawing is read and built when it is sent, for the place it goes to; the message it became is remembered, so
that the next draw updates it. A post whose answer was lost is looked up by its mark before it is repeated.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.clock import Clock, utc_now
from bot.enforcement.outgoing import HOME_FRESH, Drawing, draw
from bot.gateway import Gateway, Posted, SlackBusy, SlackFailure, SlackRefused, SlackUnclear
from bot.lazy import Later
from bot.outbox import Busy, Dead, NotSent, Outcome, Retry, Sent, Unknown
from bot.words.catalogue import Words, words_for
from storage.engine import Store
from storage.queries import channels, people
from storage.records.channels import ChannelPurpose, ChannelState
from storage.records.conversations import Conversation, TalkState
from storage.records.messages import DrawnMessage
from storage.records.outbox import OutboxRow

LOOK_BACK = timedelta(minutes=10)  # a lost post is looked for at least this far back
THREAD_ATTEMPTS = 5  # then the message above is given up, and what belongs below it stands alone
WAIT_FOR_CHANNEL = 60.0  # seconds until a paused or broken channel is tried again
# An operator mends these: a token, a scope, an installation. What is due waits for that.
_MENDED_BY_HAND = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope"}
    | {"no_permission", "not_allowed_token_type", "team_access_not_granted", "org_login_required"}
)
_CHANNEL_GONE = frozenset({"channel_not_found", "not_in_channel", "is_archived", "restricted_action"})
# Whoever was to hear it is not there: no alarm, for the sentence was for that one moment.
_NOBODY_THERE = frozenset({"user_not_in_channel", "channel_not_found", "not_in_channel", "is_archived"})
# Somebody deleted the message, or the bot that wrote it was another one: it is posted anew.
_MESSAGE_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_PICTURE_REFUSED = frozenset({"invalid_blocks", "invalid_attachments"})
_DOUBT = Later("bot.enforcement.knowledge_pictures.doubt")


@dataclass(frozen=True)
class Viewer:
    """For whom a drawing is made: one tenant, one group, the platform team or one person; nothing else."""

    words: Words
    place: str
    purpose: ChannelPurpose | None = None  # None: a direct message to the person `place`
    scope_id: str = ""
    pictures: bool = True
    talk_id: str = ""  # in a conversation about that tenant's case
    over: bool = False  # which is closed: nothing is pressed there any more


@dataclass(frozen=True)
class Drawn:
    """A message: its plain text, its blocks, and the drawing in whose thread it belongs."""

    text: str
    blocks: Sequence[Mapping[str, Any]]
    thread_of: tuple[str, str] | None = None  # (drawing, subject id)


_NOT_BOUND = Sent({"skipped": "the channel is bound no more"})

Draw = Callable[[Session, str, Viewer, datetime], Drawn | None]
DrawHome = Callable[[Session, str, Words, datetime], Mapping[str, Any]]


@dataclass(frozen=True)
class _Task:
    """A drawing as it is about to be sent."""

    drawn: Drawn | None
    waits: bool = False  # the channel is paused or broken
    unbound: bool = False  # the channel belongs to nobody any more
    standing: DrawnMessage | None = None  # the message that shows it already
    followers: Sequence[str] = ()  # conversations in which it stands as well
    talk: bool = False  # it goes to a conversation
    thread_ts: str | None = None
    thread_missing: bool = False


class DrawDeliverer:
    """Posts a drawing, or draws the posted message again."""

    def __init__(self, store: Store, gateway: Gateway, clock: Clock, drawings: Mapping[str, Draw]) -> None:
        self._store = store
        self._gateway = gateway
        self._clock = clock
        self._drawings = drawings

    async def deliver(self, row: OutboxRow) -> Outcome:
        """Draw the row as it is now; see `bot/outbox.py` for the outcomes."""
        task = await self._store.read(self._task, row.payload, self._clock(), pictures=True)
        if task.followers:
            await self._store.run(_follow, row.payload, task.followers, self._clock())
        if (not_now := _not_now(row, task)) is not None:
            return not_now
        if task.drawn is None:
            return Dead("nothing to draw here")
        try:
            return await self._send(row, task, task.drawn)
        except SlackRefused as refused:
            if task.standing is not None and refused.code in _MESSAGE_GONE:
                await self._store.run(_forget, task.standing.id)
                return Retry(0, refused.code)
            if refused.code not in _PICTURE_REFUSED:
                return await after_refusal(self._store, row, refused, self._clock())
        if copies := files_in(task.drawn.blocks):
            await self._store.run(await _DOUBT.beside(), copies, now=self._clock())
        plain = await self._store.read(self._task, row.payload, self._clock(), pictures=False)
        if plain.drawn is None:
            return Dead("nothing to draw here")
        try:
            return await self._send(row, plain, plain.drawn)
        except SlackRefused as refused:
            return await after_refusal(self._store, row, refused, self._clock())

    async def look_up(self, row: OutboxRow) -> Outcome:
        """Find out whether a post whose answer was lost is there."""
        task = await self._store.read(self._task, row.payload, self._clock(), pictures=False)
        if task.unbound:
            return _NOT_BOUND
        if task.standing is not None:
            return NotSent()  # it was an update, which may simply be repeated
        try:
            channel_id = await channel_of_place(self._gateway, row.payload["place"])
            if task.thread_ts:
                found = await self._gateway.find_reply(channel_id, task.thread_ts, _mark(row))
            else:
                # Slack's time is real, the row's may be the sandbox's, which runs ahead.
                since = min(row.created_at, utc_now() - LOOK_BACK)
                found = await self._gateway.find(channel_id, _mark(row), f"{since.timestamp():.6f}")
        except SlackBusy as busy:
            return Unknown(f"could not look yet: {busy}")
        except SlackRefused as refused:
            ended = await after_refusal(self._store, row, refused, self._clock())
            return ended if isinstance(ended, Dead) else Unknown(f"could not look: {refused}")
        except SlackFailure as failure:
            return Unknown(f"could not look: {failure}")
        if found is None:
            return NotSent()
        await self._remember(row, found, task)
        return Sent({"ts": found.ts})

    async def _send(self, row: OutboxRow, task: _Task, drawn: Drawn) -> Outcome:
        try:
            if task.standing is not None:
                await self._gateway.update(
                    Posted(task.standing.channel_id, task.standing.ts), drawn.text, drawn.blocks
                )
                return Sent({"ts": task.standing.ts})
            channel_id = await channel_of_place(self._gateway, row.payload["place"])
            posted = await self._gateway.post(
                channel_id, drawn.text, drawn.blocks, _mark(row), task.thread_ts
            )
        except SlackBusy as busy:
            return Busy(busy.seconds, str(busy))
        except SlackUnclear as unclear:
            return Unknown(str(unclear))
        await self._remember(row, posted, task)
        return Sent({"ts": posted.ts})

    async def _remember(self, row: OutboxRow, posted: Posted, task: _Task) -> None:
        await self._store.run(
            _remember, row.payload, posted, task.thread_ts, self._clock(), follows=task.talk
        )

    def _task(self, session: Session, payload: Mapping[str, Any], now: datetime, *, pictures: bool) -> _Task:
        drawing, subject_id, place = payload["drawing"], payload["subject_id"], payload["place"]
        viewer = viewer_of(session, place, pictures=pictures)
        everywhere = _everywhere(session, drawing, subject_id)
        standing = everywhere.get(place)
        if standing is not None and standing.follows:
            followers: list[str] = []
        else:
            followers = [each.place for each in everywhere.values() if each.follows]
        if viewer is None:
            bound = channels.bound(session, place) is not None
            return _Task(None, waits=bound, unbound=not bound, followers=followers)
        drawn = self._drawings[drawing](session, subject_id, viewer, now)
        if drawn is None or drawn.thread_of is None:
            return _Task(drawn, standing=standing, followers=followers, talk=bool(viewer.talk_id))
        above = _everywhere(session, *drawn.thread_of).get(place)
        return _Task(
            drawn,
            standing=standing,
            followers=followers,
            talk=bool(viewer.talk_id),
            thread_ts=above.ts if above else None,
            thread_missing=above is None,
        )


class WhisperDeliverer:
    """Tells one person one sentence. Sent at most once: a whisper that may have arrived is not repeated."""

    def __init__(self, store: Store, gateway: Gateway) -> None:
        self._store = store
        self._gateway = gateway

    async def deliver(self, row: OutboxRow) -> Outcome:
        """Say it in the person's own language."""
        payload = row.payload
        words = await self._store.read(words_of_user, payload["user_id"])
        try:
            channel_id = await channel_of_place(self._gateway, payload["channel_id"])
            await self._gateway.whisper(
                channel_id, payload["user_id"], words.text(payload["key"], **payload["values"])
            )
        except SlackBusy as busy:
            return Busy(busy.seconds, str(busy))
        except SlackUnclear as unclear:
            return Sent({"unclear": str(unclear)})
        except SlackRefused as refused:
            if refused.code in _NOBODY_THERE:
                return Sent({"unheard": refused.code})
            return Dead(str(refused))
        return Sent({})

    async def look_up(self, row: OutboxRow) -> Outcome:
        """A whisper cannot be looked up; it is never said twice."""
        return Sent({"unclear": "interrupted"})


class HomeDeliverer:
    """Publishes a person's App Home, unless they have not looked at it lately."""

    def __init__(self, store: Store, gateway: Gateway, clock: Clock, draw_home: DrawHome) -> None:
        self._store = store
        self._gateway = gateway
        self._clock = clock
        self._draw_home = draw_home

    async def deliver(self, row: OutboxRow) -> Outcome:
        """Draw it and publish it; publishing twice does no harm."""
        view = await self._store.read(self._view, row.payload["user_id"], self._clock())
        if view is None:
            return Sent({"skipped": "not opened lately"})
        try:
            await self._gateway.publish_home(row.payload["user_id"], view)
        except SlackBusy as busy:
            return Busy(busy.seconds, str(busy))
        except SlackUnclear as unclear:
            return Retry(1.0, str(unclear))
        except SlackRefused as refused:
            return Dead(str(refused))
        return Sent({})

    async def look_up(self, row: OutboxRow) -> Outcome:
        """Publishing may simply be repeated."""
        return NotSent()

    def _view(self, session: Session, user_id: str, now: datetime) -> Mapping[str, Any] | None:
        person = people.by_user(session, user_id)
        if person is None or person.home_opened_at is None or now - person.home_opened_at > HOME_FRESH:
            return None
        return self._draw_home(session, user_id, words_for(person.locale, person.zone), now)


async def after_refusal(store: Store, row: OutboxRow, refused: SlackRefused, now: datetime) -> Outcome:
    """What becomes of a post that Slack refused: a channel that is gone is marked, and what is due waits."""
    if refused.code in _CHANNEL_GONE and not _is_person(row.payload["place"]):
        await store.run(channels.mark_broken, row.payload["place"], refused.code, now)
        return Retry(WAIT_FOR_CHANNEL, refused.code)
    # A row that can never be posted must not hold up its channel.
    return later_or_never(refused)


def later_or_never(refused: SlackRefused) -> Outcome:
    """What an operator can mend waits for it; all else that Slack refuses, it refuses for ever."""
    return Retry(WAIT_FOR_CHANNEL, str(refused)) if refused.code in _MENDED_BY_HAND else Dead(str(refused))


def viewer_of(session: Session, place: str, *, pictures: bool) -> Viewer | None:
    """Who looks at a place, or None while its channel is paused, broken or bound to nothing."""
    if _is_person(place):
        return Viewer(words_of_user(session, place), place, pictures=pictures)
    binding = channels.bound(session, place)
    if binding is None or binding.state is not ChannelState.BOUND:
        return None
    if binding.purpose is ChannelPurpose.CONVERSATION:
        # A conversation is one tenant's: cases are drawn there as in that brand's own channel.
        talk = session.get_one(Conversation, binding.scope_id)
        of_brand = talk.brand_id or ""
        words = words_for(binding.locale)
        over = talk.state is TalkState.CLOSED
        return Viewer(words, place, ChannelPurpose.BRAND, of_brand, pictures, talk.id, over)
    return Viewer(words_for(binding.locale), place, binding.purpose, binding.scope_id, pictures)


async def channel_of_place(gateway: Gateway, place: str) -> str:
    """The channel of a place; a person's is their direct conversation with the bot."""
    return await gateway.direct_channel(place) if _is_person(place) else place


def files_in(blocks: Sequence[Mapping[str, Any]]) -> set[str]:
    """The files of Slack's that blocks show."""
    holders = [each for block in blocks for each in (block, block.get("accessory", {}))]
    return {each["slack_file"]["id"] for each in holders if "slack_file" in each}


def _not_now(row: OutboxRow, task: _Task) -> Outcome | None:
    """What becomes of a drawing that cannot be posted yet, or never."""
    if task.unbound:
        return _NOT_BOUND
    if task.waits:
        return Retry(WAIT_FOR_CHANNEL, "the channel is paused or broken")
    if task.thread_missing and row.attempt < THREAD_ATTEMPTS:
        return Retry(1.0, "the message above it is not posted yet")
    return None


def _is_person(place: str) -> bool:
    return place[:1] in {"U", "W"}


def _mark(row: OutboxRow) -> str:
    return f"outbox-{row.id}"


def posted_at(session: Session, drawing: str, subject_id: str, place: str) -> str | None:
    """Slack's timestamp of the message in a place that shows a row; None while there is none."""
    message = _everywhere(session, drawing, subject_id).get(place)
    return message.ts if message else None


def _everywhere(session: Session, drawing: str, subject_id: str) -> dict[str, DrawnMessage]:
    """Place -> the message there that shows it."""
    found = session.exec(
        select(DrawnMessage).where(
            col(DrawnMessage.kind) == drawing, col(DrawnMessage.subject_id) == subject_id
        )
    ).all()
    return {message.place: message for message in found}


def _follow(session: Session, payload: Mapping[str, Any], places: Sequence[str], now: datetime) -> None:
    """What is drawn anew is drawn anew in the conversations about it too."""
    for place in places:
        draw(session, Drawing(payload["drawing"]), payload["subject_id"], place, now)


def _remember(
    session: Session,
    payload: Mapping[str, Any],
    posted: Posted,
    thread_ts: str | None,
    now: datetime,
    *,
    follows: bool,
) -> None:
    if payload["place"] not in _everywhere(session, payload["drawing"], payload["subject_id"]):
        session.add(
            DrawnMessage(
                kind=payload["drawing"],
                subject_id=payload["subject_id"],
                place=payload["place"],
                channel_id=posted.channel_id,
                ts=posted.ts,
                thread_ts=thread_ts,
                follows=follows,
                drawn_at=now,
            )
        )


def _forget(session: Session, drawn_id: str) -> None:
    session.delete(session.get_one(DrawnMessage, drawn_id))


def words_of_user(session: Session, user_id: str) -> Words:
    """The words of a person of the home workspace; English where the bot has not met them."""
    person = people.by_user(session, user_id)
    return words_for(person.locale, person.zone) if person else words_for(None)
