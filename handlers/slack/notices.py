"""The buttons of a notice's card: withdraw it, note the marketplace's complaint number."""

from bot.enforcement import notice_seconds, notices
from bot.enforcement.refusals import Refused
from handlers.blocks.notices import complaint_view, withdraw_view
from handlers.guard import BadForm, Call, Reply
from handlers.payloads import Form, Pointer, text_at
from handlers.slack.views import open_view, view_failed
from storage.records.notices import WITHDRAWABLE


async def handle_withdraw(call: Call) -> Reply | None:
    """Ask why."""
    notice = await call.read(notices.to_withdraw, Pointer.parse(call.value).id)
    if notice.state not in WITHDRAWABLE:
        raise Refused("notices.cannot_withdraw", reference=notice.reference)
    words = await call.words()
    if not await open_view(call, withdraw_view(words, notice.id, notice.reference)):
        return await view_failed(call, words, "notices.form.try_again")
    return None


async def handle_withdraw_form(call: Call) -> None:
    """Withdraw with the reason given."""
    await call.act(notices.withdraw_notice, _notice_id(call), Form.of(call.body).text("reason"))


async def handle_complaint(call: Call) -> Reply | None:
    """Ask for the number and the link."""
    notice = await call.read(notices.to_annotate, Pointer.parse(call.value).id)
    words = await call.words()
    view = complaint_view(words, notice.id, notice.complaint_number, notice.complaint_url)
    if not await open_view(call, view):
        return await view_failed(call, words, "notices.form.try_again")
    return None


async def handle_complaint_form(call: Call) -> None:
    """Keep them."""
    form = Form.of(call.body)
    url = form.text("url")
    if url and not url.startswith(("https://", "http://")):
        words = await call.words()
        raise BadForm({"url": words.text("notices.bad_url")})
    await call.act(notices.note_complaint, _notice_id(call), form.text("number"), url)


async def handle_second(call: Call) -> None:
    """A second person starts the takedowns of a counterfeit notice."""
    await call.act(notice_seconds.start_takedowns, Pointer.parse(call.value).id)


def _notice_id(call: Call) -> str:
    return Pointer.parse(text_at(call.body, "view", "private_metadata")).id
