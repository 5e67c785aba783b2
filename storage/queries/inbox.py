"""Taking an incoming request once."""

from datetime import datetime

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from storage.prepared import Prepared
from storage.records.inbox import InboxKey

_TABLE = SQLModel.metadata.tables[str(InboxKey.__tablename__)]
# RETURNING and not the row count: psycopg counts -1 after DO NOTHING, which is true.
_TAKE = Prepared(
    {
        name: dialect.insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.key)
        for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
    }.__getitem__,
    ("key", "surface", "at"),
    (_TABLE.c.key,),
)
_PRUNE = delete(_TABLE).where(_TABLE.c.at < bindparam("before"))


def seen(session: Session, key: str, surface: str, now: datetime) -> bool:
    """Take the request with this key, and say whether it had been taken before; part of the caller's unit."""
    return _TAKE.first(session, {"key": key, "surface": surface, "at": now}) is None


def prune(session: Session, before: datetime) -> int:
    """Forget the keys of requests older than `before`, and say how many."""
    return session.connection().execute(_PRUNE, {"before": before}).rowcount
