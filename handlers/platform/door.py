"""What wraps every call of the platform API: the key, the body, the documented refusals.

Nothing escapes: whatever a client sends, it gets JSON with one code and one sentence. The key is read in the
same transaction as the act, so that a revoked key ends with its revocation.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, TypeVar
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from sqlmodel import Session

from bot.contract.errors import Fault, Refusal
from bot.enforcement.access import Actor, Denied
from bot.enforcement.evidence import Handed
from bot.enforcement.platform import Unauthorised, authenticate
from bot.logs import logger
from handlers.guard import Desk, record_denial
from storage.errors import StoreError

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
LONGEST_KEY = 200
_NAME_LENGTH = 128

log = logger(__name__)


class ApiRefusal(Exception):
    """An answer of 4xx: the status, a word for programs, a sentence, the field where there is one."""

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.fault = Fault(code=code, message=message, field=field)


class Conflict(ApiRefusal):
    """409: the same id with another body, or a move that the state does not allow."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(409, "conflict", message, field)


@dataclass(frozen=True)
class Ask:
    """One call: what was sent, and when. `desk` is what every handler works with."""

    desk: Desk
    request: web.Request
    presented: str
    now: datetime

    async def act(self, use_case: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        """Run a use case as `(session, actor, *args, now=..., **kwargs)` for the client whose key it is."""
        return await self.desk.store.run(_as_client, self.presented, use_case, *args, now=self.now, **kwargs)

    async def read(self, query: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        """Run a query as `(session, actor, *args, **kwargs)` for the client whose key it is."""
        return await self.desk.store.read(_as_client, self.presented, query, *args, **kwargs)

    async def body(self, model: type[M]) -> M:
        """The body as that model, or the refusal that names the first fault."""
        return read_body(model, await self.request.read())

    @property
    def id(self) -> str:
        """The id in the address."""
        return self.request.match_info["id"]

    @property
    def external_id(self) -> str:
        """The client's own id, as a query names it."""
        external_id = self.request.query.get("external_id", "")
        if not 1 <= len(external_id) <= _NAME_LENGTH or not external_id.isprintable():
            raise ApiRefusal(422, "invalid", "is required, 1 to 128 characters", "external_id")
        return external_id


Endpoint = Callable[[Ask], Awaitable[web.Response]]


async def answer(desk: Desk, handler: Endpoint, request: web.Request) -> web.Response:
    """Let an endpoint answer a call, or refuse it as documented."""
    ask = Ask(desk, request, _presented(request), desk.clock())
    seconds = desk.pace.wait(ask.presented)
    if seconds:
        return _too_fast(seconds)
    try:
        return await _for_clients_only(handler, ask)
    except Unauthorised:
        return _refuse(401, Fault(code="unauthorized", message="This needs a live API key."))
    except Denied as denied:
        await _remember(desk, denied, ask.now)
        return _refuse(404, Fault(code="not_found", message="There is nothing here that is yours."))
    except ApiRefusal as refusal:
        return _refuse(refusal.status, refusal.fault)
    except StoreError as error:
        log.warning("platform call not recorded", error=type(error).__name__)
        return _refuse(503, Fault(code="unavailable", message="Not recorded; try again."))


def _too_fast(seconds: int) -> web.Response:
    refused = _refuse(429, Fault(code="too_fast", message=f"Too many calls; go on in {seconds} seconds."))
    refused.headers["Retry-After"] = str(seconds)
    return refused


async def _for_clients_only(handler: Endpoint, ask: Ask) -> web.Response:
    """A sound call reads its key with its act; whoever has none must not learn what else is wrong."""
    try:
        return await handler(ask)
    except ApiRefusal:
        await ask.read(_known)
        raise


def _known(_session: Session, actor: Actor) -> Actor:
    return actor


def read_body(model: type[M], raw: bytes) -> M:
    """JSON text as that model; `ApiRefusal` 400 where it is no JSON, 422 where a field is wrong."""
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] == "json_invalid":
            raise ApiRefusal(400, "malformed", "The body is not JSON.") from error
        raise wrong_field(first) from error


def wrong_field(error: ErrorDetails) -> ApiRefusal:
    """A 422 that says which field is wrong and how."""
    message = error["msg"].removeprefix("Value error, ")
    field = ".".join(str(step) for step in error["loc"])
    if not field and ": " in message:  # a rule over several fields names the one to mend
        field, _, message = message.partition(": ")
    return ApiRefusal(422, "invalid", message, field or None)


def said(status: int, model: BaseModel) -> web.Response:
    """An answer."""
    return web.Response(status=status, body=model.model_dump_json(), content_type="application/json")


def file_said(found: Handed) -> web.Response:
    """A file as an answer: bytes to keep, never to show as a page."""
    return web.Response(
        body=BytesIO(found.content),
        content_type=found.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.title, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


def _presented(request: web.Request) -> str:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" and len(key) <= LONGEST_KEY else ""


def _as_client(session: Session, presented: str, do: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    return do(session, authenticate(session, presented), *args, **kwargs)


async def _remember(desk: Desk, denied: Denied, now: datetime) -> None:
    try:
        await desk.store.run(record_denial, denied, now=now)
    except StoreError as error:
        log.warning("denial not recorded", error=type(error).__name__)


def _refuse(status: int, fault: Fault) -> web.Response:
    answer = said(status, Refusal(error=fault))
    if status == 503:
        answer.headers["Retry-After"] = "1"
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
