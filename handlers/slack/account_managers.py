"""Naming account managers, and their days away."""

from bot.enforcement import account_managers
from handlers.guard import Call, Reply
from handlers.payloads import Form
from handlers.slack.office import here, next_page, on_field


async def handle_manager_form(call: Call) -> Reply | None:
    """An administrator names who answers for a rights holder."""
    given, holder_id = Form.of(call.body), here(call).detail
    fields = {
        "managers.not_of_team": "manager",
        "managers.deputy_not_of_team": "deputy",
        "managers.same_person": "deputy",
    }
    named = account_managers.name, holder_id, given.user("manager"), given.user_or_nobody("deputy")
    await on_field(call, call.act(*named), fields)
    return await next_page(call, f"holder:{holder_id}")
