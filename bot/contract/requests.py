"""Authenticity requests as the platform API takes and gives them."""

from typing import Annotated, Any, Literal

from pydantic import Field

from bot.contract.errors import Fault
from bot.contract.fields import Deadline, Incoming, ListingOf, Name, OptionalReason, Outgoing, Reason

RequestStates = Literal["unrouted", "open", "awaiting_confirmation", "answered", "withdrawn"]
Answers = Literal["fake", "genuine", "cannot_tell", "need_sample", "not_our_brand"]
Outcomes = Literal["takedown", "review", "awaiting_confirmation", "closed", "disputed", "rerouted"]
MOST_IN_BATCH = 500


class AskedRequest(Incoming):
    """ "Is this listing genuine?", asked by a marketplace. `external_id` makes it idempotent."""

    external_id: Name
    brand: Annotated[Name, Field(description="a brand's name or its id")]
    listing: ListingOf
    reasons: Annotated[list[Reason], Field(min_length=1, max_length=10)]
    deadline: Deadline | None = None
    product_line: Annotated[
        Name | None, Field(description="as the brand calls it; a name that it does not know says nothing")
    ] = None


class AskedBatch(Incoming):
    """Up to 500 requests, each judged alone."""

    requests: Annotated[list[AskedRequest], Field(min_length=1, max_length=MOST_IN_BATCH)]


class RawBatch(Incoming):
    """The same with its items unread, so that one bad item does not refuse its neighbours."""

    requests: Annotated[list[Any], Field(min_length=1, max_length=MOST_IN_BATCH)]


class Withdrawal(Incoming):
    """Why a request is no longer asked."""

    reason: OptionalReason = ""


class Accepted(Outgoing):
    """The answer to a new or repeated request."""

    id: str
    external_id: str
    state: RequestStates


class BatchResult(Outgoing):
    """What became of one request of a batch; `status` is what the single call would have answered."""

    external_id: str | None
    status: Literal[200, 202, 409, 422]
    id: str | None = None
    error: Fault | None = None


class BatchAnswer(Outgoing):
    """The results, in the order of the requests."""

    results: list[BatchResult]


class GivenVerdict(Outgoing):
    """An expert's answer. `expert` is a pseudonym, stable for one person and one client.

    `remembered`: the expert said so when an earlier request asked about the same listing, at `at`.
    """

    answer: Answers
    at: str
    late: bool
    retracted: bool
    outcome: Outcomes
    expert: str
    remembered: bool


class ReadRequest(Outgoing):
    """A request as it stands."""

    id: str
    external_id: str
    state: RequestStates
    brand: str
    deadline: str | None
    verdict: GivenVerdict | None
    takedown_id: str | None
    notice_id: str | None
