"""A process to be killed: it writes under load, says what it was promised, and delivers its outbox.

`python busy_store.py URL EFFECTS`: a line on the standard output is a key whose unit was acknowledged, one in
the file EFFECTS is an effect at the receiver.
"""

import asyncio
import os
import random
import sys
from pathlib import Path

from sqlmodel import Session

from bot.clock import utc_now
from bot.outbox import NotSent, OutboxWorker, Outcome, Sent
from storage.columns import new_id
from storage.engine import Store, open_store
from storage.queries import audit, inbox, outbox
from storage.records.outbox import OutboxRow

CLIENTS = 8


class Receiver:
    """Whatever is on the other side: it keeps what arrived, and can be asked."""

    def __init__(self, effects: Path) -> None:
        self._effects = effects
        effects.touch()

    async def deliver(self, row: OutboxRow) -> Outcome:
        with self._effects.open("a", encoding="ascii") as file:
            file.write(f"{row.key}\n")
        await asyncio.sleep(random.uniform(0, 0.1))  # the answer is on its way: many die in this moment
        return Sent()

    async def look_up(self, row: OutboxRow) -> Outcome:
        arrived = self._effects.read_text(encoding="ascii").split()
        return Sent() if row.key in arrived else NotSent()


def decide(session: Session, key: str) -> None:
    """One decision as the bot makes it: the request's key, the audit row, the delivery."""
    now = utc_now()
    assert not inbox.seen(session, key, "test", now)
    audit.record(
        session,
        at=now,
        actor="test",
        role="expert",
        operation="verdict",
        subject_kind="request",
        subject_id=key,
        outcome="allowed",
    )
    outbox.enqueue(session, kind="effect", subject_id=key, now=now, key=key)


async def click(store: Store) -> None:
    while True:
        key = new_id()
        await store.run(decide, key, urgent=True)
        os.write(1, f"{key}\n".encode())


async def main(url: str, effects: Path) -> None:
    store = open_store(url)
    worker = OutboxWorker(store, {"effect": Receiver(effects)}, utc_now)
    await worker.start()
    await asyncio.gather(*(click(store) for _ in range(CLIENTS)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
