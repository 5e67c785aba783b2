"""Which brand is asked: the platform team assigns what names no brand, or one without a channel."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.enforcement import outgoing, request_lines
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize
from bot.enforcement.outgoing import Drawing
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from storage.queries import authenticity, channels
from storage.records.authenticity import Answer, RequestState
from storage.records.channels import ChannelPurpose

_PLATFORM_TEAM = ""  # the scope of those who hold no company's role


def redraw(session: Session, case: Any, now: datetime) -> None:
    """Draw a request's card in its brand's channel, and the App Homes that list it."""
    redraw_card(session, case.id, case.place, case.holder_id, now)


def redraw_card(
    session: Session, request_id: str, place: str | None, holder_id: str | None, now: datetime
) -> None:
    """As `redraw`, by what of a request that takes; without a brand it stands nowhere."""
    if place:
        outgoing.draw(session, Drawing.REQUEST_CARD, request_id, place, now)
    if holder_id:
        outgoing.refresh_homes(session, holder_id, now)


def show_to_platform_team(session: Session, request_ids: Sequence[str], now: datetime) -> None:
    """Draw unrouted requests, or what became of them, in the platform team's channel, if it has one."""
    binding = channels.channel_of(session, ChannelPurpose.PLATFORM) if request_ids else None
    if binding is not None:
        for request_id in request_ids:
            outgoing.draw(session, Drawing.UNROUTED_CARD, request_id, binding.channel_id, now)
        outgoing.refresh_homes(session, _PLATFORM_TEAM, now)


def to_assign(session: Session, actor: Actor, request_id: str) -> tuple[str, list[tuple[str, str]]]:
    """What the marketplace named, and every brand as (id, name), for whoever may assign the request."""
    subject = Subject("authenticity_request", request_id)
    authorize(session, actor, Operation.ASSIGN_REQUEST, subject)
    case = authenticity.case(session, request_id)
    if case is None:
        raise Denied(actor, Operation.ASSIGN_REQUEST, subject)
    if case.state is not RequestState.UNROUTED:
        raise Refused("authenticity.assigned_already")
    return case.brand_named, authenticity.brands(session)


def assign_request(
    session: Session, actor: Actor, request_id: str, brand_id: str, *, now: datetime
) -> RequestState:
    """The platform team gives an unrouted request to a brand; its new state.

    It stays unrouted while that brand has no channel, and is opened when it gets one.
    """
    case = authenticity.locked_case(session, request_id)
    subject = Subject("authenticity_request", request_id)
    grant = authorize(session, actor, Operation.ASSIGN_REQUEST, subject)
    route = authenticity.routes(session, [brand_id]).get(brand_id)
    if case is None or route is None:
        raise Denied(actor, Operation.ASSIGN_REQUEST, subject)
    if case.state is not RequestState.UNROUTED:
        raise Refused("authenticity.assigned_already")
    if authenticity.was_said_by(session, request_id, route.holder_id, Answer.NOT_OUR_BRAND):
        raise Refused("authenticity.assigned_before")
    state = _open(session, request_id, route, now)
    request_lines.recognise_for(session, [request_id], route.id, now)
    show_to_platform_team(session, [request_id], now)
    catch_up(session, () if route.place else {brand_id}, now)
    owned = Subject("authenticity_request", request_id, holder_id=route.holder_id)
    note(session, actor, grant, Operation.ASSIGN_REQUEST, owned, now, brand=brand_id)
    return state


def route_waiting(session: Session, brand_id: str, now: datetime) -> None:
    """A brand got a channel: open the requests that waited for it, show those that another channel showed."""
    route = authenticity.routes(session, [brand_id]).get(brand_id)
    if route is None or route.place is None:
        return
    for request_id in authenticity.undecided_of(session, brand_id):
        outgoing.draw(session, Drawing.REQUEST_CARD, request_id, route.place, now)
    waiting = authenticity.waiting_for(session, brand_id)
    for request_id in waiting:
        _open(session, request_id, route, now)
    request_lines.recognise_for(session, waiting, brand_id, now)
    show_to_platform_team(session, waiting, now)


def catch_up(session: Session, brand_ids: Collection[str], now: datetime) -> None:
    """Requests were left unrouted for want of a channel: open them where the brand got one meanwhile.

    On PostgreSQL a channel may be bound while a request comes in. Its insert refers to the brand's row, which
    the binding holds, so it waits until the binding can be seen here; or the binding waits and sees it.
    """
    if brand_ids:
        routes = authenticity.routes(session, sorted(brand_ids))
        for brand_id in sorted(each for each in brand_ids if each in routes and routes[each].place):
            route_waiting(session, brand_id, now)


def show_unrouted(session: Session, now: datetime) -> None:
    """The platform team got a channel: show it everything that waits for it."""
    show_to_platform_team(session, authenticity.unrouted(session), now)


def _open(session: Session, request_id: str, route: Any, now: datetime) -> RequestState:
    state = RequestState.OPEN if route.place else RequestState.UNROUTED
    authenticity.open_for(session, request_id, route.id, route.holder_id, state, now)
    if route.place:
        outgoing.draw(session, Drawing.REQUEST_CARD, request_id, route.place, now)
        outgoing.refresh_homes(session, route.holder_id, now)
    return state
