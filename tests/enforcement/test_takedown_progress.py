"""How takedowns go on: what sending came to, what the marketplace reports, each report once."""

import pytest

from bot.contract.takedowns import TakedownReport
from bot.enforcement.access import Actor, Denied
from bot.enforcement.platform_view import takedown_of
from bot.enforcement.retractions import retract_verdict
from bot.enforcement.takedown_progress import (
    Trouble,
    WrongReport,
    never_arrived,
    report_takedown,
    sending_ended,
)
from storage.engine import Store
from storage.records.audit import AuditEntry
from storage.records.outbox import OutboxRow, OutboxState
from storage.records.takedowns import Takedown, TakedownState
from tests.enforcement.request_world import LATER, NOW, World, build, who

S = TakedownState


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """The world on SQLite: for rules that no database decides."""
    return build(sqlite_store)


@pytest.fixture
def world_on_each(store: Store) -> World:
    """The world on each database: for statements."""
    return build(store)


@pytest.fixture
def takedown_id(world: World) -> str:
    world.answer("ines", world.ask())
    found: str = world.one(Takedown).id
    return found


def report(
    world: World, takedown_id: str, state: str, event_id: str = "e1", actor: Actor | None = None
) -> str:
    told = TakedownReport.model_validate(
        {"event_id": event_id, "state": state, "reason": "policy", "reference": "R-1"}
    )
    read = world.store.run_sync(report_takedown, actor or world.client, takedown_id, told, now=LATER)
    return read.state


def set_state(world: World, takedown_id: str, state: TakedownState) -> None:
    world.change(lambda session: setattr(session.get_one(Takedown, takedown_id), "state", state))


@pytest.mark.parametrize(
    ("state", "reported", "becomes"),
    [
        (S.REQUESTED, "removed", S.REMOVED),
        (S.UNCLEAR, "removed", S.REMOVED),
        (S.SENT, "removed", S.REMOVED),
        (S.REFUSED, "removed", S.REMOVED),
        (S.REINSTATEMENT_REQUESTED, "removed", S.REINSTATEMENT_REQUESTED),
        (S.CANCELLED, "removed", None),
        (S.REINSTATED, "removed", None),
        (S.REQUESTED, "refused", S.REFUSED),
        (S.SENT, "refused", S.REFUSED),
        (S.REMOVED, "refused", None),
        (S.REINSTATEMENT_REQUESTED, "refused", S.REFUSED),
        (S.REMOVED, "reinstated", S.REINSTATED),
        (S.REINSTATEMENT_REQUESTED, "reinstated", S.REINSTATED),
        (S.SENT, "reinstated", None),
        (S.CANCELLED, "reinstated", None),
    ],
)
def test_what_a_report_makes_of_each_state(
    world: World, takedown_id: str, state: TakedownState, reported: str, becomes: TakedownState | None
) -> None:
    set_state(world, takedown_id, state)
    if becomes is None:
        with pytest.raises(WrongReport):
            report(world, takedown_id, reported)
        assert world.one(Takedown).state is state
        return
    assert report(world, takedown_id, reported) == becomes.value
    assert world.one(Takedown).removed_at == (LATER if reported == "removed" else None)
    assert world.one(Takedown).reference == "R-1"


def test_the_same_event_counts_once_and_answers_the_same(world: World, takedown_id: str) -> None:
    assert report(world, takedown_id, "removed") == "removed"
    assert report(world, takedown_id, "removed") == "removed"
    assert report(world, takedown_id, "refused") == "removed"
    assert len(world.rows(AuditEntry, operation="report_takedown")) == 1


def test_a_wrong_report_leaves_its_event_id_unused(world: World, takedown_id: str) -> None:
    with pytest.raises(WrongReport):
        report(world, takedown_id, "reinstated", "e9")
    assert report(world, takedown_id, "removed", "e9") == "removed"


def test_what_was_removed_cannot_be_refused_while_we_ask_for_it_back(world: World, takedown_id: str) -> None:
    report(world, takedown_id, "removed")
    set_state(world, takedown_id, S.REINSTATEMENT_REQUESTED)
    with pytest.raises(WrongReport):
        report(world, takedown_id, "refused", "e2")


def test_a_refusal_after_we_asked_back_settles_it_and_unsays_what_was_not_sent(world_on_each: World) -> None:
    request_id = world_on_each.ask()
    world_on_each.answer("ines", request_id)
    takedown = world_on_each.one(Takedown)
    world_on_each.store.run_sync(sending_ended, takedown.key, S.SENT, None, now=NOW)
    _set_hook(world_on_each, OutboxState.SENT)
    world_on_each.store.run_sync(retract_verdict, who("ines"), request_id, 1, "mistaken", now=LATER)
    assert report(world_on_each, takedown.id, "refused") == "refused"
    rows = [
        row for row in world_on_each.rows(OutboxRow) if row.payload.get("type") == "reinstatement.requested"
    ]
    assert [row.state for row in rows] == [OutboxState.DROPPED]


def test_a_send_that_never_arrived_ends_with_the_retraction(world_on_each: World) -> None:
    request_id = world_on_each.ask()
    world_on_each.answer("ines", request_id)
    takedown = world_on_each.one(Takedown)
    _set_hook(world_on_each, OutboxState.UNKNOWN)
    world_on_each.store.run_sync(sending_ended, takedown.key, S.UNCLEAR, None, now=NOW)
    world_on_each.store.run_sync(retract_verdict, who("ines"), request_id, 1, "mistaken", now=LATER)
    assert world_on_each.one(Takedown).state is S.REINSTATEMENT_REQUESTED
    world_on_each.store.run_sync(never_arrived, takedown.key, now=LATER)
    assert world_on_each.one(Takedown).state is S.CANCELLED


def test_nobody_else_reports_or_reads_a_takedown(world: World, takedown_id: str) -> None:
    for actor in (world.other_client, who("ines"), who("nobody")):
        with pytest.raises(Denied):
            report(world, takedown_id, "removed", actor=actor)
        with pytest.raises(Denied):
            world.store.read_sync(takedown_of, actor, takedown_id)


def test_a_report_that_overtakes_the_receipt_wins(world: World, takedown_id: str) -> None:
    report(world, takedown_id, "removed")
    world.store.run_sync(sending_ended, world.one(Takedown).key, S.UNCLEAR, None, now=LATER)
    world.store.run_sync(sending_ended, world.one(Takedown).key, S.SENT, None, now=LATER)
    takedown = world.one(Takedown)
    assert (takedown.state, takedown.sent_at) == (S.REMOVED, LATER)


def test_trouble_is_kept_until_the_takedown_gets_through_and_drawn_once(
    world: World, takedown_id: str
) -> None:
    key = world.one(Takedown).key
    drawn = len(_cards(world))
    for _ in range(3):
        world.store.run_sync(sending_ended, key, S.REQUESTED, Trouble.UNREACHABLE, now=NOW)
    takedown = world.one(Takedown)
    assert (takedown.state, takedown.state_reason) == (S.REQUESTED, "unreachable")
    assert len(_cards(world)) == drawn  # they melt into the one that waits
    world.store.run_sync(sending_ended, key, S.SENT, None, now=LATER)
    takedown = world.one(Takedown)
    assert (takedown.state, takedown.state_reason, takedown.sent_at) == (S.SENT, "", LATER)


def _cards(world: World) -> list[dict[str, object]]:
    return [each for each in world.outgoing("draw") if each["drawing"] == "request_card"]


def test_a_takedown_is_read_with_its_causes(world: World, takedown_id: str) -> None:
    read = world.store.read_sync(takedown_of, world.client, takedown_id)
    assert read.state == "requested"
    assert [(cause.kind, cause.external_id) for cause in read.causes] == [("verdict", "mp-Nordlys-811")]
    assert read.listing.item_id == "811"


def _set_hook(world: World, state: OutboxState) -> None:
    """How far the delivery of the takedown has come."""
    (row,) = [each for each in world.rows(OutboxRow) if each.payload.get("type") == "takedown.requested"]
    world.change(lambda session: setattr(session.get_one(OutboxRow, row.id), "state", state))
