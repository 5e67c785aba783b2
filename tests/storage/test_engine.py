"""The store's promises, held on both databases."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.pool import NullPool
from sqlmodel import Session, col, func, select

from storage import sqlite
from storage.engine import Store, open_store
from storage.errors import (
    StoreBusyError,
    StoreClosedError,
    StoreLockedError,
    StoreUnavailableError,
    violated,
)
from storage.queries import inbox
from storage.records.authenticity import AuthenticityRequest, Verdict
from storage.records.inbox import InboxKey
from tests.storage.cases import NOW, Case, give_verdict, open_case


def take(session: Session, key: str) -> None:
    session.add(InboxKey(key=key, surface="test", at=NOW))


def take_and_fail(session: Session, key: str) -> None:
    take(session, key)
    session.flush()
    raise KeyError(key)


def keys(session: Session) -> set[str]:
    return set(session.exec(select(InboxKey.key)).all())


async def test_a_unit_is_committed_before_run_returns(store: Store, database_url: str) -> None:
    await store.run(take, "a")
    other = open_store(database_url, read_only=True)
    assert other.read_sync(keys) == {"a"}
    other.close_sync()


async def test_units_that_fail_take_back_themselves_alone(store: Store) -> None:
    units = [store.run(take_and_fail if n % 3 == 0 else take, f"k{n}") for n in range(30)]
    outcomes = await asyncio.gather(*units, return_exceptions=True)
    assert [isinstance(outcome, KeyError) for outcome in outcomes] == [n % 3 == 0 for n in range(30)]
    assert await store.read(keys) == {f"k{n}" for n in range(30) if n % 3}


async def test_a_broken_constraint_takes_back_only_its_own_unit(store: Store) -> None:
    await store.run(take, "a")
    outcomes = await asyncio.gather(*(store.run(take, key) for key in "bacad"), return_exceptions=True)
    assert [isinstance(outcome, IntegrityError) for outcome in outcomes] == [False, True, False, True, False]
    assert await store.read(keys) == set("abcd")


async def test_a_unit_may_go_on_after_a_broken_constraint_in_a_nested_block(store: Store) -> None:
    def take_twice(session: Session) -> str | None:
        take(session, "a")
        session.flush()
        session.expunge_all()
        try:
            with session.begin_nested():
                take(session, "a")
        except IntegrityError as error:
            take(session, "b")
            return violated(error)
        return None

    assert await store.run(take_twice) == "pk_inbox"
    assert await store.read(keys) == {"a", "b"}


async def test_two_verdicts_on_one_request_leave_one_and_the_constraint_is_named(store: Store) -> None:
    case = await store.run(open_case)
    clicks = [store.run(give_verdict, case) for _ in range(12)]
    outcomes = await asyncio.gather(*clicks, return_exceptions=True)
    lost = [outcome for outcome in outcomes if isinstance(outcome, IntegrityError)]
    assert len(lost) == 11
    assert {violated(error) for error in lost} == {"uq_verdict_request"}
    assert await store.read(lambda session: session.exec(select(func.count(col(Verdict.id)))).one()) == 1


async def test_what_is_read_under_a_lock_is_never_lost(store: Store) -> None:
    case = await store.run(open_case)

    def raise_round(session: Session) -> None:
        request = session.get_one(AuthenticityRequest, case.request_id, with_for_update=True)
        seen = request.round
        time.sleep(0.002)
        request.round = seen + 1

    await asyncio.gather(*(store.run(raise_round) for _ in range(40)))
    assert await store.read(lambda s: s.get_one(AuthenticityRequest, case.request_id).round) == 40


async def test_an_urgent_unit_overtakes_those_that_wait(store: Store) -> None:
    order: list[str] = []
    gate = threading.Event()

    def wait(_session: Session) -> None:
        gate.wait(5)

    held = [asyncio.create_task(store.run(wait)) for _ in range(4)]
    await asyncio.sleep(0.1)
    tasks = [asyncio.create_task(store.run(lambda _s, n=n: order.append(f"batch {n}"))) for n in range(5)]
    tasks.append(asyncio.create_task(store.run(lambda _s: order.append("click"), urgent=True)))
    await asyncio.sleep(0.1)
    gate.set()
    await asyncio.gather(*held, *tasks)
    assert order[0] == "click"


async def test_many_urgent_units_do_not_starve_the_others(store: Store) -> None:
    done = asyncio.Event()

    async def click() -> None:
        while not done.is_set():
            await store.run(lambda _session: time.sleep(0.001), urgent=True)

    clicks = [asyncio.create_task(click()) for _ in range(16)]
    await asyncio.sleep(0.1)
    async with asyncio.timeout(2):
        await asyncio.gather(*(store.run(take, f"k{number}") for number in range(5)))
    done.set()
    await asyncio.gather(*clicks)
    assert len(await store.read(keys)) == 5


async def test_what_is_committed_comes_back_as_it_was(store: Store) -> None:
    case: Case = await store.run(open_case)
    request = await store.read(lambda session: session.get_one(AuthenticityRequest, case.request_id))
    assert request.created_at == NOW
    assert request.created_at.tzinfo is UTC
    assert request.reasons == []


async def test_a_naive_moment_is_refused(store: Store) -> None:
    naive = datetime(2026, 3, 1)  # noqa: DTZ001  # this is the fault under test
    with pytest.raises(StatementError, match="timezone"):
        await store.run(lambda session: session.add(InboxKey(key="a", surface="test", at=naive)))


async def test_an_unknown_word_is_refused_by_the_database_itself(store: Store) -> None:
    await store.run(open_case)

    def misspell(session: Session) -> None:
        session.connection().execute(text("UPDATE authenticity_request SET state = 'opne'"))

    with pytest.raises(IntegrityError) as caught:
        await store.run(misspell)
    assert violated(caught.value) == "ck_authenticity_request_state"


async def test_a_row_that_points_nowhere_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError):
        await store.run(give_verdict, Case("nobody", "nobody", "nobody"))


async def test_a_read_cannot_write(store: Store) -> None:
    def sneak(session: Session) -> None:
        take(session, "a")
        session.flush()

    with pytest.raises((StoreUnavailableError, Exception), match=r"readonly|read-only"):
        await store.read(sneak)


async def test_a_cancelled_unit_that_had_not_begun_is_not_run(store: Store) -> None:
    gate = threading.Event()
    held = [asyncio.create_task(store.run(lambda _s: gate.wait(5))) for _ in range(4)]
    await asyncio.sleep(0.1)
    unwanted = asyncio.create_task(store.run(take, "a"))
    await asyncio.sleep(0.05)
    unwanted.cancel()
    gate.set()
    await asyncio.gather(*held)
    await asyncio.gather(unwanted, return_exceptions=True)
    await store.run(take, "b")
    assert await store.read(keys) == {"b"}


async def test_closing_serves_what_waits_and_takes_no_more(database_url: str) -> None:
    store = open_store(database_url)
    waiting = [asyncio.create_task(store.run(take, f"k{n}")) for n in range(20)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*waiting)
    with pytest.raises(StoreClosedError):
        await store.run(take, "late")
    again = open_store(database_url)
    assert len(again.read_sync(keys)) == 20
    again.close_sync()


def test_a_command_line_can_run_units_without_an_event_loop(store: Store) -> None:
    assert not store.run_sync(inbox.seen, "a", "command", NOW)
    assert store.run_sync(inbox.seen, "a", "command", NOW)
    assert store.read_sync(keys) == {"a"}


async def test_a_database_that_is_held_gives_a_refusal_in_time_and_then_works(database_url: str) -> None:
    store = open_store(database_url)
    case = await store.run(open_case)

    def touch(session: Session) -> None:
        session.get_one(AuthenticityRequest, case.request_id, with_for_update=True).round += 1

    with _held(database_url):
        began = time.monotonic()
        outcomes = await asyncio.gather(*(store.run(touch) for _ in range(3)), return_exceptions=True)
        assert all(isinstance(outcome, StoreBusyError) for outcome in outcomes)
        assert time.monotonic() - began < 2.0
    await store.run(touch)
    await store.close()


@contextmanager
def _held(url: str) -> Iterator[None]:
    """Somebody else holds the file, or the row."""
    parsed = make_url(url)
    module: dict[str, Any] = {"module": sqlite.driver}
    if parsed.get_backend_name() == "postgresql":
        parsed, module = parsed.set(drivername="postgresql+psycopg"), {}
    engine = create_engine(parsed, poolclass=NullPool, **module)
    with engine.begin() as connection:
        connection.execute(text("UPDATE authenticity_request SET round = 5"))
        yield
    engine.dispose()


def test_a_second_writer_of_a_file_is_refused_in_plain_words_and_a_reader_is_not(sqlite_url: str) -> None:
    first = open_store(sqlite_url)
    with pytest.raises(StoreLockedError, match="another process"):
        open_store(sqlite_url)
    reader = open_store(sqlite_url, read_only=True)
    assert reader.read_sync(keys) == set()
    with pytest.raises(StoreClosedError):
        reader.run_sync(take, "a")
    reader.close_sync()
    first.close_sync()
    open_store(sqlite_url).close_sync()


async def test_sqlite_keeps_a_commit_through_a_power_cut(sqlite_store: Store) -> None:
    def settings(session: Session) -> tuple[Any, ...]:
        connection = session.connection()
        names = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        return tuple(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names)

    journal, synchronous, foreign_keys, recursive = await sqlite_store.run(settings)
    assert (journal, synchronous) in {("wal", 2), ("delete", 3)}
    assert (foreign_keys, recursive) == (1, 1)


async def test_a_full_disk_refuses_and_nothing_is_acknowledged_that_is_not_there(sqlite_store: Store) -> None:
    def limit(session: Session, pages: int) -> None:
        connection = session.connection()
        used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {used + pages}")

    def fill(session: Session, key: str) -> str:
        session.add(InboxKey(key=key, surface="x" * 20_000, at=NOW))
        return key

    await sqlite_store.run(limit, 30)
    fills = [sqlite_store.run(fill, f"k{n}") for n in range(40)]
    outcomes = await asyncio.gather(*fills, return_exceptions=True)
    kept = {outcome for outcome in outcomes if isinstance(outcome, str)}
    assert {type(outcome) for outcome in outcomes if not isinstance(outcome, str)} == {StoreUnavailableError}
    assert kept
    assert await sqlite_store.read(keys) == kept
    await sqlite_store.run(limit, 1000)
    await sqlite_store.run(take, "after")


@pytest.mark.postgres
async def test_a_deadlock_is_tried_again(postgres_url: str) -> None:
    store = open_store(postgres_url, busy_timeout_ms=5000)
    await asyncio.gather(store.run(take, "a"), store.run(take, "b"))
    both_hold_one = threading.Barrier(2, timeout=5)
    attempts: list[str] = []

    def cross(session: Session, first: str, second: str) -> None:
        session.get_one(InboxKey, first, with_for_update=True)
        attempts.append(first)
        if len(attempts) <= 2:
            both_hold_one.wait()
        session.get_one(InboxKey, second, with_for_update=True).surface += first

    await asyncio.gather(store.run(cross, "a", "b"), store.run(cross, "b", "a"))
    assert len(attempts) == 3
    await store.close()


@pytest.mark.postgres
async def test_a_connection_that_was_cut_while_idle_is_not_noticed(postgres_url: str) -> None:
    store, other = open_store(postgres_url), open_store(postgres_url)
    await asyncio.gather(*(store.run(take, f"k{number}", urgent=True) for number in range(8)))
    await asyncio.gather(*(store.read(keys) for _ in range(4)))
    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await other.run(lambda session: session.connection().execute(cut).all())
    await asyncio.gather(*(store.run(take, f"l{number}") for number in range(8)))
    assert {len(await store.read(keys)) for _ in range(4)} == {16}
    await asyncio.gather(store.close(), other.close())


@pytest.mark.postgres
async def test_a_cut_connection_is_a_refusal_and_the_next_unit_works(postgres_url: str) -> None:
    store = open_store(postgres_url, pool_size=1)

    def cut(session: Session) -> None:
        session.connection().execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreUnavailableError):
        await store.run(cut)
    await store.run(take, "a")
    assert await store.read(keys) == {"a"}
    await store.close()


def test_a_server_that_is_not_there_is_a_refusal_without_a_trace() -> None:
    store = open_store("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreUnavailableError, match="cannot be reached"):
        store.run_sync(take, "a")
    with pytest.raises(StoreUnavailableError):
        store.read_sync(keys)
    store.close_sync()


def test_a_place_where_no_database_can_be_is_a_plain_refusal(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="there is no database at"):
        open_store(f"sqlite:///{tmp_path}/none.db", read_only=True)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailableError, match="cannot write"):
        open_store(f"sqlite:///{tmp_path}/file/below.db")


def test_a_new_database_is_for_its_owner_alone_and_its_folder_is_made(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/deep/new.db").close_sync()
    assert (tmp_path / "deep" / "new.db").stat().st_mode & 0o077 == 0


def test_a_file_that_is_no_database_is_refused_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear Sir or Madam, " * 100)
    store = open_store(f"sqlite:///{tmp_path}/letter.db")
    with pytest.raises(StoreUnavailableError, match="not a database"):
        store.migrate()
    store.close_sync()


async def test_errors_hold_nothing_that_people_typed(store: Store) -> None:
    await store.run(take, "secret words")
    with pytest.raises(IntegrityError) as caught:
        await store.run(take, "secret words")
    assert "secret" not in str(caught.value).partition("DETAIL")[0]


async def test_a_use_case_that_lets_stop_iteration_out_is_answered(store: Store) -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        await store.run(lambda _session: next(iter(())))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y"])
def test_a_database_that_cannot_keep_anything_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"file|either"):
        open_store(url)


async def test_health_names_the_database_and_its_schema(store: Store) -> None:
    health = await store.health()
    assert health.database.split()[0] in {"SQLite", "PostgreSQL"}
    assert health.revision
