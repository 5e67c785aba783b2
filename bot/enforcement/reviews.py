"""A "Fake" that nobody can confirm becomes a notice, which the marketplace reviews like any other."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement import notice_filing, notices
from bot.words.catalogue import words_for
from storage.records.notices import (
    ItemState,
    Notice,
    NoticeEvent,
    NoticeItem,
    NoticeOrigin,
    NoticeState,
    ReasonCode,
)
from storage.records.roster import RightsHolder


def file_review(session: Session, case: Any, verdict: dict[str, Any], now: datetime) -> str:
    """File the notice that a verdict became; its id. It names the company and no person."""
    holder = session.get_one(RightsHolder, case.holder_id)
    explanation = words_for(None).text(
        "authenticity.review_explanation", holder=holder.name, reasons="; ".join(case.reasons)
    )
    notice = Notice(
        reference=notice_filing.new_reference(),
        holder_id=case.holder_id,
        brand_id=case.brand_id,
        marketplace=case.snapshot["marketplace"],
        client_id=case.client_id,
        origin=NoticeOrigin.VERDICT,
        verdict_id=verdict["id"],
        reason_code=ReasonCode.COUNTERFEIT_NO_TEST_BUY,
        explanation=explanation,
        statements=[],
        submitter_id=verdict["person_id"],
        submitter_name=holder.name,
        submitter_email="",
        role=verdict["role"],
        immediate=False,
        state=NoticeState.SUBMITTED,
        submitted_at=now,
        changed_at=now,
    )
    session.add(notice)
    session.flush()
    session.add(NoticeItem(notice_id=notice.id, listing_id=case.listing_id, state=ItemState.OPEN, position=0))
    session.add(NoticeEvent(notice_id=notice.id, event_key="submitted", state=notice.state, by="bot", at=now))
    session.flush()
    notice_filing.send(session, notice.id, now)
    notices.redraw(session, notice, now)
    return notice.id
