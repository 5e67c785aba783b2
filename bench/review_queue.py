"""Thirty requests cleared in the review queue: what the machine takes of it, after short and long histories.

`python -m bench.review_queue` prints a Markdown table. The modal's forms are sent over signed HTTP as Slack
sends them, each when the one before is answered; every third answer is a Fake, which takes two forms. Between
them nobody thinks, so this is the machine's share of an expert's time. With two experts both clear the same
sixty at once. The history is answered requests of the brand, of which the usual price and the seller's past
are told.
"""

import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientSession
from sqlmodel import Session

from bench import databases
from bench.load import PATH, sign
from bench.peers import SECRET
from bench.product import LOAD_CORE, ask, environment, found, peer, running
from bench.verdict_click import free_port
from bot.enforcement.access import Actor
from bot.enforcement.authenticity import record_verdict
from bot.sandbox.alliance import read_alliance
from handlers.ids import QueueId
from storage.engine import open_store
from storage.records.authenticity import Answer

HISTORIES = (100, 10_000)
ROUNDS = 3
CASES = 30
BRAND = "nordlys"


def experts() -> list[tuple[str, str]]:
    """(team, user) of the brand's first two people."""
    alliance = read_alliance()
    holder = next(each for each in alliance["rights_holders"] if each["key"] == BRAND)
    team = alliance["workspace"]["team_id"]
    return [(team, person["user_id"]) for person in holder["people"][:2]]


def answer_all(database_url: str, ids: list[str]) -> None:
    """Everything so far was genuine."""
    team, user = experts()[0]
    store = open_store(database_url)

    def answer(session: Session, part: list[str]) -> None:
        for request_id in part:
            now = datetime.now(UTC)
            record_verdict(session, Actor(team, user), request_id, 1, Answer.GENUINE, now=now)

    for start in range(0, len(ids), 500):
        store.run_sync(answer, ids[start : start + 500])
    store.close_sync()


class Expert:
    """Somebody with the modal open, as Slack's servers speak for them."""

    def __init__(self, http: ClientSession, port: int, who: tuple[str, str], first: str) -> None:
        self._http, self._url = http, f"http://127.0.0.1:{port}{PATH}"
        self._team, self._user = who
        self._view: dict[str, Any] = {"callback_id": QueueId.FORM, "private_metadata": f"{first}:0-1"}
        self.milliseconds: list[float] = []

    @property
    def request_id(self) -> str:
        """What is before them."""
        return str(self._view["private_metadata"]).partition(":")[0]

    async def send(self, said: str = "") -> None:
        """Press the button below."""
        block = f"answer-{self.request_id}"
        chosen = {"answer": {"type": "radio_buttons", "selected_option": {"value": said}}}
        values = {block: chosen} if said else {}
        opened = {"id": "V1", "type": "modal", "state": {"values": values}}
        payload = {
            "type": "view_submission",
            "team": {"id": self._team},
            "user": {"id": self._user, "team_id": self._team},
            "view": {**self._view, **opened},
        }
        body = urlencode({"payload": json.dumps(payload)}).encode()
        stamp, signature = sign(SECRET, body)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature,
        }
        async with self._http.post(self._url, data=body, headers=headers) as reply:
            answered = await reply.json()
        self._view = answered["view"]

    async def clear(self, most: int) -> None:
        """Answer so many requests, or as many as there are."""
        for number in range(most):
            if self.request_id == "none":
                return
            began = time.perf_counter()
            await self.send("fake" if number % 3 == 0 else "genuine")
            if self._view["callback_id"] == QueueId.SURE:
                await self.send()
            self.milliseconds.append((time.perf_counter() - began) * 1000)


async def work(port: int, ids: list[str], people: list[tuple[str, str]]) -> tuple[float, list[float]]:
    """Seconds until everything is answered, and milliseconds of each answer."""
    async with ClientSession() as http:
        hands = [Expert(http, port, who, ids[0]) for who in people]
        for each in hands:
            await each.send("skip")
        began = time.perf_counter()
        await asyncio.gather(*(each.clear(len(ids)) for each in hands))
        seconds = time.perf_counter() - began
    spent = [each for hand in hands for each in hand.milliseconds]
    assert len(spent) == len(ids), f"{len(spent)} answers to {len(ids)} requests"
    return seconds, spent


def measure(database_url: str, outside: str, history: int) -> tuple[list[float], list[float], list[float]]:
    """Seconds for thirty by one, milliseconds of each answer, seconds for sixty by two; round by round."""
    found(database_url, outside)
    answer_all(database_url, ask(database_url, history))
    alone: list[float] = []
    spent: list[float] = []
    together: list[float] = []
    for number in range(ROUNDS):
        start = history + number * 3 * CASES
        ids = ask(database_url, CASES, start=start)
        with running(environment(database_url, outside, free_port())) as server:
            seconds, each = asyncio.run(work(server.port, ids, experts()[:1]))
        alone.append(seconds)
        spent += each
        ids = ask(database_url, 2 * CASES, start=start + CASES)
        with running(environment(database_url, outside, free_port())) as server:
            together.append(asyncio.run(work(server.port, ids, experts()))[0])
    return alone, spent, together


def main() -> None:
    """Measure and print."""
    os.sched_setaffinity(0, {LOAD_CORE})
    print("| answered before | one clears 30, s | an answer, p50 ms | p99 ms | two clear 60, s |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, databases.postgres() as new_database:
        makers: dict[str, Callable[[int], str]] = {
            "SQLite": lambda history: f"sqlite:///{Path(folder)}/{history}.db",
            "PostgreSQL": lambda _: new_database(),
        }
        for name, make in makers.items():
            for history in HISTORIES:
                with peer("outside", core=LOAD_CORE) as outside:
                    url = f"http://127.0.0.1:{outside.port}"
                    alone, spent, together = measure(make(history), url, history)
                middle, last = statistics.median(spent), statistics.quantiles(spent, n=100)[98]
                print(
                    f"| {name}, {history:,} | {statistics.median(alone):.2f} | {middle:.1f} | {last:.1f} "
                    f"| {statistics.median(together):.2f} |"
                )


if __name__ == "__main__":
    main()
