"""What wraps every handler: who asks, whether it was asked before, and what they are told when it fails.

Nothing escapes a handler. A handler commits, then returns its reply; only then does Slack get its answer.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from sqlmodel import Session

from bot.clock import Clock
from bot.enforcement import outgoing
from bot.enforcement.access import Actor, Denied
from bot.enforcement.business_clock import ANSWER_TIME, MONDAY_TO_FRIDAY, Calendar
from bot.enforcement.limits import NO_LIMITS, Limits
from bot.enforcement.refusals import Refused
from bot.gateway import Gateway, SlackFailure
from bot.lazy import Later
from bot.logs import logger
from bot.metrics import Metrics
from handlers.payloads import Malformed, part, text_at
from handlers.platform.pace import Pace
from storage.engine import Store
from storage.errors import StoreError
from storage.queries import audit, inbox, people

if TYPE_CHECKING:
    from bot.words.catalogue import Words

log = logger(__name__)
T = TypeVar("T")
words_for: "Callable[..., Words]" = Later("bot.words.catalogue.words_for")


class Kind(StrEnum):
    """The kinds of interaction."""

    COMMAND = "command"
    ACTION = "action"
    SUBMIT = "submit"
    CLOSE = "close"
    SHORTCUT = "shortcut"
    EVENT = "event"
    OPTIONS = "options"


@dataclass(frozen=True)
class Desk:
    """What every handler works with."""

    store: Store
    gateway: Gateway
    clock: Clock
    metrics: Metrics
    own_marketplaces: Mapping[str, str] = field(default_factory=dict)  # host -> marketplace
    calendar: Calendar = MONDAY_TO_FRIDAY  # of marketplaces that have none of their own
    service_percent: int = 97  # of all notices, to be decided when they are due
    webhook_secret: bytes = b""
    limits: Limits = NO_LIMITS  # from where on a second person is asked in spite of good standing
    remember_genuine: timedelta = timedelta()
    answer_time: timedelta = ANSWER_TIME
    largest_evidence: int = 5_000_000  # bytes
    pace: Pace = field(default_factory=lambda: Pace(0))  # of the platform API


@dataclass(frozen=True)
class Call:
    """One interaction: who, what, when. `body` is Slack's payload, verified but not to be trusted further."""

    desk: Desk
    kind: Kind
    id: str
    actor: Actor
    body: Mapping[str, Any]
    inbox_key: str
    now: datetime

    async def act(self, use_case: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        """Run a use case as `(session, actor, *args, now=..., **kwargs)`, once for this request.

        Raises `Repeated` when the same request has been handled already.
        """
        return await self.desk.store.run(
            _once,
            self.inbox_key,
            self.kind.value,
            self.now,
            use_case,
            self.actor,
            *args,
            urgent=True,
            **kwargs,
        )

    async def read(self, query: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        """Run a query as `(session, actor, *args, **kwargs)`."""
        return await self.desk.store.read(query, self.actor, *args, **kwargs)

    async def words(self) -> "Words":
        """The caller's words, in their language and zone."""
        return await self.desk.store.read(words_of, self.actor)

    def count(self, outcome: str) -> None:
        """Count this interaction for the metrics."""
        self.desk.metrics.interaction(self.kind.value, self.id, outcome).inc()

    @property
    def channel_id(self) -> str:
        """Where it happened, or nothing (App Home, modals)."""
        found = text_at(self.body, "channel", "id") or text_at(self.body, "channel_id")
        return found or text_at(self.body, "container", "channel_id")

    @property
    def block(self) -> str:
        """The block in which the button was pressed; Slack makes up a name for one that has none."""
        actions = part(self.body, "actions")
        first = actions[0] if isinstance(actions, list) and actions else {}
        return text_at(first, "block_id")

    @property
    def trigger_id(self) -> str:
        """The right to open one view within three seconds."""
        return text_at(self.body, "trigger_id")

    @property
    def value(self) -> str:
        """The value of the button pressed or of the option picked."""
        actions = part(self.body, "actions")
        first = actions[0] if isinstance(actions, list) and actions else {}
        return text_at(first, "value") or text_at(first, "selected_option", "value")


@dataclass(frozen=True)
class Reply:
    """What Slack gets back: field errors or a view for a form, a text for a command, options for a select."""

    errors: Mapping[str, str] | None = None
    update: Mapping[str, Any] | None = None
    push: Mapping[str, Any] | None = None
    clear: bool = False
    text: str = ""
    options: list[dict[str, Any]] | None = None


class Repeated(Exception):
    """This very request has been handled before; its effect stands."""


class BadForm(Exception):
    """What was typed cannot be used: a sentence for each block id."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


Handler = Callable[[Call], Awaitable[Reply | None]]


def words_of(session: Session, actor: Actor) -> "Words":
    """The language and zone of a person, as cached from Slack."""
    known = people.find(session, actor.team_id, actor.user_id)
    return words_for(known.locale, known.zone) if known else words_for(None)


def _once(
    session: Session,
    key: str,
    surface: str,
    now: datetime,
    use_case: Callable[..., T],
    actor: Actor,
    *args: Any,
    **kwargs: Any,
) -> T:
    if key and inbox.seen(session, key, surface, now):
        raise Repeated
    return use_case(session, actor, *args, now=now, **kwargs)


def actor_of(body: Mapping[str, Any]) -> Actor:
    """Identity from the signed payload alone: interactions, commands and events each carry it elsewhere."""
    user = part(body, "user")
    user_id = (
        text_at(body, "user", "id") or text_at(body, "user_id") or (user if isinstance(user, str) else "")
    )
    team_id = text_at(body, "user", "team_id") or text_at(body, "team", "id") or text_at(body, "team_id")
    event_user = part(body, "event", "user")
    if isinstance(event_user, str):
        user_id = user_id or event_user
    elif isinstance(event_user, Mapping):
        user_id = user_id or text_at(event_user, "id")
    return Actor(team_id=team_id, user_id=user_id)


async def handle(
    desk: Desk, kind: Kind, ident: str, handler: Handler, request: AsyncBoltRequest
) -> BoltResponse:
    """Run one handler and turn what it says, or how it fails, into Slack's answer."""
    key = request.context.get("inbox_key")
    call = Call(desk, kind, ident, actor_of(request.body), request.body, str(key or ""), desk.clock())
    try:
        reply = await handler(call)
        call.count("done")
    except Repeated:
        call.count("repeated")
        reply = None
    except BadForm as bad:
        call.count("bad_form")
        reply = Reply(errors=bad.errors)
    except Denied as denied:
        call.count("denied")
        with suppress(StoreError):  # it was denied all the same
            await desk.store.run(record_denial, denied, now=call.now, urgent=True)
        reply = await _tell(call, denied.key, denied.values)
    except Refused as refused:
        call.count("refused")
        reply = await _tell(call, refused.key, refused.values)
    except Malformed:
        call.count("malformed")
        reply = await _tell(call, "common.outdated", {})
    except StoreError:
        # Not recorded, so not acknowledged as done: the person must know, and Slack may send an event again.
        call.count("busy")
        if kind is Kind.EVENT:
            return BoltResponse(status=503, body="")
        reply = await _tell(call, "common.not_recorded", {})
    except Exception:  # the last net: whatever it was, the person gets a sentence and an id
        call.count("failed")
        incident = secrets.token_hex(4)
        log.exception("handler failed", kind=kind.value, name=ident, fault=incident)
        if kind is Kind.EVENT:
            return BoltResponse(status=500, body="")
        reply = await _tell(call, "common.failed", {"incident": incident})
    return _response(kind, reply)


def record_denial(session: Session, denied: Denied, *, now: datetime) -> None:
    """The audit row of a refused attempt, in a transaction of its own: the attempt's was rolled back."""
    audit.record(
        session,
        at=now,
        actor=str(denied.actor),
        role="",
        operation=denied.operation.value,
        subject_kind=denied.subject.kind,
        subject_id=denied.subject.id,
        tenant=denied.subject.holder_id,
        outcome="denied",
    )


async def _tell(call: Call, key: str, values: Mapping[str, str | int]) -> Reply | None:
    """One sentence for the one person, the way that this kind of interaction allows."""
    try:
        words = await call.words()
    except StoreError:
        words = words_for(None)
    sentence = words.text(key, **values)
    if call.kind is Kind.COMMAND:
        return Reply(text=sentence)
    if call.kind is Kind.SUBMIT:
        return Reply(update=notice_view(words, sentence))
    if call.kind is Kind.ACTION and call.channel_id:
        with suppress(StoreError):  # a database that takes nothing takes no whisper either: a view says it
            await call.desk.store.run(
                _whisper, call.actor.user_id, call.channel_id, key, call.now, values, urgent=True
            )
            return None
    if call.trigger_id:
        with suppress(SlackFailure):  # there is no other way to reach this person
            await call.desk.gateway.open_view(call.trigger_id, notice_view(words, sentence))
    return None


def _whisper(
    session: Session, user: str, channel: str, key: str, now: datetime, values: Mapping[str, str | int]
) -> None:
    outgoing.whisper(session, user, channel, key, now, **values)


def notice_view(words: "Words", sentence: str) -> dict[str, Any]:
    """A view that says one thing."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": words.text("common.app")},
        "close": {"type": "plain_text", "text": words.text("common.close")},
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": sentence}}],
    }


def _response(kind: Kind, reply: Reply | None) -> BoltResponse:
    if reply is None:
        return BoltResponse(status=200, body="")
    if kind is Kind.OPTIONS:
        return BoltResponse(status=200, body={"options": reply.options or []})
    if reply.errors is not None:
        return BoltResponse(status=200, body={"response_action": "errors", "errors": dict(reply.errors)})
    if reply.update is not None:
        return BoltResponse(status=200, body={"response_action": "update", "view": dict(reply.update)})
    if reply.push is not None:
        return BoltResponse(status=200, body={"response_action": "push", "view": dict(reply.push)})
    if reply.clear:
        return BoltResponse(status=200, body={"response_action": "clear"})
    if reply.text:
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": reply.text})
    return BoltResponse(status=200, body="")
