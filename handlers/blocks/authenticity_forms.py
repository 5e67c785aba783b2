"""The two small forms of authenticity requests: a reason, and the brand that is to be asked."""

from collections.abc import Sequence

from bot.words.catalogue import Words
from bot.words.text import plain as one_line
from handlers.blocks.parts import Block, field, modal, option, plain
from handlers.ids import AuthenticityId
from handlers.payloads import Pointer

REASON = "reason"
BRAND = "brand"
RETRACT = "retract"
DECLINE = "decline"
LONGEST_REASON = 1000
_PER_GROUP = 100  # Slack's limit for options, and for groups of options
_LABEL = 30
_BRAND = 75


def reason_form(words: Words, request_id: str, round_: int, act: str, title: str) -> Block:
    """Why a verdict is taken back (`act` RETRACT) or a Fake not confirmed (DECLINE)."""
    told = words.text(f"authenticity.form.{act}_about", title=one_line(title, 120))
    typed = {
        "type": "plain_text_input",
        "action_id": REASON,
        "multiline": True,
        "min_length": 3,
        "max_length": LONGEST_REASON,
    }
    blocks: list[Block] = [
        {"type": "section", "text": plain(told)},
        field(REASON, words.text("authenticity.form.reason"), typed),
    ]
    return modal(
        words,
        words.text(f"authenticity.form.{act}"),
        blocks,
        callback_id=AuthenticityId.REASON_FORM,
        submit=words.text(f"authenticity.form.{act}_submit"),
        metadata=str(Pointer(request_id, f"{round_}-{act}")),
    )


def assign_form(words: Words, request_id: str, named: str, brands: Sequence[tuple[str, str]]) -> Block:
    """Which brand is to be asked; `brands` are (id, name) in the order of their names."""
    options = [option(one_line(name, _BRAND), brand_id) for brand_id, name in brands]
    chosen: Block = {"type": "static_select", "action_id": BRAND}
    if len(options) <= _PER_GROUP:
        chosen["options"] = options
    else:
        parts = [options[start : start + _PER_GROUP] for start in range(0, len(options), _PER_GROUP)]
        chosen["option_groups"] = [_group(part) for part in parts[:_PER_GROUP]]
    hint = words.text("authenticity.form.assign_hint", brand=one_line(named, _BRAND))
    return modal(
        words,
        words.text("authenticity.form.assign"),
        [field(BRAND, words.text("authenticity.card.brand"), chosen, hint=hint)],
        callback_id=AuthenticityId.ASSIGN_FORM,
        submit=words.text("authenticity.form.assign_submit"),
        metadata=str(Pointer(request_id)),
    )


def _group(options: Sequence[Block]) -> Block:
    first, last = options[0]["text"]["text"], options[-1]["text"]["text"]
    label = f"{one_line(first, _LABEL)} – {one_line(last, _LABEL)}"
    return {"label": plain(label, _BRAND), "options": list(options)}
