"""The only place that imports heavy or optional parts when first used: small commands start at once."""

from importlib import import_module
from types import ModuleType


def load(name: str) -> ModuleType:
    """The module of that dotted name, imported on first use."""
    return import_module(name)
