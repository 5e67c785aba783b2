"""The life of an outbox row, on both databases."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from storage.engine import Store
from storage.moments import LEASE_SECONDS
from storage.queries import outbox
from storage.records.outbox import OutboxRow, OutboxState
from tests.storage.cases import NOW, end_leases

LATER = NOW + timedelta(minutes=1)


async def put(store: Store, subject: str = "1", **options: Any) -> None:
    options.setdefault("kind", "draw")
    # Wrapped, because `urgent` would be taken by `run` itself.
    await store.run(lambda session: outbox.enqueue(session, subject_id=subject, now=NOW, **options))


async def claim(store: Store, room: int = 10, owner: str = "me", now: Any = NOW) -> list[OutboxRow]:
    return await store.run(outbox.claim, owner=owner, room=room, now=now)


async def finish(store: Store, row: OutboxRow, state: OutboxState, **options: Any) -> bool:
    return await store.run(outbox.finish, row, state=state, now=NOW, **options)


async def rows(store: Store) -> list[OutboxRow]:
    return list(await store.read(lambda s: s.exec(select(OutboxRow).order_by(col(OutboxRow.id))).all()))


async def states(store: Store) -> list[str]:
    return [row.state.value for row in await rows(store)]


async def test_drawings_of_one_thing_that_wait_become_one_and_the_newest_payload_stands(store: Store) -> None:
    await asyncio.gather(*(put(store, lane="C1", coalesce=True, payload={"n": n}) for n in range(8)))
    await put(store, lane="C2", coalesce=True)
    await put(store, "2", lane="C1", coalesce=True, payload={"last": True})
    kept = await rows(store)
    assert sorted((row.subject_id, row.lane) for row in kept) == [("1", "C1"), ("1", "C2"), ("2", "C1")]


async def test_a_drawing_under_way_does_not_swallow_a_newer_one(store: Store) -> None:
    await put(store, coalesce=True)
    (under_way,) = await claim(store)
    await put(store, coalesce=True)
    assert await states(store) == ["sending", "ready"]
    assert await finish(store, under_way, OutboxState.SENT)
    assert len(await claim(store)) == 1


async def test_a_drawing_to_be_tried_again_gives_way_to_a_newer_one_that_waits_as_long(store: Store) -> None:
    await put(store, coalesce=True)
    (failed,) = await claim(store)
    await put(store, coalesce=True, payload={"newer": True})
    assert await finish(store, failed, OutboxState.READY, next_try=LATER)
    assert await states(store) == ["dropped", "ready"]
    assert await claim(store) == []
    (newer,) = await claim(store, now=LATER)
    assert (newer.payload, newer.attempt) == ({"newer": True}, 2)


async def test_a_drawing_asked_for_now_does_not_wait_for_one_planned_for_later(store: Store) -> None:
    await put(store, coalesce=True, not_before=LATER)
    assert await claim(store) == []
    await put(store, coalesce=True)
    assert len(await claim(store)) == 1


async def test_a_key_is_delivered_once_however_often_it_is_put_in(store: Store) -> None:
    await asyncio.gather(*(put(store, kind="takedown", key="takedown:1") for _ in range(6)))
    (row,) = await claim(store)
    await finish(store, row, OutboxState.SENT, result={"id": "x"})
    await put(store, kind="takedown", key="takedown:1")
    assert await states(store) == ["sent"]
    assert (await rows(store))[0].result == {"id": "x"}


async def test_a_drawing_cannot_have_a_key(store: Store) -> None:
    with pytest.raises(ValueError, match="drawing"):
        await put(store, coalesce=True, key="k")


async def test_a_unit_that_fails_leaves_nothing_to_deliver(store: Store) -> None:
    def fail(session: Session) -> None:
        outbox.enqueue(session, kind="draw", subject_id="1", now=NOW)
        raise KeyError

    with pytest.raises(KeyError):
        await store.run(fail)
    assert await rows(store) == []


async def test_two_workers_never_hold_the_same_row(store: Store) -> None:
    for number in range(30):
        await put(store, str(number))
    claims = await asyncio.gather(*(claim(store, room=7, owner=f"w{n}") for n in range(8)))
    claimed = [row.id for batch in claims for row in batch]
    assert len(claimed) == len(set(claimed)) == 30


async def test_a_lane_goes_one_at_a_time_and_in_order(store: Store) -> None:
    for number in range(3):
        await put(store, str(number), lane="C1")
        await put(store, f"free {number}")
    seen = []
    for _ in range(3):
        batch = await claim(store)
        (in_lane,) = [row for row in batch if row.lane]
        assert await claim(store) == []
        seen.append(in_lane.subject_id)
        await finish(store, in_lane, OutboxState.SENT)
    assert seen == ["0", "1", "2"]


async def test_a_row_to_be_tried_again_holds_up_its_lane_and_no_other(store: Store) -> None:
    await put(store, "first", lane="C1")
    await put(store, "second", lane="C1")
    await put(store, "other", lane="C2")
    first, other = await claim(store)
    await finish(store, other, OutboxState.SENT)
    await finish(store, first, OutboxState.READY, next_try=LATER)
    assert await claim(store) == []
    assert [row.subject_id for row in await claim(store, now=LATER)] == ["first"]


async def test_an_unknown_outcome_holds_up_its_lane(store: Store) -> None:
    await put(store, "first", lane="C1")
    await put(store, "second", lane="C1")
    (first,) = await claim(store)
    await finish(store, first, OutboxState.UNKNOWN, next_try=LATER)
    assert await claim(store) == []
    (again,) = await claim(store, now=LATER)
    assert (again.subject_id, again.state) == ("first", OutboxState.UNKNOWN)


async def test_a_row_planned_for_later_holds_up_nobody(store: Store) -> None:
    await put(store, "planned", lane="C1", not_before=LATER)
    await put(store, "now", lane="C1")
    assert [row.subject_id for row in await claim(store)] == ["now"]


async def test_whispers_go_first_and_late_ones_not_at_all(store: Store) -> None:
    await put(store, "card")
    await put(store, "hint", urgent=True)
    assert [row.subject_id for row in await claim(store, room=1)] == ["hint"]
    await put(store, "late", urgent=True)
    assert [row.subject_id for row in await claim(store, now=NOW + timedelta(minutes=6))] == ["card"]
    assert [row.state.value for row in await rows(store)] == ["sending", "sending", "dropped"]


async def test_a_dead_sender_leaves_a_row_that_must_be_looked_up(store: Store) -> None:
    await put(store)
    (row,) = await claim(store)
    assert row.lease_until is not None
    assert row.state is OutboxState.SENDING
    assert await claim(store, owner="other") == []
    await store.run(end_leases)
    (left,) = await claim(store, owner="other")
    assert (left.state, left.lease_owner) == (OutboxState.UNKNOWN, "other")
    assert not await finish(store, row, OutboxState.SENT)
    assert await finish(store, left, OutboxState.SENT)


async def test_a_lease_is_measured_by_the_database_s_clock(store: Store) -> None:
    await put(store)
    (row,) = await claim(store)

    def remaining(session: Session) -> float:
        clock = "strftime('%s', 'now')" if store.dialect == "sqlite" else "extract(epoch from now())"
        now = float(session.connection().execute(text(f"SELECT {clock}")).scalar_one())
        assert row.lease_until
        return row.lease_until.timestamp() - now

    assert LEASE_SECONDS - 5 < await store.read(remaining) <= LEASE_SECONDS + 1


async def test_a_looked_up_row_is_held_like_any_other(store: Store) -> None:
    await put(store)
    (row,) = await claim(store)
    await finish(store, row, OutboxState.UNKNOWN)
    (held,) = await claim(store, owner="a")
    assert await claim(store, owner="b") == []
    await finish(store, held, OutboxState.READY)
    (again,) = await claim(store, owner="b")
    assert (again.state, again.attempt) == (OutboxState.SENDING, 3)


async def test_a_restart_on_sqlite_takes_over_at_once(sqlite_store: Store) -> None:
    await put(sqlite_store)
    await claim(sqlite_store)
    await sqlite_store.run(outbox.recover, now=NOW)
    (left,) = await claim(sqlite_store, owner="next")
    assert left.state is OutboxState.UNKNOWN


async def test_withdrawing_and_claiming_race_and_exactly_one_wins(store: Store) -> None:
    for number in range(12):
        await put(store, kind="takedown", key=f"k{number}")
    withdrawals = [store.run(outbox.withdraw, [f"k{number}"], now=NOW) for number in range(12)]
    claims = [claim(store, room=3, owner=f"w{n}") for n in range(4)]
    withdrawn, batches = await asyncio.gather(asyncio.gather(*withdrawals), asyncio.gather(*claims))
    claimed = {row.key for batch in batches for row in batch}
    dropped = {f"k{number}" for number, won in enumerate(withdrawn) if won}
    assert not claimed & dropped
    assert len(await claim(store, room=20)) == 12 - len(claimed) - len(dropped)


async def test_the_backlog_tells_what_waits_and_for_how_long(store: Store) -> None:
    for subject in ("a", "b", "c", "d", "e"):
        await put(store, subject)
    sent, dead, unknown, _sending = await claim(store, room=4)
    await finish(store, sent, OutboxState.SENT)
    await finish(store, dead, OutboxState.DEAD, error="hopeless")
    await finish(store, unknown, OutboxState.UNKNOWN)
    found = await store.read(outbox.backlog, NOW + timedelta(seconds=9))
    assert found == outbox.Backlog(ready=1, sending=1, unknown=1, dead=1, due_seconds=9.0)


async def test_only_what_was_sent_or_dropped_is_forgotten(store: Store) -> None:
    for subject in ("sent", "dead", "ready"):
        await put(store, subject)
    sent, dead = await claim(store, room=2)
    await finish(store, sent, OutboxState.SENT)
    await finish(store, dead, OutboxState.DEAD)
    assert await store.run(outbox.prune, NOW) == 0
    assert await store.run(outbox.prune, LATER) == 1
    assert await states(store) == ["dead", "ready"]


async def test_every_look_up_uses_an_index(sqlite_store: Store) -> None:
    def plans(session: Session) -> list[str]:
        seen: list[str] = []
        raw: Any = session.connection().connection.driver_connection
        raw.set_trace_callback(seen.append)
        outbox.claim(session, owner="me", room=1, now=NOW)
        outbox.backlog(session, NOW)
        outbox.prune(session, NOW)
        outbox.withdraw(session, ["k"], now=NOW)
        raw.set_trace_callback(None)
        asked = [query for query in seen if "outbox" in query]
        assert len(asked) >= 10
        return [str(row[3]) for query in asked for row in raw.execute(f"EXPLAIN QUERY PLAN {query}")]

    steps = await sqlite_store.run(plans)
    assert [step for step in steps if "outbox" in step and "INDEX" not in step] == []


async def test_saying_something_inside_a_nested_block_is_refused_for_it_would_outlive_its_rollback(
    store: Store,
) -> None:
    def say_too_early(session: Session) -> None:
        with session.begin_nested():
            outbox.enqueue(session, kind="draw", subject_id="1", now=NOW)

    with pytest.raises(RuntimeError, match="after it"):
        await store.run(say_too_early)
    assert await rows(store) == []


async def test_one_unit_says_many_things_in_its_order(store: Store) -> None:
    def say(session: Session) -> None:
        for number in range(3):
            outbox.enqueue(session, kind="draw", subject_id=f"{number}", now=NOW, lane="C1", coalesce=True)
        outbox.enqueue(session, kind="draw", subject_id="0", now=LATER, lane="C1", coalesce=True)
        outbox.enqueue(session, kind="hook", subject_id="9", now=NOW, key="k")

    await store.run(say)
    kept = await rows(store)
    assert sorted(row.subject_id for row in kept) == ["0", "1", "2", "9"]
    assert [row.subject_id for row in kept if row.lane] == ["0", "1", "2"]
    assert kept[0].next_try == NOW


async def test_what_was_said_in_the_same_unit_can_be_withdrawn(store: Store) -> None:
    def say_and_unsay(session: Session) -> set[str]:
        outbox.enqueue(session, kind="hook", subject_id="9", now=NOW, key="k")
        return outbox.withdraw(session, ["k"], now=NOW)

    assert await store.run(say_and_unsay)
    assert await states(store) == ["dropped"]


async def test_a_naive_moment_is_refused_in_the_outbox(store: Store) -> None:
    with pytest.raises(ValueError, match="aware"):
        await store.run(outbox.enqueue, kind="draw", subject_id="1", now=NOW.replace(tzinfo=None))
