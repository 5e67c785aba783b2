"""The cases of one rights holder as rows of a table, page by page; of nobody else's a single value.

A page is found by where the last one ended, so that a long table costs the same for each of its rows.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, null, or_, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as rows_of

from storage.records.authenticity import Answer, AuthenticityRequest, Verdict
from storage.records.counter_notices import CounterNotice, CounterNoticeAnswer
from storage.records.exports import AggregateExport, Export, ExportSubject
from storage.records.listings import Listing, Seller
from storage.records.notices import ItemState, Notice, NoticeItem
from storage.records.roster import Brand, Person
from storage.records.takedowns import CauseKind, Takedown, TakedownCause, TakedownState

MOST_SELLERS = 10_000

_TABLES = SQLModel.metadata.tables
_ANSWER = _TABLES[str(CounterNoticeAnswer.__tablename__)]
_BRAND = _TABLES[str(Brand.__tablename__)]
_CAUSE = _TABLES[str(TakedownCause.__tablename__)]
_COUNTER = _TABLES[str(CounterNotice.__tablename__)]
_ITEM = _TABLES[str(NoticeItem.__tablename__)]
_LISTING = _TABLES[str(Listing.__tablename__)]
_NOTICE = _TABLES[str(Notice.__tablename__)]
_PERSON = _TABLES[str(Person.__tablename__)]
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)]
_SELLER = _TABLES[str(Seller.__tablename__)]
_TAKEDOWN = _TABLES[str(Takedown.__tablename__)]
_VERDICT = _TABLES[str(Verdict.__tablename__)]

# What the marketplace said of a takedown; what a rights holder said may be another one's words.
_SAID_BY_MARKETPLACE = (TakedownState.REMOVED, TakedownState.REFUSED, TakedownState.REINSTATED)
_ABOUT = (_LISTING.c.marketplace, _LISTING.c.title, _LISTING.c.url)


def _notices(holder_id: str) -> Select[Any]:
    return (
        select(
            _NOTICE.c.submitted_at.label("after_at"),
            _ITEM.c.id.label("after_id"),
            _NOTICE.c.submitted_at,
            _NOTICE.c.reference,
            _BRAND.c.name.label("brand"),
            *_ABOUT,
            _SELLER.c.name.label("seller"),
            _NOTICE.c.reason_code,
            _NOTICE.c.state,
            _NOTICE.c.state_reason,
            _ITEM.c.state.label("item_state"),
            _ITEM.c.reason.label("item_reason"),
            _NOTICE.c.complaint_number,
            _NOTICE.c.submitter_name,
            _NOTICE.c.due_at,
            _NOTICE.c.decided_at,
        )
        .select_from(
            _NOTICE.join(_ITEM, _ITEM.c.notice_id == _NOTICE.c.id)
            .join(_BRAND, _BRAND.c.id == _NOTICE.c.brand_id)
            .join(_LISTING, _LISTING.c.id == _ITEM.c.listing_id)
            .outerjoin(_SELLER, _SELLER.c.id == _LISTING.c.seller_id)
        )
        .where(_NOTICE.c.holder_id == holder_id)
    )


def _requests(holder_id: str) -> Select[Any]:
    answered = and_(
        _VERDICT.c.request_id == _REQUEST.c.id,
        _VERDICT.c.round == _REQUEST.c.round,
        _VERDICT.c.holder_id == holder_id,
    )
    return (
        select(
            _REQUEST.c.created_at.label("after_at"),
            _REQUEST.c.id.label("after_id"),
            _REQUEST.c.created_at,
            _REQUEST.c.external_id,
            _BRAND.c.name.label("brand"),
            *_ABOUT,
            _SELLER.c.name.label("seller"),
            _REQUEST.c.state,
            _REQUEST.c.deadline,
            _VERDICT.c.answer,
            _VERDICT.c.outcome,
            _VERDICT.c.late,
            _VERDICT.c.at.label("answered_at"),
            _PERSON.c.name.label("answered_by"),
        )
        .select_from(
            _REQUEST.join(_LISTING, _LISTING.c.id == _REQUEST.c.listing_id)
            .outerjoin(_BRAND, _BRAND.c.id == _REQUEST.c.brand_id)
            .outerjoin(_SELLER, _SELLER.c.id == _REQUEST.c.seller_id)
            .outerjoin(_VERDICT, answered)
            .outerjoin(_PERSON, _PERSON.c.id == _VERDICT.c.person_id)
        )
        .where(_REQUEST.c.holder_id == holder_id)
    )


def _takedowns(holder_id: str) -> Select[Any]:
    """By this holder's own first asking: when another company asked before is its own matter."""
    other = _CAUSE.alias("other")
    of_this = and_(other.c.takedown_id == _CAUSE.c.takedown_id, other.c.holder_id == holder_id)
    still = select(other.c.id).where(of_this, other.c.withdrawn_at.is_(None)).exists()
    before = or_(other.c.at < _CAUSE.c.at, and_(other.c.at == _CAUSE.c.at, other.c.id < _CAUSE.c.id))
    asked_before = select(other.c.id).where(of_this, before).exists()
    # Else another asked first: brand and reason are theirs.
    own = _TAKEDOWN.c.holder_id == holder_id
    said = _TAKEDOWN.c.state.in_(_SAID_BY_MARKETPLACE)
    return (
        select(
            _CAUSE.c.at.label("after_at"),
            _CAUSE.c.id.label("after_id"),
            _CAUSE.c.at.label("created_at"),
            case((own, _BRAND.c.name), else_=null()).label("brand"),
            *_ABOUT,
            _SELLER.c.name.label("seller"),
            case((own, _TAKEDOWN.c.reason_code), else_=null()).label("reason_code"),
            _TAKEDOWN.c.state,
            case((said, _TAKEDOWN.c.state_reason), else_=null()).label("state_reason"),
            _TAKEDOWN.c.reference,
            case((still, 1), else_=0).label("still_asked"),
            _TAKEDOWN.c.removed_at,
            _TAKEDOWN.c.changed_at,
        )
        .select_from(
            _CAUSE.join(_TAKEDOWN, _TAKEDOWN.c.id == _CAUSE.c.takedown_id)
            .join(_LISTING, _LISTING.c.id == _TAKEDOWN.c.listing_id)
            .join(_BRAND, _BRAND.c.id == _TAKEDOWN.c.brand_id)
            .outerjoin(_SELLER, _SELLER.c.id == _TAKEDOWN.c.seller_id)
        )
        .where(_CAUSE.c.holder_id == holder_id, ~asked_before)
    )


def _counter_notices(holder_id: str) -> Select[Any]:
    given = and_(_ANSWER.c.counter_notice_id == _COUNTER.c.id, _ANSWER.c.round == _COUNTER.c.round)
    return (
        select(
            _COUNTER.c.received_at.label("after_at"),
            _COUNTER.c.id.label("after_id"),
            _COUNTER.c.received_at,
            _COUNTER.c.external_id,
            _BRAND.c.name.label("brand"),
            *_ABOUT,
            _SELLER.c.name.label("seller"),
            _COUNTER.c.regime,
            _COUNTER.c.ground,
            _COUNTER.c.statement,
            _COUNTER.c.state,
            _COUNTER.c.state_reason,
            _COUNTER.c.decided_by,
            _COUNTER.c.due_at,
            _ANSWER.c.position.label("answer"),
            _ANSWER.c.code,
            _ANSWER.c.explanation,
            _COUNTER.c.decided_at,
            _COUNTER.c.reinstated_at,
        )
        .select_from(
            _COUNTER.join(_LISTING, _LISTING.c.id == _COUNTER.c.listing_id)
            .join(_BRAND, _BRAND.c.id == _COUNTER.c.brand_id)
            .outerjoin(_SELLER, _SELLER.c.id == _COUNTER.c.seller_id)
            .outerjoin(_ANSWER, given)
        )
        .where(_COUNTER.c.holder_id == holder_id)
    )


# By what each is ordered and its days are chosen; these two columns come first and are not shown.
_PAGED: Mapping[ExportSubject, tuple[Any, ColumnElement[Any], ColumnElement[Any]]] = {
    ExportSubject.NOTICES: (_notices, _NOTICE.c.submitted_at, _ITEM.c.id),
    ExportSubject.REQUESTS: (_requests, _REQUEST.c.created_at, _REQUEST.c.id),
    ExportSubject.TAKEDOWNS: (_takedowns, _CAUSE.c.at, _CAUSE.c.id),
    ExportSubject.COUNTER_NOTICES: (_counter_notices, _COUNTER.c.received_at, _COUNTER.c.id),
}
_SELLER_COLUMNS = ("marketplace", "seller_id", "seller", "listings", "fakes", "removed", "upheld", "last_at")
COLUMNS: Mapping[ExportSubject, tuple[str, ...]] = {
    **{
        subject: tuple(each.key for each in build("").selected_columns)[2:]
        for subject, (build, _, _) in _PAGED.items()
    },
    ExportSubject.SELLERS: _SELLER_COLUMNS,
}


def page(
    session: Session,
    subject: ExportSubject,
    holder_id: str,
    since: datetime,
    until: datetime,
    after: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[Any]:
    """The next rows of a table: `since` <= their moment < `until`, and `after` what was the last row."""
    build, at, key = _PAGED[subject]
    statement = build(holder_id).where(at >= since, at < until).order_by(at, key).limit(limit)
    if after is not None:
        statement = statement.where(at >= after[0], or_(at > after[0], key > after[1]))
    found: Sequence[Any] = session.connection().execute(statement).all()
    return found


def sellers(session: Session, holder_id: str, since: datetime, until: datetime) -> Sequence[Any]:
    """The sellers of a rights holder's own cases, and what these were; `MOST_SELLERS` at most."""

    def counted(seller: Any, at: Any, **ones: Any) -> Select[Any]:
        told = {name: ones.get(name, literal(0)) for name in ("listings", "fakes", "removed", "upheld")}
        columns = [value.label(name) for name, value in told.items()]
        return select(seller.label("seller_id"), *columns, at.label("at")).where(
            at >= since, at < until, seller.is_not(None)
        )

    one = literal(1)
    noticed = (
        counted(_LISTING.c.seller_id, _NOTICE.c.submitted_at, listings=one, removed=_by_decision())
        .select_from(
            _ITEM.join(_NOTICE, _NOTICE.c.id == _ITEM.c.notice_id).join(
                _LISTING, _LISTING.c.id == _ITEM.c.listing_id
            )
        )
        .where(_NOTICE.c.holder_id == holder_id)
    )
    answered = (
        counted(
            _REQUEST.c.seller_id,
            _VERDICT.c.at,
            listings=one,
            fakes=case((_VERDICT.c.answer == Answer.FAKE, 1), else_=0),
        )
        .select_from(_VERDICT.join(_REQUEST, _REQUEST.c.id == _VERDICT.c.request_id))
        .where(_VERDICT.c.holder_id == holder_id)
    )
    asked = (
        select(_CAUSE.c.id)
        .where(_CAUSE.c.takedown_id == _TAKEDOWN.c.id, _CAUSE.c.holder_id == holder_id)
        .exists()
    )
    removed = counted(_TAKEDOWN.c.seller_id, _TAKEDOWN.c.removed_at, removed=one).where(asked)
    upheld = counted(
        _COUNTER.c.seller_id,
        _COUNTER.c.decided_at,
        upheld=case((_COUNTER.c.state == "upheld", 1), else_=0),
    ).where(_COUNTER.c.holder_id == holder_id)
    cases = union_all(noticed, answered, removed, upheld).subquery()
    sums = [func.sum(cases.c[name]).label(name) for name in ("listings", "fakes", "removed", "upheld")]
    statement = (
        select(
            _SELLER.c.marketplace,
            _SELLER.c.external_id.label("seller_id"),
            _SELLER.c.name.label("seller"),
            *sums,
            func.max(cases.c.at).label("last_at"),
        )
        .join(cases, cases.c.seller_id == _SELLER.c.id)
        .group_by(_SELLER.c.id, _SELLER.c.marketplace, _SELLER.c.external_id, _SELLER.c.name)
        .order_by(sums[2].desc(), sums[0].desc(), _SELLER.c.id)
        .limit(MOST_SELLERS)
    )
    return session.connection().execute(statement).all()


def _by_decision() -> Any:
    """A listing that the marketplace removed on a notice, where no takedown counts it."""
    by_item = and_(_CAUSE.c.kind == CauseKind.NOTICE_ITEM, _CAUSE.c.subject_id == _ITEM.c.id)
    caused = select(_CAUSE.c.id).where(by_item).exists()
    return case((and_(_ITEM.c.state == ItemState.REMOVED, ~caused), 1), else_=0)


def claim_aggregates(session: Session, wanted: AggregateExport, *, given_up: datetime) -> bool:
    """Keep that a file of figures is wanted; False while another of the same is being made.

    One that was asked for before `given_up` and came to nothing makes room.
    """
    aggregates = _TABLES[str(AggregateExport.__tablename__)]
    same = and_(
        aggregates.c.person_id == wanted.person_id,
        aggregates.c.purpose == wanted.purpose,
        aggregates.c.scope_id == wanted.scope_id,
    )
    connection = session.connection()
    connection.execute(
        aggregates.delete().where(same, aggregates.c.made_at.is_(None), aggregates.c.at < given_up)
    )
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name]
    made = dialect.insert(aggregates).on_conflict_do_nothing().returning(aggregates.c.id)
    return connection.execute(made, [wanted.model_dump()]).first() is not None


def unmade(session: Session, person_id: str, since: datetime) -> int:
    """How many exports that a person asked for since then are still being made."""
    waiting = and_(col(Export.person_id) == person_id, col(Export.made_at).is_(None), col(Export.at) >= since)
    return session.exec(rows_of(func.count()).where(waiting)).one()
