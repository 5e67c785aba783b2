"""Pages about conversations: one's own open ones, what waits for one's association, the security team."""

from collections.abc import Collection, Mapping, Sequence

from bot.words.catalogue import Words
from handlers.blocks.conversations import talk_row
from handlers.blocks.office import cut, page, pager, part
from handlers.blocks.parts import Block, actions, button, context, section
from handlers.blocks.register import sure
from handlers.ids import TalkId
from handlers.payloads import Pointer
from storage.records.conversations import Conversation
from storage.records.roster import Person

ADD, REMOVE = "add", "remove"


def talks_page(
    words: Words,
    own: Sequence[Conversation],
    waiting: Sequence[Conversation],
    names: Mapping[str, str],
    number: int,
    total: int,
) -> Block:
    """A person's open conversations, and those that wait for the word of their association."""
    blocks: list[Block] = []
    if waiting:
        asked = [_deciding(words, talk, names) for talk in cut(waiting, 0)]
        rows = [block for blocks_of_one in asked for block in blocks_of_one]
        blocks += part(words.text("talk.page.waiting"), rows, "")
    rows = [talk_row(words, talk, names.get(talk.holder_id, "")) for talk in own]
    blocks += part(words.text("talk.page.own"), rows, words.text("talk.page.none"))
    blocks += pager(words, "talks:", number, total)
    return page(words, words.text("talk.page.title"), blocks, here="talks", back="menu")


def security_page(words: Words, staff: Sequence[Person], named: Collection[str], number: int) -> Block:
    """Who of the marketplace's team joins where a ring or a danger is talked about."""
    blocks = [section(words.text("talk.security.about"))]
    if not named:
        blocks.append(context(words.text("talk.security.none")))
    for person in cut(staff, number):
        word = REMOVE if person.id in named else ADD
        label, value = words.text(f"talk.security.{word}"), str(Pointer(person.id, word))
        asked = sure(words, words.text("talk.security.remove_sure"), label) if word == REMOVE else None
        switch = button(label, TalkId.SECURITY, value, confirm=asked)
        blocks.append(section(f"<@{person.user_id}>", accessory=switch))
    blocks += pager(words, "security:", number, len(staff))
    title = words.text("talk.security.title")
    return page(words, title, blocks, here="security", back="platform")


def _deciding(words: Words, talk: Conversation, names: Mapping[str, str]) -> list[Block]:
    yes = button(words.text("talk.approval.approve"), TalkId.APPROVE, talk.id, style="primary")
    no = button(words.text("talk.approval.decline"), TalkId.DECLINE, talk.id)
    return [talk_row(words, talk, names.get(talk.holder_id, "")), actions(yes, no)]
