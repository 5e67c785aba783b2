"""What time does to standing: windows move on, re-entries come, and every night everything is counted again.

The recount looks for decided cases that count for nobody, counts again what all cases count for, compares
that with the tallies that decisions have kept, and says so: in the log and a metric, and where something was
wrong in the audit and to the platform's team as well. Each night it is of every day that any published rule
may judge by, and with the first of each month of all days that ever were, by which nobody is judged any more.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from bot.clock import Clock
from bot.enforcement import outgoing
from bot.enforcement.outgoing import Drawing
from bot.enforcement.standing import (
    Delta,
    count,
    in_force,
    items_decided,
    judge_now,
    takedown_decided,
)
from bot.enforcement.standing_rules import PUBLISHED, window_start
from storage.columns import new_id
from storage.engine import Store
from storage.queries import audit, channels, notice_moves, standing
from storage.records.channels import ChannelPurpose

BATCH = 200
TOLD = 20


async def standing_tick(store: Store, clock: Clock) -> int | None:
    """Judge whom time alone can have moved, and make the day's recount once; how many tallies were wrong.

    None where the recount is made already. Safe to run twice and at the same time.
    """
    now = clock()
    while await store.run(look_at_due, now=now) == BATCH:
        pass
    last = await store.read(standing.last_recount)
    if last == now.date():
        return None
    since = _counted_again_since(now.date(), last)
    takedowns = await store.read(standing.missed_takedowns, BATCH)
    notices = await store.read(standing.missed_notices, BATCH)
    if takedowns or notices:
        await store.run(count_missed, takedowns, notices, now=now)
    missed = len(takedowns) + len(notices)
    found = await store.read(standing.differences, since)
    tallies = await store.read(standing.number_of_tallies, since)
    return await store.run(note_recount, found, tallies, missed, since, now=now)


def _counted_again_since(today: date, last: date | None) -> date:
    if last is None or (last.year, last.month) != (today.year, today.month):
        return date.min
    return min(window_start(today, rule) for rule in PUBLISHED.values())


def count_missed(
    session: Session, takedowns: Mapping[str, bool], notices: Sequence[str], *, now: datetime
) -> None:
    """Count what was decided and counts for nobody, as it should have been."""
    for takedown_id, removed in takedowns.items():
        takedown_decided(session, standing.causes(session, [takedown_id]), removed, now=now)
    for notice_id in notices:
        told = notice_moves.told(session, notice_id, lock=True)
        if told is not None:
            counted = items_decided(session, told.notice, told.items, now=now)
            notice_moves.keep_items(session, told.items, counted)


def look_at_due(session: Session, *, now: datetime) -> int:
    """Judge the next rights holders whose figures time has changed; how many."""
    holders = standing.due(session, now.date(), BATCH)
    if not holders:
        return 0
    force = in_force(session)
    since = window_start(now.date(), force.rule)
    found = standing.windows(session, [holder.id for holder in holders], since)
    for holder in holders:
        judge_now(session, holder, found[holder.id], force, now)
    return len(holders)


def note_recount(
    session: Session,
    found: Sequence[dict[str, Any]],
    tallies: int,
    missed: int,
    since: date,
    *,
    now: datetime,
) -> int | None:
    """Keep what the recount from a day on found; wrong tallies are put right, the platform's team is told.

    None where another replica was first.
    """
    for holder_id in sorted({row["holder_id"] for row in found}):
        standing.lock(session, holder_id)
    # Counted again now that nobody decides anything for them: another unit may have been under way.
    wrong = standing.differences(session, since) if found else []
    details = [row | {"day": row["day"].isoformat()} for row in wrong]
    recount_id = new_id()
    row = {
        "id": recount_id,
        "day": now.date(),
        "tallies": tallies,
        "wrong": len(wrong),
        "missed": missed,
        "details": details[:TOLD],
        "at": now,
    }
    if not standing.claim_recount(session, row):
        return None
    if wrong or missed:
        _say_wrong(session, recount_id, details, missed, now)
        count(session, [Delta(**each) for each in wrong], now=now)
    return len(wrong) + missed


def _say_wrong(
    session: Session, recount_id: str, details: Sequence[Mapping[str, Any]], missed: int, now: datetime
) -> None:
    audit.record(
        session,
        at=now,
        actor="bot",
        role="",
        operation="recount_standing",
        subject_kind="standing_recount",
        subject_id=recount_id,
        outcome="wrong",
        details={"wrong": len(details), "missed": missed, "first": list(details[:TOLD])},
    )
    team = channels.channel_of(session, ChannelPurpose.PLATFORM)
    if team is not None:
        outgoing.draw(session, Drawing.STANDING_RECOUNT, recount_id, team.channel_id, now)
