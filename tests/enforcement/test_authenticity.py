"""Verdicts on both databases: one for each request and round, what follows from it, who is told."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from bot.contract.webhooks import EVENTS
from bot.enforcement.access import Denied
from bot.enforcement.authenticity import (
    Recorded,
    consequence_of_fake,
    possible_consequences,
    record_verdict,
)
from bot.enforcement.refusals import Refused
from bot.enforcement.requests import withdraw_request
from bot.enforcement.samples import finish_sample
from storage.engine import Store
from storage.records.audit import AuditEntry
from storage.records.authenticity import Answer, Outcome, RequestState, SampleTodo, Verdict
from storage.records.notices import Notice, NoticeEvent, NoticeItem, NoticeOrigin
from storage.records.roster import Person, RightsHolder, Role, Standing
from storage.records.takedowns import Takedown, TakedownCause
from tests.enforcement.request_world import NOW, World, build, question, who

TAKEDOWN, CONFIRM, REVIEW = Outcome.TAKEDOWN, Outcome.AWAITING_CONFIRMATION, Outcome.REVIEW
POOR = (Standing.APPLICANT, Standing.PILOT, Standing.SUSPENDED, Standing.EXCLUDED)


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """The world on SQLite: for rules that no database decides."""
    return build(sqlite_store)


@pytest.fixture
def world_on_each(store: Store) -> World:
    """The world on each database: for races, constraints and statements."""
    return build(store)


@pytest.mark.parametrize(
    ("standing", "needs_second", "second_person", "outcome"),
    [
        (Standing.GOOD_FAITH, False, True, TAKEDOWN),
        (Standing.WARNED, False, True, TAKEDOWN),
        (Standing.WARNED, True, True, CONFIRM),
        (Standing.GOOD_FAITH, False, False, TAKEDOWN),
        (Standing.GOOD_FAITH, True, True, CONFIRM),
        (Standing.GOOD_FAITH, True, False, REVIEW),
        *[(standing, needs, True, CONFIRM) for standing in POOR for needs in (True, False)],
        *[(standing, needs, False, REVIEW) for standing in POOR for needs in (True, False)],
    ],
)
def test_what_fake_leads_to_by_standing_role_and_company(
    standing: Standing, needs_second: bool, second_person: bool, outcome: Outcome
) -> None:
    found = consequence_of_fake(standing, needs_second=needs_second, second_person=second_person)
    assert found is outcome


@pytest.mark.parametrize(
    ("standing", "people", "outcomes"),
    [
        (Standing.GOOD_FAITH, [("a", Role.EXPERT)], [TAKEDOWN]),
        (Standing.GOOD_FAITH, [("a", Role.EXPERT), ("b", Role.LEAD)], [TAKEDOWN]),
        (Standing.GOOD_FAITH, [("a", Role.EXPERT), ("b", Role.SMALL_MEMBER)], [TAKEDOWN, CONFIRM]),
        (Standing.GOOD_FAITH, [("a", Role.SMALL_MEMBER)], [REVIEW]),
        (Standing.GOOD_FAITH, [("a", Role.SMALL_MEMBER), ("b", Role.SMALL_MEMBER)], [CONFIRM]),
        (Standing.GOOD_FAITH, [("a", Role.SMALL_MEMBER), ("a", Role.LEAD)], [TAKEDOWN]),
        (Standing.PILOT, [("a", Role.EXPERT), ("b", Role.SMALL_MEMBER)], [CONFIRM]),
        (Standing.PILOT, [("a", Role.EXPERT)], [REVIEW]),
        (Standing.PILOT, [], [REVIEW]),
    ],
)
def test_the_card_can_say_before_the_click_what_fake_leads_to(
    standing: Standing, people: list[tuple[str, Role]], outcomes: list[Outcome]
) -> None:
    assert possible_consequences(standing, people) == outcomes


@pytest.mark.parametrize(
    ("brand", "name", "outcome"),
    [
        ("Nordlys", "ines", TAKEDOWN),
        ("Nordlys", "lars", TAKEDOWN),
        ("Halden", "petra", CONFIRM),
        ("Tansy", "tess", REVIEW),
        ("Oriel", "sam", REVIEW),
        ("Kestrel", "kay", CONFIRM),
    ],
)
def test_fake_leads_where_standing_and_role_say(
    world: World, brand: str, name: str, outcome: Outcome
) -> None:
    request_id = world.ask(brand)
    recorded = world.answer(name, request_id)
    assert recorded is not None
    assert recorded.first
    assert recorded.outcome is outcome
    assert len(world.rows(Takedown)) == (outcome is TAKEDOWN)
    assert len(world.rows(Notice)) == (outcome is REVIEW)
    awaits = outcome is CONFIRM
    state = RequestState.AWAITING_CONFIRMATION if awaits else RequestState.ANSWERED
    assert world.request(request_id).state is state


def test_fake_in_good_standing_asks_for_one_takedown_with_a_stable_key(world_on_each: World) -> None:
    request_id = world_on_each.ask()
    world_on_each.answer("ines", request_id)
    takedown = world_on_each.one(Takedown)
    (told,) = world_on_each.webhooks("takedown.requested")
    assert told["takedown_id"] == takedown.id
    assert told["key"] == takedown.key
    assert told["listing"]["item_id"] == "811"
    assert told["causes"] == [{"kind": "verdict", "id": request_id, "external_id": "mp-Nordlys-811"}]
    (hook,) = [each for each in world_on_each.outgoing("webhook") if each["type"] == "takedown.requested"]
    assert hook["id"] == takedown.key
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", takedown.key)


@pytest.mark.parametrize("answer", [Answer.GENUINE, Answer.CANNOT_TELL, Answer.NEED_SAMPLE])
def test_any_other_answer_closes_the_request_and_takes_nothing_down(world: World, answer: Answer) -> None:
    request_id = world.ask()
    recorded = world.answer("ines", request_id, answer)
    assert recorded is not None
    assert recorded.outcome is Outcome.CLOSED
    assert world.rows(Takedown) == []
    (told,) = world.webhooks("verdict.recorded")
    assert told["state"] == "answered"
    assert told["verdict"]["answer"] == answer.value


def test_the_platform_learns_a_pseudonym_and_no_name(world: World) -> None:
    world.answer("ines", world.ask(item="1"))
    world.answer("ines", world.ask(item="2"))
    world.answer("noor", world.ask(item="3"))
    first, second, third = [told["verdict"]["expert"] for told in world.webhooks("verdict.recorded")]
    assert first == second != third
    assert re.fullmatch(r"expert-[0-9a-f]{10}", first)
    assert "ines" not in str(world.outgoing("webhook")).lower()


def test_every_webhook_has_the_shape_that_is_published(world_on_each: World) -> None:
    for brand, name in (("Nordlys", "ines"), ("Halden", "petra"), ("Tansy", "tess")):
        world_on_each.answer(name, world_on_each.ask(brand))
    world_on_each.answer("ines", world_on_each.ask(item="9"), Answer.NOT_OUR_BRAND)
    hooks = world_on_each.outgoing("webhook")
    assert {hook["type"] for hook in hooks} == {
        "takedown.requested",
        "verdict.recorded",
        "notice.submitted",
    }
    for hook in hooks:
        EVENTS[hook["type"]].model_validate(hook["data"])


def test_a_double_click_gives_one_verdict_and_says_so(world_on_each: World) -> None:
    request_id = world_on_each.ask()
    first = world_on_each.answer("ines", request_id)
    second = world_on_each.answer("ines", request_id, Answer.GENUINE, channel_id="CNORDLYS")
    assert first is not None
    assert second is not None
    assert (second.verdict_id, second.answer, second.first) == (first.verdict_id, Answer.FAKE, False)
    (whisper,) = world_on_each.outgoing("whisper")
    assert whisper["key"] == "authenticity.already_mine.fake"


def test_the_second_expert_is_told_who_decided_and_when(world: World) -> None:
    request_id = world.ask()
    world.answer("ines", request_id)
    world.answer("noor", request_id, channel_id="CNORDLYS")
    (whisper,) = world.outgoing("whisper")
    assert (whisper["user_id"], whisper["channel_id"]) == ("UNOOR", "CNORDLYS")
    assert whisper["key"] == "authenticity.already_theirs.fake"
    assert whisper["values"] == {"who": "UINES", "at": int(NOW.timestamp())}


async def test_fifty_clicks_at_once_give_one_verdict_and_one_takedown(world_on_each: World) -> None:
    request_id = world_on_each.ask()
    names = ("ines", "lars", "noor")
    answers = (Answer.FAKE, Answer.GENUINE, Answer.CANNOT_TELL, Answer.FAKE)
    clicks = [
        world_on_each.store.run(
            record_verdict,
            who(names[number % len(names)]),
            request_id,
            1,
            answers[number % len(answers)],
            now=NOW,
            urgent=True,
        )
        for number in range(50)
    ]
    recorded = await asyncio.gather(*clicks)
    assert [each.first for each in recorded if each].count(True) == 1
    assert len({each.verdict_id for each in recorded if each}) == 1
    verdict = world_on_each.one(Verdict)
    assert len(world_on_each.rows(Takedown)) == (verdict.answer is Answer.FAKE)
    assert len(world_on_each.webhooks("verdict.recorded")) == 1
    assert (
        len(world_on_each.rows(AuditEntry, operation="answer_fake"))
        + len(world_on_each.rows(AuditEntry, operation="answer"))
        == 1
    )


async def test_a_verdict_and_a_withdrawal_at_once_leave_one_of_the_two(world_on_each: World) -> None:
    for number in range(10):
        request_id = world_on_each.ask(item=str(number))
        verdict, withdrawal = await asyncio.gather(
            world_on_each.store.run(record_verdict, who("ines"), request_id, 1, Answer.FAKE, now=NOW),
            world_on_each.store.run(withdraw_request, world_on_each.client, request_id, "gone", now=NOW),
            return_exceptions=True,
        )
        assert isinstance(verdict, Refused) != isinstance(withdrawal, Refused)
        given = isinstance(verdict, Recorded)
        assert len(world_on_each.rows(Verdict, request_id=request_id)) == given
        state = RequestState.ANSWERED if given else RequestState.WITHDRAWN
        assert world_on_each.request(request_id).state is state


def test_a_late_answer_counts_and_is_marked(world: World) -> None:
    deadline = NOW - timedelta(minutes=1)
    request_id = world.ask(deadline=deadline)
    world.answer("ines", request_id)
    assert world.one(Verdict).late
    (told,) = world.webhooks("verdict.recorded")
    assert told["verdict"]["late"] is True
    assert len(world.rows(Takedown)) == 1


def test_after_withdrawal_nothing_is_recorded(world: World) -> None:
    request_id = world.ask()
    world.store.run_sync(withdraw_request, world.client, request_id, "sold out", now=NOW)
    with pytest.raises(Refused) as refused:
        world.answer("ines", request_id)
    assert refused.value.key == "authenticity.withdrawn"
    assert world.rows(Verdict) == []


@pytest.mark.parametrize("name", ["petra", "nobody", "pia", "stranger"])
@pytest.mark.parametrize("answer", list(Answer))
def test_nobody_else_can_answer(world: World, name: str, answer: Answer) -> None:
    request_id = world.ask()
    with pytest.raises(Denied):
        world.answer(name, request_id, answer)
    assert world.rows(Verdict) == []
    assert world.request(request_id).state is RequestState.OPEN


def test_a_guest_on_the_roster_answers_but_never_fake(world: World) -> None:
    request_id = world.ask()
    with pytest.raises(Denied):
        world.answer("guest", request_id)
    recorded = world.answer("guest", request_id, Answer.CANNOT_TELL)
    assert recorded is not None
    assert recorded.first


def test_a_foreign_and_a_missing_request_get_the_same_answer(world: World) -> None:
    foreign = world.ask("Halden")
    with pytest.raises(Denied) as first:
        world.answer("ines", foreign)
    with pytest.raises(Denied) as second:
        world.answer("ines", "01J00000000000000000000000")
    assert str(first.value) == str(second.value)


def test_not_our_brand_returns_to_the_platform_team_without_the_brand(world_on_each: World) -> None:
    request_id = world_on_each.ask()
    recorded = world_on_each.answer("ines", request_id, Answer.NOT_OUR_BRAND)
    assert recorded is not None
    assert recorded.outcome is Outcome.REROUTED
    request = world_on_each.request(request_id)
    assert (request.state, request.round) == (RequestState.UNROUTED, 2)
    assert (request.brand_id, request.holder_id) == (None, None)
    places = [each["place"] for each in world_on_each.outgoing("draw") if each["subject_id"] == request_id]
    assert places == ["CNORDLYS", "CPLATFORM"]
    (told,) = world_on_each.webhooks("verdict.recorded")
    assert (told["state"], told["verdict"]["outcome"]) == ("unrouted", "rerouted")


def test_whoever_clicks_after_not_our_brand_is_told_who_said_so(world: World) -> None:
    request_id = world.ask()
    world.answer("ines", request_id, Answer.NOT_OUR_BRAND)
    second = world.answer("noor", request_id, Answer.FAKE, channel_id="CNORDLYS")
    assert second is not None
    assert not second.first
    assert world.outgoing("whisper")[0]["key"] == "authenticity.already_theirs.not_our_brand"
    with pytest.raises(Denied):
        world.answer("petra", request_id, Answer.FAKE)


def test_a_needed_sample_becomes_a_to_do_for_the_lead(world_on_each: World) -> None:
    world_on_each.answer("ines", world_on_each.ask(), Answer.NEED_SAMPLE)
    todo = world_on_each.one(SampleTodo)
    drawn = [each for each in world_on_each.outgoing("draw") if each["drawing"] == "sample_todo"]
    assert [(each["subject_id"], each["place"]) for each in drawn] == [(todo.id, "ULARS")]


def test_without_a_lead_the_sample_stays_with_whoever_asked_for_it(world: World) -> None:
    world.answer("tess", world.ask("Tansy"), Answer.NEED_SAMPLE)
    drawn = [each for each in world.outgoing("draw") if each["drawing"] == "sample_todo"]
    assert [each["place"] for each in drawn] == ["UTESS"]


def test_a_fake_that_nobody_can_confirm_becomes_a_notice_without_a_name(world_on_each: World) -> None:
    request_id = world_on_each.ask("Tansy", "77")
    world_on_each.answer("tess", request_id)
    notice = world_on_each.one(Notice)
    assert (notice.origin, notice.immediate) == (NoticeOrigin.VERDICT, False)
    assert notice.verdict_id == world_on_each.one(Verdict).id
    assert len(world_on_each.rows(NoticeItem)) == 1
    assert len(world_on_each.rows(NoticeEvent)) == 1
    (told,) = world_on_each.webhooks("notice.submitted")
    assert told["origin"] == "verdict"
    assert told["submitter"] == {"name": "Tansy AS", "email": ""}
    assert "Tess" not in str(told)
    (verdict,) = world_on_each.webhooks("verdict.recorded")
    assert (verdict["verdict"]["outcome"], verdict["notice_id"]) == ("review", notice.id)


def test_a_card_that_promised_something_else_is_redrawn_and_nothing_recorded(world: World) -> None:
    request_id = world.ask()

    def lose_standing(session: Session) -> None:
        session.get_one(RightsHolder, world.holders["Nordlys"]).standing = Standing.SUSPENDED

    world.change(lose_standing)
    assert world.answer("ines", request_id, promised=[TAKEDOWN], channel_id="CNORDLYS") is None
    assert world.rows(Verdict) == []
    assert [each["key"] for each in world.outgoing("whisper")] == ["authenticity.consequence_changed"]
    recorded = world.answer("ines", request_id, promised=[CONFIRM])
    assert recorded is not None
    assert recorded.outcome is CONFIRM


def test_each_verdict_leaves_one_audit_row_of_its_holder(world: World) -> None:
    request_id = world.ask()
    world.answer("ines", request_id)
    row = world.one(AuditEntry, operation="answer_fake")
    assert (row.subject_id, row.tenant, row.role) == (request_id, world.holders["Nordlys"], "BM")


def test_two_fakes_of_one_listing_share_one_takedown(world_on_each: World) -> None:
    first, second = world_on_each.receive(question(item="5"), question(item="5", external_id="again"))
    world_on_each.answer("ines", first.id)
    world_on_each.answer("noor", second.id)
    assert len(world_on_each.rows(Takedown)) == 1
    assert len(world_on_each.rows(TakedownCause)) == 2
    assert len(world_on_each.webhooks("takedown.requested")) == 1
    told = world_on_each.webhooks("verdict.recorded")
    assert told[0]["takedown_id"] == told[1]["takedown_id"]


async def test_many_fakes_of_one_listing_at_once_share_one_takedown(world_on_each: World) -> None:
    asked = world_on_each.receive(*[question(item="6", external_id=f"e{n}") for n in range(12)])
    await asyncio.gather(
        *[
            world_on_each.store.run(record_verdict, who("ines"), each.id, 1, Answer.FAKE, now=NOW)
            for each in asked
        ]
    )
    assert len(world_on_each.rows(Takedown)) == 1
    assert len(world_on_each.rows(TakedownCause)) == 12
    assert len(world_on_each.webhooks("takedown.requested")) == 1


def test_a_verdict_refreshes_the_homes_of_colleagues_who_looked_lately(world: World) -> None:
    def look(session: Session) -> None:
        for person in session.exec(select(Person)):
            ago = {"UNOOR": 5, "ULARS": 20, "UPETRA": 5}.get(person.user_id)
            person.home_opened_at = NOW - timedelta(minutes=ago) if ago else None
            session.add(person)

    request_id = world.ask()
    world.change(look)
    world.answer("ines", request_id)
    assert [each["user_id"] for each in world.outgoing("home")] == ["UNOOR"]


def test_a_to_do_that_is_done_is_drawn_again_for_whoever_ticked_it_off(world: World) -> None:
    world.answer("ines", world.ask(), Answer.NEED_SAMPLE)
    todo_id = world.one(SampleTodo).id
    with pytest.raises(Denied):
        world.store.run_sync(finish_sample, who("petra"), todo_id, now=NOW)
    world.store.run_sync(finish_sample, who("noor"), todo_id, now=NOW)
    drawn = [each["place"] for each in world.outgoing("draw") if each["drawing"] == "sample_todo"]
    assert drawn == ["ULARS", "UNOOR"]
    with pytest.raises(Refused):
        world.store.run_sync(finish_sample, who("lars"), todo_id, now=NOW)
