"""Marketplaces' connections: clients, their API keys (two live at most, kept as hashes), webhook secrets.

Making or taking away a key needs a second administrator: whoever confirms is the actor, `proposed_by` is
the person who asked, and they must be two people. The operator of the host needs nobody.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from bot.enforcement import calendars, notice_sending
from bot.enforcement.access import Actor, Denied, Grant, Operation, Subject, authorize
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY, Calendar
from bot.enforcement.refusals import Refused
from bot.enforcement.trail import note
from storage.errors import violated
from storage.queries import platform
from storage.records.platform import ApiKey, PlatformClient

SLOTS = (1, 2)
_PREFIX = "gfk"
_NO_HASH = hashlib.sha256(b"").hexdigest()


class Unauthorised(Exception):
    """No live key was presented."""


@dataclass(frozen=True)
class NewKey:
    """A key that was just made; `api_key` is shown once and kept nowhere."""

    client_id: str
    key_id: str
    api_key: str


def authenticate(session: Session, presented: str) -> Actor:
    """The client that a presented API key belongs to, or `Unauthorised`; one answer for every fault."""
    prefix, _, rest = presented.partition("_")
    key_id, _, secret = rest.partition("_")
    live = platform.live_key(session, key_id) if prefix == _PREFIX else None
    given = hashlib.sha256(secret.encode()).hexdigest()
    if not hmac.compare_digest(given, live.secret_hash if live else _NO_HASH) or live is None:
        raise Unauthorised
    return Actor(client_id=live.client_id)


def webhook_secret(master: bytes, client_id: str, version: int) -> str:
    """The secret under which webhooks to a client are signed: derived, so that no database holds it."""
    derived = hmac.new(master, f"webhook:{client_id}:{version}".encode(), hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(derived).decode()


def create_client(
    session: Session,
    actor: Actor,
    name: str,
    marketplace: str,
    webhook_url: str,
    *,
    now: datetime,
    calendar: Calendar = MONDAY_TO_FRIDAY,
    proposed_by: str = "",
) -> PlatformClient:
    """Connect a marketplace; its first key is made by `create_key`, and what waited for it goes out."""
    grant = _granted(session, actor, "", proposed_by)
    shown = name.strip()
    client = PlatformClient(
        name=shown,
        name_key=shown.casefold(),
        marketplace=marketplace.strip().lower(),
        webhook_url=webhook_address(webhook_url),
        created_at=now,
    )
    calendars.keep(client, calendar)
    try:
        with session.begin_nested():
            session.add(client)
    except IntegrityError as error:
        if violated(error) == "uq_platform_client_marketplace":
            raise Refused("platform.marketplace_taken", marketplace=client.marketplace) from error
        raise Refused("platform.name_taken", name=shown) from error
    notice_sending.send_waiting(session, client, now)
    _note(session, actor, grant, client.id, now, act="client_created", marketplace=client.marketplace)
    return client


def change_webhook(
    session: Session, actor: Actor, client_id: str, webhook_url: str, *, now: datetime, proposed_by: str = ""
) -> None:
    """Send a client's webhooks elsewhere from now on."""
    grant = _granted(session, actor, client_id, proposed_by)
    client = _client(session, actor, client_id)
    client.webhook_url = webhook_address(webhook_url)
    session.add(client)
    _note(session, actor, grant, client_id, now, act="webhook_changed")


def change_calendar(
    session: Session,
    actor: Actor,
    client_id: str,
    calendar: Calendar,
    *,
    now: datetime,
    proposed_by: str = "",
) -> None:
    """Count a client's business time by another calendar from now on; what was promised stays."""
    grant = _granted(session, actor, client_id, proposed_by)
    client = _client(session, actor, client_id)
    before = calendars.written(calendars.of_client(client))
    calendars.keep(client, calendar)
    session.add(client)
    changed = {"before": before, "after": calendars.written(calendar)}
    _note(session, actor, grant, client_id, now, act="calendar_changed", **changed)


def create_key(
    session: Session, actor: Actor, client_id: str, *, now: datetime, proposed_by: str = ""
) -> NewKey:
    """A new API key; refused while two are live."""
    grant = _granted(session, actor, client_id, proposed_by)
    _client(session, actor, client_id)
    secret = secrets.token_hex(32)
    for slot in SLOTS:
        key = ApiKey(
            client_id=client_id,
            slot=slot,
            secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
            created_at=now,
        )
        try:
            with session.begin_nested():
                session.add(key)
        except IntegrityError as error:
            if violated(error) != "uq_api_key_slot":
                raise
            continue
        _note(session, actor, grant, client_id, now, act="key_created", key=key.id)
        return NewKey(client_id, key.id, f"{_PREFIX}_{key.id}_{secret}")
    raise Refused("platform.two_keys")


def revoke_key(session: Session, actor: Actor, key_id: str, *, now: datetime, proposed_by: str = "") -> None:
    """End a key at once."""
    key = session.get(ApiKey, key_id)
    grant = _granted(session, actor, key.client_id if key else "", proposed_by)
    ended = session.connection().execute(
        update(ApiKey)
        .where(col(ApiKey.id) == key_id, col(ApiKey.revoked_at).is_(None))
        .values(revoked_at=now)
        .returning(col(ApiKey.client_id))
    )
    client_id = ended.scalar_one_or_none()
    if client_id is None:
        raise Refused("platform.key_gone")
    _note(session, actor, grant, client_id, now, act="key_revoked", key=key_id)


def rotate_secret(
    session: Session, actor: Actor, client_id: str, *, now: datetime, proposed_by: str = ""
) -> int:
    """Derive a new webhook secret from now on; its version, for `webhook_secret`."""
    grant = _granted(session, actor, client_id, proposed_by)
    client = _client(session, actor, client_id)
    client.secret_version += 1
    session.add(client)
    _note(session, actor, grant, client_id, now, act="secret_rotated", version=client.secret_version)
    return client.secret_version


def live_keys(session: Session, client_id: str) -> list[ApiKey]:
    """A client's live keys, by slot."""
    return list(
        session.exec(
            select(ApiKey)
            .where(col(ApiKey.client_id) == client_id, col(ApiKey.revoked_at).is_(None))
            .order_by(col(ApiKey.slot))
        )
    )


def webhook_address(url: str) -> str:
    """A webhook's address as it is kept; raises `Refused` where it is none."""
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.fragment:
        raise Refused("platform.bad_webhook_url")
    return url.strip().rstrip("/")


def _granted(session: Session, actor: Actor, client_id: str, proposed_by: str) -> Grant:
    subject = Subject("platform_client", client_id)
    grant = authorize(session, actor, Operation.MANAGE_CLIENTS, subject)
    if grant.cell.second and proposed_by in ("", grant.person_id):
        raise Denied(actor, Operation.MANAGE_CLIENTS, subject)
    return grant


def _client(session: Session, actor: Actor, client_id: str) -> PlatformClient:
    client = session.get(PlatformClient, client_id)
    if client is None:
        raise Denied(actor, Operation.MANAGE_CLIENTS, Subject("platform_client", client_id))
    return client


def _note(
    session: Session, actor: Actor, grant: Grant, client_id: str, now: datetime, **details: Any
) -> None:
    subject = Subject("platform_client", client_id)
    note(session, actor, grant, Operation.MANAGE_CLIENTS, subject, now, **details)
