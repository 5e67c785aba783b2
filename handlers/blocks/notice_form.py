"""The form of a notice, and what is shown before one is filed that needs a second look.

A field that depends on an earlier pick has that pick in its block id, so that Slack does not keep an answer
to another question in it.
"""

from collections.abc import Sequence

from bot.words.catalogue import Words
from bot.words.text import escape
from bot.words.text import plain as one_line
from handlers.blocks.notices import marketplace_name, right_in_words
from handlers.blocks.parts import Block, actions, button, context, field, modal, option, plain, section
from handlers.ids import NoticeId
from storage.records.notice_sheets import (
    AUTHORITY,
    GOOD_FAITH,
    INPUT_LENGTH,
    MOST_INPUTS,
    Batch,
    FormSheet,
    ReviewSheet,
)
from storage.records.roster import Brand, RightsHolder

TICKED = "yes"
_OPTIONS = 100  # in one select, or in one group of a select
_ALL_OPTIONS = 1000  # a view takes 250 kB
_SHOWN = 10


def form_view(words: Words, sheet: FormSheet) -> Block:
    """The form as it looks after what was picked so far."""
    typed = sheet.form
    blocks = [context(words.text("notices.form.intro"))]
    blocks += _who_and_what(words, sheet)
    blocks += _links(words, sheet)
    blocks.append(_explanation(words, sheet))
    if sheet.asks_copyright:
        blocks += _copyright(words, sheet)
    blocks.append(_text(words, "email", typed.email, kind="email_text_input"))
    blocks.append(_tick(words, "statement", GOOD_FAITH, ticked=typed.statement))
    return modal(
        words,
        words.text("notices.form.title"),
        blocks,
        callback_id=NoticeId.FORM,
        submit=words.text("notices.form.submit"),
        metadata=sheet.draft_id,
        notify_on_close=True,
    )


def _explanation(words: Words, sheet: FormSheet) -> Block:
    """Asked of everybody but those in a lane in which the seller bears the proof."""
    hint = words.text("notices.form.explanation_hint")
    if not sheet.asks_explanation and sheet.lane:
        hint = words.text("service.explanation_hint", lane=one_line(sheet.lane.name, 75))
    element = _input("plain_text_input", "explanation", sheet.form.explanation, INPUT_LENGTH)
    element["multiline"] = True
    label = words.text("notices.form.explanation")
    return field("explanation", label, element, hint=hint, optional=not sheet.asks_explanation)


def _who_and_what(words: Words, sheet: FormSheet) -> list[Block]:
    typed, blocks = sheet.form, []
    if len(sheet.holders) > 1:
        blocks.append(
            _pick(words, "holder_id", "holder_id", NoticeId.HOLDER, _choices(sheet.holders), typed.holder_id)
        )
    if typed.holder_id:
        block_id = f"brand_id:{typed.holder_id}"
        blocks.append(
            _pick(words, "brand_id", block_id, NoticeId.BRAND, _choices(sheet.brands), typed.brand_id)
        )
    if typed.brand_id and not sheet.rights:
        blocks.append(section(words.text("notices.form.no_rights")))
    elif typed.brand_id:
        block_id = f"right_id:{typed.brand_id}"
        rights = [(right.id, right_in_words(words, right)) for right in sheet.rights]
        blocks.append(_pick(words, "right_id", block_id, NoticeId.RIGHT, rights, typed.right_id))
    if sheet.right:
        block_id = f"reason:{sheet.right.kind.value}"
        reasons = [(reason.value, words.text(f"notices.reason.{reason.value}")) for reason in sheet.reasons]
        blocks.append(_pick(words, "reason", block_id, NoticeId.REASON, reasons, typed.reason))
    if sheet.at_once:
        blocks.append(context(words.text("notices.form.at_once")))
    if sheet.asks_order:
        blocks.append(_text(words, "order_number", typed.order_number, most=100))
    return blocks


def _links(words: Words, sheet: FormSheet) -> list[Block]:
    texts = sheet.form.links
    blocks = []
    for position, text in enumerate(texts):
        element = _input("plain_text_input", f"links_{position + 1}", text, INPUT_LENGTH)
        element["multiline"] = True
        label = words.text("notices.form.links" if position == 0 else "notices.form.more_links")
        hint = words.text("notices.form.links_hint") if position == 0 else ""
        blocks.append(field(f"links_{position + 1}", label, element, hint=hint, optional=position > 0))
    if len(texts) < MOST_INPUTS:
        blocks.append(actions(button(words.text("notices.form.add_links"), NoticeId.MORE_LINKS)))
    return blocks


def _copyright(words: Words, sheet: FormSheet) -> list[Block]:
    typed = sheet.form
    return [
        _text(words, "work", typed.work, multiline=True, hint="notices.form.work_hint"),
        _text(words, "signature", typed.signature, most=200, hint="notices.form.signature_hint"),
        _text(words, "address", typed.address, most=500),
        _text(words, "telephone", typed.telephone, most=50),
        _tick(words, "authority", AUTHORITY, ticked=typed.authority),
    ]


def _choices(choices: Sequence[RightsHolder] | Sequence[Brand]) -> list[tuple[str, str]]:
    return [(choice.id, one_line(choice.name, 75)) for choice in choices]


def _pick(
    words: Words,
    name: str,
    block_id: str,
    action_id: NoticeId,
    offered: Sequence[tuple[str, str]],
    picked: str,
) -> Block:
    options = [option(text, value) for value, text in offered[:_ALL_OPTIONS]]
    element: Block = {"type": "static_select", "action_id": action_id, **_offer(options)}
    chosen = next((each for each in options if each["value"] == picked), None)
    if chosen:
        element["initial_option"] = chosen
    return field(block_id, words.text(f"notices.form.{name}"), element, dispatch=True)


def _offer(options: Sequence[Block]) -> Block:
    """Options, in groups from one name to another where they are more than a select takes."""
    if len(options) <= _OPTIONS:
        return {"options": list(options)}
    chunks = [options[start : start + _OPTIONS] for start in range(0, len(options), _OPTIONS)]
    return {
        "option_groups": [
            {"label": plain(f"{_start(chunk[0])} … {_start(chunk[-1])}"), "options": list(chunk)}
            for chunk in chunks
        ]
    }


def _start(choice: Block) -> str:
    return one_line(choice["text"]["text"], 30)


def _text(
    words: Words,
    name: str,
    typed: str,
    *,
    kind: str = "plain_text_input",
    multiline: bool = False,
    most: int = INPUT_LENGTH,
    hint: str = "",
) -> Block:
    element = _input(kind, name, typed, most)
    if multiline:
        element["multiline"] = True
    return field(name, words.text(f"notices.form.{name}"), element, hint=words.text(hint) if hint else "")


def _input(kind: str, name: str, typed: str, most: int) -> Block:
    element: Block = {"type": kind, "action_id": name}
    if kind == "plain_text_input":
        element["max_length"] = most
    if typed:
        element["initial_value"] = typed
    return element


def _tick(words: Words, name: str, statement: str, *, ticked: bool) -> Block:
    yes = option(words.text("notices.form.i_state"), TICKED)
    element: Block = {"type": "checkboxes", "action_id": name, "options": [yes]}
    if ticked:
        element["initial_options"] = [yes]
    return field(name, words.text(f"notices.statement.{statement}"), element)


def review_view(words: Words, review: ReviewSheet) -> Block:
    """What will be filed where, and what will not be filed again; without a button when nothing is left."""
    blocks = [block for batch in review.batches for block in _batch(words, batch)]
    if review.reported:
        blocks.append(section(words.count("notices.review.reported", len(review.reported))))
        blocks.append(
            _lines(
                words,
                [
                    words.text(
                        "notices.review.reported_line",
                        item=f"~{_shown(known.listing)}~",
                        reference=known.reference,
                        since=words.moment(known.since),
                    )
                    for known in review.reported
                ],
            )
        )
    if review.repeated:
        blocks.append(section(words.count("notices.review.repeated", len(review.repeated))))
        blocks.append(_lines(words, [_shown(listing) for listing in review.repeated]))
    if review.second_ground and review.batches:
        told = words.text(f"second_look.notice.{review.second_ground.value}")
        blocks.insert(0, section(f"{told} {words.text('second_look.notice_means')}"))
    submit = words.text("notices.form.submit") if review.batches else ""
    if not submit:
        blocks.insert(0, section(words.text("notices.review.nothing_left")))
    return modal(
        words,
        words.text("notices.review.title"),
        blocks,
        callback_id=NoticeId.REVIEW_FORM,
        submit=submit,
        metadata=review.draft_id,
    )


def _batch(words: Words, batch: Batch) -> list[Block]:
    market = escape(marketplace_name(words, batch.marketplace, batch.client))
    blocks = [
        section(words.count("notices.review.batch", len(batch.listings), marketplace=market)),
        _lines(words, [_shown(listing) for listing in batch.listings]),
    ]
    if batch.client is None:
        blocks.append(context(words.text("notices.review.unconnected", marketplace=market)))
    return blocks


def _lines(words: Words, lines: Sequence[str]) -> Block:
    shown = [f"• {line}" for line in lines[:_SHOWN]]
    if len(lines) > _SHOWN:
        shown.append(words.count("notices.and_more", len(lines) - _SHOWN))
    return section("\n".join(shown))


def _shown(listing: str) -> str:
    return escape(one_line(listing, 120))
