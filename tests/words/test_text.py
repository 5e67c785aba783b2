"""Whatever strangers write, nothing of it comes alive in Slack."""

import re
import unicodedata
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.words.text import ShownHost, escape, link, plain, shown_host

# What attacks are made of, so that random text is made of it too.
NASTY = [
    *"<>&*_~`:|@#!\\/.()[]{}\"' \n\t",
    *(
        "<!channel>",
        "<!here|x>",
        "<@U012ABC>",
        "<#C012ABC>",
        "<!subteam^S1>",
        "<https://a.com|b>",
        "<mailto:a@b.co>",
    ),
    *(
        "&lt;!channel&gt;",
        "&amp;lt;",
        "@here",
        "@everyone",
        "#general",
        ":fire:",
        ":100:",
        "```",
        "http://evil.com",
    ),
    *(
        "evil.com/x",
        "a.b.c",
        "x@y.zz",
        "*bold*",
        "_it_",
        "~no~",
        "`code`",
        ">quote",
        "\u202e",
        "\u200b",
        "\u2066",
    ),
    *(
        "\u00ad",
        "\ufeff",
        "\u3164",
        "\ud800",
        "\x00",
        "\x1b[31m",
        "e\u0301",
        "Å",
        "ß",
        "鞋",
        "١",
        "🔥",
        "\u2028",
        "1.5",
    ),
]
nasty_text = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=4)), max_size=24).map("".join)

# What Slack makes of mrkdwn, read generously: whatever might be taken for one of these counts as alive.
TOKEN = re.compile(r"<[^<>]*>|[<>]")
STYLE = re.compile(r"[*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
EMOJI = re.compile(r":[\w+'-]+:")
MENTION = re.compile(r"[@#]\w", re.IGNORECASE)
AUTOLINK = re.compile(r"\w+://\S|\w\.[^\W\d_]|\w@\w")
ENTITY = re.compile(r"&(?:amp|lt|gt);")


def alive(mrkdwn: str) -> list[str]:
    """What Slack would turn into something else than text."""
    bare = ENTITY.sub(" ", mrkdwn)
    found = [match[0] for kind in (TOKEN, STYLE, EMOJI, MENTION, AUTOLINK) for match in kind.finditer(bare)]
    return found + re.findall("&", bare) + re.findall(r"(?m)^[ \t]*&gt;", mrkdwn)


def test_the_oracle_sees_what_is_alive() -> None:
    for living in (
        "<!channel>",
        "*b*",
        "_i_",
        "~s~",
        "`c`",
        ":fire:",
        "@here",
        "#general",
        "http://x",
        "evil.com",
    ):
        assert alive(living), living
    assert alive("plain words, 12:30, 1.5 kg, a_b_c and &amp;") == []


@given(nasty_text)
def test_nothing_that_was_escaped_is_alive(text: str) -> None:
    assert alive(escape(text)) == []


@given(nasty_text)
def test_what_is_plain_is_one_visible_line_and_stays_so(text: str) -> None:
    shown = plain(text, 40)
    assert len(shown) <= 40
    assert shown == plain(shown, 40) == " ".join(shown.split())
    assert not any(
        unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for character in shown
    )
    shown.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Nordlys runner,  size 42\n", "Nordlys runner, size 42"),
        ("tаobao \u202ecod.exe", "tаobao cod.exe"),
        ("zero\u200bwidth\u2060joined\ufeff", "zerowidthjoined"),
        ("line\u2028break\x85and\x0btab\t", "line break and tab"),
        ("\x1b[31mred\x00", "[31mred"),
        ("\ud800half", "half"),
        ("\u3164\u2800", ""),
        ("flag 🇩🇪 and 鞋子", "flag 🇩🇪 and 鞋子"),
    ],
)
def test_plain_keeps_words_and_drops_what_hides(text: str, shown: str) -> None:
    assert plain(text, 100) == shown


def test_what_is_cut_off_shows() -> None:
    assert plain("a word and another", 18) == "a word and another"
    assert plain("a word and another", 8) == "a word…"
    assert plain("abc", 1) == "…"


@pytest.mark.parametrize(
    ("text", "mrkdwn"),
    [
        ("Fish & chips <3", "Fish &amp; chips &lt;3"),
        ("&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;"),
        ("NEW * MINT * X", "NEW ∗ MINT ∗ X"),
        ("part_no_17", "part_no_17"),
        ("_sale_", "ˍsaleˍ"),
        ("12:30", "12:30"),
        (":fire: sale", "∶fire: sale"),
        ("1.5 kg for 3.20", "1.5 kg for 3.20"),
        ("> I agree", "› I agree"),
    ],
)
def test_escaped_text_still_reads_as_it_was_written(text: str, mrkdwn: str) -> None:
    assert escape(text) == mrkdwn


def test_escaped_mentions_and_links_are_broken_by_something_invisible() -> None:
    assert escape("@here see http://evil.com") == "@\u2060here see http:\u2060//evil.\u2060com"


@given(nasty_text, nasty_text)
def test_a_link_has_one_target_and_a_dead_label(path: str, label: str) -> None:
    made = link(f"https://market.example/{path}", label)
    target, _, shown = made.removeprefix("<").removesuffix(">").partition("|")
    assert made == f"<{target}|{shown}>"
    assert not re.search(r"[\s<>|]", target)
    assert target.startswith("https://market.example/")
    assert alive(shown) == []


def test_only_web_addresses_become_links() -> None:
    assert link("javascript:alert(1)", "press") == "press"
    assert link("https://a.example/?x=1&y=2", "a") == "<https://a.example/?x=1&amp;y=2|a>"


@pytest.mark.parametrize(
    ("url", "domain", "suspicious"),
    [
        ("https://item.taobao.com/item.htm?id=1", "taobao.com", False),
        ("https://www.amazon.co.uk/dp/B07XYZ1234", "amazon.co.uk", False),
        ("https://item.taobao.com.evil.cn/1", "evil.cn", False),
        ("https://amazon.com@evil.io/x", "evil.io", False),
        ("http://tаobao.com/x", "xn--tobao-4ve.com", True),  # a Cyrillic letter among Latin ones
        ("https://аррӏе.com", "xn--80ak6aa92e.com", True),  # Cyrillic alone, every letter with a Latin twin
        ("https://www.аррӏе.com.", "xn--80ak6aa92e.com", True),
        ("https://日本語.jp/", "xn--wgv71a119e.jp", False),
        ("https://bücher.de", "xn--bcher-kva.de", False),
        ("https://россия.рф", "xn--h1alffa9f.xn--p1ai", False),
        ("https://taobаo.example.com/", "example.com", True),
        ("http://127.0.0.1:8700/item/1", "127.0.0.1", False),
        ("http://0x7f.1/", "127.0.0.1", False),
        ("http://[::1]/", "[::1]", False),
        ("http://localhost:80/", "localhost", False),
    ],
)
def test_a_link_shows_whose_page_it_opens(url: str, domain: str, suspicious: bool) -> None:
    assert shown_host(url) == ShownHost(domain, suspicious)


def test_a_text_that_is_no_address_has_no_host() -> None:
    with pytest.raises(ValueError, match="URL"):
        shown_host("not an address")


def test_unescaping_is_never_part_of_it() -> None:
    once = escape("<!channel>")
    assert unescape(once) == "<!channel>"
    assert alive(escape(unescape(escape("[x](https://a.com|hack><!channel>)")))) == []
