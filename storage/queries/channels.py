"""Finding which channel belongs to whom, and marking one that cannot be reached."""

from datetime import datetime

from sqlmodel import Session, col, select

from storage.queries import audit
from storage.records.channels import ChannelBinding, ChannelPurpose, ChannelState


def bound(session: Session, channel_id: str) -> ChannelBinding | None:
    """The live binding of a Slack channel, in whatever state."""
    return session.exec(
        select(ChannelBinding).where(
            col(ChannelBinding.channel_id) == channel_id, col(ChannelBinding.unbound_at).is_(None)
        )
    ).first()


def channel_of(session: Session, purpose: ChannelPurpose, scope_id: str = "") -> ChannelBinding | None:
    """The live binding of a brand, a group, an association or the platform team, in whatever state."""
    return session.exec(
        select(ChannelBinding).where(
            col(ChannelBinding.purpose) == purpose,
            col(ChannelBinding.scope_id) == scope_id,
            col(ChannelBinding.unbound_at).is_(None),
        )
    ).first()


def mark_broken(session: Session, channel_id: str, reason: str, now: datetime) -> ChannelBinding | None:
    """The bot cannot post there any more: what is due waits. None where it was not bound or known already."""
    binding = bound(session, channel_id)
    if binding is None or binding.state is ChannelState.BROKEN:
        return None
    binding.state = ChannelState.BROKEN
    session.add(binding)
    audit.record(
        session,
        at=now,
        actor="bot",
        role="",
        operation="channel_broken",
        subject_kind="channel",
        subject_id=channel_id,
        tenant=None,
        outcome="done",
        details={"reason": reason},
    )
    return binding
