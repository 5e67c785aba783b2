"""Digests as they are drawn: in the channel of their group, and nowhere else."""

from datetime import datetime, timedelta

from sqlmodel import Session

from bot.messenger import Drawn, Viewer
from handlers.blocks import digests as blocks
from storage.queries import digests
from storage.records.channels import ChannelPurpose
from storage.records.digest_figures import DigestFigures
from storage.records.groups import Digest, WorkingGroup

# A digest that comes so much later than it was due says so.
LATE = timedelta(hours=6)


def draw_digest(session: Session, digest_id: str, viewer: Viewer, now: datetime) -> Drawn | None:
    """The message."""
    found = _found(session, digest_id, viewer)
    if found is None:
        return None
    digest, group, figures = found
    late_since = digest.due_at if now - digest.due_at > LATE else None
    return Drawn(*blocks.message(viewer.words, group, figures, late_since))


def draw_digest_detail(session: Session, digest_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """The details in its thread."""
    found = _found(session, digest_id, viewer)
    if found is None:
        return None
    _, group, figures = found
    return Drawn(*blocks.detail(viewer.words, group, figures), thread_of=("digest", digest_id))


def _found(
    session: Session, digest_id: str, viewer: Viewer
) -> tuple[Digest, WorkingGroup, DigestFigures] | None:
    found = digests.drawn(session, digest_id)
    if found is None:
        return None
    digest, group = found
    if viewer.purpose is not ChannelPurpose.GROUP or viewer.scope_id != group.id or not digest.figures:
        return None
    return digest, group, DigestFigures.model_validate(digest.figures)
