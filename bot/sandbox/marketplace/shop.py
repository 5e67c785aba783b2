"""The marketplace's public side: one simple page for each listing, and its pictures."""

from html import escape
from pathlib import Path

from aiohttp import web

from bot.sandbox.marketplace.market import Market

PICTURES = Path(__file__).parent.parent / "data" / "pictures"
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title} - OpenBazaar</title>
<style>body{{font:16px/1.5 system-ui;max-width:40rem;margin:2rem auto;padding:0 1rem}}
img{{max-width:100%}}</style>
<p><strong>OpenBazaar</strong> (a marketplace for trying)</p>
<h1>{title}</h1>{picture}<p>{price} {condition}</p><p>Sold by {seller}</p><p>{state}</p></html>
"""
GONE = "This listing was removed."


class Shop:
    """What a buyer sees."""

    def __init__(self, market: Market) -> None:
        self.market = market

    def routes(self) -> list[web.RouteDef]:
        """Listings and pictures."""
        return [web.get("/item/{listing_id}", self.item), web.get("/pictures/{name}", self.picture)]

    async def item(self, request: web.Request) -> web.Response:
        """One listing; 410 once it was removed."""
        listing = self.market.memory.listings.get(request.match_info["listing_id"])
        if listing is None:
            return web.Response(status=404, text="There is no such listing.")
        price, seller = listing.price or {}, listing.seller or {}
        picture = f'<img src="/pictures/{escape(listing.picture)}" alt="">' if listing.picture else ""
        gone = listing.state == "removed"
        text = PAGE.format(
            title=escape(listing.title),
            picture=picture,
            price=escape(f"{price.get('amount', '')} {price.get('currency', '')}"),
            condition=escape(listing.condition),
            seller=escape(str(seller.get("name", "unknown"))),
            state=GONE if gone else "",
        )
        return web.Response(text=text, content_type="text/html", status=410 if gone else 200)

    async def picture(self, request: web.Request) -> web.FileResponse:
        """One picture out of the catalogue."""
        names = {listing.picture for listing in self.market.memory.listings.values()}
        name = request.match_info["name"]
        if name not in names:
            raise web.HTTPNotFound
        return web.FileResponse(PICTURES / name)
