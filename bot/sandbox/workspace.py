"""The workspace itself: who is in which conversation and what was said there, told to the pages at once."""

import secrets
from collections.abc import Iterable
from copy import deepcopy

from bot.sandbox.clock import OffsetClock
from bot.sandbox.fanout import FanOut
from bot.sandbox.forms import elements
from bot.sandbox.records import Channel, ChannelKind, Json, Memory, Message, Person, StoredFile
from bot.sandbox.refusal import Refusal

_SHOWN = frozenset({"image/png", "image/jpeg", "image/gif"})  # in blocks


def new_id(prefix: str) -> str:
    """An id that looks like Slack's: a capital letter and ten more characters."""
    return prefix + secrets.token_hex(5).upper()


def with_ids(blocks: list[Json]) -> list[Json]:
    """A copy in which every block and every element has an id, as Slack gives them where the app did not."""
    copied = deepcopy(blocks)
    for block in copied:
        block.setdefault("block_id", secrets.token_urlsafe(4))
    for _, element in elements(copied):
        element.setdefault("action_id", secrets.token_urlsafe(4))
    return copied


class Workspace:
    """People, conversations, messages and files. Everything here is in memory and on one event loop."""

    def __init__(self, memory: Memory, clock: OffsetClock, fanout: FanOut) -> None:
        self.memory = memory
        self.clock = clock
        self.fanout = fanout
        self.base_url = ""
        self._last_tick = 0
        self._by_ts: dict[tuple[str, str], Message] = {}
        self._replies: dict[tuple[str, str], list[Message]] = {}
        for said in memory.messages.values():
            for message in said:
                self._index(message)

    def _index(self, message: Message) -> None:
        self._by_ts[message.channel, message.ts] = message
        if message.thread_ts and not message.ephemeral_for:
            self._replies.setdefault((message.channel, message.thread_ts), []).append(message)

    def person(self, user: str) -> Person:
        """:raises Refusal: user_not_found"""
        found = self.memory.people.get(user)
        if found is None:
            raise Refusal("user_not_found")
        return found

    def channel(self, channel_id: str) -> Channel:
        """:raises Refusal: channel_not_found"""
        found = self.memory.channels.get(channel_id)
        if found is None:
            raise Refusal("channel_not_found")
        return found

    def channel_for_app(self, channel_id: str) -> Channel:
        """A conversation as the app sees it: a private one that it is not in does not exist for it.

        :raises Refusal: channel_not_found
        """
        found = self.channel(channel_id)
        if found.kind != "public" and self.memory.bot_user_id not in found.members:
            raise Refusal("channel_not_found")
        return found

    def channels_of(self, user: str) -> list[Channel]:
        """The conversations that a person is in."""
        return [channel for channel in self.memory.channels.values() if user in channel.members]

    def direct_channel(self, users: Iterable[str]) -> Channel:
        """The direct conversation between the app and these people, opened where there is none yet.

        :raises Refusal: user_not_found, users_not_found or user_disabled
        """
        people = [self.person(user) for user in users]
        if not people:
            raise Refusal("users_not_found")
        if len(people) == 1 and people[0].deleted:
            raise Refusal("user_disabled")
        members = sorted({self.memory.bot_user_id, *(person.user_id for person in people)})
        kind: ChannelKind = "im" if len(people) == 1 else "mpim"
        for channel in self.memory.channels.values():
            if channel.kind == kind and sorted(channel.members) == members:
                return channel
        opened = Channel(new_id("D" if kind == "im" else "C"), "", kind, members=members)
        self.memory.channels[opened.channel_id] = opened
        self.tell_channels(members)
        return opened

    def tick(self) -> str:
        """A message timestamp: the workspace's seconds with six decimals, never the same twice."""
        self._last_tick = max(self._last_tick + 1, int(self.clock.now().timestamp() * 1_000_000))
        return f"{self._last_tick // 1_000_000}.{self._last_tick % 1_000_000:06d}"

    def post(
        self,
        channel: Channel,
        user: str,
        text: str,
        *,
        blocks: list[Json] | None = None,
        attachments: list[Json] | None = None,
        thread_ts: str | None = None,
        ephemeral_for: str | None = None,
        metadata: Json | None = None,
        files: list[str] | None = None,
    ) -> Message:
        """Say something; who may see it hears at once."""
        message = Message(
            ts=self.tick(),
            channel=channel.channel_id,
            user=user,
            at=self.clock.now(),
            text=text,
            blocks=with_ids(blocks) if blocks else None,
            attachments=attachments or None,
            thread_ts=thread_ts,
            ephemeral_for=ephemeral_for,
            metadata=metadata,
            files=files or [],
        )
        self.memory.messages.setdefault(channel.channel_id, []).append(message)
        self._index(message)
        self.tell_message(message)
        return message

    def message(self, channel_id: str, ts: str) -> Message:
        """:raises Refusal: message_not_found"""
        found = self._by_ts.get((channel_id, ts))
        if found is None:
            raise Refusal("message_not_found")
        return found

    def thread(self, channel_id: str, thread_ts: str) -> list[Message]:
        """The parent and its replies, oldest first, without what only one person sees."""
        parent = self._by_ts.get((channel_id, thread_ts))
        replies = self._replies.get((channel_id, thread_ts), [])
        return [*([parent] if parent else []), *(reply for reply in replies if reply is not parent)]

    def edit(self, message: Message, text: str | None, blocks: list[Json] | None) -> None:
        """Redraw a message in place."""
        if text is not None:
            message.text = text
        message.blocks = with_ids(blocks) if blocks else None
        message.edited = True
        self.tell_message(message)

    def delete(self, message: Message) -> None:
        """Take a message away."""
        self.memory.messages[message.channel].remove(message)
        del self._by_ts[message.channel, message.ts]
        thread = self._replies.get((message.channel, message.thread_ts or ""), [])
        if message in thread:
            thread.remove(message)
        gone = {"type": "message_deleted", "channel": message.channel, "ts": message.ts}
        self.fanout.tell(self.audience(message), gone)

    def audience(self, message: Message) -> list[str]:
        """Who may see a message."""
        if message.ephemeral_for:
            return [message.ephemeral_for]
        return self.channel(message.channel).members

    def said_to(self, user: str, channel: Channel) -> list[Message]:
        """The messages that this person may see in a conversation, oldest first."""
        said = self.memory.messages.get(channel.channel_id, [])
        return [message for message in said if user in self.audience(message)]

    def unread(self, user: str, channel: Channel) -> int:
        """How many messages came since the person last looked."""
        last = channel.read.get(user, "")
        return sum(m.ts > last and m.user != user for m in self.said_to(user, channel))

    def add_file(self, name: str, mimetype: str, owner: str, content: bytes = b"") -> StoredFile:
        """Keep a file."""
        stored = StoredFile(new_id("F"), name, mimetype, owner, content)
        self.memory.files[stored.id] = stored
        return stored

    def react(self, message: Message, user: str, name: str) -> bool:
        """Put an emoji on a message, or take the own one away; whether it was put."""
        users = message.reactions.setdefault(name, [])
        added = user not in users
        if added:
            users.append(user)
        else:
            users.remove(user)
        if not users:
            del message.reactions[name]
        self.tell_message(message)
        return added

    def tell_message(self, message: Message) -> None:
        """Tell the pages of those who may see it that a message is new or was redrawn."""
        shown = {"type": "message", "message": self.page_message(message)}
        self.fanout.tell(self.audience(message), shown)

    def tell_channels(self, users: Iterable[str]) -> None:
        """Tell these people's pages their list of conversations."""
        for user in users:
            self.fanout.tell([user], {"type": "channels", "channels": self.page_channels(user)})

    def page_channels(self, user: str) -> list[Json]:
        """A person's conversations as the page draws them."""
        return self.drawn_channels(self.channels_of(user), user)

    def drawn_channels(self, channels: Iterable[Channel], user: str) -> list[Json]:
        """Conversations as one person's page draws them."""
        return [
            {
                "id": channel.channel_id,
                "name": self.shown_name(channel, user),
                "kind": channel.kind,
                "members": channel.members,
                "topic": channel.topic,
                "unread": self.unread(user, channel),
                "archived": channel.archived,
            }
            for channel in channels
        ]

    def shown_name(self, channel: Channel, viewer: str) -> str:
        """A direct conversation is called after the others in it."""
        if channel.name:
            return channel.name
        return ", ".join(self.name_of(member) for member in channel.members if member != viewer)

    def name_of(self, user: str) -> str:
        """A person's or the app's name."""
        if user == self.memory.bot_user_id:
            return self.memory.bot_name
        person = self.memory.people.get(user)
        return person.name if person else user

    def page_message(self, message: Message) -> Json:
        """A message as the page draws it."""
        return {
            "ts": message.ts,
            "channel": message.channel,
            "user": message.user,
            "username": self.name_of(message.user),
            "bot": message.user == self.memory.bot_user_id,
            "text": message.text,
            "blocks": message.blocks,
            "thread_ts": message.thread_ts,
            "edited": message.edited,
            "ephemeral": message.ephemeral_for is not None,
            "files": [self.page_file(self.memory.files[file_id]) for file_id in message.files],
            "reactions": message.reactions_json(),
            "at": message.at.isoformat(),
        }

    def may_read(self, stored: StoredFile) -> bool:
        """Whether the app may: its own file, one that is in a conversation of its, one given in a form."""
        if stored.owner == self.memory.bot_user_id or stored.given:
            return True
        return any(
            stored.id in message.files
            for channel_id, messages in self.memory.messages.items()
            if self.memory.bot_user_id in self.memory.channels[channel_id].members
            for message in messages
        )

    def shows(self, slack_file: Json) -> bool:
        """Whether blocks of the app may show a file: a picture of the few kinds that it may read itself.

        Named by its id, or by its private address.
        """
        key = str(slack_file.get("url") or "").rpartition("/files-pri/")[2].partition("/")[0]
        stored = self.memory.files.get(str(slack_file.get("id") or key.rpartition("-")[2]))
        if stored is None or ("id" in slack_file) == ("url" in slack_file):
            return False
        there = stored.complete or stored.owner != self.memory.bot_user_id
        return there and stored.mimetype in _SHOWN and self.may_read(stored)

    def page_file(self, stored: StoredFile) -> Json:
        """A file as the page draws it."""
        return {
            "id": stored.id,
            "name": stored.name,
            "title": stored.title or stored.name,
            "alt": stored.alt_text or stored.title or stored.name,
            "url": f"{self.base_url}/sandbox/files/{stored.id}",
            "mimetype": stored.mimetype,
        }
