"""The buttons and forms of authenticity requests."""

from collections.abc import Callable, Mapping

from bot.enforcement import authenticity, confirmations, deadlines, retractions, routing, samples
from handlers.blocks.authenticity_forms import BRAND, DECLINE, REASON, RETRACT, assign_form, reason_form
from handlers.guard import Call, Reply
from handlers.ids import AuthenticityId
from handlers.payloads import Form, Malformed, Pointer, text_at
from handlers.slack.views import open_view, view_failed
from storage.records.authenticity import Answer, Outcome

_ANSWERS: Mapping[str, Answer] = {
    AuthenticityId.FAKE: Answer.FAKE,
    AuthenticityId.GENUINE: Answer.GENUINE,
    AuthenticityId.CANNOT_TELL: Answer.CANNOT_TELL,
    AuthenticityId.NEED_SAMPLE: Answer.NEED_SAMPLE,
    AuthenticityId.NOT_OUR_BRAND: Answer.NOT_OUR_BRAND,
}
_REASONED: Mapping[str, Callable[..., None]] = {
    RETRACT: retractions.retract_verdict,
    DECLINE: confirmations.decline_fake,
}


async def handle_answer(call: Call) -> None:
    """One of the five answers. Whoever was not first is told what stands."""
    request_id, round_, promised = _pointed(call.value)
    await call.act(
        authenticity.record_verdict,
        request_id,
        round_,
        _ANSWERS[call.id],
        promised=[Outcome(each) for each in promised if each in set(Outcome)],
        channel_id=call.channel_id,
        limits=call.desk.limits,
    )
    await _redraw_warning(call)


async def handle_confirm(call: Call) -> None:
    """The second person agrees with a Fake."""
    request_id, round_, _ = _pointed(call.value)
    await call.act(confirmations.confirm_fake, request_id, round_)
    await _redraw_warning(call)


async def handle_decline(call: Call) -> Reply | None:
    """The second person disagrees: ask why."""
    request_id, round_, _ = _pointed(call.value)
    title = await call.read(confirmations.to_decide, request_id, round_)
    return await _ask_why(call, request_id, round_, DECLINE, title)


async def handle_retract(call: Call) -> Reply | None:
    """A verdict is to be taken back: ask why."""
    request_id, round_, _ = _pointed(call.value)
    title = await call.read(retractions.to_retract, request_id, round_, now=call.now)
    return await _ask_why(call, request_id, round_, RETRACT, title)


async def handle_reason_form(call: Call) -> None:
    """Retract or decline with the reason given."""
    request_id, round_, act = _pointed(text_at(call.body, "view", "private_metadata"))
    use_case = _REASONED.get("-".join(act))
    if use_case is None:
        raise Malformed("no such act")
    await call.act(use_case, request_id, round_, Form.of(call.body).text(REASON))


async def handle_assign(call: Call) -> Reply | None:
    """The platform team picks a brand for an unrouted request."""
    request_id = Pointer.parse(call.value).id
    named, brands = await call.read(routing.to_assign, request_id)
    words = await call.words()
    if not await open_view(call, assign_form(words, request_id, named, brands)):
        return await view_failed(call, words, "authenticity.form.try_again")
    return None


async def handle_assign_form(call: Call) -> None:
    """Ask the brand that was picked."""
    pointer = Pointer.parse(text_at(call.body, "view", "private_metadata"))
    await call.act(routing.assign_request, pointer.id, Form.of(call.body).choice(BRAND))


async def handle_sample_done(call: Call) -> None:
    """A sample is no longer owed."""
    await call.act(samples.finish_sample, Pointer.parse(call.value).id)


async def _redraw_warning(call: Call) -> None:
    """The click may have come from a warning, whose buttons stand in blocks that begin with its id."""
    warning, found, _ = call.block.partition(":")
    if found:
        await call.desk.store.run(deadlines.redraw, [warning], now=call.now)


async def _ask_why(call: Call, request_id: str, round_: int, act: str, title: str) -> Reply | None:
    words = await call.words()
    if not await open_view(call, reason_form(words, request_id, round_, act, title)):
        return await view_failed(call, words, "authenticity.form.try_again")
    return None


def _pointed(text: str) -> tuple[str, int, tuple[str, ...]]:
    """`request:round-word-word` as a button or a form carries it."""
    pointer = Pointer.parse(text)
    round_, *words = pointer.detail.split("-")
    if not round_.isdecimal() or len(round_) > 4:  # nobody is asked ten thousand times
        raise Malformed("no round")
    return pointer.id, int(round_), tuple(words)
