"""What the marketplace knows: its listings, the questions it asked, notices and takedowns it received."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox.records import Json

MARKETPLACE = "openbazaar"
COUNTRY, ZONE = "CN", "Asia/Shanghai"  # whose business days count there
PAGE_SIZE = 24
DECIDED = {"removed": "removed", "refused": "kept", "reinstated": "kept"}
OPEN_STATES = frozenset({"unrouted", "open", "awaiting_confirmation"})


@dataclass
class Listing:
    """One listing; `url` is a path on this server, `brand` the one that it is suspected to copy."""

    id: str
    url: str
    title: str
    brand: str
    price: Json | None = None
    seller: Json | None = None
    condition: str = ""
    picture: str | None = None
    state: str = "active"


@dataclass
class Request:
    """A question whether a listing is genuine; `id` is the bot's own id for it."""

    external_id: str
    id: str
    listing_id: str
    brand: str
    state: str
    asked_at: str
    deadline: str | None = None
    answer: str | None = None


@dataclass
class Notice:
    """A notice as it came in by webhook, and where it stands."""

    notice_id: str
    reference: str
    rights_holder: str
    brand: str
    reason_code: str
    explanation: str
    right: Json | None
    submitter: Json | None
    items: list[Json]
    immediate: bool
    received_at: str
    state: str = "submitted"
    complaint_number: str = ""
    complaint_url: str = ""

    def settle(self, takedown: "Takedown") -> None:
        """Take over what became of a listing; the notice is decided with the last of its listings."""
        named = [item for item in self.items if item["listing"].get("url") == takedown.listing.get("url")]
        if not named or takedown.state not in DECIDED:
            return
        for item in named:
            item["state"] = DECIDED[takedown.state]
        outcomes = {item["state"] for item in self.items}
        if "open" not in outcomes:
            both = len(outcomes) > 1
            self.state = "partially_actioned" if both else "actioned" if "removed" in outcomes else "rejected"


@dataclass
class Takedown:
    """A takedown under its stable key; every effect counts, and more than one is one too many."""

    key: str
    takedown_id: str
    listing: Json
    causes: list[Json]
    at: str
    state: str = "received"
    webhook_ids: list[str] = field(default_factory=list)
    reported: str | None = None


@dataclass
class CounterNotice:
    """A seller's objection that was relayed to the bot, and how it stands there."""

    external_id: str
    id: str
    listing: Json
    regime: str
    statement: str
    papers: list[str]
    at: str
    due_at: str
    state: str
    decided_by: str = ""
    answer: Json | None = None


@dataclass
class Sanction:
    """A measure proposed against a seller; `policy` is what counted."""

    sanction_id: str
    seller: Json
    measure: str
    policy: Json
    at: str
    state: str
    webhook_ids: list[str] = field(default_factory=list)


@dataclass
class Delivery:
    """One webhook as it arrived; `answered` is the status that it got."""

    id: str
    type: str
    at: str
    valid: bool
    duplicate: bool
    answered: int
    data: Json | None


@dataclass
class MarketMemory:
    """Everything of the marketplace that outlives a restart of the sandbox."""

    api_key: str = ""
    webhook_secret: str = ""
    listings: dict[str, Listing] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    notices: dict[str, Notice] = field(default_factory=dict)
    takedowns: dict[str, Takedown] = field(default_factory=dict)
    counter_notices: dict[str, CounterNotice] = field(default_factory=dict)
    papers: dict[str, str] = field(default_factory=dict)  # the titles of sellers' documents by their SHA-256
    sanctions: dict[str, Sanction] = field(default_factory=dict)
    received: list[Delivery] = field(default_factory=list)
    known_ids: set[str] = field(default_factory=set)

    def open_request(self, listing_id: str) -> str | None:
        """The external id of the question that is still open about a listing."""
        for request in self.requests.values():
            if request.listing_id == listing_id and request.state in OPEN_STATES:
                return request.external_id
        return None

    def takedown_of(self, listing_id: str) -> str | None:
        """The key of the takedown that stands against a listing."""
        for takedown in self.takedowns.values():
            if takedown.listing.get("item_id") == listing_id and takedown.state != "reinstated":
                return takedown.key
        return None

    def search(self, words: str, state: str) -> list[Listing]:
        """Listings whose title, brand or seller holds every word, in the given state where one is given."""
        wanted = words.lower().split()
        return [
            listing
            for listing in self.listings.values()
            if state in ("", listing.state) and all(word in _searchable(listing) for word in wanted)
        ]


def _searchable(listing: Listing) -> str:
    seller = (listing.seller or {}).get("name", "")
    return f"{listing.id} {listing.title} {listing.brand} {seller}".lower()


def read_listings(path: Path) -> list[Listing]:
    """The catalogue file."""
    return [Listing(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
