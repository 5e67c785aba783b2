"""The manifest of the Slack app, as the repository keeps it and as a host needs it."""

from pathlib import Path
from typing import Any

import yaml

PLACEHOLDER = "https://goodfaith.example"


def path() -> Path:
    """Beside the packages in a checkout; inside this one where a wheel was installed."""
    packed = Path(__file__).with_name("manifest.yml")
    return packed if packed.exists() else Path(__file__).parents[1] / "manifest.yml"


def text(base_url: str) -> str:
    """The manifest with a host's own address, comments and all, ready to be pasted into Slack."""
    return path().read_text(encoding="utf-8").replace(PLACEHOLDER, base_url.rstrip("/"))


def bot_scopes() -> frozenset[str]:
    """The scopes that the bot token must have, and no others."""
    manifest: dict[str, Any] = yaml.safe_load(path().read_text(encoding="utf-8"))
    return frozenset(manifest["oauth_config"]["scopes"]["bot"])
