"""Turns a drawing into a picture, in a child process: drawing holds the interpreter lock.

The child is started when the first picture is asked for, and kept: starting it takes longer than drawing.
"""

import asyncio
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from bot import lazy

FAMILY = "DejaVu Sans"  # what is asked for first; the renderer takes what the machine has
SCALE = 2.0  # picture points for each point of the drawing, so that a phone's screen shows it sharp


class Charts:
    """Draws one picture after the other; safe to share."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def png(self, svg: str) -> bytes:
        """The picture of an SVG of our own making, twice its size. ValueError for what is no SVG."""
        try:
            return await self._draw(svg)
        except BrokenProcessPool:  # the child was killed: by the system for its memory, or by an operator
            self.close()
            return await self._draw(svg)

    def close(self) -> None:
        """Let the child go, once it has finished what it draws."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    async def _draw(self, svg: str) -> bytes:
        if self._pool is None:
            # Not forked: the bot has threads, whose locks a fork would copy as they happen to be.
            self._pool = ProcessPoolExecutor(1, get_context("spawn"), _ignore_interrupts)
        return await asyncio.get_running_loop().run_in_executor(self._pool, _png, svg)


def _ignore_interrupts() -> None:
    """Ctrl-C reaches the whole group of processes; the bot stops this one itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _png(svg: str) -> bytes:
    renderer = lazy.load("resvg_py")
    family = {"font_family": FAMILY, "sans_serif_family": FAMILY}
    return bytes(renderer.svg_to_bytes(svg_string=svg, zoom=SCALE, **family))
