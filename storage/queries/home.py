"""What one person's App Home shows, in few queries; the ids given to them are those the person may see."""

from collections.abc import Collection, Mapping
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from storage.records.authenticity import AuthenticityRequest, RequestState, SampleTodo, Verdict
from storage.records.calendars import Span
from storage.records.channels import ChannelBinding, ChannelPurpose, ChannelState
from storage.records.digests import DigestSubscription
from storage.records.group_seats import GroupApplication
from storage.records.groups import WorkingGroup
from storage.records.home import (
    Applied,
    Draft,
    GroupLine,
    HomeChoice,
    OpenRequest,
    Place,
    Portal,
    SilentChannel,
    Todo,
    Unrouted,
    Wanted,
)
from storage.records.listings import Listing
from storage.records.messages import DrawnMessage
from storage.records.notices import NoticeDraft
from storage.records.roster import Brand, RightsHolder

_DIALECTS: Mapping[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
REQUEST_CARD, UNROUTED_CARD = "request_card", "unrouted_card"

_TABLES = SQLModel.metadata.tables
_APPLICATION = _TABLES[str(GroupApplication.__tablename__)]
_BRAND = _TABLES[str(Brand.__tablename__)]
_CHANNEL = _TABLES[str(ChannelBinding.__tablename__)]
_CHOICE = _TABLES[str(HomeChoice.__tablename__)]
_DIGEST = _TABLES[str(DigestSubscription.__tablename__)]
_DRAFT = _TABLES[str(NoticeDraft.__tablename__)]
_DRAWN = _TABLES[str(DrawnMessage.__tablename__)]
_HOLDER = _TABLES[str(RightsHolder.__tablename__)]
_GROUP = _TABLES[str(WorkingGroup.__tablename__)]
_LISTING = _TABLES[str(Listing.__tablename__)]
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)]
_TODO = _TABLES[str(SampleTodo.__tablename__)]
_VERDICT = _TABLES[str(Verdict.__tablename__)]


def open_requests(
    session: Session, wanted: Wanted, person_id: str, *, limit: int, offset: int
) -> tuple[int, list[OpenRequest]]:
    """How many requests wait for an answer, and a page of them, the nearest deadline first."""
    statement = (
        select(
            _REQUEST.c.id,
            _BRAND.c.name.label("brand"),
            _LISTING.c.title,
            _REQUEST.c.deadline,
            _REQUEST.c.state,
            _VERDICT.c.person_id.label("answered_by"),
            *place_columns(),
            func.count().over().label("total"),
        )
        .join(_BRAND, _BRAND.c.id == _REQUEST.c.brand_id)
        .join(_LISTING, _LISTING.c.id == _REQUEST.c.listing_id)
        .outerjoin(
            _VERDICT,
            and_(_VERDICT.c.request_id == _REQUEST.c.id, _VERDICT.c.round == _REQUEST.c.round),
        )
        .outerjoin(_CHANNEL, channel_of_brand(_REQUEST.c.brand_id))
        .outerjoin(_DRAWN, drawn(REQUEST_CARD, _REQUEST.c.id, _CHANNEL.c.channel_id))
        .where(
            _REQUEST.c.brand_id.in_(wanted.brand_ids),
            _REQUEST.c.holder_id.in_(wanted.holder_ids),
            _REQUEST.c.state.in_((RequestState.OPEN, RequestState.AWAITING_CONFIRMATION)),
        )
        .order_by(
            case((_REQUEST.c.deadline.is_(None), 1), else_=0),
            _REQUEST.c.deadline,
            _REQUEST.c.created_at,
            _REQUEST.c.id,
        )
        .limit(limit)
        .offset(offset)
    )
    rows = session.connection().execute(statement).all()
    found = [
        OpenRequest(
            row.id,
            row.brand,
            row.title,
            row.deadline,
            row.state is RequestState.AWAITING_CONFIRMATION,
            row.answered_by == person_id,
            place_of(row),
        )
        for row in rows
    ]
    return (rows[0].total if rows else 0), found


def keep_choice(session: Session, choice: HomeChoice) -> None:
    """Remember what somebody looks at, in the place of what they looked at before."""
    values = choice.model_dump()
    statement = _insert(session, _CHOICE).values(**values)
    session.connection().execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=values))


def todos(
    session: Session, holder_ids: Collection[str], brand_ids: Collection[str], *, limit: int
) -> list[Todo]:
    """Samples that these rights holders' leads have still to get for these brands, oldest first."""
    statement = (
        select(_TODO.c.id, _BRAND.c.name.label("brand"), _LISTING.c.title, _TODO.c.created_at)
        .join(_REQUEST, _REQUEST.c.id == _TODO.c.request_id)
        .join(_LISTING, _LISTING.c.id == _REQUEST.c.listing_id)
        .join(_BRAND, _BRAND.c.id == _REQUEST.c.brand_id)
        .where(
            _TODO.c.holder_id.in_(holder_ids),
            _REQUEST.c.brand_id.in_(brand_ids),
            _TODO.c.done_at.is_(None),
        )
        .order_by(_TODO.c.created_at)
        .limit(limit)
    )
    rows = session.connection().execute(statement).all()
    return [Todo(row.id, row.brand, row.title, row.created_at) for row in rows]


def portals(session: Session, holder_ids: Collection[str]) -> list[Portal]:
    """What somebody can choose among: these rights holders, each followed by its brands if it has several."""
    rows = session.connection().execute(
        select(_HOLDER.c.id, _HOLDER.c.name, _BRAND.c.id.label("brand_id"), _BRAND.c.name.label("brand"))
        .outerjoin(_BRAND, _BRAND.c.holder_id == _HOLDER.c.id)
        .where(_HOLDER.c.id.in_(holder_ids))
        .order_by(_HOLDER.c.name_key, _BRAND.c.name_key)
    )
    found: list[Portal] = []
    for holder_id, of_holder in groupby(rows, key=lambda row: row.id):
        brands = list(of_holder)
        ids = tuple(row.brand_id for row in brands if row.brand_id)
        found.append(Portal(holder_id, brands[0].name, holder_id, ids))
        if len(ids) > 1:
            found += [Portal(row.brand_id, row.brand, holder_id, (row.brand_id,)) for row in brands]
    return found


def drafts(session: Session, person_id: str, *, limit: int) -> list[Draft]:
    """A person's drafts, the newest first."""
    statement = (
        select(_DRAFT.c.id, _DRAFT.c.body, _DRAFT.c.changed_at)
        .where(_DRAFT.c.person_id == person_id)
        .order_by(_DRAFT.c.changed_at.desc())
        .limit(limit)
    )
    rows = session.connection().execute(statement).all()
    return [Draft(row.id, _links(row.body), row.changed_at) for row in rows]


def unrouted(session: Session, *, limit: int, offset: int) -> tuple[int, list[Unrouted]]:
    """How many requests have no brand or no channel, and a page of them, oldest first."""
    statement = (
        select(
            _REQUEST.c.id,
            _REQUEST.c.brand_named,
            _LISTING.c.title,
            _REQUEST.c.created_at,
            *place_columns(),
            func.count().over().label("total"),
        )
        .join(_LISTING, _LISTING.c.id == _REQUEST.c.listing_id)
        .outerjoin(
            _CHANNEL,
            and_(
                _CHANNEL.c.purpose == ChannelPurpose.PLATFORM,
                _CHANNEL.c.unbound_at.is_(None),
            ),
        )
        .outerjoin(_DRAWN, drawn(UNROUTED_CARD, _REQUEST.c.id, _CHANNEL.c.channel_id))
        .where(_REQUEST.c.state == RequestState.UNROUTED)
        .order_by(_REQUEST.c.created_at, _REQUEST.c.id)
        .limit(limit)
        .offset(offset)
    )
    rows = session.connection().execute(statement).all()
    found = [Unrouted(row.id, row.brand_named, row.title, row.created_at, place_of(row)) for row in rows]
    return (rows[0].total if rows else 0), found


def silent_channels(session: Session, holder_ids: Collection[str] | None) -> list[SilentChannel]:
    """Bound channels in which nothing is posted now: of these rights holders, or of everybody."""
    silent = (ChannelState.PAUSED, ChannelState.BROKEN)
    statement = (
        select(_CHANNEL.c.id, _CHANNEL.c.channel_id, _CHANNEL.c.state)
        .where(_CHANNEL.c.unbound_at.is_(None), _CHANNEL.c.state.in_(silent))
        .order_by(_CHANNEL.c.bound_at)
    )
    if holder_ids is not None:
        of_brands = select(_BRAND.c.id).where(_BRAND.c.holder_id.in_(holder_ids))
        statement = statement.where(
            or_(_CHANNEL.c.scope_id.in_(of_brands), _CHANNEL.c.scope_id.in_(holder_ids))
        )
    rows = session.connection().execute(statement).all()
    return [SilentChannel(row.id, row.channel_id, row.state) for row in rows]


def groups_of(session: Session, group_ids: Collection[str]) -> list[GroupLine]:
    """Some groups with their channels and the hours of their daily digests, by name."""
    statement = (
        select(
            _GROUP.c.id,
            _GROUP.c.name,
            _CHANNEL.c.channel_id,
            _DIGEST.c.hour,
            _DIGEST.c.minute,
            _DIGEST.c.zone,
        )
        .outerjoin(
            _CHANNEL,
            and_(
                _CHANNEL.c.scope_id == _GROUP.c.id,
                _CHANNEL.c.purpose == ChannelPurpose.GROUP,
                _CHANNEL.c.unbound_at.is_(None),
            ),
        )
        .outerjoin(_DIGEST, and_(_DIGEST.c.channel_id == _CHANNEL.c.channel_id, _DIGEST.c.span == Span.DAY))
        .where(_GROUP.c.id.in_(group_ids))
        .order_by(_GROUP.c.name_key)
    )
    rows = session.connection().execute(statement).all()
    return [
        GroupLine(row.id, row.name, row.channel_id or "", row.hour, row.minute or 0, row.zone or "")
        for row in rows
    ]


def applications(session: Session, group_ids: Collection[str]) -> list[Applied]:
    """The groups among these that somebody asks to join or to leave, by name."""
    statement = (
        select(_GROUP.c.id, _GROUP.c.name, func.count().label("number"))
        .join(_APPLICATION, _APPLICATION.c.group_id == _GROUP.c.id)
        .where(_GROUP.c.id.in_(group_ids), _APPLICATION.c.decided_at.is_(None))
        .group_by(_GROUP.c.id, _GROUP.c.name, _GROUP.c.name_key)
        .order_by(_GROUP.c.name_key)
    )
    return [Applied(row.id, row.name, row.number) for row in session.connection().execute(statement)]


def place_columns() -> tuple[ColumnElement[Any], ...]:
    """Where a card is, in a select that joins `drawn`."""
    return _DRAWN.c.channel_id.label("card_channel"), _DRAWN.c.ts.label("card_ts")


def place_of(row: Any) -> Place:
    """The place in a row with `place_columns`."""
    return Place(row.card_channel or "", row.card_ts or "")


def channel_of_brand(brand_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Joins the channel that a brand has now."""
    return and_(
        _CHANNEL.c.scope_id == brand_id,
        _CHANNEL.c.purpose == ChannelPurpose.BRAND,
        _CHANNEL.c.unbound_at.is_(None),
    )


def drawn(kind: str, subject_id: ColumnElement[Any], place: ColumnElement[Any]) -> ColumnElement[bool]:
    """Joins the message that shows a row in a place."""
    return and_(
        _DRAWN.c.kind == kind,
        _DRAWN.c.subject_id == subject_id,
        _DRAWN.c.place == place,
    )


def _links(body: Mapping[str, Any]) -> int:
    """How many lines of links a draft has."""
    texts = body.get("form", {}).get("links", [])
    return sum(bool(line.strip()) for text in texts for line in text.splitlines())


def _insert(session: Session, table: Any) -> Any:
    return _DIALECTS[session.connection().dialect.name].insert(table)
