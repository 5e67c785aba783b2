"""Marketplaces' connections: keys shown once, two live at most, ended at once; two people for each change."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session

from bot.enforcement import platform
from bot.enforcement.access import OPERATOR, Denied
from bot.enforcement.platform import NewKey, Unauthorised
from bot.enforcement.refusals import Refused
from storage.engine import Store
from storage.records.platform import ApiKey, PlatformClient
from storage.records.roster import Person, Role, RoleGrant
from tests.enforcement.request_world import NOW, World, build, who


@pytest.fixture
def world(sqlite_store: Store) -> World:
    return build(sqlite_store)


@pytest.fixture
def world_on_each(store: Store) -> World:
    """The world on each database: for what constraints decide."""
    return build(store)


def key(world: World) -> NewKey:
    return world.store.run_sync(platform.create_key, OPERATOR, world.client.client_id, now=NOW)


def test_a_key_opens_its_client_and_only_its_hash_is_kept(world: World) -> None:
    made = key(world)
    actor = world.store.read_sync(platform.authenticate, made.api_key)
    assert actor == world.client
    kept = world.one(ApiKey)
    assert made.api_key.split("_")[1] == kept.id
    assert made.api_key.split("_")[2] not in str(kept.model_dump())


def test_two_keys_live_side_by_side_and_a_third_is_refused(world_on_each: World) -> None:
    first, second = key(world_on_each), key(world_on_each)
    with pytest.raises(Refused) as refused:
        key(world_on_each)
    assert refused.value.key == "platform.two_keys"
    for made in (first, second):
        assert world_on_each.store.read_sync(platform.authenticate, made.api_key) == world_on_each.client
    world_on_each.store.run_sync(platform.revoke_key, OPERATOR, first.key_id, now=NOW)
    with pytest.raises(Unauthorised):
        world_on_each.store.read_sync(platform.authenticate, first.api_key)
    third = key(world_on_each)
    live = world_on_each.store.read_sync(platform.live_keys, world_on_each.client.client_id)
    assert {each.id for each in live} == {second.key_id, third.key_id}


def test_a_key_is_revoked_once(world: World) -> None:
    made = key(world)
    world.store.run_sync(platform.revoke_key, OPERATOR, made.key_id, now=NOW)
    with pytest.raises(Refused):
        world.store.run_sync(platform.revoke_key, OPERATOR, made.key_id, now=NOW)


@pytest.mark.parametrize("presented", ["", "gfk", "gfk_", "gfk__", "gfk_x_y", "GFK_x_y", "gfk_é_ü", "_" * 50])
def test_nonsense_opens_nothing(world: World, presented: str) -> None:
    with pytest.raises(Unauthorised):
        world.store.read_sync(platform.authenticate, presented)


def test_names_and_marketplaces_are_connected_once(world_on_each: World) -> None:
    for name, marketplace, said in (
        ("open bazaar", "third", "platform.name_taken"),
        ("Third", "openbazaar", "platform.marketplace_taken"),
    ):
        with pytest.raises(Refused) as refused:
            world_on_each.store.run_sync(
                platform.create_client, OPERATOR, name, marketplace, "https://x.example", now=NOW
            )
        assert refused.value.key == said


@pytest.mark.parametrize(
    "url",
    ["", "market.example", "ftp://market.example", "https://", "https://u:p@market.example", "https://a/#b"],
)
def test_a_webhook_address_must_be_one(world: World, url: str) -> None:
    with pytest.raises(Refused) as refused:
        world.store.run_sync(platform.change_webhook, OPERATOR, world.client.client_id, url, now=NOW)
    assert refused.value.key == "platform.bad_webhook_url"


def test_a_rotated_secret_differs_and_is_the_same_for_ever(world: World) -> None:
    client_id = world.client.client_id
    assert world.store.run_sync(platform.rotate_secret, OPERATOR, client_id, now=NOW) == 2
    secrets = [platform.webhook_secret(b"m" * 32, client_id, version) for version in (1, 2, 1)]
    assert secrets[0] == secrets[2] != secrets[1]
    assert all(each.startswith("whsec_") for each in secrets)


def administrators(session: Session) -> None:
    for name in ("ada", "bo"):
        person = Person(team_id="T1", user_id=f"U{name.upper()}", id=name, profile_at=NOW)
        session.add(person)
        session.flush()
        session.add(
            RoleGrant(person_id=name, role=Role.ADMINISTRATOR, scope_id="", since=NOW, granted_by="operator")
        )


ACTS: list[tuple[Callable[..., Any], Callable[[World], list[str]]]] = [
    (platform.create_client, lambda _: ["Third", "third", "https://third.example"]),
    (platform.change_webhook, lambda world: [world.client.client_id, "https://new.example"]),
    (platform.create_key, lambda world: [world.client.client_id]),
    (platform.rotate_secret, lambda world: [world.client.client_id]),
]


@pytest.mark.parametrize(("act", "arguments"), ACTS)
def test_one_administrator_alone_changes_nothing(
    world: World, act: Callable[..., Any], arguments: Callable[[World], list[str]]
) -> None:
    world.change(administrators)
    before = [each.model_dump() for each in world.rows(PlatformClient)]
    for proposed_by in ("", "ada"):
        with pytest.raises(Denied):
            world.store.run_sync(act, who("ada"), *arguments(world), now=NOW, proposed_by=proposed_by)
    assert [each.model_dump() for each in world.rows(PlatformClient)] == before
    world.store.run_sync(act, who("ada"), *arguments(world), now=NOW, proposed_by="bo")


@pytest.mark.parametrize("name", ["ines", "lars", "pia", "nobody"])
def test_nobody_but_administrators_changes_connections(world: World, name: str) -> None:
    with pytest.raises(Denied):
        world.store.run_sync(
            platform.create_key, who(name), world.client.client_id, now=NOW, proposed_by="bo"
        )
    assert world.rows(ApiKey) == []
