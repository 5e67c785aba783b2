"""The pages of working groups."""

from collections.abc import Sequence

from bot.words.catalogue import Words
from bot.words.text import escape
from handlers.blocks.office import (
    cut,
    form,
    listed,
    page,
    pager,
    part,
    person_select,
    row,
    select,
    text_input,
)
from handlers.blocks.parts import Block, actions, button, field, header, option, section
from handlers.blocks.register import channel_part, sure
from handlers.blocks.register_forms import holder_select
from handlers.ids import OfficeId
from storage.records.channels import ChannelBinding
from storage.records.groups import GroupKind, WorkingGroup
from storage.records.register import Member
from storage.records.roster import RightsHolder


def groups_page(words: Words, groups: Sequence[WorkingGroup], number: int) -> Block:
    """All groups, a page at a time."""
    rows = [
        row(
            f"*{escape(group.name)}* · {words.text(f'groups.kind.{group.kind}')}",
            words.text("register.open"),
            f"group:{group.id}",
        )
        for group in cut(groups, number)
    ]
    add = actions(button(words.text("groups.add"), OfficeId.NEXT, "group_form", style="primary"))
    blocks = [add, *listed(rows, words.text("groups.none"))]
    blocks += pager(words, "groups:", number, len(groups))
    return page(words, words.text("groups.title"), blocks, here="groups", back="menu")


def group_page(
    words: Words,
    group: WorkingGroup,
    members: Sequence[RightsHolder],
    chairs: Sequence[Member],
    channel: ChannelBinding | None,
    number: int,
    *,
    edits: bool,
    binds: bool,
) -> Block:
    """One group: its members, chairs and channel."""
    blocks = [header(group.name)]
    kind = words.text(f"groups.kind.{group.kind}")
    if edits:
        blocks.append(row(kind, words.text("register.edit"), f"group_form:{group.id}"))
    blocks += channel_part(words, channel, f"group-{group.id}", binds=binds)
    named = [_member(words, group, holder, edits=edits) for holder in cut(members, number)]
    blocks += part(words.text("groups.members"), named, words.text("groups.no_members"))
    if edits:
        blocks.append(
            actions(button(words.text("groups.add_member"), OfficeId.GO, f"member_form:{group.id}"))
        )
    seated = [_chair(words, group, chair, edits=edits) for chair in cut(chairs, number)]
    blocks += part(words.text("groups.chairs"), seated, words.text("groups.no_chair"))
    if edits:
        blocks.append(actions(button(words.text("groups.add_chair"), OfficeId.GO, f"chair_form:{group.id}")))
    return page(
        words, words.text("groups.one"), blocks, here=f"group:{group.id}", back="groups" if edits else "menu"
    )


def _member(words: Words, group: WorkingGroup, holder: RightsHolder, *, edits: bool) -> Block:
    if not edits:
        return section(escape(holder.name))
    label = words.text("register.remove")
    asked = sure(words, words.text("groups.remove_member_sure"), label)
    return section(
        escape(holder.name),
        accessory=button(label, OfficeId.REMOVE_MEMBER, f"{group.id}:{holder.id}", confirm=asked),
    )


def _chair(words: Words, group: WorkingGroup, chair: Member, *, edits: bool) -> Block:
    name = f"<@{chair.person.user_id}>"
    if not edits:
        return section(name)
    label = words.text("register.remove")
    asked = sure(words, words.text("groups.remove_chair_sure"), label)
    return section(
        name,
        accessory=button(label, OfficeId.REMOVE_CHAIR, f"{group.id}:{chair.person.id}", confirm=asked),
    )


def group_form(words: Words, group: WorkingGroup | None) -> Block:
    """A group to found or to correct."""
    kinds = [option(words.text(f"groups.kind.{kind}"), kind) for kind in GroupKind]
    blocks = [
        field("name", words.text("register.name"), text_input(group.name if group else "")),
        field(
            "kind", words.text("register.kind"), select(kinds, group.kind if group else GroupKind.INDUSTRY)
        ),
    ]
    return form(
        words,
        words.text("groups.one"),
        blocks,
        callback_id=OfficeId.GROUP_FORM,
        here=f"group_form:{group.id}" if group else "group_form",
        back=f"group:{group.id}" if group else "groups",
    )


def member_form(words: Words, group: WorkingGroup) -> Block:
    """A rights holder to take into the group."""
    return form(
        words,
        words.text("groups.add_member"),
        [field("member", words.text("register.holder"), holder_select(words))],
        callback_id=OfficeId.MEMBER_FORM,
        here=f"member_form:{group.id}",
        back=f"group:{group.id}",
        submit=words.text("register.add"),
    )


def chair_form(words: Words, group: WorkingGroup) -> Block:
    """A chair to name."""
    return form(
        words,
        words.text("groups.add_chair"),
        [field("person", words.text("register.person"), person_select())],
        callback_id=OfficeId.CHAIR_FORM,
        here=f"chair_form:{group.id}",
        back=f"group:{group.id}",
        submit=words.text("register.add"),
    )
