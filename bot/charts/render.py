"""Turns a drawing into a picture, in a child process: drawing holds the interpreter lock.

The child is started when the first picture is asked for, and kept: starting it takes longer than drawing.
"""

import asyncio
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import get_context
from typing import Any

from bot import lazy

_FAR = "\u2e80"  # from here on: Chinese, Japanese, Korean, emoji
_NOTHING = "\ue000"  # a letter that is none, which no font has
FAMILY = "DejaVu Sans"  # what is asked for first; the renderer takes what the machine has
SCALE = 2.0  # picture points for each point of the drawing, so that a phone's screen shows it sharp


def is_far(letter: str) -> bool:
    """Whether a machine may well have no font for a letter; the box of a private one is known to be none."""
    return letter >= _FAR


class Charts:
    """Draws one picture after the other; safe to share."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def png(self, svg: str, plain: str = "") -> bytes:
        """The picture of an SVG of our own making, twice its size. ValueError for what is no SVG.

        `plain` says the same in Latin letters: it is drawn where the machine has no font for the other.
        """
        return await self.run(_png, svg, plain)

    async def run(self, do: Callable[..., bytes], *args: Any) -> bytes:
        """Anything else that holds the lock, by a function of a module and values that can be pickled."""
        try:
            return await self._apart(do, *args)
        except BrokenProcessPool:  # the child was killed: by the system for its memory, or by an operator
            self.close()
            return await self._apart(do, *args)

    def close(self) -> None:
        """Let the child go, once it has finished what it draws."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    async def _apart(self, do: Callable[..., bytes], *args: Any) -> bytes:
        if self._pool is None:
            # Not forked: the bot has threads, whose locks a fork would copy as they happen to be.
            self._pool = ProcessPoolExecutor(1, get_context("spawn"), _ignore_interrupts)
        return await asyncio.get_running_loop().run_in_executor(self._pool, do, *args)


def _ignore_interrupts() -> None:
    """Ctrl-C reaches the whole group of processes; the bot stops this one itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _png(svg: str, plain: str) -> bytes:
    return _rendered(plain if plain and not _has_letters(svg) else svg, SCALE)


def _rendered(svg: str, scale: float) -> bytes:
    renderer = lazy.load("resvg_py")
    family = {"font_family": FAMILY, "sans_serif_family": FAMILY}
    return bytes(renderer.svg_to_bytes(svg_string=svg, zoom=scale, **family))


def _has_letters(svg: str) -> bool:
    """Whether some font here has what is written in another script than those of Europe."""
    return all(_has_letter(letter) for letter in {each for each in svg if is_far(each)})


@cache
def _has_letter(letter: str) -> bool:
    """The renderer does not say it: without a letter it draws the box that it draws for what is none."""
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
        '<text x="4" y="30" font-size="24">{}</text></svg>'
    )
    return _rendered(drawing.format(letter), 1) != _rendered(drawing.format(_NOTHING), 1)
