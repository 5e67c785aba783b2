"""Under which rules sellers object to takedowns: a table with versions and sources, and what follows from it.

Every window ends with a whole local day of the marketplace, counted from the day after it began: whoever has
15 days may answer until the last minute of the fifteenth. Where a source says nothing, the row says that the
choice is ours. A rule that changed is a new row; a counter-notice keeps the version under which it came in.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.enforcement.business_clock import Calendar, after_business_days
from bot.enforcement.digest_calendar import day_bounds, local_day
from storage.records.counter_notices import ContestCode, Regime

_DAY = timedelta(days=1)
_SUNDAY = 6
WARN_AFTER = 2 / 3  # of the brand's window; then its channel is warned of what silence means


class Counting(StrEnum):
    """Which days a window counts."""

    CALENDAR_DAYS = "calendar_days"
    BUSINESS_DAYS = "business_days"
    WITHOUT_SUNDAYS = "without_sundays"
    MONTHS = "months"


class Silence(StrEnum):
    """What it means that the brand did not answer in time."""

    REINSTATE = "reinstate"  # the listing comes back, as if the brand had accepted
    PLATFORM_DECIDES = "platform_decides"  # the marketplace decides without the brand's word


@dataclass(frozen=True)
class Window:
    """So many days or months, counted in one way."""

    length: int
    counting: Counting


@dataclass(frozen=True)
class Rule:
    """One version of a regime.

    `seller` has a window for each chance, counted from the removal or from the last decision; None where the
    seller is bound to no time. `particulars` and `papers` are what a counter-notice must bring to be taken,
    `contests` the grounds on which a brand can contest.
    """

    regime: Regime
    version: int
    since: date
    seller: Sequence[Window | None]
    brand: Window
    silence: Silence
    contests: Sequence[ContestCode]
    source: str
    particulars: Sequence[str] = ()
    papers: int = 0

    @property
    def chances(self) -> int:
        """How often a seller can object to one takedown."""
        return len(self.seller)


@dataclass(frozen=True)
class Lacking:
    """What a counter-notice lacks under its regime: the field and what is wrong with it."""

    field: str
    fault: str


_EVER = date.min
_DAYS, _BUSINESS = Counting.CALENDAR_DAYS, Counting.BUSINESS_DAYS
_PAPERS = (ContestCode.NOT_THIS_PRODUCT, ContestCode.ILLEGIBLE, ContestCode.NOT_AUTHORISED)
_ANY = (*_PAPERS, ContestCode.FORGED, ContestCode.COURT_ACTION, ContestCode.OTHER)
_COURT = (ContestCode.COURT_ACTION,)
_IDENTITY = ("name", "address", "telephone", "signature")

RULES: Sequence[Rule] = (
    Rule(
        Regime.CHINA_ECOMMERCE,
        1,
        _EVER,
        seller=(None,),
        brand=Window(15, _DAYS),
        silence=Silence.REINSTATE,
        contests=_COURT,
        particulars=("name", "telephone", "signature"),
        papers=1,
        source="China, E-Commerce Law, art. 43: 15 days after the declaration reached the rights holder, the "
        "measures end unless a complaint or a suit was filed; it brings prima facie evidence",
    ),
    Rule(
        Regime.CHINA_COURT,
        1,
        _EVER,
        seller=(None,),
        brand=Window(20, _BUSINESS),
        silence=Silence.REINSTATE,
        contests=_COURT,
        particulars=("name", "telephone", "signature"),
        papers=1,
        source="China, Supreme People's Court, reply of 2020: a reasonable period of at most 20 working days",
    ),
    Rule(
        Regime.DMCA,
        1,
        _EVER,
        seller=(None,),
        brand=Window(10, _BUSINESS),
        silence=Silence.REINSTATE,
        contests=_COURT,
        particulars=(*_IDENTITY, "former_location", "under_penalty_of_perjury", "accepts_jurisdiction"),
        source="United States, 17 U.S.C. 512(g)(2)(C) and (g)(3): back after not less than 10 and not more "
        "than 14 business days unless a suit was filed; the elements of a counter notification",
    ),
    Rule(
        Regime.DSA,
        1,
        _EVER,
        seller=(Window(6, Counting.MONTHS),),
        brand=Window(10, _BUSINESS),
        silence=Silence.PLATFORM_DECIDES,
        contests=_ANY,
        source="European Union, Regulation 2022/2065, art. 20: complaints for at least six months after the "
        "decision, free and electronic, decided by the platform; the brand's ten business days are ours",
    ),
    Rule(
        Regime.MERCADO_LIBRE,
        1,
        _EVER,
        seller=(Window(3, Counting.WITHOUT_SUNDAYS),),
        brand=Window(3, _DAYS),
        silence=Silence.REINSTATE,
        contests=_PAPERS,
        papers=1,
        source="Mercado Libre, documentation for members, 2026-07-26: the seller has 3 days without Sundays; "
        "no answer of the brand in 3 calendar days, and the listing is back; three coded grounds",
    ),
    Rule(
        Regime.TIKTOK_SHOP,
        1,
        _EVER,
        seller=(Window(30, _DAYS), Window(15, _DAYS)),
        brand=Window(10, _BUSINESS),
        silence=Silence.PLATFORM_DECIDES,
        contests=_ANY,
        papers=1,
        source="TikTok Shop, seller university: an appeal in 30 calendar days, a second one in 15; what the "
        "brand has is not published, its ten business days are our choice",
    ),
    Rule(
        Regime.ALIBABA,
        1,
        _EVER,
        seller=(Window(3, _BUSINESS), Window(30, _BUSINESS), Window(30, _BUSINESS)),
        brand=Window(3, _BUSINESS),
        silence=Silence.PLATFORM_DECIDES,
        contests=_ANY,
        particulars=("name",),
        papers=1,
        source="Alibaba, announcement to sellers as copied by third parties: three chances, the first in 3 "
        "business days, the others in 30 until 2022-01-20; 3 business days for the brand (Taobao, weak)",
    ),
    Rule(
        Regime.ALIBABA,
        2,
        date(2022, 1, 20),
        seller=(Window(3, _BUSINESS), Window(7, _BUSINESS), Window(7, _BUSINESS)),
        brand=Window(3, _BUSINESS),
        silence=Silence.PLATFORM_DECIDES,
        contests=_ANY,
        particulars=("name",),
        papers=1,
        source="The same announcement: since 2022-01-20 the later chances have 7 business days (unverified: "
        "the copy reads 27, most likely the list mark 2 and a 7)",
    ),
)

_BY_VERSION: Mapping[tuple[Regime, int], Rule] = {(rule.regime, rule.version): rule for rule in RULES}
_OF_MARKETPLACE: Mapping[str, Regime] = {
    "mercado_libre": Regime.MERCADO_LIBRE,
    "tiktok_shop": Regime.TIKTOK_SHOP,
    "taobao": Regime.ALIBABA,
    "1688": Regime.ALIBABA,
    "alibaba": Regime.ALIBABA,
    "aliexpress": Regime.ALIBABA,
}
_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_OF_COUNTRY: Mapping[str, Regime] = {
    "CN": Regime.CHINA_ECOMMERCE,
    "US": Regime.DMCA,
    **dict.fromkeys(_UNION.split(), Regime.DSA),
}


def rule(regime: Regime, version: int) -> Rule:
    """A version of a regime; KeyError where there is none."""
    return _BY_VERSION[regime, version]


def current(regime: Regime, at: datetime, calendar: Calendar) -> Rule:
    """The version in force at a moment."""
    day = local_day(at, calendar.zone)
    return max((each for each in RULES if each.regime is regime and each.since <= day), key=_since)


def usual(marketplace: str, country: str) -> Regime | None:
    """The regime that a marketplace's sellers object under, as far as its name or its country tells."""
    if marketplace in _OF_MARKETPLACE:
        return _OF_MARKETPLACE[marketplace]
    land = country.partition("-")[0]
    return _OF_COUNTRY.get(land)


def closes(window: Window, start: datetime, calendar: Calendar) -> datetime:
    """When a window that began at `start` is over: the end, in UTC, of its last local day."""
    if window.counting is Counting.BUSINESS_DAYS:
        return after_business_days(start, window.length, calendar)
    day = local_day(start, calendar.zone)
    match window.counting:
        case Counting.CALENDAR_DAYS:
            day += window.length * _DAY
        case Counting.MONTHS:
            day = _months_later(day, window.length)
        case Counting.WITHOUT_SUNDAYS:
            left = window.length
            while left:
                day += _DAY
                left -= day.weekday() != _SUNDAY
    return day_bounds(day, calendar.zone)[1]


def seller_may_until(rule: Rule, chance: int, since: datetime, calendar: Calendar) -> datetime | None:
    """Until when the seller can object for the `chance`-th time; None where no time binds the seller."""
    window = rule.seller[chance - 1]
    return closes(window, since, calendar) if window else None


def warns_at(received: datetime, due: datetime) -> datetime:
    """When a brand that has not answered is warned."""
    return received + (due - received) * WARN_AFTER


def lacking(rule: Rule, particulars: Mapping[str, str], papers: int) -> Lacking | None:
    """The first thing that a counter-notice would need under this rule and does not bring."""
    for name in rule.particulars:
        if not particulars.get(name):
            return Lacking(f"particulars.{name}", f"is required under {rule.regime.value}")
    if papers < rule.papers:
        return Lacking("papers", f"are required under {rule.regime.value}")
    return None


def _since(rule: Rule) -> date:
    return rule.since


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
