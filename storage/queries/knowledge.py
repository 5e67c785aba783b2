"""Product knowledge: the version that counts, those before it, and of which line a request is."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from storage.records.authenticity import AuthenticityRequest
from storage.records.knowledge import (
    KnowledgePicture,
    KnowledgeSheet,
    KnowledgeVersion,
    LineState,
    ProductKnowledge,
    RequestLine,
    ShownPicture,
)
from storage.records.product_lines import ProductLine
from storage.records.roster import Brand, Person

_TABLES = SQLModel.metadata.tables
_KNOWN = _TABLES[str(ProductKnowledge.__tablename__)]
_PICTURE = _TABLES[str(KnowledgePicture.__tablename__)]
_OF_REQUEST = _TABLES[str(RequestLine.__tablename__)]
_LINE = _TABLES[str(ProductLine.__tablename__)]
_BRAND = _TABLES[str(Brand.__tablename__)]
_PERSON = _TABLES[str(Person.__tablename__)]
_REQUEST = _TABLES[str(AuthenticityRequest.__tablename__)]

_LATER = _KNOWN.alias("later")
_LATEST = select(func.max(_LATER.c.version)).where(_LATER.c.line_id == _LINE.c.id).scalar_subquery()
_WITH_LATEST = (
    _LINE.join(_BRAND, _BRAND.c.id == _LINE.c.brand_id)
    .outerjoin(_KNOWN, and_(_KNOWN.c.line_id == _LINE.c.id, _KNOWN.c.version == _LATEST))
    .outerjoin(_PERSON, _PERSON.c.id == _KNOWN.c.person_id)
)
_COLUMNS = (
    _LINE.c.id.label("line_id"),
    _LINE.c.name.label("line"),
    _LINE.c.ended_at,
    _BRAND.c.id.label("brand_id"),
    _BRAND.c.name.label("brand"),
    _BRAND.c.holder_id,
    _KNOWN.c.version,
    _KNOWN.c.text,
    _KNOWN.c.points,
    _KNOWN.c.pictures,
    _KNOWN.c.person_id,
    _KNOWN.c.at,
    _PERSON.c.user_id,
)
_BY_LINE = select(*_COLUMNS).select_from(_WITH_LATEST).where(_LINE.c.id == bindparam("line"))
_BY_REQUEST = (
    select(*_COLUMNS)
    .select_from(
        _OF_REQUEST.join(_REQUEST, _REQUEST.c.id == _OF_REQUEST.c.request_id).join(
            _WITH_LATEST,
            and_(_LINE.c.id == _OF_REQUEST.c.line_id, _LINE.c.brand_id == _REQUEST.c.brand_id),
        )
    )
    .where(_OF_REQUEST.c.request_id == bindparam("request"), _LINE.c.ended_at.is_(None))
)
_VERSIONS = (
    select(_KNOWN, _PERSON.c.user_id)
    .join(_PERSON, _PERSON.c.id == _KNOWN.c.person_id)
    .where(_KNOWN.c.line_id == bindparam("line"))
    .order_by(_KNOWN.c.version.desc())
)
_IDS: Any = bindparam("ids", expanding=True)
_PICTURES = select(
    _PICTURE.c.id,
    _PICTURE.c.sha256,
    _PICTURE.c.media_type,
    _PICTURE.c.size,
    _PICTURE.c.copy_id,
    _PICTURE.c.ready_at,
).where(_PICTURE.c.id.in_(_IDS))
_HINTS = select(_REQUEST.c.id, _REQUEST.c.snapshot).where(_REQUEST.c.id.in_(_IDS))
_NEW = (("sqlite", sqlite), ("postgresql", postgresql))
_SET_LINE: Mapping[str, Any] = {
    name: (made := dialect.insert(_OF_REQUEST).inline()).on_conflict_do_update(
        index_elements=["request_id"],
        set_={"line_id": made.excluded.line_id, "person_id": made.excluded.person_id, "at": made.excluded.at},
    )
    for name, dialect in _NEW
}
_INSERT: Mapping[str, Any] = {
    name: dialect.insert(_KNOWN)
    .inline()
    .on_conflict_do_nothing(index_elements=["line_id", "version"])
    .returning(_KNOWN.c.id)
    for name, dialect in _NEW
}


def of_line(session: Session, line_id: str) -> KnowledgeSheet | None:
    """A line, also one that has ended, with what is known of it now."""
    row = session.connection().execute(_BY_LINE, {"line": line_id}).first()
    return _sheet(session, row) if row else None


def of_request(session: Session, request_id: str) -> KnowledgeSheet | None:
    """The line that a request's listing is of, if its brand has that line still, with what is known of it."""
    row = session.connection().execute(_BY_REQUEST, {"request": request_id}).first()
    return _sheet(session, row) if row else None


def versions(session: Session, line_id: str) -> list[KnowledgeVersion]:
    """Every version, the newest first."""
    rows = session.connection().execute(_VERSIONS, {"line": line_id}).all()
    shown = _shown(session, [entry["id"] for row in rows for entry in row.pictures])
    return [
        KnowledgeVersion(
            row.version, row.text, tuple(row.points), _pictures(row.pictures, shown), row.user_id, row.at
        )
        for row in rows
    ]


def states(
    session: Session, holders: Collection[str] | None, *, limit: int, offset: int
) -> tuple[int, list[LineState]]:
    """How many lines these holders have now, and a page of them by brand and name.

    `holders` None: everybody's lines of which something is known.
    """
    query: Select[Any] = (
        select(
            _LINE.c.id,
            _LINE.c.name,
            _BRAND.c.name.label("brand"),
            _KNOWN.c.version,
            _KNOWN.c.text,
            _KNOWN.c.at,
        )
        .add_columns(func.count().over().label("total"))
        .select_from(_WITH_LATEST)
        .where(_LINE.c.ended_at.is_(None))
    )
    query = (
        query.where(_KNOWN.c.text != "") if holders is None else query.where(_BRAND.c.holder_id.in_(holders))
    )
    ordered = query.order_by(_BRAND.c.name_key, _LINE.c.name_key, _LINE.c.id).limit(limit).offset(offset)
    rows = session.connection().execute(ordered).all()
    found = [LineState(row.id, row.name, row.brand, row.version or 0, bool(row.text), row.at) for row in rows]
    return (rows[0].total if rows else 0), found


def insert(session: Session, row: Mapping[str, Any]) -> bool:
    """Keep a version; False where somebody has written that version already."""
    connection = session.connection()
    return connection.execute(_INSERT[connection.dialect.name], dict(row)).first() is not None


def set_lines(session: Session, lines: Mapping[str, str], person_id: str | None, now: datetime) -> None:
    """Say of which lines requests are: line by request."""
    rows = [
        {"request_id": request_id, "line_id": line_id, "person_id": person_id, "at": now}
        for request_id, line_id in sorted(lines.items())
    ]
    if rows:
        connection = session.connection()
        connection.execute(_SET_LINE[connection.dialect.name], rows)


def snapshots(session: Session, request_ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """The listing of each request as it was when asked."""
    found = session.connection().execute(_HINTS, {"ids": list(request_ids)})
    return {row.id: row.snapshot for row in found}


def _shown(session: Session, ids: Sequence[str]) -> Mapping[str, Any]:
    """Rows of pictures by their ids."""
    if not ids:
        return {}
    return {row.id: row for row in session.connection().execute(_PICTURES, {"ids": list(ids)})}


def _pictures(entries: Sequence[Mapping[str, str]], shown: Mapping[str, Any]) -> tuple[ShownPicture, ...]:
    return tuple(
        ShownPicture(
            id=row.id,
            caption=entry["caption"],
            sha256=row.sha256,
            media_type=row.media_type,
            size=row.size,
            copy_id=row.copy_id if row.copy_id and row.ready_at else "",
        )
        for entry in entries
        if (row := shown[entry["id"]])
    )


def _sheet(session: Session, row: Any) -> KnowledgeSheet:
    known = bool(row.version)
    entries = row.pictures if known else []
    return KnowledgeSheet(
        line_id=row.line_id,
        line=row.line,
        brand_id=row.brand_id,
        brand=row.brand,
        holder_id=row.holder_id,
        ended=row.ended_at is not None,
        version=row.version or 0,
        text=row.text or "",
        points=tuple(row.points) if known else (),
        pictures=_pictures(entries, _shown(session, [entry["id"] for entry in entries])),
        author_id=row.person_id or "",
        author=row.user_id or "",
        at=row.at,
    )
