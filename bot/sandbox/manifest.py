"""Reads the app's manifest: scopes, commands, shortcuts and events exist only as far as it declares them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.sandbox.records import Json


@dataclass(frozen=True)
class Manifest:
    """What the installed app may do."""

    scopes: frozenset[str]
    commands: tuple[Json, ...]
    shortcuts: tuple[Json, ...]
    events: frozenset[str]
    home_enabled: bool
    messages_read_only: bool
    interactive: bool

    def command(self, name: str) -> Json | None:
        """The declaration of a slash command, None when the app has none of that name."""
        return next((entry for entry in self.commands if entry["command"] == name), None)

    def shortcut(self, callback_id: str) -> Json | None:
        """The declaration of a shortcut, None when the app has none of that id."""
        return next((entry for entry in self.shortcuts if entry["callback_id"] == callback_id), None)


def read_manifest(path: Path) -> Manifest:
    """Parse a manifest in YAML; sections that are missing count as empty, as Slack counts them."""
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    features = document.get("features") or {}
    home = features.get("app_home") or {}
    settings = document.get("settings") or {}
    return Manifest(
        scopes=frozenset((document.get("oauth_config") or {}).get("scopes", {}).get("bot") or ()),
        commands=tuple(features.get("slash_commands") or ()),
        shortcuts=tuple(features.get("shortcuts") or ()),
        events=frozenset((settings.get("event_subscriptions") or {}).get("bot_events") or ()),
        home_enabled=bool(home.get("home_tab_enabled")),
        messages_read_only=bool(home.get("messages_tab_read_only_enabled")),
        interactive=bool((settings.get("interactivity") or {}).get("is_enabled")),
    )
