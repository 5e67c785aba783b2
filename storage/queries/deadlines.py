"""Which deadlines come next, what the cases behind them wait for, and what warnings list.

The tick asks one indexed query for what is due; everything else is asked once for all that was found.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, literal_column, or_, select, update
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as select_model

from storage.prepared import Changing, at_most, inserting, prepared
from storage.records.authenticity import AuthenticityRequest, RequestState, Verdict
from storage.records.channels import ChannelBinding, ChannelPurpose
from storage.records.deadlines import Deadline, DeadlineWatch, SubjectKind
from storage.records.messages import DrawnMessage
from storage.records.notices import UNDECIDED, Notice
from storage.records.platform import PlatformClient
from storage.records.roster import Brand, Person, RightsHolder, Role, RoleGrant

Key = tuple[SubjectKind, str]

PENDING = (RequestState.UNROUTED, RequestState.OPEN, RequestState.AWAITING_CONFIRMATION)
_TABLES = SQLModel.metadata.tables
_WATCH = _TABLES[str(DeadlineWatch.__tablename__)]
_DEADLINE = _TABLES[str(Deadline.__tablename__)]
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)]
_NOTICE = _TABLES[str(Notice.__tablename__)]
_BRAND = _TABLES[str(Brand.__tablename__)]
_HOLDER = _TABLES[str(RightsHolder.__tablename__)]
_CLIENT = _TABLES[str(PlatformClient.__tablename__)]
_BINDING = _TABLES[str(ChannelBinding.__tablename__)]
_VERDICT = _TABLES[str(Verdict.__tablename__)]
_GRANT = _TABLES[str(RoleGrant.__tablename__)]
_PERSON = _TABLES[str(Person.__tablename__)]
_DRAWN = _TABLES[str(DrawnMessage.__tablename__)]
_IDS: Any = bindparam("ids", expanding=True)

_PLACE = and_(
    _BINDING.c.purpose == literal_column(f"'{ChannelPurpose.BRAND.value}'"),
    _BINDING.c.scope_id == _BRAND.c.id,
    _BINDING.c.unbound_at.is_(None),
)
_REQUESTS = prepared(
    select(
        _REQUEST,
        _BRAND.c.name.label("brand"),
        _HOLDER.c.standing,
        _HOLDER.c.pilot,
        _CLIENT.c.name.label("client"),
        _BINDING.c.channel_id.label("place"),
        _VERDICT.c.person_id.label("verdict_person_id"),
    )
    .select_from(
        _REQUEST.join(_CLIENT, _CLIENT.c.id == _REQUEST.c.client_id)
        .outerjoin(_BRAND, _BRAND.c.id == _REQUEST.c.brand_id)
        .outerjoin(_HOLDER, _HOLDER.c.id == _REQUEST.c.holder_id)
        .outerjoin(_BINDING, _PLACE)
        .outerjoin(
            _VERDICT, and_(_VERDICT.c.request_id == _REQUEST.c.id, _VERDICT.c.round == _REQUEST.c.round)
        )
    )
    .where(_REQUEST.c.id.in_(_IDS))
)
_NOTICES = prepared(
    select(
        _NOTICE.c.id,
        _NOTICE.c.reference,
        _NOTICE.c.state,
        _NOTICE.c.holder_id,
        _NOTICE.c.brand_id,
        _NOTICE.c.client_id,
        _NOTICE.c.complaint_url,
        _NOTICE.c.due_at,
        _BRAND.c.name.label("brand"),
        _CLIENT.c.name.label("client"),
        _BINDING.c.channel_id.label("place"),
    )
    .select_from(
        _NOTICE.join(_BRAND, _BRAND.c.id == _NOTICE.c.brand_id)
        .outerjoin(_CLIENT, _CLIENT.c.id == _NOTICE.c.client_id)
        .outerjoin(_BINDING, _PLACE)
    )
    .where(_NOTICE.c.id.in_(_IDS))
)
_WAITS = or_(
    exists().where(
        _DEADLINE.c.subject_kind == SubjectKind.REQUEST,
        _REQUEST.c.id == _DEADLINE.c.subject_id,
        _REQUEST.c.state.in_(PENDING),
        _REQUEST.c.round == _DEADLINE.c.round,
    ),
    exists().where(
        _DEADLINE.c.subject_kind == SubjectKind.NOTICE,
        _NOTICE.c.id == _DEADLINE.c.subject_id,
        _NOTICE.c.state.in_(UNDECIDED),
    ),
)
_OVER = prepared(
    select(_DEADLINE.c.id, _DEADLINE.c.message_id)
    .where(_DEADLINE.c.settled_at.is_(None), or_(_DEADLINE.c.due_at < bindparam("now"), ~_WAITS))
    .limit(at_most("most"))
)


_NEW_WATCH = inserting(_WATCH, "subject_kind", "subject_id")
_NEW_STEP = inserting(_DEADLINE, "subject_kind", "subject_id", "round", "step")
_KEPT = prepared(select(_DEADLINE.c.id).where(_DEADLINE.c.id.in_(_IDS)))
_DUE = prepared(
    select(_WATCH)
    .where(_WATCH.c.next_at < bindparam("now"))
    .order_by(_WATCH.c.next_at)
    .limit(at_most("most"))
    .with_for_update(skip_locked=True)
)
_CLIENTS = prepared(select(_CLIENT).where(_CLIENT.c.id.in_(_IDS)))
_LEADS = prepared(
    select(_GRANT.c.scope_id, _PERSON.c.user_id)
    .join(_PERSON, _PERSON.c.id == _GRANT.c.person_id)
    .where(
        _GRANT.c.scope_id.in_(_IDS),
        _GRANT.c.role.in_((Role.LEAD, Role.SMALL_MEMBER)),
        _GRANT.c.until.is_(None),
        _PERSON.c.is_deleted.is_(False),
        _PERSON.c.is_bot.is_(False),
        _PERSON.c.suspended_at.is_(None),
    )
    .order_by(_GRANT.c.since, _GRANT.c.id)
)
_THIS_CASE = (_WATCH.c.subject_kind == bindparam("kind"), _WATCH.c.subject_id == bindparam("this"))
_LOOK_AGAIN = prepared(
    update(_WATCH).where(*_THIS_CASE).values(due_at=bindparam("due"), next_at=bindparam("next"))
)
_FORGET = prepared(delete(_WATCH).where(*_THIS_CASE))
_CHANGE = Changing(_DEADLINE)
_DRAWN_AT = prepared(
    select(_DRAWN.c.subject_id, _DRAWN.c.place).where(
        _DRAWN.c.kind == bindparam("drawing"), _DRAWN.c.subject_id.in_(_IDS)
    )
)


def watch(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Watch cases, each once."""
    if rows:
        _NEW_WATCH.each(session, rows)


def due(session: Session, now: datetime, most: int) -> Sequence[DeadlineWatch]:
    """What has a step before now, oldest first; claimed until the end of the unit."""
    return _DUE.rows(session, {"now": now, "most": most})


def cases(session: Session, keys: Iterable[Key]) -> dict[Key, Any]:
    """The requests and notices behind these, with brand, marketplace and the brand's channel (`place`)."""
    wanted: dict[SubjectKind, list[str]] = {kind: [] for kind in SubjectKind}
    for kind, subject_id in keys:
        wanted[kind].append(subject_id)
    found: dict[Key, Any] = {}
    for kind, statement in ((SubjectKind.REQUEST, _REQUESTS), (SubjectKind.NOTICE, _NOTICES)):
        if wanted[kind]:
            rows = statement.rows(session, {"ids": wanted[kind]})
            found |= {(kind, row.id): row for row in rows}
    return found


def clients(session: Session, client_ids: Collection[str]) -> dict[str, PlatformClient]:
    """Marketplaces' connections by id."""
    rows = _CLIENTS.rows(session, {"ids": list(client_ids)}) if client_ids else []
    return {row.id: row for row in rows}


def leads(session: Session, holder_ids: Collection[str]) -> dict[str, list[str]]:
    """The Slack ids of everybody who leads for a rights holder and can act, by holder, oldest first."""
    found: dict[str, list[str]] = {}
    rows = _LEADS.rows(session, {"ids": list(holder_ids)}) if holder_ids else []
    for holder_id, user_id in rows:
        found.setdefault(holder_id, []).append(user_id)
    return found


def record(session: Session, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Keep steps, each once per case and round; the ids of those that were the first."""
    _NEW_STEP.each(session, rows)
    kept = _KEPT.rows(session, {"ids": [row["id"] for row in rows]}) if rows else []
    return {row.id for row in kept}


def look_again(session: Session, next_of: Mapping[Key, tuple[datetime, datetime]]) -> None:
    """Keep when each of these is due and when it is looked at next."""
    _LOOK_AGAIN.each(
        session,
        [
            {"kind": kind, "this": this, "due": due_at, "next": next_at}
            for (kind, this), (due_at, next_at) in next_of.items()
        ],
    )


def forget(session: Session, keys: Sequence[Key]) -> None:
    """Watch these no longer."""
    _FORGET.each(session, [{"kind": kind, "this": this} for kind, this in keys])


def over(session: Session, now: datetime, most: int) -> dict[str, str | None]:
    """Steps whose case is done, has moved on or is past its due moment: id to warning."""
    rows = _OVER.rows(session, {"now": now, "most": most})
    return {row.id: row.message_id for row in rows}


def settle(session: Session, ids: Collection[str], now: datetime) -> None:
    """The warnings of these steps need not follow them any more."""
    _CHANGE.change_all(session, list(ids), settled_at=now)


def listed(session: Session, message_id: str) -> Sequence[Deadline]:
    """What a warning lists, by due moment."""
    return session.exec(
        select_model(Deadline)
        .where(col(Deadline.message_id) == message_id)
        .order_by(col(Deadline.due_at), col(Deadline.id))
    ).all()


def drawn(session: Session, drawing: str, subject_ids: Collection[str]) -> list[tuple[str, str]]:
    """(subject, place) of the messages that show these."""
    asked = {"drawing": drawing, "ids": list(subject_ids)}
    rows = _DRAWN_AT.rows(session, asked) if subject_ids else []
    return [(subject_id, place) for subject_id, place in rows]
