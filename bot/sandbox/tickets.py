"""What Slack hands out for a short while: trigger ids (3 s, once), response URLs (30 min, 5 uses)."""

import secrets
import time
from dataclasses import dataclass, field

from bot.sandbox.refusal import Refusal

TRIGGER_SECONDS = 3.0
RESPONSE_URL_SECONDS = 30 * 60.0
RESPONSE_URL_USES = 5


@dataclass
class Trigger:
    """Permission to open one view for one person."""

    user: str
    born: float
    used: bool = False


@dataclass
class ResponseUrl:
    """Permission to answer one interaction; `message_ts` is the message it came from, if any."""

    user: str
    channel: str
    message_ts: str | None
    born: float
    uses: int = 0


@dataclass
class Tickets:
    """All tickets that were handed out since the server started, with the two lifetimes in real seconds."""

    trigger_seconds: float = TRIGGER_SECONDS
    response_url_seconds: float = RESPONSE_URL_SECONDS
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)

    def new_trigger(self, user: str) -> str:
        """A trigger id for what this person just did."""
        key = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self.triggers[key] = Trigger(user, time.monotonic())
        return key

    def exchange(self, key: str) -> str:
        """The person behind a trigger id, which is used up by this.

        :raises Refusal: expired_trigger_id, exchanged_trigger_id or invalid_arguments (unknown)
        """
        trigger = self.triggers.get(key)
        if trigger is None:
            raise Refusal("invalid_arguments", ["invalid trigger_id [json-pointer:/trigger_id]"])
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if time.monotonic() - trigger.born > self.trigger_seconds:
            raise Refusal("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def new_response_url(self, user: str, channel: str, message_ts: str | None = None) -> str:
        """The secret part of a response URL."""
        key = secrets.token_urlsafe(18)
        self.response_urls[key] = ResponseUrl(user, channel, message_ts, time.monotonic())
        return key

    def use_response_url(self, key: str) -> ResponseUrl:
        """Count one use.

        :raises Refusal: expired_url (unknown or too old) or used_url (five uses are over)
        """
        url = self.response_urls.get(key)
        if url is None or time.monotonic() - url.born > self.response_url_seconds:
            raise Refusal("expired_url")
        if url.uses >= RESPONSE_URL_USES:
            raise Refusal("used_url")
        url.uses += 1
        return url
