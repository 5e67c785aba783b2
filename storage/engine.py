"""The store: open it, bring its schema up to date, run one use case in one transaction, read, close.

    store = open_store("sqlite:///alliance.db")
    store.migrate()
    verdict = await store.run(authenticity.record_verdict, request_id, actor, now=now, urgent=True)

A use case is a plain function `(session, ...) -> result`. It is committed before `run` returns; an exception
takes back that unit alone. On SQLite one unit runs at a time. On PostgreSQL several do, at READ COMMITTED:
lock what you read in order to change it (`session.get(Card, key, with_for_update=True)`), or let a constraint
decide.
After a constraint was broken the unit is over, unless the statement stood in `with session.begin_nested():`.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlmodel import Session

from storage import postgres, sqlite
from storage.errors import StoreClosedError, StoreUnavailableError
from storage.lanes import Lanes, Unit
from storage.migrations import state

T = TypeVar("T")
# `(session, *args, **kwargs) -> T`; written loosely, because `run` adds `urgent` to what the use case takes.
UseCase = Callable[..., T]

READERS = 4


@dataclass(frozen=True)
class Health:
    """What answers: the product and its version, how it keeps a commit, and the schema's revision."""

    database: str
    durability: str
    revision: str | None


class Writer(Protocol):
    """Threads that take units from the lanes until these are closed."""

    def start(self) -> None: ...
    def join(self) -> None: ...


class Store:
    """One database, seen by one process. Made by `open_store`."""

    def __init__(self, url: URL, *, read_only: bool, busy_timeout_ms: int, pool_size: int) -> None:
        self.url = url
        self.read_only = read_only
        self._busy_timeout_ms = busy_timeout_ms
        self._lanes = Lanes()
        self.urgent_units = 0  # how many were taken so far, so that others can tell a burst
        self._listeners: list[Callable[[], None]] = []
        self._engines: list[Engine] = []
        self._lock: sqlite.FileLock | None = None
        self._reads = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._reader, self._writer = self._open(pool_size)
        if self._writer:
            self._writer.start()

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._reader.dialect.name

    async def run(self, use_case: UseCase[T], /, *args: Any, urgent: bool = False, **kwargs: Any) -> T:
        """Run one use case in one transaction of its own, and answer after its commit.

        `urgent` is for what a person waits for: it overtakes what is not. Raises what the use case raises, or
        a `StoreError`; a unit that is cancelled before it began is not run.
        """
        unit = Unit(use_case, args, kwargs, urgent=urgent, loop=asyncio.get_running_loop())
        self._put(unit)
        result: T = await unit.answer  # type: ignore[misc]  # with a loop it is an asyncio future
        return result

    def run_sync(self, use_case: UseCase[T], /, *args: Any, urgent: bool = False, **kwargs: Any) -> T:
        """As `run`, for a caller without an event loop."""
        unit = Unit(use_case, args, kwargs, urgent=urgent)
        self._put(unit)
        result: T = unit.answer.result()
        return result

    async def read(self, query: UseCase[T], /, *args: Any, **kwargs: Any) -> T:
        """Run a query on a connection that cannot write; it sees one consistent state on SQLite."""
        return await asyncio.get_running_loop().run_in_executor(
            self._reads, lambda: self.read_sync(query, *args, **kwargs)
        )

    def read_sync(self, query: UseCase[T], /, *args: Any, **kwargs: Any) -> T:
        """As `read`, on the caller's own thread."""
        try:
            return self._query(query, *args, **kwargs)
        except OperationalError as error:
            if not error.connection_invalidated:
                raise StoreUnavailableError(f"the database cannot be read: {error.orig}") from error
        try:  # the pool has forgotten its dead connections
            return self._query(query, *args, **kwargs)
        except OperationalError as error:
            raise StoreUnavailableError(f"the database cannot be read: {error.orig}") from error

    def _query(self, query: UseCase[T], /, *args: Any, **kwargs: Any) -> T:
        with Session(self._reader, expire_on_commit=False) as session:
            return query(session, *args, **kwargs)

    def on_enqueued(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each commit that put something into the outbox, on a thread of the store."""
        self._listeners.append(listener)

    def migrate(self) -> None:
        """Bring the schema up to date, or raise `SchemaError` where it is newer than this program."""
        if self.read_only:
            raise StoreClosedError("this store was opened to read only")
        try:
            state.bring_up_to_date(self.url)
        except DatabaseError as error:
            raise StoreUnavailableError(f"the database cannot be brought up to date: {error.orig}") from error

    async def health(self) -> Health:
        """Ask the writer and a reader for an answer; a `StoreError` says what is wrong."""
        if not self.read_only:
            await self.run(_ping, urgent=True)
        return await self.read(_health)

    async def close(self) -> None:
        """Serve what waits, take no more, let go of the database."""
        await asyncio.get_running_loop().run_in_executor(None, self.close_sync)

    def close_sync(self) -> None:
        """As `close`, for a caller without an event loop."""
        self._lanes.close()
        if self._writer:
            self._writer.join()
        self._reads.shutdown()
        for engine in self._engines:
            engine.dispose()
        if self._lock:
            self._lock.release()

    def _open(self, pool_size: int) -> tuple[Engine, Writer | None]:
        if self.url.get_backend_name() == "sqlite":
            return self._open_sqlite(Path(self.url.database or ""))
        reader = postgres.open_engine(self.url, connections=READERS, lock_timeout=self._busy_timeout_ms)
        self._engines = [reader]
        if self.read_only:
            return reader.execution_options(postgresql_readonly=True), None
        engine = postgres.open_engine(
            self.url,
            unit=True,
            lock_timeout=self._busy_timeout_ms,
            # Who waits for a row behind others waits for several locks, each with a time-out of its own.
            statement_timeout=self._busy_timeout_ms,
        )
        self._engines.append(engine)
        writer = postgres.PoolWriter(engine, self._lanes, self._after_commit, threads=pool_size)
        return reader.execution_options(postgresql_readonly=True), writer

    def _open_sqlite(self, path: Path) -> tuple[Engine, Writer | None]:
        writer = None
        if self.read_only:
            if not path.exists():
                raise StoreUnavailableError(f"there is no database at {path}")
        else:
            self._lock = sqlite.FileLock(path)
            self._lock.take()
            engine = sqlite.open_engine(path, unit=True, busy_timeout_ms=self._busy_timeout_ms)
            writer = sqlite.GroupWriter(engine, self._lanes, self._after_commit)
            self._engines.append(engine)
        reader = sqlite.open_engine(path, readers=READERS, busy_timeout_ms=self._busy_timeout_ms)
        self._engines.append(reader)
        return reader, writer

    def _put(self, unit: Unit) -> None:
        if self.read_only:
            raise StoreClosedError("this store was opened to read only")
        self._lanes.put(unit)
        self.urgent_units += unit.urgent

    def _after_commit(self) -> None:
        for listener in self._listeners:
            listener()


def open_store(
    url: str, *, read_only: bool = False, busy_timeout_ms: int = 1500, pool_size: int = 5
) -> Store:
    """Open `sqlite:///path` or `postgresql://...`; connect on first use.

    `pool_size` is the number of writing connections on PostgreSQL. Raises `StoreLockedError` where another
    process writes to the same SQLite file; a store that is `read_only` takes no lock and refuses `run`.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise ValueError("the database is either sqlite:///path or postgresql://...")
    if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise ValueError("SQLite needs a file: sqlite:///path")
    return Store(parsed, read_only=read_only, busy_timeout_ms=busy_timeout_ms, pool_size=pool_size)


def _ping(session: Session) -> None:
    session.connection().execute(text("SELECT 1"))


def _health(session: Session) -> Health:
    connection = session.connection()
    dialect = connection.dialect
    revision = state.revision(connection)
    version = ".".join(str(part) for part in dialect.server_version_info or ())
    if dialect.name == "sqlite":
        journal = connection.execute(text("PRAGMA journal_mode")).scalar_one()
        return Health(f"SQLite {version}", f"journal {journal}, synchronous {sqlite.SYNCHRONOUS}", revision)
    kept = connection.execute(text("SHOW synchronous_commit")).scalar_one()
    return Health(f"PostgreSQL {version}", f"synchronous_commit {kept}", revision)
