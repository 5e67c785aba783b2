"""A company's notices, what happened to its cases lately, and what of it ends, for App Home.

What is open is found by its state, what is over by the days that are asked for: nothing here walks all that a
company ever did.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, case, func, or_, select
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as select_model

from storage.queries.home import REQUEST_CARD, channel_of_brand, drawn, place_columns, place_of
from storage.records.authenticity import AuthenticityRequest, Verdict
from storage.records.channels import ChannelBinding
from storage.records.home import Happened, Happening, NoticeFilter, NoticeLine, Place, Wanted
from storage.records.listings import Listing
from storage.records.messages import DrawnMessage
from storage.records.misuse import Censure, CensureState
from storage.records.notices import UNDECIDED, Notice, NoticeState
from storage.records.rights import Right
from storage.records.roster import Brand
from storage.records.takedowns import Takedown

NOTICE_CARD = "notice_card"

_TABLES = SQLModel.metadata.tables
_BRAND = _TABLES[str(Brand.__tablename__)]
_CHANNEL = _TABLES[str(ChannelBinding.__tablename__)]
_DRAWN = _TABLES[str(DrawnMessage.__tablename__)]
_LISTING = _TABLES[str(Listing.__tablename__)]
_NOTICE = _TABLES[str(Notice.__tablename__)]
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)]
_TAKEDOWN = _TABLES[str(Takedown.__tablename__)]
_VERDICT = _TABLES[str(Verdict.__tablename__)]


def notices(
    session: Session, wanted: Wanted, which: NoticeFilter, since: datetime, *, limit: int, offset: int = 0
) -> tuple[int, list[NoticeLine]]:
    """How many notices there are, and a page of them: open ones as they fall due, others newest first.

    `since` bounds those that were decided.
    """
    statement = _notices(wanted, func.count().over().label("total")).limit(limit).offset(offset)
    match which:
        case NoticeFilter.DECIDED:
            statement = statement.where(_NOTICE.c.decided_at >= since).order_by(
                _NOTICE.c.decided_at.desc(), _NOTICE.c.id
            )
        case NoticeFilter.ASKED:
            statement = statement.where(_NOTICE.c.state == NoticeState.CLARIFICATION_REQUIRED)
        case NoticeFilter.OPEN:
            statement = statement.where(_NOTICE.c.state.in_(UNDECIDED))
    if which is not NoticeFilter.DECIDED:
        statement = statement.order_by(
            case((_NOTICE.c.due_at.is_(None), 1), else_=0),
            _NOTICE.c.due_at,
            _NOTICE.c.submitted_at,
            _NOTICE.c.id,  # pages leave nothing out where several were filed at the same moment
        )
    rows = session.connection().execute(statement).all()
    return (rows[0].total if rows else 0), [_line(row) for row in rows]


def seconds(session: Session, wanted: Wanted, person_id: str, *, limit: int) -> list[NoticeLine]:
    """Counterfeit notices that start nothing until somebody else than their submitter agrees."""
    statement = (
        _notices(wanted)
        .where(
            _NOTICE.c.state.in_(UNDECIDED),
            _NOTICE.c.second_ground.is_not(None),
            _NOTICE.c.immediate.is_(False),
            _NOTICE.c.submitter_id != person_id,
        )
        .order_by(_NOTICE.c.submitted_at)
        .limit(limit)
    )
    return [_line(row) for row in session.connection().execute(statement)]


def happened(session: Session, wanted: Wanted, since: datetime, *, limit: int) -> list[Happened]:
    """What happened since a moment, the newest first: decisions, removals, answers."""
    found = [
        *_decided(session, wanted, since, limit),
        *_removed(session, wanted, since, limit),
        *_answered(session, wanted, since, limit),
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)[:limit]


def expiring(session: Session, holder_ids: Collection[str], until: date, *, limit: int) -> list[Right]:
    """Confirmed rights that end up to a day, or have ended and were not renewed; the first to end first."""
    return list(
        session.exec(
            select_model(Right)
            .where(
                col(Right.holder_id).in_(holder_ids),
                col(Right.expires_on) <= until,
                col(Right.confirmed_at).is_not(None),
            )
            .order_by(col(Right.expires_on), col(Right.id))
            .limit(limit)
        ).all()
    )


def censures(session: Session, person_id: str, led: Sequence[str], *, limit: int) -> list[Censure]:
    """Warnings and suspensions of this person, or of a rights holder that they lead, not answered yet."""
    concerns = col(Censure.person_id) == person_id
    if led:
        concerns = or_(concerns, col(Censure.person_id).is_(None) & col(Censure.holder_id).in_(led))
    return list(
        session.exec(
            select_model(Censure)
            .where(
                concerns,
                col(Censure.state).in_((CensureState.PROPOSED, CensureState.IN_FORCE)),
                col(Censure.answered_at).is_(None),
            )
            .order_by(col(Censure.proposed_at).desc())
            .limit(limit)
        ).all()
    )


def _notices(wanted: Wanted, *more: ColumnElement[Any]) -> Select[Any]:
    return (
        select(
            _NOTICE.c.id,
            _NOTICE.c.reference,
            _NOTICE.c.state,
            _NOTICE.c.submitted_at,
            _NOTICE.c.decided_at,
            _NOTICE.c.due_at,
            _NOTICE.c.complaint_url,
            _BRAND.c.name.label("brand"),
            *place_columns(),
            *more,
        )
        .join(_BRAND, _BRAND.c.id == _NOTICE.c.brand_id)
        .outerjoin(_CHANNEL, channel_of_brand(_NOTICE.c.brand_id))
        .outerjoin(_DRAWN, drawn(NOTICE_CARD, _NOTICE.c.id, _CHANNEL.c.channel_id))
        .where(*_of(_NOTICE, wanted))
    )


def _line(row: Any) -> NoticeLine:
    return NoticeLine(
        row.id,
        row.reference,
        row.brand,
        row.state,
        row.decided_at or row.submitted_at,
        row.due_at,
        row.complaint_url,
        place_of(row),
    )


def _decided(session: Session, wanted: Wanted, since: datetime, limit: int) -> list[Happened]:
    lines = notices(session, wanted, NoticeFilter.DECIDED, since, limit=limit)[1]
    return [
        Happened(Happening.DECIDED, line.at, line.brand, line.reference, line.state.value, line.place)
        for line in lines
    ]


def _removed(session: Session, wanted: Wanted, since: datetime, limit: int) -> list[Happened]:
    statement = (
        select(_TAKEDOWN.c.removed_at, _BRAND.c.name.label("brand"), _LISTING.c.title, _LISTING.c.url)
        .join(_BRAND, _BRAND.c.id == _TAKEDOWN.c.brand_id)
        .join(_LISTING, _LISTING.c.id == _TAKEDOWN.c.listing_id)
        .where(_TAKEDOWN.c.removed_at >= since, _TAKEDOWN.c.brand_id.in_(wanted.brand_ids))
        .order_by(_TAKEDOWN.c.removed_at.desc())
        .limit(limit)
    )
    return [
        Happened(Happening.REMOVED, row.removed_at, row.brand, row.title, row.url, Place("", ""))
        for row in session.connection().execute(statement)
    ]


def _answered(session: Session, wanted: Wanted, since: datetime, limit: int) -> list[Happened]:
    statement = (
        select(
            _VERDICT.c.at,
            _VERDICT.c.answer,
            _BRAND.c.name.label("brand"),
            _LISTING.c.title,
            _LISTING.c.url,
            *place_columns(),
        )
        .join(_REQUEST, _REQUEST.c.id == _VERDICT.c.request_id)
        .join(_BRAND, _BRAND.c.id == _REQUEST.c.brand_id)
        .join(_LISTING, _LISTING.c.id == _REQUEST.c.listing_id)
        .outerjoin(_CHANNEL, channel_of_brand(_REQUEST.c.brand_id))
        .outerjoin(_DRAWN, drawn(REQUEST_CARD, _REQUEST.c.id, _CHANNEL.c.channel_id))
        .where(_VERDICT.c.at >= since, _VERDICT.c.holder_id.in_(wanted.holder_ids))
        .order_by(_VERDICT.c.at.desc())
        .limit(limit)
    )
    if wanted.one_brand:
        statement = statement.where(_REQUEST.c.brand_id.in_(wanted.brand_ids))
    return [
        Happened(Happening.ANSWERED, row.at, row.brand, row.title or row.url, row.answer.value, place_of(row))
        for row in session.connection().execute(statement)
    ]


def _of(table: Table, wanted: Wanted) -> list[ColumnElement[bool]]:
    brand = [table.c.brand_id.in_(wanted.brand_ids)] if wanted.one_brand else []
    return [table.c.holder_id.in_(wanted.holder_ids), *brand]
