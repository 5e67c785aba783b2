"""Talk to us from end to end: pressed on a card, held in a channel of its own, closed with an outcome."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlmodel import Session, select

from storage.records.conversations import Concern, Conversation, TalkForm, TalkOutcome, TalkState
from tests.bot_under_test import Product
from tests.workspace import Json

INGRID, MIKKEL, WEI, NOOR, RUTH = "U0INGRID1", "U0MIKKEL1", "U0WEI0001", "U0NOOR001", "U0RUTH001"
SOFIA, FIONA, HANNAH = "U0SOFIA01", "U0FIONA01", "U0HANNAH1"
NORDLYS, ORCHARD, TEAM = "C0BRAND01", "C0BRAND10", "C0PLATFM1"
WHY = "The seller holds our invoice up to everybody. Please call."


class Desk:
    """What people do in the workspace over and over."""

    def __init__(self, product: Product) -> None:
        self.product, self.ws = product, product.ws

    async def card(self, brand: str, user: str, channel: str) -> Json:
        """The marketplace asks, and the card comes."""
        listings = (await self.ws.market("listings", q=brand))["listings"]
        (asked,) = await self.ws.ask([listings[0]["id"]])
        assert "error" not in asked, asked
        return await self.saying(user, channel, "talk_open")

    async def saying(self, user: str, channel: str, words: str) -> Json:
        """The newest message in a channel that holds these words."""

        return await self._newest(lambda: self.ws.messages(user, channel), words)

    async def direct(self, user: str, words: str) -> Json:
        """The newest direct message of the bot that holds these words."""

        return await self._newest(lambda: self.ws.direct_messages(user), words)

    async def _newest(self, read: Callable[[], Awaitable[list[Json]]], words: str) -> Json:
        async def look() -> list[Json]:
            return [message for message in await read() if words in str(message)]

        return (await self.ws.wait_for(look))[-1]

    async def press(self, user: str, message: Json, action: str) -> Json:
        """Press a button and get what opened."""
        await self.ws.click(user, message["channel"], message["ts"], action)
        return (await self.ws.views(user))[-1]

    async def ask(self, user: str, message: Json, concern: Concern) -> Json:
        """Ask for a conversation about a card; the modal afterwards."""
        form = await self.press(user, message, "talk_open")
        assert await self.ws.submit(user, form["id"], {"concern": concern.value, "text": WHY}) == {"ok": True}
        return (await self.ws.views(user))[-1]

    async def talks(self) -> Sequence[Conversation]:
        """Every conversation, as kept."""

        def read(session: Session) -> Sequence[Conversation]:
            return session.exec(select(Conversation)).all()

        return await self.product.store.read(read)

    async def opened(self) -> Conversation:
        """The one conversation, when it is open."""

        async def look() -> list[Conversation]:
            return [talk for talk in await self.talks() if talk.state is TalkState.OPEN]

        (talk,) = await self.ws.wait_for(look)
        return talk

    def made(self) -> list[Any]:
        """The channels that the bot made."""
        channels = self.ws.sandbox.memory.channels.values()
        return [channel for channel in channels if channel.name.startswith("talk-")]


async def test_a_conversation_about_a_card_is_held_and_closed(product: Product) -> None:
    desk = Desk(product)
    card = await desk.card("Nordlys", INGRID, NORDLYS)
    form = await desk.press(MIKKEL, card, "talk_open")
    refused = await desk.ws.submit(MIKKEL, form["id"], {"concern": "slow_answer", "text": " "})
    assert set(refused["errors"]) == {"text"}
    after = await desk.ask(MIKKEL, card, Concern.WRONG_DECISION)
    assert "is being opened with" in str(after)

    talk = await desk.opened()
    (channel,) = desk.made()
    assert (talk.form, talk.channel_id, channel.kind) == (TalkForm.CHANNEL, channel.channel_id, "private")
    assert set(channel.members) >= {MIKKEL, WEI, NOOR, "U0GOODFTH"}
    assert HANNAH not in channel.members
    head = await desk.saying(WEI, channel.channel_id, "talk_close")
    assert WHY in str(head["blocks"])
    shown = await desk.saying(WEI, channel.channel_id, "request_genuine")
    assert "talk_open" not in str(shown["blocks"])  # it is talked about here already
    await desk.direct(MIKKEL, "Your conversation is open")

    # The live buttons there ask the same access rules: the platform cannot answer for the brand.
    await desk.ws.click(WEI, channel.channel_id, shown["ts"], "request_genuine")
    await desk.saying(WEI, channel.channel_id, "That does not exist, or it is ")
    await desk.ws.click(INGRID, NORDLYS, card["ts"], "request_genuine")
    drawn = await desk.saying(WEI, channel.channel_id, "request_retract")
    assert drawn["ts"] == shown["ts"]

    # Whoever asks again is led to it, and takes part.
    known = await desk.press(INGRID, await desk.saying(INGRID, NORDLYS, "talk_open"), "talk_open")
    assert channel.channel_id in str(known)
    assert len(await desk.talks()) == len(desk.made()) == 1
    await desk.ws.wait_for(lambda: _is_in(channel, INGRID))

    form = await desk.press(WEI, head, "talk_close")
    done = {"outcome": TalkOutcome.EXPLAINED.value, "text": "It was a second seller."}
    assert await desk.ws.submit(WEI, form["id"], done) == {"ok": True}
    await desk.ws.wait_for(lambda: _archived(channel))
    last = await desk.saying(MIKKEL, channel.channel_id, "This channel is archived now")
    assert "It was a second seller." in str(last)
    assert "request_" not in str(
        await desk.ws.messages(MIKKEL, channel.channel_id)
    )  # nothing is pressed here
    await desk.direct(MIKKEL, "Explained, nothing to change")


async def test_a_ring_waits_for_the_association_and_reaches_the_security_team(product: Product) -> None:
    desk = Desk(product)
    card = await desk.card("Orchard", SOFIA, ORCHARD)
    after = await desk.ask(SOFIA, card, Concern.SECURITY)
    assert "has to agree" in str(after)
    asked = await desk.direct(FIONA, "May this conversation open?")
    assert (desk.made(), (await desk.talks())[0].state) == ([], TalkState.WAITING)
    await desk.ws.click(FIONA, asked["channel"], asked["ts"], "talk_approve")
    await desk.opened()
    (channel,) = desk.made()
    assert set(channel.members) >= {SOFIA, FIONA, NOOR}
    await desk.direct(FIONA, "agreed.")
    await desk.saying(NOOR, channel.channel_id, "(association)")
    # Nobody answers for a business day: the account manager hears of it.
    await desk.ws.advance(4 * 86400)
    await desk.direct(NOOR, "waits for a first answer")


async def test_a_thread_takes_it_where_slack_allows_nothing_else(product: Product) -> None:
    desk = Desk(product)
    card = await desk.card("Nordlys", INGRID, NORDLYS)
    await desk.ws.fault("conversations.create", "ok_false", error="restricted_action")
    await desk.ws.fault("conversations.open", "ok_false", error="restricted_action", times=1)
    await desk.ask(INGRID, card, Concern.SLOW_ANSWER)
    talk = await desk.opened()
    assert (talk.form, talk.channel_id, desk.made()) == (TalkForm.THREAD, NORDLYS, [])
    head = await desk.saying(INGRID, NORDLYS, "talk_close")
    await desk.direct(WEI, "is a thread in")
    form = await desk.press(INGRID, head, "talk_close")
    assert await desk.ws.submit(INGRID, form["id"], {"outcome": "solved"}) == {"ok": True}
    last = await desk.saying(INGRID, NORDLYS, "Closed by")
    assert "talk_close" not in str(await desk.saying(INGRID, NORDLYS, WHY))
    assert last["ts"] == head["ts"] or last["thread_ts"] == head["ts"]


async def test_a_persons_own_concern_is_read_by_the_team_where_slack_allows_nothing_else(
    product: Product,
) -> None:
    desk = Desk(product)
    await desk.ws.fault("conversations.create", "ok_false", error="restricted_action")
    await desk.ws.fault("conversations.open", "ok_false", error="restricted_action", times=1)
    await desk.ws.open_home(MIKKEL)
    home = await desk.ws.wait_for(lambda: desk.ws.home(MIKKEL))
    assert home is not None
    await desk.ws.click_view(MIKKEL, home["id"], "talk_open", value="home")
    form = (await desk.ws.views(MIKKEL))[-1]
    typed = {"concern": Concern.OTHER.value, "text": WHY}
    assert await desk.ws.submit(MIKKEL, form["id"], typed) == {"ok": True}
    await desk.opened()
    head = await desk.saying(WEI, TEAM, "talk_close")
    assert WHY in str(head)
    assert f"Answer <@{MIKKEL}> in a direct message" in str(head)
    await desk.direct(MIKKEL, "has what you wrote, in its own channel")
    assert WHY not in str(await desk.ws.messages(INGRID, NORDLYS))


async def _is_in(channel: Any, user: str) -> bool:
    return user in channel.members


async def _archived(channel: Any) -> bool:
    return bool(channel.archived)


async def test_the_platform_asks_a_company_from_its_home(product: Product) -> None:
    desk = Desk(product)
    await desk.ws.open_home(WEI)
    home = await desk.ws.wait_for(lambda: desk.ws.home(WEI))
    assert home is not None
    await desk.ws.click_view(WEI, home["id"], "talk_open", value="home")
    form = (await desk.ws.views(WEI))[-1]
    offered = await desk.ws.options(WEI, form["id"], "office_pick_holder", "nordlys")
    (company,) = offered["options"]
    typed = {"holder": company["value"], "concern": Concern.RIGHTS.value, "text": WHY}
    assert await desk.ws.submit(WEI, form["id"], typed) == {"ok": True}
    await desk.opened()
    (channel,) = desk.made()
    assert {WEI, INGRID} <= set(channel.members)
    assert "of the marketplace's team wants to talk with" in str(
        await desk.saying(INGRID, channel.channel_id, "talk_close")
    )
