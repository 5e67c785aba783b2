"""What one decision costs in standing after a short and after a long history, and what the recount takes.

`python -m bench.standing` prints a Markdown table. 1,000 rights holders have 10^4 and 10^6 decided takedowns
over a year, under three reason codes. One decision is everything that standing does in its transaction: the
cause, the holder's lock, the tally, the sum of the window, the judgement.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session

from bench import databases
from bot.enforcement import standing
from storage.engine import Store, open_store
from storage.queries import standing as queries
from storage.records.listings import Listing
from storage.records.platform import PlatformClient
from storage.records.roster import Brand, HolderKind, HolderSize, RightsHolder, Standing
from tests.database import administer

HISTORIES = (10_000, 1_000_000)
HOLDERS = 1_000
ROUNDS = 301
NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)

_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :rows) "
_CODES = (
    "CASE n % 3 WHEN 0 THEN 'design' WHEN 1 THEN 'counterfeit_no_test_buy' ELSE 'trademark_in_listing' END"
)
_DAY = {
    "sqlite": "date('2026-11-19', '-' || (n % 365) || ' days')",
    "postgresql": "(date '2026-11-19' - n % 365)",
}
_AT = {"sqlite": "'2026-01-01 00:00:00.000000'", "postgresql": "timestamptz '2026-01-01 00:00+00'"}
_TAKEDOWNS = """
INSERT INTO takedown (id, key, client_id, listing_id, holder_id, brand_id, reason_code, state, state_reason,
    reference, created_at, changed_at)
{numbers} SELECT '{name}' || n, '{name}' || n, (SELECT id FROM platform_client), 'l', 'h' || (n % :holders),
    'b', {codes}, 'removed', '', '', {at}, {at} FROM numbers"""
_CAUSES = """
INSERT INTO takedown_cause (id, takedown_id, kind, subject_id, holder_id, counted, counted_on, at)
{numbers} SELECT '{name}' || n, '{name}' || n, 'verdict', '{name}' || n, 'h' || (n % :holders), {counted},
    {day}, {at} FROM numbers"""
_TALLIES = """
INSERT INTO standing_tally (holder_id, day, reason_code, decided, removed, upheld)
SELECT c.holder_id, c.counted_on, t.reason_code, count(*),
    sum(CASE c.counted WHEN 'removed' THEN 1 ELSE 0 END), 0
FROM takedown_cause c JOIN takedown t ON t.id = c.takedown_id WHERE c.counted_on IS NOT NULL
GROUP BY c.holder_id, c.counted_on, t.reason_code"""


def history(session: Session, decisions: int) -> None:
    """So many decided takedowns over a year with their tallies, and some that are decided in the rounds."""
    client = PlatformClient(name="o", name_key="o", marketplace="o", webhook_url="", created_at=NOW)
    session.add_all(
        [client, Listing(id="l", key="l", key_version=1, marketplace="o", url="", first_seen_at=NOW)]
    )
    for number in range(HOLDERS):
        name = f"h{number}"
        session.add(
            RightsHolder(
                id=name,
                name=name,
                name_key=name,
                kind=HolderKind.COMPANY,
                size=HolderSize.SMALL,
                industry="",
                country="DE",
                standing=Standing.GOOD_FAITH,
                standing_since=NOW,
                created_at=NOW,
            )
        )
    session.flush()
    session.add(Brand(id="b", holder_id="h0", name="b", name_key="b", created_at=NOW))
    session.flush()
    connection = session.connection()
    dialect = connection.dialect.name
    counted = "CASE WHEN n % 1000 < 980 THEN 'removed' ELSE 'refused' END"
    for name, rows, how, day in (("t", decisions, counted, _DAY[dialect]), ("u", ROUNDS, "NULL", "NULL")):
        parts = {"numbers": _NUMBERS, "name": name, "codes": _CODES, "at": _AT[dialect]}
        for statement in (_TAKEDOWNS, _CAUSES):
            made = statement.format(
                **parts, counted=how, day=f"CAST({day} AS date)" if dialect != "sqlite" else day
            )
            connection.execute(text(made), {"rows": rows, "holders": HOLDERS})
    connection.execute(text(_TALLIES))


def filled(url: str, decisions: int) -> Store:
    """A store with such a history, tidied as a database tidies itself in time."""
    store = open_store(url, busy_timeout_ms=600_000)
    store.migrate()
    store.run_sync(history, decisions)
    if store.dialect == "postgresql":
        administer(url, "VACUUM ANALYZE")
    return store


def decide(session: Session, number: int) -> float:
    """One decision; the milliseconds that standing took in its transaction."""
    began = time.perf_counter()
    standing.takedown_decided(session, f"u{number}", removed=True, now=NOW)
    return (time.perf_counter() - began) * 1000


def measure(stores: list[Store]) -> list[float]:
    """The median milliseconds of a decision on each, taken in turn."""
    taken: list[list[float]] = [[] for _ in stores]
    for number in range(1, ROUNDS + 1):
        for store, times in zip(stores, taken, strict=True):
            times.append(store.run_sync(decide, number))
    return [statistics.median(times) for times in taken]


def recount(store: Store) -> float:
    """The seconds of a full recount, which finds nothing."""
    began = time.perf_counter()
    assert store.read_sync(queries.differences, date.min) == []
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    print("| one decision, ms | 10^4 decisions | 10^6 decisions | ratio | full recount of 10^6, s |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, databases.postgres() as new_database:
        makers: dict[str, Callable[[int], str]] = {
            "SQLite": lambda decisions: f"sqlite:///{Path(folder)}/{decisions}.db",
            "PostgreSQL": lambda _: new_database(),
        }
        for name, make in makers.items():
            stores = [filled(make(decisions), decisions) for decisions in HISTORIES]
            short, long = measure(stores)
            seconds = recount(stores[-1])
            row = f"| {name} | {short:.2f} | {long:.2f} | {long / short:.2f} | {seconds:.1f} |"
            print(row, flush=True)
            for store in stores:
                store.close_sync()


if __name__ == "__main__":
    main()
