"""A group's figures of a day, a week or a month: counted by rights holder, and let through or not at all.

Whatever decides something here (which window, which row, whether a day is worth a message) looks only at what
may be shown: the choice itself must not speak of a case that may not.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlmodel import Session

from bot.enforcement import suppression
from bot.enforcement.business_clock import Calendar
from bot.enforcement.digest_calendar import day_bounds
from bot.enforcement.processing_time import due_between
from bot.enforcement.suppression import FEWEST_CASES, FEWEST_HOLDERS, WINDOWS, Cell
from storage.queries import digests
from storage.records.authenticity import Answer
from storage.records.digest_figures import Attained, Count, DigestFigures, NamedSeller, Split
from storage.records.service_figures import Span, Window
from storage.records.takedowns import TakedownState

PROCESSING_TIME = timedelta(hours=24)
# Repetition shows over weeks, so sellers are looked for in the longest window only.
SELLER_WINDOW = WINDOWS[-1]
MOST_SELLERS = 20
FAKE, GENUINE, OTHER = "fake", "genuine", "other"
REMOVED, NOT_REMOVED = "removed", "not_removed"
_WHOLE = 3  # a total and a row of it

Counted = TypeVar("Counted")


class _Windows(Mapping[int, Counted]):
    """The same count over several windows; a longer one is counted only when somebody asks for it."""

    def __init__(self, windows: Collection[int], count: Callable[[int], Counted]) -> None:
        self._windows = windows
        self._count = count
        self._found: dict[int, Counted] = {}

    def __getitem__(self, days: int) -> Counted:
        if days not in self._found:
            self._found[days] = self._count(days)
        return self._found[days]

    def __iter__(self) -> Iterator[int]:
        return iter(self._windows)

    def __len__(self) -> int:
        return len(self._windows)


def windows_of(span: Span, days: Window) -> Sequence[int]:
    """The windows, all ending with the last day, of which a digest tells the shortest that may be told."""
    match span:
        case Span.DAY:
            return WINDOWS
        case Span.WEEK:
            return WINDOWS[1:]
        case Span.MONTH:
            return ((days.last - days.first).days + 1,)


class GroupDays:
    """What happened to a group's rights holders in local days, or in a longer stretch that ends with them.

    `until` ends the last day early, for one that is not over. Nothing is counted before it is asked for.
    """

    def __init__(
        self,
        session: Session,
        holder_ids: Collection[str],
        span: Span,
        days: Window,
        zone: str,
        calendar: Calendar,
        until: datetime | None = None,
    ) -> None:
        self._session = session
        self._holders = holder_ids = frozenset(holder_ids)
        self._span = span
        self._days = days
        self._zone = zone
        self._lengths = lengths = windows_of(span, days)
        end = until or day_bounds(days.last, zone)[1]
        since = {
            length: day_bounds(days.last - timedelta(days=length - 1), zone)[0]
            for length in {*lengths, SELLER_WINDOW}
        }

        def over(
            count: Callable[[Session, Collection[str], datetime, datetime], Counted],
        ) -> _Windows[Counted]:
            return _Windows(lengths, lambda length: count(session, holder_ids, since[length], end))

        self._notices = over(digests.notices)
        self._requests = over(digests.requests)
        self._verdicts = over(_verdicts)
        self._takedowns = over(_takedowns)
        self._processed = _Windows(
            lengths,
            lambda length: digests.processed(
                session, holder_ids, due_between(since[length], end, PROCESSING_TIME, calendar)
            ),
        )
        self._sellers = over(_sellers)

    def telling_window(self) -> int | None:
        """The days that it takes until all cases together may be shown; None when no window has enough."""
        everything = _Windows(self._lengths, self._everything)
        found = suppression.figure(everything, self._holders)
        return found.window if found else None

    def figures(self) -> DigestFigures:
        """What every reader may see of it."""
        return DigestFigures(
            span=self._span,
            first=self._days.first,
            last=self._days.last,
            zone=self._zone,
            notices=self._count(self._notices),
            requests=self._count(self._requests),
            verdicts=self._split(self._verdicts),
            takedowns=self._split(self._takedowns),
            attainment=self._attained(),
            sellers=self._named(),
        )

    def _everything(self, days: int) -> Cell:
        cells = [self._notices[days], self._requests[days]]
        cells += [*self._verdicts[days].values(), *self._takedowns[days].values()]
        return _added(cells)

    def _count(self, windows: Mapping[int, Cell]) -> Count | None:
        found = suppression.figure(windows, self._holders)
        return Count(window=found.window, cases=found.cases) if found else None

    def _split(self, windows: Mapping[int, Mapping[str, Cell]]) -> Split | None:
        """Of the shortest window that shows a total and a row, else a total, else a row.

        Never of two windows: the days between them would be told as their difference.
        """
        found: dict[int, Split] = {}
        for days in self._lengths:
            shown = suppression.table(windows[days], self._holders)
            worth = 2 * (shown.total is not None) + any(cases is not None for cases in shown.rows.values())
            found.setdefault(worth, Split(window=days, rows=dict(shown.rows), total=shown.total))
            if worth == _WHOLE:
                break
        best = max(found)
        return found[best] if best else None

    def _attained(self) -> Attained | None:
        found = suppression.attainment(self._processed, self._holders)
        return Attained(window=found.window, percent=int(found.at_least * 100)) if found else None

    def _named(self) -> tuple[NamedSeller, ...]:
        cells = self._sellers[SELLER_WINDOW]
        named = sorted(seller for seller, cell in cells.items() if suppression.passes(cell, self._holders))
        return tuple(
            NamedSeller(name=seller.name, marketplace=seller.marketplace) for seller in named[:MOST_SELLERS]
        )


def _verdicts(
    session: Session, holders: Collection[str], start: datetime, end: datetime
) -> Mapping[str, Cell]:
    """Every row is always there: an empty row that came and went would tell of its first case."""
    found = digests.verdicts(session, holders, start, end)
    others = [cell for answer, cell in found.items() if answer not in (Answer.FAKE, Answer.GENUINE)]
    return {FAKE: found.get(Answer.FAKE, {}), GENUINE: found.get(Answer.GENUINE, {}), OTHER: _added(others)}


def _takedowns(
    session: Session, holders: Collection[str], start: datetime, end: datetime
) -> Mapping[str, Cell]:
    found = digests.takedowns(session, holders, start, end)
    rest = [cell for state, cell in found.items() if state is not TakedownState.REMOVED]
    return {REMOVED: found.get(TakedownState.REMOVED, {}), NOT_REMOVED: _added(rest)}


def _sellers(
    session: Session, holders: Collection[str], start: datetime, end: datetime
) -> Mapping[digests.SellerKey, Cell]:
    return digests.repeat_sellers(
        session, holders, start, end, fewest_cases=FEWEST_CASES, fewest_holders=FEWEST_HOLDERS
    )


def _added(cells: Collection[Cell]) -> Cell:
    total: dict[str, int] = {}
    for cell in cells:
        for holder, cases in cell.items():
            total[holder] = total.get(holder, 0) + cases
    return total
