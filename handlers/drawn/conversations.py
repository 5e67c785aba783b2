"""Drawings of conversations: for the channel that one is held in, and for those whom it concerns."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.enforcement.access import Actor, Operation, Subject, may
from bot.enforcement.outgoing import Drawing
from bot.messenger import Drawn, Viewer
from handlers.blocks import conversations as blocks
from handlers.blocks.conversations import talk_button
from handlers.blocks.parts import Block, actions, section
from storage.queries import account_managers, conversations, people
from storage.records.channels import ChannelPurpose
from storage.records.conversation_sheets import TalkSheet
from storage.records.conversations import THREADS, About, TalkForm


def talkable(viewer: Viewer, blocks: Sequence[Block], about: About, subject_id: str) -> list[Block]:
    """A card with the button that asks for a conversation about it; in a conversation it needs none.

    When that is closed, the card keeps what it says and loses every button.
    """
    if viewer.over:
        bare = [{name: part for name, part in block.items() if name != "accessory"} for block in blocks]
        return [block for block in bare if block["type"] != "actions"]
    if viewer.talk_id:
        return list(blocks)
    asks = talk_button(viewer.words, about, subject_id)
    rows = [number for number, block in enumerate(blocks) if block["type"] == "actions"]
    if not rows:
        return [*blocks, actions(asks)]
    last = blocks[rows[-1]]
    grown = {**last, "elements": [*last["elements"], asks]}
    return [*blocks[: rows[-1]], grown, *blocks[rows[-1] + 1 :]]


def draw_conversation(session: Session, talk_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """The first message, where people talk; to each of them where they have no place of their own."""
    sheet = conversations.sheet(session, talk_id)
    if sheet is None or not (_is_its_place(sheet, viewer) or _takes_part(session, sheet, viewer)):
        return None
    return Drawn(blocks.head_text(viewer.words, sheet), blocks.head(viewer.words, sheet, place=viewer.place))


def draw_conversation_end(session: Session, talk_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """The last message."""
    sheet = conversations.sheet(session, talk_id)
    if sheet is None or not _is_its_place(sheet, viewer):
        return None
    above = (Drawing.CONVERSATION, talk_id) if sheet.talk.form in THREADS else None
    return Drawn(blocks.news_text(viewer.words, sheet), blocks.end(viewer.words, sheet), above)


def draw_conversation_moved(session: Session, talk_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """That a group message goes on in another one, with one more in it."""
    sheet = conversations.sheet(session, talk_id)
    if sheet is None or viewer.talk_id != talk_id:
        return None
    text = viewer.words.text("talk.moved")
    return Drawn(text, [section(text)])


def draw_conversation_news(session: Session, talk_id: str, viewer: Viewer, _now: datetime) -> Drawn | None:
    """How it stands, for whoever asked."""
    sheet = conversations.sheet(session, talk_id)
    if sheet is None or viewer.purpose is not None or viewer.place != sheet.asker.user_id:
        return None
    if viewer.place not in conversations.belonging(session, talk_id):
        return None
    return Drawn(blocks.news_text(viewer.words, sheet), blocks.news(viewer.words, sheet))


def draw_conversation_approval(
    session: Session, talk_id: str, viewer: Viewer, _now: datetime
) -> Drawn | None:
    """What waits for an association's word, for its officers."""
    sheet = conversations.sheet(session, talk_id)
    person = people.by_user(session, viewer.place) if viewer.purpose is None else None
    if sheet is None or person is None:
        return None
    subject = Subject("conversation", talk_id, holder_id=sheet.talk.association_id)
    if not may(session, Actor(person.team_id, person.user_id), Operation.APPROVE_TALK, subject):
        return None
    text = viewer.words.text("talk.approval.title")
    return Drawn(text, blocks.approval(viewer.words, sheet))


def draw_conversation_reminder(
    session: Session, talk_id: str, viewer: Viewer, _now: datetime
) -> Drawn | None:
    """That nobody has answered, for the account manager or the deputy; for the team where nobody is named."""
    sheet = conversations.sheet(session, talk_id)
    if sheet is None:
        return None
    pair = account_managers.of(session, sheet.talk.holder_id)
    named = {person.user_id for person in (pair.manager, pair.deputy) if person is not None}
    for_the_team = viewer.purpose is ChannelPurpose.PLATFORM
    if not for_the_team and (viewer.purpose is not None or viewer.place not in named):
        return None
    return Drawn(blocks.reminder_text(viewer.words, sheet), blocks.reminder(viewer.words, sheet))


def _is_its_place(sheet: TalkSheet, viewer: Viewer) -> bool:
    """The channel of this conversation, or the brand's or the team's own where it is a thread there."""
    talk = sheet.talk
    if viewer.talk_id == talk.id:
        return True
    match talk.form:
        case TalkForm.THREAD:
            theirs = viewer.purpose is ChannelPurpose.BRAND and viewer.scope_id == talk.brand_id
        case TalkForm.TEAM:
            theirs = viewer.purpose is ChannelPurpose.PLATFORM
        case _:
            return False
    return theirs and viewer.place == talk.channel_id


def _takes_part(session: Session, sheet: TalkSheet, viewer: Viewer) -> bool:
    if viewer.purpose is not None or viewer.place not in {each.person.user_id for each in sheet.members}:
        return False
    return viewer.place in conversations.belonging(session, sheet.talk.id)
