"""Keeping Slack's channels and user groups in step, with every way in which Slack can say no."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.enforcement import channels, groups, membership
from bot.enforcement.channels import Scope, Seen
from bot.enforcement.groups import GroupForm
from bot.gateway import Gateway
from bot.memberships import MembershipDeliverer
from bot.outbox import Outcome, Retry, Sent
from bot.sandbox.records import Person
from storage.columns import new_id
from storage.engine import Store
from storage.records.channels import ChannelBinding, ChannelPurpose, ChannelState
from storage.records.group_seats import UserGroup
from storage.records.groups import GroupKind
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


async def test_a_user_group_whose_new_name_is_taken_lets_people_out_all_the_same(
    workspace: Workspace, gateway: Gateway, sqlite_store: Store
) -> None:
    alliance: Alliance = found(sqlite_store)
    group = alliance.groups["shoes"]
    for user_id in ("UHUGO", "ULENA", "UEMIL"):
        workspace.sandbox.memory.people[user_id] = Person(user_id, user_id)
    alliance.do(membership.want_user_group, "hugo", group, want=True)
    row = alliance.one(OutboxRow, kind="membership", subject_id=group)
    deliverer = MembershipDeliverer(sqlite_store, gateway, lambda: NOW)
    assert await deliverer.deliver(row) == Sent({"people": 3})
    (mirror,) = workspace.sandbox.memory.user_groups.values()
    assert set(mirror.users) == {"UHUGO", "ULENA", "UEMIL"}

    alliance.do(groups.change_group, "ada", group, GroupForm(name="Boots", kind=GroupKind.INDUSTRY))
    alliance.do(groups.remove_member, "ada", group, alliance.holders["nordlys"])
    await workspace.fault("usergroups.update", "ok_false", error="name_already_exists", times=1)
    assert await deliverer.deliver(row) == Sent({"refused": "name_already_exists"})
    kept = alliance.one(UserGroup)
    assert (mirror.name, mirror.users, kept.put) == ("Shoes", ["UHUGO"], ["UHUGO"])
    assert kept.problem == "name_already_exists"

    assert await deliverer.deliver(row) == Sent({"people": 1})
    assert (mirror.name, mirror.handle, alliance.one(UserGroup).problem) == ("Boots", "gf-boots", "")
