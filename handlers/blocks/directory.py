"""The directory: the alliance in numbers, its growth, its rights holders."""

from collections.abc import Callable, Mapping, Sequence

from bot.words.catalogue import Words
from bot.words.text import escape
from handlers.blocks.office import listed, page, pager, row
from handlers.blocks.parts import Block, actions, button, fields, header, section
from handlers.ids import GroupId
from storage.records.groups import Industry
from storage.records.register import Growth, Overview
from storage.records.roster import RightsHolder

_SHOWN = 12  # values of one cut; the others are told as one number


def industry_name(words: Words, industry: str) -> str:
    """One of the twelve by its name; what else an administrator wrote stands as it was written."""
    if industry in set(Industry):
        return words.text(f"groups.industry.{industry}")
    return escape(industry)


def directory_page(words: Words, overview: Overview) -> Block:
    """Counts and growth, and the ways to the groups and the companies."""
    totals = overview.totals
    names: Mapping[str, Callable[[str], str]] = {
        "industry": lambda value: industry_name(words, value),
        "country": words.country,
        "size": lambda value: words.text(f"register.size.{value}"),
        "kind": lambda value: words.text(f"register.kind.{value}"),
    }
    open_ = words.text("register.open")
    blocks = [
        fields(
            [
                (words.text(f"directory.total.{name}"), words.number(getattr(totals, name)))
                for name in ("holders", "brands", "people", "groups")
            ]
        ),
        row(words.text("directory.companies_line"), open_, "companies"),
        row(words.text("directory.groups_line"), open_, "groups"),
    ]
    for cut, name in names.items():
        found = overview.counts[cut]
        blocks += [header(words.text(f"directory.by.{cut}")), section(_counts(words, found, name))]
    blocks += [header(words.text("directory.growth")), section(_growth(words, overview.growth))]
    blocks.append(actions(button(words.text("directory.chart"), GroupId.CHART)))
    return page(words, words.text("directory.title"), blocks, here="directory", back="menu")


def _counts(words: Words, found: Mapping[str, int], name: Callable[[str], str]) -> str:
    if not found:
        return words.text("directory.empty")
    shown = list(found.items())[:_SHOWN]
    lines = [f"{name(value)} · {words.number(number)}" for value, number in shown]
    others = sum(found.values()) - sum(number for _, number in shown)
    if others:
        lines.append(words.text("directory.others", number=words.number(others)))
    return "\n".join(lines)


def _growth(words: Words, growth: Sequence[Growth]) -> str:
    """A line for each month in which something changed, the newest first."""
    lines: list[str] = []
    before: Growth | None = None
    for point in growth:
        now = (point.holders, point.people, point.memberships)
        if before is None or now != (before.holders, before.people, before.memberships):
            lines.append(
                words.text(
                    "directory.growth_line",
                    day=words.day(point.at.date()),
                    holders=words.number(point.holders),
                    people=words.number(point.people),
                    memberships=words.number(point.memberships),
                )
            )
            before = point
    return "\n".join(reversed(lines))


def companies_page(words: Words, found: Sequence[RightsHolder], number: int, total: int) -> Block:
    """The rights holders, a page at a time."""
    rows = [
        section(
            " · ".join(
                [
                    f"*{escape(holder.name)}*",
                    industry_name(words, holder.industry),
                    words.country(holder.country),
                    words.text(f"register.size.{holder.size}"),
                    words.text(f"register.kind.{holder.kind}"),
                ]
            )
        )
        for holder in found
    ]
    blocks = listed(rows, words.text("directory.empty"))
    blocks += pager(words, "companies:", number, total)
    title = words.text("directory.companies")
    return page(words, title, blocks, here="companies", back="directory")
