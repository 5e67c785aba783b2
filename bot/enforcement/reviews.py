"""A "Fake" that nobody can confirm becomes a notice, which the marketplace reviews like any other."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement import notice_filing, notice_sending, notices
from bot.words.catalogue import words_for
from storage.queries import notices as kept
from storage.records.notices import NoticeOrigin, NoticeState, ReasonCode


def file_review(session: Session, case: Any, verdict: dict[str, Any], now: datetime) -> str:
    """File the notice that a verdict became; its id. It names the company and no person."""
    explanation = words_for(None).text(
        "authenticity.review_explanation", holder=case.holder, reasons="; ".join(case.reasons)
    )
    notice = kept.insert(
        session,
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
        submitter_name=case.holder,
        submitter_email="",
        role=verdict["role"],
        immediate=False,
        state=NoticeState.SUBMITTED,
        submitted_at=now,
        changed_at=now,
    )
    kept.insert_items(session, notice.id, [case.listing_id])
    kept.insert_event(session, notice.id, "submitted", notice.state, "bot", now)
    notice_sending.send(session, notice.id, now)
    notices.redraw(session, notice, now)
    return str(notice.id)
