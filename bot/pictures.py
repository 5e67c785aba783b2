"""Delivers pictures: reads the figures, has them drawn in a child process, posts the file with its alt text.

A picture is posted once and never redrawn: it says how things were when somebody asked for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from bot.charts.render import Charts, is_far
from bot.clock import Clock, utc_now
from bot.enforcement import knowledge_pictures
from bot.gateway import Gateway, Picture, SlackBusy, SlackFailure, SlackRefused, SlackUnclear
from bot.messenger import (
    LOOK_BACK,
    THREAD_ATTEMPTS,
    WAIT_FOR_CHANNEL,
    Viewer,
    after_refusal,
    channel_of_place,
    later_or_never,
    posted_at,
    viewer_of,
)
from bot.outbox import Dead, NotSent, Outcome, Retry, Sent, Unknown
from bot.words.catalogue import words_for
from storage.engine import Store
from storage.queries import channels
from storage.records.outbox import OutboxRow


@dataclass(frozen=True)
class Pictured:
    """A picture before it is drawn: its SVG, its title, markup above it, and what a screen reader says.

    `plain` is the SVG in Latin letters, for a machine without a font for the others.
    """

    title: str
    comment: str
    alt: str
    svg: str
    plain: str = ""
    thread_of: tuple[str, str] | None = None  # (drawing, subject id), as for a message


_FILE_GONE = frozenset({"file_not_found", "file_deleted"})

Paint = Callable[[Session, str, Viewer, datetime], Pictured | None]


class PictureDeliverer:
    """Draws and posts one picture."""

    def __init__(
        self, store: Store, gateway: Gateway, clock: Clock, charts: Charts, pictures: Mapping[str, Paint]
    ) -> None:
        self._store = store
        self._gateway = gateway
        self._clock = clock
        self._charts = charts
        self._pictures = pictures

    async def deliver(self, row: OutboxRow) -> Outcome:
        """Draw it as things are now, and post it; see `bot/outbox.py` for the outcomes."""
        found = await self._store.read(self._pictured, row, self._clock())
        if not isinstance(found, Pictured):
            return found
        thread_ts = await self._store.read(_thread, row, found)
        if found.thread_of and not thread_ts and row.attempt < THREAD_ATTEMPTS:
            return Retry(1.0, "the message above it is not posted yet")
        content = await self._charts.png(found.svg, found.plain)
        picture = Picture(_name(row), found.title, found.alt, found.comment, content)
        try:
            channel_id = await channel_of_place(self._gateway, row.payload["place"])
            await self._gateway.show_picture(channel_id, picture, thread_ts)
        except SlackBusy as busy:
            return Retry(busy.seconds, str(busy))
        except SlackUnclear as unclear:
            return Unknown(str(unclear))
        except SlackRefused as refused:
            return await after_refusal(self._store, row, refused, self._clock())
        return Sent({})

    async def look_up(self, row: OutboxRow) -> Outcome:
        """Find out whether a picture whose answer was lost is there, by the name of its file."""
        try:
            channel_id = await channel_of_place(self._gateway, row.payload["place"])
            since = min(row.created_at, utc_now() - LOOK_BACK)
            painted = await self._store.read(self._pictured, row, self._clock())
            thread_ts = await self._store.read(_thread, row, painted)
            if thread_ts:
                found = await self._gateway.find_reply(channel_id, thread_ts, _name(row))
            else:
                found = await self._gateway.find(channel_id, _name(row), f"{since.timestamp():.6f}")
        except SlackFailure as failure:
            return Unknown(f"could not look: {failure}")
        return Sent({"ts": found.ts}) if found else NotSent()

    def _pictured(self, session: Session, row: OutboxRow, now: datetime) -> Pictured | Outcome:
        place = row.payload["place"]
        viewer = viewer_of(session, place, pictures=True)
        if viewer is None:
            if channels.bound(session, place) is None:
                return Sent({"skipped": "the channel is bound no more"})
            return Retry(WAIT_FOR_CHANNEL, "the channel is paused or broken")
        paint = self._pictures[row.payload["picture"]]
        return painted(paint, session, row.payload["subject_id"], viewer, now) or Dead("nothing to draw here")


class CopyDeliverer:
    """Lets Slack have a picture that is kept here, so that cards and pages can show it.

    The copy is shared with nobody by itself. One that Slack has no more is made again.
    """

    def __init__(self, store: Store, gateway: Gateway, clock: Clock) -> None:
        self._store = store
        self._gateway = gateway
        self._clock = clock

    async def deliver(self, row: OutboxRow) -> Outcome:
        """Upload it unless Slack has it, and see whether Slack shows it; see `bot/outbox.py`."""
        picture_id = row.payload["picture_id"]
        kept, name, content = await self._store.read(knowledge_pictures.to_copy, picture_id)
        try:
            copy_id = kept.copy_id or await self._gateway.keep_picture(
                Picture(name, kept.title, kept.title, "", content)
            )
            ready = bool((await self._gateway.file(copy_id)).get("mimetype"))
        except SlackBusy as busy:
            return Retry(busy.seconds, str(busy))
        except SlackUnclear as unclear:
            return Unknown(str(unclear))
        except SlackRefused as refused:
            if kept.copy_id is None or refused.code not in _FILE_GONE:
                return later_or_never(refused)
            await self._store.run(knowledge_pictures.copied, picture_id, None, ready_at=None)
            return Retry(0, refused.code)
        ready_at = self._clock() if ready else None
        await self._store.run(knowledge_pictures.copied, picture_id, copy_id, ready_at=ready_at)
        return Sent({}) if ready else Retry(1.0, "Slack is still looking at it")

    async def look_up(self, row: OutboxRow) -> Outcome:
        """A copy that nobody knows of is seen by nobody: another one may be made."""
        return NotSent()


def painted(
    paint: Paint, session: Session, subject_id: str, viewer: Viewer, now: datetime
) -> Pictured | None:
    """A picture, with the same in English behind it where its letters may have no font."""
    found = paint(session, subject_id, viewer, now)
    if found is None or found.plain or not any(map(is_far, found.svg)):
        return found
    english = replace(viewer, words=words_for(None, str(viewer.words.zone)))
    again = paint(session, subject_id, english, now)
    return replace(found, plain=again.svg) if again else found


def _thread(session: Session, row: OutboxRow, found: object) -> str | None:
    """The message in whose thread a picture belongs, once it is posted."""
    if not isinstance(found, Pictured) or found.thread_of is None:
        return None
    return posted_at(session, *found.thread_of, row.payload["place"])


def _name(row: OutboxRow) -> str:
    """A name that no other picture has."""
    return f"{row.payload['picture']}-{row.id}.png"
