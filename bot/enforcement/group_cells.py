"""The cases of a group's rights holders, day by day, as suppression looks at them.

A case belongs to a group on a day at whose end its rights holder was a member, so that who joins brings no
figures along, and days add up.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Generic, TypeVar

from bot.enforcement.digest_calendar import day_bounds
from bot.enforcement.suppression import FEWEST_HOLDERS, Cell
from storage.queries.group_days import Stretch
from storage.records.groups import GroupMember

_DAY = timedelta(days=1)

Row = TypeVar("Row")


class Members:
    """Who was in which group at the end of which day of a zone."""

    def __init__(self, rows: Sequence[GroupMember], group_id: str, zone: str) -> None:
        self._rows = rows
        self._group = group_id
        self._zone = zone
        self._known: dict[date, frozenset[str]] = {}

    def on(self, day: date) -> frozenset[str]:
        """The group's rights holders of that day."""
        if day not in self._known:
            self._known[day] = self._groups(day).get(self._group, frozenset())
        return self._known[day]

    def inside(self, day: date) -> list[frozenset[str]]:
        """The groups that lie within it and are large enough to be told figures of their own."""
        whole = self.on(day)
        return [each for each in self._groups(day).values() if each < whole and len(each) >= FEWEST_HOLDERS]

    def _groups(self, day: date) -> Mapping[str, frozenset[str]]:
        end = day_bounds(day, self._zone)[1]
        found: dict[str, set[str]] = {}
        for row in self._rows:
            if row.since < end and (row.until is None or row.until >= end):
                found.setdefault(row.group_id, set()).add(row.holder_id)
        return {group_id: frozenset(holders) for group_id, holders in found.items()}


class DayCells(Generic[Row]):
    """The members' cases day by day: the few days that are looked at first, more only when somebody asks."""

    def __init__(
        self, load: Callable[[Stretch], Mapping[date, Mapping[Row, Cell]]], members: Members, zone: str,
        stretches: Sequence[tuple[date, date]],
    ) -> None:  # fmt: skip
        self._load = load
        self._members = members
        self._zone = zone
        self._stretches = stretches
        self._found: dict[date, Mapping[Row, Cell]] = {}

    def __call__(self, day: date) -> Mapping[Row, Cell]:
        """The day's cells by row."""
        if day not in self._found:
            first, last = next(each for each in self._stretches if each[0] <= day <= each[1])
            days = [first + number * _DAY for number in range((last - first).days + 1)]
            counted = self._load(_stretch(days, self._zone))
            self._found = {each: self._own(each, counted.get(each, {})) for each in days}
        return self._found[day]

    def _own(self, day: date, rows: Mapping[Row, Cell]) -> Mapping[Row, Cell]:
        members = self._members.on(day)
        return {
            row: {holder: cases for holder, cases in cell.items() if holder in members}
            for row, cell in rows.items()
        }


def _stretch(days: Sequence[date], zone: str) -> Stretch:
    return Stretch(days, [day_bounds(day, zone)[0] for day in (*days, days[-1] + _DAY)])
