"""Two spellings of one listing are one case, and a look-alike is nobody's listing."""

from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.enforcement.listing_identity import LONGEST_URL, NotAListing, find_links, identify

OWN = {"127.0.0.1:8700": "openbazaar", "market.example": "openbazaar"}

SPELLINGS = {
    "taobao:678901234567": [
        "https://item.taobao.com/item.htm?id=678901234567",
        "https://item.taobao.com/item.htm?spm=a21n57.1.0.0&id=678901234567&ns=1&abbucket=3#detail",
        "http://ITEM.TAOBAO.COM:80/item.htm?id=678901234567",
        "https://detail.tmall.com/item.htm?id=678901234567&skuId=5012345678901",
        "https://detail.tmall.hk/hk/item.htm?id=678901234567",
        "https://world.taobao.com/item/678901234567.htm?spm=x",
        "https://h5.m.taobao.com/awp/core/detail.htm?id=678901234567",
        "https://a.m.taobao.com/i678901234567.htm",
        "https://user:secret@item.taobao.com./item.htm?id=678901234567",
        "item.taobao.com/item.htm?id=678901234567",
    ],
    "goofish:734512345678": [
        "https://www.goofish.com/item?id=734512345678&categoryId=50025461",
        "https://2.taobao.com/item.htm?id=734512345678",
    ],
    "1688:612345678901": [
        "https://detail.1688.com/offer/612345678901.html?spm=a260k.22",
        "https://m.1688.com/offer/612345678901.html",
        "https://detail.m.1688.com/page/index.html?offerId=612345678901",
    ],
    "aliexpress:com:1005001234567890": [
        "https://www.aliexpress.com/item/1005001234567890.html?algo_pvid=1-2",
        "https://es.aliexpress.com/item/Zapatillas-de-correr/1005001234567890.html",
        "https://m.aliexpress.com/i/1005001234567890.html",
    ],
    "aliexpress:us:3256804567890123": ["https://www.aliexpress.us/item/3256804567890123.html"],
    "alibaba:1600123456789": [
        "https://www.alibaba.com/product-detail/Running-Shoes-Men_1600123456789.html",
        "https://m.alibaba.com/product/1600123456789/Running-Shoes.html",
        "https://nordshoe.en.alibaba.com/product/1600123456789-801234567/Shoes.html",
    ],
    "jd:100012043978": [
        "https://item.jd.com/100012043978.html#comment",
        "https://item.m.jd.com/product/100012043978.html?gx=RnE",
        "https://item.m.jd.com/ware/view.action?wareId=100012043978",
        "https://npcitem.jd.hk/100012043978.html",
    ],
    "pinduoduo:312345678901": [
        "https://mobile.yangkeduo.com/goods.html?goods_id=312345678901&refer_page_name=login",
        "https://mobile.pinduoduo.com/goods2.html?goods_id=312345678901",
    ],
    "lazada:sg:301234567": [
        "https://www.lazada.sg/products/nordlys-runner-i301234567-s5312345678.html?search=1",
        "https://www.lazada.sg/products/i301234567.html",
    ],
    "shopee:com.br:123456789.23456789012": [
        "https://shopee.com.br/Tenis-de-corrida-i.123456789.23456789012?sp_atk=1",
        "https://shopee.com.br/product/123456789/23456789012/",
    ],
    "amazon:co.uk:B07XYZ1234": [
        "https://www.amazon.co.uk/dp/B07XYZ1234",
        "https://www.amazon.co.uk/Nordlys-Runner-Size-42/dp/B07XYZ1234/ref=sr_1_3?crid=1&keywords=shoe&qid=1700000000",
        "https://amazon.co.uk/gp/product/b07xyz1234?psc=1",
        "https://www.amazon.co.uk/-/en/gp/aw/d/B07XYZ1234/",
        "https://www.amazon.co.uk/gp/offer-listing/B07XYZ1234",
        "https://www.amazon.co.uk/exec/obidos/ASIN/B07XYZ1234",
    ],
    "amazon:de:B07XYZ1234": ["https://www.amazon.de/-/en/dp/B07XYZ1234"],
    "ebay:com:255123456789": [
        "https://www.ebay.com/itm/255123456789?hash=item3b&_trkparms=x",
        "https://www.ebay.com/itm/Nordlys-Runner/255123456789",
        "https://cgi.ebay.com/ws/eBayISAPI.dll?ViewItem&item=255123456789",
    ],
    "mercado_libre:MLA1234567890": [
        "https://articulo.mercadolibre.com.ar/MLA-1234567890-zapatillas-nordlys-_JM#position=1",
        "https://articulo.mercadolibre.com.ar/MLA1234567890",
    ],
    "mercado_libre:MLB2345678901": ["https://produto.mercadolivre.com.br/MLB-2345678901-tenis-_JM"],
    "mercado_libre:P.MLM12345678": ["https://www.mercadolibre.com.mx/tenis-nordlys/p/MLM12345678"],
    "etsy:1234567890": [
        "https://www.etsy.com/listing/1234567890/wool-scarf?click_key=1",
        "https://www.etsy.com/uk/listing/1234567890",
    ],
    "walmart:com:123456789": [
        "https://www.walmart.com/ip/Nordlys-Runner/123456789?athbdg=L1600",
        "https://www.walmart.com/ip/123456789/",
    ],
    "walmart:ca:6000201234567": ["https://www.walmart.ca/en/ip/some-shoe/6000201234567"],
    "temu:601099512345678": [
        "https://www.temu.com/uk/running-shoes-g-601099512345678.html?_oak_mp=1",
        "https://www.temu.com/goods.html?goods_id=601099512345678",
    ],
    "tiktok_shop:1729384756012345678": [
        "https://shop.tiktok.com/view/product/1729384756012345678?region=GB",
        "https://shop.tiktok.com/us/pdp/nordlys-runner/1729384756012345678",
        "https://www.tiktok.com/view/product/1729384756012345678",
    ],
    "openbazaar:811": [
        "https://market.example/item/811",
        "http://market.example/item/811/?from=mail#top",
        "http://127.0.0.1:8700/item/811",
    ],
    "short:m.tb.cn/h.5AbCdEf": ["https://m.tb.cn/h.5AbCdEf?tk=Xy1ZCZ3457", "http://m.tb.cn/h.5AbCdEf/"],
    "short:amzn.to/3xYz": ["https://amzn.to/3xYz"],
    "short:u.jd.com/abc": ["https://u.jd.com/abc"],
}
EVERY_SPELLING = [(key, url) for key, urls in SPELLINGS.items() for url in urls]
GENERIC = [
    "https://shop.example.com/p/shoe~1?a=1&b=2",
    "http://www.shop.example.com/p/shoe%7e1/?b=2&utm_source=mail&a=1#top",
    "https://shop.example.com./p/./x/../shoe%7E1?fbclid=abc&b=2&a=1&",
    "HTTPS://me@SHOP.example.com:443/p/shoe~1?a=1&b=2",
]


@pytest.mark.parametrize(("key", "url"), EVERY_SPELLING)
def test_every_spelling_of_a_listing_has_its_key(key: str, url: str) -> None:
    assert identify(url, OWN).key == key


@pytest.mark.parametrize("url", [*(url for _, url in EVERY_SPELLING), *GENERIC])
def test_a_canonical_address_is_its_own(url: str) -> None:
    once = identify(url, OWN)
    again = identify(once.canonical_url, OWN)
    assert (again.key, again.canonical_url) == (once.key, once.canonical_url)


def test_an_identity_tells_its_parts() -> None:
    found = identify(" https://www.amazon.co.uk/x/dp/B07XYZ1234?tag=1 ")
    assert (found.marketplace, found.site, found.item_id) == ("amazon", "co.uk", "B07XYZ1234")
    assert found.canonical_url == "https://www.amazon.co.uk/dp/B07XYZ1234"
    assert found.url == "https://www.amazon.co.uk/x/dp/B07XYZ1234?tag=1"
    assert not found.short


def test_an_address_that_leads_on_says_so() -> None:
    found = identify("https://m.tb.cn/h.5AbCdEf?tk=1")
    assert (found.marketplace, found.item_id, found.short) == ("taobao", None, True)


def test_elsewhere_the_cleaned_address_is_the_listing() -> None:
    found = [identify(url) for url in GENERIC]
    assert len({identity.key for identity in found}) == 1
    assert found[0].marketplace == "web"
    assert found[0].item_id is None
    assert identify("https://shop.example.com/p/shoe~2?a=1&b=2").key != found[0].key


@pytest.mark.parametrize(
    "url",
    [
        "https://amazon.com.evil.io/dp/B07XYZ1234",
        "https://notamazon.com/dp/B07XYZ1234",
        "https://amazon.com@evil.io/dp/B07XYZ1234",
        "https://amazon.com:443@evil.io/dp/B07XYZ1234",
        "https://evil.io\\@www.amazon.com/dp/B07XYZ1234",
        "https://evil.io/?https://www.amazon.com/dp/B07XYZ1234",
        "https://item.taobao.com.evil.cn/item.htm?id=678901234567",
        "https://item.tаobao.com/item.htm?id=678901234567",
        "https://taobao.co/item.htm?id=678901234567",
        "https://amazon.xyz/dp/B07XYZ1234",
        "https://ebay.com.cn.example.org/itm/255123456789",
        "https://market.example.evil.io/item/811",
        "https://sub.market.example/item/811",
    ],
)
def test_a_look_alike_belongs_to_nobody(url: str) -> None:
    assert identify(url, OWN).marketplace == "web"


def test_a_page_of_a_marketplace_without_a_number_names_the_marketplace_only() -> None:
    found = identify("https://www.amazon.com/s?k=running+shoes")
    assert (found.marketplace, found.item_id) == ("amazon", None)
    assert found.key.startswith("web:")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "listings.not_a_link"),
        ("see the attached file", "listings.not_a_link"),
        ("javascript:alert(1)", "listings.not_a_link"),
        ("ftp://example.com/item/1", "listings.not_a_link"),
        ("https://", "listings.not_a_link"),
        ("https://exa mple.com/1", "listings.not_a_link"),
        ("hello", "listings.bad_host"),
        ("http://localhost/item/1", "listings.bad_host"),
        ("http://127.0.0.1:9999/item/811", "listings.bad_host"),
        ("http://2130706433/x", "listings.bad_host"),
        ("http://[::1]/x", "listings.bad_host"),
        ("https://www.amazon.de/", "listings.front_page"),
        ("example.com", "listings.front_page"),
        ("https://market.example/seller/17", "listings.no_item"),
        ("https://market.example/", "listings.no_item"),
        (f"https://example.com/{'x' * LONGEST_URL}", "listings.too_long"),
        (f"https://example.com/{'鞋' * 400}", "listings.too_long"),
    ],
)
def test_what_is_no_listing_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(NotAListing) as refused:
        identify(text, OWN)
    assert refused.value.reason == reason


paths = st.text(st.sampled_from("/ab1~%&?=.-_;:@!$'()*+,#\\é鞋 \t<>\"|`{}[]^"), max_size=60)
hosts = st.sampled_from(
    [
        "example.com",
        "WWW.Example.com.",
        "item.taobao.com",
        "amazon.de",
        "m.tb.cn",
        "market.example",
        "тест.рф",
    ]
)


@given(st.sampled_from(["http://", "https://", "HTTPS://u:p@", ""]), hosts, paths)
def test_identity_is_stable_whatever_is_pasted(scheme: str, host: str, path: str) -> None:
    try:
        once = identify(f"{scheme}{host}/{path}", OWN)
    except NotAListing:
        return
    again = identify(once.canonical_url, OWN)
    assert (again.key, again.canonical_url, again.marketplace) == (
        once.key,
        once.canonical_url,
        once.marketplace,
    )
    assert len(once.key) <= 160
    assert once.key.isascii()


@given(
    st.integers(10**11, 10**12),
    st.lists(st.sampled_from(["spm=1", "utm_source=x", "ns=1", "scm=2"]), max_size=4),
)
def test_what_led_the_visitor_here_changes_nothing(item: int, noise: list[str]) -> None:
    query = "&".join([*noise, f"id={item}"])
    assert identify(f"https://detail.tmall.com/item.htm?{query}#x").key == f"taobao:{item}"


@given(st.text(max_size=40))
def test_any_text_gets_an_identity_or_a_reason(text: str) -> None:
    with suppress(NotAListing):
        identify(text)
    with suppress(NotAListing):
        identify(f"https://shop.example.com/{quote(text, safe='', errors='replace')}")


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("", []),
        ("nothing here: and/or, 1.5kg/piece, a@b.co/x, e.g./x", []),
        ("https://a.example/1\n\r\n  www.amazon.de/dp/B1 ", ["https://a.example/1", "www.amazon.de/dp/B1"]),
        (
            "【淘宝】退货 https://m.tb.cn/h.abc?tk=XYZ CZ3457 「鞋」点击链接直接打开",
            ["https://m.tb.cn/h.abc?tk=XYZ"],
        ),
        ("看这个https://m.tb.cn/h.def点击链接", ["https://m.tb.cn/h.def"]),
        ("<https://a.example/x?a=1&amp;b=2|a.example>", ["https://a.example/x?a=1&b=2"]),
        ("*<https://b.example/y>*, <@U1> <#C1|x>", ["https://b.example/y"]),
        (
            "(see https://a.example/a_(b)), or https://b.example/c.",
            ["https://a.example/a_(b)", "https://b.example/c"],
        ),
        ('<a href="https://a.example/1">x</a>', ["https://a.example/1"]),
        ("[shoe](https://a.example/1)", ["https://a.example/1"]),
        ("https://a.example/1,https://a.example/1", ["https://a.example/1", "https://a.example/1"]),
        ("https://a.example/?to=https://b.example/", ["https://a.example/?to=https://b.example/"]),
        ("https://item.tаobao.com/1", ["https://item.tаobao.com/1"]),
    ],
)
def test_addresses_are_found_in_what_people_paste(text: str, links: list[str]) -> None:
    assert find_links(text) == links


def test_no_more_addresses_are_taken_than_asked_for() -> None:
    text = "\n".join(f"https://a.example/{n}" for n in range(400))
    assert len(find_links(text)) == 300
    assert find_links(text, 2) == ["https://a.example/0", "https://a.example/1"]
