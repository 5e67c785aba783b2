"""App Home's first page: what needs this person now, by urgency, and what happened in the last days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.words.catalogue import Words
from bot.words.text import escape, link, shown_host
from bot.words.text import plain as one_line
from handlers.blocks.account_managers import manager_line
from handlers.blocks.approvals import proposal_blocks
from handlers.blocks.counter_notices import counter_row
from handlers.blocks.home_parts import card_link, due_text, joined, pager
from handlers.blocks.office import row
from handlers.blocks.parts import Block, actions, button, context, header, section
from handlers.blocks.parts import confirm as are_you_sure
from handlers.blocks.register import right_line
from handlers.blocks.rights import reminder
from handlers.ids import AuthenticityId, MisuseId, NoticeId, OfficeId
from storage.records.account_managers import NOBODY, Pair
from storage.records.approval_sheets import Proposal
from storage.records.channels import ChannelState
from storage.records.counter_notice_sheets import CounterNoticeLine
from storage.records.home import (
    Applied,
    Draft,
    Happened,
    Happening,
    NoticeLine,
    OpenRequest,
    SilentChannel,
    Todo,
    Unrouted,
)
from storage.records.misuse import Censure
from storage.records.rights import Right
from storage.records.roster import RightsHolder

REQUESTS_PAGE, UNROUTED_PAGE = 10, 6
SHOWN = 4  # of each other kind of thing that waits; what is more is counted or has a page of its own
PROPOSALS, RIGHTS, HAPPENED, SILENT = 3, 3, 8, 3
_TITLE, _LINK = 150, 500


@dataclass(frozen=True)
class Now:
    """What waits for one person. None: not theirs to look at."""

    team_id: str
    user_id: str
    company: RightsHolder | None = None  # where only one is shown
    pair: Pair = NOBODY
    requests_page: int = 0
    unrouted_page: int = 0
    requests: tuple[int, Sequence[OpenRequest]] | None = None
    asked: tuple[int, Sequence[NoticeLine]] = (0, ())
    counters: Sequence[CounterNoticeLine] = ()
    seconds: Sequence[NoticeLine] = ()
    censures: Sequence[Censure] = ()
    todos: Sequence[Todo] = ()
    drafts: Sequence[Draft] = ()
    silent: Sequence[SilentChannel] = ()
    applications: Sequence[Applied] = ()  # to groups that the person chairs
    talks: int = 0  # conversations that the person takes part in
    talks_waiting: int = 0  # those that wait for the word of their association
    expiring: Sequence[Right] = ()
    registers: frozenset[str] = frozenset()  # rights holders for whom the person may register a right
    begins: bool = False  # a company without rights and without a case
    happened: Sequence[Happened] | None = None
    proposals: Sequence[Proposal] | None = None
    rights_waiting: Sequence[Right] = ()
    unrouted: tuple[int, Sequence[Unrouted]] | None = None


def now_blocks(part: Now, words: Words, now: datetime) -> list[Block]:
    """The whole page."""
    waits = _waiting(part, words, now)
    nothing = "home.nothing" if part.happened is None else "home.nothing_now"
    blocks = [header(words.text("home.now")), *(waits or [section(words.text(nothing))])]
    if part.company is not None:
        standing = words.text(f"register.standing.{part.company.standing}")
        name = escape(one_line(part.company.name, 75))
        told = words.text("home.company_line", name=name, standing=standing)
        blocks.insert(0, context(f"{told}\n{manager_line(words, part.pair, now)}"))
    if part.begins:
        blocks.append(section(words.text("home.first_steps")))
    blocks += _administration(part, words)
    blocks += _unrouted(part, words, now)
    return blocks + _happened(part, words, now)


def _waiting(part: Now, words: Words, now: datetime) -> list[Block]:
    total, requests = part.requests or (0, ())
    asked, lines = part.asked
    blocks = [_silent(channel, words) for channel in part.silent[:SILENT]]
    blocks += [_censure(censure, words) for censure in part.censures[:SHOWN]]
    blocks += [_request(request, part.team_id, words, now) for request in requests]
    blocks += pager("requests", part.requests_page, REQUESTS_PAGE, total, words)
    blocks += [_asked(line, part.team_id, words, now) for line in lines[:SHOWN]]
    if asked > SHOWN:
        blocks.append(context(words.count("home.more_asked", asked - SHOWN)))
    blocks += [
        counter_row(words, line, card_link(line.place, part.team_id, words)) for line in part.counters[:SHOWN]
    ]
    blocks += [_second(line, part.team_id, words, now) for line in part.seconds[:SHOWN]]
    blocks += [_applied(each, words) for each in part.applications[:SHOWN]]
    blocks += _talks(part, words)
    blocks += [_todo(todo, words) for todo in part.todos[:SHOWN]]
    for right in part.expiring[:SHOWN]:
        blocks += reminder(words, right, now.date(), renews=right.holder_id in part.registers)
    for draft in part.drafts[:SHOWN]:
        blocks += _draft(draft, words, now)
    return blocks


def _silent(channel: SilentChannel, words: Words) -> Block:
    where = f"<#{channel.channel_id}>"
    if channel.state is ChannelState.PAUSED:
        return section(words.text("home.channel_paused", channel=where))
    return section(words.text("home.channel_broken", channel=where))


def _censure(censure: Censure, words: Words) -> Block:
    answer = button(words.text("misuse.answer"), MisuseId.ANSWER, censure.id)
    whose = "you" if censure.person_id else "holder"
    return section(words.text(f"home.censure.{whose}.{censure.kind}"), accessory=answer)


def _request(request: OpenRequest, team_id: str, words: Words, now: datetime) -> Block:
    if request.answered_by_me:
        tag = words.text("home.request_answered_by_you")
    elif request.awaits_second:
        tag = words.text("home.request_awaits_you")
    else:
        tag = words.text("home.request_open")
    title = _titled(words, request.brand, request.title)
    card = card_link(request.place, team_id, words)
    return section("\n".join([title, joined(tag, due_text(words, request.deadline, now), card)]))


def _asked(line: NoticeLine, team_id: str, words: Words, now: datetime) -> Block:
    """The marketplace asked back: the clock runs on, and the answer is given there."""
    title = words.text("home.asked", reference=line.reference, brand=escape(one_line(line.brand, 75)))
    url = line.complaint_url
    there = link(url, words.text("home.answer_there")) if url and len(url) <= _LINK else ""
    facts = joined(due_text(words, line.due_at, now), there, card_link(line.place, team_id, words))
    return section("\n".join([title, facts]))


def _second(line: NoticeLine, team_id: str, words: Words, now: datetime) -> Block:
    title = words.text("home.second", reference=line.reference, brand=escape(one_line(line.brand, 75)))
    facts = joined(words.relative(line.at - now), card_link(line.place, team_id, words))
    return section("\n".join([title, facts]))


def _applied(applied: Applied, words: Words) -> Block:
    told = words.count("home.applications", applied.number, name=escape(one_line(applied.group, 75)))
    return row(told, words.text("register.open"), f"group:{applied.group_id}")


def _talks(part: Now, words: Words) -> list[Block]:
    if not (part.talks or part.talks_waiting):
        return []
    told = [words.count("home.talks", part.talks)] if part.talks else []
    if part.talks_waiting:
        told.insert(0, words.count("home.talks_waiting", part.talks_waiting))
    return [row(joined(*told), words.text("register.open"), "talks")]


def _todo(todo: Todo, words: Words) -> Block:
    sentence = words.text("home.sample", brand=escape(todo.brand), title=_short(todo.title))
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


def _administration(part: Now, words: Words) -> list[Block]:
    if part.proposals is None:
        return []
    blocks = [header(words.text("home.administration"))]
    for proposal in part.proposals[:PROPOSALS]:
        blocks += proposal_blocks(proposal, part.user_id, words, in_short=True)
    blocks += [
        section(
            right_line(right, words),
            accessory=button(words.text("register.open"), OfficeId.GO, "rights"),
        )
        for right in part.rights_waiting[:RIGHTS]
    ]
    more = max(len(part.proposals) - PROPOSALS, 0) + max(len(part.rights_waiting) - RIGHTS, 0)
    if more:
        blocks.append(context(words.count("home.more_waiting", more)))
    if len(blocks) == 1:
        blocks.append(section(words.text("home.nothing_to_approve")))
    blocks.append(actions(button(words.text("home.administer"), OfficeId.GO, "menu")))
    return blocks


def _unrouted(part: Now, words: Words, now: datetime) -> list[Block]:
    if part.unrouted is None:
        return []
    total, requests = part.unrouted
    blocks = [header(words.text("home.unrouted"))]
    for request in requests:
        sentence = words.text(
            "home.unrouted_request",
            brand=escape(one_line(request.brand_named, 75)),
            title=_short(request.title),
            age=words.relative(request.since - now),
        )
        card = card_link(request.place, part.team_id, words)
        assign = button(words.text("home.assign"), AuthenticityId.ASSIGN, request.id)
        blocks.append(section(f"{sentence} {card}".strip(), accessory=assign))
    blocks += pager("unrouted", part.unrouted_page, UNROUTED_PAGE, total, words)
    if not requests:
        blocks.append(section(words.text("home.nothing_unrouted")))
    return blocks


def _happened(part: Now, words: Words, now: datetime) -> list[Block]:
    if part.happened is None:
        return []
    lines = [_line(each, part.team_id, words, now) for each in part.happened[:HAPPENED]]
    told = "\n".join(lines) if lines else words.text("home.nothing_happened")
    return [header(words.text("home.happened")), section(told)]


def _line(each: Happened, team_id: str, words: Words, now: datetime) -> str:
    match each.kind:
        case Happening.DECIDED:
            told = words.text(
                "home.happened_decided", reference=each.what, state=words.text(f"notices.state.{each.how}")
            )
        case Happening.REMOVED:
            title = _short(each.what, 80) or link(each.how, one_line(shown_host(each.how).domain, 75))
            told = words.text("home.happened_removed", title=title)
        case Happening.ANSWERED:
            answer = words.text(f"home.answer.{each.how}")
            told = words.text("home.happened_answered", answer=answer, title=_short(each.what, 80))
    brand = escape(one_line(each.brand, 75))
    return joined(words.relative(each.at - now), f"*{brand}*", told, card_link(each.place, team_id, words))


def _titled(words: Words, brand: str, title: str) -> str:
    return words.text("home.request", brand=escape(one_line(brand, 75)), title=_short(title))


def _short(title: str, most: int = _TITLE) -> str:
    return escape(one_line(title, most))
