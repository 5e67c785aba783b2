"""Filing on both databases: one notice per marketplace, once per draft, nothing refiled, takedowns."""

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, func, select

from bot.enforcement.access import OPERATOR, Denied
from bot.enforcement.notice_drafts import drop_draft, leave_draft, open_draft, read_draft, save_draft
from bot.enforcement.notice_filing import Filed, Incomplete, Review, file_notice, new_reference
from bot.enforcement.platform import create_client
from storage.engine import Store
from storage.records.listings import Listing
from storage.records.notices import Notice, NoticeDraft, NoticeItem, ReasonCode
from storage.records.outbox import OutboxRow
from storage.records.rights import Right, RightKind
from storage.records.roster import RightsHolder, RoleGrant, Standing
from storage.records.service_levels import FastLane, LaneMember
from storage.records.takedowns import Takedown, TakedownCause
from tests.enforcement.notice_world import NOW, OWN, World, found, item, who

COUNTERFEIT = ReasonCode.COUNTERFEIT_NO_TEST_BUY.value


@pytest.fixture
def world(store: Store) -> World:
    return store.run_sync(found)


@pytest.fixture
def alone(sqlite_store: Store) -> World:
    """As `world`, where the database does not matter."""
    return sqlite_store.run_sync(found)


def begin(store: Store, name: str = "expert", place: str = "C1") -> str:
    return store.run_sync(open_draft, who(name), [], place, now=NOW).draft_id


def file(
    store: Store, draft_id: str, typed: dict[str, Any], name: str = "expert", *, reviewed: bool = False
) -> Incomplete | Review | Filed:
    return store.run_sync(file_notice, who(name), draft_id, typed, OWN, reviewed=reviewed, now=NOW)


def count(store: Store, table: type[Any]) -> int:
    def read(session: Session) -> int:
        return session.exec(select(func.count()).select_from(table)).one()

    return store.read_sync(read)


def outgoing(store: Store, kind: str) -> list[dict[str, Any]]:
    def read(session: Session) -> list[dict[str, Any]]:
        rows = session.exec(select(OutboxRow).where(col(OutboxRow.kind) == kind).order_by(col(OutboxRow.id)))
        return [row.payload for row in rows]

    return store.read_sync(read)


def test_a_complete_draft_becomes_a_notice_and_is_gone(store: Store, world: World) -> None:
    outcome = file(store, begin(store), world.typed(item(1), item(2)))
    assert isinstance(outcome, Filed)
    assert [(notice.marketplace, notice.listings) for notice in outcome.notices] == [("openbazaar", 2)]
    assert count(store, NoticeItem) == 2
    assert count(store, NoticeDraft) == 0
    sent = outgoing(store, "webhook")
    assert [each["type"] for each in sent] == ["notice.submitted"]
    data = sent[0]["data"]
    assert [each["listing"]["item_id"] for each in data["items"]] == ["1", "2"]
    assert data["immediate"] is False
    assert data["statements"] == ["good_faith_1"]
    assert data["submitter"] == {"name": "Expert", "email": "ines@nordlys.example"}


def test_an_incomplete_draft_is_kept_as_it_was_typed(store: Store, world: World) -> None:
    draft_id = begin(store)
    outcome = file(store, draft_id, world.typed("no link", statement=False))
    assert isinstance(outcome, Incomplete)
    assert [problem.field for problem in outcome.problems] == ["statement", "links_1"]
    kept = store.run_sync(read_draft, who("expert"), draft_id, now=NOW)
    assert kept.form.links == ("no link",)
    assert count(store, Notice) == 0


@pytest.mark.parametrize(
    ("holder", "right", "kind", "field"),
    [
        ("halden", "halden", RightKind.TRADEMARK, "right_id"),
        ("nordlys", "halden", RightKind.TRADEMARK, "right_id"),
        ("nordlys", "nordlys", RightKind.COPYRIGHT, "reason"),
    ],
)
def test_nobody_files_on_what_they_are_not_offered(
    sqlite_store: Store, alone: World, holder: str, right: str, kind: RightKind, field: str
) -> None:
    typed = alone.typed(item(1), holder=holder, right_id=alone.rights[right, kind])
    outcome = file(sqlite_store, begin(sqlite_store), typed)
    assert isinstance(outcome, Incomplete)
    assert outcome.problems[0].field == field
    assert [offered.name for offered in outcome.sheet.holders] == ["Nordlys"]
    assert count(sqlite_store, Notice) == 0


def test_a_right_that_ran_out_since_the_form_was_opened_carries_no_notice(
    sqlite_store: Store, alone: World
) -> None:
    draft_id = begin(sqlite_store)

    def run_out(session: Session) -> None:
        right = session.get_one(Right, alone.rights["nordlys", RightKind.TRADEMARK])
        right.expires_on = NOW.date() - timedelta(days=1)

    sqlite_store.run_sync(run_out)
    outcome = file(sqlite_store, draft_id, alone.typed(item(1)))
    assert isinstance(outcome, Incomplete)
    assert count(sqlite_store, Notice) == 0


def test_a_holder_in_two_lanes_files_one_notice_in_the_faster(store: Store, world: World) -> None:
    def join(session: Session) -> None:
        for lane in session.exec(select(FastLane)):
            lane.right_kind = None
            session.add(
                LaneMember(lane_id=lane.id, holder_id=world.holders["nordlys"], since=NOW, granted_by="test")
            )

    def lanes(session: Session) -> list[str]:
        return [notice.lane for notice in session.exec(select(Notice))]

    store.run_sync(join)
    assert isinstance(file(store, begin(store), world.typed(item(1))), Filed)
    assert store.read_sync(lanes) == ["partner"]


def test_a_notice_takes_few_statements(sqlite_store: Store, alone: World) -> None:
    assert isinstance(file(sqlite_store, begin(sqlite_store), alone.typed(item(1))), Filed)
    asked: list[str] = []

    def hear(session: Session, callback: Callable[[str], None] | None) -> None:
        session.connection().connection.driver_connection.set_trace_callback(callback)  # type: ignore[union-attr]  # the driver's own

    def cost(act: Callable[[], Any]) -> int:
        asked.clear()
        assert act()
        facts = [text for text in asked if text.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))]
        return sum("INTO outbox" not in text and "INTO audit" not in text for text in facts)

    sqlite_store.run_sync(hear, asked.append)
    assert cost(lambda: begin(sqlite_store)) == 5
    draft_id = next(text for text in asked if text.startswith("INSERT INTO notice_draft")).split("'")[1]
    assert cost(lambda: file(sqlite_store, draft_id, alone.typed(item(2)))) == 12
    sqlite_store.run_sync(hear, None)


def test_sending_the_same_form_twice_files_once(store: Store, world: World) -> None:
    draft_id = begin(store)
    first = file(store, draft_id, world.typed(item(1)))
    again = file(store, draft_id, world.typed(item(1)))
    assert first == again
    assert count(store, Notice) == 1


async def test_ten_sendings_side_by_side_file_once(store: Store, world: World) -> None:
    draft_id = begin(store)
    typed = world.typed(item(1), item(2))
    outcomes = await asyncio.gather(
        *(store.run(file_notice, who("expert"), draft_id, typed, OWN, now=NOW) for _ in range(10))
    )
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert count(store, Notice) == 1
    assert count(store, NoticeItem) == 2


async def test_two_people_reporting_one_listing_side_by_side_report_it_once(
    store: Store, world: World
) -> None:
    drafts = [(name, begin(store, name)) for name in ("expert", "other_expert", "lead")]
    outcomes = await asyncio.gather(
        *(
            store.run(file_notice, who(name), draft_id, world.typed(item(7)), OWN, now=NOW)
            for name, draft_id in drafts
        )
    )
    assert sum(isinstance(outcome, Filed) for outcome in outcomes) == 1
    assert count(store, NoticeItem) == 1


def test_two_spellings_of_one_listing_are_one_and_are_shown_first(store: Store, world: World) -> None:
    draft_id = begin(store)
    outcome = file(store, draft_id, world.typed(item(1), item(1) + "?utm_source=chat", item(2)))
    assert isinstance(outcome, Review)
    assert outcome.sheet.repeated == [item(1).removeprefix("https://")]
    assert [batch.listings for batch in outcome.sheet.batches] == [
        [item(1).removeprefix("https://"), item(2).removeprefix("https://")]
    ]
    assert count(store, Notice) == 0
    assert isinstance(file(store, draft_id, {}, reviewed=True), Filed)
    assert count(store, NoticeItem) == 2


def test_what_is_reported_already_is_shown_and_not_refiled(store: Store, world: World) -> None:
    first = file(store, begin(store), world.typed(item(1)))
    assert isinstance(first, Filed)
    draft_id = begin(store, "lead")
    outcome = file(store, draft_id, world.typed(item(1), item(2)), "lead")
    assert isinstance(outcome, Review)
    assert [(each.listing, each.reference) for each in outcome.sheet.reported] == [
        (item(1).removeprefix("https://"), first.notices[0].reference)
    ]
    filed = file(store, draft_id, {}, "lead", reviewed=True)
    assert isinstance(filed, Filed)
    assert [notice.listings for notice in filed.notices] == [1]


def test_when_everything_is_reported_already_there_is_nothing_to_file(store: Store, world: World) -> None:
    file(store, begin(store), world.typed(item(1)))
    draft_id = begin(store, "lead")
    assert isinstance(file(store, draft_id, world.typed(item(1)), "lead"), Review)
    again = file(store, draft_id, {}, "lead", reviewed=True)
    assert isinstance(again, Review)
    assert again.sheet.batches == []


def test_another_company_reporting_the_same_listing_learns_nothing(store: Store, world: World) -> None:
    file(store, begin(store), world.typed(item(1)))
    outcome = file(store, begin(store, "rival"), world.typed(item(1), holder="halden"), "rival")
    assert isinstance(outcome, Filed)
    assert count(store, Listing) == 1


def test_one_notice_goes_to_each_marketplace_and_the_unconnected_are_flagged(
    store: Store, world: World
) -> None:
    draft_id = begin(store)
    links = [item(1), "https://www.amazon.de/dp/B0ABCDEFGH", "https://www.ebay.com/itm/123456789012"]
    outcome = file(store, draft_id, world.typed(*links))
    assert isinstance(outcome, Review)
    assert [(batch.marketplace, batch.client) for batch in outcome.sheet.batches] == [
        ("openbazaar", "OpenBazaar"),
        ("amazon", None),
        ("ebay", None),
    ]
    filed = file(store, draft_id, {}, reviewed=True)
    assert isinstance(filed, Filed)
    assert len(filed.notices) == 3
    assert len(outgoing(store, "webhook")) == 1


def test_what_waited_for_a_marketplace_goes_out_when_it_is_connected(store: Store, world: World) -> None:
    draft_id = begin(store)
    file(store, draft_id, world.typed("https://www.amazon.de/dp/B0ABCDEFGH"))
    file(store, draft_id, {}, reviewed=True)

    assert outgoing(store, "webhook") == []
    store.run_sync(create_client, OPERATOR, "Amazon", "amazon", "https://amazon.example/hooks", now=NOW)
    assert [each["type"] for each in outgoing(store, "webhook")] == ["notice.submitted"]


@pytest.mark.parametrize(
    ("name", "holder", "reason", "standing", "immediate"),
    [
        ("expert", "nordlys", COUNTERFEIT, Standing.GOOD_FAITH, True),
        ("expert", "nordlys", ReasonCode.TRADEMARK_IN_LISTING.value, Standing.GOOD_FAITH, False),
        ("expert", "nordlys", COUNTERFEIT, Standing.PILOT, False),
        ("expert", "nordlys", COUNTERFEIT, Standing.WARNED, True),
        ("expert", "nordlys", COUNTERFEIT, Standing.SUSPENDED, False),
        ("small", "tansy", COUNTERFEIT, Standing.GOOD_FAITH, False),  # a small member's filing enters review
        ("officer", "tansy", COUNTERFEIT, Standing.GOOD_FAITH, True),  # with its mandate
        ("rival", "halden", COUNTERFEIT, Standing.APPLICANT, False),
    ],
)
def test_takedowns_start_at_once_only_for_counterfeits_in_good_standing_and_the_form_says_so(
    sqlite_store: Store,
    alone: World,
    name: str,
    holder: str,
    reason: str,
    standing: Standing,
    immediate: bool,
) -> None:
    def stand(session: Session) -> None:
        session.get_one(RightsHolder, alone.holders[holder]).standing = standing

    sqlite_store.run_sync(stand)
    typed = alone.typed(item(1), item(2), holder=holder, reason=reason)
    draft_id = begin(sqlite_store, name)
    promised = sqlite_store.run_sync(save_draft, who(name), draft_id, typed, now=NOW).at_once
    assert isinstance(file(sqlite_store, draft_id, typed, name), Filed)
    sent = outgoing(sqlite_store, "webhook")
    assert sent[0]["data"]["immediate"] is promised is immediate
    takedowns = [each for each in sent if each["type"] == "takedown.requested"]
    assert len(takedowns) == count(sqlite_store, Takedown) == (2 if immediate else 0)


def test_three_hundred_listings_are_one_notice(store: Store, world: World) -> None:
    links = [item(number) for number in range(300)]
    texts = tuple("\n".join(links[start : start + 60]) for start in range(0, 300, 60))
    outcome = file(store, begin(store), world.typed(links=texts, reason=COUNTERFEIT))
    assert isinstance(outcome, Filed)
    assert [notice.listings for notice in outcome.notices] == [300]
    assert count(store, Takedown) == 300


async def test_two_companies_reporting_the_same_listings_at_once_ask_for_each_takedown_once(
    store: Store, world: World
) -> None:
    links = [item(number) for number in range(40)]
    parties = (("expert", "nordlys", links), ("officer", "glen", links[::-1]))
    filings = [
        (who(name), begin(store, name), world.typed(*theirs, holder=holder, reason=COUNTERFEIT))
        for name, holder, theirs in parties
    ]
    outcomes = await asyncio.gather(
        *(store.run(file_notice, actor, draft, typed, OWN, now=NOW) for actor, draft, typed in filings)
    )
    assert all(isinstance(outcome, Filed) for outcome in outcomes)
    assert (count(store, Takedown), count(store, TakedownCause)) == (40, 80)
    asked = [each for each in outgoing(store, "webhook") if each["type"] == "takedown.requested"]
    assert len(asked) == 40


def test_drafts_are_their_writers_own(store: Store, world: World) -> None:
    draft_id = begin(store)
    for name in ("lead", "rival", "nobody"):
        with pytest.raises(Denied):
            store.run_sync(read_draft, who(name), draft_id, now=NOW)
        with pytest.raises(Denied):
            store.run_sync(save_draft, who(name), draft_id, {"explanation": "mine"}, now=NOW)
        with pytest.raises(Denied):
            store.run_sync(drop_draft, who(name), draft_id, now=NOW)
        with pytest.raises(Denied):
            file(store, draft_id, world.typed(item(1)), name)
    assert count(store, NoticeDraft) == 1


def test_a_role_that_was_taken_away_files_nothing(store: Store, world: World) -> None:
    draft_id = begin(store)

    def leave(session: Session) -> None:
        for grant in session.exec(select(RoleGrant)):
            grant.until = NOW

    store.run_sync(leave)
    with pytest.raises(Denied):
        file(store, draft_id, world.typed(item(1)))


def test_a_closed_form_keeps_what_was_typed_and_forgets_an_empty_one(store: Store, world: World) -> None:
    empty, typed = begin(store), begin(store)
    store.run_sync(leave_draft, who("expert"), empty, {}, now=NOW)
    store.run_sync(leave_draft, who("expert"), typed, {"explanation": "Half a thought"}, now=NOW)
    assert count(store, NoticeDraft) == 1
    kept = store.run_sync(read_draft, who("expert"), typed, now=NOW)
    assert kept.form.explanation == "Half a thought"


def test_a_field_that_the_form_did_not_show_keeps_what_it_had(store: Store, world: World) -> None:
    draft_id = begin(store)
    store.run_sync(save_draft, who("expert"), draft_id, {"work": "Our photographs"}, now=NOW)
    shown = store.run_sync(save_draft, who("expert"), draft_id, {"explanation": "x"}, now=NOW)
    assert (shown.form.work, shown.form.explanation) == ("Our photographs", "x")


def test_the_channel_gets_one_whisper_and_the_card_goes_to_the_filer(store: Store, world: World) -> None:
    file(store, begin(store, place="C_ANYWHERE"), world.typed(item(1)))
    whispers = outgoing(store, "whisper")
    assert [(each["channel_id"], each["user_id"], each["key"]) for each in whispers] == [
        ("C_ANYWHERE", "UEXPERT", "notices.filed_direct")
    ]
    assert {each["place"] for each in outgoing(store, "draw")} == {"UEXPERT"}


def test_references_are_random_and_hold_no_letters_that_look_alike() -> None:
    made = {new_reference() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"GF-[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}", each) for each in made)
