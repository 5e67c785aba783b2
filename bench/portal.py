"""What opening App Home costs in a whole alliance, and how it grows with the notices of a year.

`python -m bench.portal` prints a Markdown table: 700 rights holders with 2,000 people between them and one
year's notices behind them, a quarter as many requests, verdicts and takedowns. Measured is the machine time
from the question to the view as text: every query of the page, its blocks, its JSON. The small reader is of a
company with an equal share; the large one leads a company with a tenth of everything; the officer represents
100 members; the last is of the platform's team.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
from sqlalchemy import text
from sqlmodel import Session

from bench import databases
from bot.enforcement import home
from bot.enforcement.access import Actor
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY
from bot.enforcement.service_closing import closing_tick
from bot.words.catalogue import words_for
from handlers.drawn.home import draw_home
from handlers.ids import HomePage
from storage.engine import Store, open_store
from storage.records.account_managers import AccountManager
from storage.records.listings import Listing
from storage.records.platform import PlatformClient
from storage.records.rights import Right, RightKind
from storage.records.roster import (
    Brand,
    HolderKind,
    HolderSize,
    Mandate,
    Person,
    RightsHolder,
    Role,
    RoleGrant,
    Standing,
)
from tests.database import administer

HISTORIES = (10_000, 1_000_000)
HOLDERS, PEOPLE, MEMBERS = 700, 2_000, 100
SHARE = 4  # one request, one verdict and one takedown for so many notices
ROUNDS = 21
YEAR = 365 * 86_400
NOW = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
READERS = {"of a small company": "U5", "lead of a large one": "U0", "officer": "UOFFICER", "staff": "USTAFF"}
PAGES = (HomePage.NOW, HomePage.NOTICES, HomePage.FIGURES, HomePage.COMPANY)

_AT = {
    "sqlite": "(strftime('%Y-%m-%d %H:%M:%f', '2026-11-19 09:00', '-' || ({when}) || ' seconds') || '000')",
    "postgresql": "(timestamptz '2026-11-19 09:00+00' - ({when}) * interval '1 second')",
}
_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows}) "
_WHOSE = f"(CASE WHEN n % 10 = 0 THEN 0 ELSE n * 37 % {HOLDERS} END)"
# Of a hundred the newest few wait; the rest was decided within the day.
_NOTICES = """
INSERT INTO notice (id, reference, holder_id, brand_id, marketplace, origin, reason_code, explanation,
    statements, submitter_id, submitter_name, submitter_email, role, immediate, state, state_reason,
    complaint_number, complaint_url, lane, target_hours, submitted_at, due_at, decided_at, decided_as,
    changed_at)
{numbers} SELECT 'n' || n, 'GF-' || n, 'h' || {whose}, 'b' || {whose}, 'openbazaar', 'member', 'other', '',
    '[]', 'p1', '', '', 'BM', FALSE,
    CASE WHEN n * {step} > 86400 THEN 'actioned' WHEN n % 5 = 0 THEN 'clarification_required'
        ELSE 'received' END,
    '', '', '', '', 24, {at}, {due}, CASE WHEN n * {step} > 86400 THEN {decided} END,
    CASE WHEN n * {step} > 86400 THEN 'actioned' END, {at}
    FROM numbers"""
_REQUESTS = """
INSERT INTO authenticity_request (id, client_id, external_id, body_hash, brand_named, holder_id, brand_id,
    listing_id, snapshot, reasons, deadline, state, round, withdrawn_reason, created_at, changed_at)
{numbers} SELECT 'r' || n, (SELECT id FROM platform_client), 'x' || n, '', '', 'h' || {whose}, 'b' || {whose},
    'l', '{{}}', '[]', {due}, CASE WHEN n * {step} > 86400 THEN 'answered' ELSE 'open' END, 1, '', {at}, {at}
    FROM numbers"""
_VERDICTS = """
INSERT INTO verdict (id, request_id, round, holder_id, answer, outcome, person_id, role, standing, late, at)
{numbers} SELECT 'v' || n, 'r' || n, 1, 'h' || {whose},
    CASE n % 3 WHEN 0 THEN 'genuine' WHEN 1 THEN 'fake' ELSE 'cannot_tell' END, 'closed', 'p1', 'BM',
    'good_faith', FALSE, {at} FROM numbers WHERE n * {step} > 86400"""
_TAKEDOWNS = """
INSERT INTO takedown (id, key, client_id, listing_id, holder_id, brand_id, reason_code, state, state_reason,
    reference, created_at, removed_at, changed_at)
{numbers} SELECT 't' || n, 'k' || n, (SELECT id FROM platform_client), 'l', 'h' || {whose}, 'b' || {whose},
    'fake', 'removed', '', '', {at}, {at}, {at} FROM numbers"""


def alliance(session: Session) -> None:
    """The companies with their brands and rights, their people, an association and the platform's team."""
    session.add(
        PlatformClient(name="o", name_key="o", marketplace="openbazaar", webhook_url="", created_at=NOW)
    )
    session.add(
        Listing(id="l", key="l", key_version=1, marketplace="o", url="u", title="T", first_seen_at=NOW)
    )
    for number in range(HOLDERS + 1):
        association = number == HOLDERS
        session.add(
            RightsHolder(
                id=f"h{number}",
                name=f"Company {number}",
                name_key=f"company {number}",
                kind=HolderKind.ASSOCIATION if association else HolderKind.COMPANY,
                size=HolderSize.SMALL,
                industry="shoes",
                country="DE",
                standing=Standing.GOOD_FAITH,
                standing_since=NOW,
                created_at=NOW,
            )
        )
    _person(session, "STAFF", Role.PLATFORM_STAFF, "")
    _person(session, "OFFICER", Role.ASSOCIATION_OFFICER, f"h{HOLDERS}")
    for number in range(PEOPLE):
        role = Role.LEAD if number < HOLDERS else Role.EXPERT
        _person(session, str(number), role, f"h{number % HOLDERS}")
    session.flush()
    for number in range(HOLDERS):
        name = f"Brand {number}"
        session.add(
            Brand(id=f"b{number}", holder_id=f"h{number}", name=name, name_key=name.lower(), created_at=NOW)
        )
        session.add(AccountManager(holder_id=f"h{number}", manager_id="pSTAFF", since=NOW, named_by="bench"))
        for each in range(5):
            session.add(_right(number, each))
    for number in range(MEMBERS):
        session.add(Mandate(association_id=f"h{HOLDERS}", holder_id=f"h{number}", document="", since=NOW))


def _person(session: Session, name: str, role: Role, scope_id: str) -> None:
    session.add(
        Person(id=f"p{name}", team_id="T", user_id=f"U{name}", name=name, profile_at=NOW, home_opened_at=NOW)
    )
    session.flush()
    session.add(RoleGrant(person_id=f"p{name}", role=role, scope_id=scope_id, since=NOW, granted_by="bench"))


def _right(number: int, each: int) -> Right:
    return Right(
        holder_id=f"h{number}",
        kind=RightKind.TRADEMARK,
        title=f"Mark {each}",
        number=f"{number}-{each}",
        office="EUIPO",
        territory="European Union",
        expires_on=NOW.date() + timedelta(days=50 + 300 * each),
        registered_by="bench",
        registered_at=NOW,
        confirmed_by="bench",
        confirmed_at=NOW,
    )


def history(session: Session, notices: int) -> None:
    """So many notices at even distances over a year, and a quarter of everything else."""
    alliance(session)
    session.flush()
    connection = session.connection()
    moment = _AT[connection.dialect.name]
    for statement, each in ((_NOTICES, 1), (_REQUESTS, SHARE), (_VERDICTS, SHARE), (_TAKEDOWNS, SHARE)):
        step = YEAR * each / notices
        insert = statement.format(
            numbers=_NUMBERS.format(rows=notices // each),
            whose=_WHOSE,
            step=step,
            at=moment.format(when=f"n * {step}"),
            due=moment.format(when=f"n * {step} - 86400"),
            decided=moment.format(when=f"n * {step} - 43200"),
        )
        connection.execute(text(insert))


def filled(url: str, notices: int) -> Store:
    """A store with such a year, its days closed, tidied as a database tidies itself in time."""
    store = open_store(url, busy_timeout_ms=600_000)
    store.migrate()
    store.run_sync(history, notices)
    while asyncio.run(closing_tick(store, lambda: NOW, MONDAY_TO_FRIDAY.zone)).closed:
        pass
    if store.dialect == "postgresql":
        administer(url, "VACUUM ANALYZE")
    else:
        store.run_sync(lambda session: session.connection().execute(text("ANALYZE")))
    return store


def opened(store: Store, user_id: str, page: HomePage) -> float:
    """The median milliseconds until the page is there as text."""
    store.run_sync(home.choose, Actor("T", user_id), page=page.value, now=NOW)
    words, taken = words_for("en", "UTC"), []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        view = store.read_sync(draw_home, user_id, words, NOW)
        orjson.dumps(view)
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def main(histories: tuple[int, ...] = HISTORIES) -> None:
    """Print the table: each database and reader, each page after each year."""
    print("| Database | Reader | Page | " + " | ".join(f"{each:,} notices" for each in histories) + " |")
    print("|---|---|---|" + "---:|" * len(histories))
    with tempfile.TemporaryDirectory() as folder, databases.postgres() as new_database:
        urls = {
            "SQLite": [f"sqlite:///{Path(folder) / str(each)}.db" for each in histories],
            "PostgreSQL": [new_database() for _ in histories],
        }
        for name, addresses in urls.items():
            stores = [filled(url, each) for url, each in zip(addresses, histories, strict=True)]
            for reader, user_id in READERS.items():
                for page in PAGES:
                    taken = [opened(store, user_id, page) for store in stores]
                    told = " | ".join(f"{each:.1f} ms" for each in taken)
                    print(f"| {name} | {reader} | {page.value} | {told} |", flush=True)
            for store in stores:
                asyncio.run(store.close())


if __name__ == "__main__":
    main(tuple(int(each) for each in sys.argv[1:]) or HISTORIES)
