"""Clicks that wait share a commit, on both databases; what is wrong with one of them stays its own affair."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from orjson import JSONEncodeError
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, PendingRollbackError
from sqlmodel import Session, col, select

from storage.engine import Store, open_store
from storage.errors import StoreBusyError, StoreUnavailableError
from storage.prepared import driver_of
from storage.queries import audit, inbox, outbox
from storage.records.inbox import InboxKey
from storage.records.outbox import OutboxRow
from tests.database import connected, named
from tests.storage.cases import NOW
from tests.storage.test_audit import note
from tests.storage.test_engine import keys, take

_AGAIN = text("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$")


@pytest.fixture
def narrow(database_url: str) -> Iterator[Store]:
    """A store with one thread for clicks, behind which the others wait."""
    store = open_store(database_url, pool_size=2)
    yield store
    store.close_sync()


async def together(store: Store, units: list[Callable[[Session], Any]]) -> list[Any]:
    """Let a click hold the thread of the clicks until all of these wait behind it; what became of each."""
    began, gate = threading.Event(), threading.Event()

    def hold(_: Session) -> None:
        began.set()
        gate.wait(5)

    first = asyncio.create_task(store.run(hold, urgent=True))
    await asyncio.to_thread(began.wait, 5)
    waiting = [asyncio.create_task(store.run(unit, urgent=True)) for unit in units]
    await asyncio.sleep(0)
    gate.set()
    await first
    return await asyncio.gather(*waiting, return_exceptions=True)


def say(session: Session, number: int) -> None:
    note(session, number)
    outbox.enqueue(session, kind="draw", subject_id=str(number), key=str(number), now=NOW)


async def test_a_click_that_fails_takes_back_itself_alone_and_all_that_it_said(narrow: Store) -> None:
    def click(session: Session, number: int) -> None:
        inbox.seen(session, f"k{number}", "test", NOW)
        say(session, number)
        if number % 4 == 1:
            outbox.withdraw(session, ["2"], now=NOW)  # writes down what was said so far
            raise KeyError(number)
        if number % 4 == 3:
            take(session, f"k{number - 1}")

    outcomes = await together(narrow, [partial(click, number=number) for number in range(12)])
    assert [type(outcome) for outcome in outcomes] == [type(None), KeyError, type(None), IntegrityError] * 3
    kept = {str(number) for number in range(0, 12, 2)}
    assert await narrow.read(keys) == {f"k{number}" for number in kept}
    assert set(await narrow.read(lambda s: s.exec(select(OutboxRow.key)).all())) == kept
    verification = await narrow.read(audit.verify)
    assert (verification.intact, verification.rows) == (True, 6)


async def test_who_is_refused_wakes_nobody(narrow: Store) -> None:
    woken: list[None] = []
    narrow.on_enqueued(lambda: woken.append(None))

    def click(session: Session) -> None:
        say(session, 1)
        raise KeyError

    with pytest.raises(KeyError):
        await narrow.run(click, urgent=True)
    await narrow.run(lambda _: None, urgent=True)  # by then the listeners of the one before have been told
    assert not woken


@pytest.mark.parametrize("click", [False, True])
async def test_a_group_goes_on_for_longer_where_none_of_it_is_a_click(
    sqlite_store: Store, *, click: bool
) -> None:
    began, gate, told = threading.Event(), threading.Event(), threading.Event()

    def hold(_: Session) -> None:
        began.set()
        gate.wait(5)

    first = asyncio.create_task(sqlite_store.run(hold))
    await asyncio.to_thread(began.wait, 5)
    slow = asyncio.create_task(sqlite_store.run(lambda _: time.sleep(0.03), urgent=click))
    slow.add_done_callback(lambda _: told.set())
    besides = asyncio.create_task(sqlite_store.run(lambda _: None))  # one goes with a group of clicks
    # Who shares its commit waits in vain for its answer.
    behind = asyncio.create_task(sqlite_store.run(lambda _: told.wait(5 if click else 0.02)))
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, slow, besides)
    assert await behind is click


async def test_a_click_finds_what_the_one_before_it_said(narrow: Store) -> None:
    def unsay(session: Session) -> set[str]:
        return outbox.withdraw(session, ["1"], now=NOW)

    outcomes = await together(narrow, [lambda session: say(session, 1), unsay, lambda s: say(s, 2)])
    assert outcomes == [None, {"1"}, None]
    states = await narrow.read(lambda s: s.exec(select(OutboxRow.state).order_by(col(OutboxRow.id))).all())
    assert [state.value for state in states] == ["dropped", "ready"]


async def test_a_unit_that_goes_on_after_a_broken_constraint_records_nothing(store: Store) -> None:
    await store.run(take, "a")

    def take_again(session: Session) -> None:
        inbox.seen(session, "b", "test", NOW)
        take(session, "a")
        with suppress(IntegrityError):
            session.flush()

    with pytest.raises(PendingRollbackError):
        await store.run(take_again)
    await store.run(take, "c")
    assert await store.read(keys) == {"a", "c"}


async def test_where_the_connection_itself_fails_all_who_share_it_hear_of_it(sqlite_store: Store) -> None:
    await sqlite_store.run(note, 0)

    def cut(session: Session) -> None:
        driver_of(session)[1].close()

    units: list[Callable[[Session], None]] = [partial(note, number=1), cut, partial(note, number=2)]
    async with asyncio.timeout(5):
        outcomes = await together(sqlite_store, units)
    refused = StoreUnavailableError
    assert [type(outcome) for outcome in outcomes] == [refused, refused, type(None)]
    verification = await sqlite_store.read(audit.verify)
    assert (verification.intact, verification.rows) == (True, 2)


async def test_what_no_database_takes_is_refused_to_the_click_that_said_it_alone(narrow: Store) -> None:
    def say_wrongly(session: Session) -> None:
        outbox.enqueue(session, kind="draw", subject_id="b", now=NOW, payload={"text": "\ud83d"})

    outcomes = await together(narrow, [lambda s: say(s, 1), say_wrongly, lambda s: say(s, 2)])
    assert [type(outcome) for outcome in outcomes] == [type(None), JSONEncodeError, type(None)]
    assert await narrow.read(lambda s: s.exec(select(OutboxRow.key)).all()) == ["1", "2"]


async def test_on_a_full_disk_nothing_is_said_of_what_was_not_recorded(sqlite_store: Store) -> None:
    def fill(session: Session) -> None:
        pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
        session.connection().exec_driver_sql(f"PRAGMA max_page_count = {pages + 20}")
        session.add(InboxKey(key="big", surface="x" * 400_000, at=NOW))

    await sqlite_store.run(say, 0)
    outcomes = await together(sqlite_store, [lambda s: say(s, 1), fill])
    assert isinstance(outcomes[1], StoreUnavailableError)
    said = ["0", "1"] if outcomes[0] is None else ["0"]  # on a slow machine it had a group of its own
    assert await sqlite_store.read(lambda s: s.exec(select(OutboxRow.key)).all()) == said
    verification = await sqlite_store.read(audit.verify)
    assert (verification.intact, verification.rows) == (True, len(said))


@pytest.mark.postgres
async def test_a_click_that_passes_over_an_error_of_the_driver_harms_none_beside_it(
    postgres_url: str,
) -> None:
    store = open_store(postgres_url, pool_size=2)

    def pass_over(session: Session) -> None:
        inbox.seen(session, "b", "test", NOW)
        with suppress(Exception):
            driver_of(session)[1].execute("SELECT 1 / 0")

    outcomes = await together(store, [lambda s: take(s, "a"), pass_over, lambda s: take(s, "c")])
    assert [type(outcome) for outcome in outcomes] == [type(None), PendingRollbackError, type(None)]
    assert await store.read(keys) == {"a", "c"}
    await store.close()


@pytest.mark.postgres
async def test_clicks_that_wait_share_one_commit(postgres_url: str) -> None:
    store = open_store(postgres_url, pool_size=2)
    ask = text("SELECT pg_current_xact_id()::text")
    commits = await together(store, [lambda session: session.connection().scalar(ask)] * 10)
    assert len(set(commits)) < 5
    await store.close()


@pytest.mark.postgres
async def test_clicks_whose_common_transaction_is_taken_back_are_run_again_alone(postgres_url: str) -> None:
    store = open_store(postgres_url, pool_size=2)
    cut = text("SELECT pg_terminate_backend(pg_backend_pid())")
    tries = {"serialize": 0, "cut": 0}

    def stumble(session: Session, why: str, statement: Any) -> None:
        tries[why] += 1
        inbox.seen(session, why, "test", NOW)
        if tries[why] == 1:
            session.connection().execute(statement)

    def broken(session: Session) -> None:
        take(session, "a")

    units: list[Callable[[Session], Any]] = [
        lambda session: take(session, "a"),
        lambda session: stumble(session, "serialize", _AGAIN),
        broken,
        lambda session: stumble(session, "cut", cut),
        lambda session: note(session, 1),
    ]
    outcomes = await together(store, units)
    assert [type(outcome) for outcome in outcomes] == [type(None)] * 2 + [IntegrityError] + [type(None)] * 2
    assert await store.read(keys) == {"a", "serialize", "cut"}
    assert (await store.read(audit.verify)).rows == 1
    await store.close()


@pytest.mark.postgres
async def test_what_is_run_again_alone_is_answered_before_the_next_begins(postgres_url: str) -> None:
    store = open_store(postgres_url, pool_size=2)
    told = threading.Event()
    store.on_enqueued(told.set)
    tries: list[int] = []

    def stumble(session: Session) -> tuple[bool, int]:
        tries.append(session.connection().scalar(text("SELECT pg_backend_pid()")))
        if len(tries) == 1:
            session.connection().execute(_AGAIN)
        return told.wait(2), len(set(tries))

    outcomes = await together(store, [lambda session: say(session, 1), stumble])
    assert outcomes == [None, (True, 1)], "it was told first, and the connection was kept"
    await store.close()


@pytest.mark.postgres
async def test_clicks_that_waited_for_the_chain_in_vain_do_not_wait_for_it_once_more(
    postgres_url: str,
) -> None:
    store = open_store(postgres_url, pool_size=2, busy_timeout_ms=200)
    tries: list[int] = []

    def click(session: Session, number: int) -> None:
        tries.append(number)
        note(session, number)

    with connected(postgres_url) as other:
        other.execute(text("SELECT pg_advisory_lock(7305)"))
        waiting = [store.run(click, number, urgent=True) for number in range(8)]
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StoreBusyError] * 8
    assert sorted(tries) == list(range(8))
    await store.run(note, 1, urgent=True)
    await store.close()


@pytest.mark.postgres
async def test_a_click_that_waits_for_a_lock_keeps_none_of_its_group_waiting(postgres_url: str) -> None:
    store = open_store(postgres_url, pool_size=2, busy_timeout_ms=30_000)
    with connected(postgres_url) as other:
        other.execute(text("BEGIN"))
        other.execute(text("INSERT INTO inbox (key, surface, at) VALUES ('x', 'test', now())"))
        group = asyncio.create_task(together(store, [partial(take, key=key) for key in ("a", "x", "b")]))
        async with asyncio.timeout(15):
            while await store.read(keys) != {"a", "b"}:  # noqa: ASYNC110  # a commit wakes no reader
                await asyncio.sleep(0.01)
        # In one transaction with the group's, this would be a deadlock.
        with pytest.raises(IntegrityError):
            other.execute(text("INSERT INTO inbox (key, surface, at) VALUES ('a', 'test', now())"))
        other.execute(text("ROLLBACK"))
        outcomes = await group
    assert outcomes == [None] * 3
    assert await store.read(keys) == {"a", "b", "x"}
    await store.close()


@pytest.mark.postgres
async def test_a_writer_outlives_a_server_that_was_away(postgres_url: str) -> None:
    name = make_url(postgres_url).database
    store = open_store(postgres_url, pool_size=1)
    await store.run(take, "a")
    with connected(named(postgres_url, "postgres")) as server:
        server.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
        try:
            server.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
                {"name": name},
            )
            with pytest.raises(StoreUnavailableError):
                await store.run(take, "b")
        finally:
            server.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))
    await store.run(take, "c")
    assert await store.read(keys) == {"a", "c"}
    await store.close()


@pytest.mark.postgres
async def test_a_click_behind_one_that_is_held_up_is_taken_by_another_thread(postgres_url: str) -> None:
    store = open_store(postgres_url, pool_size=2)
    gate = threading.Event()
    held = asyncio.create_task(store.run(lambda _: gate.wait(5), urgent=True))
    late = asyncio.create_task(store.run(take, "a", urgent=True))
    async with asyncio.timeout(4):
        await late
    gate.set()
    await held
    await store.close()
