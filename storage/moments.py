"""Moments as the databases keep them, and the database's own clock, for leases: two hosts may disagree about
now, one database does not.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel.sql.sqltypes import UTCDateTime

LEASE_SECONDS = 60
ZONE = "+00:00"


def moment_text(moment: datetime) -> str:
    """`2026-01-01 00:00:00.000000+00:00`: always UTC and of one length. A naive moment is a `ValueError`."""
    return utc_text(moment) + ZONE


def utc_text(moment: datetime) -> str:
    """As `moment_text`, without the zone: as SQLite keeps it."""
    if moment.tzinfo is None:
        raise ValueError("a moment must be aware of its zone")
    return _text_of_utc(moment.astimezone(UTC))


# Kept, for a unit writes one moment into a dozen rows. Only in UTC is a moment told by its wall alone.
@lru_cache(maxsize=256)
def _text_of_utc(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


class DatabaseNow(FunctionElement[Any]):
    """The moment at which the statement runs."""

    inherit_cache = True
    type = UTCDateTime()


class LeaseEnd(FunctionElement[Any]):
    """`LEASE_SECONDS` after the moment at which the statement runs; another kind of lease has its own."""

    inherit_cache = True
    type = UTCDateTime()
    seconds = LEASE_SECONDS


def _sqlite_now(seconds: int) -> str:
    # The same 26 characters in which the driver stores a moment, so that they compare as text.
    return f"(strftime('%Y-%m-%d %H:%M:%f', 'now', '{seconds:+d} seconds') || '000')"


@compiles(DatabaseNow, "sqlite")
def _now_on_sqlite(_element: DatabaseNow, _compiler: Any, **_: Any) -> str:
    return _sqlite_now(0)


@compiles(DatabaseNow, "postgresql")
def _now_on_postgresql(_element: DatabaseNow, _compiler: Any, **_: Any) -> str:
    return "clock_timestamp()"


@compiles(LeaseEnd, "sqlite")
def _lease_end_on_sqlite(element: LeaseEnd, _compiler: Any, **_: Any) -> str:
    return _sqlite_now(element.seconds)


@compiles(LeaseEnd, "postgresql")
def _lease_end_on_postgresql(element: LeaseEnd, _compiler: Any, **_: Any) -> str:
    return f"(clock_timestamp() + interval '{element.seconds} seconds')"
