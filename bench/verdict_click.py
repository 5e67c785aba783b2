"""G1 to G3, G5, G8, G9: a click to a durable verdict over signed HTTP, beside a Bolt app that only answers.

`python -m bench.verdict_click` prints Markdown tables. Everything of one round runs in turn, rounds are
repeated, and the tables show medians. The server has one core, the generator with its Slack and market the
other. The outbox works meanwhile: what the verdicts cause is posted and sent while they are measured. The
first clicks are not: what a bot loads when it is first asked for something is counted by `bench.startup`.
"""

import asyncio
import os
import socket
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from bench import databases
from bench.load import Result, closed_loop, open_loop, request
from bench.peers import SECRET
from bench.product import LOAD_CORE, Process, ask, click, environment, found, peer, running

ROUNDS = 3
CLICKS = 2000
CONNECTIONS = 8
FIRST_CLICKS = 100
FIRST_CARDS_SECONDS = 2.0
STEADY_RATE = 100.0
STEADY_SECONDS = 10


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def measure(server: Process, requests: list[bytes]) -> tuple[Result, float]:
    """A closed loop, and microseconds of the server's processor time for each request."""
    before = server.cpu_seconds()
    result = asyncio.run(closed_loop(server.port, requests, CONNECTIONS))
    assert result.failures == 0, f"{result.failures} answers were not 200"
    return result, (server.cpu_seconds() - before) / len(requests) * 1e6


def clicks_of(ids: list[str], action: str, detail: str = "1") -> list[bytes]:
    """Signed clicks, one on each request."""
    return [request(SECRET, click(each, action, detail)) for each in ids]


def begin(server: Process, ids: list[str]) -> None:
    """The first clicks of each kind, and time for the first cards."""
    for action, part in (("request_genuine", ids[::2]), ("request_fake", ids[1::2])):
        asyncio.run(closed_loop(server.port, clicks_of(part, action), CONNECTIONS))
    time.sleep(FIRST_CARDS_SECONDS)


def round_of_peers(rates: dict[str, list[float]], cpu: dict[str, list[float]]) -> None:
    """The limit, plain Bolt, and our own front with few and with many routes."""
    ids = [f"{number:026d}" for number in range(CLICKS)]
    for name, module, argument in (
        ("raw", "bench.peers", "raw"),
        ("bolt", "bench.peers", "bolt"),
        ("front, 5 routes", "bench.front", "5"),
        ("front, 200 routes", "bench.front", "200"),
    ):
        with peer(argument, module=module) as server:
            result, used = measure(server, clicks_of(ids, "request_genuine"))
        rates[name].append(result.rate)
        cpu[name].append(used)


def round_of_bot(
    name: str, database_url: str, outside: str, rates: dict[str, list[float]], cpu: dict[str, list[float]]
) -> Result:
    """Verdicts on one database: Genuine, then Fake as fast as answered, then Genuine at a steady rate."""
    found(database_url, outside)
    steady = int(STEADY_RATE * STEADY_SECONDS)
    ids = ask(database_url, FIRST_CLICKS + 2 * CLICKS + steady)
    with running(environment(database_url, outside, free_port())) as server:
        begin(server, ids[:FIRST_CLICKS])
        ids = ids[FIRST_CLICKS:]
        acknowledged, used = measure(server, clicks_of(ids[:CLICKS], "no_such_button"))
        rates[f"{name}: acknowledgement"].append(acknowledged.rate)
        cpu[f"{name}: acknowledgement"].append(used)
        for answer, part in (("Genuine", ids[:CLICKS]), ("Fake", ids[CLICKS : 2 * CLICKS])):
            result, used = measure(server, clicks_of(part, f"request_{answer.lower()}"))
            rates[f"{name}: {answer}"].append(result.rate)
            cpu[f"{name}: {answer}"].append(used)
        return asyncio.run(
            open_loop(server.port, clicks_of(ids[2 * CLICKS :], "request_genuine"), STEADY_RATE)
        )


def main() -> None:
    """Measure and print."""
    os.sched_setaffinity(0, {LOAD_CORE})
    rates: dict[str, list[float]] = defaultdict(list)
    cpu: dict[str, list[float]] = defaultdict(list)
    steady: dict[str, list[Result]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, databases.postgres() as new_database:
        makers: dict[str, Callable[[int], str]] = {
            "SQLite": lambda number: f"sqlite:///{Path(folder)}/{number}.db",
            "PostgreSQL": lambda _: new_database(),
        }
        for number in range(ROUNDS):
            round_of_peers(rates, cpu)
            for name, make in makers.items():
                with peer("outside", core=LOAD_CORE) as outside:
                    url = f"http://127.0.0.1:{outside.port}"
                    steady[name].append(round_of_bot(name, make(number), url, rates, cpu))
    _print(rates, cpu, steady)


def _print(
    rates: dict[str, list[float]], cpu: dict[str, list[float]], steady: dict[str, list[Result]]
) -> None:
    bolt, raw = statistics.median(rates["bolt"]), statistics.median(cpu["raw"])
    print("| what | a second | spread | of Bolt | CPU, us | of raw |")
    print("|---|---|---|---|---|---|")
    for name, found_rates in rates.items():
        middle, used = statistics.median(found_rates), statistics.median(cpu[name])
        spread = (max(found_rates) - min(found_rates)) / middle
        print(
            f"| {name} | {middle:.0f} | {spread:.2f} | {middle / bolt:.2f} | {used:.0f} | {used / raw:.1f} |"
        )
    print(f"\n| at {STEADY_RATE:.0f} clicks a second | p50 ms | p99 ms |\n|---|---|---|")
    for name, results in steady.items():
        middle50 = statistics.median(each.percentile(0.5) for each in results)
        middle99 = statistics.median(each.percentile(0.99) for each in results)
        print(f"| {name} | {middle50:.1f} | {middle99:.1f} |")


if __name__ == "__main__":
    main()
