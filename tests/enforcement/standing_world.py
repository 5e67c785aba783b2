"""What tests of standing do to the world of requests: cases that are decided, and figures that are given."""

from datetime import date, datetime, timedelta
from typing import Any

from bot.contract.takedowns import TakedownReport
from bot.enforcement import roster, standing
from bot.enforcement.access import OPERATOR
from bot.enforcement.notices import ItemMove, Move, move_notice
from bot.enforcement.retractions import retract_verdict
from bot.enforcement.standing import Delta
from bot.enforcement.takedown_progress import report_takedown
from storage.queries import standing as queries
from storage.records.authenticity import Verdict
from storage.records.notices import ItemState, Notice, NoticeState
from storage.records.roster import RightsHolder, Standing
from storage.records.standing import StandingTally
from storage.records.takedowns import TakedownCause
from tests.enforcement.request_world import NOW, World, who

FAKE = "counterfeit_no_test_buy"
TODAY = NOW.date()
NEXT = NOW + timedelta(days=1)


def takedown(world: World, item: str = "811", now: datetime = NOW) -> str:
    """An expert of Nordlys says Fake; the takedown's id."""
    request_id = world.ask(item=item)
    world.answer("ines", request_id, now=now)
    verdict = world.one(Verdict, request_id=request_id)
    found: str = world.one(TakedownCause, subject_id=verdict.id).takedown_id
    return found


def report(world: World, takedown_id: str, state: str, now: datetime = NOW) -> None:
    """The marketplace says what it did."""
    told = TakedownReport.model_validate({"event_id": f"{state}-{now}", "state": state, "reason": "policy"})
    world.store.run_sync(report_takedown, world.client, takedown_id, told, now=now)


def retract(world: World, takedown_id: str, now: datetime = NOW) -> None:
    """The expert takes it back."""
    cause = world.one(TakedownCause, takedown_id=takedown_id)
    request_id = world.one(Verdict, id=cause.subject_id).request_id
    world.store.run_sync(retract_verdict, who("lars"), request_id, 1, "mistaken", now=now)


def tally(world: World, holder: str = "Nordlys") -> list[tuple[date, int, int, int]]:
    """A rights holder's tallies, by day."""
    rows = world.rows(StandingTally, holder_id=world.holders[holder])
    return sorted((row.day, row.decided, row.removed, row.upheld) for row in rows)


def give(world: World, decided: int, removed: int, upheld: int = 0, now: datetime = NOW, **more: Any) -> None:
    """So many decisions at once, as the hooks count them."""
    holder = world.holders[more.pop("holder", "Nordlys")]
    delta = Delta(holder, now.date(), more.pop("code", FAKE), decided, removed, upheld)
    world.store.run_sync(standing.count, [delta], now=now)


def stands(world: World, holder: str = "Nordlys") -> Standing:
    """Where a rights holder stands now."""
    found: Standing = world.one(RightsHolder, id=world.holders[holder]).standing
    return found


def differences(world: World) -> list[dict[str, Any]]:
    """Where the tallies and a recount of the cases disagree."""
    return world.store.read_sync(queries.differences, date.min)


def review(world: World, item: str) -> Notice:
    """Tansy has no standing: its Fake becomes a notice for review."""
    world.answer("tess", world.ask("Tansy", item))
    notice: Notice = world.one(Notice, state=NoticeState.SUBMITTED)
    return notice


def move(world: World, notice_id: str, state: NoticeState, now: datetime = NOW, *kept: str) -> None:
    """The marketplace decides about a notice; these of its listings it keeps."""
    event = f"{state}-{now}-{kept}"
    moves = [ItemMove(item, ItemState.KEPT) for item in kept]
    world.store.run_sync(move_notice, world.client, notice_id, Move(event, state, items=moves), now=now)


def set_by_operator(world: World, holder: str, becomes: Standing, now: datetime = NOW) -> None:
    """The host sets a standing by hand."""
    world.store.run_sync(
        roster.set_standing, OPERATOR, world.holders[holder], becomes, reason="Founding member", now=now
    )
