"""Opens conversations in Slack, lets people in and out, looks who wrote, and archives: handed to the outbox.

Where a workspace lets nobody make private channels, the same people get a group message; where that is
forbidden or belongs to another conversation already, a thread in the brand's own channel, or, about one
person's concern, in the platform team's; else nothing, and they are told to write to each other. A group
message cannot grow: for whoever comes later there is another one with everybody in it. Only making a channel
is not safe to repeat: it has one name for ever, by which it is found again.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from bot.clock import Clock
from bot.enforcement import conversation_time
from bot.enforcement.business_clock import Calendar
from bot.enforcement.conversation_time import Plan
from bot.gateway import Gateway, SlackBusy, SlackFailure, SlackRefused, SlackUnclear
from bot.outbox import Dead, NotSent, Outcome, Retry, Sent, Unknown
from storage.engine import Store
from storage.queries import conversations
from storage.records.conversation_sheets import TalkSheet
from storage.records.conversations import THREADS, TalkForm
from storage.records.outbox import OutboxRow

GROUP_AT_MOST = 8
# An operator mends these; the conversation waits for that rather than end up in a worse place.
_MENDED_BY_HAND = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "org_login_required"}
)


class ConversationDeliverer:
    """One deliverer for the steps of a conversation: `open`, `invite`, `move`, `remove`, `look`, `end`."""

    def __init__(self, store: Store, gateway: Gateway, clock: Clock, calendar: Calendar) -> None:
        self._store = store
        self._gateway = gateway
        self._clock = clock
        self._calendar = calendar
        self._steps: Mapping[str, Callable[[OutboxRow], Awaitable[Outcome]]] = {
            "open": self._open,
            "invite": self._invite,
            "move": self._move,
            "remove": self._remove,
            "look": self._look,
            "end": self._end,
        }

    async def deliver(self, row: OutboxRow) -> Outcome:
        """Take one step; see `bot/outbox.py` for the outcomes."""
        try:
            return await self._steps[row.payload["step"]](row)
        except SlackBusy as busy:
            return Retry(busy.seconds, str(busy))
        except SlackUnclear as unclear:
            return Unknown(str(unclear))
        except SlackRefused as refused:
            return Retry(60.0, refused.code) if refused.code in _MENDED_BY_HAND else Dead(str(refused))

    async def look_up(self, row: OutboxRow) -> Outcome:
        """Find a channel whose making was not heard of; every other step may simply be taken again."""
        if row.payload["step"] != "open":
            return NotSent()
        wanted = await self._store.read(conversation_time.plan, _talk(row))
        if wanted is None:
            return Sent({"found": "open"})
        if wanted.channel_id:
            return NotSent()
        try:
            found = await self._gateway.private_channel(wanted.name)
        except SlackFailure as failure:
            return Unknown(f"could not look: {failure}")
        if found is not None:
            await self._store.run(conversation_time.created, _talk(row), found)
        return NotSent()

    async def _open(self, row: OutboxRow) -> Outcome:
        wanted = await self._store.read(conversation_time.plan, _talk(row))
        if wanted is None:
            return Sent({"skipped": "open by now"})
        for form, place in (
            (TalkForm.CHANNEL, self._in_channel),
            (TalkForm.GROUP, self._in_group),
        ):
            found = await place(row, wanted)
            if found is not None and await self._opened(row, form, *found):
                return Sent({"form": form.value, "channel": found[0]})
        if wanted.thread is not None:
            form, channel_id = wanted.thread
            await self._opened(row, form, channel_id, ())
            return Sent({"form": form.value, "channel": channel_id})
        await self._opened(row, TalkForm.DIRECT, "", ())
        return Sent({"form": TalkForm.DIRECT.value})

    async def _opened(self, row: OutboxRow, form: TalkForm, channel_id: str, present: Sequence[str]) -> bool:
        return await self._store.run(
            conversation_time.opened,
            _talk(row),
            form,
            channel_id,
            present,
            calendar=self._calendar,
            now=self._clock(),
        )

    async def _in_channel(self, row: OutboxRow, wanted: Plan) -> tuple[str, Sequence[str]] | None:
        """A private channel with these people in it, or None where the workspace has none for us."""
        channel_id = wanted.channel_id or await self._create(wanted.name)
        if channel_id is None:
            return None
        if not wanted.channel_id:
            await self._store.run(conversation_time.created, _talk(row), channel_id)
        await self._bring(channel_id, wanted.user_ids)
        present = await self._gateway.members(channel_id)
        if set(present) & set(wanted.user_ids):
            return channel_id, present
        with suppress(SlackRefused):  # nobody came: it is of no use
            await self._gateway.archive(channel_id)
        return None

    async def _create(self, name: str) -> str | None:
        try:
            return await self._gateway.create_private(name)
        except SlackRefused as refused:
            if refused.code in _MENDED_BY_HAND:
                raise
            # Taken by our own earlier attempt, or by a channel that we may not see.
            return await self._gateway.private_channel(name) if refused.code == "name_taken" else None

    async def _bring(self, channel_id: str, user_ids: Sequence[str]) -> None:
        """Invite all; where Slack takes none because of some, each for themselves."""
        try:
            await self._gateway.invite(channel_id, user_ids)
        except SlackRefused as refused:
            if refused.code in _MENDED_BY_HAND:
                raise
            for user_id in user_ids:
                await self._bring_one(channel_id, user_id)

    async def _bring_one(self, channel_id: str, user_id: str) -> str:
        try:
            await self._gateway.invite(channel_id, [user_id])
        except SlackRefused as refused:
            return refused.code
        return ""

    async def _in_group(self, _row: OutboxRow, wanted: Plan) -> tuple[str, Sequence[str]] | None:
        """A group message of the first eight, or None where the workspace has none for us."""
        people = wanted.user_ids[:GROUP_AT_MOST]
        if len(people) < 2:
            return None  # with one person it would be the direct conversation, which is not bound
        channel_id = await self._group_of(people)
        return (channel_id, people) if channel_id else None

    async def _group_of(self, people: Sequence[str]) -> str:
        """The group message of these people, the same each time; empty where Slack refuses it."""
        try:
            return await self._gateway.group_message(people)
        except SlackRefused as refused:
            if refused.code in _MENDED_BY_HAND:
                raise
            return ""

    async def _invite(self, row: OutboxRow) -> Outcome:
        sheet = await self._store.read(conversations.sheet, _talk(row))
        if sheet is None or sheet.talk.form not in (TalkForm.CHANNEL, TalkForm.GROUP):
            return Sent({"skipped": "nobody can be added there"})
        user_id = row.payload["user_id"]
        if sheet.talk.form is TalkForm.CHANNEL:
            return Sent({"refused": await self._bring_one(sheet.talk.channel_id, user_id)})
        if len(sheet.members) > GROUP_AT_MOST or not await self._group_of(_everybody(sheet)):
            return await self._left_out(row, user_id)
        if not await self._store.run(conversation_time.moves, _talk(row), user_id, now=self._clock()):
            return Sent({"skipped": "closed meanwhile"})
        return Sent({"moves": "the old group message says so first"})

    async def _move(self, row: OutboxRow) -> Outcome:
        """Open the group message of all who take part now; the old one stays and is bound no more."""
        sheet = await self._store.read(conversations.sheet, _talk(row))
        if sheet is None or sheet.talk.form is not TalkForm.GROUP:
            return Sent({"skipped": "nothing to move"})
        people = _everybody(sheet)
        channel_id = await self._group_of(people) if len(people) <= GROUP_AT_MOST else ""
        if not channel_id:
            return await self._left_out(row, row.payload["user_id"])
        theirs = await self._store.run(
            conversation_time.moved, _talk(row), channel_id, people, now=self._clock()
        )
        return Sent({"channel": channel_id}) if theirs else await self._left_out(row, row.payload["user_id"])

    async def _left_out(self, row: OutboxRow, user_id: str) -> Outcome:
        await self._store.run(conversation_time.left_out, _talk(row), [user_id], now=self._clock())
        return Sent({"refused": "the group message takes nobody more"})

    async def _remove(self, row: OutboxRow) -> Outcome:
        sheet = await self._store.read(conversations.sheet, _talk(row))
        if sheet is None or sheet.talk.form is not TalkForm.CHANNEL:
            return Sent({"skipped": "nobody can be taken out there"})
        try:
            await self._gateway.remove(sheet.talk.channel_id, row.payload["user_id"])
        except SlackRefused as refused:
            return Sent({"refused": refused.code})  # they stay a stranger, and the channel stays paused
        return Sent({})

    async def _look(self, row: OutboxRow) -> Outcome:
        sheet = await self._store.read(conversations.sheet, _talk(row))
        if sheet is None or not sheet.head_ts:
            return Sent({"skipped": "nothing to look at"})
        thread = sheet.talk.form in THREADS
        authors = await self._gateway.authors(sheet.talk.channel_id, sheet.head_ts, thread=thread)
        await self._store.run(
            conversation_time.looked, _talk(row), authors, calendar=self._calendar, now=self._clock()
        )
        return Sent({})

    async def _end(self, row: OutboxRow) -> Outcome:
        channel_id = await self._store.run(conversation_time.ended, _talk(row), now=self._clock())
        if not channel_id:
            return Sent({"skipped": "stays as it is"})
        try:
            await self._gateway.archive(channel_id)
        except SlackRefused as refused:
            return Sent({"refused": refused.code})
        return Sent({})


def _everybody(sheet: TalkSheet) -> list[str]:
    return [each.person.user_id for each in sheet.members]


def _talk(row: OutboxRow) -> str:
    return str(row.payload["conversation_id"])
