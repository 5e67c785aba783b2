"""Evidence: kept by its hash, found by what it was given for, forgotten where it was not given after all."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import and_, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as of

from storage.records.counter_notices import CounterNotice
from storage.records.evidence import CounterNoticeEvidence, EvidenceContent
from storage.records.knowledge import KnowledgePicture

_CONTENT = SQLModel.metadata.tables[str(EvidenceContent.__tablename__)]
_GIVEN = SQLModel.metadata.tables[str(CounterNoticeEvidence.__tablename__)]
_PICTURE = SQLModel.metadata.tables[str(KnowledgePicture.__tablename__)]

Given = CounterNoticeEvidence | KnowledgePicture


def keep(session: Session, content: EvidenceContent, given: Given) -> None:
    """Keep bytes and who gave them for what; what is there already stays as it is."""
    connection = session.connection()
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name]
    for table, row in ((_CONTENT, content), (_table(given), given)):
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), [row.model_dump()])


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
    still = [
        select(table.c.id).where(table.c.sha256 == _CONTENT.c.sha256).exists() for table in (_GIVEN, _PICTURE)
    ]
    hashes = {each.sha256 for each in given}
    unused = and_(_CONTENT.c.sha256.in_(hashes), *(~each for each in still))
    connection.execute(delete(_CONTENT).where(unused))


def _table(given: Given) -> Any:
    return _GIVEN if isinstance(given, CounterNoticeEvidence) else _PICTURE
