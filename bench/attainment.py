"""What the page of attainment costs when its month holds few and many notices.

`python -m bench.attainment` prints a Markdown table: the month so far of 700 brands, with 10^4 and with 10^6
notices that fell due in it, its closed days counted and the present one open. The time of closing one day is
the price that a night pays for it.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session

from bench import databases
from bot.enforcement.access import Actor
from bot.enforcement.service_closing import closing_tick
from bot.enforcement.service_levels import attainment
from storage.engine import Store, open_store
from storage.records.roster import (
    Brand,
    HolderKind,
    HolderSize,
    Person,
    RightsHolder,
    Role,
    RoleGrant,
    Standing,
)
from storage.records.service_figures import Asked, Attainment, Cut
from tests.database import administer

MONTHS = (10_000, 1_000_000)
BRANDS = 700
ROUNDS = 21
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
STAFF = Actor("T", "USTAFF")
ASKED = (("over time", Asked()), ("by brand", Asked(cut=Cut.BRAND)))

_BACK = "n * 2548800.0 / {rows} {more}"  # seconds: 29 days and a half
_AT = {
    "sqlite": f"(strftime('%Y-%m-%d %H:%M:%f', '2026-11-30 12:00', '-' || ({_BACK}) || ' seconds') || '000')",
    "postgresql": f"(timestamptz '2026-11-30 12:00+00' - ({_BACK}) * interval '1 second')",
}
_NOTICES = """
INSERT INTO notice (id, reference, holder_id, brand_id, marketplace, origin, reason_code, explanation,
    statements, submitter_id, submitter_name, submitter_email, role, immediate, state, state_reason,
    complaint_number, complaint_url, lane, target_hours, submitted_at, due_at, decided_at, changed_at)
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows})
SELECT 'n' || n, 'GF-' || n, 'h' || (n % {brands}), 'b' || (n % {brands}), 'openbazaar', 'member',
    'other', '', '[]', 'p', '', '', 'BM', FALSE, 'actioned', '', '', '',
    CASE n % 4 WHEN 0 THEN 'partner' ELSE '' END, 24, {due}, {due},
    CASE n % 33 WHEN 0 THEN {late} ELSE {early} END, {due} FROM numbers"""


def month(session: Session, notices: int) -> None:
    """700 brands, a reader, and so many notices that fell due at even distances in the month so far."""
    for number in range(BRANDS):
        holder = RightsHolder(
            id=f"h{number}",
            name=f"Holder {number}",
            name_key=f"h{number}",
            kind=HolderKind.COMPANY,
            size=list(HolderSize)[number % 3],
            industry="",
            country="DE",
            standing=Standing.GOOD_FAITH,
            standing_since=NOW,
            created_at=NOW,
        )
        session.add(holder)
        session.flush()
        session.add(
            Brand(
                id=f"b{number}",
                holder_id=holder.id,
                name=f"Brand {number}",
                name_key=f"b{number}",
                created_at=NOW,
            )
        )
    session.add(Person(id="p", team_id=STAFF.team_id, user_id=STAFF.user_id, profile_at=NOW))
    session.flush()
    session.add(RoleGrant(person_id="p", role=Role.PLATFORM_STAFF, since=NOW, granted_by="bench"))
    at = _AT[session.connection().dialect.name]
    due, early, late = (at.format(rows=notices, more=more) for more in ("", "+ 3600", "- 3600"))
    statement = _NOTICES.format(rows=notices, brands=BRANDS, due=due, early=early, late=late)
    session.connection().execute(text(statement))


def filled(url: str, notices: int) -> tuple[Store, float]:
    """A store with such a month, its days closed; and the milliseconds that a day's closing took."""
    store = open_store(url, busy_timeout_ms=600_000)
    store.migrate()
    store.run_sync(month, notices)
    if store.dialect == "postgresql":
        administer(url, "VACUUM ANALYZE")
    began = time.perf_counter()
    report = asyncio.run(closing_tick(store, lambda: NOW, "UTC"))
    taken = (time.perf_counter() - began) * 1000
    if report.differed:
        raise RuntimeError(f"the recount differs: {report}")
    return store, taken / (report.closed + report.recounted)


def page(session: Session, asked: Asked) -> Attainment:
    """One page for the platform team, who see all brands."""
    return attainment(session, STAFF, asked, now=NOW, zone="UTC", target=97)


def measure(stores: list[Store], asked: Asked) -> list[float]:
    """The median milliseconds on each, asked in turn."""
    taken: list[list[float]] = [[] for _ in stores]
    for _ in range(ROUNDS):
        for store, times in zip(stores, taken, strict=True):
            began = time.perf_counter()
            found = store.read_sync(page, asked)
            times.append((time.perf_counter() - began) * 1000)
            if not found.tally.due:
                raise RuntimeError("the page is empty")
    return [statistics.median(times) for times in taken]


def main() -> None:
    """Measure and print."""
    print("| attainment of a month, ms | 10^4 notices | 10^6 notices | ratio |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, databases.postgres() as new_database:
        makers: dict[str, Callable[[int], str]] = {
            "SQLite": lambda notices: f"sqlite:///{Path(folder)}/{notices}.db",
            "PostgreSQL": lambda _: new_database(),
        }
        for name, make in makers.items():
            made = [filled(make(notices), notices) for notices in MONTHS]
            stores = [store for store, _ in made]
            for title, asked in ASKED:
                few, many = measure(stores, asked)
                print(f"| {name}, {title} | {few:.1f} | {many:.1f} | {many / few:.1f} |", flush=True)
            few, many = (taken for _, taken in made)
            print(f"| {name}, counting one day | {few:.1f} | {many:.1f} | {many / few:.1f} |", flush=True)
            for store in stores:
                store.close_sync()


if __name__ == "__main__":
    main()
