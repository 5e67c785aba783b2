"""The manifest against the code, both ways: what is used is asked for, and nothing more is."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import manifest
from handlers.guard import Kind
from handlers.routes import ROUTES

ROOT = Path(__file__).parents[1]

# What Slack says each method needs of a bot token. Public and private channels, and direct messages,
# have scopes of their own; the alliance uses the first two, direct messages where a brand has no channel, and
# group messages where a workspace lets nobody make a channel.
METHOD_SCOPES: dict[str, set[str]] = {
    "auth.test": set(),
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.archive": {"groups:write"},
    "conversations.create": {"groups:write"},
    "conversations.history": {"channels:history", "groups:history", "im:history", "mpim:history"},
    "conversations.info": {"channels:read", "groups:read"},
    "conversations.invite": {"groups:write"},
    "conversations.kick": {"groups:write"},
    "conversations.list": {"groups:read"},
    "conversations.members": {"channels:read", "groups:read"},
    "conversations.open": {"im:write", "mpim:write"},
    "conversations.replies": {"channels:history", "groups:history", "im:history"},
    "files.completeUploadExternal": {"files:write"},
    "files.getUploadURLExternal": {"files:write"},
    "files.info": {"files:read"},
    "usergroups.create": {"usergroups:write"},
    "usergroups.update": {"usergroups:write"},
    "usergroups.disable": {"usergroups:write"},
    "usergroups.enable": {"usergroups:write"},
    "usergroups.list": {"usergroups:read"},
    "usergroups.users.list": {"usergroups:read"},
    "usergroups.users.update": {"usergroups:write"},
    "users.info": {"users:read", "users:read.email"},
    "views.open": set(),
    "views.publish": set(),
    "views.push": set(),
    "views.update": set(),
}
EVENT_SCOPES: dict[str, set[str]] = {
    "app_home_opened": set(),
    "channel_archive": {"channels:read"},
    "channel_left": {"channels:read"},
    "group_archive": {"groups:read"},
    "group_left": {"groups:read"},
    "reaction_added": {"reactions:read"},
    "reaction_removed": {"reactions:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "member_left_channel": {"channels:read", "groups:read"},
    "user_change": {"users:read"},
}


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(manifest.path().read_text(encoding="utf-8"))
    return document


def routed(kind: Kind) -> set[str]:
    return {ident for each, ident in ROUTES if each is kind}


def methods_called() -> set[str]:
    """Every Web API method that the gateway names."""
    texts = {
        node.value
        for part in ("bot/gateway.py", "bot/slack_channels.py")
        for node in ast.walk(ast.parse((ROOT / part).read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if re.fullmatch(r"[a-z]+(\.[a-zA-Z]+)+", text)}


def test_every_command_is_routed_and_every_routed_command_is_asked_for(said: dict[str, Any]) -> None:
    assert {each["command"] for each in said["features"]["slash_commands"]} == routed(Kind.COMMAND)


def test_every_shortcut_is_routed_and_every_routed_shortcut_is_asked_for(said: dict[str, Any]) -> None:
    assert {each["callback_id"] for each in said["features"]["shortcuts"]} == routed(Kind.SHORTCUT)


def test_every_event_is_routed_and_every_routed_event_is_asked_for(said: dict[str, Any]) -> None:
    assert set(said["settings"]["event_subscriptions"]["bot_events"]) == routed(Kind.EVENT)


def test_an_address_for_options_is_given_exactly_when_options_are_routed(said: dict[str, Any]) -> None:
    assert ("message_menu_options_url" in said["settings"]["interactivity"]) == bool(routed(Kind.OPTIONS))


def test_the_table_of_methods_has_what_the_gateway_calls_and_nothing_else() -> None:
    assert methods_called() == set(METHOD_SCOPES)


def test_the_scopes_are_those_of_the_methods_events_and_commands_and_no_others(said: dict[str, Any]) -> None:
    events = said["settings"]["event_subscriptions"]["bot_events"]
    needed = {"commands"}.union(*METHOD_SCOPES.values(), *(EVENT_SCOPES[event] for event in events))
    assert set(said["oauth_config"]["scopes"]["bot"]) == needed == manifest.bot_scopes()
    assert "user" not in said["oauth_config"]["scopes"]


def test_only_the_gateway_calls_slack() -> None:
    callers = [
        str(path.relative_to(ROOT))
        for package in ("bot", "handlers", "storage")
        for path in (ROOT / package).rglob("*.py")
        if "sandbox" not in path.parts
        and re.search(r"\.api_call\(|\.(chat|views|users|conversations)_\w+\(", path.read_text())
    ]
    assert callers == ["bot/gateway.py"]


def test_every_address_of_the_manifest_becomes_the_host_s() -> None:
    text = manifest.text("https://bot.host.example/")
    assert manifest.PLACEHOLDER not in text
    document = yaml.safe_load(text)
    assert {each["url"] for each in document["features"]["slash_commands"]} == {
        "https://bot.host.example/slack/events"
    }
    assert document["settings"]["interactivity"]["request_url"] == "https://bot.host.example/slack/events"


def test_slack_s_limits_of_a_manifest_are_kept(said: dict[str, Any]) -> None:
    shown = said["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
    for command in said["features"]["slash_commands"]:
        assert len(command["command"]) <= 32
        assert len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
    for shortcut in said["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
