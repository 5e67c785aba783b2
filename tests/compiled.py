"""Every test opens a database of its own; the statements it asks are those of the tests before.

SQLAlchemy keeps what it compiled for each engine apart, and so a third of all tests' time went into compiling
the same statements again. Here one engine's is every other's of the same database product in this process.
"""

from collections.abc import Iterator, MutableMapping
from typing import Any

from sqlalchemy import Connection, Engine, event

MOST = 4_000  # statements; some have as many forms as there are numbers of rows


class _Compiled(MutableMapping[Any, Any]):
    """A cache whose keys name the database product in place of the one engine's dialect."""

    def __init__(self) -> None:
        self._kept: dict[Any, Any] = {}

    def __getitem__(self, key: Any) -> Any:
        return self._kept[_shared(key)]

    def __setitem__(self, key: Any, compiled: Any) -> None:
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[_shared(key)] = compiled

    def __delitem__(self, key: Any) -> None:
        del self._kept[_shared(key)]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


def _shared(key: Any) -> Any:
    dialect, *statement = key
    return dialect.name, *statement


_compiled = _Compiled()


@event.listens_for(Engine, "engine_connect")
def _share(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_compiled)
