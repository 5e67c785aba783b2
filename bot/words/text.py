"""What strangers wrote, made safe to stand in Slack: listing titles, seller names, explanations, links.

`plain` comes first, when text enters or is cut to its place; `escape` last and exactly once, when the text
goes into mrkdwn. Nothing here is ever undone: text unescaped and escaped again has carried live mentions.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import can_ada
from publicsuffixlist import PublicSuffixList

# Letters and symbols that draw nothing, although Unicode counts them among what can be seen.
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Control, format (bidi overrides, zero width, tags), surrogates, private use.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})

WORD_JOINER = "\u2060"
ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# mrkdwn has no escape for its marks, and a zero-width neighbour even helps them: only a look-alike is safe.
MARKS = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
# An underscore inside an identifier marks nothing, and identifiers must survive copying.
LOOSE_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
QUOTE = re.compile(r"^([ \t]*)>+", re.MULTILINE)
EMOJI = re.compile(r":(?=[\w+'-]+:)")
# Where Slack would make a mention, a channel, an address or a link out of bare text.
LIVE = re.compile(r"[@#]|://|(?<=\w)\.(?=[^\W\d_])")

LOOKS_LATIN = frozenset("аеорсухіјѕһԁԛԝӏьгпшкмтвнзαορυνικτγ")
# Scripts that are honestly written together in one name (Unicode TS 39, "highly restrictive").
TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)


@dataclass(frozen=True)
class ShownHost:
    """Whose page a link opens: the registrable domain in ASCII, and whether its name imitates another."""

    domain: str
    suspicious: bool


def plain(text: str, limit: int) -> str:
    """One line of at most `limit` characters without anything invisible; what is cut off shows as "…"."""
    seen = "".join(character for character in text if _can_be_seen(character))
    folded = " ".join(seen.split())
    return folded if len(folded) <= limit else folded[: limit - 1].rstrip() + "…"


def escape(text: str) -> str:
    """Text for a mrkdwn field: no mention, link, emoji, quote or formatting comes alive. Apply last, once."""
    text = QUOTE.sub(r"\1›", text).translate(ENTITIES).translate(MARKS)
    text = LOOSE_UNDERSCORE.sub("ˍ", text)
    text = EMOJI.sub("∶", text)
    return LIVE.sub(lambda live: live[0][0] + WORD_JOINER + live[0][1:], text)


def link(url: str, label: str) -> str:
    """A mrkdwn link; only http and https addresses become one, of anything else the label remains."""
    shown = escape(label)
    if not url.startswith(("https://", "http://")):
        return shown
    target = url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E").replace("&", "&amp;")
    return f"<{'%20'.join(target.split())}|{shown}>"


def shown_host(url: str) -> ShownHost:
    """What to show beside a link. Raises ValueError where the URL cannot be parsed."""
    host = can_ada.parse(url).hostname.rstrip(".")
    foreign = [label for label in host.split(".")[:-1] if label.startswith("xn--")]
    names = [label.removeprefix("xn--").encode().decode("punycode") for label in foreign]
    is_number = host.startswith("[") or host.replace(".", "").isdigit()
    domain = None if is_number else _suffixes().privatesuffix(host)
    return ShownHost(domain or host, any(_imitates(name) for name in names))


def _can_be_seen(character: str) -> bool:
    return character.isspace() or (unicodedata.category(character) not in UNSEEN and character not in BLANK)


def _imitates(label: str) -> bool:
    letters = [character for character in label if character.isalpha()]
    scripts = frozenset(unicodedata.name(letter, "UNKNOWN").split()[0] for letter in letters)
    if len(scripts) > 1:
        return not any(scripts <= honest for honest in TOGETHER)
    return LOOKS_LATIN.issuperset(letters)


@cache
def _suffixes() -> PublicSuffixList:
    # Reading the list takes longer than all else here together: the first link pays, not every start.
    return PublicSuffixList()
