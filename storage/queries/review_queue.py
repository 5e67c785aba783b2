"""The review queue: which open request is next for a person, who has which before them, what stands beside.

Two people never get the same one: the request is locked while it is chosen, and its claim has one row. A
claim lapses by the database's own clock.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, func, literal_column, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from storage.moments import DatabaseNow, LeaseEnd
from storage.prepared import at_most
from storage.records.authenticity import Answer, AuthenticityRequest, RequestState, Retraction, Verdict
from storage.records.knowledge import RequestLine
from storage.records.listings import Listing
from storage.records.product_lines import LineExpert
from storage.records.review_queue import ReviewClaim, ReviewSkip
from storage.records.roster import Brand

REVIEW_SECONDS = 300
_TRIES = 8  # whoever loses so many races in a row looks again later

_TABLES = SQLModel.metadata.tables
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)]
_VERDICT = _TABLES[str(Verdict.__tablename__)]
_RETRACTION = _TABLES[str(Retraction.__tablename__)]
_BRAND = _TABLES[str(Brand.__tablename__)]
_LISTING = _TABLES[str(Listing.__tablename__)]
_LINE = _TABLES[str(RequestLine.__tablename__)]
_EXPERT = _TABLES[str(LineExpert.__tablename__)]
_CLAIM = _TABLES[str(ReviewClaim.__tablename__)]
_SKIP = _TABLES[str(ReviewSkip.__tablename__)]


class ReviewEnd(LeaseEnd):
    """`REVIEW_SECONDS` after the moment at which the statement runs."""

    inherit_cache = True
    seconds = REVIEW_SECONDS


_PERSON: ColumnElement[str] = bindparam("person")
_HOLDERS: Any = bindparam("holders", expanding=True)
_OPEN = and_(
    _REQUEST.c.brand_id.in_(select(_BRAND.c.id).where(_BRAND.c.holder_id.in_(_HOLDERS))),
    _REQUEST.c.state == literal_column(f"'{RequestState.OPEN.value}'"),
)
_FREE = or_(_CLAIM.c.request_id.is_(None), _CLAIM.c.until < DatabaseNow(), _CLAIM.c.person_id == _PERSON)
_SEEN = _REQUEST.outerjoin(_CLAIM, _CLAIM.c.request_id == _REQUEST.c.id).outerjoin(
    _SKIP, and_(_SKIP.c.request_id == _REQUEST.c.id, _SKIP.c.person_id == _PERSON)
)
_KNOWN_TO = and_(
    _EXPERT.c.line_id == _LINE.c.line_id, _EXPERT.c.person_id == _PERSON, _EXPERT.c.until.is_(None)
)
_BAND = case(
    (_REQUEST.c.deadline <= bindparam("soon", type_=_REQUEST.c.deadline.type), 0),
    (_EXPERT.c.id.is_not(None), 1),
    else_=2,
)
_NEXT = (
    select(_REQUEST.c.id)
    .select_from(_SEEN.outerjoin(_LINE, _LINE.c.request_id == _REQUEST.c.id).outerjoin(_EXPERT, _KNOWN_TO))
    .where(_OPEN, _FREE)
    .order_by(
        case((_SKIP.c.at.is_(None), 0), else_=1),
        _SKIP.c.at,
        _BAND,
        case((_REQUEST.c.deadline.is_(None), 1), else_=0),
        _REQUEST.c.deadline,
        _REQUEST.c.created_at,
        _REQUEST.c.id,
    )
    .limit(1)
    .with_for_update(of=_REQUEST, skip_locked=True)
)
_COUNTS = (
    select(
        func.coalesce(func.sum(case((_FREE, 1), else_=0)), 0).label("free"),
        func.coalesce(func.sum(case((and_(_FREE, _SKIP.c.at.is_not(None)), 1), else_=0)), 0).label("skipped"),
        func.count().label("all"),
    )
    .select_from(_SEEN)
    .where(_OPEN)
)
_TAKE: Mapping[str, Any] = {
    name: dialect.insert(_CLAIM)
    .values(request_id=bindparam("request"), person_id=bindparam("person"), until=ReviewEnd())
    .on_conflict_do_update(
        index_elements=["request_id"],
        set_={"person_id": bindparam("person"), "until": ReviewEnd()},
        where=or_(_CLAIM.c.until < DatabaseNow(), _CLAIM.c.person_id == bindparam("person")),
    )
    .returning(_CLAIM.c.request_id)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_LET_GO = delete(_CLAIM).where(_CLAIM.c.person_id == _PERSON)
_HELD = select(_CLAIM.c.request_id).where(_CLAIM.c.person_id == _PERSON)
_PUT_OFF: Mapping[str, Any] = {
    name: dialect.insert(_SKIP)
    .values(
        person_id=bindparam("person"),
        request_id=bindparam("request"),
        at=bindparam("now", type_=_SKIP.c.at.type),
    )
    .on_conflict_do_update(
        index_elements=["person_id", "request_id"], set_={"at": bindparam("now", type_=_SKIP.c.at.type)}
    )
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_FORGET_SKIPS = delete(_SKIP).where(_SKIP.c.person_id == _PERSON)
_IN_ITS_ROUND = and_(_VERDICT.c.request_id == _REQUEST.c.id, _VERDICT.c.round == _REQUEST.c.round)
_STANDS = ~select(_RETRACTION.c.id).where(_RETRACTION.c.verdict_id == _VERDICT.c.id).exists()
# The newest first and then what is of the brand: a long history of a sister brand is not searched through.
_LATEST = (
    select(_VERDICT)
    .where(
        _VERDICT.c.holder_id == bindparam("holder"),
        _VERDICT.c.answer == literal_column(f"'{Answer.GENUINE.value}'"),
    )
    .order_by(_VERDICT.c.at.desc())
    .limit(at_most("most"))
    .subquery()
)
_GENUINE = (
    select(_LISTING.c.id, _LISTING.c.amount, _LINE.c.line_id)
    .select_from(
        _LATEST.join(
            _REQUEST, and_(_REQUEST.c.id == _LATEST.c.request_id, _REQUEST.c.round == _LATEST.c.round)
        )
        .join(_LISTING, _LISTING.c.id == _REQUEST.c.listing_id)
        .outerjoin(_LINE, _LINE.c.request_id == _REQUEST.c.id)
    )
    .where(
        _REQUEST.c.brand_id == bindparam("brand"),
        _LISTING.c.currency == bindparam("currency"),
        _LISTING.c.amount.is_not(None),
        ~select(_RETRACTION.c.id).where(_RETRACTION.c.verdict_id == _LATEST.c.id).exists(),
    )
)
_SAID_OF_SELLER = (
    select(_VERDICT.c.answer, func.count().label("number"))
    .select_from(_REQUEST.join(_VERDICT, _IN_ITS_ROUND))
    .where(
        _REQUEST.c.seller_id == bindparam("seller"),
        _REQUEST.c.holder_id == bindparam("holder"),
        _VERDICT.c.holder_id == bindparam("holder"),
        _STANDS,
    )
    .group_by(_VERDICT.c.answer)
)


def take_next(
    session: Session, person_id: str, holders: Collection[str], soon: datetime
) -> tuple[str | None, Any]:
    """Let go of what a person has before them and claim the next open request, or None.

    What is due by `soon` comes first, then the lines that the person knows, then the rest, each by deadline;
    what they put off comes last. The second part counts: `free` for them, of which `skipped`; `all` open.
    """
    connection = session.connection()
    given = {"person": person_id, "holders": list(holders)}
    connection.execute(_LET_GO, {"person": person_id})
    taken = None
    for _ in range(_TRIES):
        found = connection.execute(_NEXT, given | {"soon": soon}).scalar_one_or_none()
        if found is None or claim(session, person_id, found):
            taken = found
            break
    return taken, connection.execute(_COUNTS, given).one()


def counts(session: Session, person_id: str, holders: Collection[str]) -> Any:
    """The counts of `take_next`."""
    given = {"person": person_id, "holders": list(holders)}
    return session.connection().execute(_COUNTS, given).one()


def claim(session: Session, person_id: str, request_id: str) -> bool:
    """Have a request before oneself, or longer; False where somebody else has it."""
    connection = session.connection()
    given = {"person": person_id, "request": request_id}
    return connection.execute(_TAKE[connection.dialect.name], given).first() is not None


def let_go(session: Session, person_id: str) -> None:
    """Have nothing before oneself any more."""
    session.connection().execute(_LET_GO, {"person": person_id})


def held(session: Session, person_id: str) -> str | None:
    """The request that a person has before them."""
    found: str | None = session.connection().execute(_HELD, {"person": person_id}).scalar()
    return found


def put_off(session: Session, person_id: str, request_id: str, now: datetime) -> None:
    """Look at a request after all others of this run."""
    connection = session.connection()
    given = {"person": person_id, "request": request_id, "now": now}
    connection.execute(_PUT_OFF[connection.dialect.name], given)


def begin(session: Session, person_id: str) -> None:
    """A new run: nothing is put off."""
    session.connection().execute(_FORGET_SKIPS, {"person": person_id})


def genuine_prices(
    session: Session, holder_id: str, brand_id: str, currency: str, most: int
) -> Sequence[Any]:
    """(id, amount, line_id) of a brand's listings in one currency, out of so many that its holder's experts
    called genuine last.
    """
    given = {"holder": holder_id, "brand": brand_id, "currency": currency, "most": most}
    return session.connection().execute(_GENUINE, given).all()


def said_of_seller(session: Session, seller_id: str, holder_id: str) -> dict[Answer, int]:
    """How often a holder's experts gave each answer about a seller's listings, as far as it stands."""
    given = {"seller": seller_id, "holder": holder_id}
    return {row.answer: row.number for row in session.connection().execute(_SAID_OF_SELLER, given)}
