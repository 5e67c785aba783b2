"""The forms of conversations: ask for one, say no to one, end one; and what comes after asking."""

from bot.words.catalogue import Words
from bot.words.text import escape
from bot.words.text import plain as one_line
from handlers.blocks.conversations import news_text
from handlers.blocks.parts import Block, context, field, modal, option, plain, section
from handlers.ids import OfficeId, TalkId
from handlers.payloads import Pointer
from storage.records.conversation_sheets import Asking, TalkSheet
from storage.records.conversations import ENDINGS, LONGEST, About, Concern, TalkState

HOLDER, CONCERN, TEXT, REASON, OUTCOME = "holder", "concern", "text", "reason", "outcome"
_MOST_HOLDERS = 100
_TITLE = 120
# What one usually wants to talk about first; the others follow.
_FIRST = {
    About.REQUEST: Concern.WRONG_DECISION,
    About.NOTICE: Concern.SLOW_ANSWER,
    About.COUNTER_NOTICE: Concern.WRONG_DECISION,
    About.CENSURE: Concern.STANDING,
    About.STANDING: Concern.STANDING,
    About.SELLER: Concern.SELLER_NETWORK,
}


def ask_form(words: Words, asking: Asking) -> Block:
    """What one wants to talk about, and a few lines."""
    pointed = asking.pointed
    title = escape(one_line(asking.title, _TITLE))
    blocks = [
        section(words.text(f"talk.about.{pointed.about.value}", title=title)),
        context(words.text("talk.form.follows")),
    ]
    if not asking.holders:
        found: Block = {
            "type": "external_select",
            "action_id": OfficeId.PICK_HOLDER,
            "min_query_length": 1,
        }
        blocks.append(field(HOLDER, words.text("talk.form.company"), found))
    elif len(asking.holders) > 1:
        offered = [option(name, holder_id) for holder_id, name in asking.holders.items()]
        picked = _select(offered[:_MOST_HOLDERS])
        blocks.append(field(HOLDER, words.text("talk.form.holder"), picked))
    first = _FIRST.get(pointed.about)
    concerns = sorted(Concern, key=lambda concern: concern is not first)
    chosen = [option(words.text(f"talk.concern.{each.value}"), each.value) for each in concerns]
    blocks += [
        field(
            CONCERN,
            words.text("talk.form.concern"),
            _select(chosen),
            hint=words.text("talk.form.concern_hint"),
        ),
        field(
            TEXT,
            words.text("talk.form.text"),
            _area(),
            hint=words.text("talk.form.text_hint"),
        ),
    ]
    return modal(
        words,
        words.text("talk.button"),
        blocks,
        callback_id=TalkId.FORM,
        submit=words.text("talk.form.submit"),
        metadata=str(Pointer(pointed.about.value, pointed.subject_id)),
    )


def after_asking(words: Words, sheet: TalkSheet, *, known: bool) -> Block:
    """What comes of it: it waits, it opens, or it was there already."""
    blocks = [section(news_text(words, sheet))]
    if known:
        blocks.insert(0, section(words.text("talk.there_already")))
    if sheet.talk.state is not TalkState.OPEN:
        blocks.append(context(words.text("talk.form.told_then")))
    return modal(words, words.text("talk.button"), blocks, callback_id=TalkId.FORM)


def decline_form(words: Words, sheet: TalkSheet) -> Block:
    """Why an association does not agree."""
    told = words.text("talk.form.decline_about", person=f"<@{sheet.asker.user_id}>")
    return modal(
        words,
        words.text("talk.form.decline"),
        [section(told), field(REASON, words.text("talk.form.reason"), _area())],
        callback_id=TalkId.DECLINE_FORM,
        submit=words.text("talk.form.decline_submit"),
        metadata=sheet.talk.id,
    )


def close_form(words: Words, sheet: TalkSheet) -> Block:
    """What came of a conversation."""
    outcomes = [option(words.text(f"talk.outcome.{each.value}"), each.value) for each in ENDINGS]
    radio: Block = {"type": "radio_buttons", "action_id": "choice", "options": outcomes}
    return modal(
        words,
        words.text("talk.form.close"),
        [
            {"type": "section", "text": plain(words.text("talk.form.close_about"))},
            field(OUTCOME, words.text("talk.form.outcome"), radio),
            field(TEXT, words.text("talk.form.outcome_text"), _area(), optional=True),
        ],
        callback_id=TalkId.CLOSE_FORM,
        submit=words.text("talk.form.close_submit"),
        metadata=sheet.talk.id,
    )


def _select(options: list[Block]) -> Block:
    return {"type": "static_select", "action_id": "choice", "options": options}


def _area() -> Block:
    return {"type": "plain_text_input", "action_id": "text", "multiline": True, "max_length": LONGEST}
