"""What Slack says of people, read for the outbox: when the bot first meets somebody, and when it is old."""

from collections.abc import Mapping
from typing import Any

from bot.clock import Clock
from bot.enforcement import people
from bot.enforcement.people import Profile
from bot.gateway import Gateway, SlackBusy, SlackRefused, SlackUnclear
from bot.outbox import Dead, NotSent, Outcome, Retry, Sent
from storage.engine import Store
from storage.records.outbox import OutboxRow

_GUEST = ("is_restricted", "is_ultra_restricted", "is_stranger")
_SLACKBOT = "USLACKBOT"  # of which Slack says that it is none
_NO_USER = frozenset({"user_not_found", "user_not_visible", "invalid_arguments"})


class ProfileDeliverer:
    """Asks Slack for one person, and remembers the answer. Reading twice does no harm."""

    def __init__(self, store: Store, gateway: Gateway, clock: Clock) -> None:
        self._store = store
        self._gateway = gateway
        self._clock = clock

    async def deliver(self, row: OutboxRow) -> Outcome:
        """Read the profile; a user whom Slack does not know is left as they are."""
        try:
            user = await self._gateway.user(row.payload["user_id"])
        except SlackBusy as busy:
            return Retry(busy.seconds, str(busy))
        except SlackUnclear as unclear:
            return Retry(None, str(unclear))
        except SlackRefused as refused:
            return Sent({"unknown": refused.code}) if refused.code in _NO_USER else Dead(str(refused))
        profile = profile_of(user)
        await self._store.run(people.note_profile, row.payload["person_id"], profile, now=self._clock())
        return Sent({})

    async def look_up(self, row: OutboxRow) -> Outcome:
        """It may simply be read again."""
        return NotSent()


def profile_of(user: Mapping[str, Any]) -> Profile:
    """Slack's user object, as `users.info` and `user_change` give it, in our words."""
    shown = user.get("profile") or {}
    return Profile(
        team_id=str(user.get("team_id") or ""),
        user_id=str(user.get("id") or ""),
        name=str(shown.get("real_name") or user.get("real_name") or user.get("name") or ""),
        email=str(shown.get("email") or ""),
        locale=str(user.get("locale") or ""),
        zone=str(user.get("tz") or ""),
        restricted=any(bool(user.get(mark)) for mark in _GUEST),
        bot=bool(user.get("is_bot") or user.get("is_app_user") or user.get("id") == _SLACKBOT),
        deleted=bool(user.get("deleted")),
    )
