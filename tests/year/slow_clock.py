"""Business time told day by day, as one would with a wall calendar: the oracle's own clock."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from holidays import country_holidays

DAY = timedelta(days=1)
SUNDAY = 6


class SlowClock:
    """The days on which a country works, between midnights of a zone."""

    def __init__(self, country: str, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._kept: Any = country_holidays(country, years=range(2024, 2028))
        self.works = cache(self._works)
        self.day = cache(self._day)

    def local(self, moment: datetime) -> date:
        """The date on the wall."""
        return moment.astimezone(self._zone).date()

    def due(self, start: datetime, hours: int) -> datetime:
        """When so many hours have run on working days."""
        left, day = timedelta(hours=hours), self.local(start)
        while True:
            if self.works(day):
                begins, ends = self.day(day)
                begins = max(begins, start)
                if left <= ends - begins:
                    return begins + left
                left -= ends - begins
            day += DAY

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """The time on working days between two moments."""
        total, day = timedelta(), self.local(start)
        while day <= self.local(end):
            if self.works(day):
                begins, ends = self.day(day)
                total += max(min(ends, end) - max(begins, start), timedelta())
            day += DAY
        return total

    def last_day(self, start: datetime, days: int, counts: str) -> datetime:
        """The end of the last of so many days, the day of `start` not counted."""
        day = self.local(start)
        while days:
            day += DAY
            if counts == "calendar" or (counts == "business" and self.works(day)):
                days -= 1
        return self.day(day)[1]

    def _works(self, day: date) -> bool:
        return bool(self._kept.is_working_day(day))

    def _day(self, day: date) -> tuple[datetime, datetime]:
        begins = datetime.combine(day, time(), self._zone).astimezone(UTC)
        return begins, datetime.combine(day + DAY, time(), self._zone).astimezone(UTC)
