"""Sellers that belong together, because they share pictures, contacts, addresses or shipments.

Traits are kept as they come in and linked afterwards, one unit at a time, so that two that come in side by
side find each other. What many sellers share (a catalogue picture, a parcel service) links nobody. Groups
only grow; the smaller ones take the name of the largest, so that each seller is renamed seldom.
"""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session

from bot.clock import Clock
from bot.contract.fields import ListingOf
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from storage.columns import new_id
from storage.engine import Store
from storage.queries import networks as kept
from storage.queries import sellers
from storage.records.sellers import TraitKind

N = TypeVar("N", bound=Hashable)
TOO_COMMON = 20  # sellers with one trait: from then on it says nothing
AT_ONCE = 500  # traits linked in one transaction
LONGEST = 500
_NOISE = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Fact:
    """Something known of a seller, as it was written."""

    seller_id: str
    kind: TraitKind
    text: str


def groups(links: Iterable[Iterable[N]]) -> list[set[N]]:
    """The connected groups of what is linked: each link names things that belong together."""
    parent: dict[N, N] = {}

    def root(of: N) -> N:
        while parent[of] != of:
            parent[of] = parent[parent[of]]
            of = parent[of]
        return of

    for link in links:
        first: N | None = None
        for each in link:
            parent.setdefault(each, each)
            if first is None:
                first = each
            else:
                parent[root(each)] = root(first)
    found: dict[N, set[N]] = defaultdict(set)
    for each in parent:
        found[root(each)].add(each)
    return list(found.values())


def value_hash(kind: TraitKind, text: str) -> str:
    """What two spellings of one trait have in common: case, width, spaces and punctuation do not count."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if kind is not TraitKind.PICTURE:
        plain = _NOISE.sub("", plain)
    return hashlib.sha256(f"{kind.value}:{plain}".encode()).hexdigest()[:32]


def facts_of(seller_id: str, listing: ListingOf) -> list[Fact]:
    """What a listing tells of its seller."""
    told = listing.seller
    by_kind = {
        TraitKind.PICTURE: listing.pictures,
        TraitKind.CONTACT: told.contacts if told else [],
        TraitKind.ADDRESS: told.addresses if told else [],
        TraitKind.SHIPMENT: told.shipments if told else [],
    }
    return [Fact(seller_id, kind, text) for kind, texts in by_kind.items() for text in texts]


def keep(session: Session, facts: Sequence[Fact], now: datetime) -> None:
    """Keep what is known of sellers, each once, in one statement; `link_new` looks who else has it."""
    rows = {}
    for fact in facts:
        text = fact.text.strip()[:LONGEST]
        if text:
            hashed = value_hash(fact.kind, text)
            rows[hashed, fact.seller_id] = {
                "id": new_id(),
                "seller_id": fact.seller_id,
                "kind": fact.kind,
                "value_hash": hashed,
                "shown": text,
                "seen_at": now,
                "linked_at": None,
            }
    if rows:
        kept.insert_traits(session, [rows[key] for key in sorted(rows)])


def note_fact(
    session: Session, actor: Actor, seller_id: str, kind: TraitKind, text: str, *, now: datetime
) -> None:
    """The platform team writes down what it knows of a seller, and sees at once whom it links."""
    subject = Subject("seller", seller_id)
    grant = authorize(session, actor, Operation.NOTE_SELLER_FACT, subject)
    if sellers.find(session, seller_id) is None:
        raise Denied(actor, Operation.NOTE_SELLER_FACT, subject)
    if not _NOISE.sub("", text):
        raise Refused("sellers.fact_empty")
    keep(session, [Fact(seller_id, kind, text)], now)
    link_new(session, now=now)
    note(session, actor, grant, Operation.NOTE_SELLER_FACT, subject, now, kind=kind.value)


def link_new(session: Session, *, now: datetime) -> int:
    """Take the first traits that nobody has looked at and link those who share them; how many those were."""
    kept.one_at_a_time(session)
    new = kept.unlinked_traits(session, AT_ONCE)
    if not new:
        return 0
    values = sorted({trait.value_hash for trait in new})
    common = kept.common_traits(session, values, TOO_COMMON)
    sharing: dict[str, dict[str, str | None]] = defaultdict(dict)
    for value, seller_id, network_id in kept.sharing(
        session, [each for each in values if each not in common]
    ):
        sharing[value][seller_id] = network_id
    for single, networks in _merged(sharing.values()):
        _name(session, single, networks)
    kept.mark_linked(session, [trait.id for trait in new], now)
    return len(new)


async def link_tick(store: Store, clock: Clock) -> None:
    """Link everything that has come in; where nothing has, only look."""
    while await store.read(kept.unlinked_traits, 1):
        await store.run(link_new, now=clock())


def _merged(sharing: Iterable[Mapping[str, str | None]]) -> list[tuple[set[str], set[str]]]:
    """For each group that grows: its sellers of no network yet, and the networks that become one."""
    links = [
        {("network", name) if name else ("seller", seller) for seller, name in members.items()}
        for members in sharing
        if len(members) > 1
    ]
    found = []
    for group in groups(links):
        if len(group) > 1:
            sellers = {name for kind, name in group if kind == "seller"}
            found.append((sellers, {name for kind, name in group if kind == "network"}))
    return found


def _name(session: Session, sellers: set[str], networks: set[str]) -> None:
    sizes = kept.network_sizes(session, sorted(networks)) if networks else {}
    name = max(sorted(networks), key=lambda network: sizes.get(network, 0)) if networks else new_id()
    kept.join_network(session, name, sorted(sellers), sorted(networks - {name}))
