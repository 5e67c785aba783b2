"""Every word that the bot says, in the language, the zone and the number forms of whoever reads it.

A language is a directory of gettext files (`en/notices.po`, `en/digests.po`, ...), one per capability. The
msgid is a stable dotted key, the msgstr a sentence with `{name}` placeholders. What a language does not say
yet, English says.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError, dates, lists, numbers, units
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

HOME = Path(__file__).parent
ENGLISH = "en"
# Where nothing better is known: day before month and a 24-hour clock, which nobody in any country misreads.
DEFAULT_LOCALE = Locale("en", "GB")


class UnknownWord(LookupError):
    """No catalogue has this key, or a placeholder got no value: our fault, never that of an input."""


class Words:
    """One reader's words: a language, the habits of a country, a time zone. Immutable, shared by threads."""

    def __init__(self, locale: Locale, zone: ZoneInfo | None) -> None:
        self.locale = locale
        self.zone = zone or UTC
        self._said = _translations(_language_of(locale) or ENGLISH)

    def text(self, key: str, **values: object) -> str:
        """The sentence of a key. Raises UnknownWord for an unknown key or a placeholder without a value."""
        return _filled(key, self._said.gettext(key), values)

    def count(self, key: str, n: int, **values: object) -> str:
        """The sentence of a key in the plural form of `n`; `{n}` is the number as this reader writes it."""
        return _filled(key, self._said.ngettext(key, key, n), {"n": self.number(n), **values})

    def moment(self, at: datetime) -> str:
        """Date, time and zone: "23 Nov 2026, 10:00 GMT". Raises ValueError for a naive datetime."""
        if at.tzinfo is None:
            raise ValueError("a moment needs a zone")
        local = at.astimezone(self.zone)
        shown = str(self.locale.datetime_formats["medium"]).format(
            dates.format_time(local, "short", locale=self.locale), self.day(local.date())
        )
        return f"{shown} {dates.get_timezone_name(local, 'short', locale=self.locale)}"

    def day(self, day: date) -> str:
        """A date: "23 Nov 2026"."""
        return dates.format_date(day, "medium", locale=self.locale)

    def short_day(self, day: date) -> str:
        """A date without its year: "23 Nov"."""
        return dates.format_skeleton("MMMd", day, locale=self.locale)

    def month(self, day: date) -> str:
        """The month of a date: "Nov 2026"."""
        return dates.format_skeleton("yMMM", day, locale=self.locale)

    def weekday(self, day: date) -> str:
        """A date with its weekday: "Monday 23 November 2026"."""
        return dates.format_date(day, "full", locale=self.locale)

    def country(self, code: str) -> str:
        """A country by its ISO 3166-1 code, a part of it in brackets: "China", "United Kingdom (ENG)"."""
        country, _, part = code.partition("-")
        name = self.locale.territories.get(country, country)
        return f"{name} ({part})" if part else name

    def time_of_day(self, hour: int, minute: int) -> str:
        """A time on the wall: "09:00"."""
        wall = datetime(2000, 1, 1, hour, minute, tzinfo=UTC)
        return dates.format_time(wall, "short", tzinfo=UTC, locale=self.locale)

    def span(self, length: timedelta) -> str:
        """A length of time by its two largest units, its sign left out: "2 days 4 hrs", "3 hrs 20 mins"."""
        minutes = int(abs(length).total_seconds()) // 60
        parts = {"day": minutes // 1440, "hour": minutes // 60 % 24, "minute": minutes % 60}
        told = [(unit, amount) for unit, amount in parts.items() if amount][:2] or [("minute", 0)]
        shown = [units.format_unit(amount, unit, length="short", locale=self.locale) for unit, amount in told]
        return lists.format_list(shown, style="unit-narrow", locale=self.locale)

    def within(self, length: timedelta) -> str:
        """A length of time that something took at most, in whole minutes: "1 min" for a few seconds."""
        return self.span(max(length, timedelta(minutes=1)))

    def relative(self, distance: timedelta) -> str:
        """How far off, by its largest unit: "in 3 hours", "2 days ago"."""
        return dates.format_timedelta(distance, threshold=1, add_direction=True, locale=self.locale)

    def number(self, value: float | Decimal) -> str:
        """A number with this reader's grouping: "12,345"."""
        return numbers.format_decimal(value, locale=self.locale)

    def percent(self, share: float | Decimal, *, exact: bool = False) -> str:
        """A share of one as a percentage without decimals, 0.974 is "97%"; with all of them where `exact`."""
        return numbers.format_percent(share, locale=self.locale, decimal_quantization=not exact)

    def money(self, amount: Decimal, currency: str) -> str:
        """An amount in an ISO 4217 currency: "€39.90"."""
        return numbers.format_currency(amount, currency, locale=self.locale)

    def listing(self, items: Sequence[str]) -> str:
        """Several things as one phrase: "a, b and c"."""
        return lists.format_list(items, locale=self.locale)


@lru_cache(maxsize=1024)
def words_for(locale: str | None, zone: str | None = None) -> Words:
    """The words of a person or a channel.

    `locale` as Slack gives it ("en-GB", "zh-CN", None), `zone` an IANA name; the unknown become English, UTC.
    """
    return Words(_locale_of(locale), _zone_of(zone))


def languages() -> list[str]:
    """The languages that have a catalogue, by the names of their directories."""
    return sorted(found.parent.name for found in HOME.glob("*/common.po"))


def _locale_of(name: str | None) -> Locale:
    try:
        locale = Locale.parse((name or "").replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError):
        return DEFAULT_LOCALE
    # Dates in a language whose sentences we do not have would stand in the middle of English ones.
    return locale if _language_of(locale) else DEFAULT_LOCALE


def _language_of(locale: Locale) -> str | None:
    candidates = (f"{locale.language}_{locale.script}", locale.language)
    return next((name for name in candidates if (HOME / name).is_dir()), None)


def _zone_of(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


class _Nothing(NullTranslations):
    """The end of the fallbacks: whoever gets here asked for a word that does not exist."""

    def gettext(self, message: str) -> Never:
        raise UnknownWord(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> Never:
        raise UnknownWord(msgid1)


@cache
def _translations(language: str) -> NullTranslations:
    catalogue = Catalog(locale=language)
    for path in sorted((HOME / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if message.id:
                    catalogue.add(message.id, message.string)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    translations = GNUTranslations(compiled)
    translations.add_fallback(_Nothing() if language == ENGLISH else _translations(ENGLISH))
    return translations


def _filled(key: str, sentence: str, values: dict[str, object]) -> str:
    try:
        return sentence.format_map(values)
    except KeyError as missing:
        raise UnknownWord(f"{key} needs a value for {missing}") from missing
