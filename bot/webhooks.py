"""Sends webhooks to marketplaces as Standard Webhooks prescribes, and looks before it ever repeats one.

Only public addresses are called: the check sits where the socket is made, so a name that resolves to this
network, an address in another notation and a redirect are all refused alike.
"""

import base64
import hashlib
import hmac
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
import orjson
from sqlmodel import Session

from bot.clock import utc_now
from bot.enforcement import notices, takedown_progress
from bot.enforcement.platform import webhook_secret
from bot.enforcement.takedown_progress import Trouble
from bot.logs import logger
from bot.outbox import Dead, NotSent, Outcome, Retry, Sent, Unknown
from storage.engine import Store
from storage.queries import platform
from storage.records.outbox import OutboxRow
from storage.records.takedowns import TakedownState

CONNECT_SECONDS = 3
TOTAL_SECONDS = 10
LONGEST_ANSWER = 4096
LONGEST_WAIT = 3600.0
_PORTS = frozenset({80, 443})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_TAKEDOWN = "takedown.requested"
_NOTICE = "notice.submitted"
_SKIPPED = "skipped"

log = logger(__name__)


class ForbiddenAddress(aiohttp.ClientConnectionError):
    """The receiver's address is not public, or not a port of the web."""


@dataclass(frozen=True)
class _Line:
    """Where a client listens, and the secret to sign with."""

    url: str
    secret: str


class WebhookDeliverer:
    """Delivers rows of kind "webhook". `allow_private` only in the sandbox: receivers on this machine."""

    def __init__(self, store: Store, master: bytes, *, allow_private: bool = False) -> None:
        self._store = store
        self._master = master
        self._allow_private = allow_private
        self._http: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connection pool."""
        if self._http is not None:
            await self._http.close()

    async def deliver(self, row: OutboxRow) -> Outcome:
        """POST it once, unless what it asks for has been taken back."""
        payload = row.payload
        asks = payload["type"] != _TAKEDOWN or await self._store.read(
            takedown_progress.may_send, payload["id"]
        )
        if not asks:
            return Sent({_SKIPPED: "taken back before it was sent"})
        body = orjson.dumps({name: payload[name] for name in ("type", "timestamp", "data")})
        return await self._post(row, body)

    async def look_up(self, row: OutboxRow) -> Outcome:
        """Ask the receiver whether this id arrived."""
        line = await self._line(row)
        url = f"{line.url}/{row.payload['id']}"
        headers = signed(line.secret, row.payload["id"], b"")
        try:
            async with self._client().get(url, headers=headers, allow_redirects=False) as answer:
                if answer.status == 404:
                    return NotSent()
                said = await answer.content.read(LONGEST_ANSWER)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Unknown(f"could not look: {type(error).__name__}")
        if answer.status == 200 and _received(said):
            return Sent({"looked_up": True})
        return Unknown(f"could not look: HTTP {answer.status}")

    def follow(self, session: Session, row: OutboxRow, outcome: Outcome, now: datetime) -> None:
        """Let the case follow: a takedown's state, the card of a notice that does not get through."""
        if row.payload["type"] == _TAKEDOWN:
            skipped = isinstance(outcome, Sent) and _SKIPPED in outcome.result
            if skipped or isinstance(outcome, Dead):
                takedown_progress.never_arrived(session, row.payload["id"], now=now)
            if not skipped:
                state, trouble = _MEANS[type(outcome)]
                takedown_progress.sending_ended(session, row.payload["id"], state, trouble, now=now)
        elif row.payload["type"] == _NOTICE and (row.attempt > 1 or not isinstance(outcome, Sent)):
            notices.delivery_changed(session, row.payload["data"]["notice_id"], now)

    async def _post(self, row: OutboxRow, body: bytes) -> Outcome:
        line = await self._line(row)
        headers = signed(line.secret, row.payload["id"], body) | {"Content-Type": "application/json"}
        try:
            async with self._client().post(
                line.url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return judged(answer.status, answer.headers.get("Retry-After", ""))
        except ForbiddenAddress as error:
            return Dead(str(error))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Retry(None, type(error).__name__)  # no connection, so nothing arrived
        except aiohttp.InvalidURL:
            return Dead("the address cannot be called")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Unknown(type(error).__name__)

    async def _line(self, row: OutboxRow) -> _Line:
        return await self._store.read(_line_to, row.subject_id, self._master)

    def _client(self) -> aiohttp.ClientSession:
        """The connection pool, opened for the first call."""
        if self._http is None:
            guard = None if self._allow_private else public_socket
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(socket_factory=guard),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS, connect=CONNECT_SECONDS),
                trust_env=False,
            )
        return self._http


_MEANS: Mapping[type[Outcome], tuple[TakedownState, Trouble | None]] = {
    Sent: (TakedownState.SENT, None),
    Unknown: (TakedownState.UNCLEAR, None),
    NotSent: (TakedownState.REQUESTED, None),
    Retry: (TakedownState.REQUESTED, Trouble.UNREACHABLE),
    Dead: (TakedownState.REQUESTED, Trouble.TURNED_AWAY),
}


def signed(secret: str, webhook_id: str, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks for a body; an empty one for a look-up."""
    moment = str(int(utc_now().timestamp()))  # the receiver compares it with real time
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{webhook_id}.{moment}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": moment,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


# A wrong address or secret, a door that is shut: whoever runs the marketplace mends it, and nothing is lost.
_MENDED_LATER = frozenset({301, 302, 307, 308, 401, 403, 404, 405, 408, 425, 429})


def judged(status: int, retry_after: str) -> Outcome:
    """What an answer means for the delivery."""
    if 200 <= status < 300:
        return Sent({"status": status})
    wait = min(float(retry_after), LONGEST_WAIT) if retry_after.isdigit() else None
    if status in _MENDED_LATER or (status == 503 and wait is not None):
        return Retry(wait, f"HTTP {status}")
    if status >= 500:
        return Unknown(f"HTTP {status}")
    return Dead(f"HTTP {status}")


def public_socket(address_info: Any) -> socket.socket:
    """A socket to a public address on a port of the web; raises ForbiddenAddress for any other."""
    family, kind, protocol, _, address = address_info
    if not is_public(address[0]) or address[1] not in _PORTS:
        raise ForbiddenAddress("webhooks go to public addresses on port 80 or 443 only")
    return socket.socket(family, kind, protocol)


def is_public(text: str) -> bool:
    """Whether an IP address, also one that is wrapped in another notation, is reachable by everybody."""
    address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour
        if wrapped is None and address in _NAT64:
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        address = wrapped or address
    return address.is_global and not address.is_multicast


def _received(said: bytes) -> bool:
    try:
        document = orjson.loads(said)
    except orjson.JSONDecodeError:
        return False
    return isinstance(document, dict) and document.get("received") is True


def _line_to(session: Session, client_id: str, master: bytes) -> _Line:
    client = platform.client(session, client_id)
    if client is None:
        raise LookupError("a webhook to a client that does not exist")
    return _Line(client.webhook_url, webhook_secret(master, client.id, client.secret_version))
