"""Finding what was shared: in which groups, how useful people found it, and by which message.

Usefulness is the number of different people who reacted, wherever they read it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, delete, select

from storage.records.channels import ChannelBinding, ChannelPurpose
from storage.records.findings import Finding, FindingReaction, FindingSharing, SharingState
from storage.records.groups import WorkingGroup
from storage.records.messages import DrawnMessage

_DIALECTS = {"sqlite": sqlite, "postgresql": postgresql}
_REACTION = SQLModel.metadata.tables[str(FindingReaction.__tablename__)]


def sharings(
    session: Session, finding_id: str, *, lock: bool = False
) -> list[tuple[FindingSharing, WorkingGroup]]:
    """Every group that a finding was shared with or asked for, by the group's name."""
    found = (
        select(FindingSharing, WorkingGroup)
        .join(WorkingGroup, col(WorkingGroup.id) == col(FindingSharing.group_id))
        .where(col(FindingSharing.finding_id) == finding_id)
        .order_by(col(WorkingGroup.name_key))
    )
    return list(session.exec(found.with_for_update(of=FindingSharing) if lock else found).all())


def posted(
    session: Session,
    group_ids: Collection[str],
    *,
    limit: int,
    offset: int = 0,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[int, list[tuple[Finding, int]]]:
    """How many findings stand in these groups, and a page of them with their usefulness, the best first."""
    wanted = [
        col(FindingSharing.group_id).in_(group_ids),
        col(FindingSharing.state) == SharingState.POSTED,
    ]
    if since is not None:
        wanted.append(col(FindingSharing.posted_at) >= since)
    if until is not None:
        wanted.append(col(FindingSharing.posted_at) < until)
    standing = select(FindingSharing.finding_id).where(*wanted).distinct()
    useful = (
        select(func.count(col(FindingReaction.user_id).distinct()))
        .where(col(FindingReaction.finding_id) == col(Finding.id))
        .correlate(Finding)
        .scalar_subquery()
    )
    total = session.exec(select(func.count()).select_from(standing.subquery())).one()
    found = session.exec(
        select(Finding, useful)
        .where(col(Finding.id).in_(standing))
        .order_by(useful.desc(), col(Finding.shared_at).desc(), col(Finding.id))
        .limit(limit)
        .offset(offset)
    ).all()
    return total, [(finding, number) for finding, number in found]


def useful(session: Session, finding_id: str) -> int:
    """How many different people found it useful."""
    return session.exec(
        select(func.count(col(FindingReaction.user_id).distinct())).where(
            col(FindingReaction.finding_id) == finding_id
        )
    ).one()


def by_message(session: Session, kind: str, channel_id: str, ts: str) -> FindingSharing | None:
    """The sharing that a message in a group's channel shows."""
    return session.exec(
        select(FindingSharing)
        .join(DrawnMessage, col(DrawnMessage.subject_id) == col(FindingSharing.id))
        .where(
            col(DrawnMessage.kind) == kind,
            col(DrawnMessage.channel_id) == channel_id,
            col(DrawnMessage.ts) == ts,
        )
    ).first()


def react(session: Session, reaction: FindingReaction) -> None:
    """Keep a reaction; the same one again changes nothing."""
    dialect = _DIALECTS[session.connection().dialect.name]
    session.connection().execute(
        dialect.insert(_REACTION).values(reaction.model_dump()).on_conflict_do_nothing()
    )


def unreact(session: Session, sharing_id: str, user_id: str, reaction: str) -> None:
    """A reaction was taken back."""
    session.exec(
        delete(FindingReaction).where(
            col(FindingReaction.sharing_id) == sharing_id,
            col(FindingReaction.user_id) == user_id,
            col(FindingReaction.reaction) == reaction,
        )
    )


def channels(session: Session, group_ids: Collection[str]) -> Mapping[str, str]:
    """Group -> its channel, of those that have one."""
    found = session.exec(
        select(ChannelBinding.scope_id, ChannelBinding.channel_id).where(
            col(ChannelBinding.purpose) == ChannelPurpose.GROUP,
            col(ChannelBinding.scope_id).in_(group_ids),
            col(ChannelBinding.unbound_at).is_(None),
        )
    ).all()
    return dict(found)


def groups(session: Session, group_ids: Collection[str] | None = None) -> Sequence[WorkingGroup]:
    """These groups, or all, by name."""
    statement = select(WorkingGroup).order_by(col(WorkingGroup.name_key))
    if group_ids is not None:
        statement = statement.where(col(WorkingGroup.id).in_(group_ids))
    return session.exec(statement).all()
