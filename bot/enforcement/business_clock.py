"""The clock that service levels are measured by: 24 hours a day, Monday to Friday, else standing still.

The published figure counts hours "during business days", not office hours: a notice of Friday 15:00 is due on
Monday at 15:00. Days are those of the platform's zone. Public holidays still count as working days.
"""

from datetime import UTC, datetime, timedelta

from bot.enforcement.digest_calendar import day_bounds, local_day

WEEK = timedelta(days=7)
SATURDAY = timedelta(days=5)


def elapsed(start: datetime, end: datetime, zone: str) -> timedelta:
    """The business time in [start, end), in real hours where a clock changes; zero unless end follows."""
    # Two moments of one zone are subtracted by their walls, an hour off across a change: so all in UTC.
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    first_day = local_day(start, zone)
    monday = first_day - timedelta(days=first_day.weekday())
    total = timedelta()
    while (opens := day_bounds(monday, zone)[0]) < end:
        closes = day_bounds(monday + SATURDAY, zone)[0]
        total += max(min(end, closes) - max(start, opens), timedelta())
        monday += WEEK
    return total


def within(start: datetime, end: datetime, hours: int, zone: str) -> bool:
    """Whether end came in time; the very last moment still counts."""
    return elapsed(start, end, zone) <= timedelta(hours=hours)
