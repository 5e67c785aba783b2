"""Which listing an address means, so that two spellings of one listing are one case.

The same rules everywhere: the address as a browser reads it, credentials, port, fragment and tracking
dropped, then the marketplace's own number, else the cleaned address. Nothing is fetched.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

import can_ada

from bot.enforcement.marketplaces import MARKETPLACES, SHORT_HOSTS, Marketplace

KEY_VERSION = 1
LONGEST_URL = 2000
ELSEWHERE = "web"

_BY_HOST = {suffix: (market, site) for market in MARKETPLACES for suffix, site in market.hosts.items()}
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_OWN_ITEM = re.compile(r"/item/([A-Za-z0-9_-]{1,64})/?$")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

# Parameters that say who led the visitor here, not which item is shown.
_TRACKING = re.compile(
    r"(?:utm_\w+|gclid|gbraid|wbraid|dclid|gad_source|fbclid|msclkid|yclid|ttclid|igshid|twclid|srsltid|mc_[ce]id"
    r"|_gl|_ga|spm|scm|pvid|algo_\w+|_trk\w*|_pos|_sid|_ss|phpsessid|jsessionid)(?:=|$)",
    re.IGNORECASE,
)

# A path ends at the first character that is not ASCII (share texts run on in Chinese without a space), and
# before a comma that another address follows.
_PATH = r"(?:(?![,;]https?://)[!#-;=?-_a-z{}~])"
_LINK = re.compile(
    r"<(?P<slack>https?://[^|>\s]+)(?:\|[^>]*)?>"
    rf"|(?P<full>https?://[^\s/?#<>\"'|\\,，。、；！？（）【】《》「」]+(?:[/?#]{_PATH}*)?)"
    rf"|(?<![\w@./-])(?P<bare>(?:[a-z0-9-]+\.)+[a-z]{{2,}}/{_PATH}+)",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?'\"*_~`}]"


class NotAListing(ValueError):
    """This text is no listing's address; `reason` is the key of the sentence that says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class ListingIdentity:
    """One listing. `key`, at most 160 ASCII characters, decides whether two addresses are the same listing.

    `marketplace` is a name of MARKETPLACES, one of our own, or "web"; `item_id` None where the address shows
    none; `site` the country where ids differ between countries, else ""; `short` an address that leads on.
    """

    marketplace: str
    site: str
    item_id: str | None
    key: str
    canonical_url: str
    url: str
    short: bool = False
    key_version: int = KEY_VERSION


def identify(text: str, own: Mapping[str, str] | None = None) -> ListingIdentity:
    """The identity of one address; a missing scheme means https. Raises NotAListing.

    `own` maps a host, with its port where it has one, to the name of a marketplace of the alliance itself,
    whose listings stand under `/item/<id>`.
    """
    url = text.strip()
    parsed = _parsed(url)
    host = parsed.hostname.rstrip(".")
    ours = (own or {}).get(parsed.host) or (own or {}).get(host)
    if ours:
        return _own(ours, parsed, url)
    if "." not in host or host.startswith("[") or host.replace(".", "").isdigit():
        raise NotAListing("listings.bad_host")
    path = _evenly_escaped(parsed.pathname)
    if host in SHORT_HOSTS:
        return _short(host, path, url)
    market, suffix, site = _market_of(host)
    item_id = _item_id(market, path, parsed.search) if market else None
    if market is None or item_id is None:
        key, page = _cleaned(parsed, host, path)
        return ListingIdentity(market.name if market else ELSEWHERE, site, None, key, page, url)
    key = ":".join(part for part in (market.name, site, item_id) if part)
    page = market.page.format(host=suffix, id=item_id) if market.page else f"https://{host}{path}"
    return ListingIdentity(market.name, site, item_id, key, page, url)


def find_links(text: str, limit: int = 300) -> list[str]:
    """The first addresses in pasted text, in order and with repetitions.

    Understands Slack's own `<url|label>`, share texts and addresses without a scheme.
    """
    return [_trimmed(found) for found in islice(_LINK.finditer(text), limit)]


def _parsed(url: str) -> can_ada.URL:
    if len(url.split()) != 1:
        raise NotAListing("listings.not_a_link")
    if len(url) > LONGEST_URL:
        raise NotAListing("listings.too_long")
    try:
        parsed = can_ada.parse(url if _SCHEME.match(url) else f"https://{url}")
    except ValueError:
        raise NotAListing("listings.not_a_link") from None
    if parsed.protocol not in {"http:", "https:"}:
        raise NotAListing("listings.not_a_link")
    if len(parsed.href) > LONGEST_URL:
        raise NotAListing("listings.too_long")
    return parsed


def _own(name: str, parsed: can_ada.URL, url: str) -> ListingIdentity:
    found = _OWN_ITEM.search(parsed.pathname)
    if not found:
        raise NotAListing("listings.no_item")
    page = f"{parsed.protocol}//{parsed.host}/item/{found[1]}"
    return ListingIdentity(name, "", found[1], f"{name}:{found[1]}", page, url)


def _short(host: str, path: str, url: str) -> ListingIdentity:
    where = f"{host}{path.rstrip('/')}"
    if where == host:
        raise NotAListing("listings.front_page")
    key = f"short:{where if len(where) <= 150 else _digest(where)}"
    return ListingIdentity(SHORT_HOSTS[host], "", None, key, f"https://{where}", url, short=True)


def _market_of(host: str) -> tuple[Marketplace | None, str, str]:
    labels = host.split(".")
    for start in range(len(labels) - 1):
        suffix = ".".join(labels[start:])
        if suffix in _BY_HOST:
            market, site = _BY_HOST[suffix]
            return market, suffix, site
    return None, host, ""


def _item_id(market: Marketplace, path: str, search: str) -> str | None:
    for pattern in market.paths:
        if found := re.search(pattern, path):
            return market.shape(".".join(found.groups()))
    given = can_ada.URLSearchParams(search)
    for name in market.queries:
        value = given.get(name)
        if value and re.fullmatch(rf"[0-9]{{{market.digits},20}}", value):
            return value
    return None


def _cleaned(parsed: can_ada.URL, host: str, path: str) -> tuple[str, str]:
    """Key and address of a page without a number; neither scheme nor a leading `www.` makes another page."""
    kept = sorted(part for part in parsed.search[1:].split("&") if part and not _TRACKING.match(part))
    query = _evenly_escaped(f"?{'&'.join(kept)}") if kept else ""
    if not path.strip("/") and not query:
        raise NotAListing("listings.front_page")
    where = f"{host.removeprefix('www.')}{path.rstrip('/')}{query}"
    return f"{ELSEWHERE}:{_digest(where)}", f"{parsed.protocol}//{host}{path}{query}"


def _digest(where: str) -> str:
    return hashlib.sha256(where.encode()).hexdigest()[:40]


def _evenly_escaped(part: str) -> str:
    """Percent escapes the way RFC 3986 section 6.2.2 prefers: `%7e`, `%7E` and `~` are one."""

    def even(escape: re.Match[str]) -> str:
        character = chr(int(escape[1], 16))
        return character if character in _UNRESERVED else escape[0].upper()

    return _ESCAPED.sub(even, part)


def _trimmed(found: re.Match[str]) -> str:
    if found["slack"]:
        return found["slack"].replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    link = found[0].rstrip(_TRAILING)
    # A closing bracket belongs to the address only where one was opened in it.
    while link.endswith(")") and link.count("(") < link.count(")"):
        link = link[:-1].rstrip(_TRAILING)
    return link
