"""Closed days counted again from the cases, and held against what is kept: the database says what differs.

What the cases say is added up, what is kept is taken away, cell by cell; a cell that comes to nothing agrees.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    String,
    bindparam,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlmodel import Session, SQLModel

from storage.prepared import Prepared, prepared
from storage.queries import digest_days, service_levels
from storage.queries.digest_days import NOBODY, Counts
from storage.records.digests import DigestDay
from storage.records.service_levels import EVERYBODY, NO_RIGHT, ServiceDay

_TABLES = SQLModel.metadata.tables
_SERVICE = _TABLES[str(ServiceDay.__tablename__)].c
_DIGEST = _TABLES[str(DigestDay.__tablename__)].c
_DAY: Any = bindparam("day", type_=Date)


def service_differs(session: Session, day: date, start: datetime, end: datetime) -> bool:
    """Whether a closed day, which is [start, end), is kept other than its notices say."""
    return _SERVICE_DIFFERS.first(session, {"day": day, "start": start, "end": end}) is not None


def digest_differences(session: Session, day: date, start: datetime, end: datetime) -> dict[str, Counts]:
    """By how much a closed day's counts are too small: the brands of which they are wrong."""
    rows = _DIGEST_DIFFERS.rows(session, {"day": day, "start": start, "end": end})
    return {brand_id: Counts(*map(int, numbers)) for brand_id, *numbers in rows}


def _differing(parts: Sequence[Any], keys: Sequence[str], numbers: Sequence[str]) -> Prepared:
    """The sums of these numbers by these keys, where one of them is not 0."""
    every = union_all(*parts).subquery().c
    by = [every[key] for key in keys]
    sums = {name: func.sum(every[name]) for name in numbers}
    named = [total.label(name) for name, total in sums.items()]
    return prepared(select(*by, *named).group_by(*by).having(or_(*(total != 0 for total in sums.values()))))


def _service() -> Prepared:
    numbers = ("due", "in_time", "rejected")
    said = service_levels.of_cases().subquery().c
    right_kind: ColumnElement[str] = func.coalesce(type_coerce(said.kind, String), NO_RIGHT)
    cases = select(
        said.brand_id, right_kind.label("right_kind"), said.lane, *(said[name] for name in numbers)
    )
    kept = select(
        _SERVICE.brand_id, _SERVICE.right_kind, _SERVICE.lane, *(-_SERVICE[name] for name in numbers)
    ).where(_SERVICE.day == _DAY, _SERVICE.brand_id != EVERYBODY)
    return _differing([cases, kept], ("brand_id", "right_kind", "lane"), numbers)


def _digest() -> Prepared:
    parts = []
    for statement in digest_days.OF_CASES:
        said = statement.subquery().c
        numbers = [said.get(name, literal(0, Integer)).label(name) for name in Counts._fields]
        parts.append(select(func.coalesce(said.brand_id, NOBODY).label("brand_id"), *numbers))
    kept = select(_DIGEST.brand_id, *(-_DIGEST[name] for name in Counts._fields)).where(_DIGEST.day == _DAY)
    return _differing([*parts, kept], ("brand_id",), Counts._fields)


_SERVICE_DIFFERS, _DIGEST_DIFFERS = _service(), _digest()
