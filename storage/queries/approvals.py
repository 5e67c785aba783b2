"""Reading what waits for a second administrator, with the names that it speaks of."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from storage.queries import misuse
from storage.records.approval_sheets import Proposal
from storage.records.approvals import Approval, ApprovalState
from storage.records.platform import PlatformClient
from storage.records.roster import Person, RightsHolder


def proposal(session: Session, approval_id: str) -> Proposal | None:
    """One proposed act, in whatever state."""
    approval = session.get(Approval, approval_id)
    return _told(session, [approval])[0] if approval else None


def waiting(session: Session) -> list[Proposal]:
    """Everything that waits for a second administrator, oldest first."""
    rows = session.exec(
        select(Approval)
        .where(col(Approval.state) == ApprovalState.OPEN)
        .order_by(col(Approval.proposed_at), col(Approval.id))
    ).all()
    return _told(session, rows)


def _told(session: Session, rows: Sequence[Approval]) -> list[Proposal]:
    holder_ids = {row.arguments.get("holder_id", "") for row in rows}
    client_ids = {row.arguments.get("client_id", "") for row in rows}
    person_ids = {person_id for row in rows for person_id in (row.proposed_by, row.decided_by) if person_id}
    holders = session.exec(select(RightsHolder).where(col(RightsHolder.id).in_(holder_ids))).all()
    clients = session.exec(select(PlatformClient).where(col(PlatformClient.id).in_(client_ids))).all()
    people = session.exec(select(Person).where(col(Person.id).in_(person_ids))).all()
    holder_names = {holder.id: holder.name for holder in holders}
    client_names = {client.id: client.name for client in clients}
    known = {person.id: person for person in people}
    censures = misuse.by_approvals(session, {row.id for row in rows})
    return [
        Proposal(
            row,
            known[row.proposed_by],
            known.get(row.decided_by or ""),
            holder_names.get(row.arguments.get("holder_id", ""), ""),
            client_names.get(row.arguments.get("client_id", ""), ""),
            censures.get(row.id),
        )
        for row in rows
    ]
