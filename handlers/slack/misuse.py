"""Warnings and suspensions from Slack: what is proposed in the register's modal, and the answer to it."""

from bot.enforcement import approvals, censures, misuse
from handlers.blocks.misuse import answer_form
from handlers.guard import Call, Reply
from handlers.payloads import Form, Malformed, Pointer, text_at
from handlers.slack.misuse_pages import OFFERS
from handlers.slack.office import here, next_page, on_field
from handlers.slack.register import CANNOT_ASK
from handlers.slack.views import open_view, view_failed

_REFUSED = ("misuse.warn_first", "misuse.suspended_already", "misuse.not_suspended")


async def handle_censure_form(call: Call) -> Reply | None:
    """Something is proposed against a reporter; whoever is concerned is told at once."""
    address = here(call)
    if address.id not in OFFERS:
        raise Malformed("no such proposal")
    holder_id, _, person_id = address.detail.partition("-")
    reason = Form.of(call.body).text("reason")
    found = await call.read(misuse.dossier, holder_id, person_id, now=call.now)
    asked = {"holder_id": holder_id, "reason": reason}
    if found.person is not None:
        asked |= {"person_id": found.person.id, "user_id": found.person.user_id}
    fields = dict.fromkeys((*CANNOT_ASK, *_REFUSED), "reason")
    await on_field(call, call.act(approvals.ask, OFFERS[address.id], asked), fields)
    return await next_page(call, f"reporter:{address.detail}")


async def handle_answer(call: Call) -> Reply | None:
    """Whoever is concerned wants to answer."""
    censure = await call.read(censures.to_answer, Pointer.parse(call.value).id)
    words = await call.words()
    if not await open_view(call, answer_form(words, censure)):
        return await view_failed(call, words, "office.slack_silent")
    return None


async def handle_answer_form(call: Call) -> None:
    """The answer, for those who decide."""
    pointer = Pointer.parse(text_at(call.body, "view", "private_metadata"))
    await call.act(censures.answer, pointer.id, Form.of(call.body).text("answer"))
