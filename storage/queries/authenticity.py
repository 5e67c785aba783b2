"""Authenticity requests as clicks, cards and the platform API find them.

The statements of a click are built once, for they run with every verdict.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, and_, bindparam, insert, literal_column, null, select, update
from sqlmodel import Session, SQLModel

from storage.prepared import Prepared, inserting, prepared
from storage.queries import second_look
from storage.records.authenticity import (
    Answer,
    AuthenticityRequest,
    Confirmation,
    RequestState,
    Retraction,
    SampleTodo,
    Verdict,
)
from storage.records.channels import ChannelBinding, ChannelPurpose
from storage.records.listings import Listing
from storage.records.memory import RememberedAnswer
from storage.records.messages import DrawnMessage
from storage.records.notices import Notice
from storage.records.platform import PlatformClient
from storage.records.roster import Brand, Person, RightsHolder, Role, RoleGrant
from storage.records.takedowns import CauseKind, Takedown, TakedownCause

_TABLES = SQLModel.metadata.tables
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)]
_VERDICT = _TABLES[str(Verdict.__tablename__)]
_CONFIRMATION = _TABLES[str(Confirmation.__tablename__)]
_RETRACTION = _TABLES[str(Retraction.__tablename__)]
_SAMPLE = _TABLES[str(SampleTodo.__tablename__)]
_BRAND = _TABLES[str(Brand.__tablename__)]
_HOLDER = _TABLES[str(RightsHolder.__tablename__)]
_PERSON = _TABLES[str(Person.__tablename__)]
_GRANT = _TABLES[str(RoleGrant.__tablename__)]
_BINDING = _TABLES[str(ChannelBinding.__tablename__)]
_CLIENT = _TABLES[str(PlatformClient.__tablename__)]
_TAKEDOWN = _TABLES[str(Takedown.__tablename__)]
_CAUSE = _TABLES[str(TakedownCause.__tablename__)]
_NOTICE = _TABLES[str(Notice.__tablename__)]
_LISTING = _TABLES[str(Listing.__tablename__)]
_DRAWN = _TABLES[str(DrawnMessage.__tablename__)]
_REMEMBERED = _TABLES[str(RememberedAnswer.__tablename__)]
_DECIDER = _PERSON.alias("decider")
_RETRACTER = _PERSON.alias("retracter")

_AT_ITS_CHANNEL = and_(
    _BINDING.c.purpose == literal_column(f"'{ChannelPurpose.BRAND.value}'"),
    _BINDING.c.scope_id == _BRAND.c.id,
    _BINDING.c.unbound_at.is_(None),
)
_ROUTED = (
    _REQUEST.outerjoin(_BRAND, _BRAND.c.id == _REQUEST.c.brand_id)
    .outerjoin(_HOLDER, _HOLDER.c.id == _REQUEST.c.holder_id)
    .outerjoin(_BINDING, _AT_ITS_CHANNEL)
)
_ASKED = (
    select(
        _REQUEST,
        _BRAND.c.name.label("brand"),
        _HOLDER.c.name.label("holder"),
        _HOLDER.c.standing,
        _HOLDER.c.pilot,
        _BINDING.c.channel_id.label("place"),
        _VERDICT.c.id.label("verdict_id"),
        _VERDICT.c.answer,
        _VERDICT.c.outcome,
        _VERDICT.c.at.label("verdict_at"),
        _VERDICT.c.holder_id.label("verdict_holder_id"),
        _PERSON.c.user_id.label("verdict_user"),
    )
    .select_from(
        _ROUTED.outerjoin(
            _VERDICT,
            and_(_VERDICT.c.request_id == _REQUEST.c.id, _VERDICT.c.round == bindparam("at_round")),
        ).outerjoin(_PERSON, _PERSON.c.id == _VERDICT.c.person_id)
    )
    .where(_REQUEST.c.id == bindparam("wanted"))
)
_ASKED_BY_CLICK = prepared(_ASKED)
_ASKED_ALONE = Prepared(
    lambda database: _ASKED.add_columns(second_look.alone(database)),
    ("wanted", "at_round", "who"),
    [*_ASKED.selected_columns, literal_column("alone")],
)


def _cases(answered: Any, remembered_at: Any) -> Any:
    """Requests with all that followed; `answered` is requests with their verdicts, if there are any."""
    return select(
        _REQUEST,
        _BRAND.c.name.label("brand"),
        _HOLDER.c.standing,
        _HOLDER.c.pilot,
        _CLIENT.c.name.label("client"),
        _BINDING.c.channel_id.label("place"),
        _VERDICT.c.id.label("verdict_id"),
        _VERDICT.c.answer,
        _VERDICT.c.outcome,
        _VERDICT.c.late,
        _VERDICT.c.second_ground,
        _VERDICT.c.at.label("verdict_at"),
        _VERDICT.c.person_id.label("verdict_person_id"),
        _PERSON.c.user_id.label("verdict_user"),
        _CONFIRMATION.c.decision,
        _CONFIRMATION.c.reason.label("decided_reason"),
        _CONFIRMATION.c.at.label("decided_at"),
        _DECIDER.c.user_id.label("decided_user"),
        _RETRACTION.c.reason.label("retracted_reason"),
        _RETRACTION.c.at.label("retracted_at"),
        _RETRACTER.c.user_id.label("retracted_user"),
        _TAKEDOWN.c.id.label("takedown_id"),
        _TAKEDOWN.c.state.label("takedown_state"),
        _TAKEDOWN.c.state_reason.label("takedown_reason"),
        _TAKEDOWN.c.sent_at.label("takedown_sent_at"),
        _TAKEDOWN.c.removed_at.label("takedown_removed_at"),
        _NOTICE.c.id.label("notice_id"),
        _NOTICE.c.reference.label("notice_reference"),
        remembered_at.label("remembered_at"),
    ).select_from(
        answered.join(_CLIENT, _CLIENT.c.id == _REQUEST.c.client_id)
        .outerjoin(_PERSON, _PERSON.c.id == _VERDICT.c.person_id)
        .outerjoin(_CONFIRMATION, _CONFIRMATION.c.verdict_id == _VERDICT.c.id)
        .outerjoin(_DECIDER, _DECIDER.c.id == _CONFIRMATION.c.person_id)
        .outerjoin(_RETRACTION, _RETRACTION.c.verdict_id == _VERDICT.c.id)
        .outerjoin(_RETRACTER, _RETRACTER.c.id == _RETRACTION.c.person_id)
        .outerjoin(
            _CAUSE,
            and_(
                _CAUSE.c.subject_id == _VERDICT.c.id,
                _CAUSE.c.kind == literal_column(f"'{CauseKind.VERDICT.value}'"),
            ),
        )
        .outerjoin(_TAKEDOWN, _TAKEDOWN.c.id == _CAUSE.c.takedown_id)
        .outerjoin(_NOTICE, _NOTICE.c.verdict_id == _VERDICT.c.id)
    )


CASES = _cases(
    _ROUTED.outerjoin(
        _VERDICT, and_(_VERDICT.c.request_id == _REQUEST.c.id, _VERDICT.c.round == _REQUEST.c.round)
    ),
    null(),
)
"""Requests with all that followed in their present round, as `case` gives one."""
REMEMBERED_CASES = _cases(
    _ROUTED.join(_REMEMBERED, _REMEMBERED.c.request_id == _REQUEST.c.id).join(
        _VERDICT, _VERDICT.c.id == _REMEMBERED.c.verdict_id
    ),
    _REMEMBERED.c.at,
)
"""As `case`, for requests that an earlier request's verdict answered: it is that verdict that they show."""
_CASE_BY_ID = prepared(CASES.where(_REQUEST.c.id == bindparam("wanted")))
_BY_EXTERNAL_ID = and_(
    _REQUEST.c.client_id == bindparam("client"), _REQUEST.c.external_id == bindparam("wanted")
)
_CASES_BY_IDS = prepared(CASES.where(_REQUEST.c.id.in_(bindparam("ids", expanding=True))))
_CASE_BY_EXTERNAL_ID = prepared(CASES.where(_BY_EXTERNAL_ID))
_REMEMBERED_BY_ID = prepared(REMEMBERED_CASES.where(_REQUEST.c.id == bindparam("wanted")))
_LOCK = prepared(select(_REQUEST.c.id).where(_REQUEST.c.id == bindparam("wanted")).with_for_update())
_ONE = literal_column("1", Integer).label("one")
_INSERT_ONCE: Mapping[str, Prepared] = {
    "confirmation": inserting(_CONFIRMATION, "verdict_id", back=[_ONE]),
    "retraction": inserting(_RETRACTION, "verdict_id", back=[_ONE]),
}
_INSERT_REQUESTS = inserting(_REQUEST, "client_id", "external_id")
_INSERT_SAMPLE = insert(_SAMPLE).inline()
_WANTED: Any = bindparam("wanted", expanding=True)
_BY_EXTERNAL_IDS = prepared(
    select(_REQUEST.c.id, _REQUEST.c.external_id, _REQUEST.c.body_hash, _REQUEST.c.state).where(
        _REQUEST.c.client_id == bindparam("client"), _REQUEST.c.external_id.in_(_WANTED)
    )
)
_MOVE = (
    update(_REQUEST)
    .where(
        _REQUEST.c.id == bindparam("this"),
        _REQUEST.c.state == bindparam("was"),
        _REQUEST.c.round == bindparam("at_round"),
    )
    .returning(_REQUEST.c.id)
)
_MOVED_ON = _MOVE.values(state=bindparam("becomes"), changed_at=bindparam("now"))
_MOVING = ("this", "was", "at_round", "becomes", "now")
_ANSWER = Prepared(lambda _: _MOVED_ON, _MOVING, [_REQUEST.c.id])
_CONFIRMERS = prepared(
    select(_GRANT.c.person_id, _GRANT.c.role)
    .join(_PERSON, _PERSON.c.id == _GRANT.c.person_id)
    .where(
        _GRANT.c.scope_id == bindparam("holder"),
        _GRANT.c.role.in_([Role.EXPERT, Role.LEAD, Role.SMALL_MEMBER]),
        _GRANT.c.until.is_(None),
        _PERSON.c.is_guest.is_(False),
        _PERSON.c.profile_at.is_not(None),
        _PERSON.c.suspended_at.is_(None),
        _PERSON.c.is_deleted.is_(False),
        _PERSON.c.is_bot.is_(False),
    )
)
_ROUTES = prepared(
    select(
        _BRAND.c.id,
        _BRAND.c.name,
        _BRAND.c.name_key,
        _BRAND.c.holder_id,
        _BINDING.c.channel_id.label("place"),
    )
    .select_from(_BRAND.outerjoin(_BINDING, _AT_ITS_CHANNEL))
    .where(_BRAND.c.name_key.in_(_WANTED) | _BRAND.c.id.in_(bindparam("ids", expanding=True)))
)
_BRANDS = select(_BRAND.c.id, _BRAND.c.name).order_by(_BRAND.c.name_key)
_WAITING = select(_REQUEST.c.id).where(
    _REQUEST.c.brand_id == bindparam("brand"), _REQUEST.c.state == RequestState.UNROUTED
)
_UNDECIDED = prepared(
    select(_REQUEST.c.id).where(
        _REQUEST.c.brand_id == bindparam("brand"),
        _REQUEST.c.state.in_([RequestState.OPEN, RequestState.AWAITING_CONFIRMATION]),
    )
)
_UNROUTED = select(_REQUEST.c.id).where(_REQUEST.c.state == RequestState.UNROUTED)
_OPEN_FOR = (
    update(_REQUEST)
    .where(_REQUEST.c.id == bindparam("this"))
    .values(
        state=bindparam("becomes"),
        brand_id=bindparam("brand"),
        holder_id=bindparam("holder"),
        asked_at=bindparam("now"),
        changed_at=bindparam("now"),
    )
)
_SAID_BY = select(_VERDICT.c.id).where(
    _VERDICT.c.request_id == bindparam("request"),
    _VERDICT.c.holder_id == bindparam("holder"),
    _VERDICT.c.answer == bindparam("said"),
)

_PLACES = select(_DRAWN.c.place).where(
    _DRAWN.c.kind == bindparam("drawing"), _DRAWN.c.subject_id == bindparam("subject")
)

_WITHDRAW = (
    update(_REQUEST)
    .where(_REQUEST.c.id == bindparam("this"))
    .values(state=RequestState.WITHDRAWN, withdrawn_reason=bindparam("because"), changed_at=bindparam("now"))
)


def asked(session: Session, request_id: str, round_: int, *, who: str = "") -> Any:
    """A request as a click finds it, with the verdict of that round if there is one; or None.

    With `who` no other act of theirs is under way from then on: what is counted of them next stays true.
    """
    if who:
        return _ASKED_ALONE.first(session, {"wanted": request_id, "at_round": round_, "who": who})
    return _ASKED_BY_CLICK.first(session, {"wanted": request_id, "at_round": round_})


def case(session: Session, request_id: str) -> Any:
    """A request with all that followed from it in its present round; or None."""
    return _with_memory(session, _CASE_BY_ID.first(session, {"wanted": request_id}))


def cases(session: Session, request_ids: Sequence[str]) -> dict[str, Any]:
    """As `case`, of many, by id."""
    found = _CASES_BY_IDS.rows(session, {"ids": request_ids}) if request_ids else []
    return {row.id: row for row in found}


def case_by_external_id(session: Session, client_id: str, external_id: str) -> Any:
    """As `case`, by the platform's own id."""
    given = {"client": client_id, "wanted": external_id}
    return _with_memory(session, _CASE_BY_EXTERNAL_ID.first(session, given))


def _with_memory(session: Session, found: Any) -> Any:
    """An answered request without a verdict of its own was answered from memory."""
    if found is None or found.state is not RequestState.ANSWERED or found.verdict_id is not None:
        return found
    return _REMEMBERED_BY_ID.first(session, {"wanted": found.id}) or found


def locked_case(session: Session, request_id: str) -> Any:
    """As `case`, and nobody else can change the request before the end of the unit."""
    _LOCK.rows(session, {"wanted": request_id})
    return case(session, request_id)


def insert_once(session: Session, table: str, row: Mapping[str, Any]) -> bool:
    """Insert a confirmation or a retraction; False where another one stands already."""
    return _INSERT_ONCE[table].first(session, row) is not None


def insert_requests(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the requests whose external id is new to their client."""
    _INSERT_REQUESTS.each(session, rows)


def by_external_ids(session: Session, client_id: str, external_ids: Sequence[str]) -> dict[str, Any]:
    """Id, body hash and state of a client's requests, by external id."""
    given = {"client": client_id, "wanted": external_ids}
    found = _BY_EXTERNAL_IDS.rows(session, given) if external_ids else []
    return {row.external_id: row for row in found}


def insert_sample(session: Session, row: Mapping[str, Any]) -> None:
    """Keep that a sample is needed."""
    session.connection().execute(_INSERT_SAMPLE, dict(row))


def answer(
    session: Session, request_id: str, round_: int, was: RequestState, becomes: RequestState, now: datetime
) -> bool:
    """Move a request on; False where it moved meanwhile."""
    values = {"this": request_id, "at_round": round_, "was": was, "becomes": becomes, "now": now}
    return _ANSWER.first(session, values) is not None


def open_for(
    session: Session, request_id: str, brand_id: str, holder_id: str, becomes: RequestState, now: datetime
) -> None:
    """Give a request, which the caller has locked, to a brand."""
    values = {"this": request_id, "brand": brand_id, "holder": holder_id, "becomes": becomes, "now": now}
    session.connection().execute(_OPEN_FOR, values)


def withdraw(session: Session, request_id: str, reason: str, now: datetime) -> None:
    """Withdraw a request, which the caller has locked."""
    session.connection().execute(_WITHDRAW, {"this": request_id, "because": reason, "now": now})


def confirmers(session: Session, holder_id: str) -> Sequence[Any]:
    """(person_id, role) of everybody who may say the second word for a holder."""
    return _CONFIRMERS.rows(session, {"holder": holder_id})


def routes(session: Session, names: Sequence[str]) -> dict[str, Any]:
    """Brand, holder and channel (`place`, or None) of each brand's casefolded name and of each brand's id."""
    given = {"wanted": [name.casefold() for name in names], "ids": names}
    found: dict[str, Any] = {}
    for row in _ROUTES.rows(session, given) if names else []:
        found[row.name_key] = found[row.id] = row
    return found


def brands(session: Session) -> list[tuple[str, str]]:
    """(id, name) of every brand, in the order of their names."""
    return [(row.id, row.name) for row in session.connection().execute(_BRANDS)]


def waiting_for(session: Session, brand_id: str) -> Sequence[str]:
    """The requests that a brand would have if it had a channel."""
    return session.connection().execute(_WAITING, {"brand": brand_id}).scalars().all()


def undecided_of(session: Session, brand_id: str) -> Sequence[str]:
    """The requests that wait for a brand's answer, or for its second word."""
    return [row.id for row in _UNDECIDED.rows(session, {"brand": brand_id})]


def unrouted(session: Session) -> Sequence[str]:
    """Every request that waits for the platform team."""
    return session.connection().execute(_UNROUTED).scalars().all()


def was_said_by(session: Session, request_id: str, holder_id: str, answer: Answer) -> bool:
    """Whether a holder gave that answer to the request in some round."""
    given = {"request": request_id, "holder": holder_id, "said": answer}
    return session.connection().execute(_SAID_BY, given).first() is not None


def places(session: Session, drawing: str, subject_id: str) -> Sequence[str]:
    """Where a row has been drawn."""
    given = {"drawing": drawing, "subject": subject_id}
    return session.connection().execute(_PLACES, given).scalars().all()
