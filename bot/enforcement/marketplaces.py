"""Where each marketplace puts the number of an item: one row per id space, so that a new shape is a new line.

Hosts are matched by suffix on a label boundary, never by substring: `amazon.com.evil.io` and `notamazon.com`
are nobody's. A longer suffix wins over a shorter one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Marketplace:
    """One id space.

    `hosts` maps a host suffix to its site, "" where the id alone says which item it is; `page` is the address
    of an item with `{host}` and `{id}` filled in, "" where only the address as given is sure to open. `paths`
    are patterns searched in the path, tried in order before `queries`, names of parameters; several groups
    make one id, joined by a dot. A parameter counts when it is a number of at least `digits` digits.
    """

    name: str
    hosts: Mapping[str, str]
    page: str
    paths: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    digits: int = 5
    shape: Callable[[str], str] = str


def _anywhere(*hosts: str) -> Mapping[str, str]:
    return dict.fromkeys(hosts, "")


def _by_country(domain: str, sites: str) -> Mapping[str, str]:
    return {f"{domain}.{site}": site for site in sites.split()}


def _upper(item_id: str) -> str:
    return item_id.upper()


def _undashed(item_id: str) -> str:
    return item_id.upper().replace("-", "")


MARKETPLACES: tuple[Marketplace, ...] = (
    Marketplace(
        "taobao",  # and Tmall: the same number is the same item on both
        _anywhere("taobao.com", "tmall.com", "tmall.hk", "liangxinyao.com"),
        "https://item.taobao.com/item.htm?id={id}",
        (r"/item/(\d{5,20})\.html?$", r"/i(\d{5,20})\.html?$"),
        ("id", "item_id", "itemId"),
    ),
    Marketplace(
        "goofish",
        _anywhere("goofish.com", "2.taobao.com"),
        "https://www.goofish.com/item?id={id}",
        queries=("id", "itemId"),
    ),
    Marketplace(
        "1688",
        _anywhere("1688.com"),
        "https://detail.1688.com/offer/{id}.html",
        (r"/offer/(\d{5,20})\.html",),
        ("offerId",),
    ),
    Marketplace(
        "aliexpress",  # .us and .ru number the same goods differently
        _by_country("aliexpress", "com us ru"),
        "https://www.{host}/item/{id}.html",
        (r"/item/(?:[^/]+/)?(\d{5,20})\.html", r"/i/(\d{5,20})\.html"),
        ("productId", "productIds"),
    ),
    Marketplace(
        "alibaba",
        _anywhere("alibaba.com"),
        "https://www.alibaba.com/product-detail/item_{id}.html",
        (r"/product-detail/[^/]*_(\d{5,20})\.html", r"/product/(\d{5,20})(?=[-/.]|$)"),
    ),
    Marketplace(
        "jd",
        _anywhere("jd.com", "jd.hk"),
        "https://item.jd.com/{id}.html",
        (r"/(\d{5,20})\.html$",),
        ("wareId",),
    ),
    Marketplace(
        "pinduoduo",
        _anywhere("yangkeduo.com", "pinduoduo.com"),
        "https://mobile.yangkeduo.com/goods.html?goods_id={id}",
        queries=("goods_id",),
    ),
    Marketplace(
        "lazada",
        _by_country("lazada", "sg com.my co.id co.th vn com.ph"),
        "https://www.{host}/products/i{id}.html",
        (r"[-/]i(\d{5,20})(?:-s\d+)?\.html",),
    ),
    Marketplace(
        "shopee",
        _by_country("shopee", "sg com.my co.id co.th vn ph tw com.br com.mx com.co cl"),
        "https://{host}/item-i.{id}",
        (r"-i\.(\d+)\.(\d+)$", r"/product/(\d+)/(\d+)(?=/|$)"),
    ),
    Marketplace(
        "amazon",
        _by_country(
            "amazon",
            "com co.uk de fr it es nl se pl com.be ie com.tr ae sa eg in co.jp sg com.au com.mx com.br ca cn "
            "co.za",
        ),
        "https://www.{host}/dp/{id}",
        (r"(?i)/(?:dp|gp/product|gp/aw/d|gp/offer-listing|(?:exec/obidos|o)/ASIN)/([A-Z0-9]{10})(?=/|$)",),
        shape=_upper,
    ),
    Marketplace(
        "ebay",
        _by_country(
            "ebay", "com co.uk de fr it es at ch be nl ie pl ca in ph vn com.au com.hk com.sg com.my"
        ),
        "https://www.{host}/itm/{id}",
        (r"/itm/(?:[^/]+/)?(\d{9,15})(?=/|$)",),
        ("item",),
        digits=9,
    ),
    Marketplace(
        "mercado_libre",  # the first three letters of an id are its country; a catalogue page is no listing's
        _anywhere(
            "mercadolivre.com.br",
            *_by_country("mercadolibre", "cl co.cr com.ar com.mx com.co com.uy com.pe com.ve com.ec com.bo"),
            *_by_country("mercadolibre", "com.do com.pa com.py com.gt com.hn com.ni com.sv"),
        ),
        "",
        (r"(?i)/(p|up)/(M[A-Z]{2}U?\d{5,15})(?=/|$)", r"(?i)/(M[A-Z]{2}-?\d{5,15})(?![\d])"),
        shape=_undashed,
    ),
    Marketplace(
        "etsy", _anywhere("etsy.com"), "https://www.etsy.com/listing/{id}", (r"/listing/(\d{5,20})(?=/|$)",)
    ),
    Marketplace(
        "walmart",
        _by_country("walmart", "com ca com.mx"),
        "https://www.{host}/ip/{id}",
        (r"(?i)/ip/(?:[^/]+/)?((?=[A-Z]*\d)[0-9A-Z]{5,16})/?$",),
        shape=_upper,
    ),
    Marketplace(
        "temu",
        _anywhere("temu.com"),
        "https://www.temu.com/goods.html?goods_id={id}",
        (r"-g-(\d{5,20})\.html",),
        ("goods_id",),
    ),
    Marketplace(
        "tiktok_shop",
        _anywhere("tiktok.com"),
        "https://shop.tiktok.com/view/product/{id}",
        (r"/view/product/(\d{5,20})(?=/|$)", r"/pdp/(?:[^/]+/)?(\d{5,20})(?=/|$)"),
    ),
)

# Hosts whose addresses only lead to an item: until somebody has followed them, the address itself is the key.
SHORT_HOSTS: Mapping[str, str] = {
    **dict.fromkeys(("m.tb.cn", "e.tb.cn", "s.click.taobao.com", "s.tb.cn"), "taobao"),
    "qr.1688.com": "1688",
    **dict.fromkeys(("s.click.aliexpress.com", "a.aliexpress.com"), "aliexpress"),
    **dict.fromkeys(("u.jd.com", "3.cn"), "jd"),
    "p.pinduoduo.com": "pinduoduo",
    "s.lazada.sg": "lazada",
    **dict.fromkeys(
        ("shp.ee", "s.shopee.sg", "s.shopee.com.my", "s.shopee.co.id", "s.shopee.co.th"), "shopee"
    ),
    **dict.fromkeys(("s.shopee.vn", "s.shopee.ph", "s.shopee.tw", "s.shopee.com.br"), "shopee"),
    **dict.fromkeys(("a.co", "amzn.to", "amzn.eu", "amzn.asia"), "amazon"),
    "ebay.us": "ebay",
    "etsy.me": "etsy",
    **dict.fromkeys(("share.temu.com", "temu.to"), "temu"),
    **dict.fromkeys(("vt.tiktok.com", "vm.tiktok.com"), "tiktok_shop"),
    **dict.fromkeys(("bit.ly", "t.co", "tinyurl.com", "t.cn", "v.douyin.com"), "web"),
}
