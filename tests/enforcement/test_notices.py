"""The life of a notice: every move of the table, every item, who may take it back, who sees nothing."""

import asyncio
from itertools import product
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.contract.takedowns import TakedownReport
from bot.enforcement import notices
from bot.enforcement.access import Actor, Denied
from bot.enforcement.notice_drafts import open_draft
from bot.enforcement.notice_filing import Filed, file_notice
from bot.enforcement.notices import TRANSITIONS, ItemMove, Move, UnknownItem, WrongMove
from bot.enforcement.refusals import Refused
from bot.enforcement.takedown_progress import report_takedown
from storage.engine import Store
from storage.queries import outbox
from storage.queries.audit import verify
from storage.records.audit import AuditEntry
from storage.records.notices import (
    WITHDRAWABLE,
    ItemState,
    Notice,
    NoticeEvent,
    NoticeItem,
    NoticeState,
    ReasonCode,
)
from storage.records.outbox import OutboxRow
from storage.records.roster import Person
from storage.records.takedowns import Takedown, TakedownCause, TakedownState
from tests.enforcement.notice_world import NOW, OWN, World, found, item, who
from tests.statements import prepared_asked

OPEN = NoticeState.SUBMITTED


@pytest.fixture
def world(store: Store) -> World:
    return store.run_sync(found)


@pytest.fixture
def alone(sqlite_store: Store) -> World:
    """As `world`, where the database does not matter."""
    return sqlite_store.run_sync(found)


def filed(store: Store, world: World, *links: str, name: str = "expert", **changes: Any) -> str:
    draft_id = store.run_sync(open_draft, who(name), [], "", now=NOW).draft_id
    typed = world.typed(*(links or (item(1), item(2), item(3))), **changes)
    outcome = store.run_sync(file_notice, who(name), draft_id, typed, OWN, now=NOW)
    assert isinstance(outcome, Filed)
    newest = select(Notice.id).order_by(col(Notice.id).desc()).limit(1)
    found_id: str = store.read_sync(lambda session: session.exec(newest).one())
    return found_id


def move(store: Store, world: World, notice_id: str, state: NoticeState, **details: Any) -> Any:
    event_id = details.pop("event_id", f"e-{state}")
    report = Move(event_id, state, **details)
    return store.run_sync(notices.move_notice, Actor(client_id=world.client), notice_id, report, now=NOW)


def read(store: Store, notice_id: str) -> Notice:
    notice: Notice = store.read_sync(lambda session: session.get_one(Notice, notice_id))
    return notice


def items(store: Store, notice_id: str) -> list[NoticeItem]:
    return store.read_sync(
        lambda session: list(
            session.exec(
                select(NoticeItem)
                .where(col(NoticeItem.notice_id) == notice_id)
                .order_by(col(NoticeItem.position))
            )
        )
    )


def put(store: Store, notice_id: str, state: NoticeState) -> None:
    def change(session: Session) -> None:
        session.get_one(Notice, notice_id).state = state

    store.run_sync(change)


def test_a_notice_moves_as_the_table_says_and_not_otherwise(store: Store, world: World) -> None:
    notice_id = filed(store, world, item(1))
    for state, wanted in product(NoticeState, NoticeState):
        put(store, notice_id, state)
        event_id = f"{state}-{wanted}"
        if wanted in TRANSITIONS[state]:
            assert move(store, world, notice_id, wanted, reason="r", event_id=event_id).notice.state is wanted
        else:
            with pytest.raises(WrongMove):
                move(store, world, notice_id, wanted, reason="r", event_id=event_id)
            assert read(store, notice_id).state is state


def test_the_same_report_again_changes_nothing_and_answers_the_same(store: Store, world: World) -> None:
    notice_id = filed(store, world)
    first = move(store, world, notice_id, NoticeState.RECEIVED, event_id="e1", complaint_number="C-1")
    again = move(store, world, notice_id, NoticeState.RECEIVED, event_id="e1", complaint_number="C-1")
    assert (first.notice.state, first.notice.complaint_number) == (again.notice.state, "C-1")
    events = store.read_sync(lambda session: session.exec(select(NoticeEvent)).all())
    assert len(events) == 2


@pytest.mark.parametrize(
    ("state", "named", "expected"),
    [
        (NoticeState.ACTIONED, {}, "removed removed removed"),
        (NoticeState.REJECTED, {}, "kept kept kept"),
        (NoticeState.PARTIALLY_ACTIONED, {0: ItemState.REMOVED}, "removed kept kept"),
        (NoticeState.PARTIALLY_ACTIONED, {0: ItemState.REMOVED, 2: ItemState.KEPT}, "removed kept kept"),
        (NoticeState.ACTIONED, {1: ItemState.KEPT}, "removed kept removed"),
        (NoticeState.IN_REVIEW, {0: ItemState.REMOVED}, "removed open open"),
    ],
)
def test_a_decision_reaches_every_listing(
    sqlite_store: Store, alone: World, state: NoticeState, named: dict[int, ItemState], expected: str
) -> None:
    notice_id = filed(sqlite_store, alone)
    ids = [each.id for each in items(sqlite_store, notice_id)]
    moves = [ItemMove(ids[position], to) for position, to in named.items()]
    sheet = move(sqlite_store, alone, notice_id, state, reason="r", items=moves)
    assert " ".join(each.state for each in items(sqlite_store, notice_id)) == expected
    assert " ".join(each.state for each in sheet.items) == expected
    decided = read(sqlite_store, notice_id).decided_at
    assert (decided == NOW) is (state in notices.DECIDED)


def test_what_was_kept_at_first_goes_when_the_whole_notice_is_actioned(
    sqlite_store: Store, alone: World
) -> None:
    notice_id = filed(sqlite_store, alone)
    first = [ItemMove(items(sqlite_store, notice_id)[0].id, ItemState.REMOVED)]
    move(sqlite_store, alone, notice_id, NoticeState.PARTIALLY_ACTIONED, items=first)
    move(sqlite_store, alone, notice_id, NoticeState.ACTIONED)
    assert {each.state for each in items(sqlite_store, notice_id)} == {ItemState.REMOVED}


def test_a_report_about_another_notices_item_is_refused_whole(store: Store, world: World) -> None:
    notice_id = filed(store, world)
    own = items(store, notice_id)[0].id
    moves = [ItemMove(own, ItemState.REMOVED), ItemMove("01JAAAAAAAAAAAAAAAAAAAAAAA", ItemState.REMOVED)]
    with pytest.raises(UnknownItem):
        move(store, world, notice_id, NoticeState.PARTIALLY_ACTIONED, items=moves)
    assert read(store, notice_id).state is OPEN
    assert {each.state for each in items(store, notice_id)} == {ItemState.OPEN}


@pytest.mark.parametrize(
    "actor", [Actor(client_id="01JBBBBBBBBBBBBBBBBBBBBBBB"), who("expert"), who("rival")]
)
def test_nobody_but_the_marketplace_of_a_notice_and_the_platform_team_moves_it(
    sqlite_store: Store, alone: World, actor: Actor
) -> None:
    notice_id = filed(sqlite_store, alone)
    with pytest.raises(Denied):
        sqlite_store.run_sync(notices.move_notice, actor, notice_id, Move("e", NoticeState.RECEIVED), now=NOW)
    sqlite_store.run_sync(
        notices.move_notice, who("staff"), notice_id, Move("e", NoticeState.RECEIVED), now=NOW
    )
    assert read(sqlite_store, notice_id).state is NoticeState.RECEIVED


@pytest.mark.parametrize(
    ("decided", "state"),
    [
        ("removed removed removed", NoticeState.ACTIONED),
        ("removed kept removed", NoticeState.PARTIALLY_ACTIONED),
        ("kept kept kept", NoticeState.REJECTED),
        ("removed removed", OPEN),
    ],
)
def test_a_notice_is_decided_when_the_last_of_its_takedowns_is(
    sqlite_store: Store, alone: World, decided: str, state: NoticeState
) -> None:
    notice_id = filed(sqlite_store, alone)
    for each, outcome in zip(items(sqlite_store, notice_id), decided.split(), strict=False):
        sqlite_store.run_sync(notices.item_decided, each.id, ItemState(outcome), "reason", NOW)
        sqlite_store.run_sync(notices.item_decided, each.id, ItemState(outcome), "reason", NOW)
    notice = read(sqlite_store, notice_id)
    assert notice.state is state
    assert (notice.decided_at is None) is (state is OPEN)


def test_a_withdrawn_notice_withdraws_what_it_asked_for(store: Store, world: World) -> None:
    notice_id = filed(store, world, reason=ReasonCode.COUNTERFEIT_NO_TEST_BUY.value)
    store.run_sync(notices.withdraw_notice, who("expert"), notice_id, "Sent by mistake", now=NOW)

    def left(session: Session) -> tuple[set[Any], set[bool], list[str]]:
        states = set(session.exec(select(Takedown.state)))
        causes = {at is not None for at in session.exec(select(TakedownCause.withdrawn_at))}
        rows = session.exec(
            select(OutboxRow)
            .where(col(OutboxRow.kind) == "webhook", col(OutboxRow.state) == "ready")
            .order_by(col(OutboxRow.id))
        )
        return states, causes, [row.payload["type"] for row in rows]

    states, causes, waiting = store.read_sync(left)
    assert states == {TakedownState.CANCELLED}
    assert causes == {True}
    assert waiting == ["notice.submitted", "notice.withdrawn"]
    assert read(store, notice_id).state is NoticeState.WITHDRAWN


def test_many_listings_are_filed_and_withdrawn_in_as_many_statements_as_few(
    store: Store, world: World
) -> None:
    counts = []
    for start, number in ((0, 3), (100, 100)):
        links = [item(start + each) for each in range(number)]
        texts = ("\n".join(links[:50]), "\n".join(links[50:]))
        with prepared_asked() as asked:
            notice_id = filed(store, world, links=texts, reason=ReasonCode.COUNTERFEIT_NO_TEST_BUY.value)
            store.run_sync(notices.withdraw_notice, who("expert"), notice_id, "Sent by mistake", now=NOW)
        counts.append(len(asked))
    assert 0 < counts[1] <= counts[0], "many rows go in at once"


def test_a_decision_asks_nothing_twice(sqlite_store: Store, alone: World) -> None:
    notice_id = filed(sqlite_store, alone, item(1))
    with prepared_asked() as asked:
        move(sqlite_store, alone, notice_id, NoticeState.ACTIONED)
    assert len(set(asked)) == len(asked) <= 12


def test_a_takedowns_report_asks_nothing_twice(sqlite_store: Store, alone: World) -> None:
    filed(sqlite_store, alone, item(1), reason=ReasonCode.COUNTERFEIT_NO_TEST_BUY.value)
    takedown_id = sqlite_store.read_sync(lambda session: session.exec(select(Takedown.id)).one())
    report = TakedownReport(event_id="e", state="removed")
    with prepared_asked() as asked:
        sqlite_store.run_sync(report_takedown, Actor(client_id=alone.client), takedown_id, report, now=NOW)
    assert len(set(asked)) == len(asked) <= 17


async def test_a_withdrawal_beside_the_reports_of_its_takedowns_ends_in_one_story(
    store: Store, world: World
) -> None:
    notice_id = filed(store, world, reason=ReasonCode.COUNTERFEIT_NO_TEST_BUY.value)
    asked = store.read_sync(lambda session: session.exec(select(Takedown.id)).all())
    client = Actor(client_id=world.client)
    reports = [
        store.run(report_takedown, client, each, TakedownReport(event_id="e", state="removed"), now=NOW)
        for each in asked
    ]
    withdrawal = store.run(notices.withdraw_notice, who("expert"), notice_id, "Our own shop", now=NOW)
    outcomes = await asyncio.gather(*reports, withdrawal, return_exceptions=True)
    assert all(not isinstance(each, Exception) or isinstance(each, Refused) for each in outcomes)
    assert read(store, notice_id).state is NoticeState.WITHDRAWN
    states = set(store.read_sync(lambda session: session.exec(select(Takedown.state)).all()))
    assert states <= {TakedownState.CANCELLED, TakedownState.REINSTATEMENT_REQUESTED}


def test_a_rejected_or_withdrawn_notice_cannot_be_withdrawn_and_any_other_can(
    sqlite_store: Store, alone: World
) -> None:
    for number, state in enumerate(NoticeState):
        notice_id = filed(sqlite_store, alone, item(number))
        put(sqlite_store, notice_id, state)
        if state in WITHDRAWABLE:
            sqlite_store.run_sync(notices.withdraw_notice, who("expert"), notice_id, "why", now=NOW)
            assert read(sqlite_store, notice_id).state is NoticeState.WITHDRAWN
        else:
            with pytest.raises(Refused):
                sqlite_store.run_sync(notices.withdraw_notice, who("expert"), notice_id, "why", now=NOW)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("expert", True),
        ("lead", True),
        ("other_expert", False),
        ("rival", False),
        ("staff", False),
        ("nobody", False),
    ],
)
def test_the_filer_and_the_lead_withdraw_and_nobody_else(
    sqlite_store: Store, alone: World, name: str, *, allowed: bool
) -> None:
    notice_id = filed(sqlite_store, alone, item(1))
    if allowed:
        sqlite_store.run_sync(notices.withdraw_notice, who(name), notice_id, "why", now=NOW)
        return
    with pytest.raises(Denied):
        sqlite_store.run_sync(notices.withdraw_notice, who(name), notice_id, "why", now=NOW)
    assert read(sqlite_store, notice_id).state is OPEN


def test_a_withdrawn_notice_stays_withdrawn_whatever_its_takedowns_report(store: Store, world: World) -> None:
    notice_id = filed(store, world, item(1))
    store.run_sync(notices.withdraw_notice, who("expert"), notice_id, "why", now=NOW)
    store.run_sync(notices.item_decided, items(store, notice_id)[0].id, ItemState.REMOVED, "", NOW)
    assert read(store, notice_id).state is NoticeState.WITHDRAWN


def test_a_members_complaint_number_is_kept(store: Store, world: World) -> None:
    notice_id = filed(store, world, item(1))
    url = "https://market.example/complaints/77"
    store.run_sync(notices.note_complaint, who("lead"), notice_id, "C-77", url, now=NOW)
    notice = read(store, notice_id)
    assert (notice.complaint_number, notice.complaint_url) == ("C-77", url)
    with pytest.raises(Denied):
        store.run_sync(notices.note_complaint, who("rival"), notice_id, "X", "", now=NOW)


@pytest.mark.parametrize(
    "actor", [who("rival"), who("nobody"), Actor(client_id="01JBBBBBBBBBBBBBBBBBBBBBBB")]
)
def test_a_foreign_notice_and_a_missing_one_are_the_same(
    sqlite_store: Store, alone: World, actor: Actor
) -> None:
    notice_id = filed(sqlite_store, alone, item(1))
    for wanted in (notice_id, "01JCCCCCCCCCCCCCCCCCCCCCCC"):
        with pytest.raises(Denied):
            sqlite_store.read_sync(notices.read_notice, actor, wanted)


def test_a_withdrawal_never_overtakes_what_it_withdraws(store: Store, world: World) -> None:
    notice_id = filed(store, world, item(1))
    store.run_sync(notices.withdraw_notice, who("expert"), notice_id, "why", now=NOW)

    def claimed(session: Session) -> list[str]:
        rows = outbox.claim(session, owner="test", room=100, now=NOW)
        return [row.payload["type"] for row in rows if row.kind == "webhook"]

    assert store.run_sync(claimed) == ["notice.submitted"]


def test_every_change_leaves_one_row_in_an_unbroken_audit(store: Store, world: World) -> None:
    notice_id = filed(store, world, item(1))
    move(store, world, notice_id, NoticeState.RECEIVED)
    store.run_sync(notices.withdraw_notice, who("lead"), notice_id, "why", now=NOW)

    def trail(session: Session) -> list[tuple[str, str]]:
        rows = session.exec(
            select(AuditEntry.operation, AuditEntry.role)
            .where(col(AuditEntry.subject_id) == notice_id)
            .order_by(col(AuditEntry.seq))
        )
        return [(operation, role) for operation, role in rows]

    assert store.read_sync(trail) == [("file_notice", "BM"), ("move_notice", "PC"), ("withdraw_notice", "BL")]
    assert store.read_sync(verify).intact


def test_home_is_drawn_again_only_for_those_who_looked_lately(store: Store, world: World) -> None:
    def look(session: Session) -> None:
        lead = session.exec(select(Person).where(col(Person.user_id) == "ULEAD")).one()
        lead.home_opened_at = NOW

    store.run_sync(look)
    filed(store, world, item(1), name="expert")

    def homes(session: Session) -> set[str]:
        return set(session.exec(select(OutboxRow.subject_id).where(col(OutboxRow.kind) == "home")))

    assert store.read_sync(homes) == {"ULEAD"}


@pytest.mark.parametrize(
    "state", [NoticeState.ACTIONED, NoticeState.REJECTED, NoticeState.PARTIALLY_ACTIONED]
)
def test_a_decision_told_again_brings_a_late_complaint_number_and_nothing_else(
    store: Store, world: World, state: NoticeState
) -> None:
    notice_id = filed(store, world)
    removed = [ItemMove(items(store, notice_id)[0].id, ItemState.REMOVED)]
    named = removed if state is NoticeState.PARTIALLY_ACTIONED else []
    move(store, world, notice_id, state, reason="r", items=named)
    before = [each.state for each in items(store, notice_id)]
    url = "https://market.example/c/9"
    late = {"event_id": "late", "reason": "r", "complaint_number": "C-9", "complaint_url": url}
    sheet = move(store, world, notice_id, state, items=named, **late)
    assert (sheet.notice.complaint_number, sheet.notice.complaint_url) == ("C-9", url)
    assert (sheet.notice.state, [each.state for each in items(store, notice_id)]) == (state, before)
    told = store.read_sync(lambda session: session.exec(select(NoticeEvent)).all())
    assert [each.state for each in told] == [NoticeState.SUBMITTED, state]


def test_a_decision_told_again_does_not_turn_what_it_decided(sqlite_store: Store, alone: World) -> None:
    notice_id = filed(sqlite_store, alone)
    move(sqlite_store, alone, notice_id, NoticeState.ACTIONED)
    kept = [ItemMove(items(sqlite_store, notice_id)[0].id, ItemState.KEPT)]
    with pytest.raises(WrongMove):
        move(sqlite_store, alone, notice_id, NoticeState.ACTIONED, event_id="e2", items=kept)
