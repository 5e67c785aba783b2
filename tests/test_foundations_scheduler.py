"""The scheduler wakes up and nothing more: in memory, by intervals, never twice at once."""

import asyncio
from datetime import timedelta

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import Tick
from bot.scheduler import build_scheduler


async def test_ticks_are_intervals_in_memory_that_never_pile_up() -> None:
    async def nothing() -> None:
        return None

    scheduler = build_scheduler([Tick("digests", timedelta(seconds=30), nothing)])
    scheduler.start(paused=True)
    (job,) = scheduler.get_jobs()
    assert isinstance(job.trigger, IntervalTrigger)
    assert (job.coalesce, job.max_instances, job.misfire_grace_time) == (True, 1, None)
    assert [type(store) for store in scheduler._jobstores.values()] == [MemoryJobStore]
    scheduler.shutdown(wait=False)


async def test_a_tick_runs_again_and_again_and_not_while_it_still_runs() -> None:
    begun = asyncio.Semaphore(0)
    running = most = 0

    async def slow() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        begun.release()
        await asyncio.sleep(0.05)
        running -= 1

    scheduler = build_scheduler([Tick("slow", timedelta(milliseconds=20), slow)])
    scheduler.start()
    async with asyncio.timeout(5):
        for _ in range(3):
            await begun.acquire()
    scheduler.shutdown(wait=False)
    await asyncio.sleep(0.06)
    assert most == 1


async def test_work_may_be_any_callable_that_gives_something_to_await() -> None:
    done = asyncio.Event()

    async def work() -> None:
        done.set()

    scheduler = build_scheduler([Tick("lambda", timedelta(milliseconds=10), lambda: work())])
    scheduler.start()
    async with asyncio.timeout(5):
        await done.wait()
    scheduler.shutdown(wait=False)


async def test_a_tick_that_fails_is_tried_again() -> None:
    tries = asyncio.Semaphore(0)

    async def failing() -> None:
        tries.release()
        raise RuntimeError("the database is busy")

    scheduler = build_scheduler([Tick("failing", timedelta(milliseconds=10), failing)])
    scheduler.start()
    async with asyncio.timeout(5):
        for _ in range(2):
            await tries.acquire()
    scheduler.shutdown(wait=False)
