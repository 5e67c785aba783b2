"""Delivers files to people: asks for the file when it is sent, posts it into the direct conversation.

What a file holds, and whether this person may still have it, is asked at that moment. One that is not theirs
any more is not sent; one whose answer was lost is looked up by its name before it is repeated.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from bot.clock import Clock, utc_now
from bot.gateway import Gateway, Picture, SlackBusy, SlackFailure, SlackRefused, SlackUnclear
from bot.messenger import LOOK_BACK, Viewer, after_refusal, channel_of_place, viewer_of
from bot.outbox import NotSent, Outcome, Retry, Sent, Unknown
from storage.engine import Store
from storage.records.outbox import OutboxRow


@dataclass(frozen=True)
class Made:
    """A file: its name, its title, a sentence above it, what a screen reader says of a picture."""

    name: str
    title: str
    comment: str
    content: bytes
    alt: str = ""


Make = Callable[[Store, str, Viewer, datetime], Awaitable[Made | None]]


class FileDeliverer:
    """Makes and posts one file."""

    def __init__(self, store: Store, gateway: Gateway, clock: Clock, parcels: Mapping[str, Make]) -> None:
        self._store = store
        self._gateway = gateway
        self._clock = clock
        self._parcels = parcels

    async def deliver(self, row: OutboxRow) -> Outcome:
        """Make it as things are now, and post it; see `bot/outbox.py` for the outcomes."""
        make, place = self._parcels[row.payload["parcel"]], row.payload["place"]
        viewer = await self._store.read(viewer_of, place, pictures=True)
        made = await make(self._store, row.payload["subject_id"], viewer, self._clock()) if viewer else None
        if made is None:
            return Sent({"skipped": "nothing that this person may have"})
        name = PurePath(made.name)
        named = f"{name.stem}-{_mark(row)}{name.suffix}"
        picture = Picture(named, made.title, made.alt, made.comment, made.content)
        try:
            channel_id = await channel_of_place(self._gateway, place)
            await self._gateway.show_picture(channel_id, picture)
        except SlackBusy as busy:
            return Retry(busy.seconds, str(busy))
        except SlackUnclear as unclear:
            return Unknown(str(unclear))
        except SlackRefused as refused:
            return await after_refusal(self._store, row, refused, self._clock())
        return Sent({})

    async def look_up(self, row: OutboxRow) -> Outcome:
        """Find out whether a file whose answer was lost is there, by how its name ends."""
        try:
            channel_id = await channel_of_place(self._gateway, row.payload["place"])
            since = min(row.created_at, utc_now() - LOOK_BACK)
            found = await self._gateway.find(channel_id, _mark(row), f"{since.timestamp():.6f}")
        except SlackFailure as failure:
            return Unknown(f"could not look: {failure}")
        return Sent({"ts": found.ts}) if found else NotSent()


def _mark(row: OutboxRow) -> str:
    """How the name of a file ends, and no other file's."""
    return str(row.id)
