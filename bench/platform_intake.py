"""Authenticity requests in over the platform API, single and in batches, and clicks beside a burst (G19).

`python -m bench.platform_intake` prints Markdown tables. The limit is aiohttp with one durable insert into
SQLite for each request; a batch counts by its items.
"""

import asyncio
import os
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from bench import databases
from bench.load import Result, api_request, closed_loop, open_loop, request
from bench.peers import SECRET
from bench.product import LOAD_CORE, Process, ask, click, environment, found, peer, question, running
from bench.verdict_click import CONNECTIONS, free_port

ROUNDS = 3
SINGLES = 1000
BATCHES = 4
BATCH = 500
BURST = 500
CLICKS_A_SECOND = 20.0
CLICKS = 200
ONE = "/api/v1/authenticity-requests"


def singles(key: str, start: int, count: int) -> list[bytes]:
    """So many new questions, one a call."""
    return [api_request(ONE, key, question(number)) for number in range(start, start + count)]


def batches(key: str, start: int) -> list[bytes]:
    """New questions, 500 a call."""
    starts = range(start, start + BATCHES * BATCH, BATCH)
    return [
        api_request(f"{ONE}/batch", key, {"requests": [question(n) for n in range(first, first + BATCH)]})
        for first in starts
    ]


async def burst(server: Process, key: str, clicks: list[bytes], start: int) -> tuple[Result, Result]:
    """500 calls at once, two seconds into a steady rate of clicks."""

    async def later() -> Result:
        await asyncio.sleep(2)
        return await closed_loop(server.port, singles(key, start, BURST), BURST, accept=202)

    clicked, asked = await asyncio.gather(open_loop(server.port, clicks, CLICKS_A_SECOND), later())
    return clicked, asked


def one_round(name: str, url: str, outside: str, rates: dict[str, list[float]]) -> tuple[Result, Result]:
    """Everything once on one database."""
    key = found(url, outside)["api_key"]
    ids = ask(url, CLICKS, start=1_000_000)
    with running(environment(url, outside, free_port())) as server:
        single = asyncio.run(closed_loop(server.port, singles(key, 0, SINGLES), CONNECTIONS, accept=202))
        batched = asyncio.run(closed_loop(server.port, batches(key, 100_000), 1))
        assert single.failures == batched.failures == 0
        rates[f"{name}: single"].append(single.rate)
        rates[f"{name}: batches of {BATCH}, items"].append(batched.rate * BATCH)
        clicks = [request(SECRET, click(each, "request_genuine")) for each in ids]
        return asyncio.run(burst(server, key, clicks, 200_000))


def main() -> None:
    """Measure and print."""
    os.sched_setaffinity(0, {LOAD_CORE})
    rates: dict[str, list[float]] = defaultdict(list)
    bursts: dict[str, list[tuple[Result, Result]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, databases.postgres() as new_database:
        makers: dict[str, Callable[[int], str]] = {
            "SQLite": lambda number: f"sqlite:///{Path(folder)}/{number}.db",
            "PostgreSQL": lambda _: new_database(),
        }
        for number in range(ROUNDS):
            with tempfile.TemporaryDirectory() as own, peer("insert", own) as limit:
                result = asyncio.run(closed_loop(limit.port, singles("none", 0, SINGLES), CONNECTIONS, 202))
            rates["one durable insert"].append(result.rate)
            for name, make in makers.items():
                with peer("outside", core=LOAD_CORE) as outside:
                    url = f"http://127.0.0.1:{outside.port}"
                    bursts[name].append(one_round(name, make(number), url, rates))
    _print(rates, bursts)


def _print(rates: dict[str, list[float]], bursts: dict[str, list[tuple[Result, Result]]]) -> None:
    limit = statistics.median(rates["one durable insert"])
    print("| what | a second | spread | of the limit |\n|---|---|---|---|")
    for name, each in rates.items():
        middle = statistics.median(each)
        print(f"| {name} | {middle:.0f} | {(max(each) - min(each)) / middle:.2f} | {middle / limit:.2f} |")
    print(f"\n| clicks while {BURST} calls arrive at once | p50 ms | p99 ms |")
    print("|---|---|---|")
    for name, found_bursts in bursts.items():
        middle50 = statistics.median(clicked.percentile(0.5) for clicked, _ in found_bursts)
        middle99 = statistics.median(clicked.percentile(0.99) for clicked, _ in found_bursts)
        failures = sum(clicked.failures + asked.failures for clicked, asked in found_bursts)
        assert failures == 0, f"{failures} calls failed"
        print(f"| {name} | {middle50:.1f} | {middle99:.1f} |")


if __name__ == "__main__":
    main()
