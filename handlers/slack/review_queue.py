"""The review queue: its button, the answers of its form, the question before a Fake, and closing it.

A form that was sent is answered with the next request: one round trip each. Slack takes no modal with a
picture that it cannot get. A redrawn one is drawn once more without pictures then; of an answer to a form
that it did not take, Slack tells nobody: whoever tries again gets links in place of pictures.
"""

from dataclasses import dataclass
from typing import Any

from bot.enforcement import retractions, review_queue
from bot.enforcement.refusals import Refused
from bot.enforcement.review_queue import Before
from handlers.blocks.authenticity_forms import RETRACT, reason_form
from handlers.blocks.review_queue import NOTHING, SKIP, answer_block
from handlers.drawn.review_queue import draw_sure, draw_turn
from handlers.guard import Call, Reply
from handlers.payloads import Form, Malformed, Pointer, one_of, text_at
from handlers.slack.office import redraw
from handlers.slack.pages import draw as draw_page
from handlers.slack.views import Shown, open_view, shown, view_failed
from storage.records.authenticity import Answer, Outcome
from storage.records.review_queue import Turn


@dataclass(frozen=True)
class _Place:
    """What the open modal is about: the request, how many were answered, what Fake was said to do."""

    request_id: str
    answered: int
    round: int
    promised: tuple[Outcome, ...]

    @classmethod
    def of(cls, call: Call) -> "_Place":
        pointer = Pointer.parse(text_at(call.body, "view", "private_metadata"))
        answered, _, rest = pointer.detail.partition("-")
        round_, *words = rest.split("-")
        if not (answered.isdecimal() and round_.isdecimal()) or len(answered) > 6 or len(round_) > 4:
            raise Malformed("no place in the queue")
        promised = tuple(Outcome(word) for word in words if word in set(Outcome))
        return cls(pointer.id, int(answered), int(round_), promised)


async def handle_open(call: Call) -> Reply | None:
    """Begin to work through what is open."""
    turn, again = await call.act(review_queue.open_queue)
    view = await _drawn(call, turn, pictures=not again)
    if text_at(call.body, "view", "type") == "modal":
        await _redraw(call, view, turn)
        return None
    if await open_view(call, view):
        return None
    return await view_failed(call, await call.words(), "review_queue.slack_silent")


async def handle_answer(call: Call) -> Reply:
    """An answer was chosen: the next request, or first the question before a Fake."""
    place = _Place.of(call)
    chosen = Form.of(call.body).choice(answer_block(place.request_id))
    if chosen == SKIP:
        turn = await call.act(review_queue.skip, place.request_id, place.answered)
        return Reply(update=await _drawn(call, turn))
    answer = one_of(Answer, chosen)
    if answer is not Answer.FAKE:
        return await _record(call, place, answer)
    turn = await call.act(review_queue.stay, place.request_id, place.answered)
    if turn.request_id != place.request_id:
        return Reply(update=await _drawn(call, turn, passed=place.request_id))
    return Reply(update=await call.read(draw_sure, turn, call.now, call.desk.limits))


async def handle_sure(call: Call) -> Reply:
    """Fake, and surely."""
    return await _record(call, _Place.of(call), Answer.FAKE)


async def handle_back(call: Call) -> None:
    """Back from the question to the request; or a second look where nothing was left."""
    place = _Place.of(call)
    if place.request_id == NOTHING:
        turn = await call.act(review_queue.look_again, place.answered)
    else:
        turn = await call.act(review_queue.stay, place.request_id, place.answered)
    await _show(call, place, turn)


async def handle_line(call: Call) -> None:
    """The product line was picked: its knowledge and its prices stand beside the request from now on."""
    place = _Place.of(call)
    line_id = Pointer.parse(call.value).id
    turn = await call.act(review_queue.sort, place.request_id, line_id, place.answered)
    await _show(call, place, turn)


async def handle_knowledge(call: Call) -> None:
    """All that is known of the line, on top of the request, which stays before the reader."""
    place = _Place.of(call)
    await call.act(review_queue.stay, place.request_id, place.answered)
    address = Pointer("knowledge", Pointer.parse(call.value).id)
    await _push(call, await call.read(draw_page, address, call.now))


async def handle_take_back(call: Call) -> None:
    """The answer before is to be taken back: ask why, on top of the request."""
    pointer = Pointer.parse(call.value)
    if not pointer.detail.isdecimal() or len(pointer.detail) > 4:
        raise Malformed("no round")
    round_ = int(pointer.detail)
    title = await call.read(retractions.to_retract, pointer.id, round_, now=call.now)
    await _push(call, reason_form(await call.words(), pointer.id, round_, RETRACT, title))


async def handle_close(call: Call) -> None:
    """The queue was closed: others may have the request."""
    await call.act(review_queue.leave)


async def _record(call: Call, place: _Place, answer: Answer) -> Reply:
    try:
        before, turn = await call.act(
            review_queue.answer,
            place.request_id,
            place.round,
            answer,
            place.answered,
            promised=place.promised,
            limits=call.desk.limits,
        )
    except Refused as refused:
        turn = await call.act(review_queue.look_again, place.answered)
        return Reply(update=await _drawn(call, turn, refused, place.request_id))
    pictures = not before.shown_late  # the last view did not come: Slack may not have got its pictures
    return Reply(update=await _drawn(call, turn, before, place.request_id, pictures=pictures))


async def _show(call: Call, place: _Place, turn: Turn) -> None:
    """Draw the open modal again."""
    moved = turn.request_id != place.request_id and place.request_id != NOTHING
    passed = place.request_id if moved else ""
    await _redraw(call, await _drawn(call, turn, passed=passed), turn, passed)


async def _redraw(call: Call, view: dict[str, Any], turn: Turn, passed: str = "") -> None:
    if await redraw(call, view) is Shown.PICTURE_REFUSED:
        await redraw(call, await _drawn(call, turn, passed=passed, pictures=False))


async def _drawn(
    call: Call, turn: Turn, before: Before | Refused | None = None, passed: str = "", *, pictures: bool = True
) -> dict[str, Any]:
    limits = call.desk.limits
    return await call.read(draw_turn, turn, call.now, limits, before, passed, pictures=pictures)


async def _push(call: Call, view: dict[str, Any]) -> None:
    await shown(call, view, call.desk.gateway.push_view(call.trigger_id, view))
