"""A request comes in at the instant in which its brand gets a channel: whoever is first, it is opened."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.contract.requests import AskedRequest
from bot.enforcement import channels, requests
from bot.enforcement.access import OPERATOR
from bot.enforcement.channels import Scope, Seen
from storage.engine import Store, open_store
from storage.queries import installation
from storage.records.authenticity import AuthenticityRequest, RequestState
from storage.records.channels import ChannelPurpose
from tests.enforcement.request_world import NOW, OWN, build, question

pytestmark = pytest.mark.postgres
BLOCKED = text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


@pytest.fixture
def postgres_store(postgres_url: str) -> Iterator[Store]:
    """An open store over PostgreSQL: SQLite has one writer, so nothing meets there."""
    opened = open_store(postgres_url)
    yield opened
    opened.close_sync()


class Held:
    """A unit of work that is done and does not commit until it is let go."""

    def __init__(self) -> None:
        self.done, self.go = threading.Event(), threading.Event()

    def work(self, session: Session, use_case: Callable[..., Any], *args: Any, **more: Any) -> Any:
        found = use_case(session, *args, **more)
        session.flush()
        self.done.set()
        assert self.go.wait(20)
        return found


def wait_until_one_waits(store: Store) -> None:
    """Until a session of this database waits for a lock."""
    until = time.monotonic() + 20
    while not store.read_sync(lambda session: session.connection().execute(BLOCKED).scalar_one()):
        assert time.monotonic() < until, "nobody waits for a lock"


@pytest.mark.parametrize("first", ["intake", "binding"])
def test_a_request_that_meets_its_channel_being_bound_is_opened(first: str, postgres_store: Store) -> None:
    world = build(postgres_store)
    postgres_store.run_sync(
        installation.remember,
        team_id="T1",
        team_name="Test",
        enterprise_id="",
        bot_user_id="UBOT",
        bot_id="B1",
        now=NOW,
    )
    asked = [AskedRequest.model_validate(question("Mute", "811"))]
    scope = Scope(ChannelPurpose.BRAND, world.brands["Mute"])
    acts: dict[str, tuple[Any, ...]] = {
        "intake": (requests.receive_requests, world.client, asked, OWN),
        "binding": (channels.bind, OPERATOR, scope, Seen("CMUTE", ["UBOT"])),
    }
    held, other = Held(), "binding" if first == "intake" else "intake"
    with ThreadPoolExecutor(2) as threads:
        one: Future[Any] = threads.submit(partial(postgres_store.run_sync, held.work, *acts[first], now=NOW))
        assert held.done.wait(20)
        two: Future[Any] = threads.submit(partial(postgres_store.run_sync, *acts[other], now=NOW))
        wait_until_one_waits(postgres_store)
        held.go.set()
        one.result(20)
        two.result(20)
    assert world.one(AuthenticityRequest).state is RequestState.OPEN
