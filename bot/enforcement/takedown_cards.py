"""Drawing again every card that tells of a takedown: of the requests and of the notices that caused it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement import notices, routing
from storage.queries import takedowns
from storage.records.takedowns import CauseKind


def redraw(session: Session, takedown_id: str, now: datetime) -> None:
    """Draw them as they are now, each once."""
    redraw_of(session, takedowns.causes(session, takedown_id), now)


def redraw_of(session: Session, causes: Iterable[Any], now: datetime, *, drawn: Iterable[str] = ()) -> None:
    """As `redraw`, by the causes of a takedown; these notices are drawn already."""
    told = set(drawn)
    for cause in causes:
        if cause.kind is CauseKind.VERDICT:
            place, holder_id = cause.request_place, cause.request_holder_id
            routing.redraw_card(session, cause.request_id, place, holder_id, now)
        elif cause.notice_id not in told:
            told.add(cause.notice_id)
            notices.delivery_changed(session, cause.notice_id, now)
