"""A prepared statement says the same as SQLAlchemy's own way, on both databases."""

import asyncio
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session, SQLModel

from storage.engine import Store, open_store
from storage.errors import StoreBusyError
from storage.prepared import Prepared, at_most, driver_of, inserting, prepared
from storage.records.roster import HolderKind, HolderSize, RightsHolder, Standing

TABLE = SQLModel.metadata.tables[str(RightsHolder.__tablename__)]
NOW = datetime(2026, 3, 1, 12, 30, 5, 123456, tzinfo=UTC)
HOLDER: dict[str, Any] = {
    "id": "H1",
    "name": "Nordlys",
    "name_key": "nordlys",
    "kind": HolderKind.COMPANY,
    "size": HolderSize.SMALL,
    "industry": "shoes",
    "country": "NO",
    "standing": Standing.PILOT,
    "standing_since": NOW,
    "pilot": False,
    "created_at": NOW,
}
INSERT = Prepared(lambda _: insert(TABLE).returning(TABLE.c.id), list(HOLDER), [TABLE.c.id])
FOUND = select(TABLE).where(TABLE.c.id == bindparam("wanted"))
READ = Prepared(lambda _: FOUND, ["wanted"], list(FOUND.selected_columns))
RAISE = Prepared(
    lambda _: (
        update(TABLE)
        .where(TABLE.c.id == bindparam("wanted"), TABLE.c.standing == Standing.PILOT)
        .values(standing=bindparam("becomes"), standing_since=bindparam("now"))
        .returning(TABLE.c.standing)
    ),
    ["wanted", "becomes", "now"],
    [TABLE.c.standing],
)


def raise_standing(session: Session) -> None:
    RAISE.first(session, {"wanted": "H1", "becomes": Standing.GOOD_FAITH, "now": NOW})


def test_values_go_in_and_come_out_as_sqlalchemy_gives_them(store: Store) -> None:
    def keep(session: Session) -> tuple[Any, Any]:
        assert INSERT.first(session, HOLDER).id == "H1"
        return READ.first(session, {"wanted": "H1"}), session.connection().execute(
            FOUND, {"wanted": "H1"}
        ).one()

    prepared, usual = store.run_sync(keep)
    assert tuple(prepared) == tuple(usual)
    assert prepared.standing is Standing.PILOT
    assert prepared.created_at == NOW


def test_a_constant_in_the_statement_counts_as_written(store: Store) -> None:
    def twice(session: Session) -> list[int]:
        INSERT.first(session, HOLDER)
        given = {"wanted": "H1", "becomes": Standing.GOOD_FAITH, "now": NOW}
        return [len(RAISE.rows(session, given)) for _ in range(2)]

    assert store.run_sync(twice) == [1, 0], "the second time it is no longer a pilot"


def test_what_was_prepared_is_rolled_back_with_its_unit(store: Store) -> None:
    def fail(session: Session) -> None:
        INSERT.first(session, HOLDER)
        raise LookupError

    with pytest.raises(LookupError):
        store.run_sync(fail)
    assert store.read_sync(lambda session: READ.first(session, {"wanted": "H1"})) is None


def test_a_forgotten_value_is_an_error(store: Store) -> None:
    with pytest.raises(KeyError):
        store.read_sync(lambda session: READ.first(session, {}))


@pytest.mark.postgres
async def test_a_row_that_is_held_is_the_stores_own_refusal(postgres_url: str) -> None:
    store = open_store(postgres_url)
    await store.run(lambda session: INSERT.first(session, HOLDER))
    held, done = threading.Event(), threading.Event()

    def hold(session: Session) -> None:
        raise_standing(session)
        held.set()
        done.wait(10)

    holder = asyncio.create_task(store.run(hold))
    await asyncio.to_thread(held.wait, 5)
    with pytest.raises(StoreBusyError):
        await store.run(raise_standing)
    done.set()
    await holder
    await store.close()


@pytest.mark.postgres
async def test_a_connection_that_breaks_before_the_commit_is_replaced(postgres_url: str) -> None:
    store = open_store(postgres_url, pool_size=1)
    attempts: list[int] = []

    def cut(session: Session) -> str:
        attempts.append(1)
        if len(attempts) == 1:
            with suppress(psycopg.OperationalError):
                driver_of(session)[1].execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return str(INSERT.first(session, HOLDER).id)

    assert await store.run(cut) == "H1"
    assert len(attempts) == 2
    assert await store.run(lambda session: len(READ.rows(session, {"wanted": "H1"}))) == 1
    await store.close()


def test_lists_of_any_length_and_many_rows_at_once_say_what_sqlalchemy_says(store: Store) -> None:
    found = (
        select(TABLE.c.id, TABLE.c.standing)
        .where(TABLE.c.id.in_(bindparam("many", expanding=True)), TABLE.c.standing.in_([Standing.PILOT]))
        .order_by(TABLE.c.id)
        .limit(bindparam("most"))
    )
    move = prepared(
        update(TABLE)
        .where(TABLE.c.id.in_(bindparam("many", expanding=True)))
        .values(standing=bindparam("becomes"))
    )

    def keep(session: Session) -> None:
        rows = [{**HOLDER, "id": f"H{number}", "name_key": str(number)} for number in range(1, 8)]
        INSERT.each(session, rows)
        move.rows(session, {"many": ["H6", "H7"], "becomes": Standing.GOOD_FAITH})
        for many in (["H1"], ["H1", "H2", "H3"], ["H1", "H2", "H3", "H5", "H6", "unknown"]):
            given = {"many": many, "most": 4}
            usual = session.connection().execute(found, given).all()
            assert [tuple(row) for row in prepared(found).rows(session, given)] == [
                tuple(row) for row in usual
            ]
            assert usual

    store.run_sync(keep)


@pytest.mark.parametrize("most", [2, "most"])
def test_at_most_so_many_rows_come_and_the_statement_is_not_compiled_anew(
    sqlite_store: Store, most: int | str
) -> None:
    first = prepared(select(TABLE.c.id).order_by(TABLE.c.id).limit(at_most(most)))
    compiled: list[int] = []

    def permit(action: int, *_: str | None) -> int:
        compiled.append(action)
        return 0

    def read(session: Session) -> list[str]:
        rows = [{**HOLDER, "id": f"H{number}", "name_key": str(number)} for number in range(1, 5)]
        INSERT.each(session, rows)
        driver_of(session)[1].set_authorizer(permit)  # asked while SQLite compiles
        first.rows(session, {"most": 1})
        assert compiled
        compiled.clear()
        found = [row.id for row in first.rows(session, {"most": 2})]
        assert not compiled
        return found

    assert sqlite_store.run_sync(read) == ["H1", "H2"]


def test_an_insert_that_breaks_its_constraint_keeps_and_gives_nothing(store: Store) -> None:
    row = {column.name: HOLDER.get(column.name) for column in TABLE.columns}
    once = inserting(TABLE, "id", back=[TABLE.c.id])

    def keep(session: Session) -> list[list[Any]]:
        rows = [{**row, "id": each, "name_key": each} for each in ("H1", "H2", "H1", "H3")]
        first = [each.id for each in once.each(session, rows)]
        return [first, once.rows(session, rows[0])]

    assert store.run_sync(keep) == [["H1", "H2", "H3"], []]
