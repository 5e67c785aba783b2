"""Founds a test's world by its use cases once in each worker; later tests get it by the rows that it left."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import Table, bindparam, func, select, text
from sqlmodel import Session, SQLModel

from storage.engine import Store


class World(Protocol):
    """What a founder gives: it knows its store."""

    store: Store


W = TypeVar("W", bound=World)
Key = tuple[Any, ...]
Rows = dict[str, dict[Key, dict[str, Any]]]  # table -> primary key -> row


@dataclass(frozen=True)
class _Founded:
    world: World
    added: dict[str, list[dict[str, Any]]]
    changed: dict[str, list[dict[str, Any]]]


_kept: dict[tuple[str, Callable[..., World]], _Founded] = {}


def founded(store: Store, found: Callable[[Session, Store], W]) -> W:
    """The world that `found` makes in an empty, migrated database, in one transaction."""
    return _made(store, found, lambda: store.run_sync(found, store))


def made(store: Store, make: Callable[[Store], W]) -> W:
    """The same of what `make` does to a store in as many transactions as it takes."""
    return _made(store, make, lambda: make(store))


def _made(store: Store, by: Callable[..., W], make: Callable[[], W]) -> W:
    key = (store.dialect, by)
    if key not in _kept:
        before = store.read_sync(_everything)
        world = make()
        _kept[key] = _difference(world, before, store.read_sync(_everything))
    else:
        store.run_sync(_write, _kept[key])
    kept = _kept[key].world
    return cast("W", copy.deepcopy(kept, {id(kept.store): store}))


def _everything(session: Session) -> Rows:
    connection = session.connection()
    return {
        table.name: {
            tuple(row[column.name] for column in table.primary_key): dict(row)
            for row in connection.execute(table.select()).mappings()
        }
        for table in SQLModel.metadata.sorted_tables
    }


def _difference(world: World, before: Rows, after: Rows) -> _Founded:
    added = {
        name: [row for key, row in rows.items() if key not in before[name]] for name, rows in after.items()
    }
    changed = {
        name: [row for key, row in rows.items() if before[name].get(key, row) != row]
        for name, rows in after.items()
    }
    return _Founded(
        world, *({name: rows for name, rows in each.items() if rows} for each in (added, changed))
    )


def _write(session: Session, kept: _Founded) -> None:
    connection = session.connection()
    for name, rows in kept.changed.items():
        table = SQLModel.metadata.tables[name]
        this = [column == bindparam(f"_{column.name}") for column in table.primary_key]
        keyed = [row | {f"_{column.name}": row[column.name] for column in table.primary_key} for row in rows]
        connection.execute(table.update().where(*this), keyed)
    for name, rows in kept.added.items():
        connection.execute(SQLModel.metadata.tables[name].insert(), rows)
    if connection.dialect.name == "postgresql":
        for name in kept.added:
            _go_on_counting(session, SQLModel.metadata.tables[name])


def _go_on_counting(session: Session, table: Table) -> None:
    """PostgreSQL numbers rows from a sequence, which a row that brings its number does not move."""
    column = table.autoincrement_column
    if column is not None:
        last = session.connection().execute(select(func.max(column))).scalar_one()
        session.connection().execute(
            text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"),
            {"table": table.name, "column": column.name, "last": last},
        )
