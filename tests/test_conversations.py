"""How a conversation gets its place in Slack: what is forbidden, what is lost, who comes and who goes."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlmodel import Session, select

from bot.clock import utc_now
from bot.conversations import GROUP_AT_MOST, ConversationDeliverer
from bot.enforcement import conversation_people, conversations
from bot.enforcement.access import Actor
from bot.enforcement.business_clock import MONDAY_TO_FRIDAY
from bot.gateway import Gateway
from bot.messenger import viewer_of
from bot.outbox import NotSent, Outcome, Retry, Sent, Unknown
from storage.engine import Store, open_store
from storage.records.channels import ChannelBinding
from storage.records.conversation_sheets import Pointed, Taking
from storage.records.conversations import About, Concern, Conversation, Part, TalkForm, TalkOutcome, TalkState
from storage.records.messages import DrawnMessage
from storage.records.outbox import OutboxRow
from storage.records.roster import Person
from tests.bot_under_test import Seeded, seeded
from tests.workspace import BOT_TOKEN, Json, Workspace

__all__ = ["seeded"]

INGRID, WEI, NOOR, TEAM = "U0INGRID1", "U0WEI0001", "U0NOOR001", "T0GOODFTH"
OWN_CHANNEL, TEAM_CHANNEL = "C0BRAND01", "C0PLATFM1"


@dataclass
class Line:
    """One conversation that Ingrid asked for, and the deliverer that takes its steps one by one."""

    ws: Workspace
    store: Store
    deliverer: ConversationDeliverer
    talk_id: str

    async def step(self, step: str, user_id: str = "") -> Outcome:
        """Take a step."""
        return await self.deliverer.deliver(self.row(step, user_id))

    def row(self, step: str, user_id: str = "") -> OutboxRow:
        payload = {"conversation_id": self.talk_id, "step": step, "user_id": user_id}
        now = utc_now()
        return OutboxRow(
            kind="conversation", subject_id=self.talk_id, payload=payload, next_try=now, created_at=now
        )

    def talk(self) -> Conversation:
        """The conversation as it is kept."""
        found: Conversation = self.store.read_sync(Session.get_one, Conversation, self.talk_id)
        return found

    def places(self, drawing: str) -> set[str]:
        """Where a drawing is to be shown."""
        rows = self.store.read_sync(lambda session: list(session.exec(select(OutboxRow)).all()))
        return {row.payload["place"] for row in rows if row.payload.get("drawing") == drawing}

    async def join(self, user_id: str) -> None:
        """Somebody takes part as well."""

        def seat(session: Session) -> None:
            person = session.exec(select(Person).where(Person.user_id == user_id)).one()
            talk = session.get_one(Conversation, self.talk_id)
            conversation_people.seat(session, talk, [Taking(person, Part.JOINED)], utc_now())

        await self.store.run(seat)

    def made(self) -> list[Any]:
        """The channels that the bot made."""
        channels = self.ws.sandbox.memory.channels.values()
        return [channel for channel in channels if channel.name.startswith("talk-")]

    async def refuse(self, method: str, error: str, times: int = 1) -> None:
        await self.ws.fault(method, "ok_false", error=error, times=times)

    async def said(self, method: str) -> list[Json]:
        return await self.ws.calls(method)


@pytest_asyncio.fixture
async def line(workspace: Workspace, seeded: Seeded, tmp_path: Path) -> AsyncIterator[Line]:
    """The alliance without its bot: Ingrid has asked, and Slack has not been asked yet."""
    path = tmp_path / "line.db"
    shutil.copyfile(seeded.path, path)
    store = open_store(f"sqlite:///{path}")
    store.migrate()
    gateway = Gateway(BOT_TOKEN, workspace.api_url)
    await gateway.start()
    asked = await store.run(
        conversations.start,
        Actor(TEAM, INGRID),
        Pointed(About.HOME),
        Concern.SECURITY,
        "A ring sells our shoes from three shops.",
        now=utc_now(),
    )
    deliverer = ConversationDeliverer(store, gateway, utc_now, MONDAY_TO_FRIDAY)
    yield Line(workspace, store, deliverer, asked.talk.id)
    await gateway.close()
    await store.close()


async def test_the_right_people_get_a_private_channel(line: Line) -> None:
    outcome = await line.step("open")
    (channel,) = line.made()
    assert outcome == Sent({"form": "channel", "channel": channel.channel_id})
    assert channel.kind == "private"
    assert {INGRID, WEI, NOOR} <= set(channel.members)
    assert (line.talk().state, line.talk().channel_id) == (TalkState.OPEN, channel.channel_id)
    await line.step("open")
    assert len(line.made()) == 1


@pytest.mark.parametrize("error", ["restricted_action", "missing_scope"])
async def test_where_no_channel_may_be_made_they_get_a_group_message(line: Line, error: str) -> None:
    await line.refuse("conversations.create", error)
    await line.step("open")
    talk = line.talk()
    group = line.ws.sandbox.memory.channels[talk.channel_id]
    assert (talk.form, group.kind, line.made()) == (TalkForm.GROUP, "mpim", [])
    assert {INGRID, WEI, NOOR} <= set(group.members)
    assert len(group.members) <= GROUP_AT_MOST + 1


async def test_a_group_message_that_is_taken_is_passed_over_for_a_thread(line: Line) -> None:
    await line.refuse("conversations.create", "restricted_action", times=2)
    await line.step("open")
    second = await line.store.run(
        conversations.start,
        Actor(TEAM, INGRID),
        Pointed(About.HOME),
        Concern.RIGHTS,
        "The renewal is late.",
        now=utc_now(),
    )
    first = line.talk()
    line.talk_id = second.talk.id
    await line.step("open")
    talk = line.talk()
    assert (first.form, talk.form, talk.channel_id) == (TalkForm.GROUP, TalkForm.TEAM, TEAM_CHANNEL)


async def test_where_both_are_forbidden_the_team_reads_one_persons_concern_and_colleagues_do_not(
    line: Line,
) -> None:
    await line.refuse("conversations.create", "restricted_action")
    await line.refuse("conversations.open", "restricted_action")
    await line.step("open")
    talk = line.talk()
    assert (talk.form, talk.channel_id) == (TalkForm.TEAM, TEAM_CHANNEL)
    places = line.places("conversation")
    assert {TEAM_CHANNEL, INGRID, WEI, NOOR} <= places  # who is not in that channel has it by message
    assert OWN_CHANNEL not in places


async def test_without_any_place_they_are_told_to_write_to_each_other(line: Line) -> None:
    def no_team_channel(session: Session) -> None:
        team = session.exec(select(ChannelBinding).where(ChannelBinding.channel_id == TEAM_CHANNEL)).one()
        team.unbound_at = utc_now()

    await line.store.run(no_team_channel)
    await line.refuse("conversations.create", "restricted_action")
    await line.refuse("conversations.open", "restricted_action")
    await line.step("open")
    assert (line.talk().form, line.talk().channel_id) == (TalkForm.DIRECT, "")


async def test_for_whoever_comes_later_there_is_another_group_message_with_everybody(line: Line) -> None:
    await line.refuse("conversations.create", "restricted_action")
    await line.step("open")
    old = line.talk().channel_id
    mikkel = line.ws.member("Mikkel")
    await line.join(mikkel)
    await line.step("invite", mikkel)
    assert old in line.places("conversation_moved")
    assert line.talk().channel_id == old  # until the old one has said so
    for _ in range(2):  # the second time nothing is left to do
        await line.step("move", mikkel)
        talk = line.talk()
        group = line.ws.sandbox.memory.channels[talk.channel_id]
        assert (talk.form, group.kind, talk.channel_id != old) == (TalkForm.GROUP, "mpim", True)
        assert {INGRID, WEI, NOOR, mikkel} <= set(group.members)
    assert talk.channel_id in line.places("conversation")
    assert mikkel not in line.places("conversation")
    assert line.store.read_sync(viewer_of, old, pictures=False) is None


async def test_who_has_no_room_in_a_group_message_has_it_by_message(line: Line) -> None:
    await line.refuse("conversations.create", "restricted_action")
    await line.step("open")
    mikkel = line.ws.member("Mikkel")
    await line.join(mikkel)
    await line.refuse("conversations.open", "not_enough_users")
    await line.step("invite", mikkel)
    assert mikkel in line.places("conversation")
    assert line.places("conversation_moved") == set()


async def test_a_channel_whose_making_was_not_heard_of_is_found_and_not_made_again(line: Line) -> None:
    await line.ws.fault("conversations.create", "lost_after_effect", times=1)
    assert isinstance(await line.step("open"), Unknown)
    assert (len(line.made()), line.talk().channel_id) == (1, "")
    assert await line.deliverer.look_up(line.row("open")) == NotSent()
    assert line.talk().channel_id == line.made()[0].channel_id
    await line.step("open")
    assert (len(line.made()), line.talk().form) == (1, TalkForm.CHANNEL)
    assert len(await line.said("conversations.create")) == 1


async def test_a_name_that_our_lost_attempt_took_leads_to_its_channel(line: Line) -> None:
    await line.ws.fault("conversations.create", "lost_after_effect", times=1)
    await line.step("open")
    await line.step("open")  # not looked up, as after a look-up that came too early
    assert (len(line.made()), line.talk().channel_id) == (1, line.made()[0].channel_id)


async def test_a_busy_slack_is_asked_again_and_a_dead_token_waited_for(line: Line) -> None:
    await line.ws.fault("conversations.create", "429", retry_after=7)
    assert await line.step("open") == Retry(7.0, "wait 7.0 s")
    await line.refuse("conversations.create", "token_revoked")
    assert await line.step("open") == Retry(60.0, "token_revoked")
    assert line.talk().state is TalkState.OPENING


async def test_one_who_cannot_come_keeps_nobody_out(line: Line) -> None:
    await line.ws.change_person(WEI, deleted=True)
    await line.step("open")
    (channel,) = line.made()
    assert WEI not in channel.members
    assert {INGRID, NOOR} <= set(channel.members)


async def test_people_come_and_go_and_the_last_one_archives(line: Line) -> None:
    await line.step("open")
    (channel,) = line.made()
    mikkel = line.ws.member("Mikkel")
    await line.step("invite", mikkel)
    assert mikkel in channel.members
    await line.step("remove", mikkel)
    assert mikkel not in channel.members
    assert await line.step("remove", mikkel) == Sent({"refused": "not_in_channel"})
    await line.store.run(
        conversations.close, Actor(TEAM, INGRID), line.talk_id, TalkOutcome.SOLVED, "", now=utc_now()
    )
    await line.step("end")
    assert channel.archived
    assert await line.step("end") == Sent({"refused": "already_archived"})


async def test_who_wrote_is_looked_at_and_slacks_own_lines_do_not_count(line: Line) -> None:
    await line.step("open")
    (channel,) = line.made()
    assert await line.step("look") == Sent({"skipped": "nothing to look at"})
    ts = line.ws.sandbox.workspace.tick()
    await line.store.run(_head, line.talk_id, channel.channel_id, ts)
    line.ws.sandbox.workspace.post(channel, "U0GOODFTH", "Who is here")
    await line.ws.say(INGRID, channel.channel_id, "Hello?")
    await line.step("look")
    assert (line.talk().answered_at, line.talk().reminded) == (None, 1)
    await line.ws.say(WEI, channel.channel_id, "We are on it.")
    await line.step("look")
    assert line.talk().answered_at is not None


def _head(session: Session, talk_id: str, channel_id: str, ts: str) -> None:
    session.add(
        DrawnMessage(
            kind="conversation",
            subject_id=talk_id,
            place=channel_id,
            channel_id=channel_id,
            ts=ts,
            drawn_at=utc_now(),
        )
    )
