"""The form that proposes another rule of standing."""

from bot.enforcement import approvals
from bot.enforcement.approvals import PILOT_LIST, ActName
from bot.enforcement.standing_rules import PUBLISHED
from handlers.blocks.standing import EVERYBODY
from handlers.guard import Call, Reply
from handlers.payloads import Form, Malformed
from handlers.slack.office import next_page, on_field
from handlers.slack.register import CANNOT_ASK


async def handle_standing_rule_form(call: Call) -> Reply | None:
    """Another rule, or another circle of who can earn standing, is proposed."""
    given = Form.of(call.body)
    asked = {"version": given.choice("version"), "enrolment": given.choice("enrolment")}
    if asked["version"] not in PUBLISHED or asked["enrolment"] not in (EVERYBODY, PILOT_LIST):
        raise Malformed("no such rule")
    fields = dict.fromkeys((*CANNOT_ASK, "standing.same_rule"), "version")
    await on_field(call, call.act(approvals.ask, ActName.CHOOSE_STANDING_RULE, asked), fields)
    return await next_page(call, "approvals")
