"""What a marketplace decides about a notice counts against the sellers of its listings: once, reversibly."""

from dataclasses import asdict
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, SQLModel, col, select

from bot.enforcement import notices
from bot.enforcement.access import OPERATOR, Actor
from bot.enforcement.notice_drafts import open_draft
from bot.enforcement.notice_filing import Filed, file_notice
from bot.enforcement.notices import ItemMove, Move
from bot.enforcement.strike_policies import Wanted, own_pause, switch
from storage.engine import Store
from storage.records.listings import Listing, Seller
from storage.records.notices import ItemState, Notice, NoticeItem, NoticeState
from storage.records.sellers import PolicyName, Relisting, Sanction, Severity, Strike, StrikePolicy
from tests.enforcement.notice_world import NOW, OWN, World, found, item, who
from tests.statements import prepared_asked


@pytest.fixture
def world(store: Store) -> World:
    return store.run_sync(found)


def rows(store: Store, table: type[SQLModel]) -> list[Any]:
    return store.read_sync(lambda session: list(session.exec(select(table))))


def filed(store: Store, world: World, *numbers: int) -> str:
    """A notice about listings of one known seller, not immediate."""
    draft = store.run_sync(open_draft, who("expert"), [], "", now=NOW).draft_id
    typed = world.typed(*(item(number) for number in numbers))
    outcome = store.run_sync(file_notice, who("expert"), draft, typed, OWN, reviewed=True, now=NOW)
    assert isinstance(outcome, Filed)

    def give(session: Session) -> str:
        seller = session.exec(select(Seller)).first() or Seller(
            marketplace="openbazaar", external_id="s-1", name="s", first_seen_at=NOW
        )
        session.add(seller)
        session.flush()
        session.connection().execute(update(Listing).values(seller_id=seller.id))
        return session.exec(select(Notice.id).order_by(col(Notice.id).desc()).limit(1)).one()

    return store.run_sync(give)


def move(store: Store, world: World, notice_id: str, event_id: str, state: NoticeState, **more: Any) -> None:
    moved = Move(event_id, state, **more)
    store.run_sync(notices.move_notice, Actor(client_id=world.client), notice_id, moved, now=NOW)


def items_of(store: Store, notice_id: str) -> list[str]:
    def read(session: Session) -> list[str]:
        wanted = select(NoticeItem.id).where(col(NoticeItem.notice_id) == notice_id)
        return list(session.exec(wanted.order_by(col(NoticeItem.position))))

    return store.read_sync(read)


def test_removed_items_are_strikes_and_kept_ones_are_none(store: Store, world: World) -> None:
    notice_id = filed(store, world, 1, 2, 3)
    first, second, _ = items_of(store, notice_id)
    decided = [ItemMove(first, ItemState.REMOVED), ItemMove(second, ItemState.KEPT, "Invoices")]
    move(store, world, notice_id, "e1", NoticeState.PARTIALLY_ACTIONED, items=decided)
    (strike,) = rows(store, Strike)
    assert (strike.removal_id, strike.severity) == (first, Severity.GENERAL)


def test_the_same_report_again_is_no_further_strike(store: Store, world: World) -> None:
    notice_id = filed(store, world, 1, 2)
    for _ in range(2):
        move(store, world, notice_id, "e1", NoticeState.ACTIONED)
    assert len(rows(store, Strike)) == 2


def test_a_reported_listing_that_was_removed_before_is_marked(store: Store, world: World) -> None:
    notice_id = filed(store, world, 1)
    move(store, world, notice_id, "e1", NoticeState.ACTIONED)
    again = filed(store, world, 1, 2)
    assert [row.subject_id for row in rows(store, Relisting)] == [again]


def test_a_notice_of_many_listings_is_one_sanction_and_as_many_statements_as_one_of_few(
    sqlite_store: Store,
) -> None:
    world = sqlite_store.run_sync(found)
    given = {"client_id": world.client, "policy": "points", "valid": "365", "apart": "0"}
    sqlite_store.run_sync(switch, OPERATOR, given, now=NOW)
    counts = []
    for numbers in (range(10, 13), range(100, 160)):
        notice_id = filed(sqlite_store, world, *numbers)
        with prepared_asked() as asked:
            move(sqlite_store, world, notice_id, "e1", NoticeState.ACTIONED)
        counts.append(len(asked))
    assert 0 < counts[1] <= counts[0]
    assert len(rows(sqlite_store, Strike)) == 63
    assert len(rows(sqlite_store, Sanction)) == 1  # six points a day at most: one severe warning


@pytest.mark.parametrize(
    ("name", "apart", "shown"),
    [
        (PolicyName.THREE_STRIKES, 3, ""),
        (PolicyName.THREE_STRIKES, 5, "5"),
        (PolicyName.POINTS, 0, ""),
        (PolicyName.POINTS, 3, "3"),
    ],
)
def test_a_form_shows_days_apart_only_where_they_are_not_as_published(
    name: PolicyName, apart: int, shown: str
) -> None:
    terms = Wanted("client", name, 365, apart).terms
    assert terms is not None
    kept = StrikePolicy(marketplace="m", version=1, name=name, terms=asdict(terms), since=NOW)
    assert own_pause(kept) == shown
    again = Wanted.read({"client_id": "client", "policy": name.value, "valid": "365", "apart": shown})
    assert again.apart == apart
