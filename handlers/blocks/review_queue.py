"""The review queue's modal: a request with everything beside it, one question, one way on.

The answers are radio buttons and nothing is chosen beforehand, so that Tab, the arrows and Enter are enough
and Enter alone does nothing. A Fake is asked about once more, in a view of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.words.catalogue import Words
from bot.words.text import escape
from bot.words.text import plain as one_line
from handlers.blocks.authenticity import (
    Asking,
    before_answer,
    before_fake,
    facts_of,
    listing_line,
    pictures_of,
    promise_of,
    reasons_of,
)
from handlers.blocks.knowledge import in_short
from handlers.blocks.parts import (
    Block,
    actions,
    button,
    context,
    divider,
    field,
    fields,
    modal,
    moment_token,
    option,
    plain,
    section,
)
from handlers.ids import QueueId
from handlers.payloads import Pointer
from storage.records.authenticity import Answer
from storage.records.knowledge import KnowledgeSheet
from storage.records.review_queue import CaseNotes, SellerPast, Turn, UsualPrice

SKIP = "skip"
NOTHING = "none"  # what stands in the place of a request where none is left
ANSWERS = (Answer.FAKE, Answer.GENUINE, Answer.CANNOT_TELL, Answer.NEED_SAMPLE, Answer.NOT_OUR_BRAND)
_NAME = 75
_LINES = 100


@dataclass(frozen=True)
class Said:
    """What became of the request before: a sentence, and the pointer with which the answer is taken back."""

    sentence: str
    take_back: str = ""


def answer_block(request_id: str) -> str:
    """The block of the answer: of each request another one, for Slack keeps what was chosen in a block."""
    return f"answer-{request_id}"


def case_view(
    words: Words, turn: Turn, case: Any, asking: Asking, notes: CaseNotes, said: Said | None
) -> Block:
    """The request that is before a person."""
    place = words.text("review_queue.place", n=words.number(turn.number), total=words.number(turn.total))
    brand = escape(one_line(case.brand or case.brand_named, _NAME))
    blocks = [*_said(words, said), context(f"*{place}* · {brand}"), section(listing_line(words, case))]
    blocks.append(fields(facts_of(words, case)))
    if notes.usual:
        blocks.append(section(_usual(words, case, notes.usual)))
    blocks += pictures_of(words, case, asking)
    blocks.append(reasons_of(words, case))
    if notes.relisted_at:
        moment = moment_token(words, notes.relisted_at)
        blocks.append(section(words.text("sellers.relisted", moment=moment)))
    if notes.seller:
        blocks.append(section(_seller(words, notes.seller)))
    blocks += _knowledge(words, notes.knowledge, notes.lines, pictures=asking.pictures)
    blocks += [divider(), context(*before_answer(words, case, asking)), _question(words, case.id)]
    view = modal(
        words,
        words.text("review_queue.title"),
        blocks,
        callback_id=QueueId.FORM,
        submit=words.text("review_queue.next"),
        metadata=_metadata(turn, case, asking),
        notify_on_close=True,
    )
    return {**view, "close": plain(words.text("common.close"))}


def sure_view(words: Words, turn: Turn, case: Any, asking: Asking) -> Block:
    """The question before a Fake."""
    blocks = [
        section(listing_line(words, case)),
        section(f"*{words.text('authenticity.sure.title')}* {before_fake(words, asking)}"),
        actions(button(words.text("review_queue.not_yet"), QueueId.BACK, case.id)),
    ]
    return modal(
        words,
        words.text("authenticity.sure.title"),
        blocks,
        callback_id=QueueId.SURE,
        submit=words.text("authenticity.button.fake"),
        metadata=_metadata(turn, case, asking),
        notify_on_close=True,
    )


def empty_view(words: Words, turn: Turn, said: Said | None) -> Block:
    """Nothing is left for this person; what others have before them may come back."""
    blocks = _said(words, said)
    key = "review_queue.all_done" if turn.answered else "review_queue.nothing"
    blocks.append(section(words.text(key)))
    if turn.elsewhere:
        blocks.append(context(words.count("review_queue.elsewhere", turn.elsewhere)))
    again = button(words.text("review_queue.look_again"), QueueId.BACK, NOTHING)
    blocks.append(actions(again))
    title = words.text("review_queue.title")
    metadata = str(Pointer(NOTHING, f"{turn.answered}-0"))
    return modal(words, title, blocks, callback_id=QueueId.FORM, metadata=metadata)


def _metadata(turn: Turn, case: Any, asking: Asking) -> str:
    return str(Pointer(case.id, f"{turn.answered}-{promise_of(case, asking)}"))


def _said(words: Words, said: Said | None) -> list[Block]:
    if said is None:
        return []
    way = None
    if said.take_back:
        way = button(words.text("authenticity.button.retract"), QueueId.TAKE_BACK, said.take_back)
    return [section(said.sentence, accessory=way), divider()]


def _question(words: Words, request_id: str) -> Block:
    options = [option(words.text(f"authenticity.button.{answer.value}"), answer.value) for answer in ANSWERS]
    options.append(option(words.text("review_queue.skip"), SKIP))
    chosen: Block = {
        "type": "radio_buttons",
        "action_id": "answer",
        "options": options,
    }
    return field(answer_block(request_id), words.text("authenticity.head.open"), chosen)


def _usual(words: Words, case: Any, usual: UsualPrice) -> str:
    if usual.median is None:
        return words.count("review_queue.usual.too_few", usual.known)
    price = case.snapshot["price"]
    of = "line" if usual.line else "brand"
    shown = escape(words.money(usual.median, price["currency"]))
    told = words.count(f"review_queue.usual.of_{of}", usual.known, price=shown)
    return f"{told} {_compared(words, Decimal(price['amount']), usual.median)}"


def _compared(words: Words, asked: Decimal, median: Decimal) -> str:
    share = (asked - median) / median if median else Decimal(0)
    if abs(share) < Decimal("0.01"):
        return words.text("review_queue.usual.same")
    key = "below" if share < 0 else "above"
    return words.text(f"review_queue.usual.{key}", share=words.percent(abs(share)))


def _seller(words: Words, past: SellerPast) -> str:
    told = [
        words.text(
            "review_queue.seller.said",
            answer=words.text(f"authenticity.button.{answer.value}"),
            n=words.number(past.answers[answer]),
        )
        for answer in ANSWERS
        if past.answers.get(answer)
    ]
    if past.strikes:
        told.append(words.count("review_queue.seller.strikes", past.strikes))
    lines = [
        words.text("review_queue.seller.past", told=words.listing(told))
        if told
        else words.text("review_queue.seller.new")
    ]
    lines += [
        words.text(
            "sellers.state.carried_out",
            measure=words.text(f"sellers.measure.{each.measure}"),
            moment=moment_token(words, each.answered_at),
        )
        for each in past.measures
    ]
    return "\n".join(lines)


def _knowledge(
    words: Words, sheet: KnowledgeSheet | None, lines: Sequence[Any], *, pictures: bool
) -> list[Block]:
    if not lines:
        return []
    options = [option(one_line(line.name, _NAME), line.id) for line in lines[:_LINES]]
    pick: Block = {
        "type": "static_select",
        "action_id": QueueId.LINE,
        "placeholder": plain(words.text("knowledge.form.line"), 150),
        "options": options,
    }
    of_sheet = [each for each in options if sheet and each["value"] == sheet.line_id]
    if of_sheet:
        pick["initial_option"] = of_sheet[0]
    told = (
        in_short(words, sheet, pictures=pictures) if sheet else section(words.text("knowledge.card.no_line"))
    )
    ways = [pick]
    if sheet and sheet.text:
        ways.append(button(words.text("knowledge.card.more"), QueueId.KNOWLEDGE, sheet.line_id))
    return [told, actions(*ways)]
