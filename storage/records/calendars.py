"""How business time is read. Without tables, for settings name it, and small commands must start at once."""

from enum import StrEnum


class Reading(StrEnum):
    """What counts of a business day: all of it, or the hours of an office."""

    BUSINESS_DAYS_24H = "business_days_24h"
    WORKING_HOURS = "working_hours"
