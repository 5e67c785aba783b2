"""Counter-notices at the marketplace: relayed as a seller wrote them, the brand's answer kept, decided."""

import hashlib
import secrets
from dataclasses import asdict

from aiohttp import web

from bot.sandbox.marketplace.catalogue import CounterNotice
from bot.sandbox.marketplace.market import Market
from bot.sandbox.marketplace.panel import heard
from bot.sandbox.page_door import body_of, refuse
from bot.sandbox.records import Json

_GIVEN = ("regime", "ground", "statement", "particulars", "reply_by", "cause_id", "filed_at")


class CounterDesk:
    """Relays counter-notices, decides them, and shows the papers that go with them."""

    def __init__(self, market: Market) -> None:
        self.market = market

    def routes(self) -> list[web.RouteDef]:
        """The panel's part, and the address of a seller's paper."""
        return [
            web.get("/sandbox/market/counter-notices", self.shown),
            web.post("/sandbox/market/takedowns/{key}/counter-notices", self.relay),
            web.post(
                "/sandbox/market/notices/{notice_id}/items/{item_id}/counter-notices", self.relay_of_notice
            ),
            web.post("/sandbox/market/counter-notices/{external_id}/decide", self.decide),
            web.get("/market/papers/{name}", self.paper),
        ]

    async def shown(self, _: web.Request) -> web.Response:
        """The counter-notices, newest first."""
        known = self.market.memory.counter_notices.values()
        return web.json_response([asdict(each) for each in known][::-1])

    async def relay(self, request: web.Request) -> web.Response:
        """Relay what a seller wrote about a takedown; `papers` are the titles of documents to make."""
        takedown = self.market.memory.takedowns.get(request.match_info["key"])
        if takedown is None:
            raise refuse("There is no such takedown here.", 404)
        return await self._relay(request, {"takedown_id": takedown.takedown_id}, takedown.listing)

    async def relay_of_notice(self, request: web.Request) -> web.Response:
        """The same about a listing that was removed on a notice."""
        notice = self.market.memory.notices.get(request.match_info["notice_id"])
        items = notice.items if notice else []
        item = next((each for each in items if each["id"] == request.match_info["item_id"]), None)
        if item is None:
            raise refuse("There is no such listing in a notice here.", 404)
        return await self._relay(request, {"item_id": item["id"]}, item["listing"])

    async def _relay(self, request: web.Request, removal: Json, listing: Json) -> web.Response:
        body = await body_of(request)
        now = self.market.sandbox.clock.now().isoformat()
        external_id = str(body.get("external_id") or f"cn-{secrets.token_hex(6)}")
        titles = [str(title).strip() for title in body.get("papers") or [] if str(title).strip()]
        asked: Json = {
            "external_id": external_id,
            "filed_at": now,
            "papers": [self._described(title) for title in titles],
            **removal,
        }
        asked |= {name: body[name] for name in _GIVEN if body.get(name)}
        answer = await heard(self.market.platform.relay_counter_notice(asked))
        self.market.memory.counter_notices.setdefault(
            external_id,
            CounterNotice(
                external_id=external_id,
                id=answer["id"],
                listing=listing,
                regime=asked.get("regime", ""),
                statement=asked.get("statement", ""),
                papers=titles,
                at=now,
                due_at=answer["due_at"],
                state=answer["state"],
            ),
        )
        self.market.changed()
        return web.json_response(answer)

    async def decide(self, request: web.Request) -> web.Response:
        """Uphold it, reject it, or let the seller take it back."""
        body = await body_of(request)
        known = self.market.memory.counter_notices.get(request.match_info["external_id"])
        if known is None:
            raise refuse("There is no such counter-notice here.", 404)
        told = {"event_id": secrets.token_hex(8), "state": str(body.get("state"))}
        if body.get("reason"):
            told["reason"] = str(body["reason"])
        answer = await heard(self.market.platform.decide_counter_notice(known.id, told))
        known.state = answer["state"]
        self.market.changed()
        return web.json_response(answer)

    def receive(self, _: str, data: Json) -> None:
        """counter_notice.answered and counter_notice.lapsed: the counter-notice as it now reads."""
        known = self.market.memory.counter_notices.get(str(data["external_id"]))
        if known is not None:
            known.state = data["state"]
            known.decided_by = data.get("decided_by") or ""
            known.answer = data.get("answer")

    def reinstate(self, webhook_id: str, data: Json) -> None:
        """reinstatement.requested: where no takedown had removed the listing, said on the counter-notice."""
        self.market.reinstate(webhook_id, data)
        if data.get("counter_notice_id"):
            self.market.sandbox.delivery.start(self._reinstated(str(data["counter_notice_id"]), data))

    async def _reinstated(self, counter_id: str, data: Json) -> None:
        told = {"event_id": f"{data['key']}-reinstated", "state": "reinstated"}
        await self.market.platform.decide_until_heard(counter_id, told)
        for notice in self.market.memory.notices.values():
            for item in notice.items:
                item["state"] = "kept" if item["id"] == data.get("item_id") else item["state"]
        self.market.changed()

    async def paper(self, request: web.Request) -> web.Response:
        """A document of a seller's, as the seller handed it in."""
        papers = self.market.memory.papers
        title = papers.get(request.match_info["name"].removesuffix(".pdf"))
        if title is None:
            raise web.HTTPNotFound
        return web.Response(body=document(title), content_type="application/pdf")

    def _described(self, title: str) -> Json:
        content = document(title)
        digest = hashlib.sha256(content).hexdigest()
        self.market.memory.papers[digest] = title
        return {
            "title": title,
            "url": f"{self.market.sandbox.base_url}/market/papers/{digest}.pdf",
            "sha256": digest,
            "media_type": "application/pdf",
            "size": len(content),
        }


def document(title: str) -> bytes:
    """A page of PDF that says its title: the same bytes for the same title."""
    said = title.encode("latin-1", "replace").replace(b"\\", b"").replace(b"(", b"").replace(b")", b"")
    drawn = b"BT /F1 20 Tf 72 720 Td (" + said + b") Tj ET"
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
            b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>"
        ),
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
    ]
    made, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(made)
    made += b"xref\n0 5\n0000000000 65535 f \n" + table
    return made + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start
