"""How brands answer: the verdicts of a window with the moments they took from and to, and what is overdue."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, case, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, SQLModel

from storage.records.authenticity import AuthenticityRequest, RequestState, Verdict

_TABLES = SQLModel.metadata.tables
_VERDICT = _TABLES[str(Verdict.__tablename__)]
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)].c


class _Seconds(FunctionElement[int]):
    """A moment as whole seconds since 1970: numbers are read faster than dates."""

    inherit_cache = True
    type = BigInteger()


@compiles(_Seconds, "sqlite")
def _on_sqlite(element: _Seconds, compiler: Any, **options: Any) -> str:
    (moment,) = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(strftime('%s', {moment}) AS INTEGER)"


@compiles(_Seconds, "postgresql")
def _on_postgresql(element: _Seconds, compiler: Any, **options: Any) -> str:
    (moment,) = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(floor(extract(epoch from {moment})) AS BIGINT)"


def answered(
    session: Session, start: datetime, end: datetime, holder_ids: Collection[str] | None
) -> Sequence[Any]:
    """(holder, client, asked, answered, has a deadline, late) of every verdict given in [start, end).

    The moments are Unix seconds. Who sent a request back was asked when it came.
    """
    present = _VERDICT.c.round == _REQUEST.round
    statement = (
        select(
            _VERDICT.c.holder_id,
            _REQUEST.client_id,
            _Seconds(func.coalesce(case((present, _REQUEST.asked_at)), _REQUEST.created_at)),
            _Seconds(_VERDICT.c.at),
            _REQUEST.deadline.is_not(None),
            _VERDICT.c.late,
        )
        .join(_REQUEST.id.table, _REQUEST.id == _VERDICT.c.request_id)
        .where(_VERDICT.c.at >= start, _VERDICT.c.at < end)
    )
    if holder_ids is not None:
        statement = statement.where(_VERDICT.c.holder_id.in_(holder_ids))
    return session.connection().execute(statement).all()


def overdue(
    session: Session, start: datetime, end: datetime, holder_ids: Collection[str] | None
) -> dict[str, int]:
    """Rights holder -> requests whose deadline passed in [start, end) and that nobody has answered yet."""
    statement = (
        select(_REQUEST.holder_id, func.count().label("number"))
        .where(
            _REQUEST.state == RequestState.OPEN,
            _REQUEST.deadline >= start,
            _REQUEST.deadline < end,
            _REQUEST.holder_id.is_not(None),
        )
        .group_by(_REQUEST.holder_id)
    )
    if holder_ids is not None:
        statement = statement.where(_REQUEST.holder_id.in_(holder_ids))
    return {row.holder_id: row.number for row in session.connection().execute(statement)}
