"""When a conversation opens, who is reminded that it waits, and who joins it later."""

from datetime import timedelta
from typing import Any

import pytest

from bot.enforcement import (
    account_managers,
    conversation_time,
    conversations,
)
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY, after_business_days
from storage.engine import Store
from storage.records.conversations import (
    Part,
    TalkForm,
    TalkOutcome,
)
from tests.enforcement.alliance import NOW, Alliance
from tests.enforcement.talk_world import (
    ask,
    open_in,
    parts,
    steps,
    talk,
    with_team,
)


@pytest.fixture
def alliance(sqlite_store: Store) -> Alliance:
    return with_team(sqlite_store)


@pytest.fixture
def on_each(store: Store) -> Alliance:
    """The same on each database, where a constraint or a lock decides."""
    return with_team(store)


def test_a_name_of_a_channel_says_nothing_and_stays_the_same(alliance: Alliance) -> None:
    plan = alliance.store.read_sync(conversation_time.plan, ask(alliance, "lena").talk.id)
    assert plan is not None
    assert plan.name.startswith("talk-home-")
    assert not {"nordlys", "lena"} & set(plan.name.split("-"))
    assert len(plan.name) <= 80
    assert plan.user_ids[0] == "ULENA"


def test_the_manager_then_the_deputy_are_reminded_once_each(on_each: Alliance) -> None:
    talk_id = ask(on_each, "lena").talk.id
    open_in(on_each, talk_id, "ULENA", "UPIA", "UWEI")
    at = talk(on_each, talk_id).next_at
    assert at == after_business_days(NOW, 1, MONDAY_TO_FRIDAY)
    assert not on_each.store.run_sync(conversation_time.time_passed, talk_id, now=at - timedelta(seconds=1))
    told = []
    for _ in range(3):
        due = talk(on_each, talk_id).next_at
        if due is None:
            break
        assert on_each.store.run_sync(conversation_time.time_passed, talk_id, now=due)
        assert not on_each.store.run_sync(conversation_time.time_passed, talk_id, now=due)
        look(on_each, talk_id, {"ULENA"}, due)
        told.append({place for _, place in on_each.drawn("conversation_reminder")})
    assert told == [{"UPIA"}, {"UPIA", "UWEI"}]


def test_a_new_manager_joins_what_is_open(alliance: Alliance) -> None:
    talk_id = ask(alliance, "lena").talk.id
    open_in(alliance, talk_id, "ULENA", "UPIA", "UWEI")
    alliance.do(account_managers.name, "ada", alliance.holders["nordlys"], "USOL", "UWEI")
    assert parts(alliance, talk_id)["USOL"] is Part.MANAGER
    assert steps(alliance)[-1] == ("invite", "USOL")


def test_an_answer_of_the_platform_ends_the_reminding(alliance: Alliance) -> None:
    talk_id = ask(alliance, "lena").talk.id
    open_in(alliance, talk_id, "ULENA", "UPIA", "UWEI")
    look(alliance, talk_id, {"ULENA", "USOL"}, NOW)
    look(alliance, talk_id, {"ULENA"}, NOW)
    assert alliance.drawn("conversation_reminder") == set()
    assert talk(alliance, talk_id).answered_at == NOW


def test_what_was_closed_meanwhile_goes_on_nowhere_else(on_each: Alliance) -> None:
    talk_id = ask(on_each, "lena").talk.id
    open_in(on_each, talk_id, "ULENA", "UPIA", form=TalkForm.GROUP)
    on_each.do(conversations.close, "lena", talk_id, TalkOutcome.SOLVED, "")
    assert not on_each.store.run_sync(conversation_time.moves, talk_id, "UWEI", now=NOW)
    assert on_each.drawn("conversation_moved") == set()
    assert "move" not in [step for step, _ in steps(on_each)]


def look(alliance: Alliance, talk_id: str, authors: set[str], now: Any) -> None:
    alliance.store.run_sync(conversation_time.looked, talk_id, authors, calendar=MONDAY_TO_FRIDAY, now=now)
