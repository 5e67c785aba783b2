"""Finding platform clients and their keys."""

from dataclasses import dataclass, fields
from datetime import time

from sqlalchemy import bindparam, select
from sqlmodel import Session, SQLModel

from storage.prepared import prepared
from storage.records.calendars import Reading
from storage.records.platform import ApiKey, PlatformClient


@dataclass(frozen=True)
class LiveKey:
    """Whose key it is, and the hash that its secret must have."""

    client_id: str
    secret_hash: str


@dataclass(frozen=True)
class Client:
    """A marketplace's connection, as deliveries and use cases need it."""

    id: str
    name: str
    marketplace: str
    webhook_url: str
    secret_version: int
    country: str
    zone: str
    reading: Reading
    opens: time
    closes: time


_CLIENT = SQLModel.metadata.tables[str(PlatformClient.__tablename__)]
_KEY = SQLModel.metadata.tables[str(ApiKey.__tablename__)]
_LIVE_KEY = prepared(
    select(_KEY.c.client_id, _KEY.c.secret_hash).where(
        _KEY.c.id == bindparam("key_id"), _KEY.c.revoked_at.is_(None)
    )
)
_CLIENTS = select(*[_CLIENT.c[field.name] for field in fields(Client)])
_CLIENT_BY = {
    column: prepared(_CLIENTS.where(_CLIENT.c[column] == bindparam("wanted")))
    for column in ("id", "marketplace")
}


def live_key(session: Session, key_id: str) -> LiveKey | None:
    """A key that was not revoked, by its public part."""
    row = _LIVE_KEY.first(session, {"key_id": key_id})
    return LiveKey(*row) if row else None


def client(session: Session, client_id: str) -> Client | None:
    """A client by id."""
    return _client(session, "id", client_id)


def client_of_marketplace(session: Session, marketplace: str) -> Client | None:
    """The line to a marketplace, or None while there is none."""
    return _client(session, "marketplace", marketplace)


def _client(session: Session, column: str, wanted: str) -> Client | None:
    row = _CLIENT_BY[column].first(session, {"wanted": wanted})
    return Client(*row) if row else None
