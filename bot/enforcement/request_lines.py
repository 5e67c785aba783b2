"""Of which product line a request's listing is, where its marketplace named one that the brand has.

Nobody guesses: a name that fits none of the brand's lines says nothing, and an expert can say it
(`knowledge.py`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from storage.queries import knowledge, product_lines


def recognise(session: Session, named: Mapping[str, tuple[str, str]], now: datetime) -> None:
    """Note of which line requests are, where their marketplace named one that the brand has.

    `named`: (brand, the line's name) by request.
    """
    if not named:
        return
    lines = product_lines.of_brands(session, {brand_id for brand_id, _ in named.values()})
    by_name = {(line.brand_id, line.name_key): line.id for line in lines}
    found = {
        request_id: by_name.get((brand_id, name.strip().casefold()))
        for request_id, (brand_id, name) in named.items()
    }
    knowledge.set_lines(session, {request: line for request, line in found.items() if line}, None, now)


def recognise_for(session: Session, request_ids: Sequence[str], brand_id: str, now: datetime) -> None:
    """The same for requests that a brand gets later."""
    if not request_ids:
        return
    told = knowledge.snapshots(session, request_ids)
    named = {
        request_id: (brand_id, snapshot["product_line"])
        for request_id, snapshot in told.items()
        if snapshot.get("product_line")
    }
    recognise(session, named, now)
