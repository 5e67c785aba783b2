"""Whose business days count for a case: each marketplace has its own calendar, kept with its connection.

A due moment that was promised stays as it was promised: another calendar counts for what comes after it.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import available_timezones

from sqlmodel import Session

from bot.enforcement.business_clock import MONDAY_TO_FRIDAY, Calendar, Reading, is_known, is_settled
from bot.enforcement.refusals import Refused
from storage.queries import platform
from storage.queries.platform import Client
from storage.records.platform import PlatformClient

_SOON = timedelta(days=92)


def calendar_of(session: Session, client_id: str | None, default: Calendar = MONDAY_TO_FRIDAY) -> Calendar:
    """The calendar of a marketplace's connection; `default` while there is none."""
    client = platform.client(session, client_id) if client_id else None
    return of_client(client) if client else default


def of_client(client: PlatformClient | Client) -> Calendar:
    """The calendar that is kept with a connection."""
    return Calendar(client.country, client.zone, client.reading, client.opens, client.closes)


def unsettled_soon(client: PlatformClient, now: datetime) -> int | None:
    """A year close by whose make-up working days are not known yet."""
    year = (now + _SOON).year
    return None if is_settled(client.country, year) else year


def keep(client: PlatformClient, calendar: Calendar) -> None:
    """Keep a calendar with a connection."""
    client.country, client.zone, client.reading = calendar.country, calendar.zone, calendar.reading
    client.opens, client.closes = calendar.opens, calendar.closes


def written(calendar: Calendar) -> dict[str, str]:
    """A calendar as the arguments of a proposal."""
    return {
        "country": calendar.country,
        "zone": calendar.zone,
        "reading": calendar.reading.value,
        "opens": calendar.opens.isoformat("minutes"),
        "closes": calendar.closes.isoformat("minutes"),
    }


def read(given: Mapping[str, str]) -> Calendar:
    """The calendar that somebody asked for; `Refused` says what is wrong with it."""
    given = written(MONDAY_TO_FRIDAY) | dict(given)
    country, zone = given["country"].strip().upper(), given["zone"].strip()
    if not is_known(country):
        raise Refused("platform.bad_country")
    if zone not in available_timezones():
        raise Refused("platform.bad_zone")
    try:
        opens, closes = _wall(given["opens"]), _wall(given["closes"])
        return Calendar(country, zone, Reading(given["reading"]), opens, closes)
    except ValueError as error:
        raise Refused("platform.bad_hours") from error


def _wall(text: str) -> time:
    """`09:00`, and nothing more that ISO 8601 allows."""
    hours, _, minutes = text.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal()):
        raise ValueError("no time of day")
    return time(int(hours), int(minutes))
