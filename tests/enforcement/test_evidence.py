"""Evidence as files: kept once by its hash, handed to whom it may be, forgotten where it was not given."""

import asyncio
import hashlib
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import Session

from bot.enforcement import counter_answers, evidence
from bot.enforcement.access import Denied
from bot.enforcement.counter_answers import Answer, Unfit
from bot.enforcement.evidence import Fetched, media_type_of
from bot.enforcement.knowledge_pictures import Chosen
from storage.engine import Store
from storage.queries import evidence as given
from storage.records.counter_notices import ContestCode, CounterNoticeAnswer, CounterState, Position
from storage.records.evidence import CounterNoticeEvidence, EvidenceContent
from storage.records.knowledge import KnowledgePicture
from storage.records.outbox import OutboxRow
from tests.enforcement.counter_world import Bench
from tests.enforcement.queue_world import Queue
from tests.enforcement.request_world import NOW, build, who

LETTER, NOTE = b"%PDF-1.7 a letter", "a note, in words: 假货".encode()


@pytest.fixture
def bench(sqlite_store: Store) -> Bench:
    """The world on SQLite."""
    return Bench(build(sqlite_store))


@pytest.fixture
def bench_on_each(store: Store) -> Bench:
    """The world on each database."""
    return Bench(build(store))


def keep(bench: Bench, counter_id: str, name: str = "lars", **contents: bytes) -> None:
    files = [
        Fetched(file_id, f"{file_id}.pdf", media_type_of(content) or "", content)
        for file_id, content in contents.items()
    ]
    bench.world.store.run_sync(evidence.keep, who(name), counter_id, 1, files, now=NOW)


def contest(*file_ids: str) -> Answer:
    return Answer(Position.CONTEST, ContestCode.NOT_AUTHORISED, "See the letter.", files=file_ids)


def handed(bench: Bench, actor: Any, *names: str) -> Any:
    do = evidence.for_platform if actor.client_id else evidence.for_person
    return bench.world.store.read_sync(do, actor, *names)


@pytest.mark.parametrize(
    ("content", "is_a"),
    [
        (b"%PDF-1.4\n...", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0...", "image/jpeg"),
        ("Größe".encode(), "text/plain"),
        ("\ufeffwith a mark".encode(), "text/plain"),
        (b"GIF89a...", "text/plain"),  # all of it printable: then it is text
        (b"GIF89a\x00\xff", None),
        (b"PK\x03\x04\x00", None),
        (b"\xfe\xff\x00a", None),
        (b"\xe9t\xe9", None),
        (b"  <!DOCTYPE html><title>Sign in</title>", None),
        (b"<svg onload='x()'/>", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_bytes_are(content: bytes, is_a: str | None) -> None:
    assert media_type_of(content) == is_a


def test_what_is_given_goes_with_the_answer_and_what_was_taken_out_is_forgotten(bench_on_each: Bench) -> None:
    bench = bench_on_each
    counter_id, other_id = bench.open(), bench.open(bench.removed(item="812"), external_id="cn-2")
    keep(bench, counter_id, F1=LETTER, F2=NOTE, F3=b"%PDF-taken out")
    keep(bench, counter_id, F1=LETTER)
    keep(bench, other_id, F1=LETTER)
    missing = bench.world.store.read_sync(
        evidence.missing, who("lars"), counter_id, 1, ["F1", "F2", "F9"], now=NOW
    )
    assert missing == ["F9"]
    with pytest.raises(Unfit) as unfit:
        bench.answer("lars", counter_id, contest("F1", "F9"))
    assert unfit.value.field == "files"
    assert len(bench.world.rows(EvidenceContent)) == 3
    assert bench.answer("lars", counter_id, contest("F1", "F2")) is CounterState.CONTESTED
    assert {row.sha256 for row in bench.world.rows(EvidenceContent)} == {
        hashlib.sha256(each).hexdigest() for each in (LETTER, NOTE)
    }
    read = bench.read(counter_id).answer
    assert read is not None
    assert [(each.title, each.media_type, each.size) for each in read.files] == [
        ("F1.pdf", "application/pdf", len(LETTER)),
        ("F2.pdf", "text/plain", len(NOTE)),
    ]
    assert handed(bench, bench.world.client, counter_id, read.files[1].id).content == NOTE
    assert handed(bench, who("ines"), read.files[0].id).content == LETTER


async def test_a_file_that_is_forgotten_while_it_is_given_is_missed(store: Store) -> None:
    bench = Bench(build(store))
    counter_id = bench.open()
    keep(bench, counter_id, F1=LETTER)
    forgetting = threading.Event()

    def forget(session: Session) -> None:
        session.connection().execute(delete(CounterNoticeEvidence))
        forgetting.set()
        time.sleep(0.3)

    forgotten = asyncio.create_task(store.run(forget))
    await asyncio.to_thread(forgetting.wait)
    with pytest.raises(Unfit) as unfit:
        await store.run(counter_answers.answer, who("lars"), counter_id, 1, contest("F1"), now=NOW)
    assert unfit.value.field == "files"
    await forgotten
    assert bench.world.rows(CounterNoticeAnswer) == []


async def test_what_went_with_no_answer_and_no_version_is_forgotten_after_a_day(store: Store) -> None:
    queue = Queue.over(store)
    bench = Bench(queue.world)
    counter_id, other_id = bench.open(), bench.open(bench.removed(item="812"), external_id="cn-2")
    shared, alone = b"\x89PNG\r\n\x1a\nshared", b"\x89PNG\r\n\x1a\nalone"
    keep(bench, counter_id, F1=LETTER, F2=shared)
    bench.answer("lars", counter_id, contest("F1", "F2"))
    keep(bench, other_id, F3=NOTE, F4=LETTER)
    queue.add("ines", "Trail shoes", F5=shared, F6=alone)
    queue.add("ines", "Parkas", F7=alone)
    queue.write("ines", "Parkas", pictures=[Chosen(file_id="F7")])

    def kept() -> tuple[set[str], set[bytes]]:
        given = [*bench.world.rows(CounterNoticeEvidence), *bench.world.rows(KnowledgePicture)]
        return {each.file_id for each in given}, {each.content for each in bench.world.rows(EvidenceContent)}

    everything = kept()
    assert everything[1] == {LETTER, NOTE, shared, alone}
    assert await evidence.waiting_tick(store, lambda: NOW + timedelta(hours=24)) == 0
    assert kept() == everything
    assert await evidence.waiting_tick(store, lambda: NOW + timedelta(hours=25)) == 4
    assert kept() == ({"F1", "F2", "F7"}, {LETTER, shared, alone})


def test_what_is_looked_for_each_hour_is_found_by_an_index(sqlite_store: Store) -> None:
    def plans(session: Session) -> list[str]:
        asked: list[str] = []
        raw: Any = session.connection().connection.driver_connection
        raw.set_trace_callback(asked.append)
        given.prune(session, NOW)
        raw.set_trace_callback(None)
        return [str(row[3]) for query in asked for row in raw.execute(f"EXPLAIN QUERY PLAN {query}")]

    assert sqlite_store.run_sync(plans) == [
        "SEARCH counter_notice_evidence USING INDEX ix_counter_notice_evidence_answer_id (answer_id=?)",
        "SEARCH knowledge_picture USING INDEX ix_knowledge_picture_waiting (at<?)",
    ]


def test_no_rival_no_other_marketplace_and_nobody_before_its_time_gets_a_file(bench: Bench) -> None:
    counter_id, other_id = bench.open(), bench.open(bench.removed(item="812"), external_id="cn-2")
    keep(bench, counter_id, F1=LETTER)
    given = bench.world.one(CounterNoticeEvidence).id
    for name in ("otto", "petra", "ines", "guest", "pia", "nobody"):
        with pytest.raises(Denied):
            keep(bench, counter_id, name, F2=NOTE)
    with pytest.raises(Denied):  # it waits for an answer
        handed(bench, bench.world.client, counter_id, given)
    with pytest.raises(Denied):
        handed(bench, who("lars"), given)
    bench.answer("lars", counter_id, contest("F1"))
    for name in ("otto", "petra", "pia", "nobody"):
        with pytest.raises(Denied):
            handed(bench, who(name), given)
        with pytest.raises(Denied):
            bench.world.store.run_sync(counter_answers.send_files, who(name), counter_id, now=NOW)
    for actor, counter in ((bench.world.other_client, counter_id), (bench.world.client, other_id)):
        with pytest.raises(Denied):
            handed(bench, actor, counter, given)
    bench.world.store.run_sync(counter_answers.send_files, who("ines"), counter_id, now=NOW)
    (row,) = bench.world.rows(OutboxRow, kind="file")
    assert row.payload == {"parcel": "evidence", "subject_id": given, "place": "UINES"}


def test_more_than_ten_files_are_too_many(bench: Bench) -> None:
    counter_id = bench.open()
    with pytest.raises(Unfit):
        bench.world.store.read_sync(
            evidence.missing, who("lars"), counter_id, 1, [f"F{n}" for n in range(11)], now=NOW
        )
