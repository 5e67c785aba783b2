"""The pages of working groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.words.catalogue import Words
from bot.words.text import escape
from handlers.blocks.aggregates import address_of
from handlers.blocks.channels import problem_line
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
from handlers.blocks.parts import Block, actions, button, context, field, header, option, section
from handlers.blocks.register import channel_part, sure
from handlers.blocks.register_forms import holder_select
from handlers.ids import ExportId, GroupId, OfficeId
from storage.records.channels import ChannelBinding, ChannelPurpose
from storage.records.group_seats import GroupApplication, UserGroup, Wish
from storage.records.groups import GroupKind, Industry, Region, WorkingGroup
from storage.records.register import MemberLine, Seat
from storage.records.roster import RightsHolder


@dataclass(frozen=True)
class GroupSheet:
    """One group as one reader may see it and change it."""

    group: WorkingGroup
    members: Sequence[MemberLine]
    seats: Sequence[Seat]
    channel: ChannelBinding | None
    mirror: UserGroup | None
    asked: Sequence[tuple[GroupApplication, RightsHolder]]  # what waits: all if one answers, else one's own
    wishes: Mapping[Wish, Sequence[RightsHolder]]
    edits: bool
    binds: bool
    answers: bool
    exports: bool


def group_name(words: Words, group: WorkingGroup) -> str:
    """What a group is: an industry's, a region's committee, or one beside them."""
    kind = words.text(f"groups.kind.{group.kind}")
    if group.industry:
        return f"{kind} · {words.text(f'groups.industry.{group.industry}')}"
    return committee_name(words, group.region) if group.region else kind


def committee_name(words: Words, region: Region) -> str:
    """A committee of small companies and its region."""
    return words.text("groups.committee", region=words.text(f"groups.region.{region}"))


def groups_page(
    words: Words,
    groups: Sequence[tuple[WorkingGroup, int]],
    missing: tuple[Sequence[Industry], Sequence[Region]] | None,
    number: int,
) -> Block:
    """All groups with the numbers of their members; `missing` to whoever may found what is not there yet."""
    rows = [
        row(
            words.text(
                "groups.line",
                name=escape(group.name),
                kind=group_name(words, group),
                members=words.count("groups.holders", members),
            ),
            words.text("register.open"),
            f"group:{group.id}",
        )
        for group, members in cut(groups, number)
    ]
    blocks = listed(rows, words.text("groups.none"))
    blocks += pager(words, "groups:", number, len(groups))
    if missing is not None:
        add = button(words.text("groups.add"), OfficeId.NEXT, "group_form", style="primary")
        blocks = [actions(add), *blocks, *_missing(words, *missing)]
    return page(words, words.text("groups.title"), blocks, here="groups", back="menu")


def _missing(words: Words, industries: Sequence[Industry], regions: Sequence[Region]) -> list[Block]:
    found = words.text("groups.found")
    rows = [
        section(
            f"{words.text('groups.kind.industry')} · {words.text(f'groups.industry.{industry}')}",
            accessory=button(found, GroupId.FOUND, f"industry:{industry}"),
        )
        for industry in industries
    ]
    rows += [
        section(
            committee_name(words, region),
            accessory=button(found, GroupId.FOUND, f"region:{region}"),
        )
        for region in regions
    ]
    return [header(words.text("groups.missing")), *rows] if rows else []


def group_page(words: Words, sheet: GroupSheet, number: int) -> Block:
    """One group: its channel, its members and chairs, what waits for an answer."""
    group = sheet.group
    what = group_name(words, group)
    about = row(what, words.text("register.edit"), f"group_form:{group.id}") if sheet.edits else section(what)
    blocks = [header(group.name), about]
    if sheet.binds:
        blocks += channel_part(words, sheet.channel, f"group-{group.id}", binds=True)
        blocks += _user_group(words, sheet)
    if sheet.exports:
        form_ = address_of(ChannelPurpose.GROUP, group.id)
        blocks.append(actions(button(words.text("exports.figures"), ExportId.GO, form_)))
    blocks += _wishes(words, sheet)
    if sheet.asked:
        blocks.append(header(words.text("groups.asked")))
        blocks += [
            row(_asked(words, asked, holder), words.text("groups.answer"), f"application:{asked.id}")
            if sheet.answers
            else section(_asked(words, asked, holder))
            for asked, holder in cut(sheet.asked, number)
        ]
        if not sheet.answers:
            blocks.append(context(words.text("groups.answer_comes")))
    named = [_member(words, group, line, edits=sheet.edits) for line in cut(sheet.members, number)]
    blocks += part(words.text("groups.members"), named, words.text("groups.no_members"))
    if sheet.edits:
        blocks.append(
            actions(button(words.text("groups.add_member"), OfficeId.GO, f"member_form:{group.id}"))
        )
    seated = [_seat(words, group, seat, edits=sheet.edits) for seat in cut(sheet.seats, number)]
    blocks += part(words.text("groups.chairs"), seated, words.text("groups.no_chair"))
    if sheet.edits:
        blocks.append(actions(button(words.text("groups.add_chair"), OfficeId.GO, f"chair_form:{group.id}")))
    longest = max(len(sheet.members), len(sheet.seats), len(sheet.asked))
    blocks += pager(words, f"group:{group.id}-", number, longest)
    return page(words, words.text("groups.one"), blocks, here=f"group:{group.id}", back="groups")


def _user_group(words: Words, sheet: GroupSheet) -> list[Block]:
    group_id, mirror = sheet.group.id, sheet.mirror
    if mirror is None:
        label = words.text("groups.want_user_group")
        about = words.text("groups.user_group_means")
        return [section(about, accessory=button(label, GroupId.USER_GROUP, f"{group_id}:on"))]
    told = words.text("groups.user_group_is", handle=mirror.handle)
    stop = button(words.text("groups.stop_user_group"), GroupId.USER_GROUP, f"{group_id}:off")
    blocks = [section(told, accessory=stop)]
    return [*blocks, context(problem_line(words, mirror.problem))] if mirror.problem else blocks


def _wishes(words: Words, sheet: GroupSheet) -> list[Block]:
    buttons = [
        button(words.text(f"groups.wish.{wish}"), OfficeId.GO, f"apply_form:{sheet.group.id}-{wish}")
        for wish in Wish
        if sheet.wishes.get(wish)
    ]
    return [actions(*(buttons))] if buttons else []


def _asked(words: Words, asked: GroupApplication, holder: RightsHolder) -> str:
    return words.text(f"groups.asks.{asked.wish}", holder=escape(holder.name))


def _term(words: Words, ends_on: date | None) -> str:
    return f" · {words.text('groups.until', day=words.day(ends_on))}" if ends_on else ""


def _member(words: Words, group: WorkingGroup, line: MemberLine, *, edits: bool) -> Block:
    told = f"{escape(line.holder.name)}{_term(words, line.ends_on)}"
    if not edits:
        return section(told)
    label = words.text("register.remove")
    asked = sure(words, words.text("groups.remove_member_sure"), label)
    value = f"{group.id}:{line.holder.id}"
    return section(told, accessory=button(label, OfficeId.REMOVE_MEMBER, value, confirm=asked))


def _seat(words: Words, group: WorkingGroup, seat: Seat, *, edits: bool) -> Block:
    role = words.text("groups.deputy" if seat.deputy else "groups.chair")
    told = f"<@{seat.person.user_id}> · {role}{_term(words, seat.ends_on)}"
    if not edits:
        return section(told)
    label = words.text("register.remove")
    asked = sure(words, words.text("groups.remove_chair_sure"), label)
    value = f"{group.id}:{seat.person.id}"
    return section(told, accessory=button(label, OfficeId.REMOVE_CHAIR, value, confirm=asked))


def group_form(words: Words, group: WorkingGroup | None) -> Block:
    """A group to found or to correct."""
    kinds = [option(words.text(f"groups.kind.{kind}"), kind) for kind in GroupKind]
    industries = [option(words.text(f"groups.industry.{each}"), each) for each in Industry]
    regions = [option(words.text(f"groups.region.{each}"), each) for each in Region]
    chosen = group.kind if group else GroupKind.INDUSTRY
    industry, region = (group.industry or "", group.region or "") if group else ("", "")
    blocks = [
        field("name", words.text("register.name"), text_input(group.name if group else "")),
        field("kind", words.text("register.kind"), select(kinds, chosen)),
        field(
            "industry",
            words.text("register.industry"),
            select(industries, industry),
            hint=words.text("groups.industry_hint"),
            optional=True,
        ),
        field(
            "region",
            words.text("groups.region_label"),
            select(regions, region),
            hint=words.text("groups.region_hint"),
            optional=True,
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


def member_form(words: Words, group: WorkingGroup, ends_on: date | None) -> Block:
    """A rights holder to take into the group."""
    return form(
        words,
        words.text("groups.add_member"),
        [
            field("member", words.text("register.holder"), holder_select(words)),
            term_field(words, ends_on),
        ],
        callback_id=OfficeId.MEMBER_FORM,
        here=f"member_form:{group.id}",
        back=f"group:{group.id}",
        submit=words.text("register.add"),
    )


def chair_form(words: Words, group: WorkingGroup, ends_on: date | None) -> Block:
    """A chair or a deputy to name."""
    seats = [option(words.text("groups.chair"), "chair"), option(words.text("groups.deputy"), "deputy")]
    return form(
        words,
        words.text("groups.add_chair"),
        [
            field("person", words.text("register.person"), person_select()),
            field("seat", words.text("groups.seat"), select(seats, "chair")),
            term_field(words, ends_on),
        ],
        callback_id=OfficeId.CHAIR_FORM,
        here=f"chair_form:{group.id}",
        back=f"group:{group.id}",
        submit=words.text("register.add"),
    )


def term_field(words: Words, ends_on: date | None) -> Block:
    """The last day of a term; left empty, it has none."""
    picker: Block = {"type": "datepicker", "action_id": "date"}
    if ends_on:
        picker["initial_date"] = ends_on.isoformat()
    return field(
        "ends_on",
        words.text("groups.ends_on"),
        picker,
        hint=words.text("groups.ends_on_hint"),
        optional=True,
    )
