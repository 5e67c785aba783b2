"""Authenticity requests as they come in: one at a time or by the hundred, each once, each to its brand.

A marketplace asks about its own listings only, and repeats itself safely: the same external id with the same
body is the same request, with another body it is a conflict. What an expert called genuine already is
answered from memory (`memory.py`), and no expert is asked.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson
from sqlmodel import Session

from bot.contract.requests import AskedRequest, ReadRequest
from bot.enforcement import deadlines, listings, memory, networks, outgoing, relistings, request_lines
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.business_clock import ANSWER_TIME
from bot.enforcement.calendars import of_client
from bot.enforcement.listing_identity import ELSEWHERE, ListingIdentity, NotAListing, identify
from bot.enforcement.listings import Sighting
from bot.enforcement.networks import facts_of
from bot.enforcement.outgoing import Drawing
from bot.enforcement.platform_view import read_request
from bot.enforcement.refusals import Refused
from bot.enforcement.relistings import Sighted
from bot.enforcement.routing import catch_up, redraw, show_to_platform_team
from bot.enforcement.trail import note
from storage.columns import new_id
from storage.queries import authenticity, platform
from storage.queries.platform import Client
from storage.records.authenticity import RequestState

_WITHDRAWABLE = frozenset({RequestState.UNROUTED, RequestState.OPEN, RequestState.AWAITING_CONFIRMATION})


class Receipt(StrEnum):
    """What became of one request that came in."""

    NEW = "new"
    REPEATED = "repeated"
    CONFLICT = "conflict"
    INVALID = "invalid"


@dataclass(frozen=True)
class Received:
    """The receipt of one request: `id` and `state`, or, where it was not taken, `fault` says why."""

    external_id: str
    receipt: Receipt
    id: str = ""
    state: RequestState | None = None
    field: str = ""
    fault: str = ""


def receive_requests(
    session: Session,
    actor: Actor,
    asked: Sequence[AskedRequest],
    own: Mapping[str, str],
    *,
    now: datetime,
    keep: timedelta = timedelta(),
    answer_time: timedelta = ANSWER_TIME,
) -> list[Received]:
    """Take requests, each judged alone, in a fixed number of round trips besides one draw for each card.

    `own` maps hosts to marketplaces of the alliance, as in `identify`; `keep` is how long "Genuine" answers
    the same question again; `answer_time` is the business time to answer where no deadline is named.
    """
    subject = Subject("authenticity_request", client_id=actor.client_id)
    grant = authorize(session, actor, Operation.CREATE_REQUEST, subject)
    client = platform.client(session, actor.client_id)
    if client is None:
        raise Denied(actor, Operation.CREATE_REQUEST, subject)
    judged = [_judged(each, client, own) for each in asked]
    routes = authenticity.routes(session, sorted({each.asked.brand for each in judged}))
    rows = _rows(session, client, judged, routes, now)
    calendar = of_client(client)
    deadlines.promise_answers(rows.values(), calendar, answer_time)
    remembered = memory.recall(session, list(rows.values()), now, keep)
    for external_id in remembered:
        rows[external_id]["state"] = RequestState.ANSWERED
    if rows:
        authenticity.insert_requests(session, list(rows.values()))
    stands = authenticity.by_external_ids(session, client.id, list(rows))
    receipts = _receipts(judged, rows, stands)
    new = [rows[receipt.external_id] for receipt in receipts if receipt.receipt is Receipt.NEW]
    request_lines.recognise(session, _lines_named(new), now)
    _follow_sellers(session, asked, new, now)
    waiting = [row for row in new if row["external_id"] not in remembered]
    deadlines.watch_requests(session, waiting, calendar)
    for row in new:
        created = Subject("authenticity_request", row["id"], holder_id=row["holder_id"])
        known = remembered.get(row["external_id"])
        told = {"remembered": known.verdict_id} if known else {}
        external_id = row["external_id"]
        note(session, actor, grant, Operation.CREATE_REQUEST, created, now, external_id=external_id, **told)
        if row["state"] is RequestState.OPEN:
            place = routes[row["brand_id"]].place
            outgoing.draw(session, Drawing.REQUEST_CARD, row["id"], place, now)
    for holder_id in sorted({row["holder_id"] for row in new if row["state"] is RequestState.OPEN}):
        outgoing.refresh_homes(session, holder_id, now)
    answered = [(row, remembered[row["external_id"]]) for row in new if row["external_id"] in remembered]
    memory.answer(session, client.id, answered, now)
    unrouted = [row for row in new if row["state"] is RequestState.UNROUTED]
    show_to_platform_team(session, [row["id"] for row in unrouted], now)
    catch_up(session, {row["brand_id"] for row in unrouted} - {None}, now)
    return receipts


def withdraw_request(
    session: Session, actor: Actor, request_id: str, reason: str, *, now: datetime
) -> ReadRequest:
    """The marketplace asks no longer. Withdrawing again changes nothing; what was answered stays so."""
    case = authenticity.locked_case(session, request_id)
    subject = Subject(
        "authenticity_request",
        request_id,
        holder_id=case.holder_id if case else None,
        client_id=case.client_id if case else None,
    )
    grant = authorize(session, actor, Operation.WITHDRAW_REQUEST, subject)
    if case is None:
        raise Denied(actor, Operation.WITHDRAW_REQUEST, subject)
    if case.state is RequestState.WITHDRAWN:
        return read_request(case)
    if case.state not in _WITHDRAWABLE:
        raise Refused("authenticity.answered_already")
    authenticity.withdraw(session, request_id, reason, now)
    if case.state is RequestState.UNROUTED:
        show_to_platform_team(session, [request_id], now)
    redraw(session, case, now)
    note(session, actor, grant, Operation.WITHDRAW_REQUEST, subject, now)
    return read_request(authenticity.case(session, request_id))


@dataclass(frozen=True)
class _Judged:
    """A request with its listing identified, or the fault that stands in the way."""

    asked: AskedRequest
    body_hash: str
    identity: ListingIdentity | None = None
    field: str = ""
    fault: str = ""


def _judged(asked: AskedRequest, client: Client, own: Mapping[str, str]) -> _Judged:
    body = orjson.dumps(asked.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
    body_hash = hashlib.sha256(body).hexdigest()
    listing = asked.listing
    if listing.marketplace.casefold() != client.marketplace:
        fault = f"must be {client.marketplace}, the marketplace of this key"
        return _Judged(asked, body_hash, field="listing.marketplace", fault=fault)
    try:
        identity = identify(listing.url, own)
    except NotAListing:
        return _Judged(asked, body_hash, field="listing.url", fault="is not the address of a listing")
    if identity.marketplace == ELSEWHERE:
        identity = _of_client(identity, client, listing.item_id)
    if identity.marketplace != client.marketplace:
        fault = "is the address of a listing on another marketplace"
        return _Judged(asked, body_hash, field="listing.url", fault=fault)
    if listing.item_id and identity.item_id and listing.item_id != identity.item_id:
        fault = "is not the item that listing.url shows"
        return _Judged(asked, body_hash, field="listing.item_id", fault=fault)
    return _Judged(asked, body_hash, identity)


def _of_client(identity: ListingIdentity, client: Client, item_id: str | None) -> ListingIdentity:
    """An address that only the marketplace itself can read: its own number of the item decides."""
    if item_id is None:
        return replace(identity, marketplace=client.marketplace)
    return replace(
        identity, marketplace=client.marketplace, item_id=item_id, key=f"{client.marketplace}:{item_id}"
    )


def _rows(
    session: Session,
    client: Client,
    judged: Sequence[_Judged],
    routes: Mapping[str, Any],
    now: datetime,
) -> dict[str, dict[str, Any]]:
    """A row for each sound request, by external id; of two with one id the first."""
    sound = {each.asked.external_id: each for each in reversed(judged) if each.identity}
    if not sound:
        return {}
    sightings = [_sighting(each.asked, each.identity) for each in sound.values() if each.identity]
    known = listings.remember(session, sightings, now)
    rows = {}
    for external_id, each in sorted(sound.items()):
        listing = known[each.identity.key] if each.identity else None
        route = routes.get(each.asked.brand) or routes.get(each.asked.brand.casefold())
        rows[external_id] = _row(client, each, listing, route, now)
    return rows


def _sighting(asked: AskedRequest, identity: ListingIdentity) -> Sighting:
    listing = asked.listing
    return Sighting(
        identity,
        title=listing.title,
        amount=listing.price.amount if listing.price else None,
        currency=listing.price.currency if listing.price else None,
        seller=(listing.seller.id, listing.seller.name) if listing.seller else None,
    )


def _row(client: Client, judged: _Judged, listing: Any, route: Any, now: datetime) -> dict[str, Any]:
    asked = judged.asked
    told = asked.listing
    # What links sellers is kept with the seller, where the brand that is asked cannot read it.
    snapshot = told.model_dump(mode="json", exclude={"seller": {"contacts", "addresses", "shipments"}})
    snapshot["marketplace"] = client.marketplace
    snapshot["item_id"] = judged.identity.item_id if judged.identity else None
    if asked.product_line:
        snapshot["product_line"] = asked.product_line
    return {
        "id": new_id(),
        "client_id": client.id,
        "external_id": asked.external_id,
        "body_hash": judged.body_hash,
        "brand_named": asked.brand,
        "brand_id": route.id if route else None,
        "holder_id": route.holder_id if route else None,
        "listing_id": listing.id if listing else "",
        "seller_id": listing.seller_id if listing else None,
        "snapshot": snapshot,
        "reasons": asked.reasons,
        "deadline": asked.deadline,
        "state": RequestState.OPEN if route and route.place else RequestState.UNROUTED,
        "round": 1,
        "withdrawn_reason": "",
        "asked_at": now,
        "created_at": now,
        "changed_at": now,
    }


def _lines_named(new: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    return {
        row["id"]: (row["brand_id"], row["snapshot"]["product_line"])
        for row in new
        if row["brand_id"] and "product_line" in row["snapshot"]
    }


def _follow_sellers(
    session: Session, asked: Sequence[AskedRequest], new: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """Look whether these listings were removed before, and keep what is told of their sellers."""
    relistings.look(
        session,
        [
            Sighted(
                row["id"],
                row["listing_id"],
                row["seller_id"],
                row["snapshot"]["title"],
                tuple(row["snapshot"]["pictures"]),
            )
            for row in new
        ],
        now,
    )
    told = {each.external_id: each.listing for each in reversed(asked)}
    known = [(row["seller_id"], told[row["external_id"]]) for row in new if row["seller_id"]]
    networks.keep(
        session, [fact for seller_id, listing in known for fact in facts_of(seller_id, listing)], now
    )


def _receipts(
    judged: Sequence[_Judged], rows: Mapping[str, Mapping[str, Any]], stands: Mapping[str, Any]
) -> list[Received]:
    told: set[str] = set()
    receipts = []
    for each in judged:
        external_id = each.asked.external_id
        if each.identity is None:
            receipts.append(Received(external_id, Receipt.INVALID, field=each.field, fault=each.fault))
            continue
        standing = stands[external_id]
        if standing.body_hash != each.body_hash:
            fault = "was used before, with another body"
            receipts.append(Received(external_id, Receipt.CONFLICT, field="external_id", fault=fault))
            continue
        new = standing.id == rows[external_id]["id"] and external_id not in told
        told.add(external_id)
        receipt = Receipt.NEW if new else Receipt.REPEATED
        receipts.append(Received(external_id, receipt, standing.id, standing.state))
    return receipts
