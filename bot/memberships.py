"""Lets Slack's channels and user groups follow the rosters: handed to the outbox as one kind.

Everything is read when it is done, so doing it twice does no harm. Where a workspace does not allow it, what
Slack said is kept and those who keep the place read it in words.
"""

from collections.abc import Mapping
from typing import Any

from bot.clock import Clock
from bot.enforcement import channels, membership
from bot.enforcement.access import Actor
from bot.enforcement.membership import ChannelPlan, UserGroupPlan
from bot.gateway import Gateway, SlackBusy, SlackRefused, SlackUnclear
from bot.outbox import NotSent, Outcome, Retry, Sent
from storage.engine import Store
from storage.records.outbox import OutboxRow

INVITED_AT_ONCE = 100
# Of one person, who does not hold up the others; everything else is of the workspace or the channel.
_OF_THE_PERSON = frozenset(
    {"user_not_found", "user_not_visible", "cant_invite", "already_in_channel", "user_disabled"}
    | {"user_is_restricted", "user_is_ultra_restricted", "ura_max_channels", "invitee_cant_see_channel"}
    | {"no_external_invite_permission", "cant_invite_self", "user_team_not_in_channel"}
)
# An operator mends these; what is to be done waits for that.
_MENDED_BY_HAND = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}
    | {"team_access_not_granted", "org_login_required"}
)
_CHANNEL_GONE = frozenset({"channel_not_found", "not_in_channel", "is_archived"})
_GONE_ALREADY = frozenset({"not_in_channel", "user_not_found"})


class MembershipDeliverer:
    """Puts one channel or one user group in step."""

    def __init__(self, store: Store, gateway: Gateway, clock: Clock) -> None:
        self._store = store
        self._gateway = gateway
        self._clock = clock

    async def deliver(self, row: OutboxRow) -> Outcome:
        """Do what is to be done now; see `bot/outbox.py` for the outcomes."""
        try:
            if "group_id" in row.payload:
                return await self._user_group(row.payload["group_id"])
            return await self._channel(row.payload["binding_id"])
        except SlackBusy as busy:
            return Retry(busy.seconds, str(busy))
        except SlackUnclear as unclear:
            return Retry(None, str(unclear))

    async def look_up(self, row: OutboxRow) -> Outcome:
        """It may simply be done again."""
        return NotSent()

    async def _channel(self, binding_id: str) -> Outcome:
        plan = await self._store.read(membership.channel_plan, binding_id)
        if plan is None or not (plan.come or plan.go):
            return Sent({"skipped": "in step"})
        try:
            present = set(await self._gateway.members(plan.channel_id))
            came = await self._bring(plan, binding_id, present)
            went = await self._take_out(plan, binding_id, present)
        except SlackRefused as refused:
            return await self._refused(binding_id, plan.channel_id, refused.code)
        return Sent({"came": came, "went": went})

    async def _refused(self, binding_id: str, channel_id: str, code: str) -> Outcome:
        if code in _MENDED_BY_HAND:
            return Retry(60.0, code)
        if code in _CHANNEL_GONE:
            await self._store.run(channels.gone, Actor(), channel_id, code, now=self._clock())
        else:
            await self._store.run(membership.refused, binding_id, code, now=self._clock())
        return Sent({"refused": code})

    async def _bring(self, plan: ChannelPlan, binding_id: str, present: set[str]) -> int:
        wanted = sorted(plan.come - present)
        for start in range(0, len(wanted), INVITED_AT_ONCE):
            some = wanted[start : start + INVITED_AT_ONCE]
            missed = await self._invite(plan.channel_id, some)
            came = set(some) - missed
            if came:
                await self._store.run(membership.came, binding_id, came, now=self._clock())
        return len(wanted)

    async def _invite(self, channel_id: str, user_ids: list[str]) -> set[str]:
        """Invite; who could not come. Slack refuses the whole call where it can take none of them."""
        try:
            return await self._gateway.invite(channel_id, user_ids)
        except SlackRefused as refused:
            if refused.code not in _OF_THE_PERSON:
                raise
            return set(user_ids)

    async def _take_out(self, plan: ChannelPlan, binding_id: str, present: set[str]) -> int:
        for user_id in sorted(plan.go):
            try:
                if user_id in present:
                    await self._gateway.remove(plan.channel_id, user_id)
            except SlackRefused as refused:
                if refused.code not in _GONE_ALREADY:
                    raise
            await self._store.run(membership.went, binding_id, user_id, now=self._clock())
        return len(plan.go)

    async def _user_group(self, group_id: str) -> Outcome:
        plan = await self._store.read(membership.user_group_plan, group_id)
        if plan is None:
            return Sent({"skipped": "nobody wants one"})
        try:
            known = await self._found(plan)
            people = await self._people(known, plan)
            await self._store.run(
                membership.user_group_is, group_id, known["id"], set(people), now=self._clock()
            )
            # Last: where its new name is taken, it has its people all the same.
            if (known["name"], known["handle"]) != (plan.name, plan.handle):
                await self._gateway.rename_user_group(known["id"], plan.name, plan.handle)
        except SlackRefused as refused:
            if refused.code in _MENDED_BY_HAND:
                return Retry(60.0, refused.code)
            await self._store.run(membership.user_group_refused, group_id, refused.code, now=self._clock())
            return Sent({"refused": refused.code})
        return Sent({"people": len(people)})

    async def _found(self, plan: UserGroupPlan) -> Mapping[str, Any]:
        """The user group as Slack knows it. One that the bot made and did not hear of is its own."""
        for known in await self._gateway.user_groups():
            if known["id"] == plan.usergroup_id or _made_by_us(known, plan):
                return known
        made = await self._gateway.create_user_group(plan.name, plan.handle, plan.description)
        return {"id": made, "name": plan.name, "handle": plan.handle}

    async def _people(self, known: Mapping[str, Any], plan: UserGroupPlan) -> frozenset[str]:
        """Let in and out; whom the bot has put there now."""
        disabled = bool(known.get("date_delete"))
        if plan.people:
            return await self._fill(known["id"], plan, disabled=disabled)
        if not disabled:
            await self._gateway.switch_user_group(known["id"], on=False)
        return frozenset()

    async def _fill(self, usergroup_id: str, plan: UserGroupPlan, *, disabled: bool) -> frozenset[str]:
        """Put in who belongs and take out whom the bot put there; whom others put there, stays."""
        if disabled:
            await self._gateway.switch_user_group(usergroup_id, on=True)
        present = set(await self._gateway.user_group_people(usergroup_id))
        wanted = (present - plan.put) | plan.people
        if wanted != present:
            await self._gateway.set_user_group_people(usergroup_id, sorted(wanted))
        return plan.people - (present - plan.put)


def _made_by_us(known: Mapping[str, Any], plan: UserGroupPlan) -> bool:
    return known["handle"] == plan.handle and known.get("created_by") == plan.bot_user_id
