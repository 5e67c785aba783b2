"""The table from what is sent as a file to how it is made, for the person who gets it."""

from collections.abc import Mapping
from functools import partial

from bot.charts.render import Charts
from bot.enforcement.outgoing import Parcel
from bot.files import Make
from bot.lazy import Later


def parcels(charts: Charts) -> Mapping[str, Make]:
    """Every kind of file; tables are written and pages drawn in the child process."""
    return {
        Parcel.EVIDENCE: Later("handlers.drawn.counter_notices.make_evidence"),
        Parcel.EXPORT: partial(Later("handlers.drawn.exports.make_export"), charts=charts),
        Parcel.REPORT: partial(Later("handlers.drawn.exports.make_report"), charts=charts),
    }
