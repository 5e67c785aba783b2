"""The sandbox's catalogue is whole: every listing can be shown, asked about and traced to its licence."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[2] / "bot" / "sandbox" / "data"
LISTINGS: list[dict[str, Any]] = json.loads((DATA / "listings.json").read_text(encoding="utf-8"))
FIELDS = {"id", "url", "title", "brand", "price", "seller", "condition", "picture"}


def test_there_are_several_hundred_listings_under_eleven_brands() -> None:
    assert len(LISTINGS) >= 400
    assert len({listing["brand"] for listing in LISTINGS}) == 11
    assert len({listing["id"] for listing in LISTINGS}) == len(LISTINGS)


def test_every_listing_has_every_field_in_its_form() -> None:
    for listing in LISTINGS:
        assert set(listing) == FIELDS
        assert listing["url"] == f"/item/{listing['id']}"
        assert 10 <= len(listing["title"]) <= 150
        assert Decimal(listing["price"]["amount"]) > 0
        assert listing["price"]["currency"] in {"EUR", "GBP", "USD"}
        assert listing["seller"]["id"].startswith("s-")
        assert listing["condition"]


def test_one_seller_has_one_name_and_some_sell_a_lot() -> None:
    names = {(listing["seller"]["id"], listing["seller"]["name"]) for listing in LISTINGS}
    assert len({seller for seller, _ in names}) == len({name for _, name in names}) == len(names)
    sold = [sum(listing["seller"]["id"] == seller for listing in LISTINGS) for seller, _ in names]
    assert max(sold) >= 15


def test_every_picture_exists_is_used_and_all_are_small() -> None:
    used = {listing["picture"] for listing in LISTINGS if listing["picture"]}
    files = {path.name: path.stat().st_size for path in (DATA / "pictures").iterdir()}
    assert used == set(files)
    assert sum(files.values()) < 4_000_000
    assert all((DATA / "pictures" / name).read_bytes()[:2] == b"\xff\xd8" for name in files)


@pytest.mark.parametrize("brand", sorted({listing["brand"] for listing in LISTINGS}))
def test_every_brand_is_accounted_for_in_the_source_note(brand: str) -> None:
    assert brand in (DATA / "SOURCE.md").read_text(encoding="utf-8")
