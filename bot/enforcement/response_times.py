"""How fast brands answer authenticity requests, in business time of the marketplace that asked.

Median and ninth decile are by nearest rank, so each is the time of a real answer; the number of answers that
they are of stands beside them.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import groupby
from math import ceil
from operator import attrgetter

from sqlmodel import Session, col, select

from bot.enforcement.business_clock import Calendar, elapsed_many, microseconds
from bot.enforcement.calendars import calendar_of
from storage.queries import response_times
from storage.queries.response_times import Answered
from storage.records.roster import RightsHolder
from storage.records.service_figures import Answers

_SECOND = 1_000_000  # microseconds


def answers(
    session: Session,
    start: datetime,
    end: datetime,
    holder_ids: Collection[str] | None,
    calendar: Calendar,
) -> tuple[Answers, list[Answers]]:
    """All of them together, and each rights holder's by name, of the answers given in [start, end).

    `holder_ids` None means everybody; `calendar` counts for a marketplace that has none of its own.
    """
    given = response_times.answered(session, start, end, holder_ids)
    overdue = response_times.overdue(session, start, end, holder_ids)
    taken: dict[str, list[float]] = {}
    deadlines: dict[str, list[bool]] = {}
    for row, seconds in _timed(session, given, calendar):
        taken.setdefault(row.holder_id, []).append(seconds)
        if row.has_deadline:
            deadlines.setdefault(row.holder_id, []).append(not row.late)
    for holder_id, number in overdue.items():
        deadlines.setdefault(holder_id, []).extend([False] * number)
    found = session.exec(
        select(RightsHolder.id, RightsHolder.name)
        .where(col(RightsHolder.id).in_({*taken, *deadlines}))
        .order_by(col(RightsHolder.name_key))
    )
    lines = [_summary(name, taken.get(each, []), deadlines.get(each, [])) for each, name in found]
    together = _summary(
        "",
        [seconds for times in taken.values() for seconds in times],
        [kept for each in deadlines.values() for kept in each],
    )
    return together, lines


def nearest_rank(ordered: list[float], share: float) -> float:
    """The smallest value that such a share of all values does not exceed; 0 where there is none."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else 0.0


def _timed(
    session: Session, given: Iterable[Answered], calendar: Calendar
) -> Iterable[tuple[Answered, float]]:
    """Each answer with its business seconds, counted together for each marketplace."""
    by_client = attrgetter("client_id")
    for client_id, found in groupby(sorted(given, key=by_client), by_client):
        rows = list(found)
        starts, ends = microseconds(row.asked_at for row in rows), microseconds(row.at for row in rows)
        spans = elapsed_many(starts, ends, calendar_of(session, client_id, calendar))
        yield from zip(rows, (spans / _SECOND).tolist(), strict=True)


def _summary(name: str, seconds: list[float], inside: list[bool]) -> Answers:
    ordered = sorted(seconds)
    return Answers(
        holder=name,
        answered=len(ordered),
        median=nearest_rank(ordered, 0.5),
        ninth=nearest_rank(ordered, 0.9),
        deadlines=len(inside),
        inside=sum(inside),
    )
