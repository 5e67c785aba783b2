"""PostgreSQL: a small pool, one thread for each writing connection, a retry where the server asks for it."""

import random
import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlmodel import Session

from storage.columns import json_text, json_value
from storage.ending import end
from storage.errors import StoreBusyError, StoreUnavailableError
from storage.lanes import Lanes, Turn, Unit, settle
from storage.prepared import DRIVER, driver_of

ATTEMPTS = 3
CONNECT_SECONDS = 5
_TRY_AGAIN = {"40001", "40P01"}  # serialization_failure, deadlock_detected
_HELD = {"55P03", "57014"}  # lock_not_available, query_canceled


def open_engine(url: URL, *, connections: int, **settings: int | str) -> Engine:
    """An engine with a fixed number of connections; `settings` are the server's, times in milliseconds."""
    settings = {"synchronous_commit": "on", "timezone": "UTC", **settings}
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=connections,
        max_overflow=0,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        },
        hide_parameters=True,  # what people typed stays out of errors and logs
        json_serializer=json_text,
        json_deserializer=json_value,
    )


class _Broken(Exception):
    """The connection broke before the commit."""


class PoolWriter:
    """Threads that take units: the first prefers normal ones and the last takes urgent ones alone, so that
    neither clicks nor batches can ever hold all of them.
    """

    def __init__(
        self, engine: Engine, lanes: Lanes, after_commit: Callable[[], None], *, threads: int
    ) -> None:
        self._engine = engine
        self._raised = engine.dialect.loaded_dbapi.Error  # by what prepared statements run on
        self._lanes = lanes
        self._after_commit = after_commit
        self._threads = [
            threading.Thread(
                target=self._work,
                args=(_turn(number, threads),),
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

    def _work(self, turn: Turn) -> None:
        while unit := self._lanes.take(turn):
            if unit.answer.cancelled():
                continue
            try:
                self._perform(unit)
            except BaseException as error:  # noqa: BLE001  # it belongs to the unit, not to this thread
                unit.error = error
            settle([unit])
            if unit.enqueued:
                self._after_commit()

    def _perform(self, unit: Unit) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._attempt(unit)
            except (DBAPIError, self._raised, _Broken) as error:
                if not _try_again(error) or attempt == ATTEMPTS:
                    raise _translated(error) from error
                time.sleep(random.uniform(0, 0.02 * attempt))  # noqa: S311  # jitter, not a secret
        return None

    def _attempt(self, unit: Unit) -> None:
        with Session(self._engine, expire_on_commit=False) as session:
            known = session.info[DRIVER] = driver_of(session)
            try:
                unit.result = unit(session)
                session.flush()
                end(session, None)
            except self._raised as error:
                # A prepared statement has no SQLAlchemy above it that throws a broken connection away.
                if not known[1].closed:
                    raise
                session.invalidate()
                raise _Broken from error
            try:
                session.commit()
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise StoreUnavailableError(
                        "the connection broke during the commit: whether it was recorded is unknown"
                    ) from error
                raise
            unit.enqueued = session.info.get("enqueued", False)


def _turn(number: int, threads: int) -> Turn:
    if number == 0:
        return Turn.NORMAL_FIRST
    return Turn.URGENT_ONLY if number == threads - 1 else Turn.URGENT_FIRST


def _try_again(error: Exception) -> bool:
    """Whether the server asks for it; or the connection broke, which took all of the unit back."""
    broken = isinstance(error, DBAPIError) and error.connection_invalidated
    return broken or isinstance(error, _Broken) or _sqlstate(error) in _TRY_AGAIN


def _sqlstate(error: Exception) -> str | None:
    state: str | None = getattr(getattr(error, "orig", error), "sqlstate", None)
    return state


def _translated(error: Exception) -> Exception:
    """Only what says "not now" becomes the store's own error; a broken constraint stays what it is."""
    state = _sqlstate(error)
    if state in _TRY_AGAIN or state in _HELD:
        return StoreBusyError("the database is busy: nothing was recorded")
    if isinstance(error, OperationalError | InterfaceError | _Broken):
        return StoreUnavailableError("the database cannot be reached: nothing was recorded")
    return error
