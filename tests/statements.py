"""Counting the prepared statements that something runs, as SQLAlchemy's own events do not see them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from storage.prepared import Prepared


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
