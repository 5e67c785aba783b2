"""The directory of the alliance: its size by industry, country, size and kind, and its growth.

Membership is public inside the alliance, so no number here is hidden; of people it names nobody.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.enforcement import outgoing
from bot.enforcement.access import Actor, Operation, Subject, authorize
from storage.queries import directory
from storage.records.register import Growth, Overview
from storage.records.roster import RightsHolder

MONTHS = 12
_SUBJECT = Subject("directory")


def overview(session: Session, actor: Actor, now: datetime) -> Overview:
    """What everybody on a roster may know of the alliance."""
    authorize(session, actor, Operation.VIEW_DIRECTORY, _SUBJECT)
    return Overview(directory.totals(session), directory.counts(session), grown(session, now))


def companies(
    session: Session, actor: Actor, *, limit: int, offset: int
) -> tuple[int, Sequence[RightsHolder]]:
    """How many rights holders there are, and a page of them."""
    authorize(session, actor, Operation.VIEW_DIRECTORY, _SUBJECT)
    return directory.totals(session).holders, directory.companies(session, limit, offset)


def ask_for_chart(session: Session, actor: Actor, *, now: datetime) -> None:
    """The growth as a picture, in the direct messages of whoever asks."""
    authorize(session, actor, Operation.VIEW_DIRECTORY, _SUBJECT)
    outgoing.picture(session, outgoing.Painting.GROWTH, "", actor.user_id, now)


def grown(session: Session, now: datetime) -> list[Growth]:
    """The size at the end of each month of the last year, by the calendar of UTC, and now."""
    return directory.growth(session, month_ends(now))


def month_ends(now: datetime) -> list[datetime]:
    """The beginnings of this month and of those before it, a year of them, and now."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    moments = [now]
    for _ in range(MONTHS):
        moments.append(first)
        first = (first - timedelta(days=1)).replace(day=1)
    return list(reversed(moments))
