"""The table from what is sent as a file to how it is made, for the person who gets it."""

from collections.abc import Mapping
from functools import partial

from bot.charts.render import Charts
from bot.enforcement.business_clock import Calendar
from bot.enforcement.outgoing import Parcel
from bot.files import Make
from bot.lazy import Later


def parcels(charts: Charts, calendar: Calendar) -> Mapping[str, Make]:
    """Every kind of file; tables are written and pages drawn in the child process."""
    return {
        Parcel.AGGREGATES: partial(
            Later("handlers.drawn.aggregates.make_aggregates"), charts=charts, calendar=calendar
        ),
        Parcel.EVIDENCE: Later("handlers.drawn.counter_notices.make_evidence"),
        Parcel.EXPORT: partial(Later("handlers.drawn.exports.make_export"), charts=charts),
        Parcel.REPORT: partial(Later("handlers.drawn.exports.make_report"), charts=charts),
    }
