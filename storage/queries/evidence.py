"""Evidence: kept by its hash, found by what it was given for, forgotten where it was not given after all."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from storage.prepared import Changing, prepared
from storage.records.evidence import CounterNoticeEvidence, EvidenceContent
from storage.records.knowledge import KnowledgePicture

_CONTENT = SQLModel.metadata.tables[str(EvidenceContent.__tablename__)]
_GIVEN = SQLModel.metadata.tables[str(CounterNoticeEvidence.__tablename__)]
_PICTURE = SQLModel.metadata.tables[str(KnowledgePicture.__tablename__)]
_IN_ORDER = select(_GIVEN).order_by(_GIVEN.c.at, _GIVEN.c.id)
_ROUND = _IN_ORDER.where(
    _GIVEN.c.counter_notice_id == bindparam("counter"), _GIVEN.c.round == bindparam("at_round")
)
_OF_ROUND, _LOCK_OF_ROUND = prepared(_ROUND), prepared(_ROUND.with_for_update())
_OF_ANSWER = prepared(_IN_ORDER.where(_GIVEN.c.answer_id == bindparam("answer")))
_CHANGE = Changing(_GIVEN)

_WAITING = [
    delete(table).where(waits.is_(None), table.c.at < bindparam("before")).returning(table.c.sha256)
    for table, waits in ((_GIVEN, _GIVEN.c.answer_id), (_PICTURE, _PICTURE.c.version))
]

Given = CounterNoticeEvidence | KnowledgePicture
_TABLES: Mapping[type[Given], Table] = {CounterNoticeEvidence: _GIVEN, KnowledgePicture: _PICTURE}


def keep(session: Session, content: EvidenceContent, given: Given) -> None:
    """Keep bytes and who gave them for what; what is there already stays as it is."""
    connection = session.connection()
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name]
    bytes_ = dialect.insert(_CONTENT)
    # An update holds them, so that nobody forgets them before this unit refers to them.
    held = bytes_.on_conflict_do_update(index_elements=["sha256"], set_={"at": bytes_.excluded.at})
    connection.execute(held, [content.model_dump()])
    connection.execute(dialect.insert(_TABLES[type(given)]).on_conflict_do_nothing(), [given.model_dump()])


def of_round(session: Session, counter: Any, *, lock: bool = False) -> Sequence[Any]:
    """The files that are here for the present round, in the order in which they came.

    Locked where asked: what is forgotten as too old meanwhile is not among them.
    """
    statement = _LOCK_OF_ROUND if lock else _OF_ROUND
    return statement.rows(session, {"counter": counter.id, "at_round": counter.round})


def of_answer(session: Session, answer_id: str) -> Sequence[Any]:
    """The files that go with an answer."""
    return _OF_ANSWER.rows(session, {"answer": answer_id})


def content(session: Session, given: Given) -> bytes:
    """The bytes of a file."""
    return session.get_one(EvidenceContent, given.sha256).content


def attach(session: Session, given: Collection[Any], answer_id: str) -> None:
    """These files go with an answer."""
    if given:
        _CHANGE.change_all(session, [each.id for each in given], answer_id=answer_id)


def forget(session: Session, kind: type[Given], given: Collection[Any]) -> None:
    """Forget files of one kind that were taken out of the form again, and bytes that nobody else gave."""
    if not given:
        return
    table = _TABLES[kind]
    session.connection().execute(delete(table).where(table.c.id.in_([each.id for each in given])))
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
