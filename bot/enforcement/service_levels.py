"""What was promised and kept: attainment by day, week and month, its breaches, and who may read which of it.

A notice counts on the day on which it fell due, by what was promised when it was filed; it is in time when it
was decided by then, rejections included. Rivals never see each other's figures: a brand reads its own, an
association its members', the platform team and the administrators all.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from typing import Any

from sqlmodel import Session

from bot.enforcement import outgoing, response_times
from bot.enforcement.access import Actor, Denied, Operation, Subject, authorize, may, tenants
from bot.enforcement.business_clock import Calendar
from bot.enforcement.digest_calendar import DAY, day_bounds, local_day
from bot.enforcement.fast_lanes import ORDINARY_HOURS
from bot.enforcement.service_closing import open_since
from storage.queries import channels, service_levels
from storage.records.calendars import Span, Window
from storage.records.channels import ChannelPurpose
from storage.records.roster import Brand, RightsHolder
from storage.records.service_figures import (
    Asked,
    Attainment,
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
from storage.records.service_levels import ORDINARY

SPANS_SHOWN: Mapping[Span, int] = {Span.DAY: 14, Span.WEEK: 12, Span.MONTH: 12}
MOST_LINES = 15  # of one page
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Reader:
    """Whose figures somebody may read: None stands for everybody's."""

    holder_ids: frozenset[str] | None

    @property
    def everybody(self) -> bool:
        """Whether nothing is kept from this reader."""
        return self.holder_ids is None


def reader_of(session: Session, actor: Actor) -> Reader:
    """What the table lets this person read. Raises `Denied` where that is nothing."""
    if may(session, actor, Operation.VIEW_SERVICE, Subject("service_levels")):
        return Reader(None)
    own = tenants(session, actor, Operation.VIEW_SERVICE)
    authorize(
        session, actor, Operation.VIEW_SERVICE, Subject("service_levels", holder_id=min(own, default=None))
    )
    return Reader(frozenset(own))


def window_of(span: Span, back: int, today: date) -> Window:
    """The day, the week from Monday, or the month that lies so many spans before today's."""
    match span:
        case Span.DAY:
            day = today - back * DAY
            return Window(day, day)
        case Span.WEEK:
            monday = today - timedelta(days=today.weekday()) - back * _WEEK
            return Window(monday, monday + _WEEK - DAY)
        case Span.MONTH:
            years, month = divmod(today.year * 12 + today.month - 1 - back, 12)
            following = date(years + month // 11, (month + 1) % 12 + 1, 1)
            return Window(date(years, month + 1, 1), following - DAY)


class Counting:
    """Counts for some brands, or for all of them, up to a moment."""

    def __init__(self, session: Session, brand_ids: Collection[str] | None, now: datetime, zone: str) -> None:
        self._session = session
        self._brands = brand_ids
        self._now = now
        self._zone = zone
        self._open = open_since(session, zone)
        self._found: dict[date, service_levels.Counts] = {}

    def by(self, column: str, window: Window) -> dict[Any, Tally]:
        """A window split by `day`, `brand_id`, `right_kind` or `lane`."""
        found = service_levels.closed(self._session, column, window.first, window.last, self._brands)
        for day in self._days_open(window):
            for cell, tally in self._counted(day).items():
                key = day if column == "day" else getattr(cell, column)
                found[key] = found.get(key, Tally()).plus(tally)
        return found

    def _counted(self, day: date) -> service_levels.Counts:
        if day not in self._found:
            start, end = day_bounds(day, self._zone)
            found = service_levels.counted(self._session, start, min(end, self._now), self._brands)
            self._found[day] = found
        return self._found[day]

    def _days_open(self, window: Window) -> list[date]:
        """The days of a window that are not closed yet, up to today."""
        if self._open is None:
            return []
        first, last = max(self._open, window.first), min(window.last, local_day(self._now, self._zone))
        return [first + number * DAY for number in range((last - first).days + 1)]


def attainment(
    session: Session, actor: Actor, asked: Asked, *, now: datetime, zone: str, target: int
) -> Attainment:
    """A page of attainment, as far as this person may read it."""
    reader = reader_of(session, actor)
    window = window_of(asked.span, asked.back, local_day(now, zone))
    counting = Counting(session, _brand_ids(session, reader), now, zone)
    if asked.cut is Cut.TIME:
        lines = _spans(counting, asked, local_day(now, zone))
        tally = lines[0].tally
    else:
        named = asked.cut is not Cut.RIGHT
        brands = service_levels.brands_of(session, reader.holder_ids) if named else ()
        lines = _LINES[asked.cut](session, counting, window, brands)
        tally = _added(counting.by("day", window).values())
    recount = service_levels.last_recount(session) if reader.everybody else None
    return Attainment(window, tally, lines, target, reader.everybody, recount)


def breaches(session: Session, actor: Actor, asked: Asked, *, now: datetime, zone: str) -> Breaches:
    """What was not decided when it was due, with the reason that was given."""
    reader = reader_of(session, actor)
    window = window_of(asked.span, asked.back, local_day(now, zone))
    brand_ids = _brand_ids(session, reader)
    tally = _added(Counting(session, brand_ids, now, zone).by("day", window).values())
    found = service_levels.breaches(
        session,
        *moments(window, now, zone),
        brand_ids,
        limit=MOST_LINES,
        offset=asked.page * MOST_LINES,
    )
    return Breaches(window, tally.due - tally.in_time, found)


def responses(
    session: Session, actor: Actor, asked: Asked, *, now: datetime, calendar: Calendar
) -> Responses:
    """How fast brands answered: the reader's own, or everybody's."""
    reader = reader_of(session, actor)
    window = window_of(asked.span, asked.back, local_day(now, calendar.zone))
    total, lines = response_times.answers(
        session, *moments(window, now, calendar.zone), reader.holder_ids, calendar
    )
    return Responses(window, total, lines)


def lanes(session: Session, actor: Actor, asked: Asked, *, now: datetime, zone: str, target: int) -> Lanes:
    """Each fast lane beside the ordinary one, over a window; a brand sees its own notices in them."""
    reader = reader_of(session, actor)
    window = window_of(asked.span, asked.back, local_day(now, zone))
    brand_ids = _brand_ids(session, reader)
    found = Counting(session, brand_ids, now, zone).by("lane", window)
    upheld = service_levels.upheld(session, window.first, window.last, reader.holder_ids)
    members = service_levels.members_of_lanes(session, reader.holder_ids)
    kept = [lane for lane in service_levels.lanes(session) if reader.everybody or lane.id in members]
    lines = [
        LaneLine(lane, found.get(lane.id, Tally()), upheld.get(lane.id, 0), members.get(lane.id, []))
        for lane in kept
    ]
    ordinary = LaneLine(None, found.get(ORDINARY, Tally()), upheld.get(ORDINARY, 0), ())
    changes = may(session, actor, Operation.PROPOSE_LANE, Subject("fast_lane"))
    return Lanes(window, [ordinary, *lines], target, ORDINARY_HOURS, changes)


def own_month(session: Session, holder_ids: Collection[str], now: datetime, calendar: Calendar) -> OwnMonth:
    """The month so far of the rights holders whose cases somebody may see, for their App Home."""
    window = window_of(Span.MONTH, 0, local_day(now, calendar.zone))
    brand_ids = [brand.id for brand, _ in service_levels.brands_of(session, holder_ids)]
    tally = _added(Counting(session, brand_ids, now, calendar.zone).by("day", window).values())
    together, _ = response_times.answers(session, *moments(window, now, calendar.zone), holder_ids, calendar)
    return OwnMonth(window, tally, together)


def daily(
    session: Session, brand_ids: Collection[str] | None, window: Window, now: datetime, zone: str
) -> list[tuple[date, Tally]]:
    """Every day of a window up to today, for a chart."""
    found = Counting(session, brand_ids, now, zone).by("day", window)
    last = min(window.last, local_day(now, zone))
    days = [window.first + number * DAY for number in range((last - window.first).days + 1)]
    return [(day, found.get(day, Tally())) for day in days]


def moments(window: Window, now: datetime, zone: str) -> tuple[datetime, datetime]:
    """[start, end) of a window, which never reaches into the future."""
    return day_bounds(window.first, zone)[0], min(day_bounds(window.last, zone)[1], now)


def _brand_ids(session: Session, reader: Reader) -> list[str] | None:
    if reader.everybody:
        return None
    return [brand.id for brand, _ in service_levels.brands_of(session, reader.holder_ids)]


def _spans(counting: Counting, asked: Asked, today: date) -> list[Line]:
    """The window that is asked for, and those before it; one count of all their days."""
    windows = [window_of(asked.span, asked.back + number, today) for number in range(SPANS_SHOWN[asked.span])]
    days = counting.by("day", Window(windows[-1].first, windows[0].last))
    lines = [
        Line(
            _added(tally for day, tally in days.items() if window.first <= day <= window.last), window=window
        )
        for window in windows
    ]
    while len(lines) > 1 and not lines[-1].tally.due:  # before anything was ever due
        lines.pop()
    return lines


Brands = Sequence[tuple[Brand, RightsHolder]]
Split = Callable[[Session, Counting, Window, Brands], list[Line]]


def _by_brand(_session: Session, counting: Counting, window: Window, brands: Brands) -> list[Line]:
    found = counting.by("brand_id", window)
    return _worst_first([Line(found[brand.id], name=brand.name) for brand, _ in brands if brand.id in found])


def _by_size(_session: Session, counting: Counting, window: Window, brands: Brands) -> list[Line]:
    sizes = {brand.id: f"register.size.{holder.size.value}" for brand, holder in brands}
    return _worst_first(
        [Line(tally, key=key) for key, tally in _regrouped(counting.by("brand_id", window), sizes).items()]
    )


def _by_right(_session: Session, counting: Counting, window: Window, _brands: Brands) -> list[Line]:
    return _worst_first(
        [
            Line(tally, key=f"rights.kind.{kind}" if kind else "service.no_right")
            for kind, tally in counting.by("right_kind", window).items()
        ]
    )


def _by_association(session: Session, counting: Counting, window: Window, brands: Brands) -> list[Line]:
    """A member of two associations counts in both; the lines do not add up to the whole."""
    found = counting.by("brand_id", window)
    holders: dict[str, Tally] = _regrouped(found, {brand.id: holder.id for brand, holder in brands})
    members: dict[str, set[str]] = {}
    for association, holder_id in service_levels.associations(session):
        members.setdefault(association, set()).add(holder_id)
    lines = [
        Line(_added(holders[each] for each in inside & holders.keys()), name=association)
        for association, inside in members.items()
    ]
    alone = holders.keys() - {each for inside in members.values() for each in inside}
    rest = Line(_added(holders[each] for each in alone), key="service.no_association")
    return _worst_first([*lines, rest])


_LINES: Mapping[Cut, Split] = {
    Cut.BRAND: _by_brand,
    Cut.ASSOCIATION: _by_association,
    Cut.SIZE: _by_size,
    Cut.RIGHT: _by_right,
}


def _regrouped(found: Mapping[str, Tally], names: Mapping[str, str]) -> dict[str, Tally]:
    regrouped: dict[str, Tally] = {}
    for key, tally in found.items():
        name = names[key]
        regrouped[name] = regrouped.get(name, Tally()).plus(tally)
    return regrouped


def _worst_first(lines: Sequence[Line]) -> list[Line]:
    """The least share first; what had nothing due is left out."""
    had = [line for line in lines if line.tally.due]
    return sorted(had, key=lambda line: (line.tally.in_time / line.tally.due, line.name, line.key))


def _added(tallies: Iterable[Tally]) -> Tally:
    return reduce(Tally.plus, tallies, Tally())


def show(
    session: Session,
    actor: Actor,
    asked: Asked,
    channel_id: str,
    *,
    now: datetime,
    calendar: Calendar,
    target: int,
) -> Shown:
    """The page that somebody asks for, in a channel or elsewhere."""
    zone = calendar.zone
    found: Attainment | Breaches | Responses | Lanes
    match asked.topic:
        case Topic.ATTAINMENT:
            found = attainment(session, actor, asked, now=now, zone=zone, target=target)
        case Topic.BREACHES:
            found = breaches(session, actor, asked, now=now, zone=zone)
        case Topic.RESPONSES:
            found = responses(session, actor, asked, now=now, calendar=calendar)
        case Topic.LANES:
            found = lanes(session, actor, asked, now=now, zone=zone, target=target)
    reader = reader_of(session, actor)
    return Shown(asked, found, reader.everybody, channel_id, _chartable(session, reader, channel_id))


def post_chart(
    session: Session, actor: Actor, channel_id: str, asked: Asked, *, now: datetime, zone: str
) -> None:
    """Post the chart of a channel's own figures there: a brand's, an association's, or everybody's.

    Whose they are follows from the channel when the chart is drawn, never from what was clicked.
    """
    if not _chartable(session, reader_of(session, actor), channel_id):
        raise Denied(actor, Operation.VIEW_SERVICE, Subject("channel", channel_id))
    window = _chart_window(asked, local_day(now, zone))
    outgoing.picture(session, outgoing.Painting.ATTAINMENT, f"{window.first}:{window.last}", channel_id, now)
    outgoing.whisper(session, actor.user_id, channel_id, "service.chart_asked", now)


def chart_brands(session: Session, purpose: ChannelPurpose, scope_id: str) -> tuple[str, list[str] | None]:
    """Whose figures a channel's chart shows: a name, empty for everybody's, and the ids of the brands."""
    match purpose:
        case ChannelPurpose.BRAND:
            return session.get_one(Brand, scope_id).name, [scope_id]
        case ChannelPurpose.ASSOCIATION:
            members = service_levels.mandated(session, scope_id)
            name = session.get_one(RightsHolder, scope_id).name
            return name, [brand.id for brand, _ in service_levels.brands_of(session, members)]
        case ChannelPurpose.PLATFORM:
            return "", None
        case ChannelPurpose.GROUP | ChannelPurpose.CONVERSATION:
            raise ValueError("such a channel has no chart of attainment")


def _chartable(session: Session, reader: Reader, channel_id: str) -> bool:
    """Whether a chart of a channel's own figures may be posted there by this reader."""
    binding = channels.bound(session, channel_id) if channel_id else None
    if binding is None or binding.purpose in (ChannelPurpose.GROUP, ChannelPurpose.CONVERSATION):
        return False
    if reader.holder_ids is None:
        return True
    owners = channels.holders_of(session, binding.purpose, binding.scope_id)
    return bool(owners) and reader.holder_ids.issuperset(owners)


def _chart_window(asked: Asked, today: date) -> Window:
    """Long enough to show a course: two weeks for a day, four for a week, else the month."""
    window = window_of(asked.span, asked.back, today)
    before = {Span.DAY: timedelta(days=13), Span.WEEK: timedelta(weeks=3), Span.MONTH: timedelta()}
    return Window(window.first - before[asked.span], window.last)
