"""A repeated question is answered from memory: an expert said "Genuine" of that listing and seller before.

The newest verdict of the brand on that listing speaks, if it is Genuine, was not taken back, and is not older
than the setting. It says nothing of other goods: it is not used where the listing changed materially, that
is, where its title shares fewer than four fifths of its words with the title then, where its price moved by
more than a tenth, is in another currency, or was unknown on one of the two days, or where the seller is
another or unknown. Then the experts are asked as ever.

A remembered answer is no verdict: nobody looked again. It points to the verdict that it repeats, with that
verdict's date, and when that is taken back, everybody who was told it again is told so.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from bot.enforcement import outgoing
from bot.enforcement.outgoing import Drawing
from bot.enforcement.platform_view import read_request
from bot.enforcement.takedowns import key_of
from storage.queries import memory
from storage.records.authenticity import Answer

SAME_WORDS = Decimal("0.8")
SAME_PRICE = Decimal("0.1")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Remembered:
    """The verdict that answers a question again, and the request on whose card it stands."""

    verdict_id: str
    request_id: str
    at: datetime


def same_goods(then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a listing, as the platform API writes it, still offers what it offered then."""
    return _same_words(then["title"], now["title"]) and _same_price(then["price"], now["price"])


def recall(
    session: Session, rows: Sequence[Mapping[str, Any]], now: datetime, keep: timedelta
) -> dict[str, Remembered]:
    """What answers these new requests, by external id: one statement, and two more where something does."""
    asked = [row for row in rows if row["brand_id"] and row["seller_id"]]
    if not keep or not asked:
        return {}
    words = memory.last_words(session, sorted({row["listing_id"] for row in asked}))
    found = {}
    for row in asked:
        said = words.get((row["listing_id"], row["brand_id"]))
        if said is not None and _answers(said, row, now - keep):
            found[row["external_id"]] = Remembered(said.verdict_id, said.request_id, said.verdict_at)
    if not found:
        return {}
    # Whoever takes a verdict back locks its request first; after this nobody can before we are done.
    taken_back = memory.hold(session, sorted({each.request_id for each in found.values()}))
    return {name: each for name, each in found.items() if each.verdict_id not in taken_back}


def answer(
    session: Session, client_id: str, answered: Sequence[tuple[Mapping[str, Any], Remembered]], now: datetime
) -> None:
    """Keep what answered new requests, tell the platform, and show it on the cards of the first questions."""
    if not answered:
        return
    memory.keep(
        session,
        [{"request_id": row["id"], "verdict_id": each.verdict_id, "at": now} for row, each in answered],
    )
    for case in memory.cases(session, [row["id"] for row, _ in answered]):
        data = read_request(case).model_dump(mode="json")
        key = key_of("verdict.remembered", case.id)
        outgoing.webhook(session, client_id, "verdict.recorded", key, data, now, case=case.id)
    for request_id, place in memory.cards(session, sorted({each.request_id for _, each in answered})):
        outgoing.draw(session, Drawing.REQUEST_CARD, request_id, place, now)


def forget(session: Session, verdict_id: str, reason: str, now: datetime) -> None:
    """A verdict was taken back: whoever was told it again is told so, too."""
    for case in memory.cases_told(session, verdict_id):
        data = read_request(case).model_dump(mode="json") | {"reason": reason}
        key = key_of("remembered.retracted", case.id)
        outgoing.webhook(session, case.client_id, "verdict.retracted", key, data, now, case=case.id)


def _answers(said: Any, row: Mapping[str, Any], oldest: datetime) -> bool:
    return (
        said.answer is Answer.GENUINE
        and not said.taken_back
        and said.verdict_at > oldest
        and said.seller_id == row["seller_id"]
        and same_goods(said.snapshot, row["snapshot"])
    )


def _same_words(then: str, now: str) -> bool:
    before, after = _words(then), _words(now)
    if not before or not after:
        return then == now
    return len(before & after) >= SAME_WORDS * len(before | after)


def _words(title: str) -> frozenset[str]:
    return frozenset(_WORD.findall(unicodedata.normalize("NFKC", title).casefold()))


def _same_price(then: Mapping[str, str] | None, now: Mapping[str, str] | None) -> bool:
    if then is None or now is None:
        return then is now
    before, after = Decimal(then["amount"]), Decimal(now["amount"])
    return then["currency"] == now["currency"] and abs(after - before) <= SAME_PRICE * before
