"""App Home: what needs this person now, then what is theirs to look at; sections of no use are left out.

The lists are cut so that the whole stays under Slack's hundred blocks; what is longer has pages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.words.catalogue import Words
from bot.words.text import escape
from handlers.blocks.approvals import proposal_blocks
from handlers.blocks.counter_notices import counter_row
from handlers.blocks.parts import Block, actions, button, context, divider, fields, header, section
from handlers.blocks.parts import confirm as are_you_sure
from handlers.blocks.register import member_line, right_line, role_name
from handlers.blocks.service_levels import service_rows
from handlers.blocks.standing import home_row
from handlers.ids import AuthenticityId, HomeId, NoticeId, OfficeId
from storage.records.approvals import Proposal
from storage.records.channels import ChannelState
from storage.records.counter_notice_sheets import CounterNoticeLine
from storage.records.home import (
    Draft,
    Figures,
    GroupLine,
    NoticeLine,
    OpenRequest,
    Place,
    SilentChannel,
    Todo,
    Unrouted,
)
from storage.records.notices import NoticeState
from storage.records.register import Held, Member
from storage.records.rights import Right
from storage.records.roster import RightsHolder
from storage.records.service_figures import OwnMonth
from storage.records.standing import Figures as StandingFigures
from storage.records.standing import Outlook, Rule

REQUESTS_PAGE, UNROUTED_PAGE = 10, 8
FIGURE_DAYS = (7, 28)
COUNTERS = 5
TODOS, DRAFTS, LATEST, PROPOSALS, RIGHTS, HOLDERS, LINES = 5, 5, 5, 4, 5, 4, 20


@dataclass(frozen=True)
class HolderPart:
    """One rights holder's own part of App Home."""

    holder: RightsHolder
    members: Sequence[Member]
    rights: Sequence[Right]
    manages: bool
    registers: bool
    figures: StandingFigures
    rule: Rule
    outlook: Outlook


@dataclass(frozen=True)
class Home:
    """Everything that one person's App Home shows. None: a section that is not theirs."""

    team_id: str
    guest: bool = False  # on a roster, but as a guest, who answers in the channel alone
    roles: Sequence[Held] = ()
    files: bool = False
    requests: tuple[int, Sequence[OpenRequest]] | None = None
    counters: Sequence[CounterNoticeLine] = ()
    todos: Sequence[Todo] = ()
    drafts: Sequence[Draft] = ()
    silent: Sequence[SilentChannel] = ()
    notices: Mapping[NoticeState, int] | None = None
    latest: Sequence[NoticeLine] = ()
    figures: Sequence[Figures] = ()
    service: OwnMonth | None = None
    groups: Sequence[GroupLine] = ()
    holders: Sequence[HolderPart] = ()
    proposals: Sequence[Proposal] | None = None
    rights_waiting: Sequence[Right] = ()
    unrouted: tuple[int, Sequence[Unrouted]] | None = None
    administrators: Sequence[str] = ()  # user ids whom a stranger may ask
    pages: Mapping[str, int] = field(default_factory=dict)


def home_view(home: Home, user_id: str, words: Words, now: datetime) -> Block:
    """The view to publish."""
    blocks = _greeting(home, words)
    if home.roles:
        blocks += _now(home, words, now)
        blocks += _administration(home, user_id, words)
        blocks += _unrouted(home, words, now)
        blocks += _notices(home, words, now)
        blocks += _figures(home, words)
        blocks += service_rows(words, home.service)
        blocks += _groups(home, words)
        page = home.pages.get("holders", 0)
        for part in home.holders[page * HOLDERS : (page + 1) * HOLDERS]:
            blocks += _holder(part, words)
        blocks += _pager("holders", page, HOLDERS, len(home.holders), words)
    return {"type": "home", "callback_id": HomeId.VIEW, "blocks": blocks}


def _greeting(home: Home, words: Words) -> list[Block]:
    if home.guest:
        return [header(words.text("home.welcome")), section(words.text("home.is_guest"))]
    if not home.roles:
        ask = words.listing([f"<@{user_id}>" for user_id in home.administrators])
        sentence = words.text("home.stranger", people=ask) if ask else words.text("home.stranger_alone")
        return [
            header(words.text("home.welcome")),
            section(sentence),
            actions(button(words.text("home.help"), HomeId.HELP)),
        ]
    by_scope: dict[str, list[str]] = {}
    for held in home.roles:
        by_scope.setdefault(held.scope_name, []).append(role_name(words, held.role))
    told = [
        words.text("home.role_at", role=words.listing(names), scope=escape(scope))
        if scope
        else words.listing(names)
        for scope, names in by_scope.items()
    ]
    buttons = [button(words.text("home.help"), HomeId.HELP)]
    if home.files:
        buttons.insert(0, button(words.text("home.file"), HomeId.FILE_NOTICE, style="primary"))
    return [context(words.text("home.you_are", roles=words.listing(told))), actions(*buttons)]


def _now(home: Home, words: Words, now: datetime) -> list[Block]:
    """What needs this person now: channels in trouble, sellers' objections, requests, samples, drafts."""
    if home.requests is None and not home.drafts and not home.silent:
        return []
    blocks = [header(words.text("home.now"))]
    blocks += [_silent(channel, words) for channel in home.silent[:3]]
    blocks += [
        counter_row(words, line, _card(line.place, home.team_id, words)) for line in home.counters[:COUNTERS]
    ]
    total, requests = home.requests or (0, ())
    blocks += [_request(request, home.team_id, words, now) for request in requests]
    blocks += _pager("requests", home.pages.get("requests", 0), REQUESTS_PAGE, total, words)
    blocks += [_todo(todo, words) for todo in home.todos[:TODOS]]
    for draft in home.drafts[:DRAFTS]:
        blocks += _draft(draft, words, now)
    if len(blocks) == 1:
        blocks.append(section(words.text("home.nothing_now")))
    return blocks


def _silent(channel: SilentChannel, words: Words) -> Block:
    where = f"<#{channel.channel_id}>"
    if channel.state is ChannelState.PAUSED:
        return section(words.text("home.channel_paused", channel=where))
    return section(words.text("home.channel_broken", channel=where))


def _request(request: OpenRequest, team_id: str, words: Words, now: datetime) -> Block:
    if request.answered_by_me:
        tag = words.text("home.request_answered_by_you")
    elif request.awaits_second:
        tag = words.text("home.request_awaits_you")
    else:
        tag = words.text("home.request_open")
    if request.deadline is None:
        due = words.text("home.no_deadline")
    elif request.deadline < now:
        due = words.text("home.overdue", since=words.span(now - request.deadline))
    else:
        due = words.text("home.due", left=words.span(request.deadline - now))
    title = words.text("home.request", brand=escape(request.brand), title=escape(request.title[:150]))
    card = _card(request.place, team_id, words)
    return section("\n".join([title, " · ".join(part for part in (tag, due, card) if part)]))


def _todo(todo: Todo, words: Words) -> Block:
    sentence = words.text("home.sample", brand=escape(todo.brand), title=escape(todo.title[:150]))
    done = button(words.text("home.sample_done"), AuthenticityId.SAMPLE_DONE, todo.id)
    return section(sentence, accessory=done)


def _draft(draft: Draft, words: Words, now: datetime) -> list[Block]:
    age = words.relative(draft.changed_at - now)
    sentence = words.count("home.draft", draft.links, age=age)
    sure = are_you_sure(
        words.text("home.drop_title"),
        words.text("home.drop_text"),
        words.text("home.drop"),
        words.text("common.cancel"),
        danger=True,
    )
    return [
        section(sentence),
        actions(
            button(words.text("home.continue"), NoticeId.OPEN_DRAFT, draft.id),
            button(words.text("home.drop"), NoticeId.DROP_DRAFT, draft.id, confirm=sure),
        ),
    ]


def _administration(home: Home, user_id: str, words: Words) -> list[Block]:
    if home.proposals is None:
        return []
    blocks = [header(words.text("home.administration"))]
    for proposal in home.proposals[:PROPOSALS]:
        blocks += proposal_blocks(proposal, user_id, words)
    blocks += [
        section(
            right_line(right, words),
            accessory=button(words.text("register.open"), OfficeId.GO, "rights"),
        )
        for right in home.rights_waiting[:RIGHTS]
    ]
    more = max(len(home.proposals) - PROPOSALS, 0) + max(len(home.rights_waiting) - RIGHTS, 0)
    if more:
        blocks.append(context(words.count("home.more_waiting", more)))
    if len(blocks) == 1:
        blocks.append(section(words.text("home.nothing_to_approve")))
    blocks.append(actions(button(words.text("home.administer"), OfficeId.GO, "menu")))
    return blocks


def _unrouted(home: Home, words: Words, now: datetime) -> list[Block]:
    if home.unrouted is None:
        return []
    total, requests = home.unrouted
    blocks = [header(words.text("home.unrouted"))]
    for request in requests:
        sentence = words.text(
            "home.unrouted_request",
            brand=escape(request.brand_named),
            title=escape(request.title[:150]),
            age=words.relative(request.since - now),
        )
        card = _card(request.place, home.team_id, words)
        assign = button(words.text("home.assign"), AuthenticityId.ASSIGN, request.id)
        blocks.append(section(f"{sentence} {card}".strip(), accessory=assign))
    blocks += _pager("unrouted", home.pages.get("unrouted", 0), UNROUTED_PAGE, total, words)
    if not requests:
        blocks.append(section(words.text("home.nothing_unrouted")))
    return blocks


def _notices(home: Home, words: Words, now: datetime) -> list[Block]:
    if home.notices is None:
        return []
    blocks = [divider(), header(words.text("home.notices"))]
    if not home.notices:
        return [*blocks, section(words.text("home.no_notices"))]
    counts = [
        f"{words.text(f'notices.state.{state}')} *{words.number(home.notices[state])}*"
        for state in NoticeState
        if state in home.notices
    ]
    lines = [
        " · ".join(
            part
            for part in (
                f"*{notice.reference}*",
                escape(notice.brand),
                words.text(f"notices.state.{notice.state}"),
                words.relative(notice.changed_at - now),
                _card(notice.place, home.team_id, words),
            )
            if part
        )
        for notice in home.latest[:LATEST]
    ]
    return [*blocks, section("  |  ".join(counts)), section("\n".join(lines))]


def _figures(home: Home, words: Words) -> list[Block]:
    """The reader's own figures, which a group's digest never shows."""
    if not any(each.notices or each.requests or each.takedowns for each in home.figures):
        return []
    return [
        divider(),
        header(words.text("home.figures")),
        fields([_counts(each, words) for each in home.figures]),
    ]


def _counts(figures: Figures, words: Words) -> tuple[str, str]:
    answers = {"fake": figures.fake, "genuine": figures.genuine, "other": figures.other}
    lines = [
        words.count("home.figures_notices", figures.notices),
        words.count("home.figures_requests", figures.requests),
        words.text("home.figures_answers", **{name: words.number(n) for name, n in answers.items()}),
        words.count("home.figures_takedowns", figures.takedowns, removed=words.number(figures.removed)),
    ]
    return words.count("home.figures_days", figures.days), "\n".join(lines)


def _groups(home: Home, words: Words) -> list[Block]:
    if not home.groups:
        return []
    lines = [_group(group, words) for group in home.groups[:LINES]]
    return [divider(), header(words.text("home.groups")), section("\n".join(lines))]


def _group(group: GroupLine, words: Words) -> str:
    name = escape(group.name)
    if not group.channel_id:
        return words.text("home.group_without_channel", name=name)
    where = f"<#{group.channel_id}>"
    if group.hour is None:
        return words.text("home.group_without_digest", name=name, channel=where)
    at = words.time_of_day(group.hour, group.minute)
    return words.text("home.group", name=name, channel=where, time=at, zone=group.zone)


def _holder(part: HolderPart, words: Words) -> list[Block]:
    """A rights holder's roster and rights."""
    holder = part.holder
    people = [member_line(member, words) for member in part.members[:LINES]]
    if len(part.members) > LINES:
        people.append(words.count("home.more_people", len(part.members) - LINES))
    rights = [right_line(right, words) for right in part.rights[:RIGHTS]]
    if len(part.rights) > RIGHTS:
        rights.append(words.count("home.more_rights", len(part.rights) - RIGHTS))
    blocks = [
        divider(),
        header(holder.name),
        home_row(words, holder, part.figures, part.rule, part.outlook),
        section("\n".join([words.text("home.people"), *people])),
        section("\n".join([words.text("home.rights"), *(rights or [words.text("home.no_rights")])])),
    ]
    buttons = []
    if part.manages:
        buttons.append(button(words.text("home.manage"), HomeId.MANAGE_ROSTER, f"roster:{holder.id}"))
    if part.registers:
        buttons.append(button(words.text("home.register"), HomeId.REGISTER_RIGHT, f"right_form:{holder.id}"))
    return [*blocks, actions(*buttons)] if buttons else blocks


def _pager(name: str, page: int, size: int, total: int, words: Words) -> list[Block]:
    last = (total - 1) // size
    if last < 1:
        return []
    buttons = []
    if page > 0:
        buttons.append(button(words.text("home.earlier"), HomeId.PAGE_BACK, f"{name}:{page - 1}"))
    if page < last:
        buttons.append(button(words.text("home.later"), HomeId.PAGE, f"{name}:{page + 1}"))
    return [context(words.text("home.page", page=page + 1, pages=last + 1, total=total)), actions(*buttons)]


def _card(place: Place, team_id: str, words: Words) -> str:
    """A link to the message that shows it, once there is one."""
    if not place.ts:
        return ""
    address = f"slack://channel?team={team_id}&amp;id={place.channel_id}&amp;message={place.ts}"
    return f"<{address}|{words.text('home.open_card')}>"
