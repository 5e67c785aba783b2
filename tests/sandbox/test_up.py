"""One command starts the whole product, and the next start comes back to what was."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from bot.sandbox.snapshot import load
from tests.workspace import ROOT

READY = "Goodfaith is ready: open "
TRIES = 2  # a slow machine is no failure, but whoever types it again is answered


@asynccontextmanager
async def product(state: Path, *options: str) -> AsyncIterator[str]:
    """`python -m bot.sandbox up` on free ports; gives the address that it says, and ends it politely."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.sandbox", "up", "--state", str(state), "--port", "0", "--bot-port", "0"),
        *options,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    said = ""
    try:
        async for line in process.stdout:
            said += line.decode()
            if READY in said:
                break
        assert READY in said, said
        yield said.rpartition(READY)[2].split()[0].rstrip("/")
    finally:
        process.terminate()
        assert await process.wait() == 0


async def say(url: str, user: str, line: str) -> None:
    """Type a line, and again as long as the workspace says that the bot took more than three seconds."""
    body = {"as": user, "channel": "C0BRAND01", "text": line}
    for _ in range(TRIES):
        door = f"{url}/sandbox/messages"
        async with aiohttp.ClientSession() as session, session.post(door, json=body) as said:
            answer: dict[str, object] = await said.json()
        if answer == {"ok": True}:
            return
        assert "did not respond within" in str(answer)
    raise AssertionError(f"after {TRIES} times still {answer}")


async def test_the_product_starts_answers_and_comes_back_where_it_was_in_either_mode(tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with product(state) as url:
        await say(url, "U0INGRID1", "/goodfaith")
        await say(url, "U0INGRID1", "Good morning")
    async with product(state, "--socket-mode") as again:
        assert again == url
        await say(url, "U0INGRID1", "/goodfaith")
    kept = load(state / "workspace.json")
    assert "Good morning" in [message.text for message in kept.workspace.messages["C0BRAND01"]]
    assert kept.market.api_key.startswith("gfk_")
