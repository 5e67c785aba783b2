"""Takedowns as they are asked for, attached to, moved and read. Built once: they run with every verdict."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, and_, bindparam, insert, literal_column, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from storage.prepared import Changing, Prepared, prepared
from storage.records.authenticity import AuthenticityRequest, Verdict
from storage.records.channels import ChannelBinding, ChannelPurpose
from storage.records.listings import Listing
from storage.records.notices import NoticeItem
from storage.records.takedowns import CauseKind, Takedown, TakedownCause, TakedownState

_TAKEDOWN = SQLModel.metadata.tables[str(Takedown.__tablename__)]
_CAUSE = SQLModel.metadata.tables[str(TakedownCause.__tablename__)]
_LISTING = SQLModel.metadata.tables[str(Listing.__tablename__)]
_VERDICT = SQLModel.metadata.tables[str(Verdict.__tablename__)]
_REQUEST = SQLModel.metadata.tables[str(AuthenticityRequest.__tablename__)]
_BINDING = SQLModel.metadata.tables[str(ChannelBinding.__tablename__)]
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
_INSERT_ALL = Prepared(_NEW_ONES.__getitem__, [column.name for column in _TAKEDOWN.columns], [_TAKEDOWN.c.id])
_OPEN = prepared(
    select(_TAKEDOWN.c.id)
    .where(
        _TAKEDOWN.c.client_id == bindparam("client"), _TAKEDOWN.c.listing_id == bindparam("listing"), _IS_OPEN
    )
    .with_for_update()
)
_OPEN_ONES = prepared(
    select(_TAKEDOWN.c.listing_id, _TAKEDOWN.c.id)
    .where(_TAKEDOWN.c.client_id == bindparam("client"), _TAKEDOWN.c.listing_id.in_(_MANY), _IS_OPEN)
    .order_by(_TAKEDOWN.c.listing_id)
    .with_for_update()
)
_ATTACHED = insert(_CAUSE).inline().returning(_ONE)
_ATTACH = Prepared(lambda _: _ATTACHED, [column.name for column in _CAUSE.columns], [_ONE])
_WITHDRAW_CAUSES = prepared(
    update(_CAUSE)
    .where(
        _CAUSE.c.kind == bindparam("of_kind"),
        _CAUSE.c.subject_id.in_(_MANY),
        _CAUSE.c.withdrawn_at.is_(None),
    )
    .values(withdrawn_at=bindparam("now"))
)
_ASKED_BY = prepared(
    select(_CAUSE.c.kind, _CAUSE.c.subject_id).where(
        _CAUSE.c.takedown_id == bindparam("takedown"),
        _CAUSE.c.holder_id == bindparam("holder"),
        _CAUSE.c.withdrawn_at.is_(None),
    )
)
_STILL_ASKED_FOR = prepared(
    select(_CAUSE.c.takedown_id).where(_CAUSE.c.takedown_id.in_(_MANY), _CAUSE.c.withdrawn_at.is_(None))
)
_CHANGE = Changing(_TAKEDOWN)
_READ = (
    select(
        _TAKEDOWN,
        _LISTING.c.marketplace,
        _LISTING.c.url,
        _LISTING.c.item_id,
        _LISTING.c.title,
        _LISTING.c.seller_id.label("listing_seller_id"),
    )
    .join(_LISTING, _LISTING.c.id == _TAKEDOWN.c.listing_id)
)  # fmt: skip
_READ_BY_ID = prepared(_READ.where(_TAKEDOWN.c.id == bindparam("wanted")))
_LOCK_CAUSED = prepared(
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
    column: prepared(_READ.where(_TAKEDOWN.c[column] == bindparam("wanted")).with_for_update(of=_TAKEDOWN))
    for column in ("id", "key")
}
_CAUSES = prepared(
    select(
        _CAUSE.c.id,
        _CAUSE.c.takedown_id,
        _CAUSE.c.kind,
        _CAUSE.c.subject_id,
        _CAUSE.c.holder_id,
        _CAUSE.c.withdrawn_at,
        _CAUSE.c.counted,
        _CAUSE.c.counted_on,
        _TAKEDOWN.c.reason_code,
        _REQUEST.c.id.label("request_id"),
        _REQUEST.c.external_id,
        _REQUEST.c.holder_id.label("request_holder_id"),
        _BINDING.c.channel_id.label("request_place"),
        _ITEM.c.notice_id,
        _ITEM.c.counted.label("item_counted"),
    )
    .join(_TAKEDOWN, _TAKEDOWN.c.id == _CAUSE.c.takedown_id)
    .join(
        _VERDICT, (_VERDICT.c.id == _CAUSE.c.subject_id) & (_CAUSE.c.kind == CauseKind.VERDICT), isouter=True
    )
    .join(_REQUEST, _REQUEST.c.id == _VERDICT.c.request_id, isouter=True)
    .join(
        _BINDING,
        and_(
            _BINDING.c.purpose == literal_column(f"'{ChannelPurpose.BRAND.value}'"),
            _BINDING.c.scope_id == _REQUEST.c.brand_id,
            _BINDING.c.unbound_at.is_(None),
        ),
        isouter=True,
    )
    .join(_ITEM, (_ITEM.c.id == _CAUSE.c.subject_id) & (_CAUSE.c.kind == CauseKind.NOTICE_ITEM), isouter=True)
    .where(_CAUSE.c.takedown_id == bindparam("takedown"))
    .order_by(_CAUSE.c.at, _CAUSE.c.id)
)
_STATE_OF_KEY = prepared(select(_TAKEDOWN.c.state).where(_TAKEDOWN.c.key == bindparam("wanted")))


def insert_open(session: Session, row: Mapping[str, Any]) -> bool:
    """Insert a takedown, whole; False where one is open for that listing and platform."""
    return _INSERT.first(session, row) is not None


def open_one(session: Session, client_id: str, listing_id: str) -> str | None:
    """The id of the open takedown of a listing, locked until the end of the unit."""
    found = _OPEN.first(session, {"client": client_id, "listing": listing_id})
    return found.id if found else None


def insert_all_open(session: Session, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Insert takedowns, whole and in the order of their listings; the ids of those that are new."""
    return {row.id for row in _INSERT_ALL.each(session, rows)}


def open_ones(session: Session, client_id: str, listing_ids: Sequence[str]) -> dict[str, str]:
    """Listing id -> the id of its open takedown, locked in the order of the listings."""
    if not listing_ids:
        return {}
    found = _OPEN_ONES.rows(session, {"client": client_id, "many": list(listing_ids)})
    return {row.listing_id: row.id for row in found}


def attach_all(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep who asked for takedowns."""
    _ATTACH.each(session, rows)


def attach(session: Session, row: Mapping[str, Any]) -> None:
    """Keep who asked for a takedown."""
    _ATTACH.first(session, row)


def caused_by(session: Session, kind: CauseKind, subject_ids: Sequence[str]) -> Sequence[Any]:
    """The takedowns with their listings that these causes ask for, locked in the order of listings."""
    asked = {"of_kind": kind, "many": list(subject_ids)}
    return _LOCK_CAUSED.rows(session, asked) if subject_ids else []


def withdraw_causes(session: Session, kind: CauseKind, subject_ids: Sequence[str], now: datetime) -> None:
    """These causes ask no longer. Lock their takedowns first (`caused_by`), as those do who attach."""
    asked = {"of_kind": kind, "many": list(subject_ids), "now": now}
    if subject_ids:
        _WITHDRAW_CAUSES.rows(session, asked)


def asked_by(session: Session, takedown_id: str, holder_id: str) -> dict[CauseKind, list[str]]:
    """What of one rights holder's still asks for a takedown, by kind."""
    asked: dict[CauseKind, list[str]] = {}
    for row in _ASKED_BY.rows(session, {"takedown": takedown_id, "holder": holder_id}):
        asked.setdefault(row.kind, []).append(row.subject_id)
    return asked


def still_asked_for(session: Session, takedown_ids: Sequence[str]) -> set[str]:
    """Those of these takedowns for which some cause still asks."""
    found = _STILL_ASKED_FOR.rows(session, {"many": list(takedown_ids)}) if takedown_ids else []
    return {row.takedown_id for row in found}


def read(session: Session, takedown_id: str) -> Any | None:
    """A takedown with its listing."""
    return _READ_BY_ID.first(session, {"wanted": takedown_id})


def locked(session: Session, *, takedown_id: str = "", key: str = "") -> Any | None:
    """A takedown with its listing, by id or by key, locked until the end of the unit."""
    column, wanted = ("id", takedown_id) if takedown_id else ("key", key)
    return _LOCK_BY[column].first(session, {"wanted": wanted})


def causes(session: Session, takedown_id: str) -> Sequence[Any]:
    """Who asked, in that order: what each counts for, and the request or the notice that it belongs to."""
    return _CAUSES.rows(session, {"takedown": takedown_id})


def change(session: Session, *takedown_ids: str, **values: Any) -> None:
    """Write new values into takedowns that the caller has locked."""
    _CHANGE.change_all(session, takedown_ids, **values)


def state_of_key(session: Session, key: str) -> TakedownState | None:
    """How the takedown with that key stands."""
    found = _STATE_OF_KEY.first(session, {"wanted": key})
    return found.state if found else None
