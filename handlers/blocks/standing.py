"""Good-faith standing: its page, what a brand is told of each change, the list of all, the choice of a rule.

Every figure stands with what it is made of: numerator, denominator, minimum sample and window.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

from bot.words.catalogue import Words
from bot.words.text import escape
from handlers.blocks.office import cut, form, page, pager, part, row, select
from handlers.blocks.parts import Block, actions, button, context, field, header, option, section
from handlers.ids import OfficeId
from storage.records.roster import RightsHolder, Standing
from storage.records.standing import (
    Figures,
    Measure,
    Outlook,
    Rule,
    StandingChange,
    StandingLine,
    StandingRecount,
    StandingSheet,
    Tally,
)

_THOUSANDTH = Decimal("0.001")
CODES = 12
EVERYBODY, PILOT_LIST = "everybody", "pilot_list"


def standing_page(words: Words, sheet: StandingSheet, *, back: str = "") -> Block:
    """One rights holder's standing, the figures by reason code, the rule and the history."""
    holder, rule, figures = sheet.holder, sheet.rule, sheet.figures
    blocks = [header(holder.name), section("\n".join(_state(words, holder)))]
    if sheet.sets:
        blocks[-1]["accessory"] = button(
            words.text("register.change"), OfficeId.GO, f"standing_form:{holder.id}"
        )
    blocks += [section(line) for line in outlook_lines(words, holder.standing, sheet.outlook)]
    blocks += [header(words.text("standing.figures")), context(window_line(words, figures, rule))]
    blocks.append(section(scope_text(words, words.text("standing.total"), figures.total, rule)))
    blocks += [
        section(scope_text(words, words.text(f"notices.reason.{code}"), tally, rule))
        for code, tally in sorted(figures.codes.items())[:CODES]
    ]
    blocks += [header(words.text("standing.rule")), section(rule_text(words, rule))]
    history = [section(_history_line(words, change)) for change in sheet.history]
    blocks += part(words.text("standing.history"), history, words.text("standing.no_history"))
    here = f"standing:{holder.id}"
    return page(words, words.text("register.standing"), blocks, here=here, back=back)


def standings_page(
    words: Words, rule: Rule, lines: Sequence[StandingLine], number: int, *, pilot_only: bool, chooses: bool
) -> Block:
    """Every rights holder's standing, for those who may see all."""
    enrolment = words.text("standing.enrolment.pilot_list" if pilot_only else "standing.enrolment.everybody")
    rule_block = section(f"{rule_text(words, rule)}\n{enrolment}")
    if chooses:
        rule_block["accessory"] = button(words.text("register.change"), OfficeId.GO, "standing_rule_form")
    rows = [
        row(
            words.text(
                "standing.line",
                name=escape(line.holder.name),
                standing=words.text(f"register.standing.{line.holder.standing}"),
                figures=_short(words, line.total),
            ),
            words.text("register.open"),
            f"standing:{line.holder.id}",
        )
        for line in cut(lines, number)
    ]
    blocks = [rule_block, *rows, *pager(words, "standings:", number, len(lines))]
    return page(words, words.text("standing.all"), blocks, here="standings", back="menu")


def rule_form(words: Words, rules: Sequence[Rule], chosen: Rule, *, pilot_only: bool) -> Block:
    """Another rule to propose; a second administrator confirms it."""
    versions = [option(words.text(f"standing.version.{_key(rule)}"), rule.version) for rule in rules]
    enrolments = [option(words.text(f"standing.enrolment.{kind}"), kind) for kind in (EVERYBODY, PILOT_LIST)]
    blocks = [
        *[section(rule_text(words, rule)) for rule in rules],
        field("version", words.text("standing.rule"), select(versions, chosen.version)),
        field(
            "enrolment",
            words.text("standing.enrolment"),
            select(enrolments, PILOT_LIST if pilot_only else EVERYBODY),
        ),
        context(words.text("approvals.second_needed")),
    ]
    return form(
        words,
        words.text("standing.rule"),
        blocks,
        callback_id=OfficeId.STANDING_RULE_FORM,
        here="standing_rule_form",
        back="standings",
        submit=words.text("approvals.ask"),
    )


def home_row(words: Words, holder: RightsHolder, figures: Figures, rule: Rule, outlook: Outlook) -> Block:
    """Standing in App Home: what it is, the figures in a line, what comes next."""
    standing = words.text(f"register.standing.{holder.standing}")
    lines = [
        words.text("home.standing", standing=standing, figures=_short(words, figures.total)),
        *_until(words, holder),
        *outlook_lines(words, holder.standing, outlook)[:1],
    ]
    if figures.total.decided < rule.minimum:
        lines.append(words.count("standing.too_few", rule.minimum))
    return row("\n".join(lines), words.text("standing.show"), f"standing:{holder.id}")


def note_text(words: Words, holder: RightsHolder, change: StandingChange) -> str:
    """A change of standing in a sentence."""
    return words.text(
        f"standing.told.{change.cause}",
        holder=escape(holder.name),
        before=words.text(f"register.standing.{change.before}"),
        after=words.text(f"register.standing.{change.after}"),
        until=words.day(change.until) if change.until else "",
    )


def note_blocks(
    words: Words, holder: RightsHolder, change: StandingChange, figures: Figures, rule: Rule, outlook: Outlook
) -> list[Block]:
    """What a brand is told of a change, with the figures that it followed from and what comes next."""
    blocks = [section(note_text(words, holder, change))]
    if change.reason:
        blocks.append(section(words.text("standing.reason", reason=escape(change.reason))))
    blocks.append(section(words.text(f"standing.means.{change.after}")))
    blocks.append(section(scope_text(words, words.text("standing.total"), figures.total, rule)))
    if rule.each_code:
        blocks += [
            section(scope_text(words, words.text(f"notices.reason.{code}"), tally, rule))
            for code, tally in sorted(figures.codes.items())
            if _strained(tally, rule)
        ]
    blocks += [section(line) for line in outlook_lines(words, change.after, outlook)]
    blocks.append(context(window_line(words, figures, rule)))
    blocks.append(actions(button(words.text("standing.show"), OfficeId.GO, f"standing:{holder.id}")))
    return blocks


def recount_text(words: Words, recount: StandingRecount) -> str:
    """A nightly recount that found something wrong."""
    return words.count("standing.recount_wrong", recount.wrong, of=words.number(recount.tallies))


def recount_blocks(words: Words, recount: StandingRecount, names: Mapping[str, str]) -> list[Block]:
    """The same with the first of what was wrong; `names` by the ids of rights holders."""
    lines = [
        words.text(
            "standing.recount_line",
            day=each["day"],
            holder=escape(names.get(each["holder_id"], "")),
            code=words.text(f"notices.reason.{each['reason_code']}"),
            **{name: words.number(each[name]) for name in ("decided", "removed", "upheld")},
        )
        for each in recount.details[:10]
    ]
    blocks = [section(recount_text(words, recount))]
    if lines:
        blocks.append(section("\n".join(lines)))
    if recount.missed:
        blocks.append(section(words.count("standing.recount_missed", recount.missed)))
    return blocks


def outlook_lines(words: Words, standing: Standing, outlook: Outlook) -> list[str]:
    """What would lose standing, the nearest first, or what would earn it."""
    if outlook.removals is not None:
        if standing is Standing.SUSPENDED or outlook.removals == 0:
            return []
        return [words.count("standing.to_earn", outlook.removals)]
    return [
        words.count(
            f"standing.to_lose.{loss.measure}",
            loss.more,
            where=words.text("standing.under", code=words.text(f"notices.reason.{loss.code}"))
            if loss.code
            else "",
        )
        for loss in outlook.losses
    ]


def scope_text(words: Words, title: str, tally: Tally, rule: Rule) -> str:
    """Both figures of the whole or of one reason code, each with its parts and its limit."""
    lines = [f"*{title}*"]
    for measure, part_, whole in (
        (Measure.TAKEDOWN, tally.removed, tally.decided),
        (Measure.COUNTER, tally.upheld, tally.removed),
    ):
        if not whole:
            lines.append(words.text(f"standing.{measure}_none"))
            continue
        limit = rule.stay if measure is Measure.TAKEDOWN else rule.counter
        line = words.text(
            f"standing.{measure}",
            share=_share(words, part_, whole, measure),
            part=words.number(part_),
            whole=words.number(whole),
            limit=_percent(words, limit),
        )
        few = words.count("standing.too_few", rule.minimum) if whole < rule.minimum else ""
        lines.append(f"{line} {few}".strip())
    return "\n".join(lines)


def window_line(words: Words, figures: Figures, rule: Rule) -> str:
    """The window and the minimum sample."""
    months = words.count("standing.months", rule.window)
    return words.count(
        "standing.window", rule.minimum, since=words.day(figures.since), months=months, rule=rule.version
    )


def rule_text(words: Words, rule: Rule) -> str:
    """A rule in words, with its version."""
    told = words.text(
        "standing.rule_told",
        version=words.text(f"standing.version.{_key(rule)}"),
        entry=_percent(words, rule.entry),
        stay=_percent(words, rule.stay),
        counter=_percent(words, rule.counter),
        window=words.count("standing.months", rule.window),
        reentry=words.count("standing.months", rule.reentry),
    )
    each = words.text("standing.each_code" if rule.each_code else "standing.whole_alone")
    return f"{told} {each}"


def _state(words: Words, holder: RightsHolder) -> list[str]:
    standing = words.text(f"register.standing.{holder.standing}")
    lines = [
        words.text("register.has_standing", standing=standing, since=words.day(holder.standing_since.date())),
        words.text(f"standing.means.{holder.standing}"),
    ]
    return lines + _until(words, holder)


def _until(words: Words, holder: RightsHolder) -> list[str]:
    if not holder.standing_until:
        return []
    kind = "out" if holder.standing in (Standing.EXCLUDED, Standing.SUSPENDED) else "held"
    return [words.text(f"standing.until_{kind}", day=words.day(holder.standing_until))]


def _history_line(words: Words, change: StandingChange) -> str:
    by = ""
    if change.by != "bot":
        who = f"<@{change.by.rsplit(':', 1)[-1]}>" if change.by.startswith("slack:") else change.by
        by = words.text("standing.history_by", who=who, reason=escape(change.reason))
    return words.text(
        "standing.history_line",
        day=words.day(change.at.date()),
        before=words.text(f"register.standing.{change.before}"),
        after=words.text(f"register.standing.{change.after}"),
        figures=_short(words, Figures.of(change.figures).total),
        rule=change.rule,
        by=by,
    ).strip()


def _short(words: Words, tally: Tally) -> str:
    """Both figures in a line: "95% removed (57 of 60), 1.7% upheld (1 of 57)"."""
    if not tally.decided:
        return words.text("standing.nothing_decided")
    return words.text(
        "standing.short",
        takedown=_share(words, tally.removed, tally.decided, Measure.TAKEDOWN),
        removed=words.number(tally.removed),
        decided=words.number(tally.decided),
        counter=_share(words, tally.upheld, tally.removed or 1, Measure.COUNTER),
        upheld=words.number(tally.upheld),
    )


def _strained(tally: Tally, rule: Rule) -> bool:
    """Whether a reason code's figures come near to what the rule allows, or are beyond it."""
    refused = tally.decided - tally.removed
    return tally.decided >= rule.minimum and (
        2 * refused > (1 - rule.stay) * tally.decided or 2 * tally.upheld > rule.counter * tally.removed
    )


def _share(words: Words, part_: int, whole: int, measure: Measure) -> str:
    """In tenths of a percent, rounded to the worse side: nothing looks better than it is."""
    rounding = ROUND_FLOOR if measure is Measure.TAKEDOWN else ROUND_CEILING
    return words.percent((Decimal(part_) / whole).quantize(_THOUSANDTH, rounding), exact=True)


def _percent(words: Words, share: Fraction) -> str:
    return words.percent(Decimal(share.numerator) / share.denominator, exact=True)


def _key(rule: Rule) -> str:
    return rule.version.replace("-", "_")
