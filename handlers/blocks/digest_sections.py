"""The parts of a digest in words: one line for the message, the lines behind it for the thread."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from bot.words.catalogue import Words
from bot.words.text import escape, plain
from handlers.blocks.parts import moment_token
from storage.records.calendars import Span
from storage.records.channels import ChannelPurpose
from storage.records.digest_figures import (
    Attained,
    Count,
    DigestFigures,
    Item,
    Line,
    NamedSeller,
    Pattern,
    PatternKind,
    Responded,
    Section,
    Split,
    StandingOf,
    Waiting,
)

GOAL = Decimal("0.97")  # of notices processed in time, as platforms publish it
SELLERS_IN_MESSAGE, ITEMS_IN_MESSAGE, LINES_IN_MESSAGE = 3, 3, 5
_NAME = 60
_TITLE = 80
LINES_TOGETHER = 20  # in one section of a thread


OfDays = Count | Split | Attained | Responded


@dataclass(frozen=True)
class Told:
    """What is told, and to whom: a group's figures are bounds and steps, the others' are exact."""

    figures: DigestFigures
    purpose: ChannelPurpose

    @property
    def aggregate(self) -> bool:
        """Whether these are a group's."""
        return self.purpose is ChannelPurpose.GROUP


def heads(words: Words, told: Told, sections: Sequence[Section]) -> list[tuple[Section, str]]:
    """The message's line of each section that has something to say."""
    found = ((section, _HEADS[section](words, told)) for section in sections)
    return [(section, text) for section, text in found if text]


def details(words: Words, told: Told, sections: Sequence[Section]) -> list[str]:
    """The thread's paragraphs, each short enough for one section of a message."""
    found: list[str] = []
    figures = told.figures
    if Section.VERDICTS in sections:
        answers = {
            "fake": words.text("digests.fake"),
            "genuine": words.text("digests.genuine"),
            "other": words.text("digests.other_answers"),
        }
        found.append(_split(words, told, "digests.verdicts", answers, figures.verdicts, "digests.all"))
    if Section.REMOVALS in sections:
        started = {"started": words.text("digests.started")}
        removed = _split(words, told, "digests.removals", started, figures.takedowns, "digests.carried_out")
        found.append(removed)
    if Section.SELLERS in sections:
        found += _all_sellers(words, told)
    if Section.DEADLINES in sections and figures.waiting and figures.waiting.items:
        found += _items(words, figures.waiting.items)
    if Section.LINES in sections:
        found += _by_name(words, told, figures.lines)
    if figures.this_year is not None:
        found.append(_year(words, figures.this_year))
    return found


def days(words: Words, figures: DigestFigures) -> str:
    """The day, the week or the month that a digest tells of."""
    match figures.span:
        case Span.DAY:
            return words.weekday(figures.last)
        case Span.MONTH if figures.first.day == 1:
            return words.month(figures.last)
        case _:  # a group's month is whole weeks
            return words.text(
                "digests.week", first=words.short_day(figures.first), last=words.day(figures.last)
            )


def _line(words: Words, label: str, told: str) -> str:
    return words.text("digests.line", label=words.text(label), told=told)


def _count(words: Words, figures: DigestFigures, count: Count | None) -> str:
    if count is None:
        return words.text("digests.too_few")
    return _of_days(words, figures, _number(words, figures, count.cases, count.before), count)


def _total(words: Words, figures: DigestFigures, split: Split | None) -> str:
    if split is None or split.total is None:
        return words.text("digests.too_few")
    return _of_days(words, figures, _number(words, figures, split.total, split.before), split)


def _number(words: Words, figures: DigestFigures, cases: int, before: int | None) -> str:
    """A count with its change; a group's is in steps of 5, and so "about"."""
    exact = figures.waiting is not None
    number = words.number(cases)
    told = number if exact else words.text("digests.about", number=number)
    return told if before is None else changed(words, told, words.number(abs(cases - before)), cases - before)


def changed(words: Words, told: str, by: str, change: int) -> str:
    """A figure with its change against the stretch before."""
    if not change:
        return words.text("digests.same", told=told)
    return words.text("digests.more" if change > 0 else "digests.less", told=told, by=by)


def _of_days(
    words: Words, figures: DigestFigures, told: str, of: Count | Split | Attained | Responded
) -> str:
    """A figure with the days that it is of, where they are not those of the digest."""
    length = (figures.last - figures.first).days + 1
    last = words.short_day(of.until or figures.last)
    if of.days is not None:
        window = words.number(of.window)
        return words.count("digests.some_days", of.days, told=told, window=window, day=last)
    if of.until is not None:
        return words.count("digests.until", of.window, told=told, day=last)
    if of.window != length and figures.span is not Span.MONTH:
        return words.count("digests.over_days", of.window, told=told)
    return told


def _attained(words: Words, told: Told) -> str:
    attained = told.figures.attainment
    if attained is None:
        return words.text("digests.too_few" if told.aggregate else "digests.nothing_due")
    share = words.percent(Decimal(attained.percent) / 100)
    if attained.of is None:
        text = words.text("digests.at_least", share=share)
    else:
        text = words.count("digests.share_of", attained.of, share=share)
    if attained.before is not None:
        by = attained.percent - attained.before
        text = changed(words, text, words.percent(Decimal(abs(by)) / 100), by)
    return words.text(
        "digests.goal", told=_of_days(words, told.figures, text, attained), goal=words.percent(GOAL)
    )


def _responded(words: Words, told: Told) -> str:
    responded = told.figures.responses
    if responded is None:
        return words.text("digests.too_few" if told.aggregate else "digests.nothing_answered")
    length = words.within(timedelta(minutes=responded.median))
    text = words.text("digests.within" if told.aggregate else "digests.median", span=length)
    if responded.before is not None:
        by = responded.median - responded.before
        text = changed(words, text, words.span(timedelta(minutes=by)), by)
    if responded.ninth is not None:
        text = words.text("digests.ninth", told=text, span=words.within(timedelta(minutes=responded.ninth)))
    return _of_days(words, told.figures, text, responded)


def _seller(words: Words, seller: NamedSeller) -> str:
    name = escape(plain(seller.name, _NAME))
    text = words.text("digests.seller", name=name, marketplace=escape(seller.marketplace))
    return text if seller.cases is None else words.count("digests.seller_cases", seller.cases, seller=text)


def _few_sellers(words: Words, told: Told) -> str:
    sellers = told.figures.sellers
    if not sellers:
        return ""
    names = words.listing([_seller(words, seller) for seller in sellers[:SELLERS_IN_MESSAGE]])
    if len(sellers) > SELLERS_IN_MESSAGE:
        names = words.text("digests.sellers_thread", names=names)
    return _line(words, _sellers_label(told), names)


def _all_sellers(words: Words, told: Told) -> list[str]:
    if not told.figures.sellers:
        return [words.text("digests.no_sellers")] if told.aggregate else []
    listed = [words.text("digests.item", text=_seller(words, seller)) for seller in told.figures.sellers]
    return _paragraphs(words.text(_sellers_label(told)), listed)


def _sellers_label(told: Told) -> str:
    return "digests.sellers" if told.aggregate else "digests.own_sellers"


def _patterns(words: Words, told: Told) -> str:
    lines = _pattern_lines(words, told.figures.patterns)
    if not lines:
        return _line(words, "digests.patterns", words.text("digests.nothing_new")) if told.aggregate else ""
    if lines[1:]:
        lines = ["", *(words.text("digests.item", text=line) for line in lines)]
    return _line(words, "digests.patterns", "\n".join(lines))


def _pattern_lines(words: Words, patterns: Sequence[Pattern]) -> list[str]:
    """One line for each kind; each finding has its own."""
    by_kind: dict[PatternKind, list[str]] = {}
    for pattern in patterns:
        kind = PatternKind.SELLER if pattern.kind is PatternKind.SELLERS else pattern.kind
        by_kind.setdefault(kind, []).append(_pattern(words, pattern))
    findings = by_kind.pop(PatternKind.FINDING, [])
    lines = [words.text(f"digests.new.{kind}", names=words.listing(names)) for kind, names in by_kind.items()]
    return [*lines, *findings]


def _pattern(words: Words, pattern: Pattern) -> str:
    cases = pattern.cases or 0
    match pattern.kind:
        case PatternKind.REASON:
            name = words.text(f"notices.reason.{pattern.name}")
            return words.text("digests.reason_cases", name=name, cases=words.number(cases))
        case PatternKind.COMMON:
            return words.text(f"notices.reason.{pattern.name}")
        case PatternKind.SELLER | PatternKind.NAMED:
            return _seller(
                words, NamedSeller(name=pattern.name, marketplace=pattern.marketplace, cases=pattern.cases)
            )
        case PatternKind.SELLERS:
            return words.count("digests.more_sellers", cases)
        case PatternKind.RELISTING:
            return words.count("digests.relisted", cases)
        case PatternKind.FINDING:
            name = escape(plain(pattern.name, _TITLE))
            return words.count("digests.useful", cases, name=name)


def _deadlines(words: Words, told: Told) -> str:
    figures = told.figures
    if figures.waiting is not None:
        return _waiting(words, figures.waiting)
    if figures.deadlines is None:
        return ""
    cases = words.text("digests.about", number=words.number(figures.deadlines.cases))
    text = words.count("digests.falling_due", figures.deadlines.window, cases=cases)
    return _line(words, "digests.deadlines", text)


def _waiting(words: Words, waiting: Waiting) -> str:
    if not waiting.total:
        return _line(words, "digests.waiting", words.text("digests.nothing_waits"))
    counts = {
        "requests": waiting.requests,
        "clarifications": waiting.clarifications,
        "counters": waiting.counters,
        "unrouted": waiting.unrouted,
    }
    told = words.listing(
        [words.count(f"digests.waits.{kind}", number) for kind, number in counts.items() if number]
    )
    items = [_item(words, item) for item in waiting.items[:ITEMS_IN_MESSAGE]]
    return "\n".join([_line(words, "digests.waiting", told), *items])


def _item(words: Words, item: Item) -> str:
    title = escape(plain(item.title, _TITLE))
    text = words.text(f"digests.waiting_item.{item.kind}", brand=escape(item.brand), title=title)
    if item.due_at is not None:
        text = words.text("digests.due_at", text=text, at=moment_token(words, item.due_at))
    return words.text("digests.item", text=text)


def _items(words: Words, items: Sequence[Item]) -> list[str]:
    return _paragraphs(words.text("digests.waiting"), [_item(words, item) for item in items])


def _standings(words: Words, told: Told) -> str:
    return "\n".join(_standing(words, each) for each in told.figures.standing)


def _standing(words: Words, standing: StandingOf) -> str:
    held = words.text(f"register.standing.{standing.standing}")
    text = words.text("digests.standing", holder=escape(standing.holder), standing=held)
    coming = [words.count(f"digests.loses.{measure}", more) for measure, more in standing.losses]
    if standing.removals is not None:
        coming.append(words.count("digests.earns", standing.removals))
    return "\n".join([text, *coming])


def _few_lines(words: Words, told: Told) -> str:
    lines = told.figures.lines
    if not lines:
        return ""
    shown = [line_of(words, line) for line in lines[:LINES_IN_MESSAGE]]
    if len(lines) > LINES_IN_MESSAGE:
        shown.append(words.count("digests.lines_thread", len(lines) - LINES_IN_MESSAGE))
    return "\n".join([_lines_title(words, told), *shown])


def _by_name(words: Words, told: Told, lines: Sequence[Line]) -> list[str]:
    rest = [line_of(words, line) for line in lines[LINES_IN_MESSAGE:]]
    return _paragraphs(_lines_title(words, told), rest) if rest else []


def _lines_title(words: Words, told: Told) -> str:
    association = told.purpose is ChannelPurpose.ASSOCIATION
    return words.text("digests.by_member" if association else "digests.by_brand")


def line_of(words: Words, line: Line) -> str:
    """One brand's or member's figures, what is nothing left out."""
    parts = [
        words.count(f"digests.count.{name}", number)
        for name, number in (
            ("notices", line.notices),
            ("requests", line.requests),
            ("fake", line.fake),
            ("removed", line.removed),
            ("waiting", line.waiting),
        )
        if number
    ]
    if line.due:
        share = words.percent(Decimal(100 * line.in_time // line.due) / 100)
        parts.append(words.text("digests.count.in_time", share=share))
    name = escape(plain(line.name, _NAME))
    return words.text("digests.line_item", name=name, told=words.listing(parts) if parts else "0")


def _year(words: Words, line: Line) -> str:
    return words.text("digests.this_year", told=line_of(words, line))


def _split(
    words: Words, told: Told, title: str, labels: Mapping[str, str], split: Split | None, total: str
) -> str:
    """The rows under their title, which alone says of which days: on a phone each would need a line more."""
    figures, rows = told.figures, split.rows if split else {}
    lines = [
        words.text("digests.row", label=label, told=_row(words, figures, rows.get(row), None))
        for row, label in labels.items()
    ]
    every = _row(words, figures, split.total if split else None, split.before if split else None)
    lines.append(words.text("digests.row", label=words.text(total), told=every))
    heading = words.text(title)
    if split and split.total is not None:
        heading = _of_days(words, figures, heading, split)
    return "\n".join([f"*{heading}*", *lines])


def _row(words: Words, figures: DigestFigures, cases: int | None, before: int | None) -> str:
    return words.text("digests.too_few") if cases is None else _number(words, figures, cases, before)


def _paragraphs(title: str, lines: Sequence[str]) -> list[str]:
    """Lines in sections of a length that Slack takes, the first with a title."""
    parts = [lines[start : start + LINES_TOGETHER] for start in range(0, len(lines), LINES_TOGETHER)]
    texts = ["\n".join(part) for part in parts]
    return [f"*{title}*\n{texts[0]}", *texts[1:]]


_HEADS: Mapping[Section, Callable[[Words, Told], str]] = {
    Section.NOTICES: lambda words, told: _line(
        words, "digests.notices", _count(words, told.figures, told.figures.notices)
    ),
    Section.REQUESTS: lambda words, told: _line(
        words, "digests.requests", _count(words, told.figures, told.figures.requests)
    ),
    Section.VERDICTS: lambda words, told: _line(
        words, "digests.verdicts", _total(words, told.figures, told.figures.verdicts)
    ),
    Section.REMOVALS: lambda words, told: _line(
        words, "digests.removals", _total(words, told.figures, told.figures.takedowns)
    ),
    Section.ATTAINMENT: lambda words, told: _line(words, "digests.attainment", _attained(words, told)),
    Section.RESPONSES: lambda words, told: _line(words, "digests.responses", _responded(words, told)),
    Section.SELLERS: _few_sellers,
    Section.PATTERNS: _patterns,
    Section.DEADLINES: _deadlines,
    Section.STANDING: _standings,
    Section.LINES: _few_lines,
}
