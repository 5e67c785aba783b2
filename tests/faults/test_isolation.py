"""Canaries: every field of every tenant carries a word of its own, which nobody else may ever come to see.

A mixed workload runs over all surfaces; then every byte that each person was shown is searched.
"""

import asyncio
import json
import random
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.sandbox.alliance import read_alliance
from bot.sandbox.records import Message
from tests.bot_under_test import Product, start_product
from tests.faults.history import History
from tests.faults.load import Load
from tests.logged import logged
from tests.slack_hand import button_in
from tests.workspace import Json, Workspace

pytestmark = pytest.mark.faults

PLATFORM = {"U0NOOR001", "U0WEI0001"}  # the marketplace's own people see what it asked and was sent
QUESTIONS = 3
ANSWERS = ("request_fake", "request_genuine", "request_need_sample")


def canary(holder: str) -> str:
    return f"canary{holder.replace('_', '')}q"


def marked(alliance: Json) -> Json:
    """The alliance with a canary in every name, title and number of every rights holder."""
    document: Json = json.loads(json.dumps(alliance))
    for holder in document["rights_holders"]:
        word = canary(holder["key"])
        holder["name"] = f"{holder['name']} {word}"
        for brand in holder["brands"]:
            brand["name"] = f"{brand['name']} {word}"
        for right in holder["rights"]:
            right["title"], right["number"] = f"{right['title']} {word}", f"{right['number']}{word}"
    return document


def may_see(alliance: Json) -> dict[str, set[str]]:
    """For each person the holders whose things are theirs: by role, and by mandate."""
    seen: dict[str, set[str]] = {person["user_id"]: set() for person in alliance["people"]}
    officers: dict[str, set[str]] = {}
    for holder in alliance["rights_holders"]:
        for person in holder["people"]:
            seen[person["user_id"]].add(holder["key"])
            if person["role"] == "association_officer":
                officers.setdefault(holder["key"], set()).add(person["user_id"])
    for mandate in alliance["mandates"]:
        for user_id in officers.get(mandate["association"], ()):
            seen[user_id].add(mandate["holder"])
    return seen


class Everyday:
    """What happens in a day of an alliance whose members watch each other."""

    def __init__(self, product: Product, alliance: Json, seed: int) -> None:
        self.product, self.ws, self.alliance = product, product.ws, alliance
        self.chance = random.Random(seed)
        self.load = Load(product.ws, History(), self.chance, product.client["api_key"])

    async def ask(self, session: aiohttp.ClientSession) -> None:
        """Questions about every brand; title, seller and reason carry the canary."""
        catalogue = list(self.ws.server.market.memory.listings.values())
        requests: list[Json] = []
        for holder in self.alliance["rights_holders"]:
            word = canary(holder["key"])
            for brand in holder["brands"]:
                name = brand["name"].partition(" canary")[0]
                for listing in [each for each in catalogue if each.brand == name][:QUESTIONS]:
                    shown = self.ws.server.market.listing_json(listing)
                    shown |= {"title": f"A thing {word}", "seller": {"id": f"s{word}", "name": f"By {word}"}}
                    body = {"brand": brand["name"], "listing": shown, "reasons": [f"Because {word}"]}
                    requests.append({"external_id": f"x{len(requests)}{word}", **body})
        headers = {"Authorization": f"Bearer {self.product.client['api_key']}"}
        url = f"{self.product.url}/api/v1/authenticity-requests/batch"
        async with session.post(url, json={"requests": requests}, headers=headers) as answer:
            results = (await answer.json())["results"]
        assert {result["status"] for result in results} == {202}

        async def all_shown() -> bool:
            return len(self.load._open_cards("request_fake")) == len(requests)

        await self.ws.wait_for(all_shown, 60)

    async def answer(self) -> None:
        """Each card is clicked by its own people, and by somebody whom it does not concern."""
        strangers = [person["user_id"] for person in self.alliance["people"]]
        cards = self.load._open_cards("request_fake")
        for number, card in enumerate(cards):
            people = self.load._people_in(card.channel)
            await self.load._press(self.chance.choice(strangers), card, "request_fake")
            await asyncio.gather(
                *(self.load._press(user, card, ANSWERS[number % len(ANSWERS)]) for user in people)
            )
        await self.quiet()
        for card in self.load._open_cards("request_retract")[::4]:
            await self._retract(card)

    async def _retract(self, card: Message) -> None:
        lead = self.load._people_in(card.channel)[0]
        if button_in(card, "request_retract"):
            await self.ws.click(lead, card.channel, card.ts, "request_retract")
            views = await self.ws.views(lead)
            if views:
                reason = f"Seen again {self._word_of(lead)}"
                await self.ws.submit(lead, views[-1]["id"], {"reason": reason})

    def _word_of(self, user_id: str) -> str:
        holders = self.alliance["rights_holders"]
        return next(canary(h["key"]) for h in holders if user_id in {p["user_id"] for p in h["people"]})

    async def look_around(self) -> None:
        """Everybody opens everything that can be opened, in every channel that they are in."""
        for person in self.alliance["people"]:
            user = person["user_id"]
            if person.get("deleted"):
                continue
            await self.ws.open_home(user)
            places = [c.channel_id for c in self.ws.sandbox.memory.channels.values() if user in c.members]
            for place in places[:3]:
                for line in ("/digest", "/goodfaith", "/notice"):
                    await self.ws.command(user, line, place)
        await self.quiet()

    async def next_morning(self) -> None:
        """The digests of the groups come."""
        now = self.ws.sandbox.clock.now()
        morning = (now + timedelta(days=1)).replace(hour=11, minute=0)
        await self.ws.advance((morning - now).total_seconds())
        for _ in range(3):
            await self.product.bot._follow_clock()
            await self.product.bot._make_digests()
            await self.quiet()

    async def quiet(self) -> None:
        """Wait until what was decided is said."""

        async def nothing_due() -> bool:
            return await self.product.bot._worker.age() == 0

        await asyncio.sleep(0.3)
        await self.ws.wait_for(nothing_due, 60)

    async def seen_by(self, user_id: str) -> str:
        """All that a person's screens hold."""
        channels = self.ws.sandbox.memory.channels.values()
        places = [channel.channel_id for channel in channels if user_id in channel.members]
        shown: list[Any] = [await self.ws.state(user_id)]
        shown += [await self.ws.messages(user_id, place) for place in places]
        return json.dumps(shown)


async def test_nobody_ever_sees_a_word_of_another_tenant(workspace: Workspace, sqlite_url: str) -> None:
    alliance = marked(read_alliance())
    with logged() as records:
        product = await start_product(workspace, sqlite_url, alliance=alliance)
        day = Everyday(product, alliance, seed=7)
        async with aiohttp.ClientSession() as session:
            await day.ask(session)
        await day.answer()
        for name in ("Mikkel", "Tomás", "Jonas", "Sofia"):
            await day.load.file(name)
        await day.look_around()
        await day.next_morning()
        await product.bot.stop()
    await day.load.end()
    words = {holder["key"]: canary(holder["key"]) for holder in alliance["rights_holders"]}
    allowed = may_see(alliance)
    seen_at_all: set[str] = set()
    for person in alliance["people"]:
        user = person["user_id"]
        shown = await day.seen_by(user)
        found = {holder for holder, word in words.items() if word in shown}
        if user not in PLATFORM:
            seen_at_all |= found
            assert found <= allowed[user], (person["name"], found - allowed[user])
    assert seen_at_all == set(words), "nobody saw some canary: this proves nothing"
    assert await day.ws.messages("U0INGRID1", "C0GROUP01"), "no digest came: this proves less"
    assert not any(word in repr(vars(record)) for record in records for word in words.values())
    verdicts = [each.data for each in day.ws.server.market.memory.received if each.type.startswith("verdict")]
    assert verdicts
    assert not any(person["user_id"] in json.dumps(verdicts) for person in alliance["people"])
    assert not any(person["name"] in json.dumps(verdicts) for person in alliance["people"])
