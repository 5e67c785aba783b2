"""Drawings of warnings and suspensions, in the direct messages of whoever is concerned."""

from datetime import datetime

from sqlmodel import Session

from bot.enforcement import censures
from bot.messenger import Drawn, Viewer
from handlers.blocks.misuse import message
from storage.queries import misuse


def draw_censure(session: Session, censure_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """A warning or a suspension as it stands, for the person or the leads that it concerns; nobody else."""
    sheet = misuse.sheet(session, censure_id)
    if sheet is None or viewer.purpose is not None:
        return None
    if viewer.place not in {person.user_id for person in censures.recipients(session, sheet.censure)}:
        return None
    text, blocks = message(viewer.words, sheet)
    return Drawn(text, blocks)
