"""Closes the days of service levels and of digests, and counts them again each night.

Whether a notice was in time is settled when it falls due, and what happened on a day stays on it, so a day
that is over is counted once and for all; a month is closed with its last day. The recount asks the cases
again and compares; where something differs, it says so and puts it right. Only whose a case is may change
later: that is put right, and no difference as long as all brands together agree. Each night the recount is
of the latest days and of those that it has not looked at for a week, and where a month ends of them all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session

from bot.clock import Clock
from bot.enforcement.digest_calendar import DAY, day_bounds, local_day, next_month
from storage.engine import Store
from storage.queries import audit, day_recounts, digest_days, service_levels

AFTER_MIDNIGHT = timedelta(minutes=10)  # until then a decision of the day may still be on its way in
DAYS_AT_ONCE = 60
RECOUNTED = timedelta(days=35)  # as long as somebody looks back in detail
LATEST = timedelta(days=8)  # looked at each night: a weekly digest's own days
SELDOM = timedelta(days=7)


@dataclass(frozen=True)
class Report:
    """What a tick did: how many days it closed, and how many it counted again, with what result."""

    closed: int
    recounted: int = 0
    differed: tuple[date, ...] = ()


@dataclass(frozen=True)
class _Look:
    """A closed day counted again: whether it differs, and whether a case became another brand's."""

    day: date
    differs: bool
    moved: bool


async def closing_tick(store: Store, clock: Clock, zone: str) -> Report:
    """Close the days that are over; after the last of them, count the latest ones again."""
    closed: list[date] = []
    while len(closed) < DAYS_AT_ONCE:
        day = await store.read(next_day, clock(), zone)
        if day is None:
            break
        counts = await store.read(_count, day, zone)
        await store.run(_close, day, counts, clock())
        closed.append(day)
    return await _recount(store, clock(), zone, closed) if closed else Report(0)


def next_day(session: Session, now: datetime, zone: str) -> date | None:
    """The day to close next; None while none is over."""
    day = open_since(session, zone)
    return day if day is not None and day_bounds(day, zone)[1] + AFTER_MIDNIGHT <= now else None


def open_since(session: Session, zone: str) -> date | None:
    """The first day that is not closed; None where nothing ever happened."""
    last = service_levels.last_closed(session)
    if last is not None:
        return last + DAY
    first = service_levels.first_case(session)
    return local_day(first, zone) if first else None


async def _recount(store: Store, now: datetime, zone: str, closed: Sequence[date]) -> Report:
    today = local_day(now, zone)
    # Not since the month began: so all of them in its first night, or in the next that looks again at all.
    not_since = day_bounds(max(today - SELDOM + DAY, today.replace(day=1)), zone)[0]
    days = await store.read(service_levels.days_to_recount, today - RECOUNTED, today - LATEST, not_since)
    looks = await store.read(_look_again, days, zone)
    await store.run(_write_down, looks, zone, now)
    return Report(len(closed), len(looks), tuple(look.day for look in looks if look.differs))


def _ends_month(day: date) -> bool:
    return (day + DAY).day == 1


class _Counts(NamedTuple):
    """What fell due on a day, and what happened on it."""

    due: service_levels.Counts
    happened: digest_days.ByBrand


def _count(session: Session, day: date, zone: str) -> _Counts:
    bounds = day_bounds(day, zone)
    return _Counts(service_levels.counted(session, *bounds), digest_days.counted(session, *bounds))


def _close(session: Session, day: date, counts: _Counts, now: datetime) -> None:
    """Keep a day's counts, and with the last day of a month the month's."""
    if service_levels.close(session, day, counts.due, now):
        digest_days.keep(session, day, counts.happened)
        if _ends_month(day):
            digest_days.add_up(session, day.replace(day=1), day)


def _look_again(session: Session, days: Sequence[date], zone: str) -> list[_Look]:
    return [_look_at(session, day, zone) for day in days]


def _look_at(session: Session, day: date, zone: str) -> _Look:
    bounds = day_bounds(day, zone)
    moved = day_recounts.digest_differences(session, day, *bounds)
    together = digest_days.added(list(moved.values()))
    differs = any(together) or day_recounts.service_differs(session, day, *bounds)
    return _Look(day, differs=differs, moved=bool(moved))


def _write_down(session: Session, looks: Sequence[_Look], zone: str, now: datetime) -> None:
    """The result of a recount; what differed is counted once more, in the transaction that replaces it."""
    differed = [look.day for look in looks if look.differs]
    service_levels.checked(session, [look.day for look in looks], differed, now)
    wrong = [look.day for look in looks if look.differs or look.moved]
    for day in wrong:
        counts = _count(session, day, zone)
        service_levels.correct(session, day, counts.due)
        digest_days.correct(session, day, counts.happened)
    _add_months_up(session, wrong)
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


def _add_months_up(session: Session, wrong: Sequence[date]) -> None:
    """A closed month is the sum of its days: where a day was put right, so is its month."""
    last = service_levels.last_closed(session)
    for month in {day.replace(day=1) for day in wrong}:
        end = next_month(month) - DAY
        if last is not None and end <= last:
            digest_days.add_up(session, month, end)
