"""The outbox's worker over real databases: nothing is lost, nothing is blindly repeated."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bot.clock import utc_now
from bot.lazy import MadeLater
from bot.outbox import (
    BURST_SPACING_SECONDS,
    BURST_UNITS_A_SECOND,
    Busy,
    Dead,
    Deliverer,
    NotSent,
    OutboxWorker,
    Outcome,
    Retry,
    Sent,
    Unknown,
)
from storage.engine import Store
from storage.queries import outbox
from storage.records.outbox import OutboxRow, OutboxState
from tests.storage.cases import end_leases


class Post:
    """A place that letters go to: what arrives, and what it answers, as a test says."""

    def __init__(
        self, *answers: Outcome | Exception, found: Outcome | None = None, seconds: float = 0
    ) -> None:
        self.answers = list(answers)
        self.found: Outcome = found or NotSent()
        self.seconds = seconds
        self.arrived: list[OutboxRow] = []
        self.looked_up: list[OutboxRow] = []
        self.at_once = 0
        self.most_at_once = 0
        self.first = asyncio.Event()

    async def deliver(self, row: OutboxRow) -> Outcome:
        self.arrived.append(row)
        self.first.set()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(self.seconds)
        self.at_once -= 1
        answer = self.answers.pop(0) if self.answers else Sent({"at": len(self.arrived)})
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def look_up(self, row: OutboxRow) -> Outcome:
        self.looked_up.append(row)
        return self.found


@asynccontextmanager
async def working(
    store: Store, post: Deliverer, clock: Callable[[], datetime] = utc_now, **options: Any
) -> AsyncIterator[OutboxWorker]:
    worker = OutboxWorker(store, {"letter": post}, clock, poll_seconds=0.05, **options)
    await worker.start()
    try:
        yield worker
    finally:
        await worker.stop()


async def put(store: Store, subject: str = "1", **options: Any) -> None:
    await store.run(outbox.enqueue, kind="letter", subject_id=subject, now=utc_now(), **options)


async def rows(store: Store) -> list[OutboxRow]:
    return list(await store.read(lambda s: s.exec(select(OutboxRow).order_by(col(OutboxRow.id))).all()))


async def until(store: Store, state: OutboxState, seconds: float = 10) -> OutboxRow:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = await rows(store)
        if {row.state for row in found} == {state}:
            return found[0]
        await asyncio.sleep(0.02)
    raise AssertionError(f"still {[(row.state, row.last_error) for row in found]}")


async def test_a_commit_wakes_the_worker_at_once(store: Store) -> None:
    post = Post()
    worker = OutboxWorker(store, {"letter": post}, utc_now, poll_seconds=30)
    await worker.start()
    await asyncio.sleep(0.1)
    await put(store)
    row = await until(store, OutboxState.SENT, seconds=5)
    assert row.result == {"at": 1}
    assert await worker.age() == 0.0
    await worker.stop()


async def test_a_receiver_that_hangs_holds_up_nobody_else(store: Store) -> None:
    for number in range(40):
        await put(store, str(number))
    hanging, prompt = Post(seconds=30), Post()
    worker = OutboxWorker(store, {"letter": hanging, "word": prompt}, utc_now, poll_seconds=0.05)
    await worker.start()
    await asyncio.sleep(0.5)
    await store.run(outbox.enqueue, kind="word", subject_id="1", now=utc_now())
    async with asyncio.timeout(5):
        await prompt.first.wait()
    await worker.stop(grace_seconds=0)


async def test_what_was_put_in_before_the_start_is_delivered(store: Store) -> None:
    await put(store)
    async with working(store, Post()):
        await until(store, OutboxState.SENT)


async def test_a_refused_row_comes_again_when_it_was_told_to(store: Store) -> None:
    post = Post(Retry(0.3, "slow down"))
    async with working(store, post):
        began = time.monotonic()
        await put(store)
        await until(store, OutboxState.SENT)
    assert time.monotonic() - began >= 0.3
    assert [row.attempt for row in post.arrived] == [1, 2]
    assert post.looked_up == []


@pytest.mark.parametrize("answer", [Unknown("no answer"), RuntimeError("a broken deliverer")])
async def test_an_unknown_outcome_is_looked_up_and_not_repeated(store: Store, answer: Any) -> None:
    post = Post(answer, found=Sent({"found": True}))
    async with working(store, post):
        await put(store)
        row = await until(store, OutboxState.SENT)
    assert row.result == {"found": True}
    assert len(post.arrived) == len(post.looked_up) == 1


async def test_what_was_surely_not_sent_is_sent_again(store: Store) -> None:
    post = Post(Unknown("no answer"), found=NotSent())
    async with working(store, post):
        await put(store)
        await until(store, OutboxState.SENT, seconds=15)
    assert (len(post.arrived), len(post.looked_up)) == (2, 1)


async def test_what_can_never_be_sent_is_dead_and_says_why(store: Store) -> None:
    async with working(store, Post(Dead("no such channel"))):
        await put(store)
        row = await until(store, OutboxState.DEAD)
    assert row.last_error == "no such channel"


async def test_a_kind_that_nobody_delivers_is_dead(store: Store) -> None:
    async with working(store, Post()):
        await store.run(outbox.enqueue, kind="parcel", subject_id="1", now=utc_now())
        await until(store, OutboxState.DEAD)


async def test_a_deliverer_is_made_once_and_beside_the_loop(sqlite_store: Store) -> None:
    made: list[bool] = []

    def make() -> Deliverer:
        made.append(threading.current_thread() is threading.main_thread())
        time.sleep(0.05)  # the import that others of the kind wait for
        return Post()

    for number in range(4):
        await put(sqlite_store, str(number))
    worker = OutboxWorker(sqlite_store, MadeLater({"letter": make}), utc_now, poll_seconds=0.05)
    await worker.start()
    await until(sqlite_store, OutboxState.SENT)
    await worker.stop()
    assert made == [False]


async def test_a_deliverer_that_cannot_be_made_leaves_its_row_for_later(sqlite_store: Store) -> None:
    def make() -> Deliverer:
        raise ImportError("a part is broken")

    await put(sqlite_store)
    worker = OutboxWorker(sqlite_store, MadeLater({"letter": make}), utc_now, poll_seconds=0.05)
    await worker.start()
    row = await until(sqlite_store, OutboxState.UNKNOWN, seconds=2)
    await worker.stop()
    assert row.last_error == "ImportError"
    assert row.next_try > utc_now()


async def test_a_dead_sender_s_row_is_looked_up_before_anything_is_sent(store: Store) -> None:
    await put(store)
    await store.run(outbox.claim, owner="dead", room=1, now=utc_now())
    await store.run(end_leases)
    post = Post(found=Sent({"found": True}))
    async with working(store, post):
        await until(store, OutboxState.SENT)
    assert (post.arrived, len(post.looked_up)) == ([], 1)


async def test_lanes_keep_their_order_while_others_go_beside_them(store: Store) -> None:
    post = Post(seconds=0.02)
    for number in range(12):
        await put(store, str(number), lane=f"C{number % 3}")
    async with working(store, post):
        await until(store, OutboxState.SENT)
    assert post.most_at_once == 3
    for lane in ("C0", "C1", "C2"):
        order = [int(row.subject_id) for row in post.arrived if row.lane == lane]
        assert order == sorted(order)


class BusyPost(Post):
    """Takes one letter in fifty milliseconds and turns the others away; remembers whose it took."""

    def __init__(self) -> None:
        super().__init__()
        self.free_at = 0.0
        self.taken: list[int] = []

    async def deliver(self, row: OutboxRow) -> Outcome:
        now = time.monotonic()
        if now < self.free_at:
            return Busy(self.free_at - now, "slow down")
        self.free_at = now + 0.05
        self.taken.append(int(row.subject_id))
        return Sent()


async def test_at_the_receiver_s_limit_everything_goes_in_the_order_in_which_it_became_due(
    store: Store,
) -> None:
    hour = utc_now() - timedelta(hours=1)
    for number in reversed(range(20)):
        await put(store, str(number), lane=f"C{number}", not_before=hour + timedelta(minutes=number // 4))
    post = BusyPost()
    async with working(store, post):
        await until(store, OutboxState.SENT)
    assert sorted(post.taken) == list(range(20))
    assert [number // 4 for number in post.taken] == sorted(number // 4 for number in range(20))


async def test_no_more_go_at_once_than_allowed_and_of_one_kind_only_some(store: Store) -> None:
    letters, words = Post(seconds=1), Post(seconds=1)
    for number in range(8):
        await put(store, str(number))
        await store.run(outbox.enqueue, kind="word", subject_id=str(number), now=utc_now())
    worker = OutboxWorker(
        store, {"letter": letters, "word": words}, utc_now, poll_seconds=0.05, concurrency=8
    )
    most = 0
    await worker.start()
    while len(letters.arrived) + len(words.arrived) < 16:
        most = max(most, letters.at_once + words.at_once)
        await asyncio.sleep(0.001)
    await worker.stop()
    assert most == 8
    assert max(letters.most_at_once, words.most_at_once) < 8


async def test_in_a_burst_of_clicks_letters_go_slower_and_go_all_the_same(sqlite_store: Store) -> None:
    async def clicks() -> None:
        while True:
            sqlite_store.urgent_units += BURST_UNITS_A_SECOND
            await asyncio.sleep(0.001)

    post, letters = Post(), 32
    for number in range(letters):
        await put(sqlite_store, str(number))
    burst = asyncio.create_task(clicks())
    began = time.monotonic()
    async with working(sqlite_store, post):
        await until(sqlite_store, OutboxState.SENT)
    burst.cancel()
    assert len(post.arrived) == letters
    assert time.monotonic() - began >= 3 * BURST_SPACING_SECONDS, "four claims of eight, three pauses between"


async def test_what_is_sent_to_people_is_no_burst_of_clicks(store: Store) -> None:
    for number in range(16):
        await put(store, str(number), urgent=True)
    before = store.urgent_units
    async with working(store, Post()):
        await until(store, OutboxState.SENT)
    assert store.urgent_units == before


async def test_stopping_finishes_what_is_under_way_and_begins_nothing(store: Store) -> None:
    post = Post(seconds=0.3)
    await put(store, "first", lane="C1")
    await put(store, "second", lane="C1")
    async with working(store, post):
        await post.first.wait()
    assert [row.state.value for row in await rows(store)] == ["sent", "ready"]


async def test_what_does_not_finish_in_the_grace_is_unknown_and_free_for_the_next(store: Store) -> None:
    post = Post(seconds=60)
    await put(store)
    worker = OutboxWorker(store, {"letter": post}, utc_now)
    await worker.start()
    await post.first.wait()
    await worker.stop(grace_seconds=0.1)
    (row,) = await rows(store)
    assert (row.state, row.lease_owner) == (OutboxState.UNKNOWN, None)


async def test_outcomes_are_told_for_the_metrics(store: Store) -> None:
    told: list[tuple[str, str]] = []
    async with working(
        store, Post(Retry(0.0, "later")), observe=lambda kind, outcome: told.append((kind, outcome))
    ):
        await put(store)
        await until(store, OutboxState.SENT)
    assert told == [("letter", "retry"), ("letter", "sent")]
