"""How the outbox empties on a morning: 712 digests that are due at once after a stop, at Slack's pace (W5).

`python -m bench.digest_drain` prints a Markdown table: 700 brands' channels and twelve groups', a third each
due at seven, eight and nine, all of them late by the time the bot comes back at ten. The real worker posts
them to a small server that takes so many messages a minute and answers the rest with 429 and Retry-After, as
Slack does without saying how many. Time runs ten times as fast for both.

Told are the minutes until the last is posted, how many calls were turned away for each one that was taken,
and how many were posted after one of a later hour.
"""

import asyncio
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from sqlmodel import Session

from bot.enforcement.outgoing import Outgoing
from bot.gateway import Gateway
from bot.messenger import DrawDeliverer, Drawn, Viewer
from bot.outbox import OutboxWorker
from storage.engine import Store, open_store
from storage.queries import outbox
from storage.records.channels import ChannelBinding, ChannelPurpose, ChannelState

DIGESTS = 712
HOURS = (7, 8, 9)
PACES = (60, 240)  # messages a minute for the whole workspace
SPEED = 10.0
BACK = datetime(2026, 11, 19, 10, tzinfo=UTC)
BURST_SECONDS = 5.0  # so long a workspace may save up


@dataclass
class Slack:
    """Takes messages at a pace. Remembers in which order they came and how many it turned away."""

    pace: float  # messages a second
    now: float = 0.0
    saved: float = 0.0
    posted: list[str] = field(default_factory=list)
    refused: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def post(self, request: web.Request) -> web.Response:
        """`chat.postMessage`."""
        said = await request.json()
        later = time.monotonic() * SPEED
        self.saved = min(self.saved + (later - self.now) * self.pace, BURST_SECONDS * self.pace)
        self.now = later
        if self.saved < 1:
            self.refused += 1
            wait = max(1, round((1 - self.saved) / self.pace))
            answer = {"ok": False, "error": "ratelimited"}
            return web.json_response(answer, status=429, headers={"Retry-After": str(wait)})
        self.saved -= 1
        self.posted.append(said["channel"])
        if len(self.posted) == DIGESTS:
            self.done.set()
        return web.json_response(
            {"ok": True, "channel": said["channel"], "ts": f"{len(self.posted)}.000000", "message": {}}
        )


def drawn(_session: Session, _subject_id: str, _viewer: Viewer, _now: datetime) -> Drawn:
    """A message as small as one can be: what is measured is the outbox."""
    return Drawn("digest", [])


def due(session: Session) -> None:
    """Every digest is put into the outbox at its hour."""
    for number in range(DIGESTS):
        session.add(
            ChannelBinding(
                channel_id=f"C{number}",
                purpose=ChannelPurpose.BRAND,
                scope_id=f"b{number}",
                state=ChannelState.BOUND,
                bound_by="bench",
                bound_at=BACK,
            )
        )
    for hour in HOURS:
        for number in range(hour - HOURS[0], DIGESTS, len(HOURS)):
            outbox.enqueue(
                session,
                kind=Outgoing.DRAW,
                subject_id=f"digest:{number}",
                now=BACK.replace(hour=hour),
                lane=f"C{number}",
                payload={"drawing": "digest", "subject_id": str(number), "place": f"C{number}"},
                coalesce=True,
            )


async def drain(store: Store, pace: float) -> tuple[float, Slack]:
    """Minutes until everything is posted, and what Slack saw."""
    slack = Slack(pace / 60, now=time.monotonic() * SPEED)
    app = web.Application()
    app.router.add_post("/api/chat.postMessage", slack.post)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = runner.addresses[0]
    gateway = Gateway("xoxb-bench", f"http://{address[0]}:{address[1]}/api/")
    await gateway.start()
    began = time.monotonic()

    def clock() -> datetime:
        return BACK + timedelta(seconds=(time.monotonic() - began) * SPEED)

    deliverer = DrawDeliverer(store, gateway, clock, {"digest": drawn})
    worker = OutboxWorker(store, {Outgoing.DRAW: deliverer}, clock, poll_seconds=0.05)
    await worker.start()
    await slack.done.wait()
    taken = (time.monotonic() - began) * SPEED / 60
    await worker.stop()
    await gateway.close()
    await runner.cleanup()
    return taken, slack


def overtaken(posted: list[str]) -> int:
    """How many were posted after one of a later hour."""
    latest, behind = 0, 0
    for channel in posted:
        hour = int(channel[1:]) % len(HOURS)
        behind += hour < latest
        latest = max(latest, hour)
    return behind


def main() -> None:
    """Measure and print."""
    print(
        "| Messages that Slack takes a minute | minutes | at best | turned away for each taken | overtaken |"
    )
    print("|---:|---:|---:|---:|---:|")
    for pace in PACES:
        with tempfile.TemporaryDirectory() as folder:
            store = open_store(f"sqlite:///{Path(folder) / 'drain.db'}")
            store.migrate()
            store.run_sync(due)
            minutes, slack = asyncio.run(drain(store, pace))
            store.close_sync()
        turned = slack.refused / DIGESTS
        best = DIGESTS / pace
        print(
            f"| {pace:,} | {minutes:.1f} | {best:.1f} | {turned:.2f} | {overtaken(slack.posted)} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
