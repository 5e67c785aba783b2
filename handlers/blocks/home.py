"""App Home: the frame around its pages, with who one is here, whose cases are shown, and what one can begin.

There is one page at a time, so that the whole stays under Slack's hundred blocks; what is longer than a page
holds has pages of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.words.catalogue import Words
from bot.words.text import escape
from bot.words.text import plain as one_line
from handlers.blocks.conversations import talk_button
from handlers.blocks.home_now import Now, now_blocks
from handlers.blocks.home_pages import (
    CompanyPage,
    FiguresPage,
    GroupsPage,
    Notices,
    company_blocks,
    figures_blocks,
    groups_blocks,
    help_blocks,
    notices_blocks,
)
from handlers.blocks.parts import Block, actions, button, context, header, option, plain, section
from handlers.blocks.register import role_name
from handlers.ids import HomeId, HomePage, QueueId
from storage.records.conversations import About
from storage.records.home import Portal
from storage.records.register import Held

MOST_BLOCKS = 100
EVERYTHING = "all"
SELECTABLE = 99  # beside "everything"; who has more picks by typing
_ROLES = 12

Page = Now | Notices | FiguresPage | CompanyPage | GroupsPage


@dataclass(frozen=True)
class Home:
    """One person's App Home with the page that they chose. `page` None: the one with help."""

    guest: bool = False  # on a roster, but as a guest, who answers in the channel alone
    roles: Sequence[Held] = ()
    tabs: Sequence[HomePage] = ()
    chosen: HomePage = HomePage.NOW
    page: Page | None = None
    portals: Sequence[Portal] = ()
    portal: Portal | None = None
    files: bool = False
    answers: bool = False
    talks: bool = False
    administrators: Sequence[str] = ()  # user ids whom a stranger may ask


def home_view(home: Home, user_id: str, words: Words, now: datetime) -> Block:
    """The view to publish."""
    if home.guest:
        blocks = [header(words.text("home.welcome")), section(words.text("home.is_guest"))]
    elif not home.roles:
        blocks = _stranger(home, words)
    else:
        blocks = [*_top(home, words), *_page(home, words, now)]
    return {"type": "home", "callback_id": HomeId.VIEW, "blocks": blocks[:MOST_BLOCKS]}


def portal_options(portals: Sequence[Portal]) -> list[Block]:
    """Whose cases can be shown alone: companies, each followed by its brands where it has several."""
    return [
        option(f"– {one_line(each.name, 70)}" if each.is_brand else one_line(each.name, 75), each.id)
        for each in portals
    ]


def _stranger(home: Home, words: Words) -> list[Block]:
    ask = words.listing([f"<@{user_id}>" for user_id in home.administrators])
    sentence = words.text("home.stranger", people=ask) if ask else words.text("home.stranger_alone")
    return [
        header(words.text("home.welcome")),
        section(sentence),
        actions(button(words.text("home.help_open"), HomeId.HELP)),
    ]


def _top(home: Home, words: Words) -> list[Block]:
    blocks = [context(words.text("home.you_are", roles=_roles(home.roles, words)))]
    if len(home.portals) > 1:
        blocks.append(section(words.text("home.showing"), accessory=_chooser(home, words)))
    tabs = [
        button(
            words.text(f"home.tab.{tab}"),
            HomeId(f"home_tab_{tab}"),
            tab,
            style="primary" if tab is home.chosen else "",
            label=words.text("home.tab_chosen", name=words.text(f"home.tab.{tab}"))
            if tab is home.chosen
            else words.text(f"home.tab.{tab}"),
        )
        for tab in home.tabs
    ]
    blocks.append(actions(*tabs))
    begin = []
    if home.files:
        begin.append(button(words.text("home.file"), HomeId.FILE_NOTICE))
    if home.answers:
        begin.append(button(words.text("home.queue"), QueueId.OPEN))
    if home.talks:
        begin.append(talk_button(words, About.HOME))
    return [*blocks, actions(*begin)] if begin else blocks


def _roles(roles: Sequence[Held], words: Words) -> str:
    by_scope: dict[str, list[str]] = {}
    for held in roles[:_ROLES]:
        by_scope.setdefault(held.scope_name, []).append(role_name(words, held.role))
    told = [
        words.text("home.role_at", role=words.listing(names), scope=escape(one_line(scope, 75)))
        if scope
        else words.listing(names)
        for scope, names in by_scope.items()
    ]
    if len(roles) > _ROLES:
        told.append(words.count("home.more_roles", len(roles) - _ROLES))
    return words.listing(told)


def _chooser(home: Home, words: Words) -> Block:
    everything = option(words.text("home.everything"), EVERYTHING)
    chosen = portal_options([home.portal])[0] if home.portal else everything
    made: Block = {
        "action_id": HomeId.CHOOSE,
        "placeholder": plain(words.text("home.choose"), 150),
        "initial_option": chosen,
    }
    if len(home.portals) > SELECTABLE:
        return made | {"type": "external_select", "min_query_length": 0}
    return made | {"type": "static_select", "options": [everything, *portal_options(home.portals)]}


def _page(home: Home, words: Words, now: datetime) -> list[Block]:
    match home.page:
        case Now():
            return now_blocks(home.page, words, now)
        case Notices():
            return notices_blocks(home.page, words, now)
        case FiguresPage():
            return figures_blocks(home.page, words)
        case CompanyPage():
            return company_blocks(home.page, words, now)
        case GroupsPage():
            return groups_blocks(home.page, words)
        case None:
            return help_blocks(home.roles, home.tabs, words)
