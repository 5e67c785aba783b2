"""The real bot as a process of its own, to be killed: `python -m bot run`, settings in the environment."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.workspace import ROOT, Json

READY_SECONDS = 60.0
STOP_SECONDS = 40.0


class BotProcess:
    """One bot process at a time; `log` keeps what all of them said."""

    def __init__(
        self, environment: dict[str, str], log: Path, program: Sequence[str] = ("-m", "bot", "run")
    ) -> None:
        self._environment = {**os.environ, **environment}
        self._program = program
        self.log = log
        self._child: subprocess.Popen[bytes] | None = None
        self._read = 0
        log.touch()

    async def start(self) -> str:
        """Start it and wait until it takes requests; its address."""
        self._read = self.log.stat().st_size
        self._child = self._spawn()
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and self._child.poll() is None:
            ready = [line for line in self.lines(self._read) if line.get("event") == "ready"]
            if ready:
                return f"http://127.0.0.1:{ready[0]['port']}"
            await asyncio.sleep(0.02)
        raise AssertionError(f"the bot did not start: {self.log.read_text(encoding='utf-8')[-4000:]}")

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *self._program], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )

    async def stumble(self, seconds: float) -> None:
        """Start it and kill it so soon that it is still taking over from the one before."""
        self._child = self._spawn()
        await asyncio.sleep(seconds)
        self.kill()

    def kill(self) -> None:
        """SIGKILL: no handler runs, nothing is finished."""
        assert self._child
        self._child.send_signal(signal.SIGKILL)
        self._child.wait(STOP_SECONDS)

    async def stop(self) -> int:
        """SIGTERM, as an operator stops it; the exit code."""
        assert self._child
        self._child.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self._child.wait, STOP_SECONDS)

    def end(self) -> None:
        """Whatever happened in the test, no process stays behind."""
        if self._child and self._child.poll() is None:
            self.kill()

    def lines(self, start: int = 0) -> list[Json]:
        """What was logged, from that byte on; no JSON comes as `{"event": line, "level": "stray"}`."""
        with self.log.open("rb") as log:
            log.seek(start)
            raw = log.read().decode(errors="replace").splitlines()
        return [_line(each) for each in raw if each.strip()]


def _line(text: str) -> Json:
    try:
        line = json.loads(text)
    except ValueError:
        return {"event": text, "level": "stray"}
    return line if isinstance(line, dict) else {"event": text, "level": "stray"}
