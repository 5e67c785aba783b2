"""What the store says when it cannot keep something, and which constraint refused it."""

import re

from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel


class StoreError(Exception):
    """Nothing of this unit was recorded, unless the text says that this is unknown."""


class StoreBusyError(StoreError):
    """Somebody held the database for longer than `busy_timeout_ms`; trying again later is right."""


class StoreUnavailableError(StoreError):
    """The database cannot be reached or cannot write (disk, network, shutdown)."""


class StoreLockedError(StoreError):
    """Another process writes to this SQLite file."""


class StoreClosedError(StoreError):
    """The store was closed, or was opened to read only."""


class SchemaError(StoreError):
    """The database's schema is newer than this program, or not ours."""


_COLUMNS = re.compile(r"UNIQUE constraint failed: (?P<columns>\w+\.\w+(?:, \w+\.\w+)*)$")
_NAMED = re.compile(r"(?:CHECK constraint failed: |UNIQUE constraint failed: index ')(?P<name>\w+)")
_INSERT_ONLY = re.compile(r"^(?P<name>insert_only_\w+)")


def violated(error: IntegrityError) -> str | None:
    """The name of the constraint that refused a statement: the same on both databases.

    None where the database does not tell: a missing value, or a foreign key on SQLite.
    """
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        name: str | None = diagnosis.constraint_name
        return name
    told = str(error.orig)
    if by_columns := _COLUMNS.search(told):
        return _unique_over(by_columns["columns"].split(", "))
    by_name = _NAMED.search(told) or _INSERT_ONLY.match(told)
    return by_name["name"] if by_name else None


def _unique_over(columns: list[str]) -> str | None:
    """SQLite names the columns of a broken UNIQUE, never the rule: look the rule up in the definitions."""
    table = SQLModel.metadata.tables.get(columns[0].partition(".")[0])
    if table is None:
        return None
    wanted = {column.partition(".")[2] for column in columns}
    rules: list[PrimaryKeyConstraint | UniqueConstraint | Index] = [table.primary_key]
    rules += [rule for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    rules += [index for index in table.indexes if index.unique]
    for rule in rules:
        if {column.name for column in rule.columns} == wanted:
            return str(rule.name)
    return None
