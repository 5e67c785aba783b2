"""The table from what is sent as a file to how it is made, for the person who gets it."""

from collections.abc import Mapping

from bot.enforcement.outgoing import Parcel
from bot.files import Make
from handlers.drawn.counter_notices import make_evidence

PARCELS: Mapping[str, Make] = {
    Parcel.EVIDENCE: make_evidence,
}
