"""The forms of counter-notices: accept one, contest one, say why an answer is not confirmed."""

from collections.abc import Sequence

from bot.words.catalogue import Words
from bot.words.text import plain as one_line
from handlers.blocks.parts import Block, field, modal, option, plain
from handlers.ids import CounterId
from handlers.payloads import Pointer
from storage.records.counter_notice_sheets import CounterNoticeSheet
from storage.records.counter_notices import ContestCode, Position

CODE, EXPLANATION, REFERENCE, LINKS, FILES, REASON = (
    *("code", "explanation", "reference", "links", "files", "reason"),
)
_FILETYPES = ["pdf", "png", "jpg", "jpeg", "txt"]
_MOST_FILES = 10
_TITLE = 120
_LONGEST = 3000
_MEGA = 1_000_000


def accept_form(words: Words, sheet: CounterNoticeSheet, market: str) -> Block:
    """The seller is right: what follows, and a word for the marketplace if one likes."""
    title = one_line(sheet.listing.title or sheet.listing.url, _TITLE)
    told = words.text("counter_notices.form.accept_about", title=title, marketplace=one_line(market, 75))
    blocks = [
        {"type": "section", "text": plain(told)},
        field(EXPLANATION, words.text("counter_notices.form.remark"), _area(EXPLANATION), optional=True),
    ]
    return modal(
        words,
        words.text("counter_notices.form.accept"),
        blocks,
        callback_id=CounterId.ANSWER_FORM,
        submit=words.text("counter_notices.form.accept_submit"),
        metadata=_pointer(sheet, Position.ACCEPT),
    )


def contest_form(
    words: Words, sheet: CounterNoticeSheet, market: str, contests: Sequence[ContestCode], largest: int
) -> Block:
    """The seller is wrong: on which ground, why, and what shows it. `largest`: bytes of one file."""
    title = one_line(sheet.listing.title or sheet.listing.url, _TITLE)
    told = words.text("counter_notices.form.contest_about", title=title, marketplace=one_line(market, 75))
    options = [option(words.text(f"counter_notices.code.{code.value}"), code.value) for code in contests]
    picked: Block = {"type": "radio_buttons", "action_id": CODE, "options": options}
    if len(options) == 1:
        picked["initial_option"] = options[0]
    blocks = [
        {"type": "section", "text": plain(told)},
        field(CODE, words.text("counter_notices.form.code"), picked),
        field(EXPLANATION, words.text("counter_notices.form.explanation"), _area(EXPLANATION)),
    ]
    if ContestCode.COURT_ACTION in contests:
        typed: Block = {"type": "plain_text_input", "action_id": REFERENCE, "max_length": 200}
        hint = words.text("counter_notices.form.reference_hint")
        blocks.append(
            field(
                REFERENCE,
                words.text("counter_notices.form.reference"),
                typed,
                hint=hint,
                optional=len(contests) > 1,
            )
        )
    hint = words.text("counter_notices.form.links_hint")
    blocks.append(
        field(LINKS, words.text("counter_notices.form.links"), _area(LINKS), hint=hint, optional=True)
    )
    picked = {"type": "file_input", "action_id": FILES, "filetypes": _FILETYPES, "max_files": _MOST_FILES}
    hint = words.text("counter_notices.form.files_hint", most=_MOST_FILES, size=largest // _MEGA)
    blocks.append(field(FILES, words.text("counter_notices.form.files"), picked, hint=hint, optional=True))
    return modal(
        words,
        words.text("counter_notices.form.contest"),
        blocks,
        callback_id=CounterId.ANSWER_FORM,
        submit=words.text("counter_notices.form.contest_submit"),
        metadata=_pointer(sheet, Position.CONTEST),
    )


def decline_form(words: Words, sheet: CounterNoticeSheet) -> Block:
    """Why an answer is not confirmed."""
    return modal(
        words,
        words.text("counter_notices.form.decline"),
        [
            {"type": "section", "text": plain(words.text("counter_notices.form.decline_about"))},
            field(REASON, words.text("counter_notices.form.reason"), _area(REASON)),
        ],
        callback_id=CounterId.DECLINE_FORM,
        submit=words.text("counter_notices.form.decline_submit"),
        metadata=str(Pointer(sheet.counter.id, str(sheet.counter.round))),
    )


def _area(action_id: str) -> Block:
    return {
        "type": "plain_text_input",
        "action_id": action_id,
        "multiline": True,
        "max_length": _LONGEST,
    }


def _pointer(sheet: CounterNoticeSheet, position: Position) -> str:
    return str(Pointer(sheet.counter.id, f"{sheet.counter.round}-{position.value}"))
