"""Evidence: kept by its hash, found by what it was given for, forgotten where it was not given after all."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as of

from storage.records.counter_notices import CounterNotice
from storage.records.evidence import CounterNoticeEvidence, EvidenceContent
from storage.records.knowledge import KnowledgePicture

_CONTENT = SQLModel.metadata.tables[str(EvidenceContent.__tablename__)]
_GIVEN = SQLModel.metadata.tables[str(CounterNoticeEvidence.__tablename__)]
_PICTURE = SQLModel.metadata.tables[str(KnowledgePicture.__tablename__)]

_WAITING = [
    delete(table).where(waits.is_(None), table.c.at < bindparam("before")).returning(table.c.sha256)
    for table, waits in ((_GIVEN, _GIVEN.c.answer_id), (_PICTURE, _PICTURE.c.version))
]

Given = CounterNoticeEvidence | KnowledgePicture


def keep(session: Session, content: EvidenceContent, given: Given) -> None:
    """Keep bytes and who gave them for what; what is there already stays as it is."""
    connection = session.connection()
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name]
    bytes_ = dialect.insert(_CONTENT)
    # An update holds them, so that nobody forgets them before this unit refers to them.
    held = bytes_.on_conflict_do_update(index_elements=["sha256"], set_={"at": bytes_.excluded.at})
    connection.execute(held, [content.model_dump()])
    connection.execute(dialect.insert(_table(given)).on_conflict_do_nothing(), [given.model_dump()])


def of_round(session: Session, counter: CounterNotice) -> Sequence[CounterNoticeEvidence]:
    """The files that are here for the present round, in the order in which they came."""
    return session.exec(
        of(CounterNoticeEvidence)
        .where(
            col(CounterNoticeEvidence.counter_notice_id) == counter.id,
            col(CounterNoticeEvidence.round) == counter.round,
        )
        .order_by(col(CounterNoticeEvidence.at), col(CounterNoticeEvidence.id))
    ).all()


def of_answer(session: Session, answer_id: str) -> Sequence[CounterNoticeEvidence]:
    """The files that go with an answer."""
    return session.exec(
        of(CounterNoticeEvidence)
        .where(col(CounterNoticeEvidence.answer_id) == answer_id)
        .order_by(col(CounterNoticeEvidence.at), col(CounterNoticeEvidence.id))
    ).all()


def content(session: Session, given: Given) -> bytes:
    """The bytes of a file."""
    return session.get_one(EvidenceContent, given.sha256).content


def forget(session: Session, given: Collection[Given]) -> None:
    """Forget files that were taken out of the form again, and bytes that nobody else gave."""
    if not given:
        return
    connection = session.connection()
    for table in {_table(each) for each in given}:
        connection.execute(delete(table).where(table.c.id.in_([each.id for each in given])))
    _forget_bytes(session, {each.sha256 for each in given})


def prune(session: Session, before: datetime) -> int:
    """Forget what was given before then and goes with no answer and no version, and its bytes; how many."""
    found = [
        sha256
        for waiting in _WAITING
        for (sha256,) in session.connection().execute(waiting, {"before": before})
    ]
    if found:
        _forget_bytes(session, set(found))
    return len(found)


def _forget_bytes(session: Session, hashes: Collection[str]) -> None:
    """Forget those of these bytes that nothing refers to any more."""
    still = [
        select(table.c.id).where(table.c.sha256 == _CONTENT.c.sha256).exists() for table in (_GIVEN, _PICTURE)
    ]
    unused = and_(_CONTENT.c.sha256.in_(hashes), *(~each for each in still))
    session.connection().execute(delete(_CONTENT).where(unused))


def _table(given: Given) -> Any:
    return _GIVEN if isinstance(given, CounterNoticeEvidence) else _PICTURE
