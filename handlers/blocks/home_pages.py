"""The other pages of App Home: notices, figures, the company, groups, help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.words.catalogue import Words
from bot.words.text import escape
from bot.words.text import plain as one_line
from handlers.blocks.account_managers import manager_line
from handlers.blocks.conversations import talk_button
from handlers.blocks.home_parts import card_link, due_text, joined, pager
from handlers.blocks.office import row
from handlers.blocks.parts import (
    Block,
    actions,
    button,
    context,
    divider,
    fields,
    header,
    option,
    plain,
    section,
)
from handlers.blocks.register import channel_line, member_line, right_line, role_name
from handlers.blocks.service_levels import service_rows
from handlers.blocks.standing import home_row
from handlers.ids import ExportId, HomeId, HomePage, OfficeId, ServiceId
from storage.records.account_managers import Managed, Pair
from storage.records.conversations import About
from storage.records.home import Figures, GroupLine, NoticeFilter, NoticeLine
from storage.records.notices import UNDECIDED
from storage.records.product_lines import ProductLine
from storage.records.register import BrandLine, Held, Member
from storage.records.rights import Right
from storage.records.roster import RightsHolder
from storage.records.service_figures import OwnMonth
from storage.records.standing import Figures as StandingFigures
from storage.records.standing import Outlook, Rule

NOTICES_PAGE, HOLDERS_PAGE, STANDINGS_PAGE, MANAGED_PAGE, GROUPS_PAGE = 10, 3, 8, 12, 15
LINES = 12  # of each list within a company
DAYS = 30  # for which decided notices are listed


@dataclass(frozen=True)
class Notices:
    """A page of one's notices."""

    team_id: str
    which: NoticeFilter
    page: int
    total: int
    lines: Sequence[NoticeLine]


@dataclass(frozen=True)
class StandingPart:
    """One rights holder's standing and what comes next."""

    holder: RightsHolder
    figures: StandingFigures
    rule: Rule
    outlook: Outlook


@dataclass(frozen=True)
class FiguresPage:
    """How one's companies stand and what they did. `whole`: one brand was chosen, its company is shown."""

    standings: Sequence[StandingPart] = ()
    total: int = 0
    page: int = 0
    service: OwnMonth | None = None
    figures: Sequence[Figures] = ()
    whole: bool = False
    exports: bool = False
    oversees: bool = False  # everybody's service levels and standings, on pages of their own
    of_all: bool = False  # the counts are those of all brands together


@dataclass(frozen=True)
class CompanyPart:
    """One rights holder: who answers for it, its people, brands and rights."""

    holder: RightsHolder
    pair: Pair
    members: Sequence[Member]
    rights: Sequence[Right]
    brands: Sequence[BrandLine]
    lines: Mapping[str, Sequence[ProductLine]] = field(default_factory=dict)  # by brand
    manages: bool = False
    registers: bool = False


@dataclass(frozen=True)
class CompanyPage:
    """One's companies, and those that one answers for at the platform."""

    parts: Sequence[CompanyPart] = ()
    total: int = 0
    page: int = 0
    represented: Pair | None = None  # of a company that is only represented: nothing else is shown
    managed: tuple[int, Sequence[Managed]] | None = None
    managed_page: int = 0
    away_until: datetime | None = None


@dataclass(frozen=True)
class GroupsPage:
    """The groups of one's companies, and those that one chairs."""

    groups: Sequence[GroupLine] = ()
    page: int = 0


def notices_blocks(part: Notices, words: Words, now: datetime) -> list[Block]:
    """The list, and what is listed."""
    options = [option(words.text(f"home.filter.{each}"), each) for each in NoticeFilter]
    chosen = next(each for each in options if each["value"] == part.which)
    choose: Block = {
        "type": "static_select",
        "action_id": HomeId.FILTER,
        "placeholder": plain(words.text("home.filter"), 150),
        "options": options,
        "initial_option": chosen,
    }
    blocks = [header(words.text("home.notices")), section(words.text("home.filter"), accessory=choose)]
    blocks += [section(_notice(line, part.team_id, words, now)) for line in part.lines]
    blocks += pager("notices", part.page, NOTICES_PAGE, part.total, words)
    if not part.lines:
        blocks.append(section(words.text(f"home.filter_empty.{part.which}")))
    if part.which is NoticeFilter.DECIDED:
        blocks.append(context(words.count("home.decided_days", DAYS)))
    return blocks


def figures_blocks(part: FiguresPage, words: Words) -> list[Block]:
    """Standing, service levels and counts."""
    title = "home.figures" if part.standings or not part.oversees else "home.figures_of_all"
    blocks = [header(words.text(title))]
    if part.whole:
        blocks.append(context(words.text("home.whole_company")))
    for each in part.standings:
        blocks.append(section(f"*{escape(one_line(each.holder.name, 75))}*"))
        blocks.append(home_row(words, each.holder, each.figures, each.rule, each.outlook))
    blocks += pager("standings", part.page, STANDINGS_PAGE, part.total, words)
    blocks += service_rows(words, part.service)
    if part.of_all:
        blocks.append(context(words.text("home.all_brands")))
    if any(each.notices or each.requests or each.takedowns for each in part.figures):
        blocks += [divider(), fields([_counts(each, words) for each in part.figures])]
    elif part.figures:
        blocks += [divider(), section(words.text("home.no_figures"))]
    if part.exports:
        blocks.append(actions(button(words.text("exports.menu"), ExportId.OPEN)))
    if part.oversees:
        blocks.append(section(words.text("home.oversees")))
        blocks.append(
            actions(
                button(words.text("service.home_open"), ServiceId.OPEN),
                button(words.text("access.standings"), OfficeId.GO, "standings"),
            )
        )
    return blocks


def company_blocks(part: CompanyPage, words: Words, now: datetime) -> list[Block]:
    """Companies, then those that one answers for."""
    blocks: list[Block] = []
    if part.represented is not None:
        blocks += [
            section(words.text("home.represented")),
            section(manager_line(words, part.represented, now)),
        ]
    for each in part.parts:
        blocks += _company(each, words, now)
    blocks += pager("holders", part.page, HOLDERS_PAGE, part.total, words)
    if part.managed is not None:
        blocks += _managed(part, *part.managed, words, now)
    return blocks[1:] if blocks[:1] == [divider()] else blocks


def groups_blocks(part: GroupsPage, words: Words) -> list[Block]:
    """Groups with their channels and digests."""
    shown = part.groups[part.page * GROUPS_PAGE : (part.page + 1) * GROUPS_PAGE]
    blocks = [header(words.text("home.groups"))]
    blocks += [
        row(_group(group, words), words.text("register.open"), f"group:{group.id}") for group in shown
    ] or [section(words.text("home.no_groups"))]
    blocks += pager("groups", part.page, GROUPS_PAGE, len(part.groups), words)
    open_ = words.text("register.open")
    return [
        *blocks,
        divider(),
        row(words.text("groups.menu"), open_, "groups"),
        row(words.text("directory.menu"), open_, "directory"),
    ]


def help_blocks(roles: Sequence[Held], tabs: Sequence[HomePage], words: Words) -> list[Block]:
    """What one can do here, by role, what stands on which of one's pages, and where it is said at length."""
    blocks = [header(words.text("home.help"))]
    for held in list({each.role: each for each in roles}.values()):
        told = role_name(words, held.role)
        blocks.append(section(f"*{told[:1].upper()}{told[1:]}*\n{words.text(f'access.help.{held.role}')}"))
    pages = [words.text(f"home.help_page.{tab}") for tab in tabs if tab is not HomePage.HELP]
    blocks.append(section("\n".join([words.text("home.help_pages"), *pages])))
    blocks.append(actions(button(words.text("home.help_open"), HomeId.HELP)))
    return blocks


def _notice(line: NoticeLine, team_id: str, words: Words, now: datetime) -> str:
    state = words.text(f"notices.state.{line.state}")
    waits = line.state in UNDECIDED
    when = due_text(words, line.due_at, now) if waits else words.relative(line.at - now)
    title = f"*{line.reference}* · {escape(one_line(line.brand, 75))}"
    return f"{title}\n{joined(state, when, card_link(line.place, team_id, words))}"


def _counts(figures: Figures, words: Words) -> tuple[str, str]:
    answers = {"fake": figures.fake, "genuine": figures.genuine, "other": figures.other}
    lines = [
        words.count("home.figures_notices", figures.notices),
        words.count("home.figures_requests", figures.requests),
        words.text("home.figures_answers", **{name: words.number(n) for name, n in answers.items()}),
        words.count("home.figures_takedowns", figures.takedowns, removed=words.number(figures.removed)),
    ]
    return words.count("home.figures_days", figures.days), "\n".join(lines)


def _company(part: CompanyPart, words: Words, now: datetime) -> list[Block]:
    holder = part.holder
    blocks = [
        divider(),
        header(one_line(holder.name, 140)),
        section(manager_line(words, part.pair, now), accessory=talk_button(words, About.HOME)),
        section(_listed(words, "home.people", [member_line(each, words) for each in part.members])),
        section(_listed(words, "home.brands", [_brand(line, part, words) for line in part.brands])),
        section(
            _listed(words, "home.rights", [right_line(right, words) for right in part.rights])
            if part.rights
            else f"{words.text('home.rights')}\n{words.text('home.no_rights')}"
        ),
    ]
    buttons = []
    if part.manages:
        buttons.append(button(words.text("home.manage"), HomeId.MANAGE_ROSTER, f"roster:{holder.id}"))
    if part.registers:
        buttons.append(button(words.text("home.register"), HomeId.REGISTER_RIGHT, f"right_form:{holder.id}"))
    return [*blocks, actions(*buttons)] if buttons else blocks


def _brand(line: BrandLine, part: CompanyPart, words: Words) -> str:
    lines = [escape(one_line(each.name, 75)) for each in part.lines.get(line.brand.id, ())[:LINES]]
    name = escape(one_line(line.brand.name, 75))
    return joined(f"*{name}*", channel_line(line.channel, words), words.listing(lines) if lines else "")


def _listed(words: Words, title: str, lines: Sequence[str]) -> str:
    shown = list(lines[:LINES])
    if len(lines) > LINES:
        shown.append(words.count("home.more_lines", len(lines) - LINES))
    return "\n".join([words.text(title), *shown])


def _managed(
    part: CompanyPage, total: int, managed: Sequence[Managed], words: Words, now: datetime
) -> list[Block]:
    blocks = [divider(), header(words.text("home.managed"))]
    for each in managed:
        name = escape(one_line(each.holder.name, 75))
        standing = words.text(f"register.standing.{each.holder.standing}")
        blocks.append(section(f"*{name}* · {standing}\n{manager_line(words, each.pair, now)}"))
    blocks += pager("managed", part.managed_page, MANAGED_PAGE, total, words)
    if not managed:
        blocks.append(section(words.text("home.manages_nobody")))
    picker: Block = {
        "type": "datepicker",
        "action_id": HomeId.AWAY,
        "placeholder": plain(words.text("home.away_pick"), 150),
    }
    if part.away_until is not None:
        told = words.text("home.you_are_away", until=words.moment(part.away_until))
        back = button(words.text("home.back_again"), HomeId.BACK_AGAIN)
        return [*blocks, section(told, accessory=back)]
    return [*blocks, section(words.text("home.away"), accessory=picker)]


def _group(group: GroupLine, words: Words) -> str:
    name = escape(one_line(group.name, 75))
    if not group.channel_id:
        return words.text("home.group_without_channel", name=name)
    where = f"<#{group.channel_id}>"
    if group.hour is None:
        return words.text("home.group_without_digest", name=name, channel=where)
    at = words.time_of_day(group.hour, group.minute)
    return words.text("home.group", name=name, channel=where, time=at, zone=group.zone)
