"""A counter-notice on its card: what the seller says, by when to answer, what came of it; and its steps."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.words.catalogue import Words
from bot.words.text import escape, link, shown_host
from bot.words.text import plain as one_line
from handlers.blocks.parts import (
    Block,
    actions,
    button,
    confirm,
    context,
    fields,
    header,
    moment_token,
    plain,
    section,
)
from handlers.ids import CounterId
from handlers.payloads import Pointer
from storage.records.counter_notice_sheets import CounterNoticeLine, CounterNoticeSheet, GivenAnswer
from storage.records.counter_notices import (
    BRANDS_TURN,
    ContestCode,
    CounterNoticePaper,
    CounterNoticeStep,
    CounterState,
    DecidedBy,
    Position,
    StepKind,
)
from storage.records.evidence import CounterNoticeEvidence
from storage.records.takedowns import TakedownState

_TITLE, _NAME, _STATEMENT, _REASON, _LINK = 120, 75, 2900, 1000, 1500
# Of the 3,000 characters of a section and the 2,000 of a context: room for a last line and what joins them.
_SECTION, _CONTEXT = 2700, 1800
_SHORT_LINK = 400
_KINDS = {"application/pdf": "PDF", "image/jpeg": "JPEG", "image/png": "PNG", "text/plain": "TXT"}
_KILO = 1000


@dataclass(frozen=True)
class Terms:
    """What the regime says, as far as a card tells it: what silence means, how it can be contested."""

    silence: str
    contests: Sequence[ContestCode]

    @property
    def court_only(self) -> bool:
        """Whether only a suit or a complaint to an authority contests."""
        return tuple(self.contests) == (ContestCode.COURT_ACTION,)


def card(words: Words, sheet: CounterNoticeSheet, terms: Terms) -> list[Block]:
    """The card in the brand's channel."""
    counter = sheet.counter
    blocks = [
        header(words.text(f"counter_notices.head.{counter.state.value}")),
        section(_listing(words, sheet)),
        fields(_facts(words, sheet)),
        section(words.text("counter_notices.card.says")),
        *_statement(counter.statement),
    ]
    if counter.particulars:
        blocks.append(context(_particulars(words, sheet)))
    blocks += _papers(words, sheet.papers)
    if counter.state is CounterState.OPEN:
        return [*blocks, context(*_what_follows(words, sheet, terms)), _answers(words, sheet)]
    blocks += _answer(words, sheet)
    if counter.state is CounterState.AWAITING_CONFIRMATION:
        blocks += [context(*_what_follows(words, sheet, terms)), _second_word(words, sheet)]
    outcome = _outcome(words, sheet)
    return [*blocks, section("\n".join(outcome))] if outcome else blocks


def card_text(words: Words, sheet: CounterNoticeSheet) -> str:
    """The card in one line, for notifications."""
    title = escape(one_line(sheet.listing.title or sheet.listing.url, _TITLE))
    return words.text(f"counter_notices.text.{sheet.counter.state.value}", title=title)


def step_text(words: Words, step: CounterNoticeStep, sheet: CounterNoticeSheet) -> str:
    """What the thread says of a step."""
    return words.text(
        f"counter_notices.step.{step.kind.value}",
        marketplace=escape(one_line(sheet.client.name, _NAME)),
        moment=moment_token(words, sheet.counter.due_at),
        title=escape(one_line(sheet.listing.title or sheet.listing.url, _TITLE)),
    )


def step_blocks(
    words: Words, step: CounterNoticeStep, sheet: CounterNoticeSheet, terms: Terms
) -> list[Block]:
    """The same with the reason given; a warning has the buttons with which it is met, while they help."""
    said: list[Block] = [section(step_text(words, step, sheet))]
    if step.kind is StepKind.WARNED:
        if sheet.counter.state in BRANDS_TURN:
            said.append(context(*_what_follows(words, sheet, terms)))
        if sheet.counter.state is CounterState.OPEN:
            said.append(_answers(words, sheet))
        return said
    if step.reason:
        said.append({"type": "section", "text": plain(one_line(step.reason, _REASON))})
    return said


def counter_row(words: Words, line: CounterNoticeLine, card_link: str) -> Block:
    """One in App Home's list of what waits: by when to answer, and where its card is."""
    title = escape(one_line(line.title, _TITLE))
    told = words.text("counter_notices.home.line", brand=escape(one_line(line.brand, _NAME)), title=title)
    due = words.text("counter_notices.home.due", moment=moment_token(words, line.due_at))
    waits = line.state is CounterState.AWAITING_CONFIRMATION
    second = words.text("counter_notices.home.awaits") if waits else ""
    return section("\n".join([told, " · ".join(part for part in (due, second, card_link) if part)]))


def _listing(words: Words, sheet: CounterNoticeSheet) -> str:
    listing = sheet.listing
    title = f"*{escape(one_line(listing.title or listing.url, _TITLE))}*"
    if len(listing.url) > _LINK:
        return title
    host = shown_host(listing.url)
    return f"{title}\n{link(listing.url, words.text('counter_notices.card.open', host=host.domain))}"


def _facts(words: Words, sheet: CounterNoticeSheet) -> list[tuple[str, str]]:
    counter = sheet.counter
    told = [
        ("brand", escape(one_line(sheet.brand.name, _NAME))),
        ("marketplace", escape(one_line(sheet.client.name, _NAME))),
        ("ground", words.text(f"counter_notices.ground.{counter.ground.value}")),
        ("regime", words.text(f"counter_notices.regime.{counter.regime.value}")),
        ("filed", moment_token(words, counter.filed_at)),
    ]
    if sheet.seller:
        told.insert(2, ("seller", escape(one_line(sheet.seller.name or sheet.seller.external_id, _NAME))))
    if counter.state in BRANDS_TURN:
        told.append(("due", f"*{moment_token(words, counter.due_at)}*"))
    return [(words.text(f"counter_notices.card.{name}"), value) for name, value in told]


def _statement(text: str) -> list[Block]:
    """What the seller says, all of it: it may be longer than one section takes."""
    said = one_line(text, 2 * _STATEMENT)
    parts = [said[start : start + _STATEMENT] for start in range(0, len(said), _STATEMENT)]
    return [{"type": "section", "text": plain(part)} for part in parts]


def _particulars(words: Words, sheet: CounterNoticeSheet) -> str:
    told = [
        words.text(f"counter_notices.particular.{name}", value=escape(one_line(value, 300)))
        for name, value in sheet.counter.particulars.items()
    ]
    return " · ".join(_fitting(words, told, _CONTEXT))


def _papers(words: Words, papers: Sequence[CounterNoticePaper]) -> list[Block]:
    if not papers:
        return []
    lines = [words.text("counter_notices.card.papers"), *(_paper(words, paper) for paper in papers)]
    return [section("\n".join(_fitting(words, lines)))]


def _paper(words: Words, paper: CounterNoticePaper) -> str:
    title = one_line(paper.title, _NAME)
    # A cut link would lead elsewhere: a very long one is named and left out.
    shown = link(paper.url, title) if len(paper.url) <= _SHORT_LINK else escape(title)
    return words.text(
        "counter_notices.card.paper",
        title=shown,
        host=shown_host(paper.url).domain,
        kind=_KINDS.get(paper.media_type, ""),
        size=words.number(max(paper.size // _KILO, 1)),
        digest=paper.sha256[:12],
    )


def _file(words: Words, given: CounterNoticeEvidence) -> str:
    return words.text(
        "counter_notices.card.file",
        title=escape(one_line(given.title, _NAME)),
        kind=_KINDS.get(given.media_type, ""),
        size=words.number(max(given.size // _KILO, 1)),
        digest=given.sha256[:12],
        moment=moment_token(words, given.at),
    )


def _fitting(words: Words, lines: Sequence[str], most: int = _SECTION) -> list[str]:
    """The lines that one text takes whole, and how many it does not: a line cut short could be a link."""
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + len(line) > most:
            return [*kept, words.count("counter_notices.card.more", len(lines) - len(kept))]
        kept.append(line)
    return kept


def _what_follows(words: Words, sheet: CounterNoticeSheet, terms: Terms) -> list[str]:
    moment = moment_token(words, sheet.counter.due_at)
    market = escape(one_line(sheet.client.name, _NAME))
    told = [words.text(f"counter_notices.silence.{terms.silence}", moment=moment, marketplace=market)]
    if terms.court_only and sheet.counter.state is CounterState.OPEN:
        told.append(words.text("counter_notices.card.court_only"))
    if sheet.counter.state is CounterState.AWAITING_CONFIRMATION:
        told.append(words.text("counter_notices.card.unconfirmed"))
    return told


def _answers(words: Words, sheet: CounterNoticeSheet) -> Block:
    value = _at_round(sheet)
    return actions(
        button(words.text("counter_notices.button.contest"), CounterId.CONTEST, value, style="primary"),
        button(words.text("counter_notices.button.accept"), CounterId.ACCEPT, value),
    )


def _second_word(words: Words, sheet: CounterNoticeSheet) -> Block:
    sure = confirm(
        words.text("counter_notices.sure.title"),
        words.text("counter_notices.sure.confirm"),
        words.text("counter_notices.button.confirm"),
        words.text("common.cancel"),
    )
    value = _at_round(sheet)
    agree = words.text("counter_notices.button.confirm")
    return actions(
        button(agree, CounterId.CONFIRM, value, style="primary", confirm=sure),
        button(words.text("counter_notices.button.decline"), CounterId.DECLINE, value),
    )


def _answer(words: Words, sheet: CounterNoticeSheet) -> list[Block]:
    given = sheet.given
    if given is None or given.answer.second_agrees is False:
        return []
    answer = given.answer
    lines = [
        words.text(
            f"counter_notices.answered.{answer.position.value}",
            person=f"<@{given.person.user_id}>",
            moment=moment_token(words, answer.at),
        ),
        *_second(words, given),
    ]
    if answer.position is Position.CONTEST and answer.code:
        lines.append(words.text(f"counter_notices.code.{answer.code.value}"))
    if answer.reference:
        case = escape(one_line(answer.reference, 200))
        lines.append(words.text("counter_notices.card.reference", case=case))
    urls = [str(each["url"]) for each in answer.evidence]
    lines += [link(url, shown_host(url).domain) for url in urls if len(url) <= _SHORT_LINK]
    if given.files:
        lines += [words.text("counter_notices.card.files"), *(_file(words, each) for each in given.files)]
    blocks: list[Block] = [section("\n".join(_fitting(words, lines)))]
    if answer.explanation:
        blocks.append({"type": "section", "text": plain(one_line(answer.explanation, _REASON))})
    if given.files:
        show = words.count("counter_notices.button.files", len(given.files))
        blocks.append(actions(button(show, CounterId.FILES, str(Pointer(sheet.counter.id)))))
    return blocks


def _second(words: Words, given: GivenAnswer) -> list[str]:
    if given.second is None or given.answer.second_at is None:
        return []
    moment = moment_token(words, given.answer.second_at)
    return [words.text("counter_notices.second", person=f"<@{given.second.user_id}>", moment=moment)]


def _outcome(words: Words, sheet: CounterNoticeSheet) -> list[str]:
    counter = sheet.counter
    market = escape(one_line(sheet.client.name, _NAME))
    told: list[str] = []
    if counter.state in (CounterState.CONTESTED, CounterState.UNANSWERED):
        told.append(words.text(f"counter_notices.outcome.{counter.state.value}", marketplace=market))
    elif counter.state is CounterState.UPHELD:
        by = (counter.decided_by or DecidedBy.PLATFORM).value
        told.append(words.text(f"counter_notices.outcome.upheld_{by}", marketplace=market))
        told.append(words.text(f"counter_notices.listing.{_whereabouts(sheet)}", marketplace=market))
    elif counter.state not in BRANDS_TURN:
        told.append(words.text(f"counter_notices.outcome.{counter.state.value}", marketplace=market))
    if counter.state_reason and counter.decided_by is DecidedBy.PLATFORM:
        reason = escape(one_line(counter.state_reason, _REASON))
        told.append(words.text("counter_notices.outcome.because", marketplace=market, reason=reason))
    return told


def _whereabouts(sheet: CounterNoticeSheet) -> str:
    if sheet.counter.reinstated_at is not None or sheet.removal is TakedownState.REINSTATED:
        return "back"
    return "stays" if sheet.removal is TakedownState.REMOVED else "asked_back"


def _at_round(sheet: CounterNoticeSheet) -> str:
    return str(Pointer(sheet.counter.id, str(sheet.counter.round)))
