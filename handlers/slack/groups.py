"""Forms and buttons of working groups."""

from bot.enforcement import groups
from bot.enforcement.groups import GroupForm
from handlers.guard import Call, Reply
from handlers.payloads import Form
from handlers.slack.office import detail_of, here, next_page, on_field, show
from handlers.slack.register import filled


async def handle_group_form(call: Call) -> Reply | None:
    """A group was founded or corrected."""
    given, group_id = Form.of(call.body), here(call).detail
    form = filled(GroupForm, name=given.text("name"), kind=given.choice("kind"))
    fields = {"groups.exists": "name"}
    if group_id:
        await on_field(call, call.act(groups.change_group, group_id, form), fields)
    else:
        group_id = await on_field(call, call.act(groups.create_group, form), fields)
    return await next_page(call, f"group:{group_id}")


async def handle_member_form(call: Call) -> Reply | None:
    """A rights holder joins a group."""
    group_id = here(call).detail
    holder_id = Form.of(call.body).choice("member")
    fields = {"groups.member_already": "member"}
    await on_field(call, call.act(groups.add_member, group_id, holder_id), fields)
    return await next_page(call, f"group:{group_id}")


async def handle_remove_member(call: Call) -> Reply | None:
    """A rights holder leaves a group."""
    pointer = detail_of(call)
    await call.act(groups.remove_member, pointer.id, pointer.detail)
    return await show(call, f"group:{pointer.id}")


async def handle_chair_form(call: Call) -> Reply | None:
    """A chair is named."""
    group_id = here(call).detail
    person = Form.of(call.body).user("person")
    fields = {"roster.already_there": "person", "roster.cannot_act": "person"}
    await on_field(call, call.act(groups.name_chair, group_id, person), fields)
    return await next_page(call, f"group:{group_id}")


async def handle_remove_chair(call: Call) -> Reply | None:
    """A chair steps down."""
    pointer = detail_of(call)
    await call.act(groups.remove_chair, pointer.id, pointer.detail)
    return await show(call, f"group:{pointer.id}")
