"""The catalogue speaks to each reader in one language, with that reader's dates and numbers."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import process_time

import pytest

from bot.words import catalogue
from bot.words.catalogue import UnknownWord, Words, languages, words_for

AT = datetime(2026, 7, 23, 10, 0, tzinfo=UTC)
ENGLISH = """
msgid "card.title"
msgstr "{brand} asks"

msgid "card.only_english"
msgstr "Only in English"

msgid "card.listings"
msgid_plural "card.listings"
msgstr[0] "{n} listing of {brand}"
msgstr[1] "{n} listings of {brand}"
"""
CHINESE = """
msgid "card.title"
msgstr "{brand}询问"

msgid "card.listings"
msgid_plural "card.listings"
msgstr[0] "{brand}的{n}个商品"
"""


@pytest.fixture
def two_languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for language, text in (("en", ENGLISH), ("zh_Hans", CHINESE)):
        (tmp_path / language).mkdir()
        (tmp_path / language / "common.po").write_text(text, encoding="utf-8")
    _forget()
    monkeypatch.setattr(catalogue, "HOME", tmp_path)
    yield
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    catalogue._translations.cache_clear()
    words_for.cache_clear()


@pytest.mark.usefixtures("two_languages")
class TestSentences:
    def test_a_key_becomes_its_sentence(self) -> None:
        assert words_for("en-GB").text("card.title", brand="Nordlys") == "Nordlys asks"

    def test_the_number_chooses_the_form_and_is_written_as_the_reader_does(self) -> None:
        words = words_for("en-GB")
        assert words.count("card.listings", 1, brand="Tansy") == "1 listing of Tansy"
        assert words.count("card.listings", 0, brand="Tansy") == "0 listings of Tansy"
        assert words.count("card.listings", 1200, brand="Tansy") == "1,200 listings of Tansy"

    def test_an_unknown_key_is_our_fault_and_loud(self) -> None:
        with pytest.raises(UnknownWord, match=r"card\.missing"):
            words_for("zh-CN").text("card.missing")
        with pytest.raises(UnknownWord, match=r"card\.missing"):
            words_for("en-GB").count("card.missing", 2)

    def test_a_placeholder_without_a_value_is_our_fault_and_loud(self) -> None:
        with pytest.raises(UnknownWord, match=r"card\.title needs a value for 'brand'"):
            words_for("en-GB").text("card.title")

    def test_a_value_is_never_read_as_a_sentence(self) -> None:
        assert words_for("en-GB").text("card.title", brand="{key} {0}") == "{key} {0} asks"

    def test_slack_says_zh_cn_and_the_reader_gets_chinese(self) -> None:
        words = words_for("zh-CN", "Asia/Shanghai")
        assert words.text("card.title", brand="Nordlys") == "Nordlys询问"
        assert words.count("card.listings", 2, brand="Tansy") == "Tansy的2个商品"
        assert words.day(AT.date()) == "2026年7月23日"

    def test_what_a_language_does_not_say_yet_english_says(self) -> None:
        assert words_for("zh-CN").text("card.only_english") == "Only in English"

    def test_traditional_chinese_does_not_get_simplified(self) -> None:
        assert words_for("zh-TW").text("card.title", brand="Nordlys") == "Nordlys asks"

    def test_the_languages_are_the_directories(self) -> None:
        assert languages() == ["en", "zh_Hans"]


@pytest.mark.parametrize(
    ("locale", "zone", "shown"),
    [
        ("en-GB", "Europe/London", "23 Jul 2026, 11:00 BST"),
        ("en_GB", "Europe/Berlin", "23 Jul 2026, 12:00 CEST"),
        ("en-US", "America/Los_Angeles", "Jul 23, 2026, 3:00 AM PDT"),
        ("fr-FR", "Europe/Paris", "23 Jul 2026, 12:00 CEST"),  # no French sentences, so no French dates
        (None, None, "23 Jul 2026, 10:00 UTC"),
        ("", "", "23 Jul 2026, 10:00 UTC"),
        ("nonsense!", "No/Where", "23 Jul 2026, 10:00 UTC"),
        ("en-GB", "../../etc/passwd", "23 Jul 2026, 10:00 UTC"),
    ],
)
def test_a_moment_has_the_readers_date_time_and_zone(
    locale: str | None, zone: str | None, shown: str
) -> None:
    assert words_for(locale, zone).moment(AT).replace("\u202f", " ") == shown


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        words_for("en-GB").moment(AT.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(), "0 mins"),
        (timedelta(seconds=59), "0 mins"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(hours=3, minutes=20), "3 hrs 20 mins"),
        (timedelta(days=2, hours=4, minutes=3), "2 days 4 hrs"),
        (timedelta(days=-2, hours=-4), "2 days 4 hrs"),
        (timedelta(days=1, minutes=5), "1 day 5 mins"),
    ],
)
def test_a_span_is_told_by_its_two_largest_units(length: timedelta, shown: str) -> None:
    assert words_for("en-GB").span(length) == shown


def test_what_took_seconds_came_within_a_minute() -> None:
    told = [words_for("en-GB").within(timedelta(seconds=each)) for each in (0, 59, 61, 7_260)]
    assert told == ["1 min", "1 min", "1 min", "2 hrs 1 min"]


def test_distances_numbers_money_and_lists_read_naturally() -> None:
    words = words_for("en-GB")
    assert words.relative(timedelta(hours=3)) == "in 3 hours"
    assert words.relative(timedelta(days=-2)) == "2 days ago"
    assert words.number(12345) == "12,345"
    assert words.percent(0.974) == "97%"
    assert words.money(Decimal("39.90"), "EUR") == "€39.90"
    assert words.listing(["a", "b", "c"]) == "a, b and c"
    assert words.time_of_day(9, 0) == "09:00"
    assert words.weekday(date(2026, 11, 23)) == "Monday, 23 November 2026"


def test_one_reader_is_one_object() -> None:
    assert isinstance(words_for("en-GB", "Europe/London"), Words)
    assert words_for("en-GB", "Europe/London") is words_for("en-GB", "Europe/London")


def test_six_hundred_words_load_fast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "en").mkdir()
    entries = [f'msgid "a.key_{i}"\nmsgstr "A sentence about {{thing}}, number {i}."\n' for i in range(600)]
    (tmp_path / "en" / "common.po").write_text("\n".join(entries), encoding="utf-8")
    monkeypatch.setattr(catalogue, "HOME", tmp_path)
    spent = []
    for _ in range(3):
        catalogue._translations.cache_clear()
        began = process_time()
        catalogue._translations("en")
        spent.append(process_time() - began)
    catalogue._translations.cache_clear()
    # 22 ms where it was written; the bound only catches a loader that became another kind of thing.
    assert min(spent) < 0.25
