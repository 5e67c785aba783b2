"""What Slack does with channels, group messages and user groups: the part of its Web API about places.

`bot/gateway.py` is the whole of it and makes the calls; what they raise is explained there.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

HISTORY_PAGE = 200
CHANNELS_PAGE = 200
_BY_HAND = frozenset({"", "file_share", "thread_broadcast", "me_message"})  # subtypes of what people write


class SlackChannels(ABC):
    """The methods about places, over the two ways of calling that the gateway has."""

    @abstractmethod
    async def _call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method that takes JSON."""

    @abstractmethod
    async def _read(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method that only reads."""

    async def create_private(self, name: str) -> str:
        """Make a private channel with the bot in it; its id. A name is taken once in a workspace."""
        said = await self._call("conversations.create", name=name, is_private=True)
        return str(said["channel"]["id"])

    async def private_channel(self, name: str) -> str | None:
        """The id of the private channel of this name that the bot is in, or None."""
        cursor = ""
        while True:
            more = {"cursor": cursor} if cursor else {}
            said = await self._read(
                "conversations.list",
                types="private_channel",
                exclude_archived=True,
                limit=CHANNELS_PAGE,
                **more,
            )
            for channel in said["channels"]:
                if channel["name"] == name:
                    return str(channel["id"])
            cursor = said.get("response_metadata", {}).get("next_cursor") or ""
            if not cursor:
                return None

    async def invite(self, channel_id: str, user_ids: Sequence[str]) -> set[str]:
        """Bring people into a channel; those who cannot come, and they do not keep the others out."""
        users = ",".join(user_ids)
        said = await self._call("conversations.invite", channel=channel_id, users=users, force=True)
        return {str(fault["user"]) for fault in said.get("errors", ()) if "user" in fault}

    async def remove(self, channel_id: str, user_id: str) -> None:
        """Take somebody out of a channel."""
        await self._call("conversations.kick", channel=channel_id, user=user_id)

    async def group_message(self, user_ids: Sequence[str]) -> str:
        """The id of the group conversation with these people, at most eight: the same every time."""
        said = await self._call("conversations.open", users=",".join(user_ids))
        return str(said["channel"]["id"])

    async def archive(self, channel_id: str) -> None:
        """Archive a channel."""
        await self._call("conversations.archive", channel=channel_id)

    async def authors(self, channel_id: str, since_ts: str, *, thread: bool = False) -> set[str]:
        """Who has written after a message, or in its thread. Reads at most 1,000 messages."""
        found: set[str] = set()
        method = "conversations.replies" if thread else "conversations.history"
        where = {"ts": since_ts} if thread else {"oldest": since_ts}
        cursor = ""
        for _page in range(5):
            more = {"cursor": cursor} if cursor else {}
            said = await self._read(method, channel=channel_id, limit=HISTORY_PAGE, **where, **more)
            found |= {text["user"] for text in said["messages"] if _written(text)}
            cursor = said.get("response_metadata", {}).get("next_cursor") or ""
            if not cursor:
                break
        return found

    async def members(self, channel_id: str) -> list[str]:
        """The user ids of everybody in a channel."""
        found: list[str] = []
        cursor = ""
        while True:
            more = {"cursor": cursor} if cursor else {}
            said = await self._read("conversations.members", channel=channel_id, limit=HISTORY_PAGE, **more)
            found += said["members"]
            cursor = said.get("response_metadata", {}).get("next_cursor") or ""
            if not cursor:
                return found

    async def channel(self, channel_id: str) -> Mapping[str, Any]:
        """What Slack knows of a channel: `name`, `is_private`, `is_archived`, `is_ext_shared` and more."""
        said = await self._read("conversations.info", channel=channel_id)
        found: Mapping[str, Any] = said["channel"]
        return found

    async def user_groups(self) -> list[Mapping[str, Any]]:
        """Every user group: `id`, `name`, `handle`, `created_by`, and `date_delete` of disabled ones."""
        said = await self._read("usergroups.list", include_disabled=True)
        return list(said["usergroups"])

    async def create_user_group(self, name: str, handle: str, description: str) -> str:
        """Make a user group; its id. Name and handle are each taken once in a workspace."""
        said = await self._call("usergroups.create", name=name, handle=handle, description=description)
        return str(said["usergroup"]["id"])

    async def rename_user_group(self, usergroup_id: str, name: str, handle: str) -> None:
        """Let a user group be called so, and be mentioned so."""
        await self._call("usergroups.update", usergroup=usergroup_id, name=name, handle=handle)

    async def user_group_people(self, usergroup_id: str) -> list[str]:
        """The user ids of those in a user group."""
        said = await self._read("usergroups.users.list", usergroup=usergroup_id, include_disabled=True)
        return [str(user_id) for user_id in said["users"]]

    async def set_user_group_people(self, usergroup_id: str, user_ids: Sequence[str]) -> None:
        """Who is in a user group: these and nobody else, at least one, none of them a guest."""
        users = ",".join(user_ids)
        await self._call("usergroups.users.update", usergroup=usergroup_id, users=users)

    async def switch_user_group(self, usergroup_id: str, *, on: bool) -> None:
        """Disable a user group, which is how one becomes empty, or enable it again."""
        await self._call("usergroups.enable" if on else "usergroups.disable", usergroup=usergroup_id)


def _written(message: Mapping[str, Any]) -> bool:
    """Whether a person wrote it: neither an app, nor Slack, which says who joined."""
    return message.get("subtype", "") in _BY_HAND and "bot_id" not in message and bool(message.get("user"))
