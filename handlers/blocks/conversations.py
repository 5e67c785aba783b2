"""What people see of conversations: the button, the first message, the last one, notes to those concerned."""

from bot.words.catalogue import Words
from bot.words.text import escape, link
from bot.words.text import plain as one_line
from handlers.blocks.parts import (
    Block,
    actions,
    button,
    context,
    fields,
    header,
    moment_token,
    quoted,
    section,
)
from handlers.ids import OfficeId, TalkId
from handlers.payloads import Pointer
from storage.records.conversation_sheets import TalkSheet
from storage.records.conversations import THREADS, About, Conversation, TalkForm, TalkState
from storage.records.roster import Person

_NAME = 75
_TITLE = 120
_APART = THREADS | {TalkForm.DIRECT}  # who takes part is not all in one place
_REDIRECT = "https://slack.com/app_redirect?channel="


def talk_button(words: Words, about: About, subject_id: str = "") -> Block:
    """The button that asks for a conversation about a case, or, on Home, about nothing in particular."""
    label = words.text(f"talk.button_label.{about.value}")
    value = str(Pointer(about.value, subject_id))
    return button(words.text("talk.button"), TalkId.OPEN, value, label=label)


def head(words: Words, sheet: TalkSheet, *, place: str) -> list[Block]:
    """The first message: who is here and why, what was written, and the way to end it."""
    talk = sheet.talk
    blocks = [
        header(words.text(f"talk.concern.{talk.concern.value}")),
        section(_who_asks(words, sheet)),
        fields(_facts(words, sheet)),
        _said(talk.text),
        context(
            words.text("talk.take_part" if talk.form in _APART else "talk.here", people=_people(words, sheet))
        ),
    ]
    if place != talk.channel_id:
        blocks.append(section(_elsewhere(words, sheet)))
    if talk.state is TalkState.CLOSED:
        return [*blocks, *_ending(words, sheet)]
    if place == talk.channel_id and talk.form is TalkForm.TEAM:
        blocks.append(context(words.text("talk.team_answers", person=_mention(sheet.asker))))
    if place == talk.channel_id and talk.form in (TalkForm.CHANNEL, TalkForm.GROUP):
        blocks.append(context(words.text("talk.who_belongs", holder=_company(sheet))))
    return [*blocks, actions(*_buttons(words, talk))]


def head_text(words: Words, sheet: TalkSheet) -> str:
    """The same in one line, for notifications."""
    concern = words.text(f"talk.concern.{sheet.talk.concern.value}")
    return words.text("talk.head_text", holder=_company(sheet), concern=concern)


def end(words: Words, sheet: TalkSheet) -> list[Block]:
    """The last message."""
    blocks = _ending(words, sheet)
    if sheet.talk.form is TalkForm.CHANNEL:
        blocks.append(context(words.text("talk.archived_next")))
    return blocks


def news(words: Words, sheet: TalkSheet) -> list[Block]:
    """For whoever asked: how it stands, and where it is."""
    talk = sheet.talk
    blocks = [section(news_text(words, sheet)), context(_named(words, talk))]
    if talk.state is TalkState.DECLINED:
        blocks.insert(1, _said(talk.reason))
    if talk.state is TalkState.CLOSED and talk.outcome_text:
        blocks.insert(1, _said(talk.outcome_text))
    return blocks


def news_text(words: Words, sheet: TalkSheet) -> str:
    """How a conversation stands, in one sentence."""
    talk = sheet.talk
    match talk.state:
        case TalkState.OPEN:
            form = (talk.form or TalkForm.DIRECT).value
            return words.text(f"talk.news.open_{form}", place=where(words, talk))
        case TalkState.CLOSED:
            return _closed(words, sheet)
        case _:
            return words.text(
                f"talk.news.{talk.state.value}", association=_association(sheet), people=_here(sheet)
            )


def approval(words: Words, sheet: TalkSheet) -> list[Block]:
    """For the officers whose association has to agree: what is asked, and what was decided."""
    talk = sheet.talk
    blocks = [
        header(words.text("talk.approval.title")),
        section(words.text("talk.approval.asks", person=_mention(sheet.asker), holder=_company(sheet))),
        fields(_facts(words, sheet)),
        _said(talk.text),
    ]
    if talk.state is not TalkState.WAITING:
        agreed = "declined" if talk.state is TalkState.DECLINED else "approved"
        by = _mention(sheet.decided_by) if sheet.decided_by else ""
        blocks.append(section(words.text(f"talk.approval.{agreed}", person=by)))
        return [*blocks, _said(talk.reason)] if talk.reason else blocks
    blocks.append(context(words.text("talk.approval.follows")))
    yes = button(words.text("talk.approval.approve"), TalkId.APPROVE, talk.id, style="primary")
    no = button(words.text("talk.approval.decline"), TalkId.DECLINE, talk.id)
    return [*blocks, actions(yes, no)]


def reminder(words: Words, sheet: TalkSheet) -> list[Block]:
    """For the account manager, then the deputy: nobody of the team has written there."""
    talk = sheet.talk
    told = section(reminder_text(words, sheet))
    answered = talk.answered_at is not None or talk.state is not TalkState.OPEN
    state = context(words.text("talk.reminder.done")) if answered else _said(talk.text)
    return [told, context(_named(words, talk)), state]


def reminder_text(words: Words, sheet: TalkSheet) -> str:
    """The same in one sentence."""
    talk = sheet.talk
    # The team reads its own channel, of which members see no more than that there is one.
    place = f"<#{talk.channel_id}>" if talk.form is TalkForm.TEAM else where(words, talk)
    return words.text("talk.reminder.text", holder=_company(sheet), place=place)


def talk_row(words: Words, talk: Conversation, holder: str) -> Block:
    """One in a list of conversations: what about, how it stands, where it is."""
    concern = words.text(f"talk.concern.{talk.concern.value}")
    told = [f"*{concern}* · {escape(one_line(holder, _NAME))}", _named(words, talk)]
    place = where(words, talk) if talk.state is TalkState.OPEN else ""
    state = words.text(f"talk.state.{talk.state.value}")
    told.append(" · ".join(part for part in (state, moment_token(words, talk.asked_at), place) if part))
    return section("\n".join(told))


def where(words: Words, talk: Conversation) -> str:
    """A way to the conversation that Slack makes a link of; empty where it has no place."""
    if not talk.channel_id or talk.form is TalkForm.TEAM:
        return ""
    if talk.form is TalkForm.GROUP:
        return link(_REDIRECT + talk.channel_id, words.text("talk.group_message"))
    return f"<#{talk.channel_id}>"


def _who_asks(words: Words, sheet: TalkSheet) -> str:
    by = "platform" if sheet.talk.role == "PS" else "member"
    return words.text(f"talk.asks.{by}", person=_mention(sheet.asker), holder=_company(sheet))


def _facts(words: Words, sheet: TalkSheet) -> list[tuple[str, str]]:
    talk = sheet.talk
    told = [("company", _company(sheet)), ("since", moment_token(words, talk.asked_at))]
    if sheet.brand_name and talk.about is not About.HOME:
        told.insert(1, ("brand", escape(one_line(sheet.brand_name, _NAME))))
    if talk.about is not About.HOME:
        told.insert(0, ("about", _named(words, talk)))
    return [(words.text(f"talk.field.{name}"), value) for name, value in told]


def _named(words: Words, talk: Conversation) -> str:
    title = escape(one_line(talk.title, _TITLE))
    return words.text(f"talk.about.{talk.about.value}", title=title)


def _people(words: Words, sheet: TalkSheet) -> str:
    return words.listing(
        [words.text(f"talk.part.{each.part.value}", person=_mention(each.person)) for each in sheet.members]
    )


def _here(sheet: TalkSheet) -> str:
    return ", ".join(_mention(each.person) for each in sheet.members)


def _elsewhere(words: Words, sheet: TalkSheet) -> str:
    form = sheet.talk.form or TalkForm.DIRECT
    return words.text(f"talk.elsewhere.{form.value}", place=where(words, sheet.talk))


def _ending(words: Words, sheet: TalkSheet) -> list[Block]:
    told = [section(_closed(words, sheet))]
    return [*told, _said(sheet.talk.outcome_text)] if sheet.talk.outcome_text else told


def _closed(words: Words, sheet: TalkSheet) -> str:
    talk = sheet.talk
    outcome = words.text(f"talk.outcome.{talk.outcome.value}") if talk.outcome else ""
    by = _mention(sheet.closed_by) if sheet.closed_by else ""
    key = "talk.closed_by" if by else "talk.closed"
    return words.text(key, person=by, outcome=outcome)


def _buttons(words: Words, talk: Conversation) -> list[Block]:
    made = [button(words.text("talk.close"), TalkId.CLOSE, talk.id)]
    if talk.about is About.SELLER:
        address = str(Pointer("seller", talk.subject_id))
        made.append(button(words.text("talk.open_seller"), OfficeId.GO, address))
    return made


def _company(sheet: TalkSheet) -> str:
    return escape(one_line(sheet.holder.name, _NAME))


def _association(sheet: TalkSheet) -> str:
    return escape(one_line(sheet.association_name, _NAME))


def _mention(person: Person) -> str:
    return f"<@{person.user_id}>"


def _said(text: str) -> Block:
    return section(quoted(text))
