"""What a group's digest costs after a short and after a long history (G12).

`python -m bench.digest_cost` prints a Markdown table: the same day, with 10^4 and with 10^6 notices behind
it, and a tenth as many requests, verdicts and takedowns. A digest is the whole of it: whether there is
enough to tell, every figure, and the sellers of 28 days.
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
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY
from bot.enforcement.digest_figures import GroupDays, told_until
from storage.engine import Store, open_store
from storage.records.calendars import Span
from storage.records.digest_figures import DigestFigures
from storage.records.groups import GroupKind, GroupMember, WorkingGroup
from storage.records.listings import Listing, Seller
from storage.records.platform import PlatformClient
from storage.records.roster import Brand, HolderKind, HolderSize, Person, RightsHolder, Standing
from tests.database import administer

HISTORIES = (10_000, 1_000_000)
A_DAY = 150  # so that the short history, too, fills every day that a digest looks at: two months
SHARE = 10  # one request, one verdict and one takedown for so many notices
SELLERS = 50
MEMBERS = 40
OTHERS = 60
ROUNDS = 101
GROUP = "g"
DAY = date(2026, 11, 18)
END = datetime(2026, 11, 19, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

_AT = {
    "sqlite": "(strftime('%Y-%m-%d %H:%M:%f', '2026-11-19', '-' || (n * {seconds}) || ' seconds') || '000')",
    "postgresql": "(timestamptz '2026-11-19 00:00+00' - n * interval '{seconds} seconds')",
}
_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows}) "
_NOTICES = """
INSERT INTO notice (id, reference, holder_id, brand_id, marketplace, origin, reason_code, explanation,
    statements, submitter_id, submitter_name, submitter_email, role, immediate, state, state_reason,
    complaint_number, complaint_url, lane, target_hours, submitted_at, due_at, decided_at, changed_at)
{numbers} SELECT 'n' || n, 'GF-' || n, 'h' || (n % {holders}), 'b' || (n % {holders}), 'openbazaar', 'member',
    'other', '', '[]', 'p', '', '', 'BM', FALSE, 'actioned', '', '', '', '', 24, {at}, {at}, {at}, {at}
    FROM numbers"""
_REQUESTS = """
INSERT INTO authenticity_request (id, client_id, external_id, body_hash, brand_named, holder_id, listing_id,
    snapshot, reasons, state, round, withdrawn_reason, created_at, changed_at)
{numbers} SELECT 'r' || n, (SELECT id FROM platform_client), 'x' || n, '', '', 'h' || (n % {holders}), 'l',
    '{{}}', '[]', 'answered', 1, '', {at}, {at} FROM numbers"""
_VERDICTS = """
INSERT INTO verdict (id, request_id, round, holder_id, answer, outcome, person_id, role, standing, late, at)
{numbers} SELECT 'v' || n, 'r' || n, 1, 'h' || (n % {holders}),
    CASE n % 3 WHEN 0 THEN 'genuine' WHEN 1 THEN 'fake' ELSE 'cannot_tell' END, 'closed', 'p', 'BM',
    'good_faith', FALSE, {at} FROM numbers"""
_TAKEDOWNS = """
INSERT INTO takedown (id, key, client_id, listing_id, seller_id, holder_id, brand_id, reason_code, state,
    state_reason, reference, created_at, removed_at, changed_at)
{numbers} SELECT 't' || n, 'k' || n, (SELECT id FROM platform_client), 'l', 's' || (n / 7 % {sellers}),
    'h' || (n % {holders}), 'b' || (n % {holders}), 'fake', 'removed', '', '', {at}, {at}, {at}
    FROM numbers"""


def base(session: Session) -> None:
    """100 rights holders with a brand each, and what their cases refer to."""
    client = PlatformClient(name="o", name_key="o", marketplace="openbazaar", webhook_url="", created_at=END)
    listing = Listing(id="l", key="l", key_version=1, marketplace="o", url="", first_seen_at=END)
    session.add_all([Person(id="p", team_id="T", user_id="U"), client, listing])
    for number in range(MEMBERS + OTHERS):
        session.add(
            RightsHolder(
                id=f"h{number}",
                name=f"h{number}",
                name_key=f"h{number}",
                kind=HolderKind.COMPANY,
                size=HolderSize.SMALL,
                industry="",
                country="DE",
                standing=Standing.GOOD_FAITH,
                standing_since=END,
                created_at=END,
            )
        )
    session.flush()
    for number in range(MEMBERS + OTHERS):
        name = f"b{number}"
        session.add(Brand(id=name, holder_id=f"h{number}", name=name, name_key=name, created_at=END))
    session.add(WorkingGroup(id=GROUP, name="g", name_key="g", kind=GroupKind.INDUSTRY, created_at=LONG_AGO))
    session.flush()
    for number in range(MEMBERS):
        session.add(GroupMember(group_id=GROUP, holder_id=f"h{number}", since=LONG_AGO))
    for number in range(SELLERS):
        name = f"s{number}"
        session.add(Seller(id=name, marketplace="o", external_id=name, name=name, first_seen_at=END))


def history(session: Session, notices: int) -> None:
    """So many notices at even distances before the end of the day, and a tenth of everything else."""
    base(session)
    session.flush()
    connection = session.connection()
    for statement, each in ((_NOTICES, 1), (_REQUESTS, SHARE), (_VERDICTS, SHARE), (_TAKEDOWNS, SHARE)):
        insert = statement.format(
            numbers=_NUMBERS.format(rows=notices // each),
            at=_AT[connection.dialect.name].format(seconds=86_400 * each // A_DAY),
            holders=MEMBERS + OTHERS,
            sellers=SELLERS,
        )
        connection.execute(text(insert))


def digest(session: Session) -> DigestFigures:
    """Everything that a digest asks of the database."""
    told = GroupDays(session, GROUP, Span.DAY, DAY, "UTC", MONDAY_TO_FRIDAY).figures()
    assert told_until(told) == DAY
    return told


def filled(url: str, notices: int) -> Store:
    """A store with such a history, tidied as a database tidies itself in time."""
    store = open_store(url, busy_timeout_ms=600_000)
    store.migrate()
    store.run_sync(history, notices)
    if store.dialect == "postgresql":
        administer(url, "VACUUM ANALYZE")
    return store


def measure(stores: list[Store]) -> list[float]:
    """The median milliseconds on each, asked in turn."""
    taken: list[list[float]] = [[] for _ in stores]
    for _ in range(ROUNDS):
        for store, times in zip(stores, taken, strict=True):
            began = time.perf_counter()
            figures = store.read_sync(digest)
            times.append((time.perf_counter() - began) * 1000)
            assert figures.notices is not None
            assert figures.notices.window == 1
            assert figures.sellers
    return [statistics.median(times) for times in taken]


def main() -> None:
    """Measure and print."""
    print("| one digest, ms | 10^4 notices | 10^6 notices | ratio |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, databases.postgres() as new_database:
        makers: dict[str, Callable[[int], str]] = {
            "SQLite": lambda notices: f"sqlite:///{Path(folder)}/{notices}.db",
            "PostgreSQL": lambda _: new_database(),
        }
        for name, make in makers.items():
            stores = [filled(make(notices), notices) for notices in HISTORIES]
            short, long = measure(stores)
            print(f"| {name} | {short:.1f} | {long:.1f} | {long / short:.2f} |", flush=True)
            for store in stores:
                store.close_sync()


if __name__ == "__main__":
    main()
