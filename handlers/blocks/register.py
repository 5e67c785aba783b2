"""The register's pages: rights holders, their brands, people, mandates and rights."""

from collections.abc import Mapping, Sequence

from bot.words.catalogue import Words
from bot.words.text import escape
from handlers.blocks.channels import problem_line
from handlers.blocks.directory import industry_name
from handlers.blocks.office import cut, listed, page, pager, part, row
from handlers.blocks.parts import Block, actions, button, context, header, option, section
from handlers.blocks.parts import confirm as are_you_sure
from handlers.ids import GroupId, OfficeId
from storage.records.channels import ChannelBinding, ChannelPurpose, ChannelState
from storage.records.register import BrandLine, HolderLine, MandateLine, Member
from storage.records.rights import Right
from storage.records.roster import Brand, HolderKind, RightsHolder, Role


def role_name(words: Words, role: Role) -> str:
    """What a role is called."""
    return words.text(f"register.role.{role}")


def role_option(words: Words, role: Role) -> Block:
    """A role to choose, as a title: "Lead" where a sentence says "lead"."""
    name = role_name(words, role)
    return option(name[:1].upper() + name[1:], role)


def member_line(member: Member, words: Words) -> str:
    """A person and their roles."""
    roles = words.listing([role_name(words, role) for role in member.roles])
    guest = f" · {words.text('register.guest')}" if member.person.is_guest else ""
    return f"<@{member.person.user_id}> · {roles}{guest}"


def right_line(right: Right, words: Words) -> str:
    """A right, until when it is in force, and whether it may be used."""
    kind = words.text(f"rights.kind.{right.kind}")
    parts = [f"*{escape(right.title)}*", kind, escape(" ".join((right.office, right.number)).strip())]
    if right.expires_on:
        parts.append(words.text("register.until", day=words.day(right.expires_on)))
    if right.confirmed_at is None:
        parts.append(words.text("register.unconfirmed"))
    return " · ".join(part for part in parts if part)


def channel_line(channel: ChannelBinding | None, words: Words) -> str:
    """A bound channel and its state, or that there is none."""
    if channel is None:
        return words.text("channels.none")
    return words.text(f"channels.state.{channel.state}", channel=f"<#{channel.channel_id}>")


def holders_page(words: Words, lines: Sequence[HolderLine], number: int) -> Block:
    """All rights holders, a page at a time."""
    rows = [
        row(
            words.text(
                "register.holder_line",
                name=escape(line.holder.name),
                standing=words.text(f"register.standing.{line.holder.standing}"),
                brands=words.count("register.brands", line.brands),
                people=words.count("register.people", line.people),
            ),
            words.text("register.open"),
            f"holder:{line.holder.id}",
        )
        for line in cut(lines, number)
    ]
    add = actions(button(words.text("register.add_holder"), OfficeId.NEXT, "holder_form", style="primary"))
    blocks = [add, *listed(rows, words.text("register.no_holders"))]
    blocks += pager(words, "holders:", number, len(lines))
    return page(words, words.text("register.holders"), blocks, here="holders", back="menu")


def holder_page(
    words: Words,
    holder: RightsHolder,
    brands: Sequence[BrandLine],
    members: Sequence[Member],
    mandates: Sequence[MandateLine],
    number: int,
    *,
    has_lead: bool,
    manager: str,
) -> Block:
    """One rights holder, for administrators; `manager` says who answers for it at the platform."""
    standing = words.text(f"register.standing.{holder.standing}")
    facts = [
        words.text(f"register.kind.{holder.kind}"),
        words.text(f"register.size.{holder.size}"),
        industry_name(words, holder.industry),
        words.country(holder.country),
    ]
    blocks = [
        header(holder.name),
        row(" · ".join(facts), words.text("register.edit"), f"holder_form:{holder.id}"),
        row(words.text("misuse.of_holder"), words.text("misuse.look"), f"reporter:{holder.id}"),
        row(
            words.text(
                "register.has_standing", standing=standing, since=words.day(holder.standing_since.date())
            ),
            words.text("register.change"),
            f"standing_form:{holder.id}",
        ),
        row(manager, words.text("register.change"), f"manager_form:{holder.id}"),
    ]
    blocks += _brands(words, holder, cut(brands, number))
    people = [section(member_line(member, words)) for member in cut(members, number)]
    blocks += part(words.text("register.people_title"), people, words.text("register.nobody"))
    if has_lead:
        blocks.append(context(words.text("register.leads_keep_it")))
    else:
        blocks.append(
            row(words.text("register.no_lead"), words.text("register.name_lead"), f"lead_form:{holder.id}")
        )
    guest = row(
        words.text("register.guest_line"), words.text("register.add_guest"), f"guest_form:{holder.id}"
    )
    blocks.append(guest)
    blocks += _mandates(words, holder, cut(mandates, number))
    longest = max(len(brands), len(members), len(mandates))
    blocks += pager(words, f"holder:{holder.id}-", number, longest)
    return page(words, words.text("register.holder"), blocks, here=f"holder:{holder.id}", back="holders")


def _brands(words: Words, holder: RightsHolder, brands: Sequence[BrandLine]) -> list[Block]:
    rows = [
        row(
            f"*{escape(line.brand.name)}* · {channel_line(line.channel, words)}",
            words.text("register.open"),
            f"brand:{line.brand.id}",
        )
        for line in brands
    ]
    add = actions(button(words.text("register.add_brand"), OfficeId.GO, f"brand_form:{holder.id}"))
    return [*part(words.text("register.brands_title"), rows, words.text("register.no_brands")), add]


def _mandates(words: Words, holder: RightsHolder, mandates: Sequence[MandateLine]) -> list[Block]:
    rows = [
        section(
            words.text(
                "register.mandate_line",
                association=escape(line.association),
                member=escape(line.member),
                document=escape(line.mandate.document),
            ),
            accessory=button(
                words.text("register.end"),
                OfficeId.END_MANDATE,
                f"{line.mandate.id}:{holder.id}",
                confirm=sure(words, words.text("register.end_mandate_sure"), words.text("register.end")),
            ),
        )
        for line in mandates
    ]
    if holder.kind is HolderKind.ASSOCIATION:
        add = actions(button(words.text("register.add_mandate"), OfficeId.GO, f"mandate_form:{holder.id}"))
        empty = words.text("register.no_mandates")
        return [*part(words.text("register.mandates_title"), rows, empty), add]
    return part(words.text("register.mandates_title"), rows, "") if rows else []


def brand_page(
    words: Words, brand: Brand, channel: ChannelBinding | None, *, binds: bool, renames: bool, back: str
) -> Block:
    """A brand and its channel."""
    blocks = [header(brand.name)]
    blocks += channel_part(words, channel, f"brand-{brand.id}", binds=binds)
    if renames:
        blocks.append(
            row(words.text("register.rename_line"), words.text("register.rename"), f"rename_form:{brand.id}")
        )
    return page(words, words.text("register.brand"), blocks, here=f"brand:{brand.id}", back=back)


def channel_part(words: Words, channel: ChannelBinding | None, scope: str, *, binds: bool) -> list[Block]:
    """The channel of a scope, with what may be done about it."""
    blocks = [section(channel_line(channel, words))]
    if not binds:
        return blocks
    buttons = [button(words.text("channels.bind"), OfficeId.GO, f"channel_form:{scope}")]
    if channel is not None:
        buttons.append(
            button(
                words.text("channels.unbind"),
                OfficeId.UNBIND,
                f"{channel.id}:{scope}",
                confirm=sure(words, words.text("channels.unbind_sure"), words.text("channels.unbind")),
            )
        )
        if channel.state is ChannelState.BROKEN:
            blocks.append(context(words.text("channels.how_to_mend")))
        elif channel.purpose is not ChannelPurpose.PLATFORM:
            kept = "kept" if channel.in_step else "not_kept"
            switch = words.text(f"channels.step.{kept}_switch")
            value = f"{channel.id}:{'off' if channel.in_step else 'on'}-{scope}"
            buttons.append(button(switch, GroupId.IN_STEP, value))
            blocks.append(context(words.text(f"channels.step.{kept}")))
            if channel.step_problem:
                blocks.append(context(problem_line(words, channel.step_problem)))
    return [*blocks, actions(*buttons)]


def rights_page(words: Words, waiting: Sequence[Right], holders: Mapping[str, str], number: int) -> Block:
    """The rights that wait for an administrator; `holders` are names by id."""
    rows = [
        section(
            f"{escape(holders[right.holder_id])} · {right_line(right, words)}",
            accessory=button(words.text("register.confirm"), OfficeId.CONFIRM_RIGHT, right.id),
        )
        for right in cut(waiting, number)
    ]
    blocks = [context(words.text("register.confirm_means"))]
    blocks += listed(rows, words.text("register.no_rights_waiting"))
    blocks += pager(words, "rights:", number, len(waiting))
    return page(words, words.text("register.rights_title"), blocks, here="rights", back="menu")


def sure(words: Words, question: str, yes: str) -> Block:
    """Slack's own dialog before something is taken away."""
    return are_you_sure(words.text("office.sure"), question, yes, words.text("common.cancel"), danger=True)
