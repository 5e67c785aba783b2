"""G18: from start to ready, and resident memory, over a bare Bolt and aiohttp app.

`python -m bench.startup` prints a Markdown table of medians. The bot opens a seeded SQLite file of
the newest schema; the bare app listens.
"""

import statistics
import tempfile
import time
from pathlib import Path

from bench.product import environment, found, peer, running
from bench.verdict_click import free_port

ROUNDS = 7


def main() -> None:
    """Measure and print."""
    seconds: dict[str, list[float]] = {"bare Bolt": [], "Goodfaith": []}
    memory: dict[str, list[float]] = {"bare Bolt": [], "Goodfaith": []}
    with tempfile.TemporaryDirectory() as folder, peer("outside", core=1) as outside:
        url = f"sqlite:///{Path(folder)}/goodfaith.db"
        found(url, f"http://127.0.0.1:{outside.port}")
        for _ in range(ROUNDS):
            began = time.perf_counter()
            with peer("bolt") as bare:
                seconds["bare Bolt"].append(time.perf_counter() - began)
                memory["bare Bolt"].append(bare.resident_mib())
            began = time.perf_counter()
            with running(environment(url, f"http://127.0.0.1:{outside.port}", free_port())) as bot:
                seconds["Goodfaith"].append(time.perf_counter() - began)
                memory["Goodfaith"].append(bot.resident_mib())
    base = statistics.median(seconds["bare Bolt"]), statistics.median(memory["bare Bolt"])
    print("| what | start s | of bare | resident MiB | of bare |\n|---|---|---|---|---|")
    for name, each in seconds.items():
        took, held = statistics.median(each), statistics.median(memory[name])
        print(f"| {name} | {took:.2f} | {took / base[0]:.2f} | {held:.0f} | {held / base[1]:.2f} |")


if __name__ == "__main__":
    main()
