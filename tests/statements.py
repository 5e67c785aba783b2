"""Hearing the statements that something runs: of prepared ones SQLAlchemy's own events know nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Dialect, Engine, event

from storage.prepared import Prepared


class Sent(NamedTuple):
    """A statement as the driver gets it."""

    text: str
    values: Any


@contextmanager
def everything_sent() -> Iterator[list[Sent]]:
    """Every statement that any engine is sent meanwhile, prepared or not; one for many rows counts once."""
    sent: list[Sent] = []
    ready = Prepared._ready

    def hear(_connection: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
        sent.append(Sent(text, values))

    def hear_prepared(statement: Prepared, dialect: Dialect, values: Any) -> Any:
        found = ready(statement, dialect, values)
        sent.append(Sent(found.text, found.bind(values)))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Prepared, "_ready", hear_prepared)
        event.listen(Engine, "before_cursor_execute", hear)
        try:
            yield sent
        finally:
            event.remove(Engine, "before_cursor_execute", hear)


@contextmanager
def prepared_asked() -> Iterator[list[Prepared]]:
    """Every statement that is run meanwhile; one for many rows counts once."""
    asked: list[Prepared] = []
    ready = Prepared._ready

    def hear(statement: Prepared, *given: Any) -> Any:
        asked.append(statement)
        return ready(statement, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Prepared, "_ready", hear)
        yield asked
