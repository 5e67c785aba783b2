"""PostgreSQL: a small pool, one thread for each writing connection, a retry where the server asks for it.

Clicks that wait share a transaction and its commit, as on SQLite, each inside its own SAVEPOINT: the chain's
lock lies over every commit, so that one commit for all is worth more here than many side by side.
Who would wait for a lock with others before it runs again alone: they must not wait too, and two groups that
wait for each other would do so until the server looks for deadlocks.
"""

import random
import threading
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import URL
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from storage.columns import json_text, json_value
from storage.ending import AUDIT, OUTBOX, complete, end
from storage.errors import StoreBusyError, StoreError, StoreUnavailableError
from storage.lanes import Lanes, Turn, Unit, settle
from storage.prepared import DRIVER, driver_of

ATTEMPTS = 3
CONNECT_SECONDS = 5
GROUP_UNITS = 16
GROUP_SECONDS = 0.02
_APART = "SAVEPOINT unit; SET LOCAL lock_timeout = 40"
_PATIENT = "SET LOCAL lock_timeout TO DEFAULT"
_TRY_AGAIN = {"40001", "40P01"}  # serialization_failure, deadlock_detected
_LOCKED = "55P03"  # lock_not_available
_HELD = {_LOCKED, "57014"}  # query_canceled


class UnitDialect(PGDialect_psycopg):
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


registry.register("postgresql.unit", __name__, UnitDialect.__name__)


def open_engine(url: URL, *, unit: bool = False, connections: int = 0, **settings: int | str) -> Engine:
    """An engine for a writer (`unit`), whose threads keep their connections, or with a pool of so many.

    `settings` are the server's, times in milliseconds.
    """
    settings = {"synchronous_commit": "on", "timezone": "UTC", **settings}
    pool: dict[str, Any] = {"poolclass": NullPool} if unit else {"pool_size": connections, "max_overflow": 0}
    return create_engine(
        url.set(drivername="postgresql+unit" if unit else "postgresql+psycopg"),
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        },
        hide_parameters=True,  # what people typed stays out of errors and logs
        json_serializer=json_text,
        json_deserializer=json_value,
        **pool,
    )


class _Broken(Exception):
    """The connection broke before the commit."""


class _HeldUp(Exception):
    """A unit of a group would have had to wait for somebody else's lock."""


class PoolWriter:
    """Threads that take units: the first prefers normal ones and half of them take urgent ones alone, so that
    neither clicks nor batches can ever hold all of them. Two for clicks: the server works for the one while
    the other runs its use cases.
    """

    def __init__(
        self, engine: Engine, lanes: Lanes, after_commit: Callable[[], None], *, threads: int
    ) -> None:
        if threads > 1:
            lanes.keep_apart()
        self._threads = [
            threading.Thread(
                target=_Writer(engine, lanes, after_commit, _turn(number, threads)).work,
                name=f"store-writer-{number}",
                daemon=True,
            )
            for number in range(threads)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()


def _turn(number: int, threads: int) -> Turn:
    if number == 0:
        return Turn.NORMAL_FIRST
    return Turn.URGENT_ONLY if number >= (threads + 1) // 2 else Turn.URGENT_FIRST


class _Writer:
    """What one thread does, on a connection of its own."""

    def __init__(self, engine: Engine, lanes: Lanes, after_commit: Callable[[], None], turn: Turn) -> None:
        self._engine = engine
        self._raised = engine.dialect.loaded_dbapi.Error  # by what runs on the driver itself
        self._lanes = lanes
        self._after_commit = after_commit
        self._turn = turn
        # One for all units: to begin and end a session takes longer than a small unit does.
        self._session: Session | None = None
        self._connection: Connection | None = None
        self._raw: Any = None  # the driver's

    def work(self) -> None:
        """Serve units until the lanes close."""
        while unit := self._lanes.take(self._turn):
            self._serve(unit)
        self._disconnect()

    def _serve(self, first: Unit) -> None:
        """Run a unit, and with an urgent one those that wait behind it; what was taken back runs alone."""
        units, cause = self._transaction(first, together=first.urgent)
        again = units if cause else [unit for unit in units if isinstance(unit.error, _HeldUp)]
        self._answer([unit for unit in units if unit not in again])
        shared = len(units) > 1
        refusal: BaseException | None = cause
        for unit in again:
            # After a wait in vain each would wait as long again; Slack gives an answer three seconds.
            if refusal and _waited_in_vain(refusal):
                unit.error = _translated(refusal)
            else:
                refusal = self._run_alone(unit, None if shared else cause) or unit.error
            self._answer([unit])

    def _answer(self, units: list[Unit]) -> None:
        settle(units)
        if any(unit.enqueued for unit in units):
            self._after_commit()

    def _run_alone(self, unit: Unit, cause: Exception | None) -> Exception | None:
        """Try a unit `ATTEMPTS` times at most; `cause` is what took its first attempt back, or None.

        Gives what took its last attempt back, which is the unit's error then.
        """
        attempts = 1 if cause else 0
        while attempts < ATTEMPTS and (cause is None or _asks_for_another(cause)):
            # At once, it could take a lock again before the other of a deadlock wakes and gets it.
            time.sleep(attempts * random.uniform(0.005, 0.02))  # noqa: S311  # jitter, not a secret
            _, cause = self._transaction(unit, together=False)
            if cause is None:
                return None
            attempts += 1
        unit.error = _translated(cause) if cause else None
        return cause

    def _transaction(self, first: Unit, *, together: bool) -> tuple[list[Unit], Exception | None]:
        """One transaction: the units that it ran, and what took all of it back, if anything did."""
        units: list[Unit] = []
        try:
            session = self._connected()
            self._perform_waiting(session, first, units, together=together)
            end(session, None)
            self._commit(units)
        except Exception as error:  # noqa: BLE001  # it belongs to the units, not to this thread
            return units or [first], self._taken_back(error)
        return units, None

    def _perform_waiting(self, session: Session, first: Unit, units: list[Unit], *, together: bool) -> None:
        until = time.monotonic() + GROUP_SECONDS
        unit: Unit | None = first
        kept = False
        while unit:
            units.append(unit)
            kept = self._perform(session, unit, after_others=kept) or kept
            more = together and len(units) < GROUP_UNITS and time.monotonic() < until
            unit = self._lanes.take_waiting(Turn.URGENT_ONLY) if more else None
        if len(units) > 1:
            self._raw.execute(_PATIENT)

    def _perform(self, session: Session, unit: Unit, *, after_others: bool) -> bool:
        """Run one unit; whether anything of it is to be kept. Raises what takes the transaction back."""
        if unit.answer.cancelled():
            return False
        raw = self._raw
        said = {queue: list(session.info.get(queue, ())) for queue in (OUTBOX, AUDIT)}
        unit.error = None
        try:
            if after_others:
                raw.execute(_APART)
            unit.result = unit(session)
            complete(session, aborted=raw.info.transaction_status.name == "INERROR")
        except BaseException as error:
            session.rollback()
            if raw.closed:
                raise _Broken from error
            if _sqlstate(error) in _TRY_AGAIN:
                raise
            raw.execute("ROLLBACK TO unit" if after_others else "ROLLBACK")
            session.info.update(said)
            held_up = after_others and _sqlstate(error) == _LOCKED
            unit.error = _HeldUp() if held_up else _translated(error)
        # The next unit finds nothing of this one.
        session.expunge_all()
        unit.enqueued = session.info.pop("enqueued", False) and unit.error is None
        return unit.error is None

    def _commit(self, units: list[Unit]) -> None:
        try:
            self._raw.commit()
        except self._raised as error:
            if not self._raw.closed:
                raise
            self._disconnect()
            for unit in units:
                if unit.error is None:
                    unit.error = StoreUnavailableError(
                        "the connection broke during the commit: whether it was recorded is unknown"
                    )
                    unit.error.__cause__ = error

    def _taken_back(self, error: Exception) -> Exception:
        """Why the whole transaction was taken back. A connection that broke is given up."""
        if self._raw is None:
            return error
        self._end_session()
        try:
            self._raw.rollback()
        except self._raised:
            self._disconnect()
            return _Broken(error)
        return error

    def _connected(self) -> Session:
        if self._connection is None:
            self._connection = self._engine.connect()
            self._raw = self._connection.connection.driver_connection
            self._raw.rollback()  # SQLAlchemy asked the server something when it connected
        if self._session is None:
            self._session = Session(self._connection, expire_on_commit=False)
            self._session.info[DRIVER] = driver_of(self._session)
        return self._session

    def _disconnect(self) -> None:
        self._end_session()
        connection, self._connection, self._raw = self._connection, None, None
        if connection is not None:
            connection.close()

    def _end_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


def _asks_for_another(error: BaseException) -> bool:
    """Whether the server asks for another attempt; or the connection broke, which took all of it back."""
    return isinstance(error, _Broken) or _sqlstate(error) in _TRY_AGAIN


def _waited_in_vain(error: BaseException) -> bool:
    """Whether it was a lock that stays held, or a server that cannot be reached."""
    return not _asks_for_another(error) and isinstance(_translated(error), StoreError)


def _sqlstate(error: BaseException) -> str | None:
    state: str | None = getattr(getattr(error, "orig", error), "sqlstate", None)
    return state


def _translated(error: BaseException) -> BaseException:
    """Only what says "not now" becomes the store's own error; a broken constraint stays what it is."""
    state = _sqlstate(error)
    refusal: BaseException
    if state in _TRY_AGAIN or state in _HELD:
        refusal = StoreBusyError("the database is busy: nothing was recorded")
    elif isinstance(error, OperationalError | InterfaceError | _Broken):
        refusal = StoreUnavailableError("the database cannot be reached: nothing was recorded")
    else:
        return error
    refusal.__cause__ = error
    return refusal
