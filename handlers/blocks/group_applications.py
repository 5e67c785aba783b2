"""Asking a working group to be taken in or let go, and the answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.words.catalogue import Words
from bot.words.text import escape
from handlers.blocks.office import form, select, text_input
from handlers.blocks.parts import Block, actions, button, context, field, option, quoted, section
from handlers.ids import GroupId, OfficeId
from storage.records.group_seats import Decision, GroupApplication, Wish
from storage.records.groups import WorkingGroup
from storage.records.roster import RightsHolder

MOST_WORDS = 500


@dataclass(frozen=True)
class Application:
    """An application with the names around it; people by their Slack user ids."""

    application: GroupApplication
    group: WorkingGroup
    holder: RightsHolder
    asked_by: str
    decided_by: str


def apply_form(words: Words, group: WorkingGroup, wish: Wish, holders: Sequence[RightsHolder]) -> Block:
    """For whom one asks, and what one writes to the chair."""
    options = [option(holder.name, holder.id) for holder in holders]
    blocks = [
        section(words.text(f"groups.apply.{wish}", group=escape(group.name))),
        field("holder", words.text("register.holder"), select(options, holders[0].id)),
        field(
            "words",
            words.text("groups.apply.words"),
            text_input(most=MOST_WORDS, several_lines=True),
            optional=True,
        ),
    ]
    return form(
        words,
        words.text(f"groups.wish.{wish}"),
        blocks,
        callback_id=GroupId.APPLY_FORM,
        here=f"apply_form:{group.id}-{wish}",
        back=f"group:{group.id}",
        submit=words.text("groups.ask"),
    )


def decline_form(words: Words, told: Application) -> Block:
    """What was asked, with a yes at once or a reason for a no."""
    approve = button(words.text("groups.approve"), GroupId.APPROVE, told.application.id, style="primary")
    blocks = [
        *_said(words, told),
        actions(approve),
        field("reason", words.text("groups.reason"), text_input(most=MOST_WORDS, several_lines=True)),
    ]
    return form(
        words,
        words.text("groups.answer"),
        blocks,
        callback_id=GroupId.DECLINE_FORM,
        here=f"application:{told.application.id}",
        back=f"group:{told.group.id}",
        submit=words.text("groups.decline"),
    )


def application_card(words: Words, told: Application, *, answers: bool, own: bool) -> tuple[str, list[Block]]:
    """The message about an application: to those who may answer it, and to the one who asked."""
    blocks = _said(words, told)
    if told.application.decision is not None:
        blocks.append(section(_outcome(words, told)))
    elif answers:
        blocks.append(
            actions(
                button(words.text("groups.approve"), GroupId.APPROVE, told.application.id, style="primary"),
                button(
                    words.text("groups.decline_because"), OfficeId.GO, f"application:{told.application.id}"
                ),
            )
        )
    elif own:
        blocks.append(context(words.text("groups.waits")))
    return _head(words, told), blocks


def _said(words: Words, told: Application) -> list[Block]:
    blocks = [section(_head(words, told))]
    if told.application.words:
        blocks.append(section(quoted(told.application.words)))
    blocks.append(context(words.text("groups.asked_by", person=f"<@{told.asked_by}>")))
    return blocks


def _head(words: Words, told: Application) -> str:
    values = {"holder": escape(told.holder.name), "group": escape(told.group.name)}
    return words.text(f"groups.asks_of.{told.application.wish}", **values)


def _outcome(words: Words, told: Application) -> str:
    application = told.application
    decision = application.decision or Decision.WITHDRAWN
    said = words.text(f"groups.decided.{decision}", person=f"<@{told.decided_by}>" if told.decided_by else "")
    if application.answer:
        said += f"\n{quoted(application.answer)}"
    return said
