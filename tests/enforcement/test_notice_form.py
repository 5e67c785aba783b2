"""The rules of completeness, one row each, and what a form offers to whom."""

from typing import Any

import pytest

from bot.enforcement.access import Denied
from bot.enforcement.listings import read_links
from bot.enforcement.notice_drafts import open_draft, save_draft
from bot.enforcement.notice_form import RULES, check, spread
from storage.engine import Store
from storage.records.notice_sheets import INPUT_LENGTH, MOST_INPUTS, FormSheet
from storage.records.notices import ReasonCode
from storage.records.rights import Right, RightKind
from tests.enforcement.notice_world import NOW, OWN, World, found, item, who

COPYRIGHT = {
    "reason": ReasonCode.COPYRIGHT_IMAGES.value,
    "work": "Our product photographs of spring 2026",
    "signature": "Ines Berg",
    "address": "Storgata 1, 0155 Oslo",
    "telephone": "+47 22 00 00 00",
    "authority": True,
}


@pytest.fixture
def world(sqlite_store: Store) -> World:
    return sqlite_store.run_sync(found)


def sheet(store: Store, typed: dict[str, Any], name: str = "expert") -> FormSheet:
    draft_id = store.run_sync(open_draft, who(name), [], "", now=NOW).draft_id
    return store.run_sync(save_draft, who(name), draft_id, typed, now=NOW)


def problems(store: Store, typed: dict[str, Any]) -> list[tuple[str, str, int]]:
    shown = sheet(store, typed)
    found_problems = check(shown, read_links(shown.form.links, OWN))
    return [(problem.field, problem.key, problem.line) for problem in found_problems]


def copyright_of(world: World, **changes: Any) -> dict[str, Any]:
    right_id = world.rights["nordlys", RightKind.COPYRIGHT]
    return world.typed(item(1), right_id=right_id, **{**COPYRIGHT, **changes})


def test_a_complete_notice_lacks_nothing(sqlite_store: Store, world: World) -> None:
    assert problems(sqlite_store, world.typed(item(1))) == []
    assert problems(sqlite_store, copyright_of(world)) == []


@pytest.mark.parametrize(
    ("changes", "field", "key"),
    [
        ({"right_id": ""}, "right_id", "notices.needs.right"),
        ({"reason": ""}, "reason", "notices.needs.reason"),
        ({"reason": "patent"}, "reason", "notices.needs.reason"),  # does not fit a trade mark
        ({"explanation": ""}, "explanation", "notices.needs.explanation"),
        ({"explanation": "Fake!"}, "explanation", "notices.needs.explanation"),
        ({"explanation": ". " * 200}, "explanation", "notices.needs.explanation"),
        ({"email": ""}, "email", "notices.needs.email"),
        ({"email": "ines at nordlys"}, "email", "notices.needs.email"),
        ({"email": "ines@nordlys"}, "email", "notices.needs.email"),
        ({"statement": False}, "statement", "notices.needs.statement"),
        ({"reason": "counterfeit_test_buy"}, "order_number", "notices.needs.order_number"),
        ({"links": ("",)}, "links_1", "notices.needs.links"),
    ],
)
def test_each_thing_that_is_missing_is_said_at_its_field(
    sqlite_store: Store, world: World, changes: dict[str, Any], field: str, key: str
) -> None:
    assert problems(sqlite_store, world.typed(item(1), **changes)) == [(field, key, 0)]


@pytest.mark.parametrize("name", ["work", "signature", "address", "telephone", "authority"])
def test_a_copyright_notice_needs_what_the_law_lists(sqlite_store: Store, world: World, name: str) -> None:
    empty = False if name == "authority" else ""
    typed = copyright_of(world, **{name: empty})
    assert problems(sqlite_store, typed) == [(name, f"notices.needs.{name}", 0)]


def test_what_only_copyright_needs_is_not_asked_of_a_trade_mark(sqlite_store: Store, world: World) -> None:
    shown = sheet(sqlite_store, world.typed(item(1)))
    assert not shown.asks_copyright
    assert {rule.field for rule in RULES if not rule.asked(shown)} >= {"work", "signature", "authority"}


def test_every_line_that_is_no_listing_is_told_with_its_number(sqlite_store: Store, world: World) -> None:
    lines = [item(1), "no link", "https://market.example/", item(2), "", "javascript:alert(1)"]
    told = problems(sqlite_store, world.typed(*lines))
    assert told == [
        ("links_1", "listings.not_a_link", 2),
        ("links_1", "listings.no_item", 3),
        ("links_1", "listings.not_a_link", 6),
    ]


def test_more_than_three_hundred_listings_are_too_many(sqlite_store: Store, world: World) -> None:
    texts = (
        "\n".join(map(item, range(90))),
        *("\n".join(map(item, range(n, n + 90))) for n in (90, 180, 270)),
    )
    told = problems(sqlite_store, world.typed(links=texts))
    assert told == [("links_4", "notices.needs.fewer_links", 0)]


def test_three_hundred_links_of_a_hundred_characters_fit_the_inputs() -> None:
    links = [f"https://market.example/item/{number:072d}" for number in range(300)]
    assert {len(link) for link in links} == {100}
    texts = spread(links)
    assert len(texts) <= MOST_INPUTS
    assert max(map(len, texts)) <= INPUT_LENGTH
    assert [line for text in texts for line in text.splitlines()] == links


def test_where_there_is_one_thing_to_pick_it_is_picked(sqlite_store: Store, world: World) -> None:
    shown = sheet(sqlite_store, {}, "expert")
    assert (shown.form.holder_id, shown.form.brand_id) == (world.holders["nordlys"], world.brands["nordlys"])
    assert shown.form.right_id == ""
    assert shown.form.email == "expert@example.com"


def test_an_officer_chooses_among_the_association_and_those_with_a_mandate(
    sqlite_store: Store, world: World
) -> None:
    shown = sheet(sqlite_store, {}, "officer")
    assert {holder.id for holder in shown.holders} == {world.holders["glen"], world.holders["tansy"]}
    assert shown.form.holder_id == ""


def test_a_foreign_pick_is_dropped(sqlite_store: Store, world: World) -> None:
    shown = sheet(sqlite_store, world.typed(item(1), holder="halden"))
    assert shown.form.holder_id == world.holders["nordlys"]
    assert shown.form.brand_id == world.brands["nordlys"]
    assert shown.right is None


def test_a_right_that_has_expired_or_waits_for_confirmation_is_not_offered(
    sqlite_store: Store, world: World
) -> None:
    def spoil(session: Any) -> None:
        session.get_one(Right, world.rights["nordlys", RightKind.TRADEMARK]).expires_on = NOW.date().replace(
            day=20
        )
        session.get_one(Right, world.rights["nordlys", RightKind.COPYRIGHT]).confirmed_at = None

    sqlite_store.run_sync(spoil)
    assert sheet(sqlite_store, {}).rights == []
    told = problems(sqlite_store, world.typed(item(1)))
    assert told == [("brand_id", "notices.needs.registered_right", 0)]


@pytest.mark.parametrize("name", ["staff", "nobody"])
def test_who_can_file_for_nobody_gets_no_form(sqlite_store: Store, world: World, name: str) -> None:
    with pytest.raises(Denied):
        sqlite_store.run_sync(open_draft, who(name), [], "", now=NOW)
