"""What people see of "Talk to us": the button, the forms, the first message, the closing line, the cards."""

from bot.words.catalogue import Words
from handlers.blocks.parts import Block, button
from handlers.ids import TalkId
from handlers.payloads import Pointer
from storage.records.conversations import About


def talk_button(words: Words, about: About, subject_id: str = "") -> Block:
    """The button that asks for a conversation about a case, or, on Home, about nothing in particular."""
    label = words.text(f"conversations.button_label.{about.value}")
    value = str(Pointer(about.value, subject_id))
    return button(words.text("conversations.button"), TalkId.OPEN, value, label=label)
