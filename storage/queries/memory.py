"""What was said last of a listing, and who was told it again."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, insert, select
from sqlmodel import Session, SQLModel

from storage.queries.authenticity import REMEMBERED_CASES
from storage.records.authenticity import AuthenticityRequest, Retraction, Verdict
from storage.records.channels import ChannelBinding, ChannelPurpose
from storage.records.memory import RememberedAnswer, Repeats
from storage.records.messages import DrawnMessage

_TABLES = SQLModel.metadata.tables
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)]
_VERDICT = _TABLES[str(Verdict.__tablename__)]
_RETRACTION = _TABLES[str(Retraction.__tablename__)]
_REMEMBERED = _TABLES[str(RememberedAnswer.__tablename__)]
_DRAWN = _TABLES[str(DrawnMessage.__tablename__)]
_BINDING = _TABLES[str(ChannelBinding.__tablename__)]
_MANY: Any = bindparam("many", expanding=True)

_SAID = (
    select(
        _REQUEST.c.id.label("request_id"),
        _REQUEST.c.listing_id,
        _REQUEST.c.brand_id,
        _REQUEST.c.seller_id,
        _REQUEST.c.snapshot,
        _VERDICT.c.id.label("verdict_id"),
        _VERDICT.c.answer,
        _VERDICT.c.at.label("verdict_at"),
        _RETRACTION.c.id.is_not(None).label("taken_back"),
    )
    .join(_VERDICT, (_VERDICT.c.request_id == _REQUEST.c.id) & (_VERDICT.c.round == _REQUEST.c.round))
    .join(_RETRACTION, _RETRACTION.c.verdict_id == _VERDICT.c.id, isouter=True)
    .where(_REQUEST.c.listing_id.in_(_MANY), _REQUEST.c.brand_id.is_not(None))
    .order_by(_VERDICT.c.at, _VERDICT.c.id)
)
_HOLD = (
    select(_REQUEST.c.id).where(_REQUEST.c.id.in_(_MANY)).order_by(_REQUEST.c.id).with_for_update(read=True)
)
_TAKEN_BACK = (
    select(_RETRACTION.c.verdict_id)
    .join(_VERDICT, _VERDICT.c.id == _RETRACTION.c.verdict_id)
    .where(_VERDICT.c.request_id.in_(_MANY))
)
_KEEP = insert(_REMEMBERED).inline()
_ASKED_AGAIN = REMEMBERED_CASES.where(_REQUEST.c.id.in_(_MANY)).order_by(_REQUEST.c.id)
_TOLD = REMEMBERED_CASES.where(_REMEMBERED.c.verdict_id == bindparam("verdict")).order_by(_REQUEST.c.id)
_CARDS = (
    select(_DRAWN.c.subject_id, _DRAWN.c.place)
    .join(_REQUEST, _REQUEST.c.id == _DRAWN.c.subject_id)
    .join(
        _BINDING,
        (_BINDING.c.purpose == ChannelPurpose.BRAND)
        & (_BINDING.c.scope_id == _REQUEST.c.brand_id)
        & (_BINDING.c.channel_id == _DRAWN.c.place)
        & _BINDING.c.unbound_at.is_(None),
    )
    .where(_DRAWN.c.kind == "request_card", _DRAWN.c.subject_id.in_(_MANY))
    .order_by(_DRAWN.c.subject_id)
)
_REPEATS = select(func.count().label("times"), func.max(_REMEMBERED.c.at).label("last")).where(
    _REMEMBERED.c.verdict_id == bindparam("verdict")
)


def last_words(session: Session, listing_ids: Sequence[str]) -> dict[tuple[str, str], Any]:
    """The newest verdict on each of these listings, by (listing, brand)."""
    found = session.connection().execute(_SAID, {"many": list(listing_ids)})
    return {(row.listing_id, row.brand_id): row for row in found}


def hold(session: Session, request_ids: Sequence[str]) -> set[str]:
    """Keep these requests' verdicts from being taken back until the end of the unit; those that were."""
    given = {"many": list(request_ids)}
    session.connection().execute(_HOLD, given)
    return set(session.connection().execute(_TAKEN_BACK, given).scalars())


def keep(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep which verdicts answered which requests."""
    session.connection().execute(_KEEP, list(rows))


def cases(session: Session, request_ids: Sequence[str]) -> Sequence[Any]:
    """Requests that were answered from memory, as `authenticity.case` gives them."""
    return session.connection().execute(_ASKED_AGAIN, {"many": list(request_ids)}).all()


def cases_told(session: Session, verdict_id: str) -> Sequence[Any]:
    """The requests that a verdict answered again."""
    return session.connection().execute(_TOLD, {"verdict": verdict_id}).all()


def cards(session: Session, request_ids: Sequence[str]) -> Sequence[tuple[str, str]]:
    """(request, channel) of the cards of these requests that stand where their brand is now."""
    found = session.connection().execute(_CARDS, {"many": list(request_ids)})
    return [(row.subject_id, row.place) for row in found]


def repeats(session: Session, verdict_id: str) -> Repeats:
    """How often a verdict answered again, and when last."""
    found = session.connection().execute(_REPEATS, {"verdict": verdict_id}).one()
    return Repeats(found.times, found.last)
