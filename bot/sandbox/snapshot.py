"""Keeps workspace and marketplace in a file, so that a stopped sandbox fits the bot's database again."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from bot.sandbox.marketplace.catalogue import MarketMemory
from bot.sandbox.records import Memory


@dataclass
class Snapshot:
    """Everything that a sandbox remembers."""

    workspace: Memory
    market: MarketMemory
    offset_seconds: float = 0.0


_ADAPTER = TypeAdapter(Snapshot)


def save(snapshot: Snapshot, path: Path) -> None:
    """Write the file whole or not at all, readable by its owner only: it holds the marketplace's key."""
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(_ADAPTER.dump_json(snapshot))
    fresh.replace(path)


def load(path: Path) -> Snapshot:
    """Read the file.

    :raises OSError: it is missing
    :raises ValueError: it is of another version
    """
    return _ADAPTER.validate_json(path.read_bytes())
