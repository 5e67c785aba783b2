"""How brands answer: the verdicts of a window with the moments they took from and to, and what is overdue."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlmodel import Session, SQLModel

from storage.records.authenticity import AuthenticityRequest, RequestState, Verdict

_TABLES = SQLModel.metadata.tables
_VERDICT = _TABLES[str(Verdict.__tablename__)]
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)].c


class Answered(NamedTuple):
    """One verdict: whose, on which marketplace's request, and from when to when it took."""

    holder_id: str
    client_id: str
    asked_at: datetime
    at: datetime
    has_deadline: bool
    late: bool


def answered(
    session: Session, start: datetime, end: datetime, holder_ids: Collection[str] | None
) -> list[Answered]:
    """Every verdict given in [start, end). Whoever sent a request back was asked when it came."""
    present = _VERDICT.c.round == _REQUEST.round
    statement = (
        select(
            _VERDICT.c.holder_id,
            _REQUEST.client_id,
            func.coalesce(case((present, _REQUEST.asked_at)), _REQUEST.created_at),
            _VERDICT.c.at,
            _REQUEST.deadline.is_not(None),
            _VERDICT.c.late,
        )
        .join(_REQUEST.id.table, _REQUEST.id == _VERDICT.c.request_id)
        .where(_VERDICT.c.at >= start, _VERDICT.c.at < end)
    )
    if holder_ids is not None:
        statement = statement.where(_VERDICT.c.holder_id.in_(holder_ids))
    return [Answered(*row) for row in session.connection().execute(statement)]


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
