"""The table from what is sent as a file to how it is made, for the person who gets it."""

from collections.abc import Mapping
from functools import partial

from bot.charts.render import Charts
from bot.enforcement.outgoing import Parcel
from bot.files import Make
from handlers.drawn.counter_notices import make_evidence
from handlers.drawn.exports import make_export, make_report


def parcels(charts: Charts) -> Mapping[str, Make]:
    """Every kind of file; tables are written and pages drawn in the child process."""
    return {
        Parcel.EVIDENCE: make_evidence,
        Parcel.EXPORT: partial(make_export, charts=charts),
        Parcel.REPORT: partial(make_report, charts=charts),
    }
