"""What the workspace holds: plain records that JSON can carry, so that a stopped sandbox comes back."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import Base64Bytes

Json = dict[str, Any]
ChannelKind = Literal["public", "private", "im", "mpim"]
SCOPE_FAMILIES: dict[str, str] = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}


@dataclass
class Person:
    """Someone in the workspace; `team_id` is another one's for a person of a Slack Connect partner."""

    user_id: str
    name: str
    email: str = ""
    title: str = ""
    company: str = ""
    tz: str = "Europe/London"
    locale: str = "en-GB"
    admin: bool = False
    guest: bool = False
    single_channel: bool = False
    deleted: bool = False
    bot: bool = False
    team_id: str = ""

    @property
    def handle(self) -> str:
        """The short name that slash commands and mentions carry."""
        return (self.email.split("@")[0] or self.name).lower().replace(" ", ".")


@dataclass
class Channel:
    """A conversation of any kind; `members` are user ids, the app's own among them where it takes part."""

    channel_id: str
    name: str
    kind: ChannelKind = "private"
    topic: str = ""
    members: list[str] = field(default_factory=list)
    archived: bool = False
    shared: bool = False
    read: dict[str, str] = field(default_factory=dict)

    @property
    def scope_family(self) -> str:
        """The word that Slack's scopes use for this kind of conversation."""
        return SCOPE_FAMILIES[self.kind]


@dataclass
class Message:
    """One message; `ephemeral_for` names the only person who may see it."""

    ts: str
    channel: str
    user: str
    at: datetime
    text: str = ""
    blocks: list[Json] | None = None
    attachments: list[Json] | None = None
    thread_ts: str | None = None
    edited: bool = False
    ephemeral_for: str | None = None
    metadata: Json | None = None
    files: list[str] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)  # emoji's name -> who, in order

    def reactions_json(self) -> list[Json]:
        """The emoji on it, with who put each there."""
        return [{"name": name, "users": users, "count": len(users)} for name, users in self.reactions.items()]


@dataclass
class View:
    """A modal or a person's App Home. `state` is what has been typed or chosen so far."""

    id: str
    user: str
    type: str
    blocks: list[Json]
    hash: str
    callback_id: str = ""
    title: Json | None = None
    submit: Json | None = None
    close: Json | None = None
    private_metadata: str = ""
    external_id: str = ""
    notify_on_close: bool = False
    clear_on_close: bool = False
    submit_disabled: bool = False
    root_view_id: str = ""
    previous_view_id: str | None = None
    state: dict[str, dict[str, Json]] = field(default_factory=dict)


@dataclass
class StoredFile:
    """A file that was uploaded by a person or by the app."""

    id: str
    name: str
    mimetype: str
    owner: str
    content: Base64Bytes = b""  # in JSON only; here it is plain bytes
    shared: bool = False
    complete: bool = False  # its upload was
    given: bool = False  # to the app, in a form
    title: str = ""  # the name where none was given
    alt_text: str = ""  # what a screen reader says of a picture


@dataclass
class UserGroup:
    """A named list of people that can be mentioned together."""

    id: str
    name: str
    handle: str
    description: str = ""
    created_by: str = ""
    users: list[str] = field(default_factory=list)
    disabled: bool = False


@dataclass
class Memory:
    """Everything that outlives a restart of the sandbox."""

    team_id: str
    team_name: str
    app_id: str
    bot_user_id: str
    bot_name: str
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: dict[str, list[Message]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    user_groups: dict[str, UserGroup] = field(default_factory=dict)
