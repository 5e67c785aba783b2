"""The events of the Events API that the app subscribes to in its manifest, in Slack's envelope."""

import secrets
import time

from bot.sandbox.delivery import Delivery
from bot.sandbox.manifest import Manifest
from bot.sandbox.records import Channel, Json, Message, Person
from bot.sandbox.slack_json import person_json, view_json
from bot.sandbox.workspace import Workspace


class Events:
    """Builds and sends events; what the manifest does not subscribe to is not sent."""

    def __init__(self, workspace: Workspace, manifest: Manifest, delivery: Delivery) -> None:
        self.workspace = workspace
        self.manifest = manifest
        self.delivery = delivery

    def emit(self, event: Json, scope: str | None = None) -> None:
        """Send one event, if the app subscribes to its type and has the scope that goes with it."""
        if event["type"] not in self.manifest.events or not self.manifest.scopes >= {scope} - {None}:
            return
        memory = self.workspace.memory
        self.delivery.send_event(
            {
                "token": "verification-token",
                "team_id": memory.team_id,
                "context_team_id": memory.team_id,
                "api_app_id": memory.app_id,
                "event": {**event, "event_ts": self.workspace.tick()},
                "type": "event_callback",
                "event_id": "Ev" + secrets.token_hex(5).upper(),
                "event_time": int(time.time()),
                "is_ext_shared_channel": False,
                "authorizations": [
                    {
                        "enterprise_id": None,
                        "team_id": memory.team_id,
                        "user_id": memory.bot_user_id,
                        "is_bot": True,
                        "is_enterprise_install": False,
                    }
                ],
            }
        )

    def home_opened(self, user: str, channel: Channel) -> None:
        """Somebody looks at the App Home."""
        event: Json = {"type": "app_home_opened", "user": user, "channel": channel.channel_id, "tab": "home"}
        home = self.workspace.memory.homes.get(user)
        if home is not None:
            event["view"] = view_json(self.workspace, home)
        self.emit(event)

    def joined(self, user: str, channel: Channel) -> None:
        """Somebody, or the app itself, joined a channel that the app is in."""
        self._membership("member_joined_channel", user, channel)

    def left(self, user: str, channel: Channel) -> None:
        """Somebody left a channel that the app is in, or the app was removed from it."""
        if user == self.workspace.memory.bot_user_id:
            kind = "channel_left" if channel.kind == "public" else "group_left"
            self.emit({"type": kind, "channel": channel.channel_id, "actor_id": user}, _scope(channel))
        else:
            self._membership("member_left_channel", user, channel)

    def _membership(self, kind: str, user: str, channel: Channel) -> None:
        if self.workspace.memory.bot_user_id in channel.members:
            self.emit(
                {
                    "type": kind,
                    "user": user,
                    "channel": channel.channel_id,
                    "channel_type": "C" if channel.kind == "public" else "G",
                    "team": self.workspace.memory.team_id,
                },
                _scope(channel),
            )

    def reacted(self, message: Message, user: str, name: str, *, added: bool) -> None:
        """Somebody put an emoji on a message in a conversation that the app is in, or took it away."""
        if self.workspace.memory.bot_user_id in self.workspace.channel(message.channel).members:
            self.emit(
                {
                    "type": "reaction_added" if added else "reaction_removed",
                    "user": user,
                    "reaction": name,
                    "item_user": message.user,
                    "item": {"type": "message", "channel": message.channel, "ts": message.ts},
                },
                "reactions:read",
            )

    def archived(self, channel: Channel, actor: str) -> None:
        """A channel was archived or brought back."""
        if self.workspace.memory.bot_user_id in channel.members:
            family = "channel" if channel.kind == "public" else "group"
            kind = f"{family}_archive" if channel.archived else f"{family}_unarchive"
            self.emit({"type": kind, "channel": channel.channel_id, "user": actor}, _scope(channel))

    def user_changed(self, person: Person) -> None:
        """A person's name, zone, locale or standing in the workspace changed."""
        email = "users:read.email" in self.manifest.scopes
        user = person_json(self.workspace, person, email=email, locale=True)
        self.emit({"type": "user_change", "user": user, "cache_ts": int(time.time())}, "users:read")


def _scope(channel: Channel) -> str:
    return f"{channel.scope_family}:read"
