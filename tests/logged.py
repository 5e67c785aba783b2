"""What the product logs while a test looks."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def logged() -> Iterator[list[logging.LogRecord]]:
    """Every record of ours meanwhile, at any level; a record's `fields` are what was given by name."""
    kept, ours = _Kept(), [logging.getLogger(package) for package in ("bot", "handlers", "storage")]
    for each in ours:
        each.addHandler(kept)
        each.setLevel(logging.DEBUG)
    try:
        yield kept.records
    finally:
        for each in ours:
            each.removeHandler(kept)
            each.setLevel(logging.NOTSET)
