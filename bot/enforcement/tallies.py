"""What a policy makes of sellers' strikes, read from the store: of a long history no more than decides.

Most sellers have few strikes, which are read at once for all of them. A seller with many is walked along: the
next serious one far enough after the last, the first general ones of each day, until the gravest step is
reached. The measure is that of the whole history; the sum is too, as far as it matters.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.enforcement.strikes import Offence, Tally, Terms, judge
from storage.queries import sellers as kept
from storage.records.sellers import Severity

MOST_READ = 200  # strikes of a seller that are read as they are
_MOMENT = timedelta(microseconds=1)


class Tallies:
    """The strikes of some sellers at one moment, under one policy."""

    def __init__(self, session: Session, terms: Terms, seller_ids: Sequence[str], now: datetime) -> None:
        self._session, self._terms, self._now = session, terms, now
        self._since = now - timedelta(days=terms.valid) + _MOMENT
        weights = {Severity.SERIOUS: terms.serious, Severity.GENERAL: terms.general}
        self._severities = [severity for severity, weight in weights.items() if weight]
        self._read: dict[str, list[Offence[str]]] = defaultdict(list)
        self._long: set[str] = set()
        if not self._keep(seller_ids):
            self._long = {seller_id for seller_id in seller_ids if not self._keep([seller_id])}

    def of(self, seller_id: str, without: Collection[str] = ()) -> Tally[str]:
        """The tally of a seller, as if the strikes of these ids were not."""
        if seller_id not in self._long:
            told = [each for each in self._read[seller_id] if each.key not in without]
        else:
            told = self._walk(seller_id, without)
        return judge(self._terms, told, self._now)

    def _keep(self, seller_ids: Sequence[str]) -> bool:
        """Read the strikes of these sellers, unless they are too many."""
        most = MOST_READ * len(seller_ids)
        found = kept.offences(self._session, seller_ids, self._severities, self._since, self._now, most + 1)
        if len(found) > most:
            return False
        for row in found:
            self._read[row.seller_id].append(Offence(row.id, row.at, row.severity))
        return True

    def _walk(self, seller_id: str, without: Collection[str]) -> list[Offence[str]]:
        serious = self._serious(seller_id, without) if self._terms.serious else []
        return serious + (self._general(seller_id, without) if self._terms.general else [])

    def _serious(self, seller_id: str, without: Collection[str]) -> list[Offence[str]]:
        """The first ones that lie apart; where nothing must lie between them, simply the first ones."""
        enough = -(-self._terms.last // self._terms.serious)
        at_once = 1 if self._terms.apart else enough
        found: list[Offence[str]] = []
        since = self._since
        while len(found) < enough:
            next_ = self._next(seller_id, Severity.SERIOUS, since, without, at_once)
            found += next_
            if len(next_) < at_once:
                break
            since = next_[-1].at + max(timedelta(days=self._terms.apart), _MOMENT)
        return found

    def _general(self, seller_id: str, without: Collection[str]) -> list[Offence[str]]:
        """The first ones of each of the first days that have any."""
        a_day = -(-self._terms.general_per_day // self._terms.general)
        found: list[Offence[str]] = []
        since = self._since
        for _ in range(-(-self._terms.last // self._terms.general_per_day) + 1):
            next_ = self._next(seller_id, Severity.GENERAL, since, without, a_day)
            if not next_:
                break
            since = next_[0].at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            found += [each for each in next_ if each.at < since]
        return found

    def _next(
        self, seller_id: str, severity: Severity, since: datetime, without: Collection[str], most: int
    ) -> list[Offence[str]]:
        rows = kept.next_offences(self._session, seller_id, severity, since, self._now, without, most)
        return [Offence(row.id, row.at, row.severity) for row in rows]
