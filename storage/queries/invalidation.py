"""What one person left open: Fakes that are not carried out, notices that nobody has decided."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as select_records

from storage.prepared import prepared
from storage.queries.authenticity import CASES
from storage.records.authenticity import Answer, AuthenticityRequest, RequestState, Retraction, Verdict
from storage.records.notices import UNDECIDED, Notice, NoticeItem
from storage.records.takedowns import OPEN_TAKEDOWN, CauseKind, Takedown, TakedownCause

_TABLES = SQLModel.metadata.tables
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)]
_VERDICT = _TABLES[str(Verdict.__tablename__)]
_RETRACTION = _TABLES[str(Retraction.__tablename__)]
_CAUSE = _TABLES[str(TakedownCause.__tablename__)]
_TAKEDOWN = _TABLES[str(Takedown.__tablename__)]
_NOTICE = _TABLES[str(Notice.__tablename__)]
_MANY: Any = bindparam("many", expanding=True)

_OPEN_FAKES = (
    select(_VERDICT.c.id.label("verdict_id"), _REQUEST.c.id.label("request_id"))
    .select_from(
        _VERDICT.join(
            _REQUEST,
            and_(_REQUEST.c.id == _VERDICT.c.request_id, _REQUEST.c.round == _VERDICT.c.round),
        )
        .outerjoin(_RETRACTION, _RETRACTION.c.verdict_id == _VERDICT.c.id)
        .outerjoin(
            _CAUSE, and_(_CAUSE.c.kind == CauseKind.VERDICT.value, _CAUSE.c.subject_id == _VERDICT.c.id)
        )
        .outerjoin(_TAKEDOWN, _TAKEDOWN.c.id == _CAUSE.c.takedown_id)
        .outerjoin(_NOTICE, _NOTICE.c.verdict_id == _VERDICT.c.id)
    )
    .where(
        _VERDICT.c.person_id == bindparam("person"),
        _VERDICT.c.answer == Answer.FAKE.value,
        _RETRACTION.c.id.is_(None),
        or_(
            _REQUEST.c.state == RequestState.AWAITING_CONFIRMATION.value,
            and_(_TAKEDOWN.c.state.in_(OPEN_TAKEDOWN), _CAUSE.c.withdrawn_at.is_(None)),
            _NOTICE.c.state.in_([state.value for state in UNDECIDED]),
        ),
    )
    .order_by(_REQUEST.c.id)
    .with_for_update(of=_REQUEST)
)
# Whoever takes one back at the same moment may be first; it is taken back either way.
_RETRACT: Mapping[str, Any] = {
    name: dialect.insert(_RETRACTION).inline().on_conflict_do_nothing(index_elements=["verdict_id"])
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_CLOSE = (
    update(_REQUEST)
    .where(_REQUEST.c.id.in_(_MANY), _REQUEST.c.state == RequestState.AWAITING_CONFIRMATION)
    .values(state=RequestState.ANSWERED, changed_at=bindparam("now"))
)


_OPEN_NOTICES = prepared(
    select(_NOTICE)
    .where(_NOTICE.c.submitter_id == bindparam("person"), _NOTICE.c.state.in_(UNDECIDED))
    .order_by(_NOTICE.c.id)
)


def open_fakes(session: Session, person_id: str) -> Sequence[Any]:
    """(verdict, request) of the Fakes of a person that are still to take effect, locked in their order."""
    return session.connection().execute(_OPEN_FAKES, {"person": person_id}).all()


def retract(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep that these verdicts were taken back."""
    connection = session.connection()
    connection.execute(_RETRACT[connection.dialect.name], list(rows))


def close(session: Session, request_ids: Sequence[str], now: datetime) -> None:
    """Those of these requests that wait for a second person wait no more."""
    session.connection().execute(_CLOSE, {"many": list(request_ids), "now": now})


def cases(session: Session, request_ids: Sequence[str]) -> Sequence[Any]:
    """These requests, as `authenticity.case` gives them."""
    return session.connection().execute(CASES.where(_REQUEST.c.id.in_(list(request_ids)))).all()


def open_notices(session: Session, person_id: str) -> Sequence[Any]:
    """The notices that a person filed, or that a Fake of theirs became, and that nobody has decided."""
    return _OPEN_NOTICES.rows(session, {"person": person_id})


def items_of(session: Session, notice_ids: Sequence[str]) -> Sequence[str]:
    """The ids of all items of these notices."""
    return session.exec(
        select_records(NoticeItem.id)
        .where(col(NoticeItem.notice_id).in_(notice_ids))
        .order_by(col(NoticeItem.id))
    ).all()
