"""SIGKILL under load: what was acknowledged is there, and every effect happens exactly once."""

import asyncio
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlmodel import Session, func, select

from bot.clock import utc_now
from bot.outbox import OutboxWorker
from storage.engine import Store, open_store
from storage.queries import audit, outbox
from storage.records.audit import AuditEntry
from storage.records.inbox import InboxKey
from storage.records.outbox import OutboxRow
from tests.faults import busy_store
from tests.storage.cases import end_leases

MORE_KILLS = 30
SLOWEST_A_SECOND = 100  # of what the dead left; fifty lives leave tens of thousands
pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]


@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=pytest.mark.long)])
async def test_kills_under_load_lose_and_double_nothing(
    database_url: str, tmp_path: Path, kills: int
) -> None:
    effects = tmp_path / "effects"
    acknowledged: list[str] = []
    for _ in range(kills):
        acknowledged += run_and_kill(database_url, effects)
    # Only a process that died while it was sending proves anything; how often that happens is chance.
    for _ in range(MORE_KILLS):
        if await left_in_the_middle(database_url):
            break
        acknowledged += run_and_kill(database_url, effects)
    store = open_store(database_url)
    left = await deliver_the_rest(store, effects)
    kept, sealed, sent = await store.read(counts)
    verification = await store.read(audit.verify)
    assert len(acknowledged) > kills * 10
    assert left, "no process died while it was sending: this proves nothing"
    assert set(acknowledged) <= set(kept)
    assert verification.intact
    assert verification.rows == sealed == len(kept) == sent
    assert sorted(effects.read_text(encoding="ascii").split()) == sorted(kept)
    await store.close()


async def left_in_the_middle(url: str) -> bool:
    """Whether the last process died between claiming a row and writing down what became of it."""
    store = open_store(url)
    found = await store.read(outbox.backlog, utc_now())
    await store.close()
    return bool(found.sending + found.unknown)


def run_and_kill(url: str, effects: Path) -> list[str]:
    """The keys that the process had been promised before it died in the middle of its work."""
    child = subprocess.Popen(
        [sys.executable, busy_store.__file__, url, str(effects)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    first = child.stdout.readline()
    time.sleep(random.uniform(0.05, 0.4))
    child.send_signal(signal.SIGKILL)
    rest, _ = child.communicate()
    return [first.strip(), *rest.split()]


async def deliver_the_rest(store: Store, effects: Path) -> int:
    """Finish the outbox, and say how many rows the dead had left in the middle."""
    left = await store.read(outbox.backlog, utc_now())
    await store.run(end_leases)
    worker = OutboxWorker(store, {"effect": busy_store.Receiver(effects)}, utc_now)
    await worker.start()
    until = time.monotonic() + 60 + left.ready / SLOWEST_A_SECOND
    while time.monotonic() < until:
        waiting = await store.read(outbox.backlog, utc_now())
        if waiting.ready + waiting.sending + waiting.unknown == 0:
            break
        await asyncio.sleep(0.2)
    await worker.stop()
    assert waiting.dead == 0
    return left.sending + left.unknown


def counts(session: Session) -> tuple[list[str], int, int]:
    kept = list(session.exec(select(InboxKey.key)).all())
    sealed = session.exec(select(func.count()).select_from(AuditEntry)).one()
    sent = session.exec(select(func.count()).select_from(OutboxRow).where(OutboxRow.state == "sent")).one()
    return kept, sealed, sent
