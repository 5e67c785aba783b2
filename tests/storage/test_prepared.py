"""A prepared statement says the same as SQLAlchemy's own way, on both databases."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session, SQLModel

from storage.engine import Store
from storage.prepared import Prepared
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
