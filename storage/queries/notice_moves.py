"""A notice as its marketplace reads and moves it, and who sees that: a few statements, each for all items."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, literal_column, null, select, union_all, update
from sqlmodel import Session, SQLModel

from storage.prepared import Changing, prepared
from storage.records.channels import ChannelBinding, ChannelPurpose
from storage.records.listings import Listing
from storage.records.messages import DrawnMessage
from storage.records.notice_sheets import ToldNotice
from storage.records.notices import ItemState, Notice, NoticeItem
from storage.records.roster import Brand, Person, RoleGrant
from storage.records.sellers import Strike
from storage.records.takedowns import CauseKind, TakedownCause

_TABLES = SQLModel.metadata.tables
_NOTICE = _TABLES[str(Notice.__tablename__)]
_ITEM = _TABLES[str(NoticeItem.__tablename__)]
_BRAND = _TABLES[str(Brand.__tablename__)]
_LISTING = _TABLES[str(Listing.__tablename__)]
_STRIKE = _TABLES[str(Strike.__tablename__)]
_CAUSE = _TABLES[str(TakedownCause.__tablename__)]
_PERSON = _TABLES[str(Person.__tablename__)]
_GRANT = _TABLES[str(RoleGrant.__tablename__)]
_BINDING = _TABLES[str(ChannelBinding.__tablename__)]
_DRAWN = _TABLES[str(DrawnMessage.__tablename__)]
_THIS: Any = bindparam("notice")

# What a move goes by and writes, and what else the marketplace reads.
_MOVED = [
    _NOTICE.c[name]
    for name in (
        "id",
        "holder_id",
        "brand_id",
        "submitter_id",
        "state",
        "state_reason",
        "decided_at",
        "decided_as",
        "changed_at",
    )
]
_SHOWN = [
    _NOTICE.c[name]
    for name in (
        "reference",
        "client_id",
        "origin",
        "reason_code",
        "immediate",
        "complaint_number",
        "complaint_url",
        "submitted_at",
    )
]
_WITH_BRAND = (
    select(*_MOVED, *_SHOWN, _BRAND.c.name.label("brand"))
    .join(_BRAND, _BRAND.c.id == _NOTICE.c.brand_id)
    .where(_NOTICE.c.id == _THIS)
)
_READ, _LOCK = prepared(_WITH_BRAND), prepared(_WITH_BRAND.with_for_update(of=_NOTICE))
_ITEMS = prepared(
    select(
        _ITEM.c.id,
        _ITEM.c.state,
        _ITEM.c.reason,
        _ITEM.c.counted,
        _ITEM.c.counted_on,
        _ITEM.c.upheld_on,
        _ITEM.c.listing_id,
        _LISTING.c.marketplace,
        _LISTING.c.url,
        _LISTING.c.item_id.label("shown_id"),
        _LISTING.c.title,
        _LISTING.c.seller_id,
        _CAUSE.c.id.label("cause_id"),
        _STRIKE.c.id.label("strike_id"),
        _STRIKE.c.taken_back_at,
    )
    .select_from(
        _ITEM.join(_LISTING, _LISTING.c.id == _ITEM.c.listing_id)
        .outerjoin(
            _CAUSE,
            and_(
                _CAUSE.c.kind == literal_column(f"'{CauseKind.NOTICE_ITEM.value}'"),
                _CAUSE.c.subject_id == _ITEM.c.id,
            ),
        )
        .outerjoin(_STRIKE, _STRIKE.c.removal_id == _ITEM.c.id)
    )
    .where(_ITEM.c.notice_id == _THIS)
    .order_by(_ITEM.c.position)
)
_OF_ITEM = prepared(
    select(*_MOVED, _ITEM.c.state.label("item_state"))
    .join(_ITEM, _ITEM.c.notice_id == _NOTICE.c.id)
    .where(_ITEM.c.id == bindparam("item"))
    .with_for_update(of=_NOTICE)
)
_CHANGE_ITEM = Changing(_ITEM)
_KEPT = ("state", "reason", "counted", "counted_on")
_KEEP_ITEM = prepared(
    update(_ITEM)
    .where(_ITEM.c.id == bindparam("this"))
    .values({name: bindparam(f"new_{name}", type_=_ITEM.c[name].type) for name in _KEPT})
)
# One row for each place where it is drawn, and at least one.
_PLACES = (
    select(_BINDING.c.channel_id, _PERSON.c.user_id, _DRAWN.c.place)
    .select_from(
        _PERSON.outerjoin(
            _BINDING,
            and_(
                _BINDING.c.purpose == literal_column(f"'{ChannelPurpose.BRAND.value}'"),
                _BINDING.c.scope_id == bindparam("brand"),
                _BINDING.c.unbound_at.is_(None),
            ),
        ).outerjoin(_DRAWN, and_(_DRAWN.c.kind == bindparam("drawing"), _DRAWN.c.subject_id == _THIS))
    )
    .where(_PERSON.c.id == bindparam("submitter"))
)
_WATCHING = (
    select(null(), null(), null(), _PERSON.c.user_id)
    .join(_GRANT, _GRANT.c.person_id == _PERSON.c.id)
    .where(
        _GRANT.c.scope_id == bindparam("holder"),
        _GRANT.c.until.is_(None),
        _PERSON.c.home_opened_at >= bindparam("since"),
    )
)
_PLACED = prepared(_PLACES)
_SEEN = prepared(union_all(_PLACES.add_columns(null().label("watcher")), _WATCHING))


class Seen(NamedTuple):
    """Where a notice's card stands, or will, empty where it cannot; and who has just looked at App Home."""

    place: str
    watchers: Sequence[str]


def told(session: Session, notice_id: str, *, lock: bool = False) -> ToldNotice | None:
    """A notice as its marketplace reads it, or None; locked until the end of the unit where asked."""
    row = (_LOCK if lock else _READ).first(session, {"notice": notice_id})
    # Read after the lock: an earlier look would not show what it waited for.
    return ToldNotice(row, row.brand, items(session, notice_id)) if row else None


def items(session: Session, notice_id: str) -> list[Any]:
    """A notice's items in their order, each with its listing, its strike and what it asked a takedown by."""
    return _ITEMS.rows(session, {"notice": notice_id})


def of_item(session: Session, item_id: str) -> Any:
    """What of an item's notice a move goes by, locked, with the item's state as `item_state`; or None."""
    return _OF_ITEM.first(session, {"item": item_id})


def change_item(session: Session, item_id: str, state: ItemState, reason: str) -> None:
    """Write down what was decided of one item of a notice that the caller has locked."""
    _CHANGE_ITEM.change_all(session, [item_id], state=state, reason=reason)


def keep_items(session: Session, before: Sequence[Any], after: Sequence[Any]) -> None:
    """Write down what was decided of a notice's items."""
    changed = [each for each, was in zip(after, before, strict=True) if each != was]
    _KEEP_ITEM.each(
        session,
        [{"this": each.id} | {f"new_{name}": getattr(each, name) for name in _KEPT} for each in changed],
    )


def place(session: Session, drawing: str, notice: Any) -> str:
    """Where a notice's card stands, or will."""
    return _place(_PLACED.rows(session, _asked(drawing, notice)))


def seen(session: Session, drawing: str, notice: Any, since: datetime) -> Seen:
    """As `place`, and who of its rights holder has opened App Home since."""
    rows = _SEEN.rows(session, {**_asked(drawing, notice), "holder": notice.holder_id, "since": since})
    return Seen(
        _place([row for row in rows if row.watcher is None]),
        list(dict.fromkeys(row.watcher for row in rows if row.watcher is not None)),
    )


def _asked(drawing: str, notice: Any) -> dict[str, Any]:
    return {
        "notice": notice.id,
        "brand": notice.brand_id,
        "submitter": notice.submitter_id,
        "drawing": drawing,
    }


def _place(rows: Sequence[Any]) -> str:
    """The brand's channel before its filer, but where it was drawn already."""
    here = [place for place in (rows[0].channel_id, rows[0].user_id) if place] if rows else []
    drawn = [row.place for row in rows if row.place in here]
    return next(iter(drawn + here), "")
