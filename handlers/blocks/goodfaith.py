"""What `/goodfaith` opens: who you are here, what you can do and where, and the way into the register."""

from collections.abc import Collection, Sequence

from bot.words.catalogue import Words
from bot.words.text import escape
from handlers.blocks.office import page, row
from handlers.blocks.parts import Block, button, context, divider, header, section
from handlers.blocks.register import role_name
from handlers.ids import QueueId
from storage.records.register import Held
from storage.records.roster import RightsHolder, Role

_KEEPING_POLICIES = frozenset({Role.PLATFORM_STAFF, Role.ADMINISTRATOR})
_FOLLOWING_SELLERS = frozenset(Role) - {Role.GROUP_CHAIR, Role.ADMINISTRATOR}
_MEMBERS = frozenset(Role)
_EXPORTING = frozenset({Role.LEAD, Role.SMALL_MEMBER, Role.ASSOCIATION_OFFICER})
_READING_FIGURES = frozenset(
    {Role.ASSOCIATION_OFFICER, Role.PLATFORM_STAFF, Role.GROUP_CHAIR, Role.ADMINISTRATOR}
)
_WATCHING_MISUSE = frozenset({Role.PLATFORM_STAFF, Role.ADMINISTRATOR})


def menu_page(
    words: Words,
    roles: Sequence[Held],
    managed: Sequence[RightsHolder],
    *,
    administrators: Sequence[str],
    waiting: int,
    standings: Sequence[RightsHolder],
    oversees: bool,
    works: Sequence[RightsHolder],
    reads_knowledge: bool,
) -> Block:
    """Help by role, and the ways from here.

    `managed` are the rights holders whose rosters the reader may open, `standings` those whose standing;
    `oversees` where that is everybody's. `waiting` approvals. `works`: for whom the reader answers requests;
    `reads_knowledge`: of everybody's products.
    """
    blocks: list[Block] = []
    if not roles:
        people = words.listing([f"<@{user_id}>" for user_id in administrators])
        alone = words.text("home.stranger_alone")
        blocks.append(section(words.text("home.stranger", people=people) if people else alone))
    for held in roles[:10]:
        name = role_name(words, held.role)
        told = (
            words.text("home.role_at", role=name, scope=escape(held.scope_name)) if held.scope_name else name
        )
        told = told[:1].upper() + told[1:]
        blocks.append(section(f"*{told}*\n{words.text(f'access.help.{held.role}')}"))
    blocks += _answering(words, works, reads_knowledge=reads_knowledge)
    open_ = words.text("register.open")
    blocks += [
        row(words.text("access.our_roster", name=escape(holder.name)), open_, f"roster:{holder.id}")
        for holder in managed[:10]
    ]
    blocks += [
        row(words.text("access.our_standing", name=escape(holder.name)), open_, f"standing:{holder.id}")
        for holder in standings[:10]
    ]
    if oversees:
        blocks.append(row(words.text("access.standings"), open_, "standings"))
    blocks += [
        row(words.text("access.our_group", name=escape(held.scope_name)), open_, f"group:{held.scope_id}")
        for held in roles[:10]
        if held.role is Role.GROUP_CHAIR
    ]
    if not _MEMBERS.isdisjoint({held.role for held in roles}):
        blocks.append(row(words.text("directory.menu"), open_, "directory"))
        blocks.append(row(words.text("groups.menu"), open_, "groups"))
        blocks.append(row(words.text("findings.menu"), open_, "findings"))
    blocks += _about_sellers(words, {held.role for held in roles})
    if roles:
        blocks.append(row(words.text("talk.page.title"), open_, "talks"))
    if not _EXPORTING.isdisjoint({held.role for held in roles}):
        blocks.append(row(words.text("exports.menu"), open_, "exports"))
    if not _READING_FIGURES.isdisjoint({held.role for held in roles}):
        blocks.append(row(words.text("exports.figures_menu"), open_, "aggregates"))
    if not _WATCHING_MISUSE.isdisjoint({held.role for held in roles}):
        blocks.append(row(words.text("misuse.menu"), open_, "misuse"))
    if any(held.role is Role.ADMINISTRATOR for held in roles):
        blocks += _administration(words, waiting)
    blocks += [divider(), context(words.text("access.commands"), words.text("access.home"))]
    return page(words, words.text("common.app"), blocks, here="menu")


def _answering(words: Words, works: Sequence[RightsHolder], *, reads_knowledge: bool) -> list[Block]:
    open_ = words.text("register.open")
    blocks: list[Block] = []
    if works:
        way = button(words.text("review_queue.open"), QueueId.OPEN, style="primary")
        blocks.append(section(words.text("review_queue.menu"), accessory=way))
    blocks += [
        row(words.text("knowledge.menu", name=escape(holder.name)), open_, f"knowledge_lines:{holder.id}")
        for holder in works[:10]
    ]
    if reads_knowledge:
        blocks.append(row(words.text("knowledge.menu_all"), open_, "knowledge_all"))
    return blocks


def _about_sellers(words: Words, roles: Collection[Role]) -> list[Block]:
    open_ = words.text("register.open")
    blocks = []
    if not _FOLLOWING_SELLERS.isdisjoint(roles):
        blocks.append(row(words.text("sellers.menu"), open_, "sellers"))
    if not _KEEPING_POLICIES.isdisjoint(roles):
        blocks.append(row(words.text("sellers.menu_policies"), open_, "policies"))
    return blocks


def _administration(words: Words, waiting: int) -> list[Block]:
    proposals = words.count("access.approvals", waiting) if waiting else words.text("access.no_approvals")
    entries = (
        ("approvals", proposals),
        ("holders", words.text("access.holders")),
        ("platform", words.text("access.platform")),
        ("rights", words.text("access.rights")),
        ("channels", words.text("access.channels")),
    )
    open_ = words.text("register.open")
    return [
        divider(),
        header(words.text("home.administration")),
        *(row(sentence, open_, address) for address, sentence in entries),
    ]
