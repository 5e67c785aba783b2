"""Findings as people see them: the message in a group, the card for its chair, the form, the list, a page.

Every text of a finding is a stranger's: nothing in it becomes a mention, a link or markup. Where it names a
page, the page's own host stands beside it.
"""

from collections.abc import Sequence

from bot.words.catalogue import Words
from bot.words.text import escape, link, shown_host
from handlers.blocks.office import form, page, pager, text_input
from handlers.blocks.parts import (
    Block,
    actions,
    button,
    confirm,
    context,
    field,
    modal,
    option,
    plain,
    quoted,
    section,
)
from handlers.ids import FindingField, FindingId, OfficeId
from storage.records.findings import (
    LONGEST_REASON,
    LONGEST_SELLERS,
    LONGEST_SIGNS,
    LONGEST_TITLE,
    Finding,
    FindingKind,
    FindingSharing,
    Shared,
    SharingState,
)
from storage.records.groups import Industry, WorkingGroup

ALL = "all"
ANONYMOUS = "anonymous"
_TOLD = 3000  # characters of a section


def posted(words: Words, finding: Finding, holder: str) -> tuple[str, list[Block]]:
    """The message in a group. `holder` is empty where the finding names nobody."""
    title = escape(finding.title)
    told = words.text(f"findings.kind.{finding.kind}")
    blocks = [
        section(words.text("findings.headline", kind=told, title=title)),
        *_body(words, finding),
        context(" · ".join([_from(words, finding, holder), words.text("findings.react")])),
        actions(button(words.text("findings.open"), FindingId.OPEN, f"finding:{finding.id}")),
    ]
    return words.text("findings.text", kind=told, title=title), blocks


def withdrawn(words: Words) -> tuple[str, list[Block]]:
    """What remains of a message whose finding was taken back."""
    told = words.text("findings.withdrawn")
    return told, [context(told)]


def request(
    words: Words,
    finding: Finding,
    holder: str,
    sharing: FindingSharing,
    group: WorkingGroup,
    *,
    answers: bool,
    decided_by: str = "",
) -> tuple[str, list[Block]]:
    """The card that asks a chair, and shows the asker how it stands."""
    text = words.text("findings.asks", title=escape(finding.title), group=escape(group.name))
    blocks = [section(text), *_body(words, finding), context(_from(words, finding, holder))]
    if sharing.state is not SharingState.ASKED:
        person = f"<@{decided_by}>" if decided_by else words.text("findings.somebody")
        said = words.text(f"findings.decided.{sharing.state}", person=person)
        if sharing.reason:
            said += "\n" + quoted(sharing.reason)
        blocks.append(section(said))
    elif answers:
        blocks.append(
            actions(
                button(words.text("findings.approve"), FindingId.APPROVE, sharing.id, style="primary"),
                button(words.text("findings.decline"), FindingId.DECLINE, sharing.id),
            )
        )
    else:
        blocks.append(context(words.text("findings.waits")))
    return text, blocks


def decline_form(words: Words, sharing_id: str) -> Block:
    """Why not."""
    asked = field(
        FindingField.REASON,
        words.text("findings.reason"),
        text_input(most=LONGEST_REASON, several_lines=True),
    )
    return modal(
        words,
        words.text("findings.title"),
        [asked],
        callback_id=FindingId.DECLINE_FORM,
        submit=words.text("findings.decline"),
        metadata=sharing_id,
    )


def share_form(
    words: Words, groups: Sequence[WorkingGroup], own: frozenset[str], *, signs: str = "", back: str = ""
) -> Block:
    """What is shared, with whom, and whether it says by whom; `signs` is text to begin with."""
    kinds = [option(words.text(f"findings.kind.{kind}"), kind) for kind in FindingKind]
    industries = [option(words.text(f"groups.industry.{industry}"), industry) for industry in Industry]
    anonymous = [option(words.text("findings.anonymously"), ANONYMOUS)]
    blocks = [
        field(
            FindingField.KIND,
            words.text("findings.ask.kind"),
            {
                "type": "radio_buttons",
                "action_id": FindingField.KIND,
                "options": kinds,
                "initial_option": kinds[0],
            },
        ),
        field(
            FindingField.GROUPS,
            words.text("findings.ask.groups"),
            _groups(words, groups, own),
            hint=words.text("findings.ask.groups_hint"),
        ),
        field(
            FindingField.TITLE,
            words.text("findings.ask.title"),
            text_input(most=LONGEST_TITLE, example=words.text("findings.ask.title_example")),
        ),
        field(
            FindingField.SELLERS,
            words.text("findings.ask.sellers"),
            text_input(most=LONGEST_SELLERS, example=words.text("findings.ask.sellers_example")),
            optional=True,
        ),
        field(
            FindingField.SIGNS,
            words.text("findings.ask.signs"),
            text_input(signs[:LONGEST_SIGNS], most=LONGEST_SIGNS, several_lines=True),
            hint=words.text("findings.ask.signs_hint"),
        ),
        field(
            FindingField.INDUSTRY,
            words.text("findings.ask.industry"),
            {"type": "static_select", "action_id": FindingField.INDUSTRY, "options": industries},
            optional=True,
        ),
        field(FindingField.LINK, words.text("findings.ask.link"), _url(), optional=True),
        field(FindingField.PICTURE, words.text("findings.ask.picture"), _url(), optional=True),
        field(
            FindingField.ANONYMOUS,
            words.text("findings.ask.by"),
            {"type": "checkboxes", "action_id": FindingField.ANONYMOUS, "options": anonymous},
            hint=words.text("findings.ask.by_hint"),
            optional=True,
        ),
    ]
    return form(
        words,
        words.text("findings.title"),
        blocks,
        callback_id=FindingId.FORM,
        here="finding_form",
        back=back,
        submit=words.text("findings.share"),
    )


def told(words: Words, posted: Sequence[str], asked: Sequence[str], without: Sequence[str]) -> str:
    """What became of it, in plain text that one section takes."""
    parts = [
        words.text(f"findings.told.{name}", groups=words.listing(list(groups)))
        for name, groups in (("posted", posted), ("asked", asked), ("without", without))
        if groups
    ]
    return " ".join(parts)[:_TOLD]


def list_page(words: Words, found: Sequence[Shared], number: int, total: int, *, shares: bool) -> Block:
    """The findings of the reader's groups, the most useful first."""
    blocks: list[Block] = []
    if shares:
        blocks.append(
            actions(button(words.text("findings.share_new"), OfficeId.GO, "finding_form", style="primary"))
        )
    for each in found:
        said = words.text(
            "findings.line",
            kind=words.text(f"findings.kind.{each.finding.kind}"),
            title=escape(each.finding.title),
            day=words.day(each.finding.shared_at.date()),
            useful=words.count("findings.useful", each.useful),
        )
        shown = button(words.text("findings.look"), OfficeId.GO, f"finding:{each.finding.id}")
        blocks.append(section(said, accessory=shown))
    if not found:
        blocks.append(section(words.text("findings.none")))
    blocks += pager(words, "findings:", number, total)
    return page(words, words.text("findings.list_title"), blocks, here="findings", back="menu")


def finding_page(
    words: Words,
    finding: Finding,
    holder: str,
    author: str,
    sharings: Sequence[tuple[FindingSharing, WorkingGroup]],
    useful: int,
    *,
    withdraws: bool,
) -> Block:
    """One finding; `author` is a Slack user id, for those who may know it."""
    kind = words.text(f"findings.kind.{finding.kind}")
    blocks = [
        section(words.text("findings.headline", kind=kind, title=escape(finding.title))),
        *_body(words, finding),
        context(" · ".join([_from(words, finding, holder), words.count("findings.useful", useful)])),
    ]
    if author:
        blocks.append(context(words.text("findings.author", person=f"<@{author}>")))
    told = []
    for sharing, group in sharings:
        told.append(words.text(f"findings.in.{sharing.state}", group=escape(group.name)))
        if author and sharing.reason:
            told.append(quoted(sharing.reason))
    blocks.append(section("\n".join(told)[:3000]))
    if withdraws:
        sure = confirm(
            words.text("findings.withdraw_title"),
            words.text("findings.withdraw_sure"),
            words.text("findings.withdraw"),
            words.text("common.cancel"),
            danger=True,
        )
        blocks.append(
            actions(
                button(
                    words.text("findings.withdraw"),
                    FindingId.WITHDRAW,
                    finding.id,
                    style="danger",
                    confirm=sure,
                )
            )
        )
    return page(
        words, words.text("findings.list_title"), blocks, here=f"finding:{finding.id}", back="findings"
    )


def _body(words: Words, finding: Finding) -> list[Block]:
    lines = []
    if finding.sellers:
        lines.append(words.text("findings.sellers", sellers=escape(finding.sellers)))
    if finding.industry is not None:
        lines.append(
            words.text("findings.industry", industry=words.text(f"groups.industry.{finding.industry}"))
        )
    blocks = [section("\n".join(lines))] if lines else []
    blocks.append(section(quoted(finding.signs)))
    addresses = [
        words.text(key, link=_link(address))
        for key, address in (("findings.link", finding.link), ("findings.picture", finding.picture))
        if address
    ]
    return [*blocks, section("\n".join(addresses))] if addresses else blocks


def _link(address: str) -> str:
    """A link that says whose page it opens, or the bare text where it is none."""
    try:
        host = shown_host(address).domain
    except ValueError:
        return escape(address)
    return link(address, host)


def _from(words: Words, finding: Finding, holder: str) -> str:
    if finding.is_anonymous and not holder:
        return words.text("findings.by_member")
    if finding.holder_id is None:
        return words.text("findings.by_platform")
    return words.text("findings.by", holder=escape(holder))


def _groups(words: Words, groups: Sequence[WorkingGroup], own: frozenset[str]) -> Block:
    options = [
        option(
            group.name if group.id in own else words.text("findings.with_permission", group=group.name[:50]),
            group.id,
        )
        for group in sorted(groups, key=lambda group: (group.id not in own, group.name_key))[:99]
    ]
    made: Block = {
        "type": "multi_static_select",
        "action_id": FindingField.GROUPS,
        "placeholder": plain(words.text("findings.ask.groups"), 150),
        "options": [*options, option(words.text("findings.all_groups"), ALL)]
        if len(options) > 1
        else options,
    }
    if own:
        made["initial_options"] = options[:1]
    return made


def _url() -> Block:
    return {"type": "url_text_input", "action_id": "text"}
