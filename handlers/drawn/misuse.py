"""Drawings of warnings and suspensions, in the direct messages of whoever is concerned."""

from datetime import datetime

from sqlmodel import Session

from bot.enforcement import censures
from bot.messenger import Drawn, Viewer
from handlers.blocks.misuse import message
from handlers.drawn.conversations import talkable
from storage.queries import misuse
from storage.records.conversations import About, Conversation
from storage.records.misuse import CensureSheet


def draw_censure(session: Session, censure_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """A warning or a suspension as it stands, for the person or the leads that it concerns; nobody else."""
    sheet = misuse.sheet(session, censure_id)
    if sheet is None or not (_talks_about(session, viewer, censure_id) or _is_told(session, viewer, sheet)):
        return None
    text, blocks = message(viewer.words, sheet)
    return Drawn(text, talkable(viewer, blocks, About.CENSURE, censure_id))


def _is_told(session: Session, viewer: Viewer, sheet: CensureSheet) -> bool:
    told = censures.recipients(session, sheet.censure) if viewer.purpose is None else ()
    return viewer.place in {person.user_id for person in told}


def _talks_about(session: Session, viewer: Viewer, censure_id: str) -> bool:
    """Whether it is drawn in the conversation that somebody concerned asked for about it."""
    talk = session.get(Conversation, viewer.talk_id) if viewer.talk_id else None
    return talk is not None and (talk.about, talk.subject_id) == (About.CENSURE, censure_id)
