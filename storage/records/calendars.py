"""How business time is read, and spans of days. Without tables: settings name them, and small commands must
start at once.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Reading(StrEnum):
    """What counts of a business day: all of it, or the hours of an office."""

    BUSINESS_DAYS_24H = "business_days_24h"
    WORKING_HOURS = "working_hours"


class Span(StrEnum):
    """How long a window is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Window:
    """Whole days of the platform's zone, both included."""

    first: date
    last: date
