"""Strike policies, the sanctions under them, and the strikes of the past by which one is tried out."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import bindparam, distinct, func, select, update
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as entities

from storage.records.platform import PlatformClient
from storage.records.sellers import Measure, Sanction, SanctionState, Severity, Strike, StrikePolicy

_STRIKE = SQLModel.metadata.tables[str(Strike.__tablename__)]
_SANCTION = SQLModel.metadata.tables[str(Sanction.__tablename__)]
_AT_ONCE = 2_000
_HISTORY = (
    select(_STRIKE.c.seller_id, _STRIKE.c.at, _STRIKE.c.severity)
    .where(
        _STRIKE.c.marketplace == bindparam("marketplace"),
        _STRIKE.c.at > bindparam("since"),
        _STRIKE.c.taken_back_at.is_(None),
    )
    .order_by(_STRIKE.c.seller_id, _STRIKE.c.at)
)
_STRUCK = select(_STRIKE.c.marketplace, func.count(distinct(_STRIKE.c.seller_id)).label("number")).group_by(
    _STRIKE.c.marketplace
)
_COUNTS = select(
    _SANCTION.c.marketplace, _SANCTION.c.measure, _SANCTION.c.state, func.count().label("number")
).group_by(_SANCTION.c.marketplace, _SANCTION.c.measure, _SANCTION.c.state)


def clients(session: Session) -> Sequence[PlatformClient]:
    """The connected marketplaces, in the order of their names."""
    return session.exec(entities(PlatformClient).order_by(col(PlatformClient.name_key))).all()


def active(session: Session) -> dict[str, StrikePolicy]:
    """The policy that is switched on, by marketplace."""
    found = session.exec(entities(StrikePolicy).where(col(StrikePolicy.ended_at).is_(None)))
    return {policy.marketplace: policy for policy in found}


def last_version(session: Session, marketplace: str) -> int:
    """The number of the last policy of a marketplace; 0 before the first."""
    found = session.exec(
        entities(func.max(StrikePolicy.version)).where(col(StrikePolicy.marketplace) == marketplace)
    ).one()
    return int(found or 0)


def end(session: Session, marketplace: str, now: datetime) -> None:
    """The policy of a marketplace counts no more."""
    session.connection().execute(
        update(StrikePolicy)
        .where(col(StrikePolicy.marketplace) == marketplace, col(StrikePolicy.ended_at).is_(None))
        .values(ended_at=now)
    )


def sellers_struck(session: Session) -> dict[str, int]:
    """How many sellers have strikes, by marketplace."""
    return {row.marketplace: row.number for row in session.connection().execute(_STRUCK)}


def sanctions(session: Session) -> dict[str, dict[tuple[Measure, SanctionState], int]]:
    """How many sanctions of each measure stand in each state, by marketplace."""
    found: dict[str, dict[tuple[Measure, SanctionState], int]] = {}
    for row in session.connection().execute(_COUNTS):
        found.setdefault(row.marketplace, {})[row.measure, row.state] = row.number
    return found


def history(session: Session, marketplace: str, since: datetime) -> Iterator[tuple[str, datetime, Severity]]:
    """(seller, at, severity) of a marketplace's strikes after a moment, by seller and time."""
    given = {"marketplace": marketplace, "since": since}
    found = session.connection().execute(_HISTORY, given, execution_options={"yield_per": _AT_ONCE})
    for row in found:
        yield row.seller_id, row.at, row.severity
