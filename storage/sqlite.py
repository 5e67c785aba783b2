"""SQLite: one writer thread on which waiting units share a commit, and readers on their own connections.

One fsync costs more than many small units, so units that wait are run one after the other, each inside its
own SAVEPOINT, and all are answered after one COMMIT: faster at full durability than a commit each without it.
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from types import ModuleType
from typing import IO, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from storage.chain import Head
from storage.columns import json_text, json_value
from storage.ending import AUDIT, OUTBOX, complete, end
from storage.errors import StoreBusyError, StoreError, StoreLockedError, StoreUnavailableError
from storage.lanes import Lanes, Turn, Unit, settle
from storage.prepared import DRIVER, Known, driver_of

try:
    from pysqlite3 import dbapi2 as bundled
except ImportError:  # only Linux has the wheel
    bundled = sqlite3

# Before 3.51.3 two connections in WAL mode can lose commits (sqlite.org/wal.html, "the WAL-reset bug").
SAFE_WAL = (3, 51, 3)
driver: ModuleType = sqlite3 if sqlite3.sqlite_version_info >= SAFE_WAL else bundled
JOURNAL, SYNCHRONOUS = ("WAL", "FULL") if driver.sqlite_version_info >= SAFE_WAL else ("DELETE", "EXTRA")

_OPERATIONAL = (OperationalError, driver.OperationalError)
GROUP_UNITS = 128
GROUP_SECONDS = 0.02
PATIENT_SECONDS = 0.1  # where none of a group is a click: nobody looks at a screen
# The driver keeps 128, in which those of a filing and of a report pushed each other out, to be compiled anew.
STATEMENTS_KEPT = 512
# The writer's pages. SQLite's own 2 MB are less than a large group touches: pages went out and came back.
CACHE_KIB = 64 * 1024
# How long the log grows before it is copied into the file; a page that many commits wrote is copied once.
CHECKPOINT_PAGES = 4000


class UnitDialect(SQLiteDialect_pysqlite):
    """SQLAlchemy begins and ends nothing here: a transaction is a group's and a SAVEPOINT a unit's, and the
    writer sets both.
    """

    driver = "unit"
    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        pass

    def do_commit(self, dbapi_connection: Any) -> None:
        pass

    def do_rollback(self, dbapi_connection: Any) -> None:
        pass


registry.register("sqlite.unit", __name__, UnitDialect.__name__)


def open_engine(
    path: Path,
    *,
    unit: bool = False,
    readers: int = 0,
    busy_timeout_ms: int = 1500,
    foreign_keys: bool = True,
) -> Engine:
    """An engine for the writer (`unit`), for readers that cannot write, or, with neither, for a migration."""
    pool: dict[str, Any] = {"pool_size": readers, "max_overflow": 0} if readers else {"poolclass": NullPool}
    engine = create_engine(
        f"sqlite+unit:///{path}" if unit else f"sqlite:///{path}",
        module=driver,
        connect_args={"cached_statements": STATEMENTS_KEPT},
        hide_parameters=True,  # what people typed stays out of errors and logs
        json_serializer=json_text,
        json_deserializer=json_value,
        **pool,
    )
    pragmas = [f"busy_timeout={busy_timeout_ms}", f"foreign_keys={'ON' if foreign_keys else 'OFF'}"]
    if readers:
        pragmas.append("query_only=ON")
    else:
        # Without recursive triggers, REPLACE deletes rows past the triggers that keep a table insert-only.
        pragmas += [f"journal_mode={JOURNAL}", f"synchronous={SYNCHRONOUS}", "recursive_triggers=ON"]
    if unit:
        pragmas += [f"cache_size=-{CACHE_KIB}", f"wal_autocheckpoint={CHECKPOINT_PAGES}"]

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    if not unit:

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN")

    return engine


class FileLock:
    """One writing process for a file; held until `release` or the end of the process."""

    def __init__(self, path: Path) -> None:
        self._database = path
        self._path = path.with_name(path.name + ".lock")
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Make the database's file if there is none, for its owner alone, and become its one writer."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._database.touch(mode=0o600)
            file = self._path.open("a+", encoding="ascii")
        except OSError as error:
            raise StoreUnavailableError(f"cannot write {self._database}: {error.strerror}") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise StoreLockedError(
                f"another process (id {holder}) already writes to this database; stop it first ({self._path})"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


class GroupWriter:
    """The thread that owns the only writing connection."""

    def __init__(self, engine: Engine, lanes: Lanes, after_commit: Callable[[], None]) -> None:
        self._engine = engine
        self._lanes = lanes
        self._after_commit = after_commit
        self._head: Head | None = None
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def _work(self) -> None:
        while unit := self._lanes.take():
            try:
                # One session for all units: to begin and end one takes longer than a small unit does.
                with (
                    self._engine.connect() as connection,
                    Session(connection, expire_on_commit=False) as session,
                ):
                    self._serve(session, unit)
            except Exception as error:  # noqa: BLE001  # whatever it was, those who wait must hear of it
                self._refuse([unit], error)

    def _serve(self, session: Session, first: Unit | None) -> None:
        """Serve groups until the lanes close; leave, to reconnect, when the connection itself fails."""
        known = driver_of(session)
        while first:
            if not self._group(session, known, first):
                return
            first = self._lanes.take()

    def _group(self, session: Session, known: Known, first: Unit) -> bool:
        """Run `first` and who waits, commit, answer. False: the connection may be broken."""
        raw = known[1]
        try:
            raw.execute("BEGIN IMMEDIATE")
        except driver.Error as error:
            # Those that queue behind would each wait as long again; Slack gives an answer three seconds.
            self._refuse([first, *self._lanes.take_all()], error)
            return False
        done: list[Unit] = []
        try:
            session.info[DRIVER] = known
            self._perform_waiting(session, known, first, done)
            # Outside of a transaction each statement would be kept by itself. COMMIT refuses the group then.
            head = end(session, self._head) if raw.in_transaction else None
            raw.execute("COMMIT")
        except Exception as error:  # noqa: BLE001  # whatever it was, nothing of the group was recorded
            self._head = None
            # Also who has an error of their own: it may follow from what another of them did.
            self._refuse(done, error)
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            return False
        self._head = head
        settle(done)
        if any(unit.enqueued for unit in done):
            self._after_commit()
        return True

    def _perform_waiting(self, session: Session, known: Known, first: Unit, done: list[Unit]) -> None:
        """As many units as waited when the group began, urgent ones first, and at least one that is not."""
        raw = known[1]
        room = min(len(self._lanes), GROUP_UNITS)
        began = monotonic()
        seconds = PATIENT_SECONDS
        unit: Unit | None = first
        while unit:
            done.append(unit)
            self._perform(session, known, unit)
            if unit.urgent:
                seconds = GROUP_SECONDS
            # On a full disk SQLite ends the transaction by itself.
            more = raw.in_transaction and len(done) <= room and monotonic() - began < seconds
            unit = self._lanes.take_waiting() if more else None
        if raw.in_transaction and all(unit.urgent for unit in done):
            patient = self._lanes.take_waiting(Turn.NORMAL_ONLY)
            if patient:
                done.append(patient)
                self._perform(session, known, patient)

    def _perform(self, session: Session, known: Known, unit: Unit) -> None:
        if unit.answer.cancelled():
            return
        raw = known[1]
        said = {queue: list(session.info.get(queue, ())) for queue in (OUTBOX, AUDIT)}
        try:
            raw.execute("SAVEPOINT unit")
            unit.result = unit(session)
            complete(session)
            raw.execute("RELEASE unit")
        except BaseException as error:  # noqa: BLE001  # it belongs to the unit, not to the writer
            unit.error = _translated(error) if isinstance(error, _OPERATIONAL) else error
            session.rollback()
            if raw.in_transaction:
                raw.execute("ROLLBACK TO unit")
                raw.execute("RELEASE unit")
            session.info.update(said)
        # The next unit finds nothing of this one.
        session.expunge_all()
        unit.enqueued = session.info.pop("enqueued", False) and unit.error is None

    def _refuse(self, units: list[Unit], cause: Exception) -> None:
        for unit in units:
            unit.error = _translated(cause)
        settle(units)


def _translated(error: Exception) -> StoreError:
    refusal: StoreError
    if "locked" in str(error):
        refusal = StoreBusyError("the database is busy: nothing was recorded")
    else:
        # The driver's own words: SQLAlchemy's hold the statement.
        refusal = StoreUnavailableError(f"the database cannot write: {getattr(error, 'orig', error)}")
    refusal.__cause__ = error
    return refusal
