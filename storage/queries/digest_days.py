"""What happened to every brand's cases: counted from the cases themselves, or kept of days that are over.

A count is of all brands at once, so that seven hundred digests of one morning share it. Each is one grouped
query over the index on its moment: it costs what its days hold. A closed day costs one row a brand, a closed
month as well.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, insert, select
from sqlmodel import Session, SQLModel

from storage.prepared import Prepared, prepared
from storage.queries.group_days import SellerKey
from storage.records.authenticity import Answer, AuthenticityRequest, Verdict
from storage.records.digests import DigestDay, DigestMonth
from storage.records.listings import Seller
from storage.records.notices import Notice
from storage.records.platform import PlatformClient
from storage.records.roster import Brand
from storage.records.sellers import Relisting
from storage.records.takedowns import Takedown

_TABLES = SQLModel.metadata.tables
_NOTICE = _TABLES[str(Notice.__tablename__)].c
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)].c
_VERDICT = _TABLES[str(Verdict.__tablename__)].c
_TAKEDOWN = _TABLES[str(Takedown.__tablename__)].c
_RELISTING = _TABLES[str(Relisting.__tablename__)].c
_SELLER = _TABLES[str(Seller.__tablename__)].c
_CLIENT = _TABLES[str(PlatformClient.__tablename__)].c
_BRAND = _TABLES[str(Brand.__tablename__)].c
_DAY = _TABLES[str(DigestDay.__tablename__)]
_MONTH = _TABLES[str(DigestMonth.__tablename__)]

NOBODY = ""  # the brand of a request that has none, and of an answer to one that was passed on


class Counts(NamedTuple):
    """One brand's cases of some days, each counted on the day of its own moment."""

    notices: int = 0
    requests: int = 0
    fake: int = 0
    genuine: int = 0
    other: int = 0
    takedowns: int = 0
    removed: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(*map(sum, zip(self, other, strict=True)))


ByBrand = Mapping[str, Counts]


class Repeated(NamedTuple):
    """A seller against whom a brand had several takedowns."""

    brand_id: str
    name: str
    marketplace: str
    cases: int


class Reasoned(NamedTuple):
    """How often a brand took down for one reason, now and before."""

    brand_id: str
    code: str
    now: int
    before: int


class Newcomer(NamedTuple):
    """A seller of whom a rights holder had takedowns, and none before."""

    brand_id: str
    seller: SellerKey
    cases: int
    to_all: bool  # nobody else had one before either


def _number(name: str, brand: ColumnElement[Any], at: ColumnElement[Any]) -> Select[Any]:
    number = func.count().label(name)
    return select(brand.label("brand_id"), number).where(at >= _START, at < _END).group_by(brand)


def _answers() -> Select[Any]:
    fake, genuine = _VERDICT.answer == Answer.FAKE, _VERDICT.answer == Answer.GENUINE
    # An answer belongs to the brand that is asked now, unless that is another company's.
    whose = case((_REQUEST.holder_id == _VERDICT.holder_id, _REQUEST.brand_id), else_=None)
    return (
        select(
            whose.label("brand_id"),
            func.sum(case((fake, 1), else_=0)).label("fake"),
            func.sum(case((genuine, 1), else_=0)).label("genuine"),
            func.sum(case((fake | genuine, 0), else_=1)).label("other"),
        )
        .join(_REQUEST.id.table, _REQUEST.id == _VERDICT.request_id)
        .where(_VERDICT.at >= _START, _VERDICT.at < _END)
        .group_by(whose)
    )


def _summed(table: Any, of: ColumnElement[Any]) -> Prepared:
    sums = [func.sum(table.c[name]).label(name) for name in Counts._fields]
    within = (of >= bindparam("first"), of <= bindparam("last"))
    return prepared(select(table.c.brand_id, *sums).where(*within).group_by(table.c.brand_id))


_START: Any = bindparam("start")
_END: Any = bindparam("end")
# The cases of [start, end) by brand; together these statements give each number of `Counts` once.
OF_CASES: Sequence[Select[Any]] = (
    _number("notices", _NOTICE.brand_id, _NOTICE.submitted_at),
    _number("requests", _REQUEST.brand_id, _REQUEST.created_at),
    _answers(),
    _number("takedowns", _TAKEDOWN.brand_id, _TAKEDOWN.created_at),
    _number("removed", _TAKEDOWN.brand_id, _TAKEDOWN.removed_at),
)
_COUNTED = [prepared(statement) for statement in OF_CASES]
_DAYS, _MONTHS = _summed(_DAY, _DAY.c.day), _summed(_MONTH, _MONTH.c.month)


def added(counts: Collection[Counts]) -> Counts:
    """All of them together."""
    return Counts(*map(sum, zip(*counts, strict=True))) if counts else Counts()


def together(*parts: ByBrand) -> dict[str, Counts]:
    """The counts of several stretches, brand by brand."""
    found: dict[str, Counts] = {}
    for part in parts:
        for brand_id, counts in part.items():
            found[brand_id] = found.get(brand_id, Counts()).plus(counts)
    return found


def counted(session: Session, start: datetime, end: datetime) -> dict[str, Counts]:
    """What happened in [start, end), brand by brand, counted one by one."""
    found: dict[str, dict[str, int]] = {}
    for statement in _COUNTED:
        for row in statement.rows(session, {"start": start, "end": end}):
            counts = row._asdict()
            found.setdefault(counts.pop("brand_id") or NOBODY, {}).update(counts)
    return {brand_id: Counts(**counts) for brand_id, counts in found.items()}


def days(session: Session, first: date, last: date) -> dict[str, Counts]:
    """The closed days of [first, last], brand by brand."""
    return _kept(session, _DAYS, first, last)


def days_of(session: Session, first: date, last: date, brand_ids: Collection[str] | None) -> Counts:
    """The closed days of [first, last] of these brands together, or of all."""
    sums = [func.coalesce(func.sum(_DAY.c[name]), 0) for name in Counts._fields]
    statement = select(*sums).where(_DAY.c.day >= first, _DAY.c.day <= last)
    if brand_ids is not None:
        statement = statement.where(_DAY.c.brand_id.in_(brand_ids))
    return Counts(*map(int, session.connection().execute(statement).one()))


def months(session: Session, first: date, last: date) -> dict[str, Counts]:
    """The closed months that begin in [first, last], brand by brand."""
    return _kept(session, _MONTHS, first, last)


def keep(session: Session, day: date, counts: ByBrand) -> None:
    """Keep a day that is over."""
    if counts:
        rows = [{"day": day, "brand_id": brand_id, **each._asdict()} for brand_id, each in counts.items()]
        session.connection().execute(insert(_DAY), rows)


def correct(session: Session, day: date, counts: ByBrand) -> None:
    """Put other counts in the place of a day's."""
    session.connection().execute(_DAY.delete().where(_DAY.c.day == day))
    keep(session, day, counts)


def add_up(session: Session, first: date, last: date) -> None:
    """Keep the month of these days as the sum of them, in place of what was kept."""
    session.connection().execute(_MONTH.delete().where(_MONTH.c.month == first))
    rows = [
        {"month": first, "brand_id": brand_id, **counts._asdict()}
        for brand_id, counts in days(session, first, last).items()
    ]
    if rows:
        session.connection().execute(insert(_MONTH), rows)


def relisted(session: Session, start: datetime, end: datetime) -> dict[str, int]:
    """Rights holder -> listings that came back in [start, end) after a removal of theirs."""
    statement = (
        select(_RELISTING.holder_id, func.count(_RELISTING.listing_id.distinct()))
        .where(_within(_RELISTING.found_at, start, end))
        .group_by(_RELISTING.holder_id)
    )
    return {row[0]: row[1] for row in session.connection().execute(statement)}


def repeated(
    session: Session, since: datetime, start: datetime, end: datetime, *, fewest: int
) -> list[Repeated]:
    """Sellers with so many takedowns of one brand in [since, end), one of them after `start`; most first."""
    cases, last = func.count().label("cases"), func.max(_TAKEDOWN.created_at)
    counted_ = (
        select(_TAKEDOWN.brand_id, _TAKEDOWN.seller_id, _TAKEDOWN.client_id, cases)
        .where(_within(_TAKEDOWN.created_at, since, end), _TAKEDOWN.seller_id.is_not(None))
        .group_by(_TAKEDOWN.brand_id, _TAKEDOWN.seller_id, _TAKEDOWN.client_id)
        .having(cases >= fewest, last >= start)
        .cte("counted")
        .c
    )
    statement = (
        select(counted_.brand_id, _SELLER.name, _CLIENT.name, counted_.cases)
        .join(_SELLER.id.table, _SELLER.id == counted_.seller_id)
        .join(_CLIENT.id.table, _CLIENT.id == counted_.client_id)
        .order_by(counted_.cases.desc(), _SELLER.name, _SELLER.id)
    )
    return [Repeated(*row) for row in session.connection().execute(statement)]


def reasons(session: Session, since: datetime, start: datetime, end: datetime) -> list[Reasoned]:
    """How often each brand took down for each reason in [start, end), and in [since, start) before."""
    now = case((_TAKEDOWN.created_at >= start, 1), else_=0)
    statement = (
        select(_TAKEDOWN.brand_id, _TAKEDOWN.reason_code, func.sum(now), func.sum(1 - now))
        .where(_within(_TAKEDOWN.created_at, since, end))
        .group_by(_TAKEDOWN.brand_id, _TAKEDOWN.reason_code)
        .having(func.sum(now) > 0)
    )
    return [Reasoned(*row) for row in session.connection().execute(statement)]


def newcomers(session: Session, start: datetime, end: datetime) -> list[Newcomer]:
    """Sellers with takedowns in [start, end) of a rights holder that had none of theirs before."""
    counted_ = (
        select(
            _TAKEDOWN.brand_id, _TAKEDOWN.holder_id, _TAKEDOWN.seller_id, _TAKEDOWN.client_id,
            func.count().label("cases"),
        )
        .where(_within(_TAKEDOWN.created_at, start, end), _TAKEDOWN.seller_id.is_not(None))
        .group_by(_TAKEDOWN.brand_id, _TAKEDOWN.holder_id, _TAKEDOWN.seller_id, _TAKEDOWN.client_id)
        .cte("counted")
        .c
    )  # fmt: skip
    old = _TAKEDOWN.id.table.alias("old").c
    # One look into the index for each: a join could be made by walking all that ever was.
    earlier = select(old.id).where(old.seller_id == counted_.seller_id, old.created_at < start).limit(1)
    own = earlier.where(old.holder_id == counted_.holder_id).scalar_subquery()
    statement = (
        select(
            counted_.brand_id, _SELLER.name, _CLIENT.name, _SELLER.id, counted_.cases,
            earlier.scalar_subquery().is_(None),
        )
        .join(_SELLER.id.table, _SELLER.id == counted_.seller_id)
        .join(_CLIENT.id.table, _CLIENT.id == counted_.client_id)
        .where(own.is_(None))
    )  # fmt: skip
    return [
        Newcomer(brand_id, SellerKey(name, marketplace, seller_id), cases, bool(to_all))
        for brand_id, name, marketplace, seller_id, cases, to_all in session.connection().execute(statement)
    ]


def _within(at: ColumnElement[Any], start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(at >= start, at < end)


def _kept(session: Session, statement: Prepared, first: date, last: date) -> dict[str, Counts]:
    rows = statement.rows(session, {"first": first, "last": last})
    return {brand_id: Counts(*map(int, numbers)) for brand_id, *numbers in rows}
