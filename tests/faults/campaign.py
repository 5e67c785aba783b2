"""One fault run: the real bot under load, killed again and again, brought to rest, and judged."""

import asyncio
import os
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import Session

from bot.clock import utc_now
from bot.sandbox.alliance import read_alliance
from bot.sandbox.marketplace import hooks
from bot.seed import seed
from bot.settings import Settings
from storage.engine import Store, open_store
from storage.queries import outbox
from tests.bot_under_test import environment_for
from tests.faults.checker import Check, Figures
from tests.faults.history import History
from tests.faults.load import Load
from tests.faults.process import BotProcess
from tests.storage.cases import end_leases
from tests.workspace import Workspace

LONGEST_LIFE = 8.0
STUMBLES = 0.2  # how many bots are killed while they start
REST_SECONDS = 360.0  # longer than the longest back-off, which may begin when the clock has gone far enough
STEP_SECONDS = 10.0  # how far the sandbox's clock goes on in each look while the outbox drains
FURTHEST_SECONDS = 280.0  # less than a whisper's life
PROGRAM = ("-m", "bot", "run")

# The load's people click faster than anybody looks: every Fake of theirs starts a takedown all the same.
WITHOUT_SECOND_LOOK = {
    "GOODFAITH_SECOND_FOR_FIRST_FAKE": "false",
    "GOODFAITH_MOST_ANSWERS_A_MINUTE": "0",
    "GOODFAITH_MOST_FAKES_AN_HOUR": "0",
    "GOODFAITH_MOST_FAKES_A_DAY": "0",
    "GOODFAITH_LARGE_SELLER_LISTINGS": "0",
    "GOODFAITH_REMEMBER_GENUINE_DAYS": "0",
}


@dataclass
class Campaign:
    """One database, one workspace, one bot after the other. `wrong` is what the checker says at the end."""

    ws: Workspace
    database_url: str
    folder: Path
    program: tuple[str, ...] = PROGRAM
    life: tuple[int, int] = (2, 12)  # how many cards are answered before the bot is killed
    seed: int = field(default_factory=lambda: int(os.environ.get("FAULTS_SEED") or time.time_ns() % 10**9))
    history: History = field(default_factory=History)
    kills: int = 0
    mid_send: int = 0  # deliveries that a kill left in the middle
    cycle_seconds: list[float] = field(default_factory=list)
    recovery_seconds: list[float] = field(default_factory=list)
    rest_seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    figures: Figures | None = None

    def __str__(self) -> str:
        """What to look at when it failed; FAULTS_SEED takes the seed again."""
        told = [
            f"seed {self.seed}: {self.kills} kills; acknowledged {self.history.counts}",
            f"{self.history.cut_off} operations and {self.mid_send} deliveries cut off; {self.figures}",
            f"{self.mean_cycle:.1f} s a cycle, at rest in {self.rest_seconds:.1f} s",
            f"ready again in {max(self.recovery_seconds):.1f} s at most",
        ]
        return "\n".join([*told, *self.wrong[:40]])

    @property
    def mean_cycle(self) -> float:
        """From one start to the next, in seconds."""
        return sum(self.cycle_seconds) / max(len(self.cycle_seconds), 1)

    async def run(self, kills: int) -> None:
        """Kill that often, then let the bot come to rest, stop it in peace and judge."""
        hooks.LOG_KEPT = 10**6  # the ledger of a run is judged whole
        self.ws.server.market.memory.received.clear()
        load = await self._prepare()
        settings = environment_for(self.ws, self.database_url) | WITHOUT_SECOND_LOOK
        bot = BotProcess(settings, self.folder / "bot.log", self.program)
        try:
            await self._start(bot)
            load.start()
            for _ in range(kills):
                await self._live_and_die(bot, load.chance)
            await load.stop()
            await self._rest()
            code = await bot.stop()
        finally:
            bot.end()
            await load.end()
        if code != 0:
            self.wrong.append(f"the bot ended with {code} when it was asked to stop")
        self.wrong += [
            f"logged: {line}" for line in bot.lines() if line.get("level") in ("error", "critical", "stray")
        ]
        await self._judge()

    async def _prepare(self) -> Load:
        settings = Settings.load(environment_for(self.ws, self.database_url), None, {})
        document = read_alliance() | {"history": {"days": 0, "seed": 7, "cases_per_day": 0}}
        store = open_store(self.database_url)
        client = seed(store, settings, document, utc_now(), self.ws.url)["clients"][0]
        store.close_sync()
        await self.ws.market_client(client["api_key"], client["webhook_secret"])
        return Load(self.ws, self.history, random.Random(self.seed), client["api_key"])

    async def _start(self, bot: BotProcess) -> None:
        began = time.perf_counter()
        self.ws.connect(await bot.start())
        self.recovery_seconds.append(time.perf_counter() - began)

    async def _live_and_die(self, bot: BotProcess, chance: random.Random) -> None:
        began = time.perf_counter()
        enough = self.history.counts["answered"] + chance.randint(*self.life)
        while self.history.counts["answered"] < enough and time.perf_counter() - began < LONGEST_LIFE:  # noqa: ASYNC110  # near an answer, not at it
            await asyncio.sleep(chance.uniform(0, 0.05))
        bot.kill()
        self.kills += 1
        await asyncio.to_thread(self._after_death)
        if chance.random() < STUMBLES:
            await bot.stumble(chance.uniform(0.3, 1.5))
        await self._start(bot)
        self.cycle_seconds.append(time.perf_counter() - began)

    def _after_death(self) -> None:
        """Count what was cut off, and end the leases of the dead, which would run for a minute."""
        with_lock: Store = open_store(self.database_url)
        left = with_lock.read_sync(outbox.backlog, utc_now())
        self.mid_send += left.sending + left.unknown
        with_lock.run_sync(end_leases)
        with_lock.close_sync()

    async def _rest(self) -> None:
        """Wait until nothing is left to do. The sandbox's clock goes faster: back-off costs no time."""
        store = open_store(self.database_url, read_only=True)
        until = time.monotonic() + REST_SECONDS
        gone = 0.0
        while time.monotonic() < until:
            left = await store.read(outbox.backlog, self.ws.sandbox.clock.now())
            unheard = [t for t in self.ws.server.market.memory.takedowns.values() if t.reported != t.state]
            if left.ready + left.sending + left.unknown == 0 and not unheard:
                break
            if gone < FURTHEST_SECONDS:
                await self.ws.advance(STEP_SECONDS)
                gone += STEP_SECONDS
            await asyncio.sleep(0.5)
        self.rest_seconds = time.monotonic() - (until - REST_SECONDS)
        await store.close()

    async def _judge(self) -> None:
        store = open_store(self.database_url, read_only=True)

        def judge(session: Session) -> None:
            check = Check(session, self.ws, self.history, self.ws.sandbox.clock.now())
            self.wrong += check.wrong()
            self.figures = check.figures()

        await store.read(judge)
        await store.close()
