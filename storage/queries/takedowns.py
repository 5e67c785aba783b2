"""Takedowns as they are asked for, attached to, moved and read. Built once: they run with every verdict."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, insert, literal_column, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from storage.prepared import Prepared
from storage.records.authenticity import AuthenticityRequest, Verdict
from storage.records.listings import Listing
from storage.records.notices import NoticeItem
from storage.records.takedowns import CauseKind, Takedown, TakedownCause, TakedownState

_TAKEDOWN = SQLModel.metadata.tables[str(Takedown.__tablename__)]
_CAUSE = SQLModel.metadata.tables[str(TakedownCause.__tablename__)]
_LISTING = SQLModel.metadata.tables[str(Listing.__tablename__)]
_VERDICT = SQLModel.metadata.tables[str(Verdict.__tablename__)]
_REQUEST = SQLModel.metadata.tables[str(AuthenticityRequest.__tablename__)]
_ITEM = SQLModel.metadata.tables[str(NoticeItem.__tablename__)]
# Literal, as in the partial index: neither database uses it for states that come as parameters.
_IS_OPEN = text("takedown.state IN ('requested', 'unclear', 'sent')")

_MANY: Any = bindparam("many", expanding=True)
_ONE = literal_column("1", Integer).label("one")
_NEW: Mapping[str, Any] = {
    name: dialect.insert(_TAKEDOWN)
    .inline()
    .on_conflict_do_nothing(
        index_elements=["client_id", "listing_id"],
        index_where=text("state IN ('requested', 'unclear', 'sent')"),
    )
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_NEW_ONE = {name: statement.returning(_ONE) for name, statement in _NEW.items()}
_NEW_ONES = {name: statement.returning(_TAKEDOWN.c.id) for name, statement in _NEW.items()}
_INSERT = Prepared(_NEW_ONE.__getitem__, [column.name for column in _TAKEDOWN.columns], [_ONE])
_OPEN = (
    select(_TAKEDOWN.c.id)
    .where(
        _TAKEDOWN.c.client_id == bindparam("client"), _TAKEDOWN.c.listing_id == bindparam("listing"), _IS_OPEN
    )
    .with_for_update()
)
_OPEN_ONES = (
    select(_TAKEDOWN.c.listing_id, _TAKEDOWN.c.id)
    .where(_TAKEDOWN.c.client_id == bindparam("client"), _TAKEDOWN.c.listing_id.in_(_MANY), _IS_OPEN)
    .order_by(_TAKEDOWN.c.listing_id)
    .with_for_update()
)
_ATTACHED = insert(_CAUSE).inline().returning(_ONE)
_ATTACH = Prepared(lambda _: _ATTACHED, [column.name for column in _CAUSE.columns], [_ONE])
_ATTACH_ALL = insert(_CAUSE).inline()
_WITHDRAW_CAUSES = (
    update(_CAUSE)
    .where(
        _CAUSE.c.kind == bindparam("of_kind"),
        _CAUSE.c.subject_id.in_(_MANY),
        _CAUSE.c.withdrawn_at.is_(None),
    )
    .values(withdrawn_at=bindparam("now"))
)
_STILL_ASKED_FOR = select(_CAUSE.c.takedown_id).where(
    _CAUSE.c.takedown_id.in_(_MANY), _CAUSE.c.withdrawn_at.is_(None)
)
_READ = (
    select(
        _TAKEDOWN,
        _LISTING.c.marketplace,
        _LISTING.c.url,
        _LISTING.c.item_id,
        _LISTING.c.title,
    )
    .join(_LISTING, _LISTING.c.id == _TAKEDOWN.c.listing_id)
)  # fmt: skip
_READ_BY_ID = _READ.where(_TAKEDOWN.c.id == bindparam("wanted"))
_LOCK_CAUSED = (
    _READ.join(_CAUSE, _CAUSE.c.takedown_id == _TAKEDOWN.c.id)
    .where(
        _CAUSE.c.kind == bindparam("of_kind"),
        _CAUSE.c.subject_id.in_(_MANY),
        _CAUSE.c.withdrawn_at.is_(None),
    )
    .order_by(_TAKEDOWN.c.listing_id)
    .with_for_update(of=_TAKEDOWN)
)
_LOCK_BY = {
    column: select(_TAKEDOWN).where(_TAKEDOWN.c[column] == bindparam("wanted")).with_for_update()
    for column in ("id", "key")
}
_CAUSES = (
    select(
        _CAUSE.c.kind,
        _CAUSE.c.subject_id,
        _CAUSE.c.withdrawn_at,
        _REQUEST.c.id.label("request_id"),
        _REQUEST.c.external_id,
        _ITEM.c.notice_id,
    )
    .join(
        _VERDICT, (_VERDICT.c.id == _CAUSE.c.subject_id) & (_CAUSE.c.kind == CauseKind.VERDICT), isouter=True
    )
    .join(_REQUEST, _REQUEST.c.id == _VERDICT.c.request_id, isouter=True)
    .join(_ITEM, (_ITEM.c.id == _CAUSE.c.subject_id) & (_CAUSE.c.kind == CauseKind.NOTICE_ITEM), isouter=True)
    .where(_CAUSE.c.takedown_id == bindparam("takedown"))
    .order_by(_CAUSE.c.at, _CAUSE.c.id)
)
_STATE_OF_KEY = select(_TAKEDOWN.c.state).where(_TAKEDOWN.c.key == bindparam("wanted"))


def insert_open(session: Session, row: Mapping[str, Any]) -> bool:
    """Insert a takedown, whole; False where one is open for that listing and platform."""
    return _INSERT.first(session, row) is not None


def open_one(session: Session, client_id: str, listing_id: str) -> str | None:
    """The id of the open takedown of a listing, locked until the end of the unit."""
    found = session.connection().execute(_OPEN, {"client": client_id, "listing": listing_id})
    return found.scalar_one_or_none()


def insert_all_open(session: Session, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Insert takedowns, whole and in the order of their listings; the ids of those that are new."""
    connection = session.connection()
    return set(connection.execute(_NEW_ONES[connection.dialect.name], list(rows)).scalars())


def open_ones(session: Session, client_id: str, listing_ids: Sequence[str]) -> dict[str, str]:
    """Listing id -> the id of its open takedown, locked in the order of the listings."""
    found = session.connection().execute(_OPEN_ONES, {"client": client_id, "many": list(listing_ids)})
    return {row.listing_id: row.id for row in found}


def attach_all(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep who asked for takedowns."""
    session.connection().execute(_ATTACH_ALL, list(rows))


def attach(session: Session, row: Mapping[str, Any]) -> None:
    """Keep who asked for a takedown."""
    _ATTACH.first(session, row)


def caused_by(session: Session, kind: CauseKind, subject_ids: Sequence[str]) -> Sequence[Any]:
    """The takedowns with their listings that these causes ask for, locked in the order of listings."""
    asked = {"of_kind": kind, "many": list(subject_ids)}
    return session.connection().execute(_LOCK_CAUSED, asked).all()


def withdraw_causes(session: Session, kind: CauseKind, subject_ids: Sequence[str], now: datetime) -> None:
    """These causes ask no longer. Lock their takedowns first (`caused_by`), as those do who attach."""
    asked = {"of_kind": kind, "many": list(subject_ids), "now": now}
    session.connection().execute(_WITHDRAW_CAUSES, asked)


def asked_by(session: Session, takedown_id: str, holder_id: str) -> dict[CauseKind, list[str]]:
    """What of one rights holder's still asks for a takedown, by kind."""
    found = select(_CAUSE.c.kind, _CAUSE.c.subject_id).where(
        _CAUSE.c.takedown_id == takedown_id,
        _CAUSE.c.holder_id == holder_id,
        _CAUSE.c.withdrawn_at.is_(None),
    )
    asked: dict[CauseKind, list[str]] = {}
    for row in session.connection().execute(found):
        asked.setdefault(row.kind, []).append(row.subject_id)
    return asked


def still_asked_for(session: Session, takedown_ids: Sequence[str]) -> set[str]:
    """Those of these takedowns for which some cause still asks."""
    return set(session.connection().execute(_STILL_ASKED_FOR, {"many": list(takedown_ids)}).scalars())


def read(session: Session, takedown_id: str) -> Any | None:
    """A takedown with its listing."""
    return session.connection().execute(_READ_BY_ID, {"wanted": takedown_id}).first()


def locked(session: Session, *, takedown_id: str = "", key: str = "") -> Any | None:
    """A takedown by id or by key, locked until the end of the unit."""
    column, wanted = ("id", takedown_id) if takedown_id else ("key", key)
    return session.connection().execute(_LOCK_BY[column], {"wanted": wanted}).first()


def causes(session: Session, takedown_id: str) -> Sequence[Any]:
    """Who asked: kind, subject, whether withdrawn, and the request or the notice that it belongs to."""
    return session.connection().execute(_CAUSES, {"takedown": takedown_id}).all()


def change(session: Session, *takedown_ids: str, **values: Any) -> None:
    """Write new values into takedowns that the caller has locked."""
    changed = update(_TAKEDOWN).where(_TAKEDOWN.c.id.in_(takedown_ids)).values(**values)
    session.connection().execute(changed)


def state_of_key(session: Session, key: str) -> TakedownState | None:
    """How the takedown with that key stands."""
    return session.connection().execute(_STATE_OF_KEY, {"wanted": key}).scalar_one_or_none()
