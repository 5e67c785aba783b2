"""Forms and buttons of working groups, of what is asked of them, and of what Slack is to have of them."""

from datetime import date

from bot.enforcement import channels, directory, group_applications, groups, membership
from bot.enforcement.groups import GroupForm
from handlers.blocks.groups import committee_name
from handlers.guard import Call, Reply
from handlers.payloads import Form, Malformed, one_of
from handlers.slack.office import detail_of, here, next_page, on_field, show
from handlers.slack.pages import page_of, scope_of
from handlers.slack.register import filled
from storage.records.group_seats import Wish
from storage.records.groups import GroupKind, Industry, Region

_TERM = {"groups.term_over": "ends_on"}


async def handle_group_form(call: Call) -> Reply | None:
    """A group was founded or corrected."""
    given, group_id = Form.of(call.body), here(call).detail
    form = filled(
        GroupForm,
        name=given.text("name"),
        kind=given.choice("kind"),
        industry=given.choice("industry") or None,
        region=given.choice("region") or None,
    )
    fields = {
        "groups.exists": "name",
        "groups.industry_taken": "industry",
        "groups.region_taken": "region",
    }
    if group_id:
        await on_field(call, call.act(groups.change_group, group_id, form), fields)
    else:
        group_id = await on_field(call, call.act(groups.create_group, form), fields)
    return await next_page(call, f"group:{group_id}")


async def handle_found(call: Call) -> Reply | None:
    """One of the twelve groups, or a region's committee, is founded under its own name."""
    what, _, value = call.value.partition(":")
    words = await call.words()
    if what == "industry":
        industry = one_of(Industry, value)
        form = GroupForm(
            name=words.text(f"groups.industry.{industry}"), kind=GroupKind.INDUSTRY, industry=industry
        )
    else:
        region = one_of(Region, value)
        form = GroupForm(name=committee_name(words, region), kind=GroupKind.COMMITTEE, region=region)
    await call.act(groups.create_group, form)
    return await show(call, "groups")


async def handle_member_form(call: Call) -> Reply | None:
    """A rights holder joins a group."""
    given, group_id = Form.of(call.body), here(call).detail
    await on_field(
        call,
        call.act(groups.add_member, group_id, given.choice("member"), ends_on=_day(given)),
        {"groups.member_already": "member", **_TERM},
    )
    return await next_page(call, f"group:{group_id}")


async def handle_remove_member(call: Call) -> Reply | None:
    """A rights holder leaves a group."""
    pointer = detail_of(call)
    await call.act(groups.remove_member, pointer.id, pointer.detail)
    return await show(call, f"group:{pointer.id}")


async def handle_chair_form(call: Call) -> Reply | None:
    """A chair or a deputy is named."""
    given, group_id = Form.of(call.body), here(call).detail
    refused = ("roster.already_there", "roster.cannot_act", "groups.guest_chair")
    await on_field(
        call,
        call.act(
            groups.name_chair,
            group_id,
            given.user("person"),
            deputy=given.choice("seat") == "deputy",
            ends_on=_day(given),
        ),
        {**dict.fromkeys(refused, "person"), **_TERM},
    )
    return await next_page(call, f"group:{group_id}")


async def handle_remove_chair(call: Call) -> Reply | None:
    """A chair steps down."""
    pointer = detail_of(call)
    await call.act(groups.remove_chair, pointer.id, pointer.detail)
    return await show(call, f"group:{pointer.id}")


async def handle_apply_form(call: Call) -> Reply | None:
    """A rights holder asks to join or to leave."""
    given = Form.of(call.body)
    group_id, _, said = here(call).detail.partition("-")
    fields = dict.fromkeys(
        ("groups.member_already", "groups.no_member", "groups.asked_already", "groups.nobody_answers"),
        "holder",
    )
    wish = one_of(Wish, said)
    await on_field(
        call,
        call.act(group_applications.apply, group_id, given.choice("holder"), wish, given.text("words")),
        fields,
    )
    return await next_page(call, f"group:{group_id}")


async def handle_approve(call: Call) -> Reply | None:
    """Yes."""
    await call.act(group_applications.decide, call.value, approve=True)
    return await _answered(call)


async def handle_decline_form(call: Call) -> Reply | None:
    """No, and why."""
    reason = Form.of(call.body).text("reason")
    fields = {"groups.reason_missing": "reason"}
    act = call.act(group_applications.decide, here(call).detail, approve=False, answer=reason)
    await on_field(call, act, fields)
    return Reply(clear=True)


async def handle_user_group(call: Call) -> Reply | None:
    """The group is mirrored as a Slack user group, or no more."""
    pointer = detail_of(call)
    await call.act(membership.want_user_group, pointer.id, want=pointer.detail == "on")
    return await show(call, f"group:{pointer.id}")


async def handle_in_step(call: Call) -> Reply | None:
    """The bot keeps who is in a channel in step with the rosters, or no more."""
    pointer = detail_of(call)
    switch, _, scope = pointer.detail.partition("-")
    await call.act(channels.keep_in_step, pointer.id, keep=switch == "on")
    return await show(call, page_of(scope_of(scope)))


async def handle_take_out(call: Call) -> Reply | None:
    """A stranger is to be removed from the channel."""
    await call.act(channels.take_out, call.value)
    return None


async def handle_chart(call: Call) -> Reply | None:
    """The growth of the alliance as a picture, in direct messages."""
    await call.act(directory.ask_for_chart)
    return await show(call, "directory")


async def _answered(call: Call) -> Reply | None:
    """In a modal, the page that it was on; in a message the outbox draws the answer."""
    if call.channel_id:
        return None
    return await show(call, "groups")


def _day(given: Form) -> date | None:
    typed = given.text("ends_on")
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError as error:
        raise Malformed("no day") from error
