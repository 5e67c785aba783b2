"""Writing an act of the register into the audit, from the things that every such use case has at hand."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement.access import Actor, Grant, Operation, Subject
from storage.queries import audit


def note(
    session: Session,
    actor: Actor,
    grant: Grant,
    operation: Operation,
    subject: Subject,
    now: datetime,
    *,
    outcome: str = "done",
    **details: Any,
) -> None:
    """One audit row: who did what to what, in which role. `details` must hold no secret."""
    audit.record(
        session,
        at=now,
        actor=str(actor),
        role=grant.role,
        operation=operation.value,
        subject_kind=subject.kind,
        subject_id=subject.id,
        tenant=subject.holder_id,
        outcome=outcome,
        details=details,
    )
