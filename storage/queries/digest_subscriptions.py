"""Which digests channels asked for, which of them are due, and the row that makes each exactly one."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from storage.queries import channels
from storage.records.calendars import Span
from storage.records.channels import ChannelBinding, ChannelPurpose, ChannelState
from storage.records.digests import Digest, DigestSubscription

_TABLES = SQLModel.metadata.tables
_DIGEST = _TABLES[str(Digest.__tablename__)]
_SUBSCRIPTION = _TABLES[str(DigestSubscription.__tablename__)]
_DIALECTS: Mapping[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}


def due(session: Session, now: datetime) -> list[DigestSubscription]:
    """Subscriptions whose time has come and whose channel can be written to, the oldest first."""
    return list(
        session.exec(
            select(DigestSubscription)
            .join(ChannelBinding, _of_this_channel())
            .where(
                col(DigestSubscription.next_due_at) <= now, col(ChannelBinding.state) == ChannelState.BOUND
            )
            .order_by(
                col(DigestSubscription.next_due_at),
                col(DigestSubscription.channel_id),
                col(DigestSubscription.span),
            )
        ).all()
    )


def held(session: Session, now: datetime) -> list[DigestSubscription]:
    """Those that are due and wait for a channel that is paused or broken, and were not seen waiting yet."""
    return list(
        session.exec(
            select(DigestSubscription)
            .join(ChannelBinding, _of_this_channel())
            .where(
                col(DigestSubscription.next_due_at) <= now,
                col(DigestSubscription.held_since).is_(None),
                col(ChannelBinding.state) != ChannelState.BOUND,
            )
        ).all()
    )


def hold(session: Session, now: datetime) -> None:
    """Write down since when they wait: their digests say why they are late."""
    for subscription in held(session, now):
        subscription.held_since = now
        session.add(subscription)


def of_channel(session: Session, channel_id: str, span: Span) -> DigestSubscription | None:
    """A channel's digest of days, weeks or months."""
    return session.get(DigestSubscription, (channel_id, span))


def subscribe(session: Session, subscription: DigestSubscription) -> None:
    """Keep a channel's subscription, in place of the one of that span that it had."""
    row = subscription.model_dump()
    # What was missed before is still to be told.
    kept = {"channel_id", "span", "missed_since"}
    changed = {name: value for name, value in row.items() if name not in kept}
    session.connection().execute(
        _insert(session, _SUBSCRIPTION)
        .values(row)
        .on_conflict_do_update(index_elements=["channel_id", "span"], set_=changed)
    )


def move(session: Session, purpose: ChannelPurpose, scope_id: str, channel_id: str) -> None:
    """Let the digests about somebody come to this channel and to no other; nothing where there are none."""
    about = and_(col(DigestSubscription.purpose) == purpose, col(DigestSubscription.scope_id) == scope_id)
    rows = session.exec(
        select(DigestSubscription)
        .where(or_(about, col(DigestSubscription.channel_id) == channel_id))
        .order_by(col(DigestSubscription.changed_at))
    ).all()
    moved = {
        row.span: row.model_dump() | {"channel_id": channel_id}
        for row in rows
        if row.purpose is purpose and row.scope_id == scope_id
    }
    for row in rows:
        session.delete(row)
    session.flush()
    session.add_all(DigestSubscription(**row) for row in moved.values())


def advance(session: Session, seen: DigestSubscription, coming: datetime, missed: date | None) -> bool:
    """Set when the next digest is due; False where the subscription is no longer as it was seen."""
    changed = session.connection().execute(
        update(_SUBSCRIPTION)
        .where(
            _SUBSCRIPTION.c.channel_id == seen.channel_id,
            _SUBSCRIPTION.c.span == seen.span,
            _SUBSCRIPTION.c.next_due_at == seen.next_due_at,
            _SUBSCRIPTION.c.changed_at == seen.changed_at,
        )
        .values(next_due_at=coming, held_since=None, missed_since=missed)
    )
    return changed.rowcount == 1


def claim(session: Session, digest: Digest) -> bool:
    """Put in a channel's digest of a local date; False where that date has one already."""
    inserted = session.connection().execute(
        _insert(session, _DIGEST)
        .values(digest.model_dump())
        .on_conflict_do_nothing(index_elements=["channel_id", "span", "local_date"])
        .returning(_DIGEST.c.id)
    )
    return inserted.first() is not None


def last_told(session: Session, channel_id: str, span: Span, since: date) -> date | None:
    """The newest local date since then on which the channel got such a digest that was not quiet."""
    rows = session.exec(
        select(Digest)
        .where(
            col(Digest.channel_id) == channel_id,
            col(Digest.span) == span,
            col(Digest.local_date) >= since,
        )
        .order_by(col(Digest.local_date).desc())
    )
    return next((row.local_date for row in rows if row.figures), None)


def newest(session: Session, channel_id: str, span: Span) -> date | None:
    """The newest local date whose digest the channel has, told or quiet."""
    return session.exec(
        select(col(Digest.local_date))
        .where(col(Digest.channel_id) == channel_id, col(Digest.span) == span)
        .order_by(col(Digest.local_date).desc())
        .limit(1)
    ).first()


def place_of(session: Session, channel_id: str) -> tuple[ChannelPurpose, str] | None:
    """What a channel's digests are about; None for one that is bound to nothing, or to a conversation."""
    binding = channels.bound(session, channel_id)
    if binding is None or binding.purpose is ChannelPurpose.CONVERSATION:
        return None
    return binding.purpose, binding.scope_id


def _of_this_channel() -> ColumnElement[bool]:
    return and_(
        col(ChannelBinding.channel_id) == col(DigestSubscription.channel_id),
        col(ChannelBinding.unbound_at).is_(None),
        col(ChannelBinding.purpose) == col(DigestSubscription.purpose),
        col(ChannelBinding.scope_id) == col(DigestSubscription.scope_id),
    )


def _insert(session: Session, table: Any) -> Any:
    return _DIALECTS[session.connection().dialect.name].insert(table)
