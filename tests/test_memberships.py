"""Keeping Slack's channels in step, with every way in which Slack can say no."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.enforcement import channels
from bot.enforcement.channels import Scope, Seen
from bot.gateway import Gateway
from bot.memberships import MembershipDeliverer
from bot.outbox import Outcome, Retry, Sent
from storage.columns import new_id
from storage.engine import Store
from storage.records.channels import ChannelBinding, ChannelPurpose, ChannelState
from storage.records.outbox import OutboxRow
from tests.enforcement.alliance import BOT, NOW, Alliance, found
from tests.workspace import BOT_TOKEN, Workspace


@pytest_asyncio.fixture
async def gateway(workspace: Workspace) -> AsyncIterator[Gateway]:
    made = Gateway(BOT_TOKEN, workspace.api_url)
    await made.start()
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("method", "kind", "error", "outcome", "state", "problem"),
    [
        ("conversations.invite", "ok_false", "restricted_action", Sent, ChannelState.BOUND, True),
        ("conversations.invite", "ok_false", "missing_scope", Sent, ChannelState.BOUND, True),
        ("conversations.invite", "ok_false", "user_not_visible", Sent, ChannelState.BOUND, False),
        ("conversations.members", "ok_false", "channel_not_found", Sent, ChannelState.BROKEN, False),
        ("conversations.invite", "ok_false", "token_revoked", Retry, ChannelState.BOUND, False),
        ("conversations.invite", "429", "", Retry, ChannelState.BOUND, False),
        ("conversations.invite", "500", "", Retry, ChannelState.BOUND, False),
        ("conversations.invite", "lost_after_effect", "", Retry, ChannelState.BOUND, False),
    ],
)
async def test_a_channel_is_in_step_or_its_keepers_know_why_not(
    workspace: Workspace,
    gateway: Gateway,
    sqlite_store: Store,
    method: str,
    kind: str,
    error: str,
    outcome: type[Outcome],
    state: ChannelState,
    *,
    problem: bool,
) -> None:
    alliance: Alliance = found(sqlite_store)
    place = workspace.channel("brand-nordlys")
    scope = Scope(ChannelPurpose.BRAND, alliance.brands["nordlys"])
    binding = alliance.do(channels.bind, "lena", scope, Seen(place, ["ULENA", BOT]))
    row = OutboxRow(
        kind="membership",
        subject_id=binding,
        lane=new_id(),
        payload={"binding_id": binding},
        next_try=NOW,
        created_at=NOW,
    )
    deliverer = MembershipDeliverer(sqlite_store, gateway, lambda: NOW)
    await workspace.fault(method, kind, times=1, error=error)
    assert isinstance(await deliverer.deliver(row), outcome)
    kept = alliance.one(ChannelBinding)
    assert (kept.state, bool(kept.step_problem)) == (state, problem)
