"""The seeded alliance: whole, seeded once, with a past that has figures and says nothing."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, col, func, select

from bot.enforcement import platform
from bot.sandbox.alliance import read_alliance
from bot.seed import seed
from bot.settings import Settings
from storage.engine import Store, open_store
from storage.queries import audit
from storage.records.authenticity import AuthenticityRequest, RequestState, Verdict
from storage.records.channels import ChannelBinding, ChannelState
from storage.records.digests import DigestSubscription
from storage.records.groups import WorkingGroup
from storage.records.notices import Notice, NoticeState
from storage.records.outbox import OutboxRow, OutboxState
from storage.records.platform import PlatformClient
from storage.records.rights import Right
from storage.records.roster import Brand, RightsHolder
from storage.records.takedowns import Takedown, TakedownState

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # a Friday
MARKET = "http://127.0.0.1:1"


def settings() -> Settings:
    given = {
        "SLACK_BOT_TOKEN": "xoxb-test",
        "SLACK_SIGNING_SECRET": "test",
        "GOODFAITH_SECRET": "a master secret of the tests, long enough",
        "GOODFAITH_DATABASE_URL": "sqlite:///unused.db",
    }
    return Settings.load(given, None, {})


def seeded(store: Store, days: int) -> dict[str, Any]:
    document = read_alliance() | {"history": {"days": days, "seed": 7, "cases_per_day": 24}}
    return seed(store, settings(), document, NOW, MARKET)


def count(store: Store, table: type[SQLModel], **where: Any) -> int:
    def read(session: Session) -> int:
        return session.exec(select(func.count()).select_from(table).filter_by(**where)).one()

    return store.read_sync(read)


def test_an_alliance_is_founded_whole_and_once(store: Store) -> None:
    document = read_alliance()
    made = seeded(store, 0)
    (client,) = made["clients"]
    actor = store.read_sync(platform.authenticate, client["api_key"])
    assert actor.client_id
    assert client["webhook_secret"].startswith("whsec_")
    holders = document["rights_holders"]
    assert count(store, RightsHolder) == len(holders)
    assert count(store, Brand) == sum(len(holder["brands"]) for holder in holders)
    assert count(store, Right, confirmed_at=None) == 0
    assert count(store, WorkingGroup) == len(document["groups"]) + len(document["committees"])
    assert count(store, DigestSubscription) == len(document["groups"]) + len(document["digests"])
    assert count(store, ChannelBinding) == count(store, ChannelBinding, state=ChannelState.BOUND)
    before = count(store, ChannelBinding)
    assert seeded(store, 0) == {"clients": [], "already_seeded": True}
    assert count(store, ChannelBinding) == before
    assert count(store, PlatformClient) == 1


def test_the_past_is_decided_within_days_and_says_nothing(sqlite_store: Store) -> None:
    store = sqlite_store
    seeded(store, 6)
    asked = count(store, AuthenticityRequest)
    assert asked > 40
    assert count(store, AuthenticityRequest, state=RequestState.ANSWERED) == asked
    assert count(store, Verdict) == asked
    assert count(store, Takedown, state=TakedownState.REMOVED) > 20
    assert count(store, Notice) > 15
    assert count(store, OutboxRow) == count(store, OutboxRow, state=OutboxState.DROPPED)
    assert store.read_sync(audit.verify).intact

    def read(session: Session) -> tuple[Counter[NoticeState], list[datetime]]:
        rows = session.exec(select(Notice.state, Notice.submitted_at)).all()
        return Counter(NoticeState(state) for state, _ in rows), [at for _, at in rows]

    states, moments = store.read_sync(read)
    assert states[NoticeState.ACTIONED] > sum(states.values()) / 2
    assert NOW - timedelta(days=6) <= min(moments) <= max(moments) < NOW


@pytest.mark.postgres
def test_the_same_document_and_moment_give_the_same_past_on_each_database(
    sqlite_store: Store, postgres_url: str
) -> None:
    told = []
    with closing_store(postgres_url) as other:
        for store in (sqlite_store, other):
            seeded(store, 2)
            told.append(store.read_sync(_story))
    assert told[0] == told[1]


@contextmanager
def closing_store(url: str) -> Iterator[Store]:
    """A store that is closed afterwards."""
    store = open_store(url)
    yield store
    store.close_sync()


def _story(session: Session) -> str:
    verdicts = session.exec(
        select(AuthenticityRequest.external_id, Verdict.answer, Verdict.at)
        .join(Verdict, col(Verdict.request_id) == col(AuthenticityRequest.id))
        .order_by(col(Verdict.at))
    ).all()
    notices = session.exec(
        select(Notice.reason_code, Notice.state, Notice.submitted_at).order_by(col(Notice.submitted_at))
    ).all()
    return json.dumps([*map(list, verdicts), *map(list, notices)], default=str)
