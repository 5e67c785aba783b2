"""How fast brands answer authenticity requests, in business time of the marketplace that asked.

Median and ninth decile are by nearest rank, so each is the time of a real answer; the number of answers that
they are of stands beside them.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Any

from sqlmodel import Session, col, select

from bot import lazy
from bot.enforcement.business_clock import Calendar, elapsed_many
from bot.enforcement.calendars import calendar_of
from storage.queries import response_times
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
    taken: dict[str, list[float]] = {}
    inside: Counter[str] = Counter()
    deadlines = Counter(response_times.overdue(session, start, end, holder_ids))
    for seconds, holder_id, has_deadline, late, _ in _timed(
        session, response_times.answered(session, start, end, holder_ids), calendar
    ):
        taken.setdefault(holder_id, []).append(seconds)
        if has_deadline:
            deadlines[holder_id] += 1
            inside[holder_id] += not late
    found = session.exec(
        select(RightsHolder.id, RightsHolder.name)
        .where(col(RightsHolder.id).in_({*taken, *deadlines}))
        .order_by(col(RightsHolder.name_key))
    )
    lines = [_summary(name, taken.get(each, []), deadlines[each], inside[each]) for each, name in found]
    every = [seconds for times in taken.values() for seconds in times]
    return _summary("", every, deadlines.total(), inside.total()), lines


def nearest_rank(ordered: list[float], share: float) -> float:
    """The smallest value that such a share of all values does not exceed; 0 where there is none."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else 0.0


def each_answer(
    session: Session, start: datetime, end: datetime, calendar: Calendar
) -> Iterator[tuple[datetime, str, float]]:
    """(moment, rights holder, business seconds) of every answer given in [start, end), in no order."""
    given = response_times.answered(session, start, end, None)
    for seconds, holder_id, _, _, at in _timed(session, given, calendar):
        yield datetime.fromtimestamp(at, UTC), holder_id, seconds


def _timed(
    session: Session, given: Sequence[Any], calendar: Calendar
) -> Iterator[tuple[float, str, bool, bool, int]]:
    """Each answer with its business seconds and its moment, counted together for each marketplace."""
    if not given:
        return  # and nothing heavy is loaded for it
    numpy = lazy.load("numpy")
    by_client: dict[str, list[Any]] = {}
    for row in given:
        by_client.setdefault(row[1], []).append(row)
    for client_id, rows in by_client.items():
        holders, _, asked, answered, has_deadline, late = zip(*rows, strict=True)
        starts, ends = (numpy.array(moments, numpy.int64) * _SECOND for moments in (asked, answered))
        spans = elapsed_many(starts, ends, calendar_of(session, client_id, calendar))
        yield from zip((spans / _SECOND).tolist(), holders, has_deadline, late, answered, strict=True)


def _summary(name: str, seconds: list[float], deadlines: int, inside: int) -> Answers:
    ordered = sorted(seconds)
    return Answers(
        holder=name,
        answered=len(ordered),
        median=nearest_rank(ordered, 0.5),
        ninth=nearest_rank(ordered, 0.9),
        deadlines=deadlines,
        inside=inside,
    )
