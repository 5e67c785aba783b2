"""The only place that imports when something is first used: small commands, and the bot, start at once.

What a bot can do is much more than what one start needs. Each part of it costs time and memory when it is
imported, and most of them are asked for seldom; so tables of parts name them, and here they are fetched.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from threading import Lock
from types import ModuleType
from typing import Any, TypeVar

T = TypeVar("T")


def load(name: str) -> ModuleType:
    """The module of that dotted name, imported on first use."""
    return import_module(name)


class Later:
    """A function by its dotted name: to call this is to call it. The first call imports its module."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._function: Callable[..., Any] | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function()(*args, **kwargs)

    def function(self) -> Callable[..., Any]:
        """The function itself."""
        found = self._function
        if found is None:
            module, _, name = self.name.rpartition(".")
            found = self._function = getattr(load(module), name)
        return found

    async def beside(self) -> Callable[..., Any]:
        """As `function`, but whatever runs on the event loop goes on during an import."""
        return self.function() if self._function else await asyncio.to_thread(self.function)


class MadeLater(Mapping[str, T]):
    """Values by name, each made once, when it is first asked for, on whatever thread that is."""

    def __init__(self, makers: Mapping[str, Callable[[], T]]) -> None:
        self._makers = makers
        self._made: dict[str, T] = {}
        self._making = Lock()

    def __getitem__(self, name: str) -> T:
        with self._making:
            if name not in self._made:
                self._made[name] = self._makers[name]()
            return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)
