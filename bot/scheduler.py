"""Wakes the bot up at intervals; what is due is worked out elsewhere, from tables.

APScheduler's cron skips a midnight after spring-forward and doubles an hour in autumn, and its stored jobs
are unpickled, so it gets interval ticks in memory and nothing else. A tick only enqueues, in one transaction.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import Tick


def build_scheduler(ticks: Sequence[Tick]) -> AsyncIOScheduler:
    """Runs each tick at its interval: never twice at once, and after a delay once, not many times."""
    scheduler = AsyncIOScheduler(
        jobstores={"default": MemoryJobStore()},
        executors={"default": AsyncIOExecutor()},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone="UTC",
    )
    for tick in ticks:
        seconds = tick.every.total_seconds()
        scheduler.add_job(_run, "interval", args=[tick], seconds=seconds, id=tick.name)
    return scheduler


async def _run(tick: Tick) -> None:
    """Await the work here, for APScheduler awaits only what is defined with `async def`."""
    with suppress(asyncio.CancelledError):  # stopping ends what is under way, which is no failure
        await tick.work()
