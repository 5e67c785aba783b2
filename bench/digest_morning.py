"""What the digests of a morning cost, and whether a month's costs its month (W5).

`python -m bench.digest_morning` prints two Markdown tables. A month's digest of all brands after a short and
after a long history, its days closed. Then one morning of 700 brands at the same hour: the time that the
machine takes to make all digests, from the first that is due to the last that is handed to the outbox.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from bench import databases
from bench.digest_cost import MEMBERS, OTHERS, filled
from bot.enforcement import digest_kinds, digests
from bot.enforcement.access import OPERATOR
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY
from bot.enforcement.channels import Scope
from bot.enforcement.digest_kinds import Asked
from bot.enforcement.digest_ledger import Ledger
from bot.enforcement.digest_sending import digest_tick
from bot.enforcement.digests import Schedule
from bot.enforcement.service_closing import closing_tick
from storage.engine import Store
from storage.records.calendars import Span, Window
from storage.records.channels import ChannelBinding, ChannelPurpose, ChannelState
from storage.records.roster import Brand, HolderKind, HolderSize, RightsHolder, Standing

HISTORIES = (40_000, 400_000)  # 114 and 1,142 days
BRANDS = 700
ROUNDS = 21
OCTOBER = Window(date(2026, 10, 1), date(2026, 10, 31))
NOW = datetime(2026, 11, 19, 8, tzinfo=UTC)
DUE = NOW + timedelta(hours=1)


def close_days(store: Store) -> None:
    """Close every day that is over, as the bot does each night."""
    while asyncio.run(closing_tick(store, lambda: NOW, "UTC")).closed:
        pass


def month(session: Session) -> None:
    """The digest of all brands for October."""
    asked = Asked(Scope(ChannelPurpose.PLATFORM), Span.MONTH, OCTOBER, "UTC")
    figures = digest_kinds.told(session, asked, Ledger(MONDAY_TO_FRIDAY, NOW))
    assert figures.notices is not None
    assert figures.notices.cases > 10_000


def more_brands(session: Session) -> None:
    """So many brands in all, each with a channel that wants its digest at nine."""
    for number in range(MEMBERS + OTHERS, BRANDS):
        holder = RightsHolder(
            id=f"h{number}",
            name=f"h{number}",
            name_key=f"h{number}",
            kind=HolderKind.COMPANY,
            size=HolderSize.SMALL,
            industry="",
            country="DE",
            standing=Standing.GOOD_FAITH,
            standing_since=NOW,
            created_at=NOW,
        )
        session.add(holder)
    session.flush()
    for number in range(MEMBERS + OTHERS, BRANDS):
        name = f"b{number}"
        session.add(Brand(id=name, holder_id=f"h{number}", name=name, name_key=name, created_at=NOW))
    session.flush()
    schedule = Schedule(hour=DUE.hour, zone="UTC", tell_empty=True)
    for number in range(BRANDS):
        session.add(
            ChannelBinding(
                channel_id=f"C{number}",
                purpose=ChannelPurpose.BRAND,
                scope_id=f"b{number}",
                state=ChannelState.BOUND,
                bound_by="operator",
                bound_at=NOW,
            )
        )
        session.flush()
        scope = Scope(ChannelPurpose.BRAND, f"b{number}")
        digests.configure(session, OPERATOR, scope, Span.DAY, schedule, now=NOW)


def medians(stores: list[Store]) -> list[float]:
    """The median milliseconds of a month's digest on each, asked in turn."""
    taken: list[list[float]] = [[] for _ in stores]
    for _ in range(ROUNDS):
        for store, times in zip(stores, taken, strict=True):
            began = time.perf_counter()
            store.read_sync(month)
            times.append((time.perf_counter() - began) * 1000)
    return [statistics.median(times) for times in taken]


def morning(store: Store) -> float:
    """Seconds for all digests that are due at nine."""
    store.run_sync(more_brands)
    began = time.perf_counter()
    made = asyncio.run(digest_tick(store, lambda: DUE, MONDAY_TO_FRIDAY))
    assert made == BRANDS
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    short_name, long_name = (f"{notices:,} notices" for notices in HISTORIES)
    head = f"| a month's digest of all brands, ms | {short_name} | {long_name} | ratio |"
    months = [f"{head}\n|---|---|---|---|"]
    mornings = [f"| {BRANDS} brands' digests of one morning | seconds | ms each |\n|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder, databases.postgres() as new_database:
        makers: dict[str, Callable[[int], str]] = {
            "SQLite": lambda notices: f"sqlite:///{Path(folder)}/{notices}.db",
            "PostgreSQL": lambda _: new_database(),
        }
        for name, make in makers.items():
            stores = [filled(make(notices), notices) for notices in HISTORIES]
            for store in stores:
                close_days(store)
            short, long = medians(stores)
            months.append(f"| {name} | {short:.1f} | {long:.1f} | {long / short:.2f} |")
            seconds = morning(stores[-1])
            mornings.append(f"| {name} | {seconds:.1f} | {1000 * seconds / BRANDS:.1f} |")
            for store in stores:
                store.close_sync()
    print("\n".join([*months, "", *mornings]))


if __name__ == "__main__":
    main()
