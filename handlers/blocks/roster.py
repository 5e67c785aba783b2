"""A rights holder's roster for its leads: who is on it, what they may do, which product lines they know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.words.catalogue import Words
from bot.words.text import escape
from handlers.blocks.office import cut, form, listed, page, pager, part, row, select, text_input
from handlers.blocks.parts import Block, actions, button, context, field, header, option, section
from handlers.blocks.register import channel_line, member_line, role_option, sure
from handlers.ids import OfficeId, RosterId
from storage.records.product_lines import ProductLine
from storage.records.register import BrandLine, MandateLine, Member
from storage.records.roster import HolderKind, RightsHolder, Role

OPTIONS_AT_MOST = 100
_MENTIONED = 5  # by name in a card


@dataclass(frozen=True)
class RosterSheet:
    """A rights holder's people, brands, product lines and mandates, and what the reader may do about them."""

    holder: RightsHolder
    members: Sequence[Member]
    brands: Sequence[BrandLine]
    lines: Sequence[ProductLine]
    known: Mapping[str, Sequence[str]]  # person id -> ids of the lines that they know
    mandates: Sequence[MandateLine]
    manages: bool
    registers: bool


def roster_page(words: Words, sheet: RosterSheet, number: int) -> Block:
    """A rights holder's people and channels."""
    holder, open_ = sheet.holder, words.text("register.open")
    blocks = [header(holder.name)]
    if sheet.manages:
        label = words.text("register.add_person")
        blocks.append(actions(button(label, OfficeId.GO, f"person_form:{holder.id}", style="primary")))
    names = {line.id: line.name for line in sheet.lines}
    for member in cut(sheet.members, number):
        known = [names[line_id] for line_id in sheet.known.get(member.person.id, ()) if line_id in names]
        told = _colleague(words, member, known)
        address = f"colleague:{holder.id}-{member.person.id}"
        blocks.append(row(told, words.text("register.change"), address) if sheet.manages else section(told))
    blocks += part(
        words.text("register.channels_title"),
        [
            row(
                f"*{escape(line.brand.name)}* · {channel_line(line.channel, words)}",
                open_,
                f"brand:{line.brand.id}",
            )
            for line in cut(sheet.brands, number)
        ],
        words.text("register.no_brands"),
    )
    blocks += _members_of(words, sheet, number)
    if sheet.manages:
        about = words.count("lines.number", len(sheet.lines))
        blocks.append(row(about, open_, f"lines:{holder.id}"))
        blocks.append(row(words.text("misuse.of_roster"), open_, f"misuse:{holder.id}"))
    if sheet.registers:
        blocks.append(
            row(words.text("register.right_line"), words.text("home.register"), f"right_form:{holder.id}")
        )
    longest = max(len(sheet.members), len(sheet.brands), len(sheet.mandates))
    blocks += pager(words, f"roster:{holder.id}-", number, longest)
    return page(words, words.text("register.roster"), blocks, here=f"roster:{holder.id}", back="menu")


def _colleague(words: Words, member: Member, lines: Sequence[str]) -> str:
    told = member_line(member, words)
    return f"{told} · {words.listing([escape(name) for name in lines])}" if lines else told


def _members_of(words: Words, sheet: RosterSheet, number: int) -> list[Block]:
    """For whom an association files."""
    if sheet.holder.kind is not HolderKind.ASSOCIATION:
        return []
    named = [
        section(words.text("roster.files_for", name=escape(line.member)))
        for line in cut(sheet.mandates, number)
    ]
    return part(words.text("register.mandates_title"), named, words.text("register.no_mandates"))


def colleague_form(
    words: Words,
    holder: RightsHolder,
    member: Member,
    roles: Sequence[Role],
    lines: Sequence[ProductLine],
    known: Sequence[str],
) -> Block:
    """Somebody on the roster: their roles, the lines that they know, and the way out."""
    person = member.person
    offered = [role_option(words, role) for role in dict.fromkeys([*roles, *member.roles])]
    ticked = [each for each in offered if each["value"] in member.roles]
    blocks = [
        section(f"<@{person.user_id}>"),
        field(
            "roles",
            words.text("roster.roles"),
            {"type": "checkboxes", "action_id": "roles", "options": offered, "initial_options": ticked},
        ),
    ]
    if lines:
        named = [option(line.name, line.id) for line in lines[:OPTIONS_AT_MOST]]
        chosen = [each for each in named if each["value"] in known]
        pick: Block = {"type": "multi_static_select", "action_id": "lines", "options": named}
        if chosen:
            pick["initial_options"] = chosen
        hint = words.text("lines.hint")
        blocks.append(field("lines", words.text("lines.known"), pick, hint=hint, optional=True))
    label = words.text("roster.remove")
    leave = button(
        label,
        OfficeId.REMOVE_PERSON,
        f"{holder.id}:{person.id}",
        style="danger",
        confirm=sure(words, words.text("register.remove_sure"), words.text("register.remove")),
    )
    blocks.append(actions(leave))
    return form(
        words,
        words.text("roster.colleague"),
        blocks,
        callback_id=RosterId.COLLEAGUE_FORM,
        here=f"colleague:{holder.id}-{person.id}",
        back=f"roster:{holder.id}",
    )


def lines_page(
    words: Words,
    holder: RightsHolder,
    lines: Sequence[ProductLine],
    brands: Mapping[str, str],
    people: Mapping[str, Sequence[str]],
    number: int,
) -> Block:
    """The product lines of a rights holder's brands; `people` are the Slack user ids of who knows a line."""
    rows = []
    for line in cut(lines, number):
        told = f"*{escape(line.name)}* · {escape(brands[line.brand_id])}"
        known = [f"<@{user_id}>" for user_id in people.get(line.id, ())]
        told += f"\n{words.listing(known)}" if known else f"\n{words.text('lines.nobody')}"
        ask = sure(words, words.text("lines.end_sure"), words.text("register.end"))
        end = button(words.text("register.end"), RosterId.END_LINE, f"{line.id}:{holder.id}", confirm=ask)
        rows.append(section(told, accessory=end))
    blocks = [context(words.text("lines.mean"))]
    if brands:
        label = words.text("lines.add")
        blocks.append(actions(button(label, OfficeId.GO, f"line_form:{holder.id}", style="primary")))
    blocks += listed(rows, words.text("lines.none"))
    blocks += pager(words, f"lines:{holder.id}-", number, len(lines))
    back = f"roster:{holder.id}"
    return page(words, words.text("lines.title"), blocks, here=f"lines:{holder.id}", back=back)


def line_form(words: Words, holder: RightsHolder, brands: Mapping[str, str]) -> Block:
    """A product line to add to one of the brands."""
    options = [option(name, brand_id) for brand_id, name in brands.items()]
    blocks = [
        field("brand", words.text("register.brand"), select(options, next(iter(brands)))),
        field(
            "name",
            words.text("lines.name"),
            text_input(most=60, example=words.text("lines.example")),
            hint=words.text("lines.name_hint"),
        ),
    ]
    return form(
        words,
        words.text("lines.add"),
        blocks,
        callback_id=RosterId.LINE_FORM,
        here=f"line_form:{holder.id}",
        back=f"lines:{holder.id}",
        submit=words.text("register.add"),
    )


def asked_first(words: Words, experts: Sequence[str]) -> list[Block]:
    """Those whom a request is for before all others, as a mention; anybody else may answer as well."""
    if not experts:
        return []
    people = words.listing([f"<@{user_id}>" for user_id in experts[:_MENTIONED]])
    return [context(words.text("lines.asked_first", people=people))]
