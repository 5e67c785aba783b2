"""Counter-notices as they come in: a marketplace relays what a seller gave it, once, to the right brand.

What is relayed is kept whole; the rules are those of its regime (`regimes.py`) in the version of that day.
The same external id with the same body is the same counter-notice, with another body it is a conflict.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlmodel import Session

from bot.contract.counter_notices import ReadCounterNotice, RelayedCounterNotice
from bot.contract.fields import stamp
from bot.enforcement import regimes
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.business_clock import Calendar
from bot.enforcement.calendars import calendar_of
from bot.enforcement.counter_notices import read_of, redraw
from bot.enforcement.counter_removals import Removal, removal_of, target_of
from bot.enforcement.trail import note
from storage.queries import counter_notices
from storage.records.counter_notices import (
    LIVE,
    CounterState,
    Regime,
    SellerGround,
)


class Receipt(StrEnum):
    """What became of a counter-notice that came in."""

    NEW = "new"
    REPEATED = "repeated"
    CONFLICT = "conflict"
    INVALID = "invalid"


@dataclass(frozen=True)
class Received:
    """The receipt: what stands, or, where it was not taken, which field is at fault and why."""

    receipt: Receipt
    read: ReadCounterNotice | None = None
    field: str = ""
    fault: str = ""


def relay(session: Session, actor: Actor, asked: RelayedCounterNotice, *, now: datetime) -> Received:
    """Take a counter-notice that a seller gave to its marketplace; its brand's turn begins."""
    target = target_of(session, asked)
    client_id = target.client_id
    kind, named = ("takedown", asked.takedown_id) if asked.takedown_id else ("notice_item", asked.item_id)
    subject = Subject(kind, named or "", client_id=client_id)
    grant = authorize(session, actor, Operation.SUBMIT_COUNTER_NOTICE, subject)
    if client_id is None:
        raise Denied(actor, Operation.SUBMIT_COUNTER_NOTICE, subject)
    known = counter_notices.by_external_id(session, client_id, asked.external_id)
    if known is not None:
        if known.body_hash != _hash(asked):
            return Received(Receipt.CONFLICT, None, "external_id", "was used before, with another body")
        return Received(Receipt.REPEATED, read_of(session, known))
    calendar = calendar_of(session, client_id)
    rule = regimes.current(Regime(asked.regime), now, calendar)
    lack = regimes.lacking(rule, asked.particulars.told(), len(asked.papers))
    if lack is not None:
        return Received(Receipt.INVALID, None, lack.field, lack.fault)
    removal = removal_of(session, target, asked)
    if removal is None:
        fault = "is no removal that a rights holder still stands behind"
        return Received(Receipt.CONFLICT, None, _named(asked), fault)
    terms = _Terms(rule, calendar, now)
    earlier = _earlier(session, removal)
    refused = _refusal(removal, earlier, asked, terms)
    if refused is not None:
        return refused
    counter = _kept(session, removal, asked, terms, len(earlier) + 1)
    if counter is None:
        # The same id came at the same moment, about another removal.
        return Received(Receipt.CONFLICT, None, "external_id", "was used before, with another body")
    owned = Subject("counter_notice", counter.id, holder_id=counter.holder_id)
    note(session, actor, grant, Operation.SUBMIT_COUNTER_NOTICE, owned, now, regime=asked.regime)
    redraw(session, counter, now)
    return Received(Receipt.NEW, read_of(session, counter))


@dataclass(frozen=True)
class _Terms:
    """Under which rule, by whose days, from when."""

    rule: regimes.Rule
    calendar: Calendar
    now: datetime


def _hash(asked: RelayedCounterNotice) -> str:
    body = orjson.dumps(asked.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(body).hexdigest()


def _named(asked: RelayedCounterNotice) -> str:
    return "takedown_id" if asked.takedown_id else "item_id"


def _earlier(session: Session, removal: Removal) -> list[Any]:
    """The counter-notices that used up a chance already."""
    if removal.takedown_id is not None:
        found: Sequence[Any] = counter_notices.against(session, removal.takedown_id)
    else:
        found = counter_notices.against_item(session, removal.item_id or "")
    return [
        each
        for each in found
        if each.holder_id == removal.holder_id and each.state is not CounterState.WITHDRAWN
    ]


def _refusal(
    removal: Removal, earlier: Sequence[Any], asked: RelayedCounterNotice, terms: _Terms
) -> Received | None:
    """Why it cannot be taken: one is open, the chances are used up, or the seller was too late."""
    rule, chance = terms.rule, len(earlier) + 1
    if any(each.state in LIVE for each in earlier):
        return Received(Receipt.CONFLICT, None, _named(asked), "has an open counter-notice")
    if chance > rule.chances:
        fault = f"allows {rule.chances} counter-notices to one removal"
        return Received(Receipt.CONFLICT, None, "regime", fault)
    if asked.filed_at > terms.now:
        return Received(Receipt.INVALID, None, "filed_at", "is in the future")
    since = (earlier[-1].decided_at if earlier else None) or removal.removed_at
    until = regimes.seller_may_until(rule, chance, since, terms.calendar)
    if until is not None and asked.filed_at >= until:
        return Received(Receipt.INVALID, None, "filed_at", f"is too late: the time was up at {stamp(until)}")
    return None


def _kept(
    session: Session, removal: Removal, asked: RelayedCounterNotice, terms: _Terms, chance: int
) -> Any | None:
    rule, now = terms.rule, terms.now
    due_at = regimes.closes(rule.brand, now, terms.calendar)
    if asked.reply_by is not None:
        due_at = max(min(due_at, asked.reply_by), now)
    return counter_notices.insert(
        session,
        [paper.model_dump() for paper in asked.papers],
        client_id=removal.client_id,
        external_id=asked.external_id,
        body_hash=_hash(asked),
        takedown_id=removal.takedown_id,
        notice_item_id=removal.item_id,
        holder_id=removal.holder_id,
        brand_id=removal.brand_id,
        seller_id=removal.seller_id,
        listing_id=removal.listing_id,
        reason_code=removal.reason_code,
        regime=rule.regime,
        regime_version=rule.version,
        chance=chance,
        ground=SellerGround(asked.ground),
        statement=asked.statement,
        particulars=asked.particulars.told(),
        state=CounterState.OPEN,
        filed_at=asked.filed_at,
        received_at=now,
        due_at=due_at,
        next_at=regimes.warns_at(now, due_at),
        changed_at=now,
    )
