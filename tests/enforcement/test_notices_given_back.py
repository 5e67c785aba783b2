"""What a withdrawn notice tells of its listings once the marketplace has put them back."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from bot.contract.takedowns import TakedownReport
from bot.enforcement import notices
from bot.enforcement.access import Actor
from bot.enforcement.notice_drafts import open_draft
from bot.enforcement.notice_filing import file_notice
from bot.enforcement.takedown_progress import report_takedown, sending_ended
from storage.engine import Store
from storage.queries import notices as kept_notices
from storage.queries import standing
from storage.records.notices import ItemState, Notice, NoticeState, ReasonCode
from storage.records.standing import StandingTally
from storage.records.takedowns import Takedown, TakedownState
from tests.enforcement.notice_world import NOW, OWN, World, found, item, who


@pytest.fixture
def world(store: Store) -> World:
    return store.run_sync(found)


def filed(store: Store, world: World) -> str:
    """A counterfeit notice in good standing about two listings, both takedowns of which were sent."""
    draft_id = store.run_sync(open_draft, who("expert"), [], "", now=NOW).draft_id
    typed = world.typed(item(1), item(2), reason=ReasonCode.COUNTERFEIT_NO_TEST_BUY.value)
    store.run_sync(file_notice, who("expert"), draft_id, typed, OWN, now=NOW)
    for key in rows(store, Takedown.key):
        store.run_sync(sending_ended, key, TakedownState.SENT, None, now=NOW)
    notice_id: str = rows(store, Notice.id)[0]
    return notice_id


def rows(store: Store, column: Any) -> list[Any]:
    return store.read_sync(lambda session: list(session.exec(select(column))))


def report(store: Store, world: World, state: Any, number: int = 2) -> None:
    """The marketplace says this of the first so many takedowns."""
    for each in sorted(rows(store, Takedown.id))[:number]:
        told = TakedownReport(event_id=state, state=state)
        store.run_sync(report_takedown, Actor(client_id=world.client), each, told, now=NOW)


def withdraw(store: Store, notice_id: str) -> None:
    store.run_sync(notices.withdraw_notice, who("expert"), notice_id, "The wrong shop", now=NOW)


def shown(store: Store, notice_id: str) -> Any:
    """A notice's state, and its listings by theirs, as its card counts them."""
    sheet = store.read_sync(kept_notices.sheet, notice_id)
    assert sheet is not None
    return sheet.notice.state, dict(sheet.by_state)


def counted(store: Store) -> list[tuple[Any, ...]]:
    """The tallies of standing, with which a recount of the cases agrees."""
    assert store.read_sync(standing.differences, date.min) == []
    kept = rows(store, StandingTally)
    return [(each.day, each.decided, each.removed, each.upheld) for each in kept]


def test_what_came_back_after_a_withdrawal_is_shown_as_back_and_counts_no_second_time(
    store: Store, world: World
) -> None:
    notice_id = filed(store, world)
    report(store, world, "removed")
    withdraw(store, notice_id)
    before = counted(store)
    decided = rows(store, Notice)[0].decided_as
    assert shown(store, notice_id) == (NoticeState.WITHDRAWN, {ItemState.REMOVED: 2})
    report(store, world, "reinstated", 1)
    assert shown(store, notice_id) == (NoticeState.WITHDRAWN, {ItemState.REMOVED: 1, ItemState.KEPT: 1})
    report(store, world, "reinstated")
    assert shown(store, notice_id) == (NoticeState.WITHDRAWN, {ItemState.KEPT: 2})
    assert counted(store) == before == [(NOW.date(), 2, 0, 0)]
    assert rows(store, Notice)[0].decided_as is decided


def test_a_removal_that_crossed_the_withdrawal_is_not_shown_as_one(store: Store, world: World) -> None:
    notice_id = filed(store, world)
    withdraw(store, notice_id)
    for state in ("removed", "reinstated"):
        report(store, world, state)
        assert shown(store, notice_id) == (NoticeState.WITHDRAWN, {ItemState.OPEN: 2})
