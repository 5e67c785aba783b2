"""The review queue: an expert works through what is open, one request after another, and meets nobody.

A request that somebody has before them is offered to nobody else until they answer it, put it off, close the
queue or let it lie for five minutes. An answer is the very one of the card: `authenticity.record_verdict`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from sqlmodel import Session

from bot.enforcement import authenticity
from bot.enforcement import knowledge as product_knowledge
from bot.enforcement.access import Actor, Denied, Grant, Operation, Subject, authorize, tenants
from bot.enforcement.authenticity import Recorded
from bot.enforcement.limits import Limits
from storage.queries import authenticity as cases
from storage.queries import knowledge, product_lines, review_queue, seller_pages
from storage.records.authenticity import Answer, Outcome, RequestState
from storage.records.review_queue import CaseNotes, SellerPast, Turn, UsualPrice

SOON = timedelta(hours=4)  # what is due by then comes before everything else
LEAST_PRICES = 3  # of fewer no median is told
MOST_PRICES = 500  # so many of the newest are looked at, so that a long history costs no more


@dataclass(frozen=True)
class Before:
    """What became of the request before: the verdict that stands (None: Fake would do something else now)."""

    request_id: str
    round: int
    recorded: Recorded | None
    shown_late: bool = False  # another request was before the person, but not on their screen


def open_queue(session: Session, actor: Actor, *, now: datetime) -> tuple[Turn, bool]:
    """Begin a run: the first request, and nothing put off; whether it was before the person already.

    Then the queue was not closed: most likely it never showed.
    """
    grant, holders = _worker(session, actor)
    review_queue.begin(session, grant.person_id)
    held = review_queue.held(session, grant.person_id)
    turn = _next(session, grant, holders, 0, now)
    return turn, held is not None and held == turn.request_id


def look_again(session: Session, actor: Actor, answered: int, *, now: datetime) -> Turn:
    """What is next for whoever had nothing left."""
    grant, holders = _worker(session, actor)
    return _next(session, grant, holders, answered, now)


def answer(
    session: Session,
    actor: Actor,
    request_id: str,
    round_: int,
    said: Answer,
    answered: int,
    *,
    now: datetime,
    promised: Collection[Outcome],
    limits: Limits,
) -> tuple[Before, Turn]:
    """Record an answer under the rules of the card, and claim the next request.

    Where Fake would do something else than was promised, the same request stays before the person.
    """
    grant, holders = _worker(session, actor)
    held = review_queue.held(session, grant.person_id)
    recorded = authenticity.record_verdict(
        session, actor, request_id, round_, said, now=now, promised=promised, limits=limits
    )
    before = Before(request_id, round_, recorded, shown_late=held not in (None, request_id))
    if recorded is None and review_queue.claim(session, grant.person_id, request_id):
        return before, _turn(session, grant, holders, request_id, answered)
    mine = recorded is not None and recorded.first
    return before, _next(session, grant, holders, answered + mine, now)


def skip(session: Session, actor: Actor, request_id: str, answered: int, *, now: datetime) -> Turn:
    """Put a request off until nothing else is left."""
    grant, holders = _worker(session, actor)
    case_of(session, actor, request_id)
    review_queue.put_off(session, grant.person_id, request_id, now)
    return _next(session, grant, holders, answered, now)


def stay(session: Session, actor: Actor, request_id: str, answered: int, *, now: datetime) -> Turn:
    """Keep a request before oneself; the next one where it is open no more, or somebody else took it."""
    grant, holders = _worker(session, actor)
    case = case_of(session, actor, request_id)
    if case.state is RequestState.OPEN and review_queue.claim(session, grant.person_id, request_id):
        return _turn(session, grant, holders, request_id, answered)
    return _next(session, grant, holders, answered, now)


def sort(
    session: Session, actor: Actor, request_id: str, line_id: str, answered: int, *, now: datetime
) -> Turn:
    """Say of which product line the request is, and keep it before oneself."""
    product_knowledge.set_line(session, actor, request_id, line_id, now=now)
    return stay(session, actor, request_id, answered, now=now)


def leave(session: Session, actor: Actor, *, now: datetime) -> None:
    """Close the queue: others may have what was before this person."""
    del now  # leases run on the database's clock
    grant, _ = _worker(session, actor)
    review_queue.let_go(session, grant.person_id)


def case_of(session: Session, actor: Actor, request_id: str) -> Any:
    """A request for somebody who works through the queue of its company."""
    case = cases.case(session, request_id)
    subject = Subject("authenticity_request", request_id, holder_id=case.holder_id if case else None)
    authorize(session, actor, Operation.WORK_QUEUE, subject)
    if case is None:
        raise Denied(actor, Operation.WORK_QUEUE, subject)
    return case


def notes(session: Session, case: Any) -> CaseNotes:
    """What stands beside a request: its brand's own prices, cases and knowledge, nothing of others."""
    sheet = knowledge.of_request(session, case.id)
    return CaseNotes(
        usual=_usual_price(session, case, sheet.line_id if sheet else None),
        seller=_past(session, case),
        relisted_at=seller_pages.last_relisting(session, case.id, case.holder_id),
        knowledge=sheet,
        lines=product_lines.of_brands(session, [case.brand_id]),
    )


def usual_of(prices: Collection[tuple[str, str, str | None]], line_id: str | None) -> UsualPrice:
    """The median of known prices, (listing, amount, line): of the line where enough are known, else of all.

    A listing that was asked about twice counts once.
    """
    of_brand = {listing: Decimal(amount) for listing, amount, _ in prices}
    of_line = {listing: Decimal(amount) for listing, amount, line in prices if line_id and line == line_id}
    if len(of_line) >= LEAST_PRICES:
        return UsualPrice(median(of_line.values()), len(of_line), line=True)
    known = len(of_brand)
    return UsualPrice(median(of_brand.values()) if known >= LEAST_PRICES else None, known)


def _usual_price(session: Session, case: Any, line_id: str | None) -> UsualPrice | None:
    price = case.snapshot["price"]
    if not price:
        return None
    found = review_queue.genuine_prices(
        session, case.holder_id, case.brand_id, price["currency"], MOST_PRICES
    )
    return usual_of([(row.id, row.amount, row.line_id) for row in found], line_id)


def _past(session: Session, case: Any) -> SellerPast | None:
    if case.seller_id is None:
        return None
    return SellerPast(
        review_queue.said_of_seller(session, case.seller_id, case.holder_id),
        seller_pages.strike_count(session, case.seller_id, [case.holder_id]),
        seller_pages.carried_out(session, case.seller_id),
    )


def _worker(session: Session, actor: Actor) -> tuple[Grant, Collection[str]]:
    """Who works, and for which rights holders."""
    holders = sorted(tenants(session, actor, Operation.WORK_QUEUE))
    subject = Subject("review_queue", holder_id=holders[0] if holders else None)
    return authorize(session, actor, Operation.WORK_QUEUE, subject), holders


def _next(session: Session, grant: Grant, holders: Collection[str], answered: int, now: datetime) -> Turn:
    request_id, seen = review_queue.take_next(session, grant.person_id, holders, now + SOON)
    return _placed(request_id, seen, answered)


def _turn(session: Session, grant: Grant, holders: Collection[str], request_id: str, answered: int) -> Turn:
    return _placed(request_id, review_queue.counts(session, grant.person_id, holders), answered)


def _placed(request_id: str | None, seen: Any, answered: int) -> Turn:
    """Those put off stand behind the person until only they are left."""
    behind = seen.skipped if seen.free > seen.skipped else 0
    number = answered + behind + 1
    return Turn(request_id, answered, number, answered + seen.free, elsewhere=seen.all - seen.free)
