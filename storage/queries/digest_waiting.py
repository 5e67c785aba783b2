"""What waits for brands now: open requests, notices that need clarification, counter-notices."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, null, select, union_all
from sqlmodel import Session, SQLModel

from storage.records.authenticity import AuthenticityRequest, RequestState
from storage.records.counter_notices import BRANDS_TURN, CounterNotice
from storage.records.digest_figures import Item, ItemKind
from storage.records.listings import Listing
from storage.records.notices import Notice, NoticeState
from storage.records.roster import Brand

_TABLES = SQLModel.metadata.tables
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)].c
_NOTICE = _TABLES[str(Notice.__tablename__)].c
_COUNTER = _TABLES[str(CounterNotice.__tablename__)].c
_LISTING = _TABLES[str(Listing.__tablename__)].c
_BRAND = _TABLES[str(Brand.__tablename__)].c

_OPEN = (RequestState.OPEN, RequestState.AWAITING_CONFIRMATION)


def numbers(
    session: Session, holder_ids: Collection[str], brand_ids: Collection[str] | None
) -> Mapping[ItemKind, Mapping[str, int]]:
    """How much of each kind waits for each brand of these rights holders; for these brands alone, or all."""
    owned = _NOTICE.holder_id.in_(holder_ids), _COUNTER.holder_id.in_(holder_ids)
    counted = {
        ItemKind.REQUEST: _number(_REQUEST.brand_id, brand_ids, _REQUEST.state.in_(_OPEN)),
        ItemKind.NOTICE: _number(
            _NOTICE.brand_id, brand_ids, owned[0], _NOTICE.state == NoticeState.CLARIFICATION_REQUIRED
        ),
        ItemKind.COUNTER: _number(_COUNTER.brand_id, brand_ids, owned[1], _COUNTER.state.in_(BRANDS_TURN)),
    }
    run = session.connection().execute
    return {kind: {row[0]: row[1] for row in run(statement)} for kind, statement in counted.items()}


def first(
    session: Session, brand_ids: Collection[str], holder_ids: Collection[str], *, limit: int
) -> list[Item]:
    """What waits for these brands, the nearest deadline first; what has none comes last."""
    requests = (
        select(
            literal(ItemKind.REQUEST.value).label("kind"),
            _BRAND.name.label("brand"),
            _LISTING.title,
            _REQUEST.deadline.label("due_at"),
            _REQUEST.id,
        )
        .join(_BRAND.id.table, _BRAND.id == _REQUEST.brand_id)
        .join(_LISTING.id.table, _LISTING.id == _REQUEST.listing_id)
        .where(_REQUEST.brand_id.in_(brand_ids), _REQUEST.state.in_(_OPEN))
    )
    clarifications = (
        select(
            literal(ItemKind.NOTICE.value), _BRAND.name, _NOTICE.reference, null().label("due_at"), _NOTICE.id
        )
        .join(_BRAND.id.table, _BRAND.id == _NOTICE.brand_id)
        .where(
            _NOTICE.holder_id.in_(holder_ids),
            _NOTICE.state == NoticeState.CLARIFICATION_REQUIRED,
            _NOTICE.brand_id.in_(brand_ids),
        )
    )
    counters = (
        select(literal(ItemKind.COUNTER.value), _BRAND.name, _LISTING.title, _COUNTER.due_at, _COUNTER.id)
        .join(_BRAND.id.table, _BRAND.id == _COUNTER.brand_id)
        .join(_LISTING.id.table, _LISTING.id == _COUNTER.listing_id)
        .where(
            _COUNTER.holder_id.in_(holder_ids),
            _COUNTER.state.in_(BRANDS_TURN),
            _COUNTER.brand_id.in_(brand_ids),
        )
    )
    waiting = union_all(requests, clarifications, counters).subquery().c
    ordered = (
        select(waiting.kind, waiting.brand, waiting.title, waiting.due_at)
        .order_by(case((waiting.due_at.is_(None), 1), else_=0), waiting.due_at, waiting.id)
        .limit(limit)
    )
    return [
        Item(kind=ItemKind(row.kind), brand=row.brand, title=row.title, due_at=row.due_at)
        for row in session.connection().execute(ordered)
    ]


def unrouted(session: Session) -> int:
    """How many requests have no brand or no channel."""
    statement = select(func.count()).where(_REQUEST.state == RequestState.UNROUTED)
    return session.connection().execute(statement).scalar_one()


def _number(
    brand: ColumnElement[Any], brand_ids: Collection[str] | None, *conditions: ColumnElement[bool]
) -> Any:
    statement = select(brand, func.count()).where(*conditions).group_by(brand)
    return statement if brand_ids is None else statement.where(brand.in_(brand_ids))
