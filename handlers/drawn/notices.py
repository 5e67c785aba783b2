"""Drawings of notices: the card, and each step in its thread, for one brand's channel or for the filer."""

from datetime import datetime

from sqlmodel import Session

from bot.enforcement import takedowns
from bot.enforcement.access import Actor, Operation, Subject, may
from bot.enforcement.outgoing import Drawing
from bot.messenger import Drawn, Viewer
from handlers.blocks.notices import MOST_LISTED, Line, card, card_text, event_blocks, event_text
from handlers.drawn.conversations import talkable
from handlers.drawn.counter_notices import follow_removals
from handlers.drawn.sellers import follow_notice
from storage.queries import notices
from storage.records.channels import ChannelPurpose
from storage.records.conversations import About
from storage.records.notice_sheets import NoticeSheet
from storage.records.notices import NoticeEvent
from storage.records.outbox import OutboxState

_HELD = frozenset({OutboxState.READY, OutboxState.UNKNOWN})


def draw_notice_card(session: Session, notice_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """The card of a notice as it is now."""
    sheet = _seen(session, notice_id, viewer)
    if sheet is None:
        return None
    blocks = follow_notice(
        session, viewer.words, sheet.notice, card(viewer.words, sheet, _line(session, sheet))
    )
    blocks = follow_removals(session, viewer.words, sheet.notice, blocks)
    return Drawn(card_text(viewer.words, sheet), talkable(viewer, blocks, About.NOTICE, notice_id))


def draw_notice_event(session: Session, event_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """One step of a notice, under its card."""
    event = session.get(NoticeEvent, event_id)
    sheet = _seen(session, event.notice_id, viewer) if event else None
    if event is None or sheet is None:
        return None
    return Drawn(
        event_text(viewer.words, event, sheet),
        event_blocks(viewer.words, event, sheet),
        (Drawing.NOTICE_CARD, event.notice_id),
    )


def _seen(session: Session, notice_id: str, viewer: Viewer) -> NoticeSheet | None:
    """The notice where this viewer may see it: the brand's channel, or the filer as long as they may."""
    sheet = notices.sheet(session, notice_id, MOST_LISTED)
    if sheet is None:
        return None
    if viewer.purpose is not None:
        in_its_channel = viewer.purpose is ChannelPurpose.BRAND and viewer.scope_id == sheet.brand.id
        return sheet if in_its_channel else None
    person = sheet.submitter
    if viewer.place != person.user_id:
        return None
    subject = Subject("notice", notice_id, holder_id=sheet.holder.id, owner_id=person.id)
    actor = Actor(team_id=person.team_id, user_id=person.user_id)
    return sheet if may(session, actor, Operation.VIEW_OWN_CASES, subject) else None


def _line(session: Session, sheet: NoticeSheet) -> Line:
    """How the message to the marketplace fares."""
    if sheet.client is None:
        return Line.NONE
    row = notices.delivery(session, takedowns.key_of("notice", sheet.notice.id))
    if row is None:
        return Line.SENT
    if row.state is OutboxState.DEAD:
        return Line.REFUSED
    return Line.WAITING if row.attempt and row.state in _HELD else Line.SENT
