"""What the brands that somebody may see did in the last days, for their App Home.

Days of the platform's zone that are over come from the rows that digests keep of them; only what is not
closed yet is counted from the cases. So it costs the same after one year as after one month.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.enforcement.digest_calendar import DAY, day_bounds, local_day
from bot.enforcement.service_closing import open_since
from storage.queries import digest_days
from storage.queries.digest_days import Counts
from storage.records.home import Figures


def figures(
    session: Session, brand_ids: Collection[str] | None, now: datetime, zone: str, spans: Sequence[int]
) -> list[Figures]:
    """The counts of the last so many days, today among them, for these brands together; None: for all."""
    today = local_day(now, zone)
    still_open = open_since(session, zone) or today
    counted: dict[datetime, Counts] = {}
    found = []
    for days in spans:
        first = today - timedelta(days=days - 1)
        start = day_bounds(max(first, still_open), zone)[0]
        if start not in counted:  # once, unless nothing has been closed for longer than that
            of_all = digest_days.counted(session, start, now)
            shown = of_all if brand_ids is None else brand_ids
            counted[start] = digest_days.added([of_all[each] for each in shown if each in of_all])
        closed = digest_days.days_of(session, first, still_open - DAY, brand_ids)
        found.append(Figures(days, **closed.plus(counted[start])._asdict()))
    return found
