"""Digests as they are drawn: in the channel that they are about, and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.enforcement.digest_kinds import sections_of
from bot.enforcement.digest_sending import LATE
from bot.messenger import Drawn, Viewer
from bot.words.catalogue import Words, words_for
from handlers.blocks import digests as blocks
from storage.queries import channels
from storage.records.digest_figures import DigestFigures, Section
from storage.records.digests import Digest, DigestSheet, Lateness, Place


@dataclass(frozen=True)
class Read:
    """A digest with the words and the sections of its channel."""

    sheet: DigestSheet
    words: Words
    sections: Sequence[Section]


def draw_digest(session: Session, digest_id: str, viewer: Viewer, now: datetime) -> Drawn | None:
    """The message."""
    read = read_digest(session, digest_id, viewer)
    if read is None:
        return None
    digest = read.sheet.digest
    late = digest.late or (Lateness.SENDING if now - digest.due_at > LATE else None)
    return Drawn(*blocks.message(read.words, read.sheet, read.sections, late))


def draw_digest_detail(session: Session, digest_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """The details in its thread."""
    read = read_digest(session, digest_id, viewer)
    if read is None:
        return None
    return Drawn(*blocks.detail(read.words, read.sheet, read.sections), thread_of=("digest", digest_id))


def read_digest(session: Session, digest_id: str, viewer: Viewer) -> Read | None:
    """The digest, where the viewer is the channel that it is for and it is not quiet."""
    digest = session.get(Digest, digest_id)
    if digest is None or not digest.figures:
        return None
    if (viewer.purpose, viewer.scope_id) != (digest.purpose, digest.scope_id):
        return None
    name = channels.names(session, [digest.scope_id]).get(digest.scope_id, "")
    figures = DigestFigures.model_validate(digest.figures)
    return Read(
        DigestSheet(digest, Place(digest.purpose, digest.scope_id, name), figures),
        words_for(digest.language, figures.zone) if digest.language else Words(viewer.words.locale, None),
        sections_of(digest.purpose, digest.sections),
    )
