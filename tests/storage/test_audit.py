"""The audit chain: complete, in order, and impossible to change unseen."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from storage.chain import GENESIS
from storage.ending import end
from storage.engine import Store
from storage.errors import violated
from storage.queries import audit
from storage.records.audit import AuditEntry
from storage.records.authenticity import Confirmation, Decision, Retraction
from tests.storage.cases import NOW, give_verdict, open_case


def note(session: Session, number: int, *, fail: bool = False) -> None:
    audit.record(
        session,
        at=NOW,
        actor="person:1",
        role="expert",
        operation="verdict",
        subject_kind="request",
        subject_id=str(number),
        outcome="allowed",
        tenant="holder",
        details={"b": number, "a": ["é", None, 1.5, "\u0000"]},
    )
    if fail:
        raise KeyError(number)


def rows(session: Session) -> list[AuditEntry]:
    return list(session.exec(select(AuditEntry).order_by(AuditEntry.seq)).all())  # type: ignore[arg-type]  # a column


async def test_units_that_race_make_one_chain_without_a_gap(store: Store) -> None:
    units = [store.run(note, number, fail=number % 4 == 0) for number in range(60)]
    await asyncio.gather(*units, return_exceptions=True)
    verification = await store.read(audit.verify)
    assert (verification.intact, verification.rows, verification.head.seq) == (True, 45, 45)
    assert [entry.seq for entry in await store.read(rows)] == list(range(1, 46))


async def test_one_unit_may_write_several_rows(store: Store) -> None:
    def both(session: Session) -> None:
        note(session, 1)
        note(session, 2)

    await store.run(both)
    await store.run(note, 3)
    assert [entry.subject_id for entry in await store.read(rows)] == ["1", "2", "3"]
    assert (await store.read(audit.verify)).intact


async def test_the_chain_goes_on_after_a_restart(store: Store) -> None:
    await store.run(note, 1)
    head = await store.read(audit.head)
    await store.run(note, 2)
    assert (await store.read(audit.verify, head)).rows == 2


async def test_details_keep_exactly_what_was_written(store: Store) -> None:
    await store.run(note, 7)
    assert (await store.read(rows))[0].details == '{"a":["é",null,1.5,"\\u0000"],"b":7}'


async def test_a_naive_moment_is_refused_in_the_trail(store: Store) -> None:
    with pytest.raises(ValueError, match="aware"):
        await store.run(
            audit.record,
            at=NOW.replace(tzinfo=None),
            actor="a",
            role="r",
            operation="o",
            subject_kind="k",
            subject_id="i",
            outcome="allowed",
        )


async def fill_insert_only_tables(store: Store) -> None:
    case = await store.run(open_case)
    verdict = await store.run(give_verdict, case)
    who: dict[str, Any] = {"verdict_id": verdict, "person_id": case.person_id, "role": "lead", "at": NOW}

    def rest(session: Session) -> None:
        session.add(Confirmation(decision=Decision.CONFIRMED, **who))
        session.add(Retraction(reason="a mistake", **who))
        note(session, 1)

    await store.run(rest)


@pytest.mark.parametrize("table", ["audit", "verdict", "confirmation", "retraction"])
@pytest.mark.parametrize("change", ["UPDATE {} SET role = 'lead'", "DELETE FROM {}"])
async def test_the_database_itself_refuses_to_change_what_must_stay(
    store: Store, table: str, change: str
) -> None:
    await fill_insert_only_tables(store)
    with pytest.raises(IntegrityError) as caught:
        await store.run(lambda session: session.connection().execute(text(change.format(table))))
    assert violated(caught.value) == f"insert_only_{table}"


async def test_a_replacing_insert_is_refused_on_sqlite(sqlite_store: Store) -> None:
    await sqlite_store.run(note, 1)
    replace = text("REPLACE INTO audit SELECT * FROM audit")
    with pytest.raises(IntegrityError):
        await sqlite_store.run(lambda session: session.connection().execute(replace))


async def test_truncating_is_refused_too(store: Store, database_kind: str) -> None:
    if database_kind == "sqlite":
        return  # it has no TRUNCATE
    with pytest.raises(IntegrityError):
        await store.run(lambda session: session.connection().execute(text("TRUNCATE audit")))


def unprotect(session: Session) -> None:
    """What somebody with the owner's rights could do."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.execute(text("DROP TRIGGER audit_refuses_update"))
        connection.execute(text("DROP TRIGGER audit_refuses_delete"))
    else:
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))


Tamper = Callable[[Session], None]


def tamper(*statements: str) -> Tamper:
    def change(session: Session) -> None:
        unprotect(session)
        for statement in statements:
            session.connection().execute(text(statement))

    return change


@pytest.mark.parametrize(
    ("change", "first_bad"),
    [
        (tamper("UPDATE audit SET actor = 'person:2' WHERE seq = 3"), 3),
        (tamper("UPDATE audit SET at = (SELECT max(at) FROM audit), tenant = NULL WHERE seq = 2"), 2),
        (tamper("UPDATE audit SET details = '{}' WHERE seq = 5"), 5),
        (tamper("DELETE FROM audit WHERE seq = 4"), 5),
        (tamper("DELETE FROM audit WHERE seq = 1"), 2),
        (tamper("DELETE FROM audit WHERE seq = 6"), 6),
        (tamper("DELETE FROM audit"), 1),
        (
            tamper(
                "UPDATE audit SET seq = 99 WHERE seq = 2",
                "UPDATE audit SET seq = 2 WHERE seq = 3",
                "UPDATE audit SET seq = 3 WHERE seq = 99",
            ),
            2,
        ),
        (
            tamper(
                "INSERT INTO audit SELECT 7, at, actor, role, operation, subject_kind, subject_id, tenant,"
                " outcome, details, hash, hash FROM audit WHERE seq = 6"
            ),
            7,
        ),
    ],
    ids=["actor", "tenant", "details", "gap", "beginning", "tail", "all", "swap", "forged"],
)
async def test_every_change_behind_the_database_s_back_is_found(
    store: Store, change: Tamper, first_bad: int
) -> None:
    for number in range(6):
        await store.run(note, number)
    witnessed = await store.read(audit.head)
    await store.run(change)
    found = await store.read(audit.verify, witnessed)
    assert (found.intact, found.first_bad) == (False, first_bad)
    assert found.problem


async def test_a_chain_that_was_rewritten_from_scratch_is_found_by_the_head_seen_earlier(
    store: Store,
) -> None:
    await store.run(note, 1)
    witnessed = await store.read(audit.head)
    await store.run(tamper("DELETE FROM audit"))

    def rewrite(session: Session) -> None:
        note(session, 2)
        end(session, GENESIS)

    await store.run(rewrite)
    assert (await store.read(audit.verify)).intact
    assert (await store.read(audit.verify, witnessed)).first_bad == 1
