"""Fast lanes: what a notice is promised when it goes out, who is in a lane, and who decides that."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.contract.webhooks import NoticeSubmitted
from bot.enforcement import approvals, fast_lanes, notices
from bot.enforcement.access import Actor, Denied
from bot.enforcement.approvals import ActName
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY
from bot.enforcement.notice_drafts import open_draft
from bot.enforcement.notice_filing import Filed, Incomplete, file_notice
from bot.enforcement.refusals import Refused
from storage.engine import Store
from storage.records.outbox import OutboxRow
from storage.records.rights import Right, RightKind
from storage.records.roster import Person, Role, RoleGrant
from storage.records.service_figures import Asked, Tally
from tests.enforcement.notice_world import NOW, OWN, TEAM, World, found, item, who
from tests.enforcement.service_world import file, file_one, join, shown


@pytest.fixture
def world(store: Store) -> World:
    return store.run_sync(found)


def test_a_notice_is_promised_its_hours_of_business_time_when_it_goes_out(store: Store, world: World) -> None:
    friday = datetime(2026, 11, 20, 15, tzinfo=UTC)
    notice = store.run_sync(file_one, world, 1, friday)
    assert (notice.lane, notice.target_hours) == ("", 24)
    assert notice.due_at == datetime(2026, 11, 23, 15, tzinfo=UTC)


def test_withdrawn_in_time_it_owes_nothing_withdrawn_late_it_stays_a_breach(
    store: Store, world: World
) -> None:
    monday = datetime(2026, 11, 16, 9, tzinfo=UTC)
    early, late = (store.run_sync(file_one, world, number, monday) for number in (1, 2))

    def withdraw(session: Session, notice_id: str, now: datetime) -> datetime | None:
        return notices.withdraw_notice(session, who("lead"), notice_id, "mistake", now=now).due_at

    assert store.run_sync(withdraw, early.id, monday + timedelta(hours=24)) is None
    assert store.run_sync(withdraw, late.id, monday + timedelta(hours=24, seconds=1)) is not None
    assert store.read_sync(shown, "staff", Asked()).tally == Tally(1, 0)


@pytest.mark.parametrize(
    ("lanes", "kind", "expected"),
    [
        ((), RightKind.DESIGN, ("", 24)),
        (("designs",), RightKind.TRADEMARK, ("", 24)),
        (("designs",), RightKind.DESIGN, ("designs", 12)),
        (("designs", "partner"), RightKind.DESIGN, ("partner", 8)),
        (("partner",), None, ("partner", 8)),
    ],
)
def test_a_notice_goes_into_the_fastest_lane_that_takes_its_right(
    store: Store, world: World, lanes: tuple[str, ...], kind: RightKind | None, expected: tuple[str, int]
) -> None:
    def promised(session: Session) -> tuple[str, int]:
        join(session, world, *lanes)
        trademark = replace(
            world, rights={**world.rights, ("nordlys", RightKind.DESIGN): _design(session, world)}
        )
        notice = file(session, trademark, None, None, right=kind)
        used = session.get(Right, notice.right_id) if notice.right_id else None
        lane = fast_lanes.lane_for(session, notice.holder_id, used)
        promise = fast_lanes.promise(lane, MONDAY_TO_FRIDAY, NOW)
        return promise["lane"], promise["target_hours"]

    assert store.run_sync(promised) == expected


def _design(session: Session, world: World) -> str:
    from_one = session.get_one(Right, world.rights["nordlys", RightKind.TRADEMARK])
    made = Right(**from_one.model_dump(exclude={"id", "kind"}), kind=RightKind.DESIGN)
    session.add(made)
    session.flush()
    return made.id


def test_in_a_lane_of_reduced_proof_nobody_has_to_explain_and_the_marketplace_is_told(
    store: Store, world: World
) -> None:
    def file_it(session: Session) -> list[str] | dict[str, Any]:
        draft = open_draft(session, who("expert"), [item(1)], "", now=NOW)
        session.flush()
        typed = world.typed(item(1), explanation="")
        filed = file_notice(session, who("expert"), draft.draft_id, typed, OWN, reviewed=True, now=NOW)
        if isinstance(filed, Incomplete):
            return [problem.field for problem in filed.problems]
        assert isinstance(filed, Filed)
        return {}

    def told(session: Session) -> dict[str, Any]:
        row = session.exec(select(OutboxRow).where(col(OutboxRow.kind) == "webhook")).one()
        found: dict[str, Any] = row.payload["data"]
        return found

    assert store.run_sync(file_it) == ["explanation"]
    store.run_sync(join, world, "partner")
    assert store.run_sync(file_it) == {}
    body = store.read_sync(told)
    assert body["lane"] == {"name": "Partner lane", "target_hours": 8, "reduced_proof": True}
    assert body["due_at"] is not None
    assert NoticeSubmitted.model_validate(body).explanation == ""


def test_two_administrators_put_a_holder_into_a_lane_which_staff_may_ask_for(
    store: Store, world: World
) -> None:
    def administrators(session: Session) -> None:
        for name in ("ADA", "BEN"):
            person = Person(team_id=TEAM, user_id=f"U{name}", name=name, profile_at=NOW)
            session.add(person)
            session.flush()
            grant = RoleGrant(person_id=person.id, role=Role.ADMINISTRATOR, since=NOW, granted_by="test")
            session.add(grant)

    given = {"holder_id": world.holders["nordlys"], "lane": "partner", "lane_name": "Partner lane"}

    def ask(session: Session, actor: Actor, name: ActName) -> str:
        return approvals.ask(session, actor, name, given, now=NOW)

    store.run_sync(administrators)
    ada, ben = Actor(TEAM, "UADA"), Actor(TEAM, "UBEN")
    with pytest.raises(Denied):
        store.run_sync(ask, who("lead"), ActName.JOIN_LANE)
    with pytest.raises(Refused, match=r"service\.lane_stranger"):
        store.run_sync(ask, who("staff"), ActName.LEAVE_LANE)
    proposal = store.run_sync(ask, who("staff"), ActName.JOIN_LANE)
    with pytest.raises(Denied):
        store.run_sync(approvals.confirm, who("staff"), proposal, now=NOW)
    store.run_sync(approvals.confirm, ada, proposal, now=NOW)
    notice = store.run_sync(file_one, world, 1, NOW)
    assert (notice.lane, notice.target_hours) == ("partner", 8)
    with pytest.raises(Refused, match=r"service\.lane_member"):
        store.run_sync(ask, ada, ActName.JOIN_LANE)
    store.run_sync(approvals.confirm, ben, store.run_sync(ask, ada, ActName.LEAVE_LANE), now=NOW)
    assert store.run_sync(file_one, world, 2, NOW).lane == ""

    def change(session: Session, actor: Actor, hours: str, percent: str) -> str:
        terms = {"lane": "partner", "lane_name": "Partner lane", "hours": hours, "percent": percent}
        return approvals.ask(session, actor, ActName.CHANGE_LANE, terms, now=NOW)

    for hours, percent, key in (("0", "95", "hours"), ("241", "95", "hours"), ("6", "101", "percent")):
        with pytest.raises(Refused, match=rf"service\.lane_bad_{key}"):
            store.run_sync(change, ada, hours, percent)
    with pytest.raises(Denied):
        store.run_sync(change, who("lead"), "6", "99")
    proposal = store.run_sync(change, who("staff"), "6", "99")
    with pytest.raises(Denied):
        store.run_sync(approvals.confirm, who("staff"), proposal, now=NOW)
    store.run_sync(approvals.confirm, ben, proposal, now=NOW)
    store.run_sync(join, world, "partner")
    assert store.run_sync(file_one, world, 3, NOW).target_hours == 6
    with pytest.raises(Refused, match=r"service\.lane_same"):
        store.run_sync(change, ada, "6", "99")
