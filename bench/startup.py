"""G18: from start to ready, and resident memory, over a bare Bolt and aiohttp app; and what comes after.

`python -m bench.startup` prints Markdown tables. The bot opens a seeded SQLite file of the newest schema, in
which nothing waits to be sent; the bare app listens. The first table shows medians, on the clock and of
processor time. A part of the bot is imported when it is first used: the second table shows of one bot what
first uses take, the same again, and the memory after each.
"""

import asyncio
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from bench.load import closed_loop, request
from bench.peers import SECRET
from bench.product import Process, ask, click, environment, found, peer, running
from bench.verdict_click import free_port
from handlers.ids import AuthenticityId, HomeId

ROUNDS = 7
ALL_TICKS_SECONDS = 65  # by then each tick but the rare ones has come


def main() -> None:
    """Measure and print."""
    starts: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, peer("outside", core=1) as outside:
        url, slack = f"sqlite:///{Path(folder)}/goodfaith.db", f"http://127.0.0.1:{outside.port}"
        found(url, slack)
        ids = ask(url, 2)
        for _ in range(ROUNDS):
            began = time.perf_counter()
            with peer("bolt") as bare:
                starts["bare Bolt"].append(_start(bare, began))
            began = time.perf_counter()
            with running(environment(url, slack, free_port())) as bot:
                starts["Goodfaith"].append(_start(bot, began))
        medians = {
            name: [statistics.median(each) for each in zip(*many, strict=True)]
            for name, many in starts.items()
        }
        base = medians["bare Bolt"]
        print("| what | start s | of bare | CPU s | of bare | resident MiB | of bare |")
        print("|---|---|---|---|---|---|---|")
        for name, (took, used, held) in medians.items():
            clock, processor = f"{took:.2f} | {took / base[0]:.2f}", f"{used:.2f} | {used / base[1]:.2f}"
            print(f"| {name} | {clock} | {processor} | {held:.0f} | {held / base[2]:.2f} |")
        with running(environment(url, slack, free_port())) as bot:
            _first_uses(bot, ids, base[2])


def _start(server: Process, began: float) -> tuple[float, float, float]:
    """Seconds on the clock, seconds of processor time, and the memory, of a server that is ready now."""
    return time.perf_counter() - began, server.cpu_seconds(), server.resident_mib()


def _first_uses(bot: Process, ids: list[str], bare: float) -> None:
    """Two clicks, each twice, and a minute of nothing."""
    print("\n| first use | ms | again ms | resident MiB | of bare |\n|---|---|---|---|---|")
    for what, action, values in (
        ("a verdict", AuthenticityId.GENUINE, (ids[0], ids[1])),
        ("Home's figures", HomeId.TAB_FIGURES, ("", "")),
    ):
        first, again = (_took(bot, request(SECRET, click(value, action))) for value in values)
        print(f"| {what} | {first:.0f} | {again:.0f} | {_memory(bot, bare)} |")
    time.sleep(ALL_TICKS_SECONDS)
    print(f"| a minute later | | | {_memory(bot, bare)} |")


def _took(bot: Process, raw: bytes) -> float:
    result = asyncio.run(closed_loop(bot.port, [raw], 1))
    assert result.failures == 0
    return result.latencies[0]


def _memory(bot: Process, bare: float) -> str:
    held = bot.resident_mib()
    return f"{held:.0f} | {held / bare:.2f}"


if __name__ == "__main__":
    main()
