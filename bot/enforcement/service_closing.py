"""Closes the days of service levels, and counts them again each night.

Whether a notice was in time is settled when it falls due, so a day that is over is counted once and for all.
The recount asks the notices again and compares; where something differs, it says so and puts it right.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from bot.clock import Clock
from bot.enforcement.digest_calendar import DAY, day_bounds, local_day
from storage.engine import Store
from storage.queries import audit, service_levels

AFTER_MIDNIGHT = timedelta(minutes=10)  # until then a decision of the day may still be on its way in
DAYS_AT_ONCE = 60
RECOUNTED = timedelta(days=35)  # as long as somebody looks back in detail


@dataclass(frozen=True)
class Report:
    """What a tick did: how many days it closed, and how many it counted again, with what result."""

    closed: int
    recounted: int = 0
    differed: tuple[date, ...] = ()


async def closing_tick(store: Store, clock: Clock, zone: str) -> Report:
    """Close the days that are over; after the last of them, count the latest ones again."""
    closed = 0
    while closed < DAYS_AT_ONCE:
        day = await store.read(next_day, clock(), zone)
        if day is None:
            break
        counts = await store.read(_count, day, zone)
        await store.run(service_levels.close, day, counts, clock())
        closed += 1
    return await _recount(store, clock(), zone, closed) if closed else Report(0)


def next_day(session: Session, now: datetime, zone: str) -> date | None:
    """The day to close next; None while none is over."""
    day = open_since(session, zone)
    return day if day is not None and day_bounds(day, zone)[1] + AFTER_MIDNIGHT <= now else None


def open_since(session: Session, zone: str) -> date | None:
    """The first day that is not closed; None where nothing was ever due."""
    last = service_levels.last_closed(session)
    if last is not None:
        return last + DAY
    first = service_levels.first_due(session)
    return local_day(first, zone) if first else None


async def _recount(store: Store, now: datetime, zone: str, closed: int) -> Report:
    days = await store.read(service_levels.closed_days, local_day(now - RECOUNTED, zone))
    differed = [day for day in days if not await store.read(_agrees, day, zone)]
    await store.run(_write_down, days, differed, zone, now)
    return Report(closed, len(days), tuple(differed))


def _count(session: Session, day: date, zone: str) -> service_levels.Counts:
    return service_levels.counted(session, *day_bounds(day, zone))


def _agrees(session: Session, day: date, zone: str) -> bool:
    return service_levels.kept(session, day) == _count(session, day, zone)


def _write_down(session: Session, days: list[date], differed: list[date], zone: str, now: datetime) -> None:
    """The result of a recount; what differed is counted once more, in the transaction that replaces it."""
    service_levels.checked(session, days, differed, now)
    for day in differed:
        service_levels.correct(session, day, _count(session, day, zone))
    if differed:
        audit.record(
            session,
            at=now,
            actor="bot",
            role="",
            operation="service_recount",
            subject_kind="service_day",
            subject_id=differed[0].isoformat(),
            tenant=None,
            outcome="corrected",
            details={"days": [day.isoformat() for day in differed]},
        )
