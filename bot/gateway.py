"""The only place that calls Slack's Web API. A failure becomes one of three that the rest can act on."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack_channels import HISTORY_PAGE, SlackChannels

VIEW_SECONDS = 2  # a trigger lives three seconds, and Slack waits as long for our answer
CALL_SECONDS = 10
_CHUNK = 65_536
_A_SECOND = 2_000_000  # bytes, on a slow line

# Slack says of these that part of the call may have had its effect.
_MAYBE_DONE = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})

Blocks = Sequence[Mapping[str, Any]]


class SlackFailure(Exception):
    """A call to Slack that did not do what was asked."""


class SlackRefused(SlackFailure):
    """Slack said no and nothing happened; `code` is its word for why, `detail` what it adds."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.detail = detail


class SlackBusy(SlackFailure):
    """Slack asks us to wait `seconds`; nothing happened."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


class SlackUnclear(SlackFailure):
    """The answer was lost: the call may or may not have had its effect."""


@dataclass(frozen=True)
class Posted:
    """Where a message is."""

    channel_id: str
    ts: str


@dataclass(frozen=True)
class Picture:
    """A picture to show, or a file without `alt`. `name` finds it again, `comment` is markup.

    `alt` is what a screen reader says.
    """

    name: str
    title: str
    alt: str
    comment: str
    content: bytes


@dataclass(frozen=True)
class Identity:
    """Who the bot is, as `auth.test` says."""

    team_id: str
    team_name: str
    enterprise_id: str
    bot_user_id: str
    bot_id: str


@dataclass(frozen=True)
class TokenReport:
    """What Slack says of the token: whose it is, what it may do, and Slack's own time."""

    identity: Identity
    scopes: frozenset[str]
    date: datetime | None


class Gateway(SlackChannels):
    """Slack's Web API, as far as the bot needs it. Retries nothing: the outbox decides what to repeat."""

    def __init__(self, token: str, base_url: str) -> None:
        self._client = AsyncWebClient(token=token, base_url=base_url, timeout=CALL_SECONDS, retry_handlers=[])
        host = urlsplit(base_url).hostname
        self._file_hosts = {host, f"files.{host}"}

    async def start(self) -> None:
        """Open the one connection pool that all calls share."""
        self._client.session = aiohttp.ClientSession(trust_env=False)

    async def close(self) -> None:
        """Close the connection pool."""
        if self._client.session is not None:
            await self._client.session.close()

    async def identity(self) -> Identity:
        """Ask Slack who this token is."""
        return _identity(await self._call("auth.test"))

    async def inspect(self) -> TokenReport:
        """Ask Slack who this token is and what it may do, for the doctor."""
        heard: dict[str, str] = {}

        async def listen() -> AsyncSlackResponse:
            answer = await self._client.api_call("auth.test")
            heard.update({name.lower(): value for name, value in answer.headers.items()})
            return answer

        identity = _identity(await self._ask(listen()))
        scopes = frozenset(
            scope.strip() for scope in heard.get("x-oauth-scopes", "").split(",") if scope.strip()
        )
        date = parsedate_to_datetime(heard["date"]) if "date" in heard else None
        return TokenReport(identity, scopes, date)

    async def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> str:
        """Open a modal; the view's id."""
        said = await self._view_call("views.open", trigger_id=trigger_id, view=view)
        return str(said["view"]["id"])

    async def push_view(self, trigger_id: str, view: Mapping[str, Any]) -> str:
        """Put a modal on top of the open one; the view's id."""
        said = await self._view_call("views.push", trigger_id=trigger_id, view=view)
        return str(said["view"]["id"])

    async def update_view(self, view_id: str, view: Mapping[str, Any], view_hash: str = "") -> None:
        """Redraw an open modal; with `view_hash` only if nobody else has redrawn it since."""
        await self._view_call(
            "views.update", view_id=view_id, view=view, **({"hash": view_hash} if view_hash else {})
        )

    async def publish_home(self, user_id: str, view: Mapping[str, Any]) -> None:
        """Draw a person's App Home."""
        await self._call("views.publish", user_id=user_id, view=view)

    async def post(
        self, channel_id: str, text: str, blocks: Blocks, mark: str, thread_ts: str | None = None
    ) -> Posted:
        """Post a message. `mark` goes into its metadata, so that it can be found after a lost answer."""
        said = await self._call(
            "chat.postMessage",
            channel=channel_id,
            text=text,
            blocks=list(blocks),
            metadata={"event_type": "goodfaith", "event_payload": {"mark": mark}},
            unfurl_links=False,
            unfurl_media=False,
            **({"thread_ts": thread_ts} if thread_ts else {}),
        )
        return Posted(said["channel"], said["ts"])

    async def update(self, place: Posted, text: str, blocks: Blocks) -> None:
        """Draw a posted message again."""
        await self._call("chat.update", channel=place.channel_id, ts=place.ts, text=text, blocks=list(blocks))

    async def show_picture(self, channel_id: str, picture: Picture, thread_ts: str | None = None) -> None:
        """Post a picture, or another file, with a comment. Until the last of three calls nobody sees it."""
        file_id = await self._upload(picture)
        await self._call(
            "files.completeUploadExternal",
            files=[{"id": file_id, "title": picture.title}],
            channel_id=channel_id,
            initial_comment=picture.comment,
            **({"thread_ts": thread_ts} if thread_ts else {}),
        )

    async def keep_picture(self, picture: Picture) -> str:
        """A picture for blocks to show, shared with nobody by itself; its file's id.

        Slack looks at it before it can be shown: until then `file` names no `mimetype`.
        """
        file_id = await self._upload(picture)
        await self._call("files.completeUploadExternal", files=[{"id": file_id, "title": picture.title}])
        return file_id

    async def _upload(self, picture: Picture) -> str:
        try:
            said = await self._form(
                "files.getUploadURLExternal",
                filename=picture.name,
                length=len(picture.content),
                **({"alt_txt": picture.alt[:1000]} if picture.alt else {}),
            )
            await self._put(str(said["upload_url"]), picture.content)
        except SlackUnclear as unclear:
            raise SlackBusy(1.0) from unclear
        return str(said["file_id"])

    async def file(self, file_id: str) -> Mapping[str, Any]:
        """What Slack knows of a file: `name`, `title`, `size`, `url_private` and more."""
        said = await self._read("files.info", file=file_id)
        found: Mapping[str, Any] = said["file"]
        return found

    async def download(self, address: str, most: int) -> bytes:
        """A private file from the address that Slack named for it, and from no other host.

        Gives at most one byte more than `most`: whoever gets that knows that it is too large.
        """
        session = self._client.session
        if session is None or urlsplit(address).hostname not in self._file_hosts:
            raise SlackRefused("bad_file_url", urlsplit(address).hostname or "")
        try:
            async with session.get(
                address,
                headers={"Authorization": f"Bearer {self._client.token}"},
                allow_redirects=False,  # to a page for signing in, where the token may not read it
                timeout=aiohttp.ClientTimeout(CALL_SECONDS),
            ) as answer:
                if answer.status != 200:
                    raise SlackRefused("file_not_found", f"HTTP {answer.status}")
                content = bytearray()
                async for part in answer.content.iter_chunked(_CHUNK):
                    content += part
                    if len(content) > most:
                        break
                return bytes(content[: most + 1])
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SlackUnclear(type(error).__name__) from error

    async def whisper(self, channel_id: str, user_id: str, text: str) -> None:
        """One sentence that only one person sees."""
        await self._call("chat.postEphemeral", channel=channel_id, user=user_id, text=text)

    async def direct_channel(self, user_id: str) -> str:
        """The id of the direct conversation with a person."""
        said = await self._call("conversations.open", users=user_id)
        return str(said["channel"]["id"])

    async def find(self, channel_id: str, mark: str, since_ts: str) -> Posted | None:
        """Our message with this mark among those after `since_ts`, or None. Reads at most 1,000 messages.

        The mark of a picture is its name.
        """
        cursor = ""
        for _page in range(5):
            said = await self._read(
                "conversations.history",
                channel=channel_id,
                oldest=since_ts,
                include_all_metadata=True,
                limit=HISTORY_PAGE,
                **({"cursor": cursor} if cursor else {}),
            )
            for message in said["messages"]:
                if mark in _marks(message):
                    return Posted(channel_id, message["ts"])
            cursor = said.get("response_metadata", {}).get("next_cursor") or ""
            if not cursor:
                break
        return None

    async def find_reply(self, channel_id: str, thread_ts: str, mark: str) -> Posted | None:
        """Our reply with this mark in a thread, or None. Reads the newest 200."""
        said = await self._read(
            "conversations.replies",
            channel=channel_id,
            ts=thread_ts,
            include_all_metadata=True,
            limit=HISTORY_PAGE,
        )
        for message in said["messages"]:
            if mark in _marks(message):
                return Posted(channel_id, message["ts"])
        return None

    async def user(self, user_id: str) -> Mapping[str, Any]:
        """What Slack knows of a person, with locale and zone."""
        said = await self._read("users.info", user=user_id, include_locale=True)
        found: Mapping[str, Any] = said["user"]
        return found

    async def _view_call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout(VIEW_SECONDS):
                return await self._call(method, **arguments)
        except TimeoutError as error:
            raise SlackUnclear("no answer in time") from error

    async def _call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        return await self._ask(self._client.api_call(method, json=arguments))

    async def _read(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        # Slack's reading methods take no JSON body.
        return await self._ask(self._client.api_call(method, http_verb="GET", params=arguments))

    async def _form(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        # Some writing methods take none either.
        return await self._ask(self._client.api_call(method, data=arguments))

    async def _put(self, address: str, content: bytes) -> None:
        """Bytes to the address that Slack named for them, and to no other host. It asks for no token."""
        session = self._client.session
        if session is None or urlsplit(address).hostname not in self._file_hosts:
            raise SlackRefused("bad_upload_url", urlsplit(address).hostname or "")
        try:
            async with session.post(
                address,
                data=BytesIO(content),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(CALL_SECONDS + len(content) / _A_SECOND),
            ) as answer:
                if answer.status != 200:
                    raise SlackBusy(1.0)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SlackUnclear(type(error).__name__) from error

    async def _ask(self, call: Awaitable[AsyncSlackResponse]) -> Mapping[str, Any]:
        try:
            answer = await call
        except SlackApiError as error:
            raise _failure(error) from error
        except (aiohttp.ClientConnectorError, ConnectionRefusedError) as error:
            raise SlackBusy(1.0) from error  # never reached Slack: nothing happened
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SlackUnclear(type(error).__name__) from error
        data = answer.data
        if not isinstance(data, dict):
            raise SlackUnclear("no JSON")
        return data


def _marks(message: Mapping[str, Any]) -> set[str]:
    """By what a message of ours can be found again: its mark, a file's name, or how a file's name ends."""
    mark = message.get("metadata", {}).get("event_payload", {}).get("mark")
    names = [str(file.get("name") or "") for file in message.get("files", ())]
    return {str(mark or ""), *names, *(PurePath(name).stem.rpartition("-")[2] for name in names)} - {""}


def _identity(said: Mapping[str, Any]) -> Identity:
    return Identity(
        team_id=said["team_id"],
        team_name=said.get("team", ""),
        enterprise_id=said.get("enterprise_id") or "",
        bot_user_id=said["user_id"],
        bot_id=said.get("bot_id") or "",
    )


def _failure(error: SlackApiError) -> SlackFailure:
    response = error.response
    if response.status_code == 429:
        return SlackBusy(float(response.headers.get("Retry-After", 1)))
    if response.status_code >= 500:
        return SlackUnclear(f"HTTP {response.status_code}")
    said = response.data if isinstance(response.data, dict) else {}
    if said.get("error") in _MAYBE_DONE:
        return SlackUnclear(str(said["error"]))
    detail = "; ".join(said.get("response_metadata", {}).get("messages", []))
    return SlackRefused(str(said.get("error", "unknown")), detail)
