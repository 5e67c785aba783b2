"""Service levels in a modal: what was decided in time and what late, how brands answer, how the lanes do.

Every control carries the address of the page that it leads to: `topic:span-cut-back-page`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.words.catalogue import Words
from bot.words.text import escape
from bot.words.text import plain as one_line
from handlers.blocks.parts import (
    Block,
    actions,
    button,
    context,
    divider,
    fields,
    header,
    modal,
    option,
    plain,
    section,
)
from handlers.ids import ServiceId
from handlers.payloads import Pointer
from storage.records.calendars import Span, Window
from storage.records.service_figures import (
    Answers,
    Asked,
    Attainment,
    Breach,
    Breaches,
    Cut,
    LaneLine,
    Lanes,
    Line,
    OwnMonth,
    Responses,
    Shown,
    Tally,
    Topic,
)

PAGE_LINES = 15
REACHED, MISSED = "●", "◆"  # the same shapes as in the chart: told apart without colour
_MEMBERS = 12
NOWHERE = "none"


def address_of(asked: Asked) -> str:
    """Where a control leads."""
    return str(Pointer(asked.topic, f"{asked.span}-{asked.cut}-{asked.back}-{asked.page}"))


def share(words: Words, tally: Tally) -> str:
    """The share in time to a tenth of a percent, rounded down: what is missed never looks reached."""
    return part_of(words, tally.in_time, tally.due)


def part_of(words: Words, number: int, whole: int) -> str:
    """A part of a whole to a tenth of a percent, rounded down."""
    return words.percent(Decimal(1000 * number // whole) / 1000, exact=True)


def window_text(words: Words, window: Window) -> str:
    """A window in words; a day is one date."""
    if window.first == window.last:
        return words.day(window.first)
    return words.text("service.window", first=words.day(window.first), last=words.day(window.last))


def view(words: Words, shown: Shown, today: date) -> Block:
    """The modal; its metadata is the channel in which it was asked for, and its own address."""
    found = shown.found
    match found:
        case Attainment():
            blocks = _attainment(words, shown, found)
        case Breaches():
            blocks = _breaches(words, shown.asked, found)
        case Responses():
            blocks = _responses(words, shown, found)
        case Lanes():
            blocks = _lanes(words, found)
    blocks = [_controls(words, shown), *_when(words, shown, found.window, today), *blocks]
    return modal(
        words,
        words.text("service.title"),
        blocks,
        callback_id=ServiceId.VIEW,
        metadata=f"{shown.channel_id or NOWHERE}|{address_of(shown.asked)}",
    )


def _controls(words: Words, shown: Shown) -> Block:
    asked = replace(shown.asked, page=0)
    picks = [
        _select(
            words,
            ServiceId.TOPIC,
            "service.show",
            [(f"service.topic.{each}", replace(asked, topic=each)) for each in Topic],
            asked,
        ),
        _select(
            words,
            ServiceId.SPAN,
            "service.span_label",
            [(f"service.span.{each}", replace(asked, span=each, back=0)) for each in Span],
            replace(asked, back=0),
        ),
    ]
    if asked.topic is Topic.ATTAINMENT:
        cuts = list(Cut) if shown.everybody else [Cut.TIME, Cut.BRAND, Cut.RIGHT]
        offered = [(f"service.cut.{each}", replace(asked, cut=each)) for each in cuts]
        picks.append(_select(words, ServiceId.CUT, "service.cut_label", offered, asked))
    return actions(*picks)


def _select(
    words: Words, action_id: StrEnum, label: str, offered: Sequence[tuple[str, Asked]], here: Asked
) -> Block:
    options = [option(words.text(key), address_of(asked)) for key, asked in offered]
    made: Block = {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": plain(words.text(label), 150),
        "options": options,
    }
    chosen = address_of(here)
    if initial := [each for each in options if each["value"] == chosen]:
        made["initial_option"] = initial[0]
    return made


def _when(words: Words, shown: Shown, window: Window, today: date) -> list[Block]:
    """The window in words, and the way to the one before and after."""
    asked = replace(shown.asked, page=0)
    whose = words.text("service.all_brands" if shown.everybody else "service.your_brands")
    last = min(window.last, today)
    told = window_text(words, Window(window.first, last))
    buttons = [
        button(
            words.text("service.earlier"), ServiceId.EARLIER, address_of(replace(asked, back=asked.back + 1))
        )
    ]
    if asked.back:
        later = address_of(replace(asked, back=asked.back - 1))
        buttons.append(button(words.text("service.later"), ServiceId.LATER, later))
    return [section(f"*{whose}*, {told}"), actions(*buttons)]


def _attainment(words: Words, shown: Shown, found: Attainment) -> list[Block]:
    asked = shown.asked
    blocks = [section(_headline(words, found))]
    lines = found.lines[asked.page * PAGE_LINES : (asked.page + 1) * PAGE_LINES]
    if lines and (asked.cut is not Cut.TIME or any(line.tally.due for line in lines)):
        blocks.append(divider())
        blocks.append(section("\n".join(_line(words, line, found.target) for line in lines)))
        blocks += _pager(words, asked, len(found.lines))
    notes = [words.text("service.how_counted", reached=REACHED, missed=MISSED)]
    if asked.cut is Cut.ASSOCIATION:
        notes.append(words.text("service.associations_overlap"))
    if found.recount:
        notes.append(_recount(words, found))
    blocks.append(context(*notes))
    return [*blocks, *_chart_button(words, shown)]


def _headline(words: Words, found: Attainment) -> str:
    tally = found.tally
    if not tally.due:
        return words.text("service.nothing_due")
    reached = tally.reaches(found.target)
    said = words.text(
        "service.headline",
        percent=share(words, tally),
        in_time=words.number(tally.in_time),
        due=words.number(tally.due),
    )
    target = words.percent(Decimal(found.target) / 100)
    key, mark = ("service.reached", REACHED) if reached else ("service.missed", MISSED)
    return f"{said}\n{words.text(key, mark=mark, target=target)}"


def _line(words: Words, line: Line, target: int) -> str:
    if line.window is not None:
        name = _short(words, line.window)
    else:
        name = words.text(line.key) if line.key else escape(one_line(line.name, 75))
    if not line.tally.due:
        return words.text("service.line_nothing", name=name)
    return words.text(
        "service.line",
        mark=REACHED if line.tally.reaches(target) else MISSED,
        percent=share(words, line.tally),
        name=name,
        in_time=words.number(line.tally.in_time),
        due=words.number(line.tally.due),
    )


def _short(words: Words, window: Window) -> str:
    """A whole span in a list: a date, a week by its days, a month by its name."""
    if window.first == window.last:
        return words.day(window.first)
    if window.first.day == 1 and window.last - window.first >= timedelta(days=27):
        return words.month(window.first)
    return words.text(
        "service.window", first=words.short_day(window.first), last=words.short_day(window.last)
    )


def _recount(words: Words, found: Attainment) -> str:
    recount = found.recount
    if recount is None:
        return ""
    at = words.moment(recount.at)
    if recount.differed:
        days = words.number(recount.days)
        return words.count("service.recount_differed", recount.differed, at=at, days=days)
    return words.count("service.recounted", recount.days, at=at)


def _chart_button(words: Words, shown: Shown) -> list[Block]:
    if shown.postable:
        return [
            actions(button(words.text("service.post_chart"), ServiceId.POST_CHART, address_of(shown.asked)))
        ]
    return [context(words.text("service.chart_elsewhere"))]


def _breaches(words: Words, asked: Asked, found: Breaches) -> list[Block]:
    if not found.total:
        return [section(words.text("service.no_breaches"))]
    blocks = [section(words.count("service.breaches", found.total)), divider()]
    # Ten to a section: a line may hold a long name, and a section ends at 3,000 characters.
    for start in range(0, len(found.found), 10):
        told = [_breach(words, each) for each in found.found[start : start + 10]]
        blocks.append(section("\n".join(told)))
    return [*blocks, *_pager(words, asked, found.total)]


def _breach(words: Words, breach: Breach) -> str:
    values = {
        "reference": breach.reference,
        "brand": escape(one_line(breach.brand, 60)),
        "due": words.moment(breach.due_at),
    }
    if breach.decided_at is None:
        said = words.text("service.breach_open", **values)
    else:
        said = words.text(
            "service.breach_decided", late=words.span(breach.decided_at - breach.due_at), **values
        )
    return f"{said}. {words.text(f'service.reason.{breach.reason}')}" if breach.reason else f"{said}."


def _responses(words: Words, shown: Shown, found: Responses) -> list[Block]:
    asked = shown.asked
    if not found.total.answered and not found.total.deadlines:
        return [section(words.text("service.no_answers"))]
    lines = found.lines[asked.page * PAGE_LINES : (asked.page + 1) * PAGE_LINES]
    blocks = [section(answers_text(words, found.total)), divider()]
    for start in range(0, len(lines), 5):
        told = [
            f"*{escape(one_line(each.holder, 75))}*\n{answers_text(words, each)}"
            for each in lines[start : start + 5]
        ]
        blocks.append(section("\n".join(told)))
    blocks += _pager(words, asked, len(found.lines))
    return [*blocks, context(words.text("service.how_answers"))]


def answers_text(words: Words, answers: Answers) -> str:
    """How fast a brand answers, in one line."""
    told = [words.count("service.answers", answers.answered)]
    if answers.answered:
        median, ninth = (words.within(timedelta(seconds=each)) for each in (answers.median, answers.ninth))
        told.append(words.text("service.half_within", median=median, ninth=ninth))
    if answers.deadlines:
        told.append(
            words.text(
                "service.inside",
                percent=part_of(words, answers.inside, answers.deadlines),
                inside=words.number(answers.inside),
                deadlines=words.number(answers.deadlines),
            )
        )
    return ", ".join(told)


def _lanes(words: Words, found: Lanes) -> list[Block]:
    blocks: list[Block] = []
    for line in found.lines:
        blocks += [divider(), section("\n".join(_lane(words, line, found)))]
    blocks.append(context(words.text("service.how_lanes")))
    if found.changes:
        members = button(words.text("service.change_lane"), ServiceId.CHANGE_LANE)
        blocks.append(actions(members, button(words.text("service.change_terms"), ServiceId.CHANGE_TERMS)))
    return blocks


def _lane(words: Words, line: LaneLine, found: Lanes) -> list[str]:
    lane = line.lane
    percent, hours = (lane.target_percent, lane.target_hours) if lane else (found.target, found.hours)
    name = escape(one_line(lane.name, 75)) if lane else words.text("service.ordinary_lane")
    promise = [
        words.text(
            "service.lane_promise",
            name=name,
            percent=words.percent(Decimal(percent) / 100),
            hours=words.number(hours),
        )
    ]
    if lane and lane.right_kind:
        promise.append(words.text("service.lane_only", right=words.text(f"rights.kind.{lane.right_kind}")))
    if lane and lane.reduced_proof:
        promise.append(words.text("service.lane_reduced"))
    told = [", ".join(promise), _lane_figures(words, line, percent)]
    if lane:
        told.append(_lane_members(words, line.members))
    return told


def _lane_figures(words: Words, line: LaneLine, target: int) -> str:
    tally = line.tally
    if not tally.due:
        return words.text("service.nothing_due")
    mark = REACHED if tally.reaches(target) else MISSED
    in_time, due = words.number(tally.in_time), words.number(tally.due)
    figures = [
        f"{mark} {words.text('service.headline', percent=share(words, tally), in_time=in_time, due=due)}"
    ]
    if tally.in_time:
        rejected = part_of(words, tally.rejected, tally.in_time)
        figures.append(
            words.text(
                "service.lane_rejected",
                percent=rejected,
                rejected=words.number(tally.rejected),
                in_time=in_time,
            )
        )
    figures.append(words.count("service.lane_upheld", line.upheld))
    return ", ".join(figures)


def _lane_members(words: Words, names: Sequence[str]) -> str:
    if not names:
        return words.text("service.lane_nobody")
    told = [escape(one_line(name, 60)) for name in names[:_MEMBERS]]
    if len(names) > _MEMBERS:
        told.append(words.count("service.lane_more", len(names) - _MEMBERS))
    return words.text("service.lane_members", names=words.listing(told))


def _pager(words: Words, asked: Asked, total: int) -> list[Block]:
    last = max(total - 1, 0) // PAGE_LINES
    if not last:
        return []
    buttons = []
    if asked.page:
        previous = address_of(replace(asked, page=asked.page - 1))
        buttons.append(button(words.text("service.previous_page"), ServiceId.PREVIOUS, previous))
    if asked.page < last:
        following = address_of(replace(asked, page=asked.page + 1))
        buttons.append(button(words.text("service.next_page"), ServiceId.NEXT, following))
    told = words.text("service.page", page=words.number(asked.page + 1), pages=words.number(last + 1))
    return [context(told), actions(*buttons)]


def service_rows(words: Words, month: OwnMonth | None) -> list[Block]:
    """The month so far in App Home; nothing while there is nothing to tell."""
    if month is None or not (month.tally.due or month.answers.answered or month.answers.deadlines):
        return []
    decided = words.text("service.nothing_due")
    if month.tally.due:
        in_time, due = words.number(month.tally.in_time), words.number(month.tally.due)
        percent = share(words, month.tally)
        decided = words.text("service.headline", percent=percent, in_time=in_time, due=due)
    pairs = [
        (words.text("service.home_decided"), decided),
        (words.text("service.home_answers"), answers_text(words, month.answers)),
    ]
    return [
        divider(),
        header(words.text("service.home")),
        fields(pairs),
        actions(button(words.text("service.home_open"), ServiceId.OPEN)),
    ]
