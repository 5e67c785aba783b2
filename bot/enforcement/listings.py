"""Listings as people and marketplaces name them, kept once each whatever they wrote."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement.listing_identity import ListingIdentity, NotAListing, find_links, identify
from storage.columns import new_id
from storage.queries import listings as kept


@dataclass(frozen=True)
class BadLine:
    """A line that names no listing: in which of several texts, which line (from 1), why."""

    text: int
    line: int
    reason: str


@dataclass(frozen=True)
class ReadLinks:
    """What a person's lines name: each listing once and in order, those named again, the lines in the way."""

    listings: tuple[ListingIdentity, ...]
    repeated: tuple[ListingIdentity, ...]
    bad: tuple[BadLine, ...]


@dataclass(frozen=True)
class Sighting:
    """A listing and what is known of it now; `seller` is (the marketplace's id, name)."""

    identity: ListingIdentity
    title: str = ""
    amount: str | None = None
    currency: str | None = None
    seller: tuple[str, str] | None = None


@dataclass(frozen=True)
class Remembered:
    """The rows of listings by their identities' keys, and the keys of those that nobody had named before."""

    rows: Mapping[str, Any]
    new: frozenset[str]


def read_links(texts: Sequence[str], own: Mapping[str, str]) -> ReadLinks:
    """Read links, one per line; a line may carry other words around its link. `own` as in `identify`."""
    found: dict[str, ListingIdentity] = {}
    repeated: dict[str, ListingIdentity] = {}
    bad: list[BadLine] = []
    for text, number, link in _links(texts):
        try:
            identity = identify(link, own)
        except NotAListing as error:
            bad.append(BadLine(text, number, error.reason))
            continue
        if identity.key in found:
            repeated[identity.key] = found[identity.key]
        else:
            found[identity.key] = identity
    return ReadLinks(tuple(found.values()), tuple(repeated.values()), tuple(bad))


def _links(texts: Sequence[str]) -> Iterable[tuple[int, int, str]]:
    for position, text in enumerate(texts):
        for number, line in enumerate(text.splitlines(), start=1):
            words = line.split()
            links = words if len(words) < 2 else find_links(line) or [line]
            for link in links:
                yield position, number, link


def remember(session: Session, sightings: Sequence[Sighting], now: datetime) -> dict[str, Any]:
    """Keep listings, with their sellers, and give the row of each identity's key.

    Three round trips or fewer whatever their number. What is already known is filled in, never emptied.
    """
    named: dict[tuple[str, str], str] = {}
    for sighting in sightings:
        if sighting.seller:
            named[sighting.identity.marketplace, sighting.seller[0]] = sighting.seller[1]
    sellers = kept.keep_sellers(
        session,
        [
            {
                "id": new_id(),
                "marketplace": marketplace,
                "external_id": external_id,
                "name": name,
                "name_key": name.casefold(),
                "network_id": None,
                "first_seen_at": now,
            }
            for (marketplace, external_id), name in sorted(named.items())
        ],
    )
    rows = {sighting.identity.key: _row(sighting, sellers, now) for sighting in sightings}
    return kept.keep_listings(session, [rows[key] for key in sorted(rows)])


def remember_named(
    session: Session, identities: Iterable[ListingIdentity], known: Mapping[str, Any], now: datetime
) -> Remembered:
    """As `remember`, for listings of which only the link was told; `known` holds the rows that were there."""
    new = {each.key: _row(Sighting(each), {}, now) for each in identities if each.key not in known}
    kept_now = {row.key: row for row in kept.insert_listings(session, [new[key] for key in sorted(new)])}
    met = {row.key: row for row in kept.find_listings(session, [key for key in new if key not in kept_now])}
    return Remembered({**known, **met, **kept_now}, frozenset(kept_now))


def _row(
    sighting: Sighting, sellers: Mapping[tuple[str, str], str], now: datetime
) -> Mapping[str, str | int | datetime | None]:
    identity = sighting.identity
    seller = (identity.marketplace, sighting.seller[0]) if sighting.seller else None
    return {
        "id": new_id(),
        "key": identity.key,
        "key_version": identity.key_version,
        "marketplace": identity.marketplace,
        "item_id": identity.item_id,
        "url": identity.canonical_url,
        "title": sighting.title,
        "amount": sighting.amount,
        "currency": sighting.currency,
        "seller_id": sellers[seller] if seller else None,
        "first_seen_at": now,
    }
