"""Whoever looks from elsewhere sees nothing of a request: no other brand, group, platform team or person."""

import pytest

from bot.enforcement.access import Denied
from bot.enforcement.routing import assign_request
from bot.messenger import Drawn, Viewer
from bot.words.catalogue import words_for
from handlers.drawings import DRAWINGS
from storage.engine import Store
from storage.records.authenticity import Answer, SampleTodo
from storage.records.channels import ChannelPurpose
from tests.enforcement.request_world import NOW, World, build, question, who

CANARY = "canary-7f3a"


@pytest.fixture
def world(sqlite_store: Store) -> World:
    return build(sqlite_store)


def viewer(place: str, purpose: ChannelPurpose | None = None, scope_id: str = "") -> Viewer:
    return Viewer(words_for(None), place, purpose, scope_id)


def draw(world: World, drawing: str, subject_id: str, looking: Viewer) -> Drawn | None:
    return world.store.read_sync(DRAWINGS[drawing], subject_id, looking, NOW)


def ask_secretly(world: World, brand: str = "Nordlys") -> str:
    asked = question(brand, reasons=[f"reason {CANARY}"])
    asked["listing"] = asked["listing"] | {"title": f"title {CANARY}"}
    (received,) = world.receive(asked)
    return received.id


def brand_viewer(world: World, brand: str) -> Viewer:
    return viewer(f"C{brand.upper()}", ChannelPurpose.BRAND, world.brands[brand])


def test_only_its_own_brand_sees_a_request(world: World) -> None:
    request_id = ask_secretly(world)
    seen = draw(world, "request_card", request_id, brand_viewer(world, "Nordlys"))
    assert seen is not None
    assert CANARY in str(seen.blocks)
    strangers = [
        brand_viewer(world, "Halden"),
        viewer("CGROUP", ChannelPurpose.GROUP, "g"),
        viewer("CASSOC", ChannelPurpose.ASSOCIATION, world.holders["Nordlys"]),
        viewer("CPLATFORM", ChannelPurpose.PLATFORM),
        viewer("UINES"),
    ]
    for looking in strangers:
        assert draw(world, "request_card", request_id, looking) is None


def test_only_the_platform_team_sees_what_is_unrouted(world: World) -> None:
    request_id = ask_secretly(world, "Nobody's")
    seen = draw(world, "unrouted_card", request_id, viewer("CPLATFORM", ChannelPurpose.PLATFORM))
    assert seen is not None
    for looking in (brand_viewer(world, "Nordlys"), viewer("UPIA"), viewer("CG", ChannelPurpose.GROUP, "g")):
        assert draw(world, "unrouted_card", request_id, looking) is None


def test_whoever_sent_a_request_back_sees_nothing_more_of_it(world: World) -> None:
    request_id = ask_secretly(world)
    world.answer("ines", request_id, Answer.NOT_OUR_BRAND)
    for assigned in (False, True):
        if assigned:
            world.store.run_sync(assign_request, who("pia"), request_id, world.brands["Halden"], now=NOW)
            world.answer("petra", request_id, round_=2)
        seen = draw(world, "request_card", request_id, brand_viewer(world, "Nordlys"))
        assert seen is not None
        assert CANARY not in str((seen.text, seen.blocks))
        assert "Halden" not in str(seen.blocks)
        assert "PETRA" not in str(seen.blocks)
    card = draw(world, "unrouted_card", request_id, viewer("CPLATFORM", ChannelPurpose.PLATFORM))
    assert "UINES" not in str(card)
    assert "UPETRA" not in str(card)


def test_a_sample_is_shown_to_those_who_answer_for_the_company_and_to_nobody_else(world: World) -> None:
    request_id = ask_secretly(world)
    world.answer("ines", request_id, Answer.NEED_SAMPLE)
    todo_id = world.one(SampleTodo).id
    seen = draw(world, "sample_todo", todo_id, viewer("ULARS"))
    assert seen is not None
    assert CANARY in str(seen.blocks)
    for user in ("UPETRA", "UPIA", "UNOBODY", "USTRANGER"):
        assert draw(world, "sample_todo", todo_id, viewer(user)) is None
    assert draw(world, "sample_todo", todo_id, brand_viewer(world, "Nordlys")) is None


def test_what_was_sent_about_one_brand_holds_nothing_of_another(world: World) -> None:
    request_id = ask_secretly(world)
    other_id = world.ask("Halden", "812")
    world.answer("ines", request_id)
    world.answer("petra", other_id)
    with pytest.raises(Denied):
        world.answer("petra", request_id)
    halden = [each for each in world.outgoing("webhook") if other_id in str(each)]
    assert halden
    assert CANARY not in str(halden)
