"""A warning shows each reader their own cases only, as they are now, within what one message holds."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from bot.enforcement import routing
from bot.enforcement.deadlines import deadline_tick
from bot.messenger import Drawn, Viewer
from bot.words.catalogue import words_for
from handlers.blocks.deadlines import due_in
from handlers.drawings import DRAWINGS
from storage.engine import Store
from storage.records.authenticity import Answer
from storage.records.channels import ChannelPurpose
from storage.records.deadlines import Deadline
from tests.enforcement.request_world import World, build, question, who

REMINDED = datetime(2026, 11, 20, 21, 0, 1, tzinfo=UTC)
HANDED_UP = datetime(2026, 11, 23, 6, 36, 1, tzinfo=UTC)
EXPIRED = datetime(2026, 11, 23, 9, 0, 1, tzinfo=UTC)
PLATFORM = Viewer(words_for(None), "CPLATFORM", ChannelPurpose.PLATFORM)


@pytest.fixture
def world(sqlite_store: Store) -> World:
    return build(sqlite_store)


def brand(world: World, name: str = "Nordlys") -> Viewer:
    return Viewer(words_for(None), f"C{name.upper()}", ChannelPurpose.BRAND, world.brands[name])


def person(name: str) -> Viewer:
    return Viewer(words_for(None), f"U{name.upper()}")


def warn(world: World, now: datetime = REMINDED) -> str:
    """The newest warning after a tick."""
    asyncio.run(deadline_tick(world.store, lambda: now))

    def read(session: Session) -> str:
        rows = session.exec(select(Deadline)).all()
        return max(rows, key=lambda row: (row.at, row.message_id or "")).message_id or ""

    return world.store.read_sync(read)


def draw(world: World, message_id: str, viewer: Viewer, now: datetime = REMINDED) -> Drawn | None:
    return world.store.read_sync(DRAWINGS["deadline_warning"], message_id, viewer, now)


def seen(drawn: Drawn | None) -> str:
    assert drawn is not None
    return str(drawn.blocks)


def test_only_those_who_were_told_see_a_warning_and_only_experts_get_its_buttons(world: World) -> None:
    world.ask()
    message_id = warn(world)
    for viewer in (brand(world), person("ines"), person("lars")):
        shown = seen(draw(world, message_id, viewer))
        assert "Nordlys runner 811" in shown
        assert "request_fake" in shown
    assert "request_fake" not in seen(draw(world, message_id, PLATFORM))
    strangers = (
        brand(world, "Halden"),
        Viewer(words_for(None), "CGROUP", ChannelPurpose.GROUP, "g"),
        Viewer(words_for(None), "CASSOC", ChannelPurpose.ASSOCIATION, world.holders["Nordlys"]),
        *(person(name) for name in ("petra", "pia", "nobody", "stranger")),
    )
    for viewer in strangers:
        assert draw(world, message_id, viewer) is None, viewer


def test_an_account_manager_sees_what_was_handed_up_without_the_experts_buttons(world: World) -> None:
    world.ask()
    asyncio.run(deadline_tick(world.store, lambda: REMINDED))
    handed_up = warn(world, HANDED_UP)
    shown = seen(draw(world, handed_up, person("pia"), HANDED_UP))
    assert "Nordlys runner 811" in shown
    assert "request_fake" not in shown
    assert "request_fake" in seen(draw(world, handed_up, person("lars"), HANDED_UP))
    assert draw(world, handed_up, person("petra"), HANDED_UP) is None


def test_a_message_lists_what_it_can_hold_and_counts_the_rest(world: World) -> None:
    world.receive(*(question(item=str(800 + number)) for number in range(30)))
    drawn = draw(world, warn(world), brand(world))
    assert drawn is not None
    assert len(drawn.blocks) <= 50
    assert "20 more wait" in seen(drawn)
    assert drawn.text == "30 cases must be decided soon"
    ids = [block["block_id"] for block in drawn.blocks if "block_id" in block]
    assert len(ids) == len(set(ids)) == 10


def test_what_was_answered_leaves_and_what_comes_after_it_moves_up(world: World) -> None:
    receipts = world.receive(*(question(item=str(800 + number)) for number in range(11)))
    message_id = warn(world)
    assert "One more waits" in seen(draw(world, message_id, brand(world)))
    world.answer("ines", receipts[0].id, Answer.GENUINE)
    shown = seen(draw(world, message_id, brand(world)))
    assert "One is decided" in shown
    assert "wait" not in shown.replace("waits for", "")
    for receipt in receipts[1:]:
        world.answer("ines", receipt.id, Answer.GENUINE)
    done = draw(world, message_id, brand(world))
    assert done is not None
    assert done.text == "All decided"
    assert "request_fake" not in seen(done)


def test_a_brand_that_sent_a_request_back_reads_nothing_more_of_it(world: World) -> None:
    request_id = world.ask()
    message_id = warn(world)
    world.answer("ines", request_id, Answer.NOT_OUR_BRAND)
    world.store.run_sync(routing.assign_request, who("pia"), request_id, world.brands["Halden"], now=REMINDED)
    for viewer in (brand(world), person("lars")):
        assert "runner" not in seen(draw(world, message_id, viewer))
    assert draw(world, message_id, brand(world, "Halden")) is None


def test_an_unrouted_request_is_assigned_from_its_warning(world: World) -> None:
    world.ask("Nobody's")
    assert "request_assign" in seen(draw(world, warn(world), PLATFORM))


def test_a_fake_that_waits_is_confirmed_from_its_warning(world: World) -> None:
    request_id = world.ask("Halden")
    world.answer("petra", request_id)
    shown = seen(draw(world, warn(world), brand(world, "Halden")))
    assert "request_confirm" in shown
    assert "waits for the second person" in shown


def test_after_the_deadline_it_says_that_an_answer_is_late(world: World) -> None:
    world.ask()
    drawn = draw(world, warn(world, EXPIRED), brand(world), EXPIRED)
    assert drawn is not None
    assert drawn.text == "Past the deadline"
    assert "It is marked late" in seen(drawn)


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(hours=11, minutes=58), "11 hrs 58 mins of business time left"),
        (timedelta(days=2, hours=4, minutes=5), "2 days 4 hrs of business time left"),
        (timedelta(seconds=20), "0 mins of business time left"),
        (timedelta(), "late by 0 mins of business time"),
        (timedelta(hours=-3), "late by 3 hrs of business time"),
    ],
)
def test_what_is_left_is_said_in_two_units(left: timedelta, told: str) -> None:
    assert due_in(words_for(None), left) == told
