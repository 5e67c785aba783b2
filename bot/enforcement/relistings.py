"""Listings that come back after a removal: the same item, or the same seller's picture or title again.

A removal leaves traces; what comes in is held against them, all of a batch in one look. What a trace says is
hashed together with its seller, so one list of values answers for all of them.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from storage.columns import new_id
from storage.queries import sellers as kept
from storage.records.sellers import Likeness

SHORTEST_TITLE = 8  # letters and digits; a shorter title says too little to be known by
_NOISE = re.compile(r"[\W_]+")
_SUREST = (Likeness.TITLE, Likeness.PICTURE, Likeness.ITEM)


@dataclass(frozen=True)
class Sighted:
    """A listing in a case that came in; `subject_id` is the request's or the notice's."""

    subject_id: str
    listing_id: str
    seller_id: str | None
    title: str = ""
    pictures: tuple[str, ...] = ()


def traces(
    listing_id: str, seller_id: str | None, title: str, pictures: Sequence[str]
) -> dict[str, Likeness]:
    """By what a listing is known again: the value of each trace."""
    found = {_value(Likeness.ITEM, listing_id): Likeness.ITEM}
    if seller_id is None:
        return found
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", title).casefold())
    if len(plain) >= SHORTEST_TITLE:
        found[_value(Likeness.TITLE, f"{seller_id}:{plain}")] = Likeness.TITLE
    for picture in pictures:
        found[_value(Likeness.PICTURE, f"{seller_id}:{picture}")] = Likeness.PICTURE
    return found


def look(session: Session, sighted: Sequence[Sighted], now: datetime) -> None:
    """Mark those of these listings that resemble a removed one: one look and at most one insert."""
    values = {each: traces(each.listing_id, each.seller_id, each.title, each.pictures) for each in sighted}
    wanted = sorted({value for found in values.values() for value in found})
    known: dict[str, list[Any]] = {}
    for trace in kept.known_traces(session, wanted) if wanted else ():
        known.setdefault(trace.value, []).append(trace)
    rows = [
        row
        for each, found in values.items()
        for row in _rows(each, [trace for value in found for trace in known.get(value, ())], now)
    ]
    if rows:
        kept.insert_relistings(session, rows)


def _rows(sighted: Sighted, found: Sequence[Any], now: datetime) -> list[Mapping[str, Any]]:
    """For each rights holder whose removal it resembles, the surest likeness and of these the latest."""
    best: dict[str, Any] = {}
    for trace in sorted(found, key=lambda each: (_SUREST.index(each.likeness), each.removed_at)):
        best[trace.holder_id] = trace
    return [
        {
            "id": new_id(),
            "subject_id": sighted.subject_id,
            "listing_id": sighted.listing_id,
            "seller_id": sighted.seller_id,
            "likeness": trace.likeness,
            "removal_id": trace.removal_id,
            "holder_id": holder_id,
            "removed_at": trace.removed_at,
            "found_at": now,
        }
        for holder_id, trace in sorted(best.items())
    ]


def _value(likeness: Likeness, text: str) -> str:
    return hashlib.sha256(f"{likeness.value}:{text}".encode()).hexdigest()[:32]
