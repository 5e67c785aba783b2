"""Brings a database up to date at start: nothing where it is, a copy first where it is behind, never back."""

import importlib
import os
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL

from storage import postgres, sqlite
from storage.errors import SchemaError
from storage.migrations.schema import revisions

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7306)")


def bring_up_to_date(url: URL) -> None:
    """Upgrade the database to the newest revision in one transaction.

    On SQLite the caller holds the file's lock; a database that holds anything is copied beside itself first.
    Raises `SchemaError` where the schema is newer than this program, or where the tables are somebody else's.
    """
    engine = _open(url)
    try:
        with engine.connect() as connection:
            found = revision(connection)
        if found == revisions()[-1]:
            return
        if found and engine.dialect.name == "sqlite":
            path = Path(url.database or "")
            back_up(path, path.with_name(f"{path.name}.{found}.backup"))
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(_ONE_AT_A_TIME)  # replicas that start together
            if revision(connection) != revisions()[-1]:
                # By name, when called: see the module's docstring there.
                importlib.import_module("storage.migrations.upgrade").upgrade(connection)
                _check_references(connection)
    finally:
        engine.dispose()


def revision(connection: Connection) -> str | None:
    """The database's revision, None for an empty database; `SchemaError` for one that we do not know."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables:
        if tables:
            raise SchemaError("this database holds tables that are not Goodfaith's; give it one of its own")
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found and found not in revisions():
        raise SchemaError(
            f"this database has schema {found}, newer than this program, which knows {revisions()[-1]}; "
            "start the newer program, or restore the backup made before its upgrade"
        )
    return found


def back_up(path: Path, copy: Path) -> None:
    """Copy a SQLite file while others use it; a copy that was cut off never gets the name `copy`."""
    partial = copy.with_name(f"{copy.name}.partial")
    partial.unlink(missing_ok=True)
    with closing(sqlite.driver.connect(path, isolation_level=None)) as connection:
        connection.execute("VACUUM INTO ?", (str(partial),))
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    partial.replace(copy)


def _open(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        # Making a table anew drops the old one, which foreign keys would refuse; they are checked at the end.
        return sqlite.open_engine(Path(url.database or ""), foreign_keys=False)
    return postgres.open_engine(url, connections=1)


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise SchemaError(
            f"the upgrade would leave {len(broken)} rows that point nowhere; nothing was changed"
        )
