"""The small types that the platform API is made of: bounded text, links, money, moments."""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

LONGEST_URL = 2000
OWN_ID = r"^[0-9A-HJKMNP-TV-Z]{26}$"
_FIRST_YEAR, _LAST_YEAR = 2000, 2199
_ALLOWED_CONTROLS = frozenset("\n\t")


class Incoming(BaseModel):
    """What a marketplace sends: no field beyond the named ones, no value converted from another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Outgoing(BaseModel):
    """What a marketplace reads."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _without_controls(value: str) -> str:
    """Control characters mean nothing to a reader, and one of them (NUL) no database keeps."""
    if any(
        unicodedata.category(character) == "Cc" for character in value if character not in _ALLOWED_CONTROLS
    ):
        raise ValueError("must not hold control characters")
    return value


def _with_content(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be blank")
    return value


def _in_our_time(value: datetime) -> datetime:
    """Years that a clock can mean, and that still exist after a change of zone."""
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise ValueError(f"must be between {_FIRST_YEAR} and {_LAST_YEAR}")
    return value


_Clean = AfterValidator(_without_controls)
_Content = AfterValidator(_with_content)

Name = Annotated[str, StringConstraints(min_length=1, max_length=128), _Clean, _Content]
Title = Annotated[str, StringConstraints(min_length=1, max_length=500), _Clean, _Content]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=300), _Clean, _Content]
OptionalReason = Annotated[str, StringConstraints(max_length=2000), _Clean]
OptionalLine = Annotated[str, StringConstraints(max_length=500), _Clean]
Statement = Annotated[str, StringConstraints(min_length=1, max_length=5000), _Clean, _Content]
Traits = list[Annotated[str, StringConstraints(min_length=1, max_length=300), _Clean, _Content]]
ItemId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
Url = Annotated[
    str, StringConstraints(min_length=8, max_length=LONGEST_URL, pattern=r"^https?://[^\s<>]+$"), _Clean
]
Amount = Annotated[str, StringConstraints(max_length=20, pattern=r"^[0-9]{1,15}(\.[0-9]{1,4})?$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
OwnId = Annotated[str, StringConstraints(pattern=OWN_ID)]
Deadline = Annotated[
    AwareDatetime, AfterValidator(_in_our_time), Field(description="RFC 3339, with an offset")
]


class Money(Incoming):
    """An amount as a decimal string in an ISO 4217 currency."""

    amount: Amount
    currency: Currency


class SellerOf(Incoming):
    """A seller as the marketplace knows it; what links sellers is read by the platform team alone."""

    id: Name
    name: Annotated[str, StringConstraints(max_length=200), _Clean] = ""
    contacts: Traits = Field(default_factory=list, max_length=10, description="e-mail, telephone, accounts")
    addresses: Traits = Field(default_factory=list, max_length=10)
    shipments: Traits = Field(default_factory=list, max_length=10, description="senders, tracking numbers")


class ListingOf(Incoming):
    """A listing as the marketplace shows it."""

    marketplace: Name
    url: Url
    item_id: ItemId | None = None
    title: Title
    price: Money | None = None
    seller: SellerOf | None = None
    pictures: list[Url] = Field(default_factory=list, max_length=10)


def stamp(at: datetime) -> str:
    """A moment as the API writes it: RFC 3339 in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
