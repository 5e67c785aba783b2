"""The counts that the digests of one morning share: of all brands at once, each made only once.

Whole days of the platform's zone that are over come from their rows, whole months from theirs; what is not
closed yet, and a channel's own local day, is counted from the cases.
"""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlmodel import Session

from bot.enforcement import response_times
from bot.enforcement.business_clock import Calendar
from bot.enforcement.digest_calendar import DAY, bounds, next_month
from bot.enforcement.service_closing import open_since
from bot.enforcement.service_levels import Counting
from storage.queries import digest_days
from storage.queries.digest_days import ByBrand, Newcomer, Reasoned, Repeated
from storage.records.calendars import Span, Window
from storage.records.service_figures import Answers, Tally

REPEATED = 2  # takedowns within these days make a seller one that came again
LOOK_BACK = timedelta(days=28)

T = TypeVar("T")


class Ledger:
    """Counts of all brands up to `now`. For one tick or one reader: nothing in it is counted again."""

    def __init__(self, calendar: Calendar, now: datetime) -> None:
        self.calendar = calendar
        self.now = now
        self._found: dict[Hashable, Any] = {}

    def counts(self, session: Session, span: Span, days: Window, zone: str) -> ByBrand:
        """What happened: on a local day of `zone`, or in a week's or month's days of the platform's zone."""
        if span is Span.DAY:
            start, end = self._moments(days, zone)
            return self._once(("counts", start, end), lambda: digest_days.counted(session, start, end))
        return self._once(("days", days), lambda: self._over(session, days))

    def year(self, session: Session, last: date) -> ByBrand:
        """What happened since 1 January, up to a day."""
        days = Window(last.replace(month=1, day=1), last)
        return self._once(("days", days), lambda: self._over(session, days))

    def tallies(self, session: Session, days: Window) -> Mapping[str, Tally]:
        """What fell due on days of the platform's zone, and was decided in time."""

        def count() -> Mapping[str, Tally]:
            return Counting(session, None, self.now, self.calendar.zone).by("brand_id", days)

        return self._once(("tallies", days), count)

    def responses(self, session: Session, days: Window, zone: str) -> tuple[Answers, Mapping[str, Answers]]:
        """How fast everybody answered on local days, and each rights holder by name."""

        def count() -> tuple[Answers, Mapping[str, Answers]]:
            total, lines = response_times.answers(session, *self._moments(days, zone), None, self.calendar)
            return total, {line.holder: line for line in lines}

        return self._once(("responses", self._moments(days, zone)), count)

    def responses_of(self, session: Session, days: Window, zone: str, holder_ids: Collection[str]) -> Answers:
        """How fast these rights holders together answered on local days."""
        start, end = self._moments(days, zone)
        return response_times.answers(session, start, end, holder_ids, self.calendar)[0]

    def repeated(self, session: Session, days: Window, zone: str) -> Sequence[Repeated]:
        """Sellers of whom something was taken down in these days, and before within four weeks."""
        start, end = self._moments(days, zone)
        return self._once(
            ("repeated", start, end),
            lambda: digest_days.repeated(session, end - LOOK_BACK, start, end, fewest=REPEATED),
        )

    def relisted(self, session: Session, days: Window, zone: str) -> Mapping[str, int]:
        """Rights holder -> removed listings that came back in these days."""
        start, end = self._moments(days, zone)
        return self._once(("relisted", start, end), lambda: digest_days.relisted(session, start, end))

    def reasons(self, session: Session, days: Window, zone: str) -> Sequence[Reasoned]:
        """What was taken down for which reason in these days, and in the four weeks before them."""
        start, end = self._moments(days, zone)
        return self._once(
            ("reasons", start, end), lambda: digest_days.reasons(session, start - LOOK_BACK, start, end)
        )

    def newcomers(self, session: Session, days: Window, zone: str) -> Mapping[str, Sequence[Newcomer]]:
        """Brand -> sellers with takedowns in these days of whom its company had none before."""
        start, end = self._moments(days, zone)

        def find() -> Mapping[str, Sequence[Newcomer]]:
            found: dict[str, list[Newcomer]] = {}
            for each in digest_days.newcomers(session, start, end):
                found.setdefault(each.brand_id, []).append(each)
            return found

        return self._once(("newcomers", start, end), find)

    def _once(self, key: Hashable, count: Callable[[], T]) -> T:
        if key not in self._found:
            self._found[key] = count()
        found: T = self._found[key]
        return found

    def _moments(self, days: Window, zone: str) -> tuple[datetime, datetime]:
        start, end = bounds(days, zone)
        return start, min(end, self.now)

    def _over(self, session: Session, days: Window) -> ByBrand:
        zone = self.calendar.zone
        still_open = max(open_since(session, zone) or days.first, days.first)
        parts = [_closed(session, Window(days.first, min(days.last, still_open - DAY)))]
        if still_open <= days.last:
            parts.append(digest_days.counted(session, *self._moments(Window(still_open, days.last), zone)))
        return digest_days.together(*parts)


def _closed(session: Session, days: Window) -> ByBrand:
    """Closed days, by whole months where there are any."""
    first = days.first if days.first.day == 1 else next_month(days.first)
    end = (days.last + DAY).replace(day=1)  # the first day that is in no whole month any more
    if first >= end:
        return digest_days.days(session, days.first, days.last)
    return digest_days.together(
        digest_days.days(session, days.first, first - DAY),
        digest_days.months(session, first, end - DAY),
        digest_days.days(session, end, days.last),
    )
