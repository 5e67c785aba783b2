"""The bot as a server to be measured: a seeded database with open requests, the bot in its own process."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from bench.peers import SECRET
from bot.contract.requests import AskedRequest
from bot.enforcement import requests
from bot.enforcement.access import Actor
from bot.sandbox.alliance import read_alliance
from bot.seed import seed
from bot.settings import Settings
from storage.engine import open_store
from storage.records.authenticity import AuthenticityRequest
from storage.records.platform import PlatformClient

ROOT = Path(__file__).resolve().parent.parent
MASTER = "a master secret of the benchmarks, long enough"
BATCH = 500
SERVER_CORE, LOAD_CORE = (0, 1) if (os.cpu_count() or 1) > 1 else (0, 0)
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """A server process and where it listens."""

    process: subprocess.Popen[bytes]
    port: int

    def cpu_seconds(self) -> float:
        """Processor time used so far, user and system."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        values = stat.rpartition(")")[2].split()
        return (int(values[11]) + int(values[12])) / _TICK

    def resident_mib(self) -> float:
        """Resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        line = next(each for each in status.splitlines() if each.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024


@contextmanager
def peer(*arguments: str, core: int = SERVER_CORE, module: str = "bench.peers") -> Iterator[Process]:
    """One of `bench.peers` in a process of its own, on one core."""
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.PIPE)
    os.sched_setaffinity(process.pid, {core})
    assert process.stdout is not None
    port = int(json.loads(process.stdout.readline())["port"])
    try:
        yield Process(process, port)
    finally:
        process.terminate()
        process.wait()


def environment(database_url: str, outside: str, port: int) -> dict[str, str]:
    """The bot's settings; `outside` is where Slack's API and the marketplace are."""
    return {
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"{outside}/api/",
        "GOODFAITH_DATABASE_URL": database_url,
        "GOODFAITH_HOST": "127.0.0.1",
        "GOODFAITH_PORT": str(port),
        "GOODFAITH_SECRET": MASTER,
        "GOODFAITH_OWN_MARKETPLACES": "market.example=openbazaar",
        "GOODFAITH_ALLOW_PRIVATE_WEBHOOKS": "true",
        "GOODFAITH_LOG_LEVEL": "WARNING",
        "GOODFAITH_CALLS_A_MINUTE": "0",
        # One expert clicks for all: whom to ask is looked up as ever, but nobody is too fast or too many.
        "GOODFAITH_MOST_ANSWERS_A_MINUTE": "0",
        "GOODFAITH_MOST_FAKES_AN_HOUR": "0",
        "GOODFAITH_MOST_FAKES_A_DAY": "0",
    }


@contextmanager
def running(settings: Mapping[str, str], core: int = SERVER_CORE) -> Iterator[Process]:
    """The bot in a process of its own, ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"], cwd=ROOT, env={"PATH": os.environ["PATH"], **settings}
    )
    os.sched_setaffinity(process.pid, {core})
    port = int(settings["GOODFAITH_PORT"])
    try:
        wait_until_ready(port)
        yield Process(process, port)
    finally:
        process.terminate()
        process.wait()


def wait_until_ready(port: int, seconds: float = 30.0) -> None:
    """Ask until the bot says that it is ready."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.02)
    raise TimeoutError("the bot did not become ready")


def found(database_url: str, outside: str) -> dict[str, Any]:
    """Seed the sandbox's alliance, without history, into an empty database; the marketplace's credentials."""
    settings = Settings.load(environment(database_url, outside, 0), None, {})
    store = open_store(database_url)
    store.migrate()
    document = read_alliance() | {"history": {"days": 0, "seed": 7, "cases_per_day": 0}}
    seeded = seed(store, settings, document, datetime.now(UTC), outside)
    store.close_sync()
    client: dict[str, Any] = seeded["clients"][0]
    return client


def ask(database_url: str, count: int, *, brand: str = "Nordlys", start: int = 0) -> list[str]:
    """Let the marketplace ask about so many listings of a brand; the requests' ids. No card waits."""
    store = open_store(database_url)
    client_id = store.read_sync(_client)
    for offset in range(start, start + count, BATCH):
        asked = [question(number, brand) for number in range(offset, min(offset + BATCH, start + count))]
        store.run_sync(
            requests.receive_requests,
            Actor(client_id=client_id),
            [AskedRequest.model_validate(each) for each in asked],
            {"market.example": "openbazaar"},
            now=datetime.now(UTC),
        )
    store.run_sync(_forget_cards)
    ids = store.read_sync(_open_requests)
    store.close_sync()
    return ids


def question(number: int, brand: str = "Nordlys") -> dict[str, Any]:
    """One authenticity request as the platform API takes it."""
    return {
        "external_id": f"bench-{number}",
        "brand": brand,
        "listing": {
            "marketplace": "openbazaar",
            "url": f"https://market.example/item/{10_000_000 + number}",
            "item_id": str(10_000_000 + number),
            "title": f"{brand} running shoe, lot {number}",
            "price": {"amount": "39.90", "currency": "EUR"},
            "seller": {"id": f"s-{number % 500}", "name": f"seller {number % 500}"},
            "pictures": [],
        },
        "reasons": ["Price is 70 % below the catalogue"],
        "deadline": None,
    }


def click(request_id: str, action_id: str, detail: str = "1") -> dict[str, Any]:
    """A click on a card as Slack sends it: about four kilobytes on the wire, with the message in it."""
    alliance = read_alliance()
    team = alliance["workspace"]["team_id"]
    holder = next(each for each in alliance["rights_holders"] if each["key"] == "nordlys")
    expert = next(each["user_id"] for each in holder["people"] if each["role"] == "lead")
    words = [
        {
            "type": "section",
            "block_id": f"b{number}",
            "text": {"type": "mrkdwn", "text": "listing, price & seller " * 5},
        }
        for number in range(8)
    ]
    return {
        "type": "block_actions",
        "user": {"id": expert, "username": "expert", "name": "expert", "team_id": team},
        "api_app_id": "A0",
        "token": "unused",
        "container": {"type": "message", "message_ts": "1.2", "channel_id": "C0", "is_ephemeral": False},
        "trigger_id": "1.2.3",
        "team": {"id": team, "domain": "alliance"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": "C0", "name": "brand"},
        "message": {
            "type": "message",
            "ts": "1.2",
            "user": "U0",
            "team": team,
            "text": "card",
            "blocks": words,
        },
        "state": {"values": {}},
        "response_url": "https://hooks.example/actions/1/2/3",
        "actions": [
            {
                "type": "button",
                "action_id": action_id,
                "block_id": "answers",
                "value": f"{request_id}:{detail}",
                "action_ts": "1.2",
                "text": {"type": "plain_text", "text": "Genuine"},
            }
        ],
    }


def _client(session: Session) -> str:
    return session.exec(select(PlatformClient.id)).one()


def _open_requests(session: Session) -> list[str]:
    found = select(AuthenticityRequest.id).where(col(AuthenticityRequest.state) == "open")
    return list(session.exec(found.order_by(col(AuthenticityRequest.id))).all())


def _forget_cards(session: Session) -> None:
    session.connection().execute(text("DELETE FROM outbox"))
