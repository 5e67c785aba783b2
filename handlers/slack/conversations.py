"""Talk to us: the button on cards and on Home, its form, an association's word, and the end."""

from contextlib import suppress

from bot.enforcement import conversations, security_team
from bot.enforcement.refusals import Refused
from bot.gateway import SlackFailure
from handlers.blocks.conversation_forms import (
    CONCERN,
    HOLDER,
    OUTCOME,
    REASON,
    TEXT,
    after_asking,
    ask_form,
    close_form,
    decline_form,
)
from handlers.blocks.conversation_pages import ADD
from handlers.blocks.parts import Block
from handlers.guard import BadForm, Call, Reply
from handlers.payloads import Form, Pointer, one_of, text_at
from handlers.slack.office import detail_of, show
from handlers.slack.views import open_view, view_failed
from storage.errors import StoreError
from storage.records.conversation_sheets import Pointed
from storage.records.conversations import About, Concern, TalkOutcome

_SILENT = "talk.form.try_again"


async def handle_open(call: Call) -> Reply | None:
    """Ask what about; where a conversation about it lives, lead there."""
    pointed = _pointed(call.value)
    asking = await call.read(conversations.to_ask, pointed)
    words = await call.words()
    if asking.live is None:
        return await _show(call, ask_form(words, asking))
    talk = asking.live.talk
    sheet = await call.act(conversations.start, pointed, talk.concern, "", holder_id=talk.holder_id)
    return await _show(call, after_asking(words, sheet, known=True))


async def handle_form(call: Call) -> Reply:
    """Ask for the conversation. Whatever stands in the way is said in the form, and nothing typed is lost."""
    pointed = _pointed(text_at(call.body, "view", "private_metadata"))
    form, words = Form.of(call.body), await call.words()
    text = form.text(TEXT)
    if not text:
        raise BadForm({TEXT: words.text("talk.form.say_what")})
    concern = one_of(Concern, form.choice(CONCERN))
    try:
        sheet = await call.act(conversations.start, pointed, concern, text, holder_id=form.choice(HOLDER))
    except Refused as refused:
        raise BadForm({CONCERN: words.text(refused.key, **refused.values)}) from refused
    except StoreError as error:
        raise BadForm({TEXT: words.text("common.not_recorded")}) from error
    return Reply(update=after_asking(words, sheet, known=sheet.talk.asked_at != call.now))


async def handle_approve(call: Call) -> None:
    """The association agrees."""
    await call.act(conversations.approve, Pointer.parse(call.value).id)
    if text_at(call.body, "view", "type") == "modal":
        await show(call, "talks")


async def handle_decline(call: Call) -> Reply | None:
    """The association does not: ask why."""
    sheet = await call.read(conversations.to_decide, Pointer.parse(call.value).id)
    return await _show(call, decline_form(await call.words(), sheet))


async def handle_decline_form(call: Call) -> None:
    """Nothing opens, and the asker reads why."""
    talk_id = Pointer.parse(text_at(call.body, "view", "private_metadata")).id
    try:
        await call.act(conversations.decline, talk_id, Form.of(call.body).text(REASON))
    except Refused as refused:
        raise BadForm({REASON: (await call.words()).text(refused.key, **refused.values)}) from refused


async def handle_security(call: Call) -> None:
    """Put somebody of the marketplace's team onto its security team, or take them off."""
    pointer = detail_of(call)
    change = security_team.add if pointer.detail == ADD else security_team.remove
    await call.act(change, pointer.id)
    await show(call, "security")


async def handle_close(call: Call) -> Reply | None:
    """Ask what came of it."""
    sheet = await call.read(conversations.to_close, Pointer.parse(call.value).id)
    return await _show(call, close_form(await call.words(), sheet))


async def handle_close_form(call: Call) -> None:
    """End it."""
    form = Form.of(call.body)
    talk_id = Pointer.parse(text_at(call.body, "view", "private_metadata")).id
    outcome = one_of(TalkOutcome, form.choice(OUTCOME))
    try:
        await call.act(conversations.close, talk_id, outcome, form.text(TEXT))
    except Refused as refused:
        raise BadForm({OUTCOME: (await call.words()).text(refused.key, **refused.values)}) from refused


async def _show(call: Call, view: Block) -> Reply | None:
    """Open a view; from a page that is open already, on top of it."""
    if text_at(call.body, "view", "type") == "modal":
        with suppress(SlackFailure, TimeoutError):
            await call.desk.gateway.push_view(call.trigger_id, view)
            return None
    elif await open_view(call, view):
        return None
    return await view_failed(call, await call.words(), _SILENT)


def _pointed(value: str) -> Pointed:
    pointer = Pointer.parse(value)
    return Pointed(one_of(About, pointer.id), pointer.detail)
