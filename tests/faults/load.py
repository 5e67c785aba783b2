"""Everybody at once: a marketplace that asks and withdraws, experts who race, members who file, and weather.

Each works like its model: a platform client repeats what was not acknowledged, under the same external id; a
person sees that a click did not work and clicks again, or does not.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp

from bot.sandbox.faults import Fault
from bot.sandbox.marketplace.market import Behaviour
from bot.sandbox.records import Message
from tests.faults.history import Click, History
from tests.slack_hand import SignedBody, button_in, click_payload, deliver, interaction
from tests.workspace import Json, Workspace

OPEN_AT_MOST = 40  # questions asked and not yet answered: more would only wait
LISTINGS_PER_BRAND = 3  # few, so that several questions meet on one listing
PAUSE = 0.05
CALL = aiohttp.ClientTimeout(total=15)
ANSWERS = (
    *("request_fake",) * 12,
    *("request_genuine",) * 5,
    "request_cannot_tell",
    "request_need_sample",
    "request_not_our_brand",
)
FILERS = ("Mikkel", "Tomás", "Jonas")
MARKET_WEATHER = (
    *("error_after_effect",) * 3,
    "error_before_effect",
    "down",
    "slow",
    "timeout_after_effect",
)
SLACK_METHODS = ("chat.postMessage", "chat.postMessage", "chat.update", "views.open", "chat.postEphemeral")
SLACK_WEATHER = ("429", "500", "lost_after_effect")


@dataclass
class Load:
    """The clients of one fault run. `calm` ends the load: each finishes what is under way."""

    ws: Workspace
    history: History
    chance: random.Random
    api_key: str
    calm: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _sent: list[SignedBody] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10**9)))

    def __post_init__(self) -> None:
        self._session = aiohttp.ClientSession(timeout=CALL)

    def start(self) -> None:
        """Begin."""
        catalogue = self.ws.server.market.memory.listings.values()
        brands = sorted({listing.brand for listing in catalogue})
        self._listings = [
            listing
            for brand in brands
            for listing in [each for each in catalogue if each.brand == brand][:LISTINGS_PER_BRAND]
        ]
        everybody: list[Callable[[], Awaitable[None]]] = [
            *[self.ask] * 2,
            *[self.answer] * 3,
            self.replay,
            self.withdraw,
            self.retract,
            self.change_weather,
            *[partial(self.file, name) for name in FILERS],
        ]
        self._tasks = [asyncio.create_task(self._keep_doing(work)) for work in everybody]

    async def stop(self) -> None:
        """Let everybody finish, and clear the weather; raises what any of them raised."""
        self.calm.set()
        self.ws.sandbox.faults.clear()
        self.ws.server.market.behaviour = Behaviour()
        await asyncio.gather(*self._tasks)

    async def end(self) -> None:
        """Whatever happened, nobody stays behind."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    async def _keep_doing(self, work: Callable[[], Awaitable[None]]) -> None:
        while not self.calm.is_set():
            try:
                await work()
            except (aiohttp.ClientError, TimeoutError) as error:
                self.history.lost(error)
            await asyncio.sleep(self.chance.uniform(0, 2 * PAUSE))

    # The marketplace's client

    async def ask(self) -> None:
        """Ask about one listing or several, again and again until the bot has it."""
        if self.history.open > OPEN_AT_MOST:
            await asyncio.sleep(PAUSE)
            return
        questions = [self._question() for _ in range(self.chance.choice((1, 1, 1, 4, 12)))]
        if len(questions) == 1:
            path, body = "/authenticity-requests", questions[0]
        else:
            path, body = "/authenticity-requests/batch", {"requests": questions}
        heard = 0
        while heard < self.chance.choice((1, 1, 2)):
            try:
                status, said = await self._api(path, body)
            except (aiohttp.ClientError, TimeoutError) as error:
                self.history.lost(error)
                await asyncio.sleep(0.2)
                continue
            if status >= 500:
                await asyncio.sleep(PAUSE)
                continue
            heard += 1
            for result in said.get("results", [said]):
                self.history.heard_of(result["external_id"], result["id"])

    def _question(self) -> Json:
        listing = self.chance.choice(self._listings)
        brand = "Nobody in particular" if self.chance.random() < 0.03 else listing.brand
        return {
            "external_id": f"load-{next(self._numbers)}",
            "brand": brand,
            "listing": self.ws.server.market.listing_json(listing),
            "reasons": ["Price far below the catalogue"],
        }

    async def withdraw(self) -> None:
        """Take a question back, while somebody may be answering it."""
        await asyncio.sleep(0.3)
        recent = list(self.history.asked.values())[-OPEN_AT_MOST:]
        if recent:
            request_id = self.chance.choice(recent)
            path = f"/authenticity-requests/{request_id}/withdraw"
            status, _ = await self._api(path, {"reason": "Sold"})
            if status == 200:
                self.history.withdrawn.add(request_id)

    async def _api(self, path: str, body: Json) -> tuple[int, Json]:
        headers = {"Authorization": f"Bearer {self.api_key}"}
        url = f"{self.ws.sandbox.delivery.bot_url}/api/v1{path}"
        async with self._session.post(url, json=body, headers=headers) as response:
            return response.status, await response.json()

    # Experts

    async def answer(self) -> None:
        """Answer a card; sometimes two people at once, sometimes one person twice."""
        cards = self._open_cards("request_fake") + self._open_cards("request_confirm")
        if not cards:
            await asyncio.sleep(PAUSE)
            return
        card = self.chance.choice(cards)
        people = self._people_in(card.channel)
        if button_in(card, "request_confirm"):
            await self._press(self.chance.choice(people), card, "request_confirm")
            return
        racing = self.chance.choice((1, 1, 1, 2, 3))
        clicks = [
            self._press(self.chance.choice(people), card, self.chance.choice(ANSWERS)) for _ in range(racing)
        ]
        await asyncio.gather(*clicks)

    async def _press(self, user_id: str, card: Message, action_id: str) -> None:
        found = button_in(card, action_id)
        if found is None:
            return  # the card was drawn again between the look and the click
        request_id = str(found[1]["value"]).partition(":")[0]
        click = interaction(click_payload(self.ws, user_id, card, action_id))
        copies = 2 if self.chance.random() < 0.1 else 1
        answers = await asyncio.gather(*(self._deliver(click) for _ in range(copies)), return_exceptions=True)
        for status in answers:
            if status == 200:
                self._sent.append(click)
                if action_id == "request_confirm":
                    self.history.confirmed.add(request_id)
                else:
                    self.history.answered[click.inbox_key] = Click(request_id, user_id)
            elif isinstance(status, aiohttp.ClientError | TimeoutError):
                self.history.lost(status)
            elif isinstance(status, BaseException):
                raise status

    async def _deliver(self, request: SignedBody) -> int:
        return (await deliver(self._session, self.ws.sandbox.delivery.bot_url, request)).status

    async def replay(self) -> None:
        """Somebody who listened sends a click again, byte by byte, also to a bot that has restarted."""
        await asyncio.sleep(0.2)
        if self._sent:
            await self._deliver(self.chance.choice(self._sent))

    async def retract(self) -> None:
        """Take a verdict back, right after it was given or while its takedown is on the way."""
        await asyncio.sleep(0.2)
        cards = self._open_cards("request_retract")
        if not cards:
            return
        card = self.chance.choice(cards)
        people = self._people_in(card.channel)
        found = button_in(card, "request_retract")
        request_id = str(found[1]["value"]).partition(":")[0] if found else ""
        user = people[0]
        await self.ws.click(user, card.channel, card.ts, "request_retract")
        views = await self.ws.views(user)
        if not views or views[-1]["callback_id"] != "request_reason_form":
            return
        answer = await self.ws.submit(user, views[-1]["id"], {"reason": "A second look at the stitching"})
        if answer == {"ok": True} and not await self.ws.views(user):
            self.history.retracted.add(request_id)
        await self._close_views(user)

    # Members

    async def file(self, name: str) -> None:
        """File a notice through the form, and find out by its closing that it was taken."""
        await asyncio.sleep(0.3)
        user = self.ws.member(name)
        channel = next(
            place.channel_id
            for place in self.ws.sandbox.memory.channels.values()
            if user in place.members and place.name.startswith("brand-")
        )
        links = [f"{self.ws.url}/item/{self.chance.randrange(10**6)}" for _ in range(2)]
        await self.ws.command(user, "/notice " + " ".join(links), channel)
        view = await self._pick(user, "notice_right", self.chance.choice((0, -1)))
        view = view and await self._pick(user, "notice_reason", 1)
        if view:
            token = f"token{next(self._numbers)}x{user}"
            explanation = f"The sole has no pattern and the box is blank; our note is {token}."
            typed = {"explanation": explanation, "statement": ["yes"]}
            answer = await self.ws.submit(user, view["id"], typed)
            still_open = {each["callback_id"] for each in await self.ws.views(user)}
            if answer == {"ok": True} and not still_open:
                self.history.filed.add(token)
        await self._close_views(user)

    async def _pick(self, user: str, action_id: str, number: int) -> Json | None:
        """Pick an option of the open form, and get the form as it is drawn then."""
        views = await self.ws.views(user)
        elements: list[Any] = [b.get("element", {}) for b in views[-1]["blocks"]] if views else []
        element = next((each for each in elements if each.get("action_id") == action_id), None)
        if element is None:
            return None
        option = element["options"][number]
        await self.ws.click_view(
            user,
            views[-1]["id"],
            action_id,
            values={action_id: option["value"]},
            type="static_select",
            selected_option=option,
        )
        views = await self.ws.views(user)
        return views[-1] if views else None

    async def _close_views(self, user: str) -> None:
        for view in reversed(await self.ws.views(user)):
            await self.ws.close_view(user, view["id"])

    # The weather

    async def change_weather(self) -> None:
        """The marketplace or, less often, Slack fails for a moment, each in one of its ways."""
        await asyncio.sleep(0.1)
        dice = self.chance.random()
        if dice < 0.5:
            mode = self.chance.choice(MARKET_WEATHER)
            self.ws.server.market.behaviour = Behaviour(mode, times=self.chance.choice((1, 2)))
        elif dice < 0.6:
            kind = self.chance.choice(SLACK_WEATHER)
            fault = Fault(self.chance.choice(SLACK_METHODS), kind)  # type: ignore[arg-type]  # one of its kinds
            self.ws.sandbox.faults.order(fault)

    # What is on the screens

    def _open_cards(self, action_id: str) -> list[Message]:
        return [
            message
            for channel in self.ws.sandbox.memory.channels.values()
            if channel.name.startswith("brand-")
            for message in self.ws.sandbox.memory.messages.get(channel.channel_id, [])[-60:]
            if button_in(message, action_id)
        ]

    def _people_in(self, channel_id: str) -> list[str]:
        channel = self.ws.sandbox.memory.channels[channel_id]
        return [member for member in channel.members if member != self.ws.sandbox.memory.bot_user_id]
