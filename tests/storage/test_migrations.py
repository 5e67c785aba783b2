"""Migrations lead to exactly what the records say, survive being killed, and refuse what they do not know."""

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from storage import sqlite
from storage.engine import open_store
from storage.errors import SchemaError, StoreClosedError
from storage.migrations import state
from storage.migrations.insert_only import INSERT_ONLY
from storage.migrations.schema import metadata, revisions
from tests.storage.test_audit import note

MIGRATE = "import sys; from storage.engine import open_store; open_store(sys.argv[1]).migrate()"


def engine_of(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), poolclass=NullPool)
    return create_engine(parsed, module=sqlite.driver, poolclass=NullPool)


def shape(engine: Engine) -> dict[str, Any]:
    """Everything that the database knows about its tables, in an order that does not matter."""
    inspector = inspect(engine)
    looks: dict[str, Any] = {
        "columns": inspector.get_multi_columns(),
        "foreign": inspector.get_multi_foreign_keys(),
        "unique": inspector.get_multi_unique_constraints(),
        "checks": inspector.get_multi_check_constraints(),
        "indexes": inspector.get_multi_indexes(),
        "primary": inspector.get_multi_pk_constraint(),
    }
    tables: dict[str, Any] = {}
    for aspect, found in looks.items():
        for (_, table), parts in found.items():
            tables.setdefault(table, {})[aspect] = (
                _sorted(parts) if isinstance(parts, list) else _plain(parts)
            )
    tables.pop("alembic_version", None)
    return tables


def _sorted(found: list[Any]) -> list[str]:
    return sorted(_plain(dict(one)) for one in found)


def _plain(value: Any) -> str:
    """A condition of a partial index has no other equality than its text."""
    if isinstance(value, dict):
        return str(sorted((key, _plain(inner)) for key, inner in value.items()))
    return str(value)


def test_the_migrations_lead_to_what_the_records_say(empty_url: str, database_url: str) -> None:
    made, migrated = engine_of(empty_url), engine_of(database_url)
    metadata().create_all(made)
    expected, found = shape(made), shape(migrated)
    assert sorted(found) == sorted(expected), "write a migration: python -m storage.migrations.revise"
    for table in expected:
        assert found[table] == expected[table], f"{table}: python -m storage.migrations.revise"


def test_every_constraint_has_a_name() -> None:
    for table in metadata().tables.values():
        assert all(rule.name for rule in table.constraints), table.name


@pytest.mark.parametrize("table", INSERT_ONLY)
def test_every_insert_only_table_has_its_triggers(database_url: str, table: str) -> None:
    engine = engine_of(database_url)
    query = (
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
        if engine.dialect.name == "sqlite"
        else "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = CAST(:table AS regclass)"
    )
    with engine.connect() as connection:
        assert connection.execute(text(query), {"table": table}).scalar_one() == 2


def test_a_database_that_is_up_to_date_is_left_alone_and_without_alembic(database_url: str) -> None:
    code = f"{MIGRATE}; sys.exit(any(name.startswith('alembic') for name in sys.modules))"
    subprocess.run([sys.executable, "-c", code, database_url], check=True)


def test_a_newer_schema_is_refused_in_plain_words(database_url: str) -> None:
    with engine_of(database_url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store = open_store(database_url)
    with pytest.raises(SchemaError, match="newer than this program"):
        store.migrate()
    store.close_sync()


def test_somebody_else_s_database_is_refused(empty_url: str) -> None:
    with engine_of(empty_url).begin() as connection:
        connection.execute(text("CREATE TABLE payroll (id INTEGER)"))
    store = open_store(empty_url)
    with pytest.raises(SchemaError, match="not Goodfaith's"):
        store.migrate()
    store.close_sync()
    assert inspect(engine_of(empty_url)).get_table_names() == ["payroll"]


def test_a_store_that_only_reads_does_not_migrate(database_url: str) -> None:
    store = open_store(database_url, read_only=True)
    with pytest.raises(StoreClosedError):
        store.migrate()
    store.close_sync()


@pytest.mark.faults
def test_a_killed_migration_leaves_the_old_schema_or_the_new_one(empty_url: str) -> None:
    engine = engine_of(empty_url)
    for milliseconds in (900, 1100, 1300, 1500, 1700):
        child = subprocess.Popen([sys.executable, "-c", MIGRATE, empty_url], stderr=subprocess.DEVNULL)
        time.sleep(milliseconds / 1000)
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert inspect(engine).get_table_names() == [] or whole(engine)
    store = open_store(empty_url)
    store.migrate()
    store.run_sync(note, 1)
    store.close_sync()
    assert whole(engine)


def whole(engine: Engine) -> bool:
    with engine.connect() as connection:
        return state.revision(connection) == revisions()[-1] and set(metadata().tables) <= set(
            inspect(connection).get_table_names()
        )


def test_replicas_that_start_together_migrate_once(empty_url: str, database_kind: str) -> None:
    if database_kind == "sqlite":
        return  # the second process is refused by the file's lock
    starts = [subprocess.Popen([sys.executable, "-c", MIGRATE, empty_url]) for _ in range(3)]
    assert [start.wait(60) for start in starts] == [0, 0, 0]
    assert whole(engine_of(empty_url))


def test_the_backup_before_an_upgrade_is_a_whole_database(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    store.run_sync(note, 1)
    path = Path(make_url(sqlite_url).database or "")
    copy = path.with_name("copy.backup")
    state.back_up(path, copy)
    store.run_sync(note, 2)
    store.close_sync()
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM audit").fetchone() == (1,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
