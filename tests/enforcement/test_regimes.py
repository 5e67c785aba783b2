"""The regimes of counter-notices: how their windows are counted, what they ask for, which version counts."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.contract.counter_notices import Particulars, RelayedCounterNotice
from bot.enforcement import regimes
from bot.enforcement.business_clock import Calendar
from bot.enforcement.regimes import RULES, Counting, Rule, Silence, Window, closes
from storage.records.counter_notices import ContestCode, Regime

CHINA = Calendar("CN", "Asia/Shanghai")
STATES = Calendar("US", "America/New_York")
BERLIN = Calendar("DE", "Europe/Berlin")
BRAZIL = Calendar("BR", "America/Sao_Paulo")
LATER_DAY = datetime(2026, 11, 20, 9, tzinfo=UTC)


def wall(text: str, calendar: Calendar) -> datetime:
    """A time on the wall of the marketplace, as a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(calendar.zone)).astimezone(UTC)


# regime, calendar, when it came in, when the brand's time is up; the end of a day is the next midnight
BRANDS_TIME = [
    (Regime.CHINA_ECOMMERCE, CHINA, "2026-11-20T09:00", "2026-12-06T00:00"),
    (Regime.CHINA_ECOMMERCE, CHINA, "2026-11-20T23:59", "2026-12-06T00:00"),
    (Regime.CHINA_ECOMMERCE, CHINA, "2026-11-21T00:00", "2026-12-07T00:00"),
    # The week of National Day 2025 (1 to 8 October) with its make-up days on Sunday 28 September and
    # Saturday 11 October: twenty working days.
    (Regime.CHINA_COURT, CHINA, "2025-09-19T10:00", "2025-10-24T00:00"),
    # Thanksgiving is no business day, the Friday after it is.
    (Regime.DMCA, STATES, "2026-11-20T09:00", "2026-12-08T00:00"),
    (Regime.DMCA, STATES, "2026-11-21T09:00", "2026-12-08T00:00"),
    # Three days over the end of summer time: 73 hours from midnight to midnight.
    (Regime.MERCADO_LIBRE, BERLIN, "2026-10-23T12:00", "2026-10-27T00:00"),
    (Regime.MERCADO_LIBRE, BRAZIL, "2026-11-20T09:00", "2026-11-24T00:00"),
    (Regime.ALIBABA, CHINA, "2025-09-26T10:00", "2025-10-01T00:00"),
    (Regime.DSA, BERLIN, "2026-12-18T09:00", "2027-01-06T00:00"),
    (Regime.TIKTOK_SHOP, STATES, "2026-07-01T09:00", "2026-07-17T00:00"),
]


@pytest.mark.parametrize(("regime", "calendar", "came", "due"), BRANDS_TIME)
def test_when_the_brands_time_is_up(regime: Regime, calendar: Calendar, came: str, due: str) -> None:
    start = wall(came, calendar)
    rule = regimes.current(regime, start, calendar)
    assert closes(rule.brand, start, calendar) == wall(due, calendar)


SELLERS_TIME = [
    # Friday: Saturday, Monday and Tuesday count, the Sunday between does not.
    (Regime.MERCADO_LIBRE, 1, BRAZIL, "2026-11-20T09:00", "2026-11-25T00:00"),
    (Regime.TIKTOK_SHOP, 1, STATES, "2026-11-20T09:00", "2026-12-21T00:00"),
    (Regime.TIKTOK_SHOP, 2, STATES, "2026-11-20T09:00", "2026-12-06T00:00"),
    (Regime.ALIBABA, 1, CHINA, "2026-11-20T09:00", "2026-11-26T00:00"),
    (Regime.ALIBABA, 2, CHINA, "2026-11-20T09:00", "2026-12-02T00:00"),
    (Regime.ALIBABA, 2, CHINA, "2021-11-19T09:00", "2022-01-01T00:00"),
    # Six months after 31 August end with the last day of February.
    (Regime.DSA, 1, BERLIN, "2026-08-31T09:00", "2027-03-01T00:00"),
    (Regime.DSA, 1, BERLIN, "2027-08-31T09:00", "2028-03-01T00:00"),
    (Regime.DSA, 1, BERLIN, "2026-12-15T09:00", "2027-06-16T00:00"),
]


@pytest.mark.parametrize(("regime", "chance", "calendar", "removed", "until"), SELLERS_TIME)
def test_until_when_a_seller_can_object(
    regime: Regime, chance: int, calendar: Calendar, removed: str, until: str
) -> None:
    start = wall(removed, calendar)
    rule = regimes.current(regime, start, calendar)
    assert regimes.seller_may_until(rule, chance, start, calendar) == wall(until, calendar)


@pytest.mark.parametrize("regime", [Regime.CHINA_ECOMMERCE, Regime.CHINA_COURT, Regime.DMCA])
def test_no_time_binds_a_seller_under_a_statute_that_names_none(regime: Regime) -> None:
    rule = regimes.current(regime, LATER_DAY, CHINA)
    assert regimes.seller_may_until(rule, 1, LATER_DAY, CHINA) is None


@pytest.mark.parametrize(
    ("regime", "silence", "chances", "contests"),
    [
        (Regime.CHINA_ECOMMERCE, Silence.REINSTATE, 1, {ContestCode.COURT_ACTION}),
        (Regime.CHINA_COURT, Silence.REINSTATE, 1, {ContestCode.COURT_ACTION}),
        (Regime.DMCA, Silence.REINSTATE, 1, {ContestCode.COURT_ACTION}),
        (Regime.DSA, Silence.PLATFORM_DECIDES, 1, set(ContestCode)),
        (
            Regime.MERCADO_LIBRE,
            Silence.REINSTATE,
            1,
            {ContestCode.NOT_THIS_PRODUCT, ContestCode.ILLEGIBLE, ContestCode.NOT_AUTHORISED},
        ),
        (Regime.TIKTOK_SHOP, Silence.PLATFORM_DECIDES, 2, set(ContestCode)),
        (Regime.ALIBABA, Silence.PLATFORM_DECIDES, 3, set(ContestCode)),
    ],
)
def test_what_silence_means_and_how_one_contests(
    regime: Regime, silence: Silence, chances: int, contests: set[ContestCode]
) -> None:
    rule = regimes.current(regime, LATER_DAY, CHINA)
    assert (rule.silence, rule.chances, set(rule.contests)) == (silence, chances, contests)


def test_a_version_counts_from_its_day_on_the_marketplaces_wall() -> None:
    last = wall("2022-01-19T23:59", CHINA)
    assert regimes.current(Regime.ALIBABA, last, CHINA).version == 1
    assert regimes.current(Regime.ALIBABA, last + timedelta(minutes=1), CHINA).version == 2


def test_every_regime_has_a_rule_with_a_source_for_all_times() -> None:
    first = datetime(1990, 1, 1, tzinfo=UTC)
    for regime in Regime:
        rule = regimes.current(regime, first, BERLIN)
        assert rule is regimes.rule(regime, 1)
    assert all(rule.source for rule in RULES)
    assert len({(rule.regime, rule.version) for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.regime.value}-{rule.version}")
def test_what_a_rule_asks_for_is_something_that_the_api_takes(rule: Rule) -> None:
    assert set(rule.particulars) <= set(Particulars.model_fields)
    everything = dict.fromkeys(Particulars.model_fields, "given")
    assert regimes.lacking(rule, everything, rule.papers) is None
    for name in rule.particulars:
        lack = regimes.lacking(rule, everything | {name: ""}, rule.papers)
        assert lack is not None
        assert lack.field == f"particulars.{name}"
        assert name in Particulars.model_fields
    if rule.papers:
        lack = regimes.lacking(rule, everything, 0)
        assert lack is not None
        assert lack.field == "papers"
        assert "papers" in RelayedCounterNotice.model_fields


@pytest.mark.parametrize(
    ("marketplace", "country", "regime"),
    [
        ("mercado_libre", "BR", Regime.MERCADO_LIBRE),
        ("tiktok_shop", "", Regime.TIKTOK_SHOP),
        ("taobao", "CN", Regime.ALIBABA),
        ("openbazaar", "CN", Regime.CHINA_ECOMMERCE),
        ("openbazaar", "US", Regime.DMCA),
        ("openbazaar", "DE-BY", Regime.DSA),
        ("openbazaar", "", None),
        ("openbazaar", "CH", None),
    ],
)
def test_which_regime_is_usual(marketplace: str, country: str, regime: Regime | None) -> None:
    assert regimes.usual(marketplace, country) is regime


def test_the_warning_comes_when_a_third_of_the_time_is_left() -> None:
    due = LATER_DAY + timedelta(days=15)
    assert regimes.warns_at(LATER_DAY, due) == LATER_DAY + timedelta(days=10)


@pytest.mark.parametrize("counting", Counting)
def test_a_window_never_closes_before_its_last_day_began(counting: Counting) -> None:
    for offset in range(400):
        start = LATER_DAY + timedelta(days=offset)
        end = closes(Window(3, counting), start, BERLIN)
        assert end - start >= timedelta(days=3)
        assert end.astimezone(ZoneInfo(BERLIN.zone)).time() == datetime(2026, 1, 1).time()  # noqa: DTZ001  # a wall


def test_a_day_that_a_month_does_not_have_becomes_its_last() -> None:
    start = wall("2027-01-31T12:00", BERLIN)
    end = closes(Window(1, Counting.MONTHS), start, BERLIN)
    assert end == wall("2027-03-01T00:00", BERLIN)
    assert date(2027, 2, 28) == (end - timedelta(hours=1)).astimezone(ZoneInfo(BERLIN.zone)).date()
