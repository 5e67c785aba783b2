"""Fixtures: a migrated, empty database for each test, on SQLite and on PostgreSQL, both real.

`store` runs a test on both; `sqlite_store` where the database does not matter. PostgreSQL comes from
TEST_DATABASE_URL (a server on which databases may be made), else from `tests/postgres.py`.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from storage.columns import new_id
from storage.engine import Store, open_store
from storage.migrations.schema import FOLDER
from tests.postgres import NoServerError, url_of, use_server

# What a migrated database holds is kept beside it, and `kept.restore()` brings it back to that: its rows,
# its triggers, its numbers, and nobody else connected. Only what a test touched costs anything.
_KEEP = """
DO $keep$
DECLARE
    name text;
    filled boolean;
BEGIN
    CREATE SCHEMA kept;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
        IF filled THEN
            EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', name);
        END IF;
    END LOOP;
END $keep$;

CREATE PROCEDURE kept.restore(IN OUT touched text)
LANGUAGE plpgsql SET session_replication_role = replica AS $body$
DECLARE
    name text;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    FOR name IN SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgenabled <> 'O' LOOP
        EXECUTE format('ALTER TABLE %s ENABLE TRIGGER ALL', name);
    END LOOP;
    FOR name IN
        SELECT relname FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
    LOOP
        EXECUTE format('DELETE FROM public.%I', name);
        IF to_regclass(format('kept.%I', name)) IS NOT NULL THEN
            EXECUTE format('INSERT INTO public.%1$I TABLE kept.%1$I', name);
        END IF;
        touched := concat_ws(', ', touched, format('public.%I', name));
    END LOOP;
    PERFORM setval(format('public.%I', sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $body$;
"""

PATIENT_MS = 20_000  # a race is no failure because the machine is slow


def _template() -> str:
    """Named after the migrations, for a given server outlives a run and its template must not grow old."""
    digest = hashlib.sha256()
    for version in sorted((FOLDER / "versions").glob("*.py")):
        digest.update(version.read_bytes())
    digest.update(_KEEP.encode())
    return f"goodfaith_{digest.hexdigest()[:12]}"


TEMPLATE = _template()


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run see."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def sqlite_template(shared_folder: Path) -> Path:
    """A migrated SQLite file, to be copied."""
    template = shared_folder / "template.db"
    with (shared_folder / "template.start").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        if not template.exists():
            growing = shared_folder / "growing.db"
            _migrate(f"sqlite:///{growing}")
            growing.rename(template)
    return template


@pytest.fixture(scope="session")
def postgres_server(shared_folder: Path) -> Iterator[str]:
    """The URL of a server's database `postgres`, with the migrated template made."""
    given = os.environ.get("TEST_DATABASE_URL")
    held = None
    try:
        if given:
            url = given
        else:
            folder, held = use_server(shared_folder)
            url = url_of(folder, "postgres")
    except NoServerError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI NEEDS A POSTGRESQL SERVER: {error}")
        pytest.skip(f"THE POSTGRESQL HALF WAS NOT TESTED: {error}")
    with (shared_folder / "postgres.template").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        _make_template(url)
    yield url
    if held:
        held.close()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "goodfaith.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def idle_databases(postgres_server: str) -> Iterator[list[Engine]]:
    """This worker's databases that no test uses now, each with a connection kept: emptying is cheap."""
    engines: list[Engine] = []
    yield engines
    for engine in engines:
        engine.dispose()
        administer(postgres_server, f'DROP DATABASE "{engine.url.database}" WITH (FORCE)')


@pytest.fixture
def postgres_url(postgres_server: str, idle_databases: list[Engine]) -> Iterator[str]:
    if idle_databases:
        engine = idle_databases.pop()
    else:
        name = f"t_{new_id().lower()}"
        administer(postgres_server, f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE}')
        engine = _engine(named(postgres_server, name), pool_size=1, pool_pre_ping=True)
    yield named(postgres_server, str(engine.url.database))
    _restore(engine)
    idle_databases.append(engine)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgres`; a test that asks for it, or for what hangs on it, runs once for each."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_kind: str) -> str:
    """A migrated database without rows."""
    url: str = request.getfixturevalue(f"{database_kind}_url")
    return url


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[str]:
    """A database without tables."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"e_{new_id().lower()}"
    administer(server, f'CREATE DATABASE "{name}"')
    yield named(server, name)
    administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open store over an empty, migrated database; the test runs once for each kind."""
    opened = open_store(database_url, busy_timeout_ms=PATIENT_MS)
    yield opened
    opened.close_sync()


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    """As `store`, on SQLite alone."""
    opened = open_store(sqlite_url, busy_timeout_ms=PATIENT_MS)
    yield opened
    opened.close_sync()


def _migrate(url: str) -> None:
    store = open_store(url)
    store.migrate()
    store.close_sync()


def _make_template(server: str) -> None:
    if administer(server, f"SELECT 1 FROM pg_database WHERE datname = '{TEMPLATE}'"):  # noqa: S608  # a constant
        return
    growing = f"g_{new_id().lower()}"
    administer(server, f'CREATE DATABASE "{growing}"')
    _migrate(named(server, growing))
    administer(named(server, growing), _KEEP)
    administer(server, f'ALTER DATABASE "{growing}" RENAME TO {TEMPLATE}')


def named(server: str, database: str) -> str:
    return make_url(server).set(database=database).render_as_string(hide_password=False)


def _restore(engine: Engine) -> None:
    """Bring a database back to what it was when it was new, also the order in which rows come unasked."""
    with engine.connect() as connection:
        touched = connection.execute(text("CALL kept.restore(NULL)")).scalar()
        connection.execute(text(f"VACUUM (INDEX_CLEANUP on, PARALLEL 0) {touched}"))


def administer(server: str, statement: str) -> bool:
    """Run one statement outside of a transaction; True where it gave a row."""
    with connected(server) as connection:
        result = connection.execute(text(statement))
        return result.returns_rows and result.first() is not None


@contextmanager
def connected(server: str) -> Iterator[Connection]:
    with _engine(server, poolclass=NullPool).connect() as connection:
        yield connection


def _engine(server: str, **pool: Any) -> Engine:
    url = make_url(server).set(drivername="postgresql+psycopg")
    return create_engine(url, isolation_level="AUTOCOMMIT", **pool)
